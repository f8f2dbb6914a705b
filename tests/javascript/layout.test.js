import assert from "node:assert/strict";
import test from "node:test";

import { logRange, otherSample, rightSample, SlotLayout } from "../../dashboard/tailscope_dashboard/wall/counting/layout.js";
import { dice, readOff, randomSelection, SAMPLES, world } from "./naive.js";

test("slots of all observables lie side by side: underflow, bins, overflow, undefined", () => {
  const layout = new SlotLayout([{ name: "a", edges: [0, 1, 2] }, { name: "b", edges: [0, 1] }]);
  assert.equal(layout.slots, 5 + 4);
  const slots = (o, codes) => codes.map((code) => layout.slotOf[256 * o + code]);
  assert.deepEqual(slots(0, [0, 1, 2, 254, 255]), [0, 1, 2, 3, 4]);
  assert.deepEqual(slots(1, [0, 1, 254, 255]), [5, 6, 7, 8]);
});

test("the nearest edge is the nearest of all, and exact only where it is the value", () => {
  const random = dice(1);
  for (let seed = 0; seed < 30; seed++) {
    const { layout } = world(seed, 0);
    for (const [o, edges] of layout.edges.entries()) {
      for (const value of [...edges, edges[0] - 1, edges.at(-1) + 1, edges[0] + 5 * random.uniform()]) {
        const { edge, exact } = layout.edgeAt(o, value);
        const distance = Math.min(...edges.map((e) => Math.abs(e - value)));
        assert.equal(Math.abs(edges[edge] - value), distance);
        assert.equal(exact, distance === 0);
      }
    }
  }
});

test("a selection is read off one sample, and compared as logarithms", () => {
  const theWorld = world(6, 0);
  for (let k = 0; k < 200; k++) {
    const selection = randomSelection(theWorld);
    const sample = rightSample(selection);
    assert.equal(sample, readOff(selection));
    assert.deepEqual([sample, otherSample(sample)].toSorted(), SAMPLES.toSorted());
  }
  assert.deepEqual(logRange({ low: 0, high: Infinity }), { low: -Infinity, high: Infinity });
  assert.deepEqual(logRange({ low: null, high: null }), { low: -Infinity, high: null });
});
