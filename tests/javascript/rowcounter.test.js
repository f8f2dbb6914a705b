import assert from "node:assert/strict";
import test from "node:test";

import { definedTotal, emptyMeasure, RowCounter } from "../../dashboard/tailscope_dashboard/wall/counting/rowcounter.js";
import { close, histogram, histograms, randomCut, randomSelection, readOff, rowsOf, SAMPLES, taken, totals, world } from "./naive.js";

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed);
const EVERYTHING = { low: null, high: null, cuts: [], sample: null };

function assertCounted(theWorld, selection, slice, measure) {
  assert.equal(measure.sample, readOff(selection));
  assert.equal(measure.approximate, false);
  assert.deepEqual(Array.from(measure.counts), histograms(theWorld, selection, slice));
  for (const sample of SAMPLES) {
    const expected = totals(theWorld, sample, selection, slice);
    const { n, left, nEff } = measure.totals[sample];
    assert.deepEqual({ n, left }, { n: expected.n, left: expected.left });
    assert.ok(close(nEff, expected.nEff), `${nEff} is not ${expected.nEff}`);
  }
}

test("every histogram and total of any selection, with and without a slice, is what counting one by one gives", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed);
    const counter = new RowCounter(theWorld.layout, rowsOf(theWorld));
    const measure = emptyMeasure(theWorld.layout);
    for (let k = 0; k < 20; k++) {
      const selection = randomSelection(theWorld);
      const slice = k % 3 ? null : randomCut(theWorld);
      assertCounted(theWorld, selection, slice, counter.measure(selection, slice, measure));
    }
  }
});

test("samples of more than one checkpoint are counted from the nearest of them", () => {
  const theWorld = world(99, 5000);
  const counter = new RowCounter(theWorld.layout, rowsOf(theWorld));
  for (let k = 0; k < 25; k++) {
    const selection = randomSelection(theWorld, 1);
    assertCounted(theWorld, selection, null, counter.measure(selection, null, emptyMeasure(theWorld.layout)));
  }
});

test("while a cut or the slice is dragged, each position counts as it does at rest", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 400);
    const counter = new RowCounter(theWorld.layout, rowsOf(theWorld));
    const moving = theWorld.random.below(theWorld.panels.length);
    counter.move(theWorld.panels[moving].name, true);
    const held = [randomSelection(theWorld, 2), randomSelection(theWorld, 2)];
    for (let k = 0; k < 10; k++) {
      const still = held[k % 2];
      const moved = randomCut(theWorld, moving);
      const selection = { ...still, cuts: [...still.cuts, moved] };
      const slice = seed % 2 ? randomCut(theWorld) : null;
      assertCounted(theWorld, selection, slice, counter.measure(selection, slice, emptyMeasure(theWorld.layout)));
      assertCounted(theWorld, still, moved, counter.measure(still, moved, emptyMeasure(theWorld.layout)));
    }
  }
});

test("a cut between edges of bins is counted from the nearest edge, and said to be approximate", () => {
  const theWorld = world(3);
  const counter = new RowCounter(theWorld.layout, rowsOf(theWorld));
  const { name, edges } = theWorld.panels[0];
  const at = (high) => counter.measure({ ...EVERYTHING, cuts: [{ observable: name, low: null, high }] }, null, emptyMeasure(theWorld.layout));
  const [exact, between] = [at(edges[1]), at(edges[1] + 1e-6)];
  assert.equal(between.approximate, true);
  assert.deepEqual(between.counts, exact.counts);
});

