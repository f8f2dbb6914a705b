// One histogram of the wall: its geometry, its axes, and the marks of what lies outside.

import { axisFraction, logTickLabel, logTicks, minorLogTicks, niceTicks, shortNumber, tickTexts } from "../../parts/axes.js";
import { ICONS } from "../../parts/dom.js";
import { drawLabel, layoutLabel } from "../../parts/labels.js";
import { makeCells } from "./cells.js";

export const TICK_SIZE = 12;
export const GAP = 6; // between panels
const TITLE_SIZE = 15;
const TITLE_HEIGHT = 25;
const AXIS_HEIGHT = 19;
const LEFT = 40;
const RIGHT = 12;
const RATIO_GAP = 4;
const MARK_WIDTH = 19;
const BOX = 10; // where a single value beyond the bins is drawn, apart from them like w = 0
const BOX_GAP = 6;

export function makePanel(spec, index, layout) {
  const edges = layout.edges[index];
  const log = spec.scale === "log" && edges[0] > 0;
  const inverse = Float64Array.from({ length: edges.length - 1 }, (_, i) => 1 / (log ? Math.log10(edges[i + 1] / edges[i]) : edges[i + 1] - edges[i]));
  const nb = edges.length - 1;
  const ends = layout.ends[index];
  return {
    ...spec, index, edges, log, inverse, nb, offset: layout.offsets[index],
    // Boxes of single values: their slot after the first one, and what a density divides by: a mean bin's width.
    boxes: [0, nb + 1].flatMap((slot, i) => (ends[i] === null ? [] : [{ end: i ? "high" : "low", value: ends[i], slot, x: 0, w: BOX }])),
    perBin: nb / (log ? Math.log10(edges[nb] / edges[0]) : edges[nb] - edges[0]),
    fractions: Float64Array.from(edges, (e) => axisFraction(e, edges[0], edges.at(-1), log)),
    xs: new Float64Array(edges.length), rect: null, plot: null, strip: null, left: 0, right: 0, cells: makeCells(nb), top: 0, floor: 0, logY: false, stale: true,
  };
}

// Give a panel its place (CSS pixels, content coordinates) and the pixel of every edge.
export function placePanel(panel, rect, ratio) {
  const inner = rect.h - TITLE_HEIGHT - AXIS_HEIGHT;
  const strip = ratio ? Math.round(inner * 0.36) : 0;
  panel.rect = rect;
  panel.left = rect.x + LEFT;
  panel.right = rect.x + rect.w - RIGHT;
  let [x, end] = [panel.left, panel.right];
  for (const box of panel.boxes) {
    if (box.end === "low") x += BOX + BOX_GAP;
    else end -= BOX + BOX_GAP;
    box.x = box.end === "low" ? panel.left : panel.right - BOX;
  }
  panel.plot = { x, y: rect.y + TITLE_HEIGHT, w: end - x, h: inner - (strip ? strip + RATIO_GAP : 0) };
  panel.strip = strip ? { x: panel.plot.x, y: panel.plot.y + panel.plot.h + RATIO_GAP, w: panel.plot.w, h: strip } : null;
  for (let i = 0; i <= panel.nb; i++) panel.xs[i] = panel.plot.x + panel.fractions[i] * panel.plot.w;
  panel.stale = true;
}

// Pixel of a vertical value; below the floor (an empty bin on a logarithmic axis) it is the axis itself.
export function yPixel(panel, value) {
  const { y, h } = panel.plot;
  if (panel.logY) {
    if (!(value > panel.floor)) return y + h;
    return y + h - (Math.log10(value / panel.floor) / Math.log10(panel.top / panel.floor)) * h;
  }
  return y + h - (value / panel.top) * h;
}

export function binAt(panel, x) {
  const edges = panel.xs;
  let low = 0;
  let high = panel.nb;
  if (x < edges[0] || x >= edges[high]) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edges[middle] <= x) low = middle;
    else high = middle;
  }
  return low;
}

// The box of a single value under a pixel.
export function boxAt(panel, x) {
  return panel.boxes.find((box) => x >= box.x - 2 && x < box.x + box.w + 2) ?? null;
}

// Pixel of a value as the end of a cut. An end that parts a box from the bins lies between them.
export function cutPixel(panel, value) {
  const { edges, plot, nb, log, boxes } = panel;
  for (const box of boxes) {
    const below = box.end === "low";
    if (below && value <= edges[0]) return value <= box.value ? panel.left : plot.x - BOX_GAP / 2;
    if (!below && value >= edges[nb]) return value > box.value ? panel.right : plot.x + plot.w + BOX_GAP / 2;
  }
  return plot.x + Math.min(1, Math.max(0, axisFraction(log ? Math.max(value, 1e-300) : value, edges[0], edges[nb], log))) * plot.w;
}

