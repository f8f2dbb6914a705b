// Counts from coarse cubes: near enough while a cut moves; what stands still is counted by the server, exactly.

import { CoarseCube, RankSums } from "./cube.js";
import { logRange, otherSample, rightSample } from "./layout.js";
import { effectiveSize } from "./rowcounter.js";
import { stateKey } from "./store.js";

const CUBES_KEPT = 24;

export class CubeCounter {
  // ask(question): to the server; its answer comes back through `received`.
  constructor(layout, cubes, meta, ask) {
    this.layout = layout;
    this.cubes = cubes;
    this.meta = meta;
    this.ask = ask;
    this.fetched = new Map();
    this.asked = new Set();
    this.version = 0;
    this.moving = null;
    this.dragging = false;
    this.server = null;
  }

  get first() {
    return this.layout.offsets[1];
  }

  move(observable, dragging) {
    this.moving = observable;
    this.dragging = dragging;
    this.asked.clear();
  }

  // Ask for what a drag that may follow will need: the pointer was pressed.
  prepare(selection, slice, observable) {
    this.question(selection, slice, observable);
  }

  // The cube of a selection's further cuts over the weights (observable null), or over one observable.
  question(selection, slice, observable) {
    const sample = rightSample(selection);
    const cuts = [...selection.cuts, ...(slice ? [slice] : [])].filter((c) => c.observable !== observable);
    const range = observable === null ? [] : [selection.low, selection.high];
    const key = stateKey([sample, observable, cuts, range, slice]);
    const cube = this.fetched.get(key);
    if (cube) return cube;
    if (!this.asked.has(key)) {
      this.asked.add(key);
      this.ask({
        ask: observable === null ? "cube" : "brush", key, sample, observable, low: selection.low, high: selection.high,
        cuts: selection.cuts.filter((c) => c.observable !== observable), slice: slice?.observable === observable ? null : slice,
      });
    }
    return null;
  }

  // An answer that makes the present counts better.
  received(message) {
    const { layout } = this;
    const right = new Uint32Array(message.right);
    const other = new Uint32Array(message.other);
    const sample = message.sample;
    if (message.answer === "cube") {
      this.fetched.set(message.key, {
        right: new CoarseCube(this.cubes[sample].logW, right, layout.slots),
        other: new CoarseCube(this.cubes[otherSample(sample)].logW, other, 1),
      });
    } else {
      const ranks = other.length;
      this.fetched.set(message.key, { right: new RankSums(right, layout.slots, ranks), other: new RankSums(other, 1, ranks) });
    }
    if (this.fetched.size > CUBES_KEPT) this.fetched.delete(this.fetched.keys().next().value);
    this.version++;
  }

  // Without what it needs a measure keeps its last counts, and says that they are approximate.
  measure(selection, slice, into) {
    const { layout } = this;
    const sample = rightSample(selection);
    const names = new Set(selection.cuts.map((c) => c.observable));
    into.sample = sample;
    into.approximate = true;
    into.own = [...names].map((name) => layout.indexOf.get(name)).filter((o) => o !== undefined);
    const moved = this.moving !== null && (names.has(this.moving) || slice?.observable === this.moving);
    if (moved) this.measureBrush(selection, slice, sample, into);
    else if (!names.size && !slice) this.measureRange(selection, sample, this.cubes[sample], this.cubes[otherSample(sample)], this.first, into);
    else if (this.dragging) {
      const cube = this.question(selection, slice, null);
      if (cube) this.measureRange(selection, sample, cube.right, cube.other, 1, into);
    }
    return into;
  }

  measureRange(selection, sample, right, other, width, into) {
    const { low, high } = logRange(selection);
    right.count(low, high, into.counts);
    const signs = { reference: -1, generated: 1 };
    this.total(into, sample, right.totals(low, high, this.first, signs[sample]));
    const against = otherSample(sample);
    this.total(into, against, other.totals(low, high, width, signs[against]));
  }

  measureBrush(selection, slice, sample, into) {
    const { layout } = this;
    const o = layout.indexOf.get(this.moving);
    const cube = this.question(selection, slice, this.moving);
    if (!cube) return;
    const range = layout.rangesOf(selection.cuts, slice).get(o);
    const sliced = slice?.observable === this.moving ? layout.ranksOf(o, slice.low, slice.high) : { first: 0, last: layout.bins[o] + 2 };
    const kept = into.own.filter((k) => k !== o).map((k) => [k, into.counts.slice(layout.offsets[k], layout.offsets[k + 1])]);
    const scratch = new Float64Array(layout.slots);
    cube.right.count(sliced.first, sliced.last, scratch);
    cube.right.count(range.first, range.last, into.counts);
    if (into.own.includes(o)) into.counts.set(scratch.subarray(layout.offsets[o], layout.offsets[o + 1]), layout.offsets[o]);
    // The panels of other cuts show what those take away: the brush's cube does not know that.
    for (const [k, counts] of kept) into.counts.set(counts, layout.offsets[k]);
    into.approximate = kept.length > 0 || !range.exact;
    const n = { [sample]: cube.right.events(range.first, range.last, this.first), [otherSample(sample)]: cube.other.events(range.first, range.last, 1) };
    for (const name of Object.keys(n)) into.totals[name] = { ...into.totals[name], n: n[name], fraction: n[name] / this.meta.samples[name].n, nEff: NaN, left: 0 };
  }

  total(into, sample, found) {
    into.totals[sample] = { n: found.n, fraction: found.n / this.meta.samples[sample].n, nEff: effectiveSize(found.sum, found.square), left: 0 };
  }

  // With a slice that the server has not counted yet: the whole sample, or the cube over the slice being dragged.
  backdrop(slice) {
    const { layout } = this;
    const result = { n: {}, counts: {}, weights: {}, reweighted: null, approximate: Boolean(slice) };
    for (const sample of ["reference", "generated"]) {
      const counts = new Float64Array(layout.slots);
      this.cubes[sample].count(-Infinity, null, counts);
      result.n[sample] = this.meta.samples[sample].n;
      if (slice && this.moving === slice.observable) {
        const cube = this.question({ low: null, high: null, cuts: [], sample }, slice, this.moving);
        const range = layout.ranksOf(layout.indexOf.get(slice.observable), slice.low, slice.high);
        if (cube) cube.right.count(range.first, range.last, counts);
      }
      result.counts[sample] = counts;
      result.weights[sample] = this.meta.weights[sample];
    }
    return result;
  }
}
