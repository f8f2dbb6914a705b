// The weight histogram: reference and generated apart, log10 w, with w = 0 and w = inf at the sides, and the cuts.

import { roundTo, shortNumber } from "../../parts/axes.js";
import { CrispCanvas } from "../../parts/canvas.js";
import { drawLabel, layoutLabel } from "../../parts/labels.js";
import { clientOf } from "../../parts/pointer.js";
import { withAlpha } from "../../parts/theme.js";
import { WeightAxis } from "./weightaxis.js";
import { FONT_SIZE, paintWeights, SIDE } from "./weighthistogram.js";

const MARGIN = { left: 58, right: 8, top: 10, bottom: 40 };
const SIDE_GAP = 10;
const GRIP = 11;
const FINGER = 24;

export class WeightPlot {
  constructor(app, host) {
    this.app = app;
    this.shown = new CrispCanvas(host, () => this.stale());
    this.shown.describe("histogram of the weights, reference and generated, with the cut of the active selection");
    this.kept = document.createElement("canvas");
    this.isStale = true;
    this.edges = new Float64Array([0, 1]);
    this.axis = new WeightAxis(this.edges, 1);
    this.hover = null;
  }

  close() {
    this.shown.close();
  }

  load() {
    const { edges, body } = this.app.meta.weights;
    this.edges = Float64Array.from(edges);
    this.axis = new WeightAxis(this.edges, body);
    this.axis.fit([this.app.meta.weights.reference, this.app.meta.weights.generated]);
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
    return { x, y: MARGIN.top, w: Math.max(10, right - x), h: Math.max(10, h - MARGIN.top - MARGIN.bottom), left: MARGIN.left, zero: MARGIN.left, infinite: right + SIDE_GAP };
  }

  // Client coordinates of a weight; null and 0 are beyond the bin of w = 0, Infinity beyond that of w = inf.
  clientPoint(w) {
    const ends = this.ends({ low: w === Infinity ? null : w, high: w === Infinity ? null : w });
    return clientOf({ x: w === Infinity ? ends.high : ends.low, y: this.box.y + this.box.h * 0.7 }, this.shown.element);
  }

  // What is shown of the axis, in log10 w.
  get span() {
    return this.axis.ends;
  }

  // Pixel of log10 w on the axis.
  at(log10w) {
    const { x, w } = this.box;
    return x + Math.min(1, Math.max(0, this.axis.fraction(log10w))) * w;
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
    const digits = this.axis.isWhole ? 3 : 5;
    if (pixel < x) return low < -300 ? null : floorTo(10 ** low);
    if (pixel > x + w) return ceilTo(10 ** high);
    return roundTo(10 ** this.axis.value((pixel - x) / w), digits);
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
  hold(pixel, isFinger = false) {
    const reach = isFinger ? FINGER : GRIP;
    const { current, selections } = this.app.store;
    let found = null;
    for (const selection of selections) {
      if (!selection.visible && selection !== current) continue;
      const ends = this.ends(selection);
      for (const grip of ["low", "high"]) {
        if (selection !== current && selection[grip] === null) continue;
        const off = Math.abs(pixel - ends[grip]);
        const nearer = !found || off < found.off || (off === found.off && selection === current);
        if (off <= reach && nearer) found = { selection, grip, off, near: true };
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
    const value = this.axis.value((pixel - x) / w);
    let bin = 0;
    while (bin < this.edges.length - 2 && this.edges[bin + 1] <= value) bin++;
    return bin;
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
    const { weight_axis: kind, weight_zoom: zoom } = this.app.store.view;
    this.axis.choose(kind, zoom);
    this.kept.width = element.width;
    this.kept.height = element.height;
    const ctx = this.kept.getContext("2d", { alpha: false });
    ctx.fillStyle = this.app.theme().background;
    ctx.fillRect(0, 0, this.kept.width, this.kept.height);
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    this.keptBand = this.bandOf;
    paintWeights(this.app, this, ctx);
    this.isStale = false;
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