export function nearestEdge(panel, x) {
  const bin = binAt(panel, x);
  if (bin < 0) return x < panel.xs[0] ? 0 : panel.nb;
  return x - panel.xs[bin] < panel.xs[bin + 1] - x ? bin : bin + 1;
}

function crisp(value, dpr) {
  return (Math.round(value * dpr - 0.5) + 0.5) / dpr;
}

export function drawFrame(ctx, panel, theme, dpr) {
  const { plot, strip, boxes, left } = panel;
  const bottom = (strip ?? plot).y + (strip ?? plot).h;
  ctx.strokeStyle = theme.axis;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const { y, h } of strip ? [plot, strip] : [plot]) {
    ctx.moveTo(crisp(left, dpr), y);
    ctx.lineTo(crisp(left, dpr), y + h);
    for (const { x, w } of [plot, ...boxes]) {
      ctx.moveTo(x, crisp(y + h, dpr));
      ctx.lineTo(x + w, crisp(y + h, dpr));
    }
  }
  ctx.stroke();
  drawXAxis(ctx, panel, theme, dpr, bottom);
  drawYAxis(ctx, panel, theme, dpr);
  if (strip) drawStripAxis(ctx, panel, theme, dpr);
}

function drawXAxis(ctx, panel, theme, dpr, bottom) {
  const { plot, edges, log } = panel;
  const low = edges[0];
  const high = edges[panel.nb];
  const at = (v) => plot.x + axisFraction(v, low, high, log) * plot.w;
  ctx.strokeStyle = theme.axis;
  ctx.fillStyle = theme.muted;
  ctx.beginPath();
  const ticks = log ? logTicks(low, high, plot.w / 38) : niceTicks(low, high, plot.w / 42);
  if (log) for (const v of minorLogTicks(low, high)) tickMark(ctx, crisp(at(v), dpr), bottom, 2);
  for (const v of ticks) tickMark(ctx, crisp(at(v), dpr), bottom, 4);
  ctx.stroke();
  const { texts, exponent } = log ? { texts: ticks.map(logTickLabel), exponent: 0 } : tickTexts(ticks);
  const power = exponent ? layoutLabel(ctx, `\\times10^{${exponent}}`, TICK_SIZE, "rm") : null;
  let limit = power ? panel.rect.x + panel.rect.w - power.width - 8 : panel.rect.x + panel.rect.w;
  let end = -Infinity;
  for (const box of panel.boxes) {
    const label = layoutLabel(ctx, shortNumber(box.value), TICK_SIZE, "rm");
    const x = Math.min(box.x + box.w / 2, panel.rect.x + panel.rect.w - label.width / 2 - 1);
    if (x + label.width / 2 > limit) continue;
    drawLabel(ctx, label, x, bottom + 15, 0.5);
    if (box.end === "low") end = x + label.width / 2;
    else limit = x - label.width / 2 - 3;
  }
  ticks.forEach((v, i) => {
    if (panel.boxes.some((box) => box.value === v)) return;
    const label = layoutLabel(ctx, texts[i], TICK_SIZE, "rm");
    const x = Math.min(at(v), panel.rect.x + panel.rect.w - label.width / 2 - 1);
    if (x - label.width / 2 < end + 5 || x + label.width / 2 > limit) return;
    drawLabel(ctx, label, x, bottom + 15, 0.5);
    end = x + label.width / 2;
  });
  if (power) drawLabel(ctx, power, panel.rect.x + panel.rect.w - 1, bottom + 15, 1);
}

function tickMark(ctx, x, y, length) {
  ctx.moveTo(x, y);
  ctx.lineTo(x, y + length);
}

