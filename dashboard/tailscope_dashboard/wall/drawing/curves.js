// Histogram curves: values from counts, steps, bands and ratios.

import { yPixel } from "./panel.js";

const binBuffer = new Float64Array(256);

// Values of one observable's bins into a shared buffer (overwritten by the next call). `total` 0: counts as they
// are; otherwise a density of unit area over everything that is defined.
export function binValues(panel, counts, total) {
  const first = panel.offset + 1;
  if (total === null) for (let i = 0; i < panel.nb; i++) binBuffer[i] = counts[first + i];
  else {
    const scale = total > 0 ? 1 / total : 0;
    for (let i = 0; i < panel.nb; i++) binBuffer[i] = counts[first + i] * scale * panel.inverse[i];
  }
  return binBuffer;
}

export function largestValue(panel, counts, total) {
  const list = binValues(panel, counts, total);
  let top = 0;
  for (let i = 0; i < panel.nb; i++) if (list[i] > top) top = list[i];
  return top;
}

export function smallestPositive(panel, counts, total) {
  const list = binValues(panel, counts, total);
  let low = Infinity;
  for (let i = 0; i < panel.nb; i++) if (list[i] > 0 && list[i] < low) low = list[i];
  return low;
}

// The step line of a histogram, from the axis and back to it. Bins above the frame end at its edge.
export function traceSteps(ctx, panel, counts, total) {
  const list = binValues(panel, counts, total);
  const { xs, plot } = panel;
  const bottom = plot.y + plot.h;
  const { top, floor, logY } = panel;
  const linear = plot.h / top;
  const decades = logY ? plot.h / Math.log10(top / floor) : 0;
  let before = bottom;
  ctx.beginPath();
  ctx.moveTo(xs[0], bottom);
  for (let i = 0; i < panel.nb; i++) {
    const v = list[i];
    let y = logY ? (v > floor ? bottom - Math.log10(v / floor) * decades : bottom) : bottom - v * linear;
    if (y < plot.y - 1) y = plot.y - 1;
    if (y !== before) {
      ctx.lineTo(xs[i], before);
      ctx.lineTo(xs[i], y);
      before = y;
    }
  }
  ctx.lineTo(xs[panel.nb], before);
  ctx.lineTo(xs[panel.nb], bottom);
}

const pathX = new Float64Array(1024);
const pathY = new Float64Array(1024);

// Add the same line to the path as a closed outline `width` CSS pixels thick, its corners on device pixels. Filled,
// it looks like a stroke and costs an eighth of one: software canvases spend most of a frame on thick strokes.
export function outlineSteps(ctx, panel, counts, total, width, dpr) {
  const list = binValues(panel, counts, total);
  const { xs, plot, top, floor, logY, nb } = panel;
  const bottom = Math.round((plot.y + plot.h) * dpr);
  const linear = (plot.h * dpr) / top;
  const decades = logY ? (plot.h * dpr) / Math.log10(top / floor) : 0;
  const highest = Math.round((plot.y - 1) * dpr);
  let n = 0;
  let before = bottom;
  pathX[n] = Math.round(xs[0] * dpr);
  pathY[n++] = bottom;
  for (let i = 0; i <= nb; i++) {
    const v = i < nb ? list[i] : 0;
    const y = Math.max(highest, logY ? (v > floor ? Math.round(bottom - Math.log10(v / floor) * decades) : bottom) : Math.round(bottom - v * linear));
    if (y === before) continue;
    const x = Math.round(xs[i] * dpr);
    pathX[n] = x;
    pathY[n++] = before;
    pathX[n] = x;
    pathY[n++] = y;
    before = y;
  }
  pathX[n] = Math.round(xs[nb] * dpr);
  pathY[n++] = before;
  traceOutline(ctx, n, Math.max(1, Math.round(width * dpr)), dpr);
}

