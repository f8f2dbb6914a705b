// How observables become codes and slots, and ends of cuts become ranks; how a selection reads its weights.
//
// uint8 codes: 0 underflow, 1..nb bins, 254 overflow, 255 undefined. Slots of an observable: underflow, bins,
// overflow, undefined. A rank is the position of a code among the slots: 0, 1..nb, nb + 1, nb + 2.

/** @import { LogRange, Panel, Ranks, SampleName, Selection } from "./types.d.ts" */

export const UNDERFLOW = 0;
/** @type {SampleName[]} */
export const SAMPLES = ["reference", "generated"];
/** @type {Selection} */
export const EVERYTHING = { low: null, high: null, cuts: [], sample: null };

export class SlotLayout {
  /** @param {Panel[]} panels */
  constructor(panels) {
    this.names = panels.map((p) => p.name);
    this.indexOf = new Map(this.names.map((name, i) => [name, i]));
    this.edges = panels.map((p) => Float64Array.from(p.edges));
    this.bins = this.edges.map((e) => e.length - 1);
    // Single values of which all of underflow or overflow consist.
    this.ends = panels.map((p) => [p.below ?? null, p.above ?? null]);
    this.offsets = new Int32Array(panels.length + 1);
    this.bins.forEach((nb, i) => (this.offsets[i + 1] = this.offsets[i] + nb + 3));
    this.slots = this.offsets[panels.length];
    this.rankOf = new Int32Array(256 * panels.length);
    this.slotOf = new Int32Array(256 * panels.length);
    this.bins.forEach((nb, o) => {
      for (let code = 0; code < 256; code++) {
        const rank = code === 255 ? nb + 2 : Math.min(code, nb + 1);
        this.rankOf[256 * o + code] = rank;
        this.slotOf[256 * o + code] = this.offsets[o] + rank;
      }
    });
  }

  /**
   * Index of the edge nearest to a value, and whether it is that edge exactly.
   *
   * @param {number} o
   * @param {number} value
   */
  edgeAt(o, value) {
    const edges = this.edges[o];
    let low = 0;
    let high = edges.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= value) low = middle;
      else high = middle;
    }
    const nearest = Math.abs(value - edges[low]) <= Math.abs(value - edges[high]) ? low : high;
    return { edge: nearest, exact: edges[nearest] === value };
  }

  /**
   * The ranks [first, last] that a cut passes; not exact when an end lies between edges.
   *
   * @param {number} o
   * @param {number | null} low
   * @param {number | null} high
   * @returns {Ranks}
   */
  ranksOf(o, low, high) {
    const start = low === null || low === -Infinity ? { rank: UNDERFLOW, exact: true } : this.rankFrom(o, low);
    const stop = high === null || high === Infinity ? { rank: this.bins[o] + 2, exact: true } : this.rankFrom(o, high);
    return { first: start.rank, last: stop.rank - 1, exact: start.exact && stop.exact };
  }

  /**
   * The first rank of which all values are at or above a value. Beyond the edges that is exact where a single
   * value lies there.
   *
   * @param {number} o
   * @param {number} value
   */
  rankFrom(o, value) {
    const edges = this.edges[o];
    const last = this.bins[o];
    const [below, above] = this.ends[o];
    if (below !== null && value < edges[0]) return { rank: value <= below ? UNDERFLOW : 1, exact: true };
    if (above !== null && value > edges[last]) return { rank: value <= above ? last + 1 : last + 2, exact: true };
    const { edge, exact } = this.edgeAt(o, value);
    return { rank: edge + 1, exact };
  }
}

/**
 * The sample a selection is read off: a high tail off the reference, everything else off the generated one.
 *
 * @param {Selection} selection
 * @returns {SampleName}
 */
export function rightSample(selection) {
  if (selection.sample) return selection.sample;
  return selection.low !== null && selection.low > 0 && selection.high === null ? "reference" : "generated";
}

/**
 * @param {SampleName} sample
 * @returns {SampleName}
 */
export function otherSample(sample) {
  return sample === "reference" ? "generated" : "reference";
}

/**
 * Half-open range in log w; the ends are compared with >= and <.
 *
 * @param {Pick<Selection, "low" | "high">} selection
 * @returns {LogRange}
 */
export function logRange(selection) {
  return {
    low: selection.low === null ? -Infinity : Math.log(selection.low),
    high: selection.high === null ? null : Math.log(selection.high),
  };
}
