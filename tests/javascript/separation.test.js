import assert from "node:assert/strict";
import test from "node:test";

import { SlotLayout } from "../../dashboard/tailscope_dashboard/wall/counting/layout.js";
import { separations, separationWord } from "../../dashboard/tailscope_dashboard/wall/counting/separation.js";
import { dice } from "./naive.js";

const EDGES = Array.from({ length: 41 }, (_, i) => -4 + i / 5);
const layout = new SlotLayout([{ name: "x", edges: EDGES }]);
const empty = () => ({ value: new Float64Array(1), seen: new Uint8Array(1) });

function counted(values) {
  const counts = new Float64Array(layout.slots);
  for (const x of values) counts[Number.isNaN(x) ? 42 : x < -4 ? 0 : x >= 4 ? 41 : 1 + Math.floor((x + 4) * 5)]++;
  return counts;
}

const normals = (random, n, shift = 0) => Array.from({ length: n }, () => random.normal() + shift);

test("equal histograms have none, those that share nothing all of it", () => {
  const one = counted([0, 0, 0, 0]);
  assert.equal(separations(layout, one, one, true, empty()).value[0], 0);
  const apart = separations(layout, counted(Array.from({ length: 500 }, () => -1)), counted(Array.from({ length: 500 }, () => NaN)), false, empty());
  assert.ok(apart.value[0] > 0.99 && apart.seen[0] === 1);
  for (const [a, b] of [[counted([]), one], [one, counted([])], [counted([1]), one]]) assert.deepEqual([...separations(layout, a, b, true, empty()).value], [0]);
});

test("it is that of the densities, of few events somewhat less, and noise alone is hardly ever seen", () => {
  const random = dice(4);
  for (const [n, tolerance] of [[40, 0.05], [400, 0.015]]) {
    const found = { same: [], shifted: [] };
    let seen = 0;
    for (let k = 0; k < 300; k++) {
      const all = normals(random, 4000);
      const part = counted(all.slice(0, n));
      const same = separations(layout, part, counted(all), true, empty());
      // The mean before it is cut at 0 is what noise must not move: half of them are 0, and the rest are small.
      found.same.push(same.value[0]);
      seen += same.seen[0];
      found.shifted.push(separations(layout, counted(normals(random, n, 0.8)), counted(all), false, empty()).value[0]);
    }
    const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
    assert.ok(seen <= 9, `${seen} of 300 are noise`);
    assert.ok(found.same.filter((v) => v === 0).length > 120);
    assert.ok(Math.abs(mean(found.shifted) - 0.139) < tolerance, `${mean(found.shifted)}`);
  }
});

test("a rare sample's difference is seen where it is large, and words are Cohen's", () => {
  const random = dice(5);
  const all = normals(random, 4000);
  const { value, seen } = separations(layout, counted(all.filter((x) => x > 1.5)), counted(all), true, empty());
  assert.ok(value[0] > 0.7 && seen[0] === 1);
  assert.deepEqual([0.2, 0.14, 0.07, 0.02, 0.001, 0].map(separationWord), ["large", "large", "medium", "small", "tiny", "tiny"]);
});
