// What stands still in a panel while a selection is dragged: both samples, their ratio, other studies' generated samples,
// the reweighted one, and the axes.

import { WORD_WIDTH } from "./difference.js";
import { fillCells } from "./cells.js";
import { fillBand, markClipped, traceSteps } from "./curves.js";
import { drawFrame, drawOutside, drawTitle, GAP } from "./panel.js";
import { drawRatio, fillReferenceBand } from "./ratio.js";
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
  ctx.fillStyle = theme.referenceLine;
  markClipped(ctx, panel, reference, refTotal);
  ctx.fillStyle = theme.generated;
  markClipped(ctx, panel, generated, genTotal);
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
  fillCells(panel, reference);
  ctx.fillStyle = withAlpha(theme.referenceLine, 0.35);
  fillReferenceBand(ctx, panel, reference);
  ctx.fillStyle = ctx.strokeStyle = theme.generated;
  drawRatio(ctx, panel, generated, generated, genTotal, reference, refTotal);
}

// Thin outlines on the lower layer, which a drag leaves as it is.
function paintOverlays(app, ctx, panel) {
  const { reference } = app.backdrop().counts;
  const o = panel.index;
  for (const overlay of app.overlays()) {
    const total = app.total(overlay.counts, o);
    ctx.fillStyle = ctx.strokeStyle = app.colour(overlay);
    ctx.lineWidth = 1.25;
    traceSteps(ctx, panel, overlay.counts, total);
    ctx.stroke();
    markClipped(ctx, panel, overlay.counts, total);
    drawRatio(ctx, panel, overlay.counts, overlay.counts, total, reference, app.total(reference, o));
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
  ctx.setLineDash([]);
  const { reference } = back.counts;
  ctx.fillStyle = theme.accent;
  markClipped(ctx, panel, counts, norm);
  drawRatio(ctx, panel, counts, variances, norm, reference, app.total(reference, panel.index));
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
