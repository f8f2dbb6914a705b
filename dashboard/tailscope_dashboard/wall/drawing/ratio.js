// The strip below a histogram: ratios to the reference from 0 to 2, cell by cell, and what lies off its scale.

const RATIO_TOP = 2;
const RATIO_ARROW = 4;

// Events of a panel in its k-th cell.
function inCell(panel, counts, k) {
  const { offset, cells } = panel;
  let sum = 0;
  for (let slot = cells.first[k]; slot <= cells.last[k]; slot++) sum += counts[offset + slot];
  return sum;
}

function ratioPixel(strip, ratio) {
  return strip.y + strip.h * (1 - Math.min(RATIO_TOP, Math.max(0, ratio)) / RATIO_TOP);
}

// What counts are multiplied with before they are divided by the reference's; 0 where there is nothing to draw.
function scaleOf(total, referenceTotal) {
  return total === null ? 1 : total > 0 ? referenceTotal / total : 0;
}

// A bar for each cell with its own error, in the present colour; above the scale an arrow at its upper edge, and
// an open one where the reference is empty and the curve is not.
export function drawRatio(ctx, panel, counts, variances, total, reference, referenceTotal) {
  const { strip, cells } = panel;
  const scale = scaleOf(total, referenceTotal);
  if (!strip || !scale) return;
  let unmatched = false;
  ctx.beginPath();
  for (let k = 0; k < cells.n; k++) {
    const base = inCell(panel, reference, k);
    const own = inCell(panel, counts, k);
    if (!(base > 0)) {
      unmatched ||= own > 0;
      continue;
    }
    const x0 = cells.x0[k];
    const x1 = cells.x1[k];
    const middle = (x0 + x1) / 2;
    const ratio = (own * scale) / base;
    if (ratio > RATIO_TOP) {
      ctx.moveTo(middle - RATIO_ARROW, strip.y + RATIO_ARROW + 2);
      ctx.lineTo(middle + RATIO_ARROW, strip.y + RATIO_ARROW + 2);
      ctx.lineTo(middle, strip.y);
      ctx.closePath();
    } else ctx.rect(x0, ratioPixel(strip, ratio) - 0.75, Math.max(1, x1 - x0), 1.5);
    const error = (Math.sqrt(inCell(panel, variances, k)) * scale) / base;
    const high = ratioPixel(strip, ratio + error);
    if (ratio - error < RATIO_TOP) ctx.rect(middle - 0.5, high, 1, ratioPixel(strip, ratio - error) - high);
  }
  ctx.fill();
  if (unmatched) markUnmatched(ctx, panel, counts, reference);
}

function markUnmatched(ctx, panel, counts, reference) {
  const { strip, cells } = panel;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let k = 0; k < cells.n; k++) {
    if (inCell(panel, reference, k) > 0 || !(inCell(panel, counts, k) > 0)) continue;
    const middle = (cells.x0[k] + cells.x1[k]) / 2;
    ctx.moveTo(middle - RATIO_ARROW, strip.y + RATIO_ARROW + 2.5);
    ctx.lineTo(middle + RATIO_ARROW, strip.y + RATIO_ARROW + 2.5);
    ctx.lineTo(middle, strip.y + 0.5);
    ctx.closePath();
  }
  ctx.stroke();
}

// The reference's own error around 1.
export function fillReferenceBand(ctx, panel, reference) {
  const { strip, cells } = panel;
  if (!strip) return;
  ctx.beginPath();
  for (let k = 0; k < cells.n; k++) {
    const base = inCell(panel, reference, k);
    if (!(base > 0)) continue;
    const error = 1 / Math.sqrt(base);
    const high = ratioPixel(strip, 1 + error);
    ctx.rect(cells.x0[k], high, cells.x1[k] - cells.x0[k], ratioPixel(strip, 1 - error) - high);
  }
  ctx.fill();
}
