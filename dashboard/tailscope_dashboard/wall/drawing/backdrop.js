// What stands still in a panel while a selection is dragged: both samples, their ratio, other studies' generated samples,
// the reweighted one, and the axes.

import { fillBand, fillRatioBand, traceRatio, traceSteps } from "./curves.js";
import { WORD_WIDTH } from "./difference.js";
import { drawFrame, drawOutside, drawTitle, GAP } from "./panel.js";
import { definedTotal } from "../counting/rowcounter.js";
import { withAlpha } from "../../parts/theme.js";

export function paintBackdrop(app, ctx, panel, theme, dpr) {
  const { rect } = panel;
  const { store } = app;
  const back = app.backdrop();
  const { reference, generated } = back.counts;
  const o = panel.index;
  const refTotal = app.total(reference, o);
  const genTotal = app.total(generated, o);
  ctx.fillStyle = theme.background;
  ctx.fillRect(rect.x - GAP / 2, rect.y, rect.w + GAP, rect.h + GAP / 2);
  const pinned = store.view.pinned.includes(panel.name);
  drawTitle(ctx, panel, theme, rect.x + rect.w - WORD_WIDTH - (pinned ? 18 : 4));
  if (pinned) paintPinned(ctx, rect, theme);
  traceSteps(ctx, panel, reference, refTotal);
  ctx.fillStyle = theme.reference;
  ctx.fill();
  ctx.strokeStyle = theme.referenceLine;
  ctx.lineWidth = 1;
  ctx.stroke();
  if (store.view.errors) {
    ctx.fillStyle = withAlpha(theme.referenceLine, 0.6);
    fillBand(ctx, panel, reference, reference, refTotal);
    ctx.fillStyle = withAlpha(theme.generated, 0.3);
    fillBand(ctx, panel, generated, generated, genTotal);
  }
  traceSteps(ctx, panel, generated, genTotal);
  ctx.strokeStyle = theme.generated;
  ctx.lineWidth = 1.25;
  ctx.stroke();
  paintRatioBackdrop(app, ctx, panel, theme);
  paintOverlays(app, ctx, panel);
  if (back.reweighted && store.view.reweighted) paintReweighted(app, ctx, panel, theme, back);
  drawFrame(ctx, panel, theme, dpr);
  drawOutside(ctx, panel, theme, outsideShares(app.layout, o, [reference, generated]));
}

function paintPinned(ctx, rect, theme) {
  ctx.fillStyle = theme.accent;
  ctx.beginPath();
  ctx.arc(rect.x + rect.w - 10, rect.y + 11, 4, 0, 7);
  ctx.fill();
}

function paintRatioBackdrop(app, ctx, panel, theme) {
  if (!panel.strip) return;
  const { reference, generated } = app.backdrop().counts;
  const refTotal = app.total(reference, panel.index);
  const genTotal = app.total(generated, panel.index);
  if (app.store.view.errors) {
    ctx.fillStyle = withAlpha(theme.referenceLine, 0.35);
    fillRatioBand(ctx, panel, reference, reference, refTotal, reference, refTotal);
  }
  traceRatio(ctx, panel, generated, genTotal, reference, refTotal);
  ctx.strokeStyle = theme.generated;
  ctx.lineWidth = 1.25;
  ctx.stroke();
}

// Thin outlines on the lower layer, which a drag leaves as it is.
function paintOverlays(app, ctx, panel) {
  const { reference } = app.backdrop().counts;
  const o = panel.index;
  ctx.lineWidth = 1.25;
  for (const overlay of app.overlays()) {
    const total = app.total(overlay.counts, o);
    ctx.strokeStyle = app.colour(overlay);
    traceSteps(ctx, panel, overlay.counts, total);
    ctx.stroke();
    if (!panel.strip) continue;
    traceRatio(ctx, panel, overlay.counts, total, reference, app.total(reference, o));
    ctx.stroke();
  }
}

function paintReweighted(app, ctx, panel, theme, back) {
  const { sum, square, scale } = back.reweighted;
  const { density } = app.store.view;
  // Counts are sums of w: the stored terms times their scale, which a density divides out again.
  const counts = density ? sum : sum.map((v) => v * scale);
  const variances = density ? square : square.map((v) => v * scale * scale);
  const norm = app.total(sum, panel.index);
  if (app.store.view.errors) {
    ctx.fillStyle = withAlpha(theme.reweighted, 0.25);
    fillBand(ctx, panel, counts, variances, norm);
  }
  ctx.setLineDash([5, 3]);
  ctx.strokeStyle = theme.reweighted;
  ctx.lineWidth = 1.5;
  traceSteps(ctx, panel, counts, norm);
  ctx.stroke();
  const { reference } = back.counts;
  if (panel.strip) {
    traceRatio(ctx, panel, counts, norm, reference, app.total(reference, panel.index));
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

// The largest shares of events below, above and without a value among some histograms.
function outsideShares(layout, o, lists) {
  const first = layout.offsets[o];
  const last = layout.offsets[o + 1] - 1;
  const shares = { under: 0, over: 0, undefined: 0 };
  for (const counts of lists) {
    const total = definedTotal(layout, counts, o) + counts[last];
    if (!(total > 0)) continue;
    shares.under = Math.max(shares.under, counts[first] / total);
    shares.over = Math.max(shares.over, counts[last - 1] / total);
    shares.undefined = Math.max(shares.undefined, counts[last] / total);
  }
  return shares;
}
