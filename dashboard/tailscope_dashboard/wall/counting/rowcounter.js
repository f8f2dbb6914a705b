// Counts of selections and of the backdrop from rows; exact unless a cut lies between bin edges.

import { logRange, otherSample, rangesKey, rightSample } from "./layout.js";
import { RankCube } from "./rows.js";

const KEPT = 16;

export function effectiveSize(sum, square) {
  return square > 0 ? (sum * sum) / square : 0;
}

// What is known of one selection after counting; buffers are reused from frame to frame.
export function emptyMeasure(layout) {
  const side = () => ({ n: 0, fraction: 0, nEff: 0, left: 0 });
  return {
    sample: "generated", counts: new Float64Array(layout.slots), own: [], approximate: false,
    totals: { reference: side(), generated: side() },
  };
}

// Sum of one observable's slots that are defined: what a density is normalised to.
export function definedTotal(layout, counts, o) {
  let total = 0;
  for (let s = layout.offsets[o]; s < layout.offsets[o + 1] - 1; s++) total += counts[s];
  return total;
}

export class RowCounter {
  constructor(layout, samples) {
    this.layout = layout;
    this.samples = samples;
    this.filtered = new Map();
    this.cubes = new Map();
    this.moving = null;
    this.version = 0;
  }

  // Rows answer everything at once: there is nothing to fetch.
  prepare() {}

  received() {}

  // While the cut on one observable is dragged, every answer comes from a cube over it.
  move(observable) {
    this.moving = observable === null ? null : this.layout.indexOf.get(observable) ?? null;
    this.cubes.clear();
  }

  rowsOf(sample, ranges) {
    if (!ranges.size) return this.samples[sample];
    const key = `${sample} ${rangesKey(ranges)}`;
    let rows = this.filtered.get(key);
    if (rows) this.filtered.delete(key);
    else rows = this.samples[sample].filter(ranges);
    this.filtered.set(key, rows);
    if (this.filtered.size > KEPT) this.filtered.delete(this.filtered.keys().next().value);
    return rows;
  }

  // Events of a sample inside a range of log w and of ranks: counts into `out` (all slots, those of `only`, or
  // none with out = null), and the sums.
  collect(sample, log, ranges, out, only) {
    const moved = this.moving !== null ? ranges.get(this.moving) : undefined;
    if (moved) {
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
    else if (out) rows.countOne(only, start, stop, out);
    return { n: stop - start, ...rows.weights.between(start, stop) };
  }

  measure(selection, slice, into) {
    const { layout } = this;
    const log = logRange(selection);
    const ranges = layout.rangesOf(selection.cuts, slice);
    const sample = rightSample(selection);
    into.sample = sample;
    into.approximate = false;
    for (const { exact } of ranges.values()) into.approximate ||= !exact;
    const right = this.collect(sample, log, ranges, into.counts, null);
    // Only sums are wanted of the other sample; one observable is the least a cube can hold.
    const other = this.collect(otherSample(sample), log, ranges, null, 0);
    this.total(into.totals[sample], right, sample);
    this.total(into.totals[otherSample(sample)], other, otherSample(sample));
    // Crossfilter: the panel of a cut shows what the cut would take away, too.
    into.own = [...new Set(selection.cuts.map((c) => layout.indexOf.get(c.observable)))].filter((o) => o !== undefined);
    for (const o of into.own) {
      const without = layout.rangesOf(selection.cuts, slice, layout.names[o]);
      this.collect(sample, log, without, into.counts, o);
    }
    return into;
  }

  total(into, found, sample) {
    into.n = found.n;
    into.fraction = found.n / this.samples[sample].n;
    into.nEff = effectiveSize(found.sum, found.square);
    into.left = found.left;
  }

  // Everything the selections are drawn in front of; `reweighted` only where it is shown.
  backdrop(slice, reweighted, edges) {
    const ranges = this.layout.rangesOf([], slice);
    const everything = { low: -Infinity, high: null };
    const result = { n: {}, counts: {}, weights: {}, reweighted: null, approximate: false };
    for (const { exact } of ranges.values()) result.approximate ||= !exact;
    // While the slice itself is dragged the rows are not sorted out anew for each frame.
    const sliding = this.moving !== null && ranges.has(this.moving);
    for (const sample of ["reference", "generated"]) {
      const counts = new Float64Array(this.layout.slots);
      result.n[sample] = this.collect(sample, everything, ranges, counts, null).n;
      result.counts[sample] = counts;
      const rows = sliding ? this.samples[sample] : this.rowsOf(sample, ranges);
      result.weights[sample] = rows.weightHistogram(edges);
    }
    if (reweighted && !sliding) result.reweighted = this.rowsOf("generated", ranges).weighted();
    return result;
  }
}
