// Coarse cumulative cubes: histograms at some weights, from which any range of weights is nearly known.

/** @import { Meta, SampleName, Sums } from "./types.d.ts" */

import { SAMPLES, SlotLayout } from "./layout.js";
import { lowerBound } from "./rows.js";

// Counts of all events below each boundary.
export class CoarseCube {
  /**
   * @param {Float64Array} logW log weight of the event at each boundary; infinite past the last event
   * @param {Uint32Array} table [boundaries, width]
   * @param {number} width the slots of the layout, or 1 for events alone
   */
  constructor(logW, table, width) {
    this.logW = logW;
    this.table = table;
    this.width = width;
    this.last = logW.length - 1;
  }

  /**
   * Between which boundaries a log weight lies, and how far.
   *
   * @param {number | null} x
   */
  place(x) {
    if (x === null) return { row: this.last, part: 0 };
    const above = lowerBound(this.logW, x);
    if (above === 0) return { row: 0, part: 0 };
    if (above > this.last) return { row: this.last, part: 0 };
    const [a, b] = [this.logW[above - 1], this.logW[above]];
    const part = Number.isFinite(a) && Number.isFinite(b) && b > a ? (x - a) / (b - a) : b === x ? 1 : 0;
    return { row: above - 1, part };
  }

  /**
   * @param {number} row
   * @param {number} part
   * @param {number} slot
   */
  cell(row, part, slot) {
    const { table, width } = this;
    const low = table[row * width + slot];
    return part === 0 ? low : low + part * (table[(row + 1) * width + slot] - low);
  }

  /**
   * @param {number} low
   * @param {number | null} high
   * @param {Float64Array} out
   */
  count(low, high, out) {
    const a = this.place(low);
    const b = this.place(high);
    for (let s = 0; s < this.width; s++) out[s] = Math.max(0, this.cell(b.row, b.part, s) - this.cell(a.row, a.part, s));
  }

  /**
   * Events of the range, and what they are worth when each weighs as the middle of its interval.
   *
   * @param {number} low
   * @param {number | null} high
   * @param {[number, number]} slots of an observable that nothing is cut on: together they hold all events
   * @param {number} sign 1: w, -1: 1/w
   * @returns {Sums}
   */
  totals(low, high, [first, last], sign) {
    const a = this.place(low);
    const b = this.place(high);
    /** @type {(row: number, part: number) => number} */
    const events = (row, part) => {
      let sum = 0;
      for (let s = first; s < last; s++) sum += this.cell(row, part, s);
      return sum;
    };
    let sum = 0;
    let square = 0;
    let before = events(a.row, a.part);
    const start = before;
    /** @type {number | null} */
    let scale = null;
    for (let row = a.row; row < this.last && row <= b.row; row++) {
      const after = row === b.row ? events(b.row, b.part) : events(row + 1, 0);
      const n = Math.max(0, after - before);
      before = after;
      const middle = (this.logW[row] + this.logW[row + 1]) / 2;
      if (!n || !Number.isFinite(middle)) continue;
      scale ??= sign * middle;
      const w = Math.exp(Math.min(300, sign * middle - scale));
      sum += n * w;
      square += n * w * w;
    }
    return { n: Math.max(0, events(b.row, b.part) - start), sum, square, left: 0 };
  }
}

// Histograms for each rank of one observable, made cumulative: any range of whole bins is a difference of two rows.
export class RankSums {
  /**
   * @param {Uint32Array} table [ranks, width]
   * @param {number} width
   * @param {number} ranks
   */
  constructor(table, width, ranks) {
    this.width = width;
    this.table = new Uint32Array((ranks + 1) * width);
    for (let k = 0; k < table.length; k++) this.table[k + width] = this.table[k] + table[k];
    this.ranks = ranks;
  }

  /**
   * @param {number} first
   * @param {number} last
   * @param {Float64Array} out
   */
  count(first, last, out) {
    const high = Math.max(last + 1, first) * this.width;
    const low = first * this.width;
    for (let s = 0; s < this.width; s++) out[s] = this.table[high + s] - this.table[low + s];
  }

  /**
   * @param {number} first
   * @param {number} last
   * @param {number} slots how many make up one observable, whose sum is the number of events
   */
  events(first, last, slots) {
    const high = Math.max(last + 1, first) * this.width;
    const low = first * this.width;
    let sum = 0;
    for (let s = 0; s < slots; s++) sum += this.table[high + s] - this.table[low + s];
    return sum;
  }
}

/**
 * The bytes of meta.mode "cube": for reference then generated float64 log_w[m], uint32 cumulative[m, slots].
 *
 * @param {ArrayBuffer} buffer
 * @param {Pick<Meta, "panels"> & { cube: Record<SampleName, number> }} meta
 */
export function decodeCube(buffer, meta) {
  const layout = new SlotLayout(meta.panels);
  const cubes = /** @type {Record<SampleName, CoarseCube>} */ ({});
  let at = 0;
  for (const name of SAMPLES) {
    const m = meta.cube[name];
    const logW = new Float64Array(buffer.slice(at, at + 8 * m));
    at += 8 * m;
    const table = new Uint32Array(buffer.slice(at, at + 4 * m * layout.slots));
    at += 4 * m * layout.slots;
    cubes[name] = new CoarseCube(logW, table, layout.slots);
  }
  return { layout, cubes };
}