test("the backdrop is both samples within the slice, at rest and while the slice is dragged", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 400);
    const counter = new RowCounter(theWorld.layout, rowsOf(theWorld));
    for (let k = 0; k < 6; k++) {
      const slice = k ? randomCut(theWorld, 1) : null;
      counter.move(k > 3 ? "b" : null, k > 3);
      const edges = [-1, -0.5, 0, 0.5, 1];
      const found = counter.backdrop(slice, k < 3, edges);
      for (const sample of SAMPLES) {
        const events = taken(theWorld, sample, EVERYTHING, slice);
        assert.equal(found.n[sample], events.length);
        assert.deepEqual(Array.from(found.counts[sample]), theWorld.panels.flatMap((_, o) => histogram(theWorld, o, events)));
        // The weights follow the slice once it rests.
        const weighed = (k > 3 ? theWorld.samples[sample] : events).map(({ logW }) => logW);
        const finite = weighed.filter((x) => Number.isFinite(x));
        const inBin = (i) => finite.filter((x) => (i === 0 || x >= edges[i]) && (i === 3 || x < edges[i + 1])).length;
        assert.deepEqual(Array.from(found.weights[sample].counts), [0, 1, 2, 3].map(inBin));
        assert.equal(found.weights[sample].zero, weighed.filter((x) => x === -Infinity).length);
        assert.equal(found.weights[sample].infinite, weighed.filter((x) => x === Infinity).length);
      }
      assert.equal(found.auc === null, k === 0 || k > 3 || SAMPLES.some((sample) => !found.n[sample]));
      if (found.auc !== null) assertAuc(theWorld, slice, found.auc);
      if (k < 3) assertReweighted(theWorld, slice, found.reweighted);
    }
  }
});

function assertAuc(theWorld, slice, found) {
  const [reference, generated] = SAMPLES.map((sample) => taken(theWorld, sample, EVERYTHING, slice).map(({ logW }) => logW));
  const larger = reference.map((x) => generated.reduce((sum, y) => sum + (y < x ? 1 : y === x ? 0.5 : 0), 0));
  assert.ok(close(found, larger.reduce((a, b) => a + b, 0) / reference.length / generated.length));
}

function assertReweighted(theWorld, slice, { sum, square, scale }) {
  const events = taken(theWorld, "generated", EVERYTHING, slice).filter(({ logW }) => Number.isFinite(logW));
  let slot = 0;
  for (const o of theWorld.panels.keys()) {
    const n = theWorld.layout.bins[o] + 3;
    const zeros = () => Array.from({ length: n }, () => 0);
    const expected = { sum: zeros(), square: zeros() };
    for (const event of events) {
      const rank = histogram(theWorld, o, [event]).indexOf(1);
      expected.sum[rank] += Math.exp(event.logW);
      expected.square[rank] += Math.exp(2 * event.logW);
    }
    for (let k = 0; k < n; k++, slot++) {
      assert.ok(close(sum[slot] * scale, expected.sum[k]));
      assert.ok(close(square[slot] * scale * scale, expected.square[k]));
    }
  }
}

test("a density is normalised to what is defined", () => {
  const theWorld = world(5);
  const counter = new RowCounter(theWorld.layout, rowsOf(theWorld));
  const { counts } = counter.measure(EVERYTHING, null, emptyMeasure(theWorld.layout));
  for (const o of theWorld.panels.keys()) {
    assert.equal(definedTotal(theWorld.layout, counts, o), theWorld.samples.generated.filter(({ values }) => !Number.isNaN(values[o])).length);
  }
});

test("samples without events, and those with w = 0 and inf alone, are counted", () => {
  for (const n of [0, 1, 2]) {
    const theWorld = world(n, n);
    for (const sample of SAMPLES) theWorld.samples[sample].forEach((event, i) => (event.logW = i ? Infinity : -Infinity));
    const counter = new RowCounter(theWorld.layout, rowsOf(theWorld));
    for (const [low, high] of [[null, null], [0, null], [1, null], [null, 1], [null, Infinity]]) {
      const selection = { ...EVERYTHING, low, high };
      const measure = counter.measure(selection, null, emptyMeasure(theWorld.layout));
      assert.deepEqual(Array.from(measure.counts), histograms(theWorld, selection, null));
      for (const sample of SAMPLES) {
        assert.equal(measure.totals[sample].n, taken(theWorld, sample, selection, null).length);
        assert.equal(measure.totals[sample].left, measure.totals[sample].n);
        assert.equal(measure.totals[sample].nEff, 0);
      }
    }
  }
});
