// Crossfiltering, written once: which ranges of which observables count where.
//
// A selection with a slice is a set of clauses, each with its source. The panel of an observable shows what the
// selection's own cuts on it take away: there, and only there, they do not apply. The slice applies everywhere.

/** @import { Cut, Ranges, Ranks, SampleName, Selection } from "./types.d.ts" */
/** @import { SlotLayout } from "./layout.js" */

import { rightSample } from "./layout.js";

export class Crossfilter {
  /**
   * @param {SlotLayout} layout
   * @param {Selection} selection
   * @param {Cut | null} slice
   */
  constructor(layout, selection, slice) {
    this.layout = layout;
    this.selection = selection;
    this.slice = slice;
    /** The sample that is read off. @type {SampleName} */
    this.sample = rightSample(selection);
    const clauses = [
      ...selection.cuts.map((cut) => ({ cut, everywhere: false })),
      ...(slice ? [{ cut: slice, everywhere: true }] : []),
    ];
    /** Those on observables of this study, with the observable's number. */
    this.clauses = clauses.flatMap(({ cut, everywhere }) => {
      const o = layout.indexOf.get(cut.observable);
      return o === undefined ? [] : [{ o, everywhere, ranks: layout.ranksOf(o, cut.low, cut.high) }];
    });
  }

  /** Whether the weight alone decides. */
  get isOpen() {
    return !this.selection.cuts.length && !this.slice;
  }

  /** Whether every clause lies at edges of bins. */
  get exact() {
    return this.clauses.every(({ ranks }) => ranks.exact);
  }

  /** Numbers of the observables whose panels ignore a cut: what applies there differs from elsewhere. */
  get own() {
    return [...new Set(this.clauses.filter(({ everywhere }) => !everywhere).map(({ o }) => o))];
  }

  /**
   * What applies in the panel of one observable; in every other panel, and to the number of events, for null.
   *
   * @param {number | null} panel
   * @returns {Ranges}
   */
  ranges(panel = null) {
    /** @type {Ranges} */
    const ranges = new Map();
    for (const { o, everywhere, ranks } of this.clauses) {
      if (o === panel && !everywhere) continue;
      const old = ranges.get(o);
      ranges.set(o, old ? intersection(old, ranks) : ranks);
    }
    return ranges;
  }

  /**
   * The ranks of one observable that count in a panel: all of them, undefined values too, where nothing cuts on it.
   *
   * @param {number} o
   * @param {number | null} panel
   * @returns {Ranks}
   */
  ranksOf(o, panel = null) {
    return this.ranges(panel).get(o) ?? { first: 0, last: this.layout.bins[o] + 2, exact: true };
  }

  /**
   * Whether the range of an observable is one of the clauses, known to this study or not.
   *
   * @param {string} observable
   */
  has(observable) {
    return this.selection.cuts.some((cut) => cut.observable === observable) || this.slice?.observable === observable;
  }

  /**
   * The clauses but for those on one observable: what a cube over it is made of. All of them for null.
   *
   * @param {string | null} observable
   */
  without(observable) {
    return {
      cuts: this.selection.cuts.filter((cut) => cut.observable !== observable),
      slice: this.slice?.observable === observable ? null : this.slice,
    };
  }
}

/**
 * @param {Ranks} a
 * @param {Ranks} b
 * @returns {Ranks}
 */
function intersection(a, b) {
  return { first: Math.max(a.first, b.first), last: Math.min(a.last, b.last), exact: a.exact && b.exact };
}

/**
 * A text that is the same for the same ranges.
 *
 * @param {Ranges} ranges
 */
export function rangesKey(ranges) {
  return [...ranges].map(([o, r]) => `${o}:${r.first}-${r.last}`).toSorted().join(",");
}
