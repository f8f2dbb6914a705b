import assert from "node:assert/strict";
import test from "node:test";

import { decodeRows, lowerBound, RankCube } from "../../dashboard/tailscope_dashboard/wall/counting/rows.js";
import { close, histogram, randomCut, rowsOf, SAMPLES, taken, totals, world } from "./naive.js";

const SEEDS = Array.from({ length: 10 }, (_, seed) => seed);
const EVERYTHING = { low: null, high: null, cuts: [], sample: null };

test("the lower bound is the number of smaller values", () => {
  for (const seed of SEEDS) {
    const { samples } = world(seed, seed);
    const values = samples.reference.map(({ logW }) => logW);
    for (const x of [-Infinity, -1, 0, 0.125, 1, Infinity, ...values]) assert.equal(lowerBound(values, x), values.filter((v) => v < x).length);
  }
});

test("a range in w is that of the rows inside it, none for one that is inverted", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 90);
    const rows = rowsOf(theWorld).reference;
    for (let k = 0; k < 20; k++) {
      const end = () => theWorld.random.pick([-Infinity, Infinity, 0, 0.125, theWorld.random.normal()]);
      const [low, high] = [end(), theWorld.random.pick([null, end()])];
      const { start, stop } = rows.rangeOf(low, high);
      const inside = theWorld.samples.reference.filter(({ logW }) => logW >= low && (high === null || logW < high));
      assert.deepEqual(Array.from(rows.logW.slice(start, stop)), inside.map(({ logW }) => logW));
      assert.ok(stop >= start);
    }
  }
});

test("any range of rows is counted, all observables at once or one alone", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 1800);
    const rows = rowsOf(theWorld).generated;
    for (let k = 0; k < 12; k++) {
      const [start, stop] = [theWorld.random.below(1801), theWorld.random.below(1801)].toSorted((x, y) => x - y);
      const events = theWorld.samples.generated.slice(start, stop);
      const expected = theWorld.panels.flatMap((_, o) => histogram(theWorld, o, events));
      const counts = new Float64Array(theWorld.layout.slots).fill(7);
      rows.count(start, stop, counts);
      assert.deepEqual(Array.from(counts), expected);
      const alone = new Float64Array(theWorld.layout.slots).fill(7);
      rows.countOne(2, start, stop, alone);
      const [from, to] = theWorld.layout.offsets.slice(2, 4);
      alone.forEach((n, slot) => assert.equal(n, slot >= from && slot < to ? expected[slot] : 7));
    }
  }
});

test("a cube over one observable holds every range of it: counts and sums", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 300);
    for (const sample of SAMPLES) {
      const rows = rowsOf(theWorld)[sample];
      const o = theWorld.random.below(theWorld.panels.length);
      const only = theWorld.random.pick([null, 0, 3]);
      const cube = new RankCube(rows, 0, rows.n, o, only);
      for (let k = 0; k < 10; k++) {
        const cut = randomCut(theWorld, o);
        const { first, last } = theWorld.layout.ranksOf(o, cut.low, cut.high);
        const events = taken(theWorld, sample, { ...EVERYTHING, cuts: [cut] }, null);
        const counts = new Float64Array(theWorld.layout.slots);
        cube.count(first, last, counts);
        const counted = only === null ? [...theWorld.panels.keys()] : [only];
        const shown = counted.map((p) => Array.from(counts.slice(...theWorld.layout.offsets.slice(p, p + 2))));
        assert.deepEqual(shown, counted.map((p) => histogram(theWorld, p, events)));
        const { n, sum, square, left } = cube.totals(first, last);
        const expected = totals(theWorld, sample, { ...EVERYTHING, cuts: [cut] }, null);
        assert.deepEqual({ n, left }, { n: expected.n, left: expected.left });
        if (n > left) assert.ok(close((sum * sum) / square, expected.nEff, 1e-6));
      }
    }
  }
});

test("the bytes that Python packs are the rows that were packed", () => {
  const theWorld = world(4, 60);
  const rows = rowsOf(theWorld);
  const parts = SAMPLES.flatMap((name) => [new Uint8Array(rows[name].logW.buffer), rows[name].codes]);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const meta = { panels: theWorld.panels, samples: { reference: { n: 60 }, generated: { n: 60 } } };
  const { samples } = decodeRows(bytes.buffer, meta);
  for (const name of SAMPLES) {
    assert.deepEqual(samples[name].logW, rows[name].logW);
    assert.deepEqual(samples[name].codes, rows[name].codes);
  }
});
