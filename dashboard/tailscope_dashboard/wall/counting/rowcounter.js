// Counts of selections and of the backdrop from rows; exact unless a cut lies between bin edges.

/** @import { Backdrop, Cut, LogRange, Measure, Ranges, SampleName, Selection, Sums, Totals } from "./types.d.ts" */
/** @import { SlotLayout } from "./layout.js" */
/** @import { OrderedRows } from "./rows.js" */

import { Crossfilter, rangesKey } from "./crossfilter.js";
import { EVERYTHING, logRange, otherSample, SAMPLES } from "./layout.js";
import { RankCube } from "./rows.js";

const KEPT = 16;

/**
 * What events are worth that are reweighted: (sum w)^2 / sum w^2.
 *
 * @param {number} sum
 * @param {number} square
 */
export function effectiveSize(sum, square) {
  return square > 0 ? (sum * sum) / square : 0;
}

/**
 * What is known of a selection before it is counted; its buffers are reused from frame to frame.
 *
 * @param {SlotLayout} layout
 * @returns {Measure}
 */
export function emptyMeasure(layout) {
  const side = () => ({ n: 0, nEff: 0, left: 0 });
  return {
    sample: "generated", counts: new Float64Array(layout.slots), own: [], approximate: false,
    totals: { reference: side(), generated: side() },
  };
}

/**
 * Sum of one observable's slots that are defined: what a density is normalised to.
 *
 * @param {SlotLayout} layout
 * @param {ArrayLike<number>} counts
 * @param {number} o
 */
export function definedTotal(layout, counts, o) {
  let total = 0;
  for (let s = layout.offsets[o]; s < layout.offsets[o + 1] - 1; s++) total += counts[s];
  return total;
}

/**
 * Probability that a reference event has a larger weight than a generated one; ties count half. Null without events.
 *
 * @param {ArrayLike<number>} reference ascending
 * @param {ArrayLike<number>} generated ascending
 */
export function aucOf(reference, generated) {
  let sum = 0;
  let below = 0;
  let ties = 0;
  for (let i = 0; i < reference.length; i++) {
    while (below < generated.length && generated[below] < reference[i]) below++;
    ties = Math.max(ties, below);
    while (ties < generated.length && generated[ties] === reference[i]) ties++;
    sum += below + (ties - below) / 2;
  }
  return reference.length && generated.length ? sum / reference.length / generated.length : null;
}

export class RowCounter {
  /**
   * @param {SlotLayout} layout
   * @param {Record<SampleName, OrderedRows>} samples
   */
  constructor(layout, samples) {
    this.layout = layout;
    this.samples = samples;
    /** @type {Map<string, OrderedRows>} */
    this.filtered = new Map();
    /** @type {Map<string, RankCube>} */
    this.cubes = new Map();
    /** Number of the observable whose cut is dragged. @type {number | null} */
    this.moving = null;
    this.version = 0;
  }

  // Rows answer everything at once: there is nothing to fetch.
  prepare() {}

  received() {}

  /**
   * While the cut on one observable is dragged, every answer comes from a cube over it.
   *
   * @param {string | null} observable
   */
  move(observable) {
    this.moving = observable === null ? null : this.layout.indexOf.get(observable) ?? null;
    this.cubes.clear();
  }

  /**
   * @param {SampleName} sample
   * @param {Ranges} ranges
   */
  rowsOf(sample, ranges) {
    if (!ranges.size) return this.samples[sample];
    const key = `${sample} ${rangesKey(ranges)}`;
    let rows = this.filtered.get(key);
    if (rows) this.filtered.delete(key);
    else rows = this.samples[sample].filter(ranges);
    this.filtered.set(key, rows);
    if (this.filtered.size > KEPT) this.filtered.delete([...this.filtered.keys()][0]);
    return rows;
  }

  /**
   * Events of a sample inside a range of log w and of ranks: counts into `out` (all slots, those of `only`, or
   * none with out = null), and the sums.
   *
   * @param {SampleName} sample
   * @param {LogRange} log
   * @param {Ranges} ranges
   * @param {Float64Array | null} out
   * @param {number | null} only
   * @returns {Sums}
   */
  collect(sample, log, ranges, out, only) {
    const moved = this.moving !== null ? ranges.get(this.moving) : undefined;
    if (this.moving !== null && moved) {
      const rest = new Map(ranges);
      rest.delete(this.moving);
      const key = `${sample} ${log.low} ${log.high} ${rangesKey(rest)} ${only}`;
      let cube = this.cubes.get(key);
      if (!cube) {
        const rows = this.rowsOf(sample, rest);
        const { start, stop } = rows.rangeOf(log.low, log.high);
        cube = new RankCube(rows, start, stop, this.moving, only);
        this.cubes.set(key, cube);
      }
      if (out) cube.count(moved.first, moved.last, out);
      return cube.totals(moved.first, moved.last);
    }
    const rows = this.rowsOf(sample, ranges);
    const { start, stop } = rows.rangeOf(log.low, log.high);
    if (out && only === null) rows.count(start, stop, out);
    else if (out && only !== null) rows.countOne(only, start, stop, out);
    return { n: stop - start, ...rows.weights.between(start, stop) };
  }

  /**
   * @param {Selection} selection
   * @param {Cut | null} slice
   * @param {Measure} into
   */
  measure(selection, slice, into) {
    const log = logRange(selection);
    const filter = new Crossfilter(this.layout, selection, slice);
    const { sample } = filter;
    const ranges = filter.ranges();
    into.sample = sample;
    into.approximate = !filter.exact;
    const right = this.collect(sample, log, ranges, into.counts, null);
    // Only sums are wanted of the other sample; one observable is the least a cube can hold.
    const other = this.collect(otherSample(sample), log, ranges, null, 0);
    this.total(into.totals[sample], right);
    this.total(into.totals[otherSample(sample)], other);
    into.own = filter.own;
    for (const o of into.own) this.collect(sample, log, filter.ranges(o), into.counts, o);
    return into;
  }

  /**
   * @param {Totals} into
   * @param {Sums} found
   */
  total(into, found) {
    into.n = found.n;
    into.nEff = effectiveSize(found.sum, found.square);
    into.left = found.left;
  }

  /**
   * Everything the selections are drawn in front of; `reweighted` only where it is shown.
   *
   * @param {Cut | null} slice
   * @param {boolean} reweighted
   * @param {ArrayLike<number>} edges of the weight histogram, in natural log of w
   * @returns {Backdrop}
   */
  backdrop(slice, reweighted, edges) {
    const filter = new Crossfilter(this.layout, EVERYTHING, slice);
    const ranges = filter.ranges();
    const everything = logRange(EVERYTHING);
    /** @type {Backdrop} */
    const result = { n: {}, counts: {}, weights: {}, reweighted: null, approximate: !filter.exact, auc: null };
    // While the slice itself is dragged the rows are not sorted out anew for each frame.
    const sliding = this.moving !== null && ranges.has(this.moving);
    for (const sample of SAMPLES) {
      const counts = new Float64Array(this.layout.slots);
      result.n[sample] = this.collect(sample, everything, ranges, counts, null).n;
      result.counts[sample] = counts;
      const rows = sliding ? this.samples[sample] : this.rowsOf(sample, ranges);
      result.weights[sample] = rows.weightHistogram(edges);
    }
    if (slice && !sliding) result.auc = aucOf(this.rowsOf("reference", ranges).logW, this.rowsOf("generated", ranges).logW);
    if (reweighted && !sliding) result.reweighted = this.rowsOf("generated", ranges).weighted();
    return result;
  }
}
