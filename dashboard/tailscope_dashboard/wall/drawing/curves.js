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

// Height of a box: events, or their share over the width of a mean bin.
export function boxValue(panel, box, counts, total) {
  const n = counts[panel.offset + box.slot];
  return total === null ? n : total > 0 ? (n / total) * panel.perBin : 0;
}

// Of the bins: what lies in boxes may be far above them and is cut short instead.
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
  for (const box of panel.boxes) {
    const y = Math.max(plot.y - 1, yPixel(panel, boxValue(panel, box, counts, total)));
    if (y >= bottom) continue;
    ctx.moveTo(box.x, bottom);
    ctx.lineTo(box.x, y);
    ctx.lineTo(box.x + box.w, y);
    ctx.lineTo(box.x + box.w, bottom);
  }
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
  const thickness = Math.max(1, Math.round(width * dpr));
  traceOutline(ctx, n, thickness, dpr);
  for (const box of panel.boxes) {
    const y = Math.max(highest, Math.round(yPixel(panel, boxValue(panel, box, counts, total)) * dpr));
    if (y >= bottom) continue;
    pathX[0] = pathX[1] = Math.round(box.x * dpr);
    pathX[2] = pathX[3] = Math.round((box.x + box.w) * dpr);
    pathY[0] = pathY[3] = bottom;
    pathY[1] = pathY[2] = y;
    traceOutline(ctx, 4, thickness, dpr);
  }
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
  const { xs } = panel;
  const per = total === null ? null : total > 0 ? 1 / total : 0;
  ctx.beginPath();
  for (let i = 0; i < panel.nb; i++) addBand(ctx, panel, counts, variances, i + 1, per === null ? 1 : per * panel.inverse[i], xs[i], xs[i + 1] - xs[i]);
  for (const { slot, x, w } of panel.boxes) addBand(ctx, panel, counts, variances, slot, per === null ? 1 : per * panel.perBin, x, w);
  ctx.fill();
}

function addBand(ctx, panel, counts, variances, slot, scale, x, w) {
  const at = panel.offset + slot;
  if (!(variances[at] > 0)) return;
  const error = Math.sqrt(variances[at]);
  const high = Math.max(panel.plot.y, yPixel(panel, (counts[at] + error) * scale));
  const low = Math.max(panel.plot.y, yPixel(panel, Math.max(0, counts[at] - error) * scale));
  ctx.rect(x, high, w, Math.max(1, low - high));
}

// Where an axis was cut short: a small arrow at the top of each such bin or box.
export function markClipped(ctx, panel, counts, total) {
  const most = panel.top * 1.001;
  const list = binValues(panel, counts, total);
  for (let i = 0; i < panel.nb; i++) if (list[i] > most) clipArrow(ctx, panel, (panel.xs[i] + panel.xs[i + 1]) / 2);
  for (const box of panel.boxes) if (boxValue(panel, box, counts, total) > most) clipArrow(ctx, panel, box.x + box.w / 2);
}

function clipArrow(ctx, panel, x) {
  ctx.beginPath();
  ctx.moveTo(x - 4, panel.plot.y + 5);
  ctx.lineTo(x + 4, panel.plot.y + 5);
  ctx.lineTo(x, panel.plot.y - 1);
  ctx.fill();
}
