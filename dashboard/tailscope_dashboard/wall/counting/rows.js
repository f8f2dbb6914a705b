// Events as rows sorted by weight: any selection is counted exactly, here, without a server.

/** @import { Meta, Ranges, Reweighted, SampleName, Sums, WeightCounts } from "./types.d.ts" */

import { SAMPLES, SlotLayout } from "./layout.js";

const CHECKPOINT = 512;

/**
 * First position whose value is >= x in an ascending array.
 *
 * @param {ArrayLike<number>} values
 * @param {number} x
 */
export function lowerBound(values, x) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Running sums of w (generated) or 1/w (reference) and of their squares, built up from the small terms, so that a
// difference of two of them keeps its digits. w = 0 and w = inf are left out. Scaled by the largest finite term.
class WeightSums {
  /**
   * @param {Float64Array} logW ascending
   * @param {number} sign 1: w, -1: 1/w
   */
  constructor(logW, sign) {
    const n = logW.length;
    this.first = lowerBound(logW, -Number.MAX_VALUE);
    this.last = lowerBound(logW, Infinity);
    this.sum = new Float64Array(n + 1);
    this.square = new Float64Array(n + 1);
    const largest = this.last > this.first ? sign * logW[sign > 0 ? this.last - 1 : this.first] : 0;
    /** @type {(i: number) => number} */
    const term = (i) => (i >= this.first && i < this.last ? Math.exp(sign * logW[i] - largest) : 0);
    this.term = term;
    if (sign > 0) {
      for (let i = 0; i < n; i++) this.step(i, i + 1, term(i));
    } else {
      for (let i = n - 1; i >= 0; i--) this.step(i + 1, i, term(i));
    }
  }

  /**
   * @param {number} from
   * @param {number} to
   * @param {number} term
   */
  step(from, to, term) {
    this.sum[to] = this.sum[from] + term;
    this.square[to] = this.square[from] + term * term;
  }

  /**
   * @param {number} start
   * @param {number} stop
   */
  between(start, stop) {
    return {
      sum: Math.abs(this.sum[stop] - this.sum[start]),
      square: Math.abs(this.square[stop] - this.square[start]),
      left: Math.max(0, Math.min(stop, this.first) - start) + Math.max(0, stop - Math.max(start, this.last)),
    };
  }
}

// One sample, or a part of it that passes cuts; codes are observable-major, like Index.codes.
export class OrderedRows {
  /**
   * @param {SlotLayout} layout
   * @param {Float64Array} logW ascending
   * @param {Uint8Array} codes [observables, n]
   * @param {number} sign 1: sums of w, -1: of 1/w
   */
  constructor(layout, logW, codes, sign) {
    this.layout = layout;
    this.logW = logW;
    this.codes = codes;
    this.sign = sign;
    this.n = logW.length;
    this.weights = new WeightSums(logW, sign);
    const slots = layout.slots;
    const blocks = Math.floor(this.n / CHECKPOINT);
    this.checkpoints = new Uint32Array((blocks + 1) * slots);
    for (let b = 0; b < blocks; b++) {
      this.checkpoints.copyWithin((b + 1) * slots, b * slots, (b + 1) * slots);
      const row = this.checkpoints.subarray((b + 1) * slots, (b + 2) * slots);
      this.tally(row, b * CHECKPOINT, (b + 1) * CHECKPOINT, 1);
    }
  }

  /**
   * Add (or take away) the rows [start, stop) of all observables.
   *
   * @param {Float64Array | Uint32Array} out
   * @param {number} start
   * @param {number} stop
   * @param {number} sign
   */
  tally(out, start, stop, sign) {
    const { codes, n } = this;
    const slotOf = this.layout.slotOf;
    const observables = this.layout.bins.length;
    for (let o = 0; o < observables; o++) {
      const base = o * n;
      const table = o * 256;
      for (let i = base + start; i < base + stop; i++) out[slotOf[table + codes[i]]] += sign;
    }
  }

