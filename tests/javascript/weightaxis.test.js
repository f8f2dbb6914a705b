import assert from "node:assert/strict";
import test from "node:test";

import { WeightAxis } from "../../dashboard/tailscope_dashboard/wall/drawing/weightaxis.js";
import { close } from "./naive.js";

const soft = 0.3;
const edges = Float64Array.from({ length: 121 }, (_, i) => soft * Math.sinh(Math.asinh(-15 / soft) + (i / 120) * (Math.asinh(1.5 / soft) - Math.asinh(-15 / soft))));
const axisOf = (kind, zoom = null) => {
  const axis = new WeightAxis(edges, soft);
  axis.fit([{ counts: Array.from({ length: 120 }, (_, i) => (Math.abs(edges[i]) < 0.4 ? 100 : 0)) }]);
  axis.choose(kind, zoom);
  return axis;
};

test("a weight and its place on the axis belong together, on every axis and at every zoom", () => {
  for (const kind of ["body", "log", "linear"]) {
    for (const zoom of [null, { low: 0.5, high: 2 }, { low: 0.9, high: null }]) {
      const axis = axisOf(kind, zoom);
      for (const w of [0.6, 0.99, 1, 1.3, 2.2]) assert.ok(close(axis.value(axis.fraction(Math.log10(w))), Math.log10(w)), `${kind} ${w}`);
      assert.ok(close(axis.fraction(axis.ends[0]), 0) && close(axis.fraction(axis.ends[1]), 1));
      if (zoom) assert.ok(close(10 ** axis.ends[0], zoom.low, 1e-6), kind);
    }
  }
});

test("the body has its room however far the tails reach, and a logarithmic axis has not", () => {
  const room = (kind) => axisOf(kind).fraction(soft) - axisOf(kind).fraction(-soft);
  assert.ok(room("body") > 0.25, `${room("body")}`);
  assert.ok(room("log") < 0.04);
  assert.ok(close(axisOf("linear").fraction(-300), 0));
  assert.ok(10 ** axisOf("linear").ends[1] <= 3);
});

test("zooming in and out again shows all, never more, and what is under the pointer stays there", () => {
  for (const kind of ["body", "log", "linear"]) {
    const axis = axisOf(kind);
    const before = axis.value(0.6);
    const zoom = axis.zoomed(0.25, 0.6);
    assert.deepEqual(axis.shown, axis.whole);
    axis.choose(kind, zoom);
    assert.ok(close(axis.value(0.6), before, 1e-4), kind);
    assert.equal(axis.isWhole, false);
    assert.equal(axis.zoomed(100, 0.3), null);
    const aside = axis.zoomed(1, 0, 50);
    assert.ok(close(Math.log10(aside.high), axisOf(kind).ends[1], 1e-5));
    assert.ok(10 ** axis.ends[1] / 10 ** axis.ends[0] > 1);
  }
});

test("ticks are weights that are shown, apart from each other, 1 among them", () => {
  for (const kind of ["body", "log", "linear"]) {
    const ticks = axisOf(kind).ticks(300, 40);
    assert.ok(ticks.length > 3, kind);
    const at = ticks.map(({ w }) => 300 * axisOf(kind).fraction(Math.log10(Math.max(w, 1e-300))));
    assert.ok(at.every((x, i) => x >= -1 && x <= 301 && (i === 0 || x - at[i - 1] > 30)), kind);
    assert.ok(ticks.some(({ text }) => Number(text) === 1), kind);
  }
  for (const [low, high] of [[0.97, 1.03], [2.01, 2.02], [1e-9, 2e-9]]) assert.ok(axisOf("log", { low, high }).ticks(300, 40).length > 1, `${low}`);
});

test("densities are per decade, on the linear axis per unit of w", () => {
  const sum = (kind, from, to) => edges.slice(0, -1).reduce((all, e, i) => (e >= from && edges[i + 1] <= to ? all + axisOf(kind).width(i) : all), 0);
  assert.ok(Math.abs(sum("body", -1, 1) - 2) < 0.3);
  assert.ok(Math.abs(sum("linear", -1, 1) - 9.9) < 2);
});
