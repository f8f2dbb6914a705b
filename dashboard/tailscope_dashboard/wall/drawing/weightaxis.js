// The axis of w: what fraction of its length a weight has, and back.
//
// Three of them. "body" is asinh(log10 w / soft): linear in log w where most events are, with compressed tails, so that
// neither w = 1 nor a weight of 1e-15 is out of sight. "log" is log10 w, "linear" is w itself, as in the paper. All of
// them can be zoomed into. Weights are told as log10 w; those beyond the axis lie at its end.

import { logTickLabel, minorLogTicks, niceTicks, tickTexts } from "../../parts/axes.js";

const KINDS = {
  body: { forward: (x, soft) => Math.asinh(x / soft), back: (t, soft) => soft * Math.sinh(t) },
  log: { forward: (x) => x, back: (t) => t },
  linear: { forward: (x) => 10 ** x, back: (t) => Math.log10(Math.max(t, 1e-300)) },
};
const LEAST_SPAN = 1e-3;
const SHARE_SHOWN = 0.995; // of the events, on the linear axis

export class WeightAxis {
  /**
   * @param {Float64Array} edges of the histogram, in log10 w
   * @param {number} soft up to which |log10 w| the axis "body" is nearly linear
   */
  constructor(edges, soft) {
    this.edges = edges;
    this.soft = soft;
    this.linearTop = 10 ** edges.at(-1);
    this.choose("body", null);
  }

  // Where the linear axis ends: a few weights of 100 would squeeze all others into a line.
  fit(histograms) {
    const total = this.edges.slice(1).map((_, i) => histograms.reduce((sum, { counts }) => sum + counts[i], 0));
    const wanted = SHARE_SHOWN * total.reduce((a, b) => a + b, 0);
    let below = 0;
    let i = 0;
    while (i < total.length - 1 && below + total[i] < wanted) below += total[i++];
    const end = Math.min(10 ** this.edges.at(-1), Math.max(2, 10 ** this.edges[i + 1]));
    this.linearTop = Math.ceil(end * 2) / 2;
  }

  // kind: body, log or linear; zoom: {low, high} in w, or null for all.
  choose(kind, zoom) {
    this.kind = kind in KINDS ? kind : "body";
    const whole = this.kind === "linear" ? [0, this.linearTop] : [this.edges[0], this.edges.at(-1)].map((x) => this.forward(x));
    this.whole = whole;
    this.shown = whole;
    const ends = [zoom?.low, zoom?.high].map((w, i) => (w > 0 ? this.forward(Math.log10(w)) : whole[i]));
    this.setShown(ends);
  }

  setShown([low, high]) {
    const [first, last] = this.whole;
    const span = Math.max(LEAST_SPAN * (last - first), high - low);
    const start = Math.min(last - span, Math.max(first, low));
    this.shown = span < last - first && Number.isFinite(start) ? [start, start + span] : this.whole;
  }

  forward(log10w) {
    return KINDS[this.kind].forward(log10w, this.soft);
  }

  // Fraction of the length, below 0 or above 1 where it is not shown.
  fraction(log10w) {
    const [low, high] = this.shown;
    return (this.forward(log10w) - low) / (high - low);
  }

  // log10 w at a fraction.
  value(fraction) {
    const [low, high] = this.shown;
    return KINDS[this.kind].back(low + fraction * (high - low), this.soft);
  }

  get ends() {
    return [this.value(0), this.value(1)];
  }

  get isWhole() {
    return this.shown[0] <= this.whole[0] && this.shown[1] >= this.whole[1];
  }

  // What a density is per: one decade, or one unit of w.
  width(i) {
    const [low, high] = [this.edges[i], this.edges[i + 1]];
    return this.kind === "linear" ? 10 ** high - 10 ** low : high - low;
  }

  // The range in w after zooming by a factor about a fraction, or moving by one; null for all of it.
  zoomed(factor, about, by = 0) {
    const [low, high] = this.shown;
    const span = high - low;
    const centre = low + about * span;
    const before = this.shown;
    this.setShown([centre - about * span * factor + by * span, centre + (1 - about) * span * factor + by * span]);
    const found = this.isWhole ? null : Object.fromEntries(this.ends.map((x, i) => [i ? "high" : "low", Number((10 ** x).toPrecision(6))]));
    this.shown = before;
    return found;
  }

  // Weights with their labels, at least `room` pixels apart on `length` of them.
  ticks(length, room) {
    const [low, high] = this.ends.map((x) => 10 ** x);
    if (this.kind === "linear") {
      const found = niceTicks(this.shown[0], this.shown[1], length / room);
      const { texts, exponent } = tickTexts(found);
      return found.map((w, i) => ({ w, text: exponent && w ? `${texts[i]}\\times10^{${exponent}}` : texts[i] }));
    }
    const at = (w) => this.fraction(Math.log10(w)) * length;
    const taken = [];
    for (const w of candidates(low, high)) {
      if (taken.every((other) => Math.abs(at(w) - at(other)) >= room)) taken.push(w);
    }
    return taken.toSorted((a, b) => a - b).map((w) => ({ w, text: logTickLabel(w) }));
  }

  minor() {
    const [low, high] = this.ends.map((x) => 10 ** x);
    return this.kind === "linear" ? [] : minorLogTicks(Math.max(low, 1e-3), Math.min(high, 1e3));
  }
}

// Round weights, those first that say most: 1, powers of ten from the middle, then between them.
function candidates(low, high) {
  const inside = (w) => w >= low * (1 - 1e-9) && w <= high * (1 + 1e-9);
  const powers = Array.from({ length: 16 }, (_, k) => [10 ** -k, 10 ** k]).flat().slice(1);
  const between = (mantissas) => powers.flatMap((p) => mantissas.map((m) => Number((m * p).toPrecision(3))));
  const list = [...powers, 0.5, 2, ...between([2, 5]), ...between([3]), ...between([1.5, 7]), ...between([1.1, 1.2, 1.3, 1.4, 1.6, 1.7, 1.8, 1.9, 0.9, 0.8, 0.7, 0.6])];
  const found = [...new Set(list)].filter(inside);
  return found.length > 1 ? found : [...found, ...niceTicks(low, high, 4).filter((w) => w > 0)];
}
