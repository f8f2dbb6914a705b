import assert from "node:assert/strict";
import test from "node:test";

import { Crossfilter } from "../../dashboard/tailscope_dashboard/wall/counting/crossfilter.js";
import { histogram, randomCut, randomSelection, readOff, rowsOf, SAMPLES, taken, world } from "./naive.js";

const SEEDS = Array.from({ length: 25 }, (_, seed) => seed);

test("the ranges of a panel pass the events that count in it, for every panel and for the totals", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 200);
    const rows = rowsOf(theWorld);
    for (let k = 0; k < 8; k++) {
      const selection = { ...randomSelection(theWorld), low: null, high: null };
      const slice = k % 2 ? randomCut(theWorld) : null;
      const filter = new Crossfilter(theWorld.layout, selection, slice);
      assert.equal(filter.sample, readOff(selection));
      assert.ok(filter.exact);
      for (const sample of SAMPLES) {
        for (const panel of [null, ...theWorld.panels.keys()]) {
          const own = panel === null ? null : theWorld.panels[panel].name;
          assert.equal(rows[sample].filter(filter.ranges(panel)).n, taken(theWorld, sample, selection, slice, own).length);
        }
      }
    }
  }
});

test("only panels with a cut of the selection's own differ from the totals, never that of the slice alone", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 1);
    const selection = randomSelection(theWorld);
    const slice = randomCut(theWorld);
    const filter = new Crossfilter(theWorld.layout, selection, slice);
    const cutOn = new Set(selection.cuts.map((cut) => theWorld.layout.indexOf.get(cut.observable)));
    assert.deepEqual(new Set(filter.own), cutOn);
    for (const o of theWorld.panels.keys()) if (!cutOn.has(o)) assert.deepEqual(filter.ranges(o), filter.ranges());
    for (const o of theWorld.panels.keys()) assert.equal(filter.has(theWorld.panels[o].name), filter.ranges().has(o));
  }
});

test("the ranks of an observable are those of its slots that hold what counts", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 300);
    const selection = { ...randomSelection(theWorld), low: null, high: null };
    const slice = seed % 2 ? randomCut(theWorld) : null;
    const filter = new Crossfilter(theWorld.layout, selection, slice);
    for (const o of theWorld.panels.keys()) {
      const { cuts } = filter.without(theWorld.panels[o].name);
      for (const panel of [null, o]) {
        const { first, last } = filter.ranksOf(o, panel);
        const rest = histogram(theWorld, o, taken(theWorld, filter.sample, { ...selection, cuts }, filter.without(theWorld.panels[o].name).slice));
        const inside = histogram(theWorld, o, taken(theWorld, filter.sample, selection, slice, panel === null ? null : theWorld.panels[o].name));
        assert.deepEqual(inside, rest.map((n, rank) => (rank >= first && rank <= last ? n : 0)));
      }
    }
  }
});

test("a cut between edges is not exact", () => {
  const { layout } = world(1, 1);
  const edges = layout.edges[0];
  const filter = (low, high) => new Crossfilter(layout, { low: null, high: null, sample: null, cuts: [{ observable: "a", low, high }] }, null);
  assert.ok(filter(edges[0], edges[1]).exact);
  assert.ok(filter(-Infinity, null).exact);
  assert.ok(!filter(edges[0] + 1e-9, null).exact);
});

test("a cut on an observable that this study does not have takes nothing away, and is known to be there", () => {
  const { layout } = world(2, 1);
  const filter = new Crossfilter(layout, { low: null, high: null, sample: null, cuts: [{ observable: "gone", low: 1, high: 2 }] }, null);
  assert.equal(filter.ranges().size, 0);
  assert.deepEqual(filter.own, []);
  assert.ok(filter.has("gone"));
  assert.ok(!filter.isOpen);
});
