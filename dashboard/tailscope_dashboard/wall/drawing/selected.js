// What of the selections a panel shows: their curves, and the cuts they have in this observable.

import { fillBand, markClipped, outlineSteps } from "./curves.js";
import { cutPixel } from "./panel.js";
import { drawRatio } from "./ratio.js";
import { withAlpha } from "../../parts/theme.js";

export function paintSelected(app, ctx, panel, curves, dpr) {
  const o = panel.index;
  const { plot } = panel;
  const { reference } = app.backdrop().counts;
  for (const { selection, colour, measure, active } of curves) {
    const counts = measure.counts;
    const total = app.total(counts, o);
    const own = measure.own.includes(o) ? selection.cuts.find((c) => c.observable === panel.name) : null;
    const span = own ? cutSpan(panel, own) : null;
    if (span) paintCut(ctx, panel, colour, span, active);
    if (app.store.view.errors) {
      ctx.fillStyle = withAlpha(colour, 0.25);
      fillBand(ctx, panel, counts, counts, total);
    }
    ctx.fillStyle = ctx.strokeStyle = colour;
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    outlineSteps(ctx, panel, counts, total, active ? 2 : 1.5, dpr);
    if (span) {
      // Outside its own cut a curve is faint: those events are what the cut takes away.
      ctx.globalAlpha = 0.35;
      ctx.fill();
      ctx.globalAlpha = 1;
      ctx.save();
      const path = new Path2D();
      path.rect(span.x0, plot.y - 2, span.x1 - span.x0, plot.h + 4);
      ctx.clip(path);
      ctx.fill();
      ctx.restore();
    } else ctx.fill();
    if (panel.top) markClipped(ctx, panel, counts, total);
    drawRatio(ctx, panel, counts, counts, total, reference, app.total(reference, o));
  }
}

// Pixels of a cut's ends, the plot's own where it is open.
export function cutSpan(panel, cut) {
  const at = (value, open) => (value === null ? open : cutPixel(panel, value));
  return { x0: at(cut.low, panel.left), x1: at(cut.high, panel.right), low: cut.low !== null, high: cut.high !== null };
}

function paintCut(ctx, panel, colour, span, active) {
  const { plot } = panel;
  ctx.fillStyle = withAlpha(colour, active ? 0.16 : 0.07);
  ctx.fillRect(span.x0, plot.y, span.x1 - span.x0, plot.h);
  ctx.strokeStyle = colour;
  ctx.lineWidth = active ? 1.5 : 1;
  ctx.beginPath();
  for (const [x, closed] of [[span.x0, span.low], [span.x1, span.high]]) {
    if (!closed) continue;
    ctx.moveTo(x, plot.y);
    ctx.lineTo(x, plot.y + plot.h);
  }
  ctx.stroke();
}
