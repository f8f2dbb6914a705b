// The weight histogram: reference and generated apart, log10 w, with w = 0 and w = inf at the sides, and the cuts.

import { logTickLabel, logTicks, minorLogTicks, niceTicks, roundTo, roundUp, shortNumber, tickTexts } from "../../parts/axes.js";
import { CrispCanvas } from "../../parts/canvas.js";
import { drawLabel, layoutLabel } from "../../parts/labels.js";
import { withAlpha } from "../../parts/theme.js";

const MARGIN = { left: 58, right: 8, top: 10, bottom: 40 };
const SIDE = 18;
const SIDE_GAP = 10;
const GRIP = 11;
const FONT_SIZE = 12;

export class WeightPlot {
  constructor(app, host) {
    this.app = app;
    this.shown = new CrispCanvas(host, () => this.stale());
    this.kept = document.createElement("canvas");
    this.isStale = true;
    this.edges = new Float64Array([0, 1]);
    this.hover = null;
  }

  close() {
    this.shown.close();
  }

  load() {
    this.edges = Float64Array.from(this.app.meta.weights.edges);
    this.stale();
  }

  stale() {
    this.isStale = true;
    this.app.schedule();
  }

  get box() {
    const { w, h } = this.shown;
    const x = MARGIN.left + SIDE + SIDE_GAP;
    const right = w - MARGIN.right - SIDE - SIDE_GAP;
    return { x, y: MARGIN.top, w: Math.max(10, right - x), h: Math.max(10, h - MARGIN.top - MARGIN.bottom), zero: MARGIN.left, infinite: right + SIDE_GAP };
  }

  // Client coordinates of a weight; null and 0 are beyond the bin of w = 0, Infinity beyond that of w = inf.
  clientPoint(w) {
    const frame = this.shown.element.getBoundingClientRect();
    const ends = this.ends({ low: w === Infinity ? null : w, high: w === Infinity ? null : w });
    return { x: frame.left + (w === Infinity ? ends.high : ends.low), y: frame.top + this.box.y + this.box.h * 0.7 };
  }

  get span() {
    return [this.edges[0], this.edges.at(-1)];
  }

  // Pixel of log10 w on the axis.
  at(log10w) {
    const { x, w } = this.box;
    const [low, high] = this.span;
    return x + Math.min(1, Math.max(0, (log10w - low) / (high - low))) * w;
  }

  // Pixels of a selection's ends: open ends lie beyond the bins of w = 0 and w = inf.
  ends(selection) {
    const { x, w, zero, infinite } = this.box;
    const [low, high] = this.span;
    const lowLog = selection.low === null || selection.low === 0 ? null : Math.log10(selection.low);
    const highLog = selection.high === null ? null : Math.log10(selection.high);
    return {
      low: lowLog === null ? zero - 2 : lowLog <= low + 1e-12 ? x - SIDE_GAP / 2 : this.at(lowLog),
      high: highLog === null ? infinite + SIDE + 2 : highLog >= high - 1e-12 ? x + w + SIDE_GAP / 2 : this.at(highLog),
    };
  }

  // The weight under a pixel for one end; dragging past the axis keeps or takes w = 0 (w = inf).
  valueAt(pixel, end) {
    const { x, w, zero, infinite } = this.box;
    const [low, high] = this.span;
    if (end === "low" && pixel < zero + SIDE / 2) return null;
    if (end === "high" && pixel > infinite + SIDE / 2) return null;
    if (pixel < x) return floorTo(10 ** low);
    if (pixel > x + w) return ceilTo(10 ** high);
    return roundTo(10 ** (low + ((pixel - x) / w) * (high - low)), 3);
  }

  // The end of the active selection that a press takes hold of.
  grip(pixel) {
    const selection = this.app.store.current;
    if (!selection) return null;
    const ends = this.ends(selection);
    const [toLow, toHigh] = [Math.abs(pixel - ends.low), Math.abs(pixel - ends.high)];
    const inside = pixel > ends.low + GRIP && pixel < ends.high - GRIP;
    const closed = selection.low !== null && selection.high !== null;
    if (inside && closed) return "both";
    if (toLow === toHigh) return pixel < ends.low ? "low" : "high";
    return toLow < toHigh ? "low" : "high";
  }

