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
