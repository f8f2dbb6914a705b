import assert from "node:assert/strict";
import test from "node:test";

import { SlotLayout } from "../../dashboard/tailscope_dashboard/wall/counting/layout.js";
import { binAt, boxAt, cutPixel, makePanel, placePanel } from "../../dashboard/tailscope_dashboard/wall/drawing/panel.js";

const RECT = { x: 100, y: 0, w: 300, h: 200 };

function panelOf(spec) {
  const panel = makePanel({ name: "E", scale: "linear", ...spec }, 0, new SlotLayout([spec]));
  placePanel(panel, RECT, true);
  return panel;
}

test("boxes lie beyond the bins, with a gap, and take nothing where there are none", () => {
  const edges = [0.01, 1, 2];
  const plain = panelOf({ edges });
  assert.deepEqual([plain.plot.x, plain.plot.x + plain.plot.w], [plain.left, plain.right]);
  const both = panelOf({ edges, below: 0, above: 2 });
  const [low, high] = both.boxes;
  assert.deepEqual([low.x, high.x + high.w], [both.left, both.right]);
  assert.ok(low.x + low.w < both.plot.x && both.plot.x + both.plot.w < high.x);
  for (const box of both.boxes) {
    const middle = box.x + box.w / 2;
    assert.equal(boxAt(both, middle), box);
    assert.equal(binAt(both, middle), -1);
  }
  assert.equal(boxAt(both, both.plot.x + 20), null);
});

test("the end of a cut is drawn on the side of the box that it leaves out", () => {
  for (const [scale, edges] of [["linear", [0.01, 1, 2]], ["log", [0.01, 1, 2]]]) {
    const panel = panelOf({ edges, scale, below: 0, above: 2 });
    const [low, high] = panel.boxes;
    const { plot } = panel;
    const at = (value) => cutPixel(panel, value);
    assert.equal(at(0), panel.left);
    for (const value of [1e-6, 0.01]) assert.ok(at(value) > low.x + low.w && at(value) < plot.x);
    assert.ok(at(2) > plot.x + plot.w && at(2) < high.x);
    assert.equal(at(2.5), panel.right);
    assert.ok(at(1) > plot.x && at(1) < plot.x + plot.w);
  }
});

test("cuts between a single value and the bins are exact", () => {
  const layout = new SlotLayout([{ name: "E", edges: [0.01, 1, 2], below: 0, above: 2 }]);
  const ranks = (low, high) => {
    const { first, last, exact } = layout.ranksOf(0, low, high);
    assert.ok(exact);
    return [first, last];
  };
  assert.deepEqual(ranks(null, 0.01), [0, 0]);
  assert.deepEqual(ranks(null, 1e-9), [0, 0]);
  assert.deepEqual(ranks(0, null), [0, 3]);
  assert.deepEqual(ranks(1e-9, 1), [1, 1]);
  assert.deepEqual(ranks(2, null), [3, 3]);
  assert.deepEqual(ranks(1, 2), [2, 2]);
  assert.deepEqual(ranks(1, 2.5), [2, 3]);
  const [first, last] = ranks(null, 0);
  assert.ok(last < first);
  assert.equal(layout.ranksOf(0, 0.5, null).exact, false);
  assert.equal(new SlotLayout([{ name: "E", edges: [1, 2] }]).ranksOf(0, 0, null).exact, false);
});