  // What a press takes hold of: the end under the pointer, of any selection that is shown (the active one's
  // where two lie as near); else the active one's range, or its nearer end once the pointer has moved.
  hold(pixel) {
    const { current, selections } = this.app.store;
    let found = null;
    for (const selection of selections) {
      if (!selection.visible && selection !== current) continue;
      const ends = this.ends(selection);
      for (const grip of ["low", "high"]) {
        if (selection !== current && selection[grip] === null) continue;
        const off = Math.abs(pixel - ends[grip]);
        const nearer = !found || off < found.off || (off === found.off && selection === current);
        if (off <= GRIP && nearer) found = { selection, grip, off, near: true };
      }
    }
    if (found) return found;
    return current ? { selection: current, grip: this.grip(pixel), near: false } : null;
  }

  // The sample whose null band is drawn: the one that the active selection is read off.
  get bandOf() {
    const { current } = this.app.store;
    return this.app.drawnBand() ? (current ? this.app.store.sampleOf(current) : "reference") : null;
  }

  histogram(sample) {
    return this.app.backdrop().weights[sample];
  }

  binAt(pixel) {
    const { x, w, zero, infinite } = this.box;
    if (pixel >= zero && pixel <= zero + SIDE) return "zero";
    if (pixel >= infinite && pixel <= infinite + SIDE) return "infinite";
    if (pixel < x || pixel >= x + w) return null;
    const [low, high] = this.span;
    const value = low + ((pixel - x) / w) * (high - low);
    let bin = 0;
    while (bin < this.edges.length - 2 && this.edges[bin + 1] <= value) bin++;
    return bin;
  }

  scaleY() {
    const { density, weight_yscale: yscale } = this.app.store.view;
    const norm = { reference: 1, generated: 1 };
    let top = 0;
    let least = Infinity;
    for (const sample of ["reference", "generated"]) {
      const { counts, zero, infinite } = this.histogram(sample);
      if (density) norm[sample] = 1 / Math.max(1, this.app.backdrop().n[sample]);
      for (const c of [...counts, zero, infinite]) {
        top = Math.max(top, c * norm[sample]);
        if (c > 0) least = Math.min(least, c * norm[sample]);
      }
    }
    const log = yscale === "log";
    // A linear axis is that of the samples: the band's peak may lie far above them.
    if (log && this.bandOf) for (const c of this.app.nullBand.data[this.bandOf].high) top = Math.max(top, c * norm[this.bandOf]);
    const { y, h } = this.box;
    if (!log) {
      const ceiling = roundUp(top * 1.06);
      return { norm, log, top: ceiling, floor: 0, y: (v) => y + h - (v / ceiling) * h };
    }
    const ceiling = 10 ** Math.ceil(Math.log10(top > 0 ? top * 1.3 : 10));
    const floor = 10 ** Math.floor(Math.log10(Number.isFinite(least) ? least * 0.95 : ceiling / 100));
    const span = Math.log10(ceiling / floor);
    return { norm, log, top: ceiling, floor, y: (v) => (v > floor ? y + h - (Math.log10(v / floor) / span) * h : y + h) };
  }

  paint() {
    const { w, h, element, dpr } = this.shown;
    if (w < 60 || h < 60) return;
    if (this.isStale || this.keptBand !== this.bandOf || this.kept.width !== element.width || this.kept.height !== element.height) this.paintKept(dpr);
    const ctx = this.shown.ctx;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.globalCompositeOperation = "copy";
    ctx.drawImage(this.kept, 0, 0);
    ctx.globalCompositeOperation = "source-over";
    this.shown.begin();
    this.paintSelections(ctx);
    if (this.hover !== null) this.paintHover(ctx);
  }