  /**
   * @param {number} low
   * @param {number | null} high
   */
  rangeOf(low, high) {
    const start = lowerBound(this.logW, low);
    const stop = high === null ? this.n : lowerBound(this.logW, high);
    return { start, stop: Math.max(start, stop) };
  }

  /**
   * Counts of every slot of the rows [start, stop), into `out`.
   *
   * @param {number} start
   * @param {number} stop
   * @param {Float64Array} out
   */
  count(start, stop, out) {
    if (stop - start < CHECKPOINT) {
      out.fill(0);
      this.tally(out, start, stop, 1);
      return;
    }
    const slots = this.layout.slots;
    const a = Math.min(Math.round(start / CHECKPOINT), Math.floor(this.n / CHECKPOINT));
    const b = Math.min(Math.round(stop / CHECKPOINT), Math.floor(this.n / CHECKPOINT));
    const low = a * slots;
    const high = b * slots;
    for (let s = 0; s < slots; s++) out[s] = this.checkpoints[high + s] - this.checkpoints[low + s];
    this.residual(out, a * CHECKPOINT, start, -1);
    this.residual(out, b * CHECKPOINT, stop, 1);
  }

  /**
   * @param {Float64Array} out
   * @param {number} from
   * @param {number} to
   * @param {number} sign
   */
  residual(out, from, to, sign) {
    if (to > from) this.tally(out, from, to, sign);
    else this.tally(out, to, from, -sign);
  }

  /**
   * Counts of one observable's slots into the same slots of `out`.
   *
   * @param {number} o
   * @param {number} start
   * @param {number} stop
   * @param {Float64Array} out
   */
  countOne(o, start, stop, out) {
    const { offsets, slotOf } = this.layout;
    out.fill(0, offsets[o], offsets[o + 1]);
    const base = o * this.n;
    for (let i = base + start; i < base + stop; i++) out[slotOf[o * 256 + this.codes[i]]]++;
  }

  /**
   * The rows that pass every range of ranks.
   *
   * @param {Ranges} ranges
   * @returns {OrderedRows}
   */
  filter(ranges) {
    if (!ranges.size) return this;
    const { n, layout } = this;
    const passed = new Uint8Array(n).fill(1);
    for (const [o, { first, last }] of ranges) {
      const base = o * n;
      const allowed = new Uint8Array(256);
      for (let c = 0; c < 256; c++) {
        const rank = layout.rankOf[o * 256 + c];
        allowed[c] = rank >= first && rank <= last ? 1 : 0;
      }
      for (let i = 0; i < n; i++) passed[i] &= allowed[this.codes[base + i]];
    }
    const rows = new Uint32Array(passed.reduce((sum, p) => sum + p, 0));
    for (let i = 0, k = 0; i < n; i++) if (passed[i]) rows[k++] = i;
    const logW = Float64Array.from(rows, (i) => this.logW[i]);
    const codes = new Uint8Array(rows.length * layout.bins.length);
    for (let o = 0, k = 0; o < layout.bins.length; o++) {
      for (let r = 0; r < rows.length; r++) codes[k++] = this.codes[o * n + rows[r]];
    }
    return new OrderedRows(layout, logW, codes, this.sign);
  }

  /**
   * Sums of w and w^2 of every slot: the reweighted histogram and its variance, in units of scale and scale^2.
   *
   * @returns {Reweighted}
   */
  weighted() {
    const { codes, n, layout } = this;
    const sum = new Float64Array(layout.slots);
    const square = new Float64Array(layout.slots);
    const terms = Float64Array.from({ length: n }, (_, i) => this.weights.term(i));
    for (let o = 0; o < layout.bins.length; o++) {
      for (let i = 0; i < n; i++) {
        const slot = layout.slotOf[o * 256 + codes[o * n + i]];
        sum[slot] += terms[i];
        square[slot] += terms[i] * terms[i];
      }
    }
    return { sum, square, scale: n && this.weights.last > this.weights.first ? Math.exp(this.logW[this.weights.last - 1]) : 1 };
  }

