// Counts from coarse cubes: near enough while a cut moves; what stands still is counted by the server, exactly.

/** @import { Backdrop, CubeAnswer, CubeQuestion, Cut, Measure, Meta, SampleName, Selection, Sums } from "./types.d.ts" */
/** @import { SlotLayout } from "./layout.js" */

import { Crossfilter } from "./crossfilter.js";
import { CoarseCube, RankSums } from "./cube.js";
import { EVERYTHING, logRange, otherSample, SAMPLES } from "./layout.js";
import { effectiveSize } from "./rowcounter.js";
import { stateKey } from "./store.js";

const CUBES_KEPT = 24;
/** @type {Record<SampleName, number>} */
const SIGN_OF = { reference: -1, generated: 1 };

export class CubeCounter {
  /**
   * @param {SlotLayout} layout
   * @param {Record<SampleName, CoarseCube>} cubes
   * @param {Pick<Meta, "samples" | "weights">} meta
   * @param {(question: CubeQuestion) => void} ask to the server; its answer comes back through `received`
   */
  constructor(layout, cubes, meta, ask) {
    this.layout = layout;
    this.cubes = cubes;
    this.meta = meta;
    this.ask = ask;
    /** @type {Map<string, { right: CoarseCube, other: CoarseCube }>} */
    this.cut = new Map();
    /** @type {Map<string, { right: RankSums, other: RankSums }>} */
    this.brushed = new Map();
    /** @type {Set<string>} */
    this.asked = new Set();
    this.version = 0;
    /** @type {string | null} */
    this.moving = null;
    this.dragging = false;
  }

  /**
   * @param {number} o
   * @returns {[number, number]}
   */
  slotsOf(o) {
    return [this.layout.offsets[o], this.layout.offsets[o + 1]];
  }

  /**
   * @param {string | null} observable whose cut or slice is dragged; null for a weight
   * @param {boolean} dragging
   */
  move(observable, dragging) {
    this.moving = observable;
    this.dragging = dragging;
    this.asked.clear();
  }

  /**
   * Ask for what a drag that may follow will need: the pointer was pressed.
   *
   * @param {Selection} selection
   * @param {Cut | null} slice
   * @param {string | null} observable
   */
  prepare(selection, slice, observable) {
    const filter = new Crossfilter(this.layout, selection, slice);
    if (observable === null) this.cutCube(filter);
    else this.brushCube(filter, observable);
  }

  /**
   * The cube over the weights of the events that pass a selection's further cuts, once it has come.
   *
   * @param {Crossfilter} filter
   */
  cutCube(filter) {
    const { sample } = filter;
    const apart = filter.without(null);
    const key = stateKey([sample, apart]);
    const { low, high } = filter.selection;
    return this.cut.get(key) ?? this.fetch({ ask: "cube", key, sample, low, high, ...apart });
  }

  /**
   * The histograms of a selection for each rank of one observable, once they have come.
   *
   * @param {Crossfilter} filter
   * @param {string} observable
   */
  brushCube(filter, observable) {
    const { sample } = filter;
    const { low, high } = filter.selection;
    const apart = filter.without(observable);
    const key = stateKey([sample, observable, apart, low, high]);
    return this.brushed.get(key) ?? this.fetch({ ask: "brush", key, sample, observable, low, high, ...apart });
  }

  /**
   * @param {CubeQuestion} question
   * @returns {null}
   */
  fetch(question) {
    if (!this.asked.has(question.key)) {
      this.asked.add(question.key);
      this.ask(question);
    }
    return null;
  }

  /**
   * An answer that makes the present counts better.
   *
   * @param {CubeAnswer} message
   */
  received(message) {
    const { slots } = this.layout;
    const right = new Uint32Array(message.right);
    const other = new Uint32Array(message.other);
    const { key, sample } = message;
    if (message.answer === "cube") {
      keep(this.cut, key, {
        right: new CoarseCube(this.cubes[sample].logW, right, slots),
        other: new CoarseCube(this.cubes[otherSample(sample)].logW, other, 1),
      });
    } else {
      const ranks = other.length;
      keep(this.brushed, key, { right: new RankSums(right, slots, ranks), other: new RankSums(other, 1, ranks) });
    }
    this.version++;
  }