  paintKept(dpr) {
    const { element } = this.shown;
    const theme = this.app.theme();
    this.kept.width = element.width;
    this.kept.height = element.height;
    const ctx = this.kept.getContext("2d", { alpha: false });
    ctx.fillStyle = theme.background;
    ctx.fillRect(0, 0, this.kept.width, this.kept.height);
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    const scale = this.scaleY();
    this.trace(ctx, "reference", scale);
    ctx.fillStyle = theme.reference;
    ctx.fill();
    ctx.strokeStyle = theme.referenceLine;
    ctx.stroke();
    this.keptBand = this.bandOf;
    if (this.keptBand) this.paintBand(ctx, theme, scale, this.keptBand);
    this.trace(ctx, "generated", scale);
    ctx.strokeStyle = theme.generated;
    ctx.lineWidth = 1.4;
    ctx.stroke();
    this.paintAxes(ctx, theme, scale);
    this.isStale = false;
  }

  trace(ctx, sample, scale) {
    const { counts, zero, infinite } = this.histogram(sample);
    const box = this.box;
    const bottom = box.y + box.h;
    const norm = scale.norm[sample];
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(this.at(this.edges[0]), bottom);
    for (let i = 0; i < counts.length; i++) {
      const y = scale.y(counts[i] * norm);
      ctx.lineTo(this.at(this.edges[i]), y);
      ctx.lineTo(this.at(this.edges[i + 1]), y);
    }
    ctx.lineTo(this.at(this.edges.at(-1)), bottom);
    for (const [x, count] of [[box.zero, zero], [box.infinite, infinite]]) {
      if (count > 0) ctx.rect(x, scale.y(count * norm), SIDE, bottom - scale.y(count * norm));
    }
  }