// Along the upper side of the line, and back along the lower one. Points come in pairs, the two ends of a vertical
// piece: its upper side is the left one where it goes up, the right one where it goes down.
function traceOutline(ctx, n, thickness, dpr) {
  const over = Math.floor(thickness / 2);
  const under = thickness - over;
  const up = (i) => {
    const first = i % 2 ? i : i - 1;
    return i === 0 || (i < n - 1 && pathY[first + 1] < pathY[first]);
  };
  ctx.moveTo((pathX[0] - over) / dpr, (pathY[0] - over) / dpr);
  for (let i = 1; i < n; i++) ctx.lineTo((pathX[i] + (up(i) ? -over : under)) / dpr, (pathY[i] - over) / dpr);
  for (let i = n - 1; i >= 0; i--) ctx.lineTo((pathX[i] + (up(i) ? under : -over)) / dpr, (pathY[i] + under) / dpr);
  ctx.closePath();
}

// One standard deviation around each bin: the square root of `variances`, in the curve's own units.
export function fillBand(ctx, panel, counts, variances, total) {
  const { xs, plot } = panel;
  const first = panel.offset + 1;
  ctx.beginPath();
  for (let i = 0; i < panel.nb; i++) {
    const value = counts[first + i];
    if (!(variances[first + i] > 0)) continue;
    const scale = total === null ? 1 : total > 0 ? panel.inverse[i] / total : 0;
    const error = Math.sqrt(variances[first + i]);
    const high = Math.max(plot.y, yPixel(panel, (value + error) * scale));
    const low = Math.max(plot.y, yPixel(panel, Math.max(0, value - error) * scale));
    ctx.rect(xs[i], high, xs[i + 1] - xs[i], Math.max(1, low - high));
  }
  ctx.fill();
}

// Where a linear axis was cut short: a small arrow at the top of each such bin.
export function markClipped(ctx, panel, counts, total) {
  if (panel.logY) return;
  const list = binValues(panel, counts, total);
  for (let i = 0; i < panel.nb; i++) {
    if (list[i] <= panel.top * 1.001) continue;
    const x = (panel.xs[i] + panel.xs[i + 1]) / 2;
    ctx.beginPath();
    ctx.moveTo(x - 4, panel.plot.y + 5);
    ctx.lineTo(x + 4, panel.plot.y + 5);
    ctx.lineTo(x, panel.plot.y - 1);
    ctx.fill();
  }
}

// Ratio to the reference, 0 to 2; steps break where the reference is empty. Returns nothing where there is no strip.
export function traceRatio(ctx, panel, counts, total, reference, referenceTotal) {
  const { xs, strip } = panel;
  if (!strip) return;
  const first = panel.offset + 1;
  const scale = total === null ? 1 : total > 0 ? referenceTotal / total : 0;
  let drawing = false;
  ctx.beginPath();
  for (let i = 0; i < panel.nb; i++) {
    const base = reference[first + i];
    if (!(base > 0) || (total !== null && !(total > 0))) {
      drawing = false;
      continue;
    }
    const ratio = Math.min(2.02, (counts[first + i] * scale) / base);
    const y = strip.y + strip.h * (1 - ratio / 2);
    if (drawing) ctx.lineTo(xs[i], y);
    else ctx.moveTo(xs[i], y);
    ctx.lineTo(xs[i + 1], y);
    drawing = true;
  }
}

// Error band of a ratio: the curve's own errors only.
export function fillRatioBand(ctx, panel, counts, variances, total, reference, referenceTotal) {
  const { xs, strip } = panel;
  if (!strip || (total !== null && !(total > 0))) return;
  const first = panel.offset + 1;
  const scale = total === null ? 1 : referenceTotal / total;
  const at = (ratio) => strip.y + strip.h * (1 - Math.min(2, Math.max(0, ratio)) / 2);
  ctx.beginPath();
  for (let i = 0; i < panel.nb; i++) {
    const base = reference[first + i];
    if (!(base > 0)) continue;
    const error = Math.sqrt(variances[first + i]);
    const high = at(((counts[first + i] + error) * scale) / base);
    const low = at(((counts[first + i] - error) * scale) / base);
    ctx.rect(xs[i], high, xs[i + 1] - xs[i], low - high);
  }
  ctx.fill();
}