  /**
   * Counts between edges (natural log of w, ascending), and of w = 0 and w = inf.
   *
   * @param {ArrayLike<number>} edges
   * @returns {WeightCounts}
   */
  weightHistogram(edges) {
    const at = Array.from(edges, (e) => lowerBound(this.logW, e));
    at[0] = this.weights.first;
    at[at.length - 1] = this.weights.last;
    return {
      counts: Float64Array.from(at.slice(1), (stop, i) => Math.max(0, stop - at[i])),
      zero: this.weights.first,
      infinite: this.n - this.weights.last,
    };
  }
}

// Every histogram for any range of one observable: cumulative counts over its ranks, built in one pass.
export class RankCube {
  /**
   * @param {OrderedRows} rows
   * @param {number} start
   * @param {number} stop
   * @param {number} observable
   * @param {number | null} only the single observable whose slots are wanted, or null for all
   */
  constructor(rows, start, stop, observable, only) {
    const { layout, codes, n, weights } = rows;
    const nb = layout.bins[observable];
    this.offset = only === null ? 0 : layout.offsets[only];
    this.slots = only === null ? layout.slots : layout.offsets[only + 1] - this.offset;
    this.ranks = nb + 3;
    this.table = new Uint32Array((this.ranks + 1) * this.slots);
    this.events = new Float64Array(this.ranks + 1);
    this.sum = new Float64Array(this.ranks + 1);
    this.square = new Float64Array(this.ranks + 1);
    this.left = new Float64Array(this.ranks + 1);
    const place = new Int32Array(stop - start);
    for (let i = start; i < stop; i++) {
      const rank = layout.rankOf[observable * 256 + codes[observable * n + i]];
      place[i - start] = (rank + 1) * this.slots;
      this.events[rank + 1]++;
      const term = weights.term(i);
      this.sum[rank + 1] += term;
      this.square[rank + 1] += term * term;
      if (i < weights.first || i >= weights.last) this.left[rank + 1]++;
    }
    for (let o = only ?? 0; o <= (only ?? layout.bins.length - 1); o++) {
      const base = o * n + start;
      for (let i = 0; i < place.length; i++) {
        this.table[place[i] + layout.slotOf[o * 256 + codes[base + i]] - this.offset]++;
      }
    }
    for (let k = this.slots; k < this.table.length; k++) this.table[k] += this.table[k - this.slots];
    for (const list of [this.events, this.sum, this.square, this.left]) {
      for (let r = 0; r < this.ranks; r++) list[r + 1] += list[r];
    }
  }

  /**
   * Counts for the ranks [first, last] into `out` (slots of the whole layout).
   *
   * @param {number} first
   * @param {number} last
   * @param {Float64Array} out
   */
  count(first, last, out) {
    const high = Math.max(last + 1, first) * this.slots;
    const low = first * this.slots;
    for (let s = 0; s < this.slots; s++) out[this.offset + s] = this.table[high + s] - this.table[low + s];
  }

  /**
   * @param {number} first
   * @param {number} last
   * @returns {Sums}
   */
  totals(first, last) {
    const stop = Math.max(last + 1, first);
    /** @type {(list: Float64Array) => number} */
    const between = (list) => list[stop] - list[first];
    return { n: between(this.events), sum: between(this.sum), square: between(this.square), left: between(this.left) };
  }
}

/**
 * The bytes of meta.mode "rows": for reference then generated float64 log_w[n], uint8 codes[n_observables * n].
 *
 * @param {ArrayBuffer} buffer
 * @param {Pick<Meta, "panels" | "samples">} meta
 */
export function decodeRows(buffer, meta) {
  const layout = new SlotLayout(meta.panels);
  const samples = /** @type {Record<SampleName, OrderedRows>} */ ({});
  let at = 0;
  for (const name of SAMPLES) {
    const n = meta.samples[name].n;
    const logW = new Float64Array(buffer.slice(at, at + 8 * n));
    at += 8 * n;
    const codes = new Uint8Array(buffer.slice(at, at + n * layout.bins.length));
    at += n * layout.bins.length;
    samples[name] = new OrderedRows(layout, logW, codes, name === "generated" ? 1 : -1);
  }
  return { layout, samples };
}