  /**
   * Without what it needs a measure keeps its last counts, and says that they are approximate.
   *
   * @param {Selection} selection
   * @param {Cut | null} slice
   * @param {Measure} into
   */
  measure(selection, slice, into) {
    const filter = new Crossfilter(this.layout, selection, slice);
    const { sample } = filter;
    into.sample = sample;
    into.approximate = true;
    into.own = filter.own;
    if (this.moving !== null && filter.has(this.moving)) this.measureBrush(filter, this.moving, into);
    else if (filter.isOpen) this.measureRange(filter, this.cubes[sample], this.cubes[otherSample(sample)], this.slotsOf(0), into);
    else if (this.dragging) {
      const cube = this.cutCube(filter);
      if (cube) this.measureRange(filter, cube.right, cube.other, [0, 1], into);
    }
    return into;
  }

  /**
   * @param {Crossfilter} filter
   * @param {CoarseCube} right
   * @param {CoarseCube} other
   * @param {[number, number]} events slots of `other` that together hold all events
   * @param {Measure} into
   */
  measureRange(filter, right, other, events, into) {
    const { own, sample } = filter;
    const against = otherSample(sample);
    const { low, high } = logRange(filter.selection);
    right.count(low, high, into.counts);
    this.total(into, against, other.totals(low, high, events, SIGN_OF[against]));
    // A panel with a cut of its own holds events that the cut takes away; with one on each, the server has to count.
    const o = this.layout.bins.findIndex((_, k) => !own.includes(k));
    if (o >= 0) this.total(into, sample, right.totals(low, high, this.slotsOf(o), SIGN_OF[sample]));
  }

  /**
   * @param {Crossfilter} filter
   * @param {string} moving
   * @param {Measure} into
   */
  measureBrush(filter, moving, into) {
    const { layout } = this;
    const { sample } = filter;
    const o = layout.indexOf.get(moving);
    const cube = this.brushCube(filter, moving);
    if (!cube || o === undefined) return;
    const kept = into.own.filter((k) => k !== o).map((k) => ({ k, counts: into.counts.slice(...this.slotsOf(k)) }));
    const inside = filter.ranksOf(o);
    cube.right.count(inside.first, inside.last, into.counts);
    if (into.own.includes(o)) {
      const shown = filter.ranksOf(o, o);
      const scratch = new Float64Array(layout.slots);
      cube.right.count(shown.first, shown.last, scratch);
      into.counts.set(scratch.subarray(...this.slotsOf(o)), layout.offsets[o]);
    }
    // The panels of other cuts show what those take away: the brush's cube does not know that.
    for (const { k, counts } of kept) into.counts.set(counts, layout.offsets[k]);
    into.approximate = kept.length > 0 || !inside.exact;
    this.number(into, sample, cube.right.events(inside.first, inside.last, layout.bins[0] + 3));
    this.number(into, otherSample(sample), cube.other.events(inside.first, inside.last, 1));
  }

  /**
   * @param {Measure} into
   * @param {SampleName} sample
   * @param {Sums} found
   */
  total(into, sample, found) {
    into.totals[sample] = { n: found.n, nEff: effectiveSize(found.sum, found.square), left: 0 };
  }

  /**
   * A number of events of which no more is known.
   *
   * @param {Measure} into
   * @param {SampleName} sample
   * @param {number} n
   */
  number(into, sample, n) {
    into.totals[sample] = { n, nEff: NaN, left: 0 };
  }

  /**
   * With a slice that the server has not counted yet: the whole sample, or the cube over the slice being dragged.
   *
   * @param {Cut | null} slice
   * @returns {Backdrop}
   */
  backdrop(slice) {
    const { layout } = this;
    /** @type {Backdrop} */
    const result = { n: {}, counts: {}, weights: {}, reweighted: null, approximate: Boolean(slice), auc: null };
    for (const sample of SAMPLES) {
      const counts = new Float64Array(layout.slots);
      this.cubes[sample].count(-Infinity, null, counts);
      result.n[sample] = this.meta.samples[sample].n;
      const o = slice && this.moving === slice.observable ? layout.indexOf.get(slice.observable) : undefined;
      if (slice && o !== undefined) {
        const filter = new Crossfilter(layout, { ...EVERYTHING, sample }, slice);
        const range = filter.ranksOf(o);
        const cube = this.brushCube(filter, slice.observable)?.right;
        cube?.count(range.first, range.last, counts);
        if (cube) result.n[sample] = cube.events(range.first, range.last, layout.bins[0] + 3);
      }
      result.counts[sample] = counts;
      result.weights[sample] = this.meta.weights[sample];
    }
    return result;
  }
}

/**
 * The newest few.
 *
 * @template T
 * @param {Map<string, T>} cubes
 * @param {string} key
 * @param {T} cube
 */
function keep(cubes, key, cube) {
  cubes.set(key, cube);
  if (cubes.size > CUBES_KEPT) cubes.delete([...cubes.keys()][0]);
}
