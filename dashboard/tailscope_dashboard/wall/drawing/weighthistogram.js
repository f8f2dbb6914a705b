// What stands still of the weight plot: both histograms, the null band, and the axes.

import { logTickLabel, logTicks, niceTicks, roundUp, tickTexts } from "../../parts/axes.js";
import { drawLabel, layoutLabel } from "../../parts/labels.js";
import { withAlpha } from "../../parts/theme.js";

export const SIDE = 18; // width of the bins of w = 0 and w = inf
export const FONT_SIZE = 12;

export function paintWeights(app, plot, ctx) {
  const theme = app.theme();
  const scale = verticalScale(app, plot);
  trace(ctx, plot, "reference", scale);
  ctx.fillStyle = theme.reference;
  ctx.fill();
  ctx.strokeStyle = theme.referenceLine;
  ctx.stroke();
  if (plot.bandOf) paintBand(app, plot, ctx, scale);
  trace(ctx, plot, "generated", scale);
  ctx.strokeStyle = theme.generated;
  ctx.lineWidth = 1.4;
  ctx.stroke();
  paintAxes(plot, ctx, theme, scale);
}

// Heights of bins. As a density: the share of all events per decade of w, on a linear axis per unit of w; w = 0 and
// w = inf, which have no width, as if they had that of a mean bin.
function verticalScale(app, plot) {
  const { density, weight_yscale: yscale } = app.store.view;
  const { axis, edges } = plot;
  const bins = edges.length - 1;
  const widths = Float64Array.from({ length: bins }, (_, i) => (density ? axis.width(i) : 1));
  const mean = widths.reduce((a, b) => a + b, 0) / bins;
  const all = (sample) => (density ? Math.max(1, app.backdrop().n[sample]) : 1);
  const value = (sample, i, count) => count / all(sample) / (i === null ? mean : widths[i]);
  const shown = Array.from({ length: bins }, (_, i) => axis.fraction(edges[i + 1]) > 0 && axis.fraction(edges[i]) < 1);
  const log = yscale === "log";
  let top = 0;
  let least = Infinity;
  const look = (v) => {
    top = Math.max(top, v);
    if (v > 0) least = Math.min(least, v);
  };
  for (const sample of ["reference", "generated"]) {
    const { counts, zero, infinite } = plot.histogram(sample);
    counts.forEach((c, i) => shown[i] && look(value(sample, i, c)));
    if (log) for (const c of [zero, infinite]) look(value(sample, null, c));
  }
  // A linear axis is that of the samples: the band's peak may lie far above them.
  if (log && plot.bandOf) app.nullBand.data[plot.bandOf].high.forEach((c, i) => shown[i] && (top = Math.max(top, value(plot.bandOf, i, c))));
  const { y, h } = plot.box;
  const bottom = y + h;
  if (!log) {
    const ceiling = roundUp(top * 1.06);
    return { value, shown, log, top: ceiling, floor: 0, y: (v) => bottom - Math.min(1, v / ceiling) * h };
  }
  const ceiling = 10 ** Math.ceil(Math.log10(top > 0 ? top * 1.3 : 10));
  const floor = 10 ** Math.floor(Math.log10(Number.isFinite(least) ? least * 0.95 : ceiling / 100));
  const span = Math.log10(ceiling / floor);
  return { value, shown, log, top: ceiling, floor, y: (v) => (v > floor ? bottom - (Math.log10(v / floor) / span) * h : bottom) };
}

function trace(ctx, plot, sample, scale) {
  const { counts, zero, infinite } = plot.histogram(sample);
  const { box, edges } = plot;
  const bottom = box.y + box.h;
  ctx.lineWidth = 1;
  ctx.beginPath();
  let begun = false;
  let end = 0;
  counts.forEach((count, i) => {
    if (!scale.shown[i]) return;
    const y = scale.y(scale.value(sample, i, count));
    if (!begun) ctx.moveTo(plot.at(edges[i]), bottom);
    begun = true;
    end = plot.at(edges[i + 1]);
    ctx.lineTo(plot.at(edges[i]), y);
    ctx.lineTo(end, y);
  });
  if (begun) ctx.lineTo(end, bottom);
  for (const [x, count] of [[box.zero, zero], [box.infinite, infinite]]) {
    const y = Math.max(box.y, scale.y(scale.value(sample, null, count)));
    if (count > 0) ctx.rect(x, y, SIDE, bottom - y);
  }
}

