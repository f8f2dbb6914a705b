import assert from "node:assert/strict";
import test from "node:test";

import { fillCells, makeCells } from "../../dashboard/tailscope_dashboard/wall/drawing/cells.js";
import { dice } from "./naive.js";

// Cells of bins with these events of the reference, as [first slot, last slot, events].
function cellsOf(events, boxes = []) {
  const nb = events.length;
  const offset = 4;
  const xs = Float64Array.from({ length: nb + 1 }, (_, i) => 10 * i);
  const reference = [...Array.from({ length: offset }, () => 99), 0, ...events, 0, 0];
  const panel = { nb, offset, xs, boxes, cells: makeCells(nb) };
  fillCells(panel, reference);
  const { n, first, last, x0, x1 } = panel.cells;
  return Array.from({ length: n }, (_, k) => {
    let sum = 0;
    for (let slot = first[k]; slot <= last[k]; slot++) sum += reference[offset + slot];
    return { first: first[k], last: last[k], sum, x0: x0[k], x1: x1[k] };
  });
}

test("every bin is in one cell, from left to right, and drawn where it lies", () => {
  const random = dice(5);
  for (let k = 0; k < 300; k++) {
    const nb = 1 + Math.floor(120 * random.uniform());
    const events = Array.from({ length: nb }, () => (random.uniform() < 0.4 ? 0 : Math.floor(60 * random.uniform() ** 3)));
    const cells = cellsOf(events);
    let next = 1;
    for (const { first, last, x0, x1 } of cells) {
      assert.equal(first, next);
      assert.ok(last >= first);
      assert.deepEqual([x0, x1], [10 * (first - 1), 10 * last]);
      next = last + 1;
    }
    assert.equal(next, nb + 1);
    // Neighbours that both hold few events are never left beside each other, but where a gap parts them.
    for (const [i, cell] of cells.entries()) {
      const beside = cells[i + 1];
      if (beside && cell.sum > 0 && beside.sum > 0) assert.ok(cell.sum >= 25 && beside.sum >= 25);
    }
  }
});

test("a hundred full bins are 25 cells, few bins stay as they are", () => {
  assert.equal(cellsOf(Array.from({ length: 100 }, () => 1000)).length, 25);
  assert.equal(cellsOf(Array.from({ length: 10 }, () => 1000)).length, 10);
});

test("where the reference is empty, at the ends or for a while, is a cell of its own", () => {
  const ranges = (events) => cellsOf(events).map(({ first, last }) => [first, last]);
  assert.deepEqual(ranges([0, 0, 30, 30, 0]), [[1, 2], [3, 3], [4, 4], [5, 5]]);
  assert.deepEqual(ranges([30, 0, 0, 0, 30]), [[1, 1], [2, 4], [5, 5]]);
  assert.deepEqual(ranges([30, 0, 30]), [[1, 1], [2, 3]]);
  assert.deepEqual(ranges([0, 0]), [[1, 2]]);
  assert.deepEqual(ranges([3, 2]), [[1, 2]]);
  assert.deepEqual(ranges([30, 2, 1]), [[1, 3]]);
});

test("the box of a single value is a cell", () => {
  const cells = cellsOf([30, 30], [{ slot: 0, x: -20, w: 10 }]);
  assert.deepEqual(cells.at(-1), { first: 0, last: 0, sum: 0, x0: -20, x1: -10 });
});