  // What noise makes of the weights: 16 to 84% of the refits with permuted labels, hatched.
  paintBand(ctx, theme, scale, sample) {
    const { low, high } = this.app.nullBand.data[sample];
    const box = this.box;
    const y = (value) => Math.max(box.y, scale.y(value * scale.norm[sample]));
    ctx.save();
    ctx.beginPath();
    for (let i = 0; i < high.length; i++) {
      if (!(high[i] > 0)) continue;
      const [left, right, top] = [this.at(this.edges[i]), this.at(this.edges[i + 1]), y(high[i])];
      ctx.rect(left, top, right - left, Math.max(1.5, y(low[i]) - top));
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

  paintAxes(ctx, theme, scale) {
    const box = this.box;
    const bottom = box.y + box.h;
    const [low, high] = this.span;
    const line = Math.round(bottom) + 0.5;
    ctx.strokeStyle = theme.axis;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (const [x, w] of [[box.zero, SIDE], [box.x, box.w], [box.infinite, SIDE]]) {
      ctx.moveTo(x, line);
      ctx.lineTo(x + w, line);
    }
    ctx.moveTo(MARGIN.left - 5.5, box.y);
    ctx.lineTo(MARGIN.left - 5.5, bottom);
    const ticks = logTicks(10 ** low, 10 ** high, box.w / 46);
    for (const v of minorLogTicks(10 ** low, 10 ** high)) this.tick(ctx, v, line, 3);
    for (const v of ticks) this.tick(ctx, v, line, 5);
    ctx.stroke();
    ctx.fillStyle = theme.muted;
    let end = -Infinity;
    for (const v of ticks) {
      const label = layoutLabel(ctx, logTickLabel(v), FONT_SIZE, "rm");
      const x = this.at(Math.log10(v));
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
      ctx.moveTo(this.at(0), box.y);
      ctx.lineTo(this.at(0), bottom);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    this.paintYTicks(ctx, scale);
  }

  tick(ctx, value, y, length) {
    const x = this.at(Math.log10(value));
    ctx.moveTo(x, y);
    ctx.lineTo(x, y + length);
  }

  paintYTicks(ctx, scale) {
    const box = this.box;
    const ticks = scale.log ? logTicks(scale.floor, scale.top, box.h / 26) : niceTicks(0, scale.top, box.h / 36);
    const { texts, exponent } = scale.log ? { texts: ticks.map(logTickLabel), exponent: 0 } : tickTexts(ticks);
    ticks.forEach((v, i) => {
      const y = scale.y(v);
      if (exponent && y < box.y + 12) return;
      drawLabel(ctx, layoutLabel(ctx, texts[i], FONT_SIZE, "rm"), MARGIN.left - 10, y + 4, 1);
    });
    if (exponent) drawLabel(ctx, layoutLabel(ctx, `10^{${exponent}}`, FONT_SIZE, "rm"), MARGIN.left - 10, box.y + 8, 1);
  }

  // Ranges as thin bars below the axis, the active one shaded with its two handles.
  paintSelections(ctx) {
    const { store } = this.app;
    const box = this.box;
    const bottom = box.y + box.h;
    const bars = store.selections.filter((s) => s.visible || s === store.current);
    const pitch = Math.min(5, 14 / Math.max(1, bars.length));
    bars.forEach((selection, i) => {
      const { low, high } = this.ends(selection);
      ctx.fillStyle = withAlpha(this.app.colour(selection), selection === store.current ? 1 : 0.75);
      ctx.fillRect(low, bottom + 24 + i * pitch, Math.max(2, high - low), Math.max(1.5, pitch - 1.5));
      if (selection !== store.current) {
        ctx.fillStyle = withAlpha(this.app.colour(selection), 0.08);
        ctx.fillRect(low, box.y, Math.max(1, high - low), box.h);
      }
    });
    const current = store.current;
    if (!current) return;
    const { low, high } = this.ends(current);
    ctx.fillStyle = withAlpha(this.app.colour(current), 0.2);
    ctx.fillRect(low, box.y, Math.max(1, high - low), box.h);
    this.paintHandle(ctx, current, "low", low);
    this.paintHandle(ctx, current, "high", high);
  }

  paintHandle(ctx, selection, end, x) {
    const box = this.box;
    const theme = this.app.theme();
    const held = this.app.handle.kind === "w" && this.app.handle.end === end;
    ctx.strokeStyle = this.app.colour(selection);
    ctx.lineWidth = held ? 3 : 2;
    ctx.beginPath();
    ctx.moveTo(x, box.y - 4);
    ctx.lineTo(x, box.y + box.h);
    ctx.stroke();
    ctx.fillStyle = this.app.colour(selection);
    ctx.beginPath();
    ctx.roundRect(x - 4, box.y + box.h / 2 - 11, 8, 22, 3);
    ctx.fill();
    ctx.strokeStyle = theme.background;
    ctx.lineWidth = 1;
    ctx.stroke();
    const value = selection[end];
    if (value === null) return;
    const label = layoutLabel(ctx, shortNumber(value), FONT_SIZE + 1, "rm");
    const left = end === "low";
    const tx = left ? Math.max(x - 5 - label.width, 2) : Math.min(x + 5, this.shown.w - label.width - 2);
    ctx.fillStyle = withAlpha(theme.background, 0.8);
    ctx.fillRect(tx - 2, box.y - 6, label.width + 4, 17);
    ctx.fillStyle = theme.text;
    drawLabel(ctx, label, tx, box.y + 7);
  }

  paintHover(ctx) {
    const box = this.box;
    ctx.fillStyle = this.app.theme().hover;
    if (this.hover === "zero") ctx.fillRect(box.zero, box.y, SIDE, box.h);
    else if (this.hover === "infinite") ctx.fillRect(box.infinite, box.y, SIDE, box.h);
    else ctx.fillRect(this.at(this.edges[this.hover]), box.y, Math.max(1, this.at(this.edges[this.hover + 1]) - this.at(this.edges[this.hover])), box.h);
  }
}

function floorTo(value) {
  const rounded = roundTo(value, 3);
  return rounded <= value ? rounded : roundTo(rounded * 0.995, 3);
}

function ceilTo(value) {
  const rounded = roundTo(value, 3);
  return rounded > value ? rounded : roundTo(rounded * 1.01, 3);
}