function drawYAxis(ctx, panel, theme, dpr) {
  const { plot, left } = panel;
  const right = left - 6;
  ctx.strokeStyle = theme.axis;
  ctx.fillStyle = theme.muted;
  const ticks = panel.logY ? logTicks(panel.floor, panel.top, plot.h / 24) : niceTicks(0, panel.top, plot.h / 34);
  ctx.beginPath();
  for (const v of ticks) {
    const y = crisp(yPixel(panel, v), dpr);
    ctx.moveTo(left - 4, y);
    ctx.lineTo(left, y);
  }
  ctx.stroke();
  const { texts, exponent } = panel.logY ? { texts: ticks.map(logTickLabel), exponent: 0 } : tickTexts(ticks);
  ticks.forEach((v, i) => {
    const y = yPixel(panel, v);
    if (y < plot.y - 2 || (exponent && y < plot.y + 9)) return;
    const label = layoutLabel(ctx, texts[i], TICK_SIZE, "rm");
    if (label.width <= LEFT - 6) drawLabel(ctx, label, right, Math.min(y + 4, plot.y + plot.h + 2), 1);
  });
  if (exponent) drawLabel(ctx, layoutLabel(ctx, `\\times10^{${exponent}}`, TICK_SIZE, "rm"), right, plot.y + 7, 1);
}

function drawStripAxis(ctx, panel, theme, dpr) {
  const { strip, left, right } = panel;
  ctx.strokeStyle = theme.line;
  ctx.beginPath();
  ctx.moveTo(left, crisp(strip.y + strip.h / 2, dpr));
  ctx.lineTo(right, crisp(strip.y + strip.h / 2, dpr));
  ctx.stroke();
  ctx.fillStyle = theme.muted;
  const places = strip.h < 34 ? [["1", 0.5]] : [["0", 0], ["1", 0.5], ["2", 1]];
  for (const [text, part] of places) {
    const y = strip.y + strip.h * (1 - part) + (part === 1 ? 9 : part === 0 ? 2 : 4);
    drawLabel(ctx, layoutLabel(ctx, text, TICK_SIZE, "rm"), left - 6, y, 1);
  }
}

export function drawTitle(ctx, panel, theme, right) {
  const { rect, left } = panel;
  const room = right - left;
  const label = layoutLabel(ctx, panel.label || panel.name, TITLE_SIZE);
  ctx.fillStyle = theme.text;
  const unit = panel.unit ? layoutLabel(ctx, `[${panel.unit}]`, TITLE_SIZE - 2, "rm") : null;
  const marks = (panel.expression ? MARK_WIDTH : 0) + (panel.seen === false ? MARK_WIDTH : 0);
  let x = left + drawLabel(ctx, label, left, rect.y + 15, 0, room - marks - (unit ? unit.width + 6 : 0)) + 6;
  if (unit) {
    ctx.fillStyle = theme.muted;
    x += drawLabel(ctx, unit, x, rect.y + 15) + 6;
  }
  if (panel.expression) {
    ctx.fillStyle = theme.accent;
    drawLabel(ctx, layoutLabel(ctx, "f", TITLE_SIZE), x + 3, rect.y + 15);
    x += MARK_WIDTH;
  }
  if (panel.seen === false) drawUnseen(ctx, x, rect.y + 2, theme.muted);
}

// A crossed-out eye: the classifier did not see this observable.
function drawUnseen(ctx, x, y, colour) {
  ctx.save();
  ctx.translate(x, y);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.3;
  ctx.stroke(new Path2D(ICONS.hidden));
  ctx.restore();
}

// Small triangles where events lie below or above the axis, and ∅ where the observable is undefined; with the
// share of the fullest curve where that is 1% or more; not of what is drawn in a box.
// `outside`: largest fractions {under, over, undefined}.
export function drawOutside(ctx, panel, theme, outside) {
  const { plot } = panel;
  const y = plot.y + plot.h;
  const boxed = (end) => panel.boxes.some((box) => box.end === end);
  const under = boxed("low") ? 0 : outside.under;
  const over = boxed("high") ? 0 : outside.over;
  ctx.fillStyle = theme.muted;
  ctx.textBaseline = "alphabetic";
  ctx.font = `${TICK_SIZE}px system-ui, "Liberation Sans", sans-serif`;
  const say = (share) => (share >= 0.01 ? `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}%` : "");
  const triangle = (x, way) => {
    ctx.beginPath();
    ctx.moveTo(x, y - 8);
    ctx.lineTo(x, y - 2);
    ctx.lineTo(x + 5 * way, y - 5);
    ctx.fill();
  };
  if (under > 0) triangle(plot.x - 1, -1);
  if (over > 0) triangle(plot.x + plot.w + 2, 1);
  const notes = [];
  if (under >= 0.01) notes.push(`◂ ${say(under)}`);
  if (outside.undefined > 0) notes.push(`∅ ${say(outside.undefined)}`.trim());
  if (over >= 0.01) notes.push(`${say(over)} ▸`);
  ctx.textAlign = "right";
  if (notes.length) ctx.fillText(notes.join("  "), plot.x + plot.w - (boxed("high") ? 2 : 0), plot.y + 11);
}