// What noise makes of the weights: 16 to 84% of the refits with permuted labels, hatched.
function paintBand(app, plot, ctx, scale) {
  const theme = app.theme();
  const sample = plot.bandOf;
  const { low, high } = app.nullBand.data[sample];
  const { box, edges } = plot;
  const y = (i, count) => Math.max(box.y, scale.y(scale.value(sample, i, count)));
  ctx.save();
  ctx.beginPath();
  for (let i = 0; i < high.length; i++) {
    if (!(high[i] > 0) || !scale.shown[i]) continue;
    const [left, right, top] = [plot.at(edges[i]), plot.at(edges[i + 1]), y(i, high[i])];
    ctx.rect(left, top, right - left, Math.max(1.5, y(i, low[i]) - top));
  }
  ctx.fillStyle = withAlpha(theme.band, 0.22);
  ctx.fill();
  ctx.clip();
  ctx.strokeStyle = withAlpha(theme.band, 0.8);
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let x = box.x - box.h; x < box.x + box.w; x += 5) {
    ctx.moveTo(x, box.y + box.h);
    ctx.lineTo(x + box.h, box.y);
  }
  ctx.stroke();
  ctx.restore();
}

function paintAxes(plot, ctx, theme, scale) {
  const { box, axis } = plot;
  const bottom = box.y + box.h;
  const [low, high] = plot.span;
  const line = Math.round(bottom) + 0.5;
  ctx.strokeStyle = theme.axis;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const [x, w] of [[box.zero, SIDE], [box.x, box.w], [box.infinite, SIDE]]) {
    ctx.moveTo(x, line);
    ctx.lineTo(x + w, line);
  }
  ctx.moveTo(box.left - 5.5, box.y);
  ctx.lineTo(box.left - 5.5, bottom);
  const tick = (w, length) => {
    const x = plot.at(Math.log10(Math.max(w, 1e-300)));
    ctx.moveTo(x, line);
    ctx.lineTo(x, line + length);
  };
  const ticks = axis.ticks(box.w, 40);
  for (const w of axis.minor()) tick(w, 3);
  for (const { w } of ticks) tick(w, 5);
  ctx.stroke();
  ctx.fillStyle = theme.muted;
  let end = -Infinity;
  for (const { w, text } of ticks) {
    const label = layoutLabel(ctx, text, FONT_SIZE, "rm");
    const x = plot.at(Math.log10(Math.max(w, 1e-300)));
    if (x - label.width / 2 < end + 5) continue;
    drawLabel(ctx, label, x, bottom + 17, 0.5);
    end = x + label.width / 2;
  }
  drawLabel(ctx, layoutLabel(ctx, "0", FONT_SIZE, "rm"), box.zero + SIDE / 2, bottom + 17, 0.5);
  drawLabel(ctx, layoutLabel(ctx, "\\infty", FONT_SIZE + 2, "rm"), box.infinite + SIDE / 2, bottom + 17, 0.5);
  // A dotted line at w = 1, where both samples agree.
  if (low < 0 && high > 0) {
    ctx.setLineDash([2, 3]);
    ctx.beginPath();
    ctx.moveTo(plot.at(0), box.y);
    ctx.lineTo(plot.at(0), bottom);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  paintYTicks(plot, ctx, scale);
}

function paintYTicks(plot, ctx, scale) {
  const { box } = plot;
  const ticks = scale.log ? logTicks(scale.floor, scale.top, box.h / 26) : niceTicks(0, scale.top, box.h / 36);
  const { texts, exponent } = scale.log ? { texts: ticks.map(logTickLabel), exponent: 0 } : tickTexts(ticks);
  ticks.forEach((v, i) => {
    const y = scale.y(v);
    if (exponent && y < box.y + 12) return;
    drawLabel(ctx, layoutLabel(ctx, texts[i], FONT_SIZE, "rm"), box.left - 10, y + 4, 1);
  });
  if (exponent) drawLabel(ctx, layoutLabel(ctx, `10^{${exponent}}`, FONT_SIZE, "rm"), box.left - 10, box.y + 8, 1);
}
