// What holds the parts together: data, state, the frame loop, and the answers of the server.

import { groupedInteger } from "../parts/axes.js";
import { decodeCube } from "./counting/cube.js";
import { CubeCounter } from "./counting/cubecounter.js";
import { definedTotal, emptyMeasure, RowCounter } from "./counting/rowcounter.js";
import { decodeRows } from "./counting/rows.js";
import { NullBand } from "./counting/nullband.js";
import { separations } from "./counting/separation.js";
import { Server } from "./counting/server.js";
import { stateKey, Store } from "./counting/store.js";
import { plainData } from "../parts/data.js";
import { shownColour, themeName, THEMES } from "../parts/theme.js";

/** @import { CountedState } from "./counting/types.d.ts" */

const LN10 = Math.log(10);
const FRAMES_KEPT = 1000;
const SETTLE = 60;

export class App {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.store = new Store(model);
    this.server = new Server(model, (message) => this.answered(message));
    this.handle = { kind: "w", end: "low" };
    this.dragging = false;
    this.known = new Map();
    this.backdropNow = null;
    this.frames = [];
    this.requested = false;
    this.exact = null;
    this.asked = { key: "", carried: false };
    this.timer = null;
    this.views = null;
    this.dressedAs = "light";
    this.dress();
    this.load();
    this.store.on((what) => this.changed(what));
    for (const name of ["meta", "rows", "cube"]) model.on(name, () => this.reloaded());
  }

  // ------------------------------------------------------------ data

  load() {
    this.meta = plainData(this.model.meta);
    if (this.meta.mode === "cube") {
      const { layout, cubes } = decodeCube(bufferOf(this.model.cube), this.meta);
      this.layout = layout;
      this.counter = new CubeCounter(layout, cubes, this.meta, (question) => this.server.ask(question, question.key));
    } else {
      const { layout, samples } = decodeRows(bufferOf(this.model.rows), this.meta);
      this.layout = layout;
      this.counter = new RowCounter(layout, samples);
    }
    this.overlaid = (this.meta.overlays ?? []).map((o) => ({ ...o, counts: Float64Array.from(o.counts) }));
    this.nullBand = this.meta.null && !this.meta.null.weighted ? new NullBand(this.meta.null) : null;
    this.logEdges = Float64Array.from(this.meta.weights.edges, (e) => e * LN10);
    this.known.clear();
    this.different = { value: new Float64Array(this.layout.bins.length), seen: new Uint8Array(this.layout.bins.length) };
    this.backdropNow = null;
    this.wholeNow = null;
    this.exact = null;
  }

  // Meta and data come one after the other: wait until both have arrived.
  reloaded() {
    if (this.reloading) return;
    this.reloading = true;
    queueMicrotask(() => {
      this.reloading = false;
      const meta = plainData(this.model.meta);
      const bytes = (meta.mode === "cube" ? this.model.cube : this.model.rows)?.byteLength;
      if (bytes !== meta.bytes) return;
      this.load();
      this.views?.load();
      this.settle();
      this.schedule();
    });
  }

  // Everything, whatever the slice.
  whole() {
    this.wholeNow ??= this.counter.backdrop(null, false, this.logEdges);
    return this.wholeNow;
  }

  backdrop() {
    const { slice, reweighted } = this.store.view;
    const sliding = this.dragging && slice?.observable === this.slid;
    const key = stateKey([slice, reweighted, sliding && this.counter.version]);
    if (this.backdropNow?.key !== key) this.backdropNow = { key, ...this.counter.backdrop(slice, reweighted, this.logEdges) };
    return this.backdropNow;
  }

  // Whether an observable is undefined in some event.
  anyUndefined() {
    const all = Object.values(this.whole().counts);
    return this.layout.names.some((_, o) => all.some((counts) => counts[this.layout.offsets[o + 1] - 1] > 0));
  }

  // Generated samples of other studies that are drawn. They are whole samples: with a slice there is nothing to draw.
  overlays() {
    const { overlays_off: off, slice } = this.store.view;
    return slice ? [] : this.overlaid.filter((o) => !off.includes(o.key));
  }

  // What a density divides counts by; null where events are drawn.
  total(counts, o) {
    return this.store.view.density ? definedTotal(this.layout, counts, o) : null;
  }

  // Counts of every selection, made anew only where something changed.
  measures() {
    return this.known;
  }

  recount() {
    const { selections, view } = this.store;
    const alive = new Set();
    const sliceKey = stateKey(view.slice);
    for (const selection of selections) {
      alive.add(selection.uid);
      const key = `${selection.low} ${selection.high} ${selection.sample} ${stateKey(selection.cuts)} ${sliceKey}`;
      let measure = this.known.get(selection.uid);
      if (!measure) this.known.set(selection.uid, (measure = emptyMeasure(this.layout)));
      const better = measure.approximate && measure.version !== this.counter.version;
      if (measure.key === key && !better) continue;
      this.counter.measure(selection, view.slice, measure);
      measure.key = key;
      measure.version = this.counter.version;
    }
    for (const uid of this.known.keys()) if (!alive.has(uid)) this.known.delete(uid);
    this.compare();
  }

  // How far the active selection is from all events of its sample; without one, the generated sample from the reference.
  compare() {
    const { counts } = this.backdrop();
    const measure = this.known.get(this.store.current?.uid);
    if (measure) separations(this.layout, measure.counts, counts[measure.sample], true, this.different);
    else separations(this.layout, counts.generated, counts.reference, false, this.different);
  }

  // What the order by difference is made for.
  comparedKey() {
    const { current, view } = this.store;
    return stateKey([current && [current.uid, current.low, current.high, this.store.sampleOf(current)], view.slice, this.meta.bytes]);
  }

  // The part of a sample that a selection is: of the slice, where there is one.
  fraction(n, sample) {
    return n / this.backdrop().n[sample];
  }

  // AUC with its error, of the slice where there is one; null where nobody knows. The error goes with the numbers of events.
  auc() {
    const { auc, auc_error: error, samples } = this.meta;
    if (!this.store.view.slice) return auc === null ? null : { value: auc, error };
    const { n, auc: found } = this.backdrop();
    const spread = (a, b) => Math.sqrt((a + b + 1) / (a * b));
    return found === null ? null : { value: found, error: error && error * spread(n.reference, n.generated) / spread(samples.reference.n, samples.generated.n) };
  }

  // The null band is one of whole samples: a slice has none.
  drawnBand() {
    return this.store.view.slice ? null : this.nullBand;
  }

  // What noise puts into a selection's range in w; the excess over it only where nothing else cuts.
  underNull(selection) {
    const { low, high } = selection;
    if (!this.nullBand || (low === null && high === null)) return null;
    const sample = this.store.sampleOf(selection);
    const measure = this.known.get(selection.uid);
    if (selection.cuts.length || this.store.view.slice || !measure) return this.nullBand.expected(sample, low, high);
    return this.nullBand.excess(sample, low, high, measure.totals[sample].n);
  }

  approximate() {
    return this.backdrop().approximate || this.store.selections.some((s) => this.isApproximate(s));
  }

  // While a weight is dragged over cubes the sign stays, though some frames in between are exact.
  isApproximate(selection) {
    const moving = this.dragging && this.slid === null && this.meta.mode === "cube" && selection === this.store.current;
    return moving || Boolean(this.known.get(selection.uid)?.approximate);
  }

  get weightAxis() {
    return this.views.weights.axis;
  }

  // ------------------------------------------------------------ looks

  themeName() {
    return this.dressedAs;
  }

  theme() {
    return THEMES[this.dressedAs];
  }

  colour(selection) {
    return shownColour(selection.colour, this.themeName() === "dark");
  }

  // Light or dark is looked up here only: asking for it each frame would cost more than a curve.
  dress() {
    this.dressedAs = themeName(this.store.view.theme);
    for (const [name, colour] of Object.entries(this.theme())) this.root.style.setProperty(`--${name}`, colour);
    this.root.style.colorScheme = this.themeName();
  }

  countText(n) {
    return Number.isInteger(n) ? groupedInteger(n) : n.toFixed(1);
  }

  // ------------------------------------------------------------ changes

  changed(what) {
    if (what === "rest") {
      this.settle();
      return;
    }
    if (this.views) this.views.changed(what);
    this.schedule();
    if (this.dragging && this.model.aside) this.tell();
  }

  // What is dragged beside another view is told while it moves, as often as that view is ready: when the server has
  // answered, it has drawn what it was told before.
  tell() {
    this.hasNews = this.telling;
    if (this.telling) return;
    this.telling = true;
    this.store.tell();
    this.askExact(false);
  }

  // observable: the one whose cut (or slice) is being dragged; null for a weight.
  beginMove(observable) {
    this.dragging = true;
    this.slid = observable;
    this.counter.move(observable, true);
    this.prepare(observable);
  }

  endMove() {
    this.dragging = false;
    this.counter.move(null, false);
    this.store.rest();
    this.schedule();
  }

  // Fetch what a drag of this observable's cut (null: of a weight) will need, while the hand is still.
  prepare(observable) {
    const { current, view } = this.store;
    if (current && (observable !== null || current.cuts.length || view.slice)) this.counter.prepare(current, view.slice, observable);
  }

  // A step by key: like a drag that ends when no key has come for a while.
  nudged(step) {
    step();
    clearTimeout(this.nudgeTimer);
    this.nudgeTimer = setTimeout(() => this.store.rest(), 250);
  }

  takeHandle(handle) {
    this.handle = handle;
    this.schedule();
  }

  // The last change of all, wherever it was made: what was done here is taken back at once, without a server.
  undo(by) {
    if (this.dragging) return;
    clearTimeout(this.nudgeTimer);
    this.store.rest();
    if (!(by < 0 && this.model.elsewhere) && this.store.undo(by)) return;
    this.model.asked = "";
    this.model.asked = by < 0 ? "undo" : "redo";
  }

  focus(observable) {
    this.model.focus = "";
    this.model.focus = observable;
  }

  settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.askExact(), SETTLE);
  }

  // At rest Python holds the state, which came to it before this question; while something is dragged it is told.
  askExact(carried = !this.store.atRest) {
    const { seq, selections, view } = this.store;
    const state = { selections: selections.map(({ low, high, cuts, sample }) => ({ low, high, cuts, sample })), slice: view.slice };
    this.asked = { key: countedKey(state), carried };
    const reweighted = view.reweighted && this.meta.mode === "cube";
    this.server.ask({ ask: "exact", seq, reweighted, state: carried ? structuredClone(state) : null });
  }

  // What counts depend on.
  state() {
    return countedKey({ selections: this.store.selections, slice: this.store.view.slice });
  }

  answered(message) {
    this.telling = false;
    if (this.hasNews && this.dragging) this.tell();
    if (message.answer === "hello") {
      this.views?.answered();
      this.askExact();
    } else if (message.answer === "exact") {
      // The answer says what was counted: it may have changed here, or there by another view.
      if (countedKey(message.state) === this.state()) this.takeExact(message);
      else if (message.seq === this.store.seq && !this.dragging && !this.asked.carried) this.askExact(true);
    } else if (message.answer === "refused") this.views?.say(message.sentence);
    else {
      this.counter.received(message);
      if (this.slid === this.store.view.slice?.observable) this.views?.changed("exact");
    }
    this.schedule();
  }

  // The server's counts, exact to the event, replace ours.
  takeExact(message) {
    const counts = intsOf(message.counts);
    const slots = this.layout.slots;
    message.selections.forEach((found, i) => {
      const selection = this.store.selections[i];
      const measure = selection && this.known.get(selection.uid);
      if (!measure || found === null) return;
      measure.counts.set(counts.subarray(i * slots, (i + 1) * slots));
      measure.approximate = false;
      measure.totals = found.totals;
    });
    if (message.backdrop) {
      const at = message.selections.length * slots;
      const back = this.backdrop();
      back.counts = { reference: Float64Array.from(counts.subarray(at, at + slots)), generated: Float64Array.from(counts.subarray(at + slots, at + 2 * slots)) };
      Object.assign(back, { n: message.backdrop.n, auc: message.backdrop.auc, weights: message.backdrop.weights, approximate: false });
    }
    if (message.reweighted) {
      const values = new Float64Array(bufferOf(message.reweighted));
      this.backdrop().reweighted = { sum: values.subarray(0, slots), square: values.subarray(slots), scale: 1 };
    }
    this.exact = message.seq;
    this.views?.changed("exact");
  }

  // ------------------------------------------------------------ frames

  schedule() {
    if (this.requested || !this.views) return;
    this.requested = true;
    requestAnimationFrame(() => this.frame());
  }

  frame() {
    this.requested = false;
    if (!this.root.isConnected) return;
    const start = performance.now();
    this.recount();
    if (this.dragging && this.meta.mode === "cube" && this.asked.key !== this.state()) this.askExact();
    this.views.paint();
    this.frames.push({ at: start, ms: performance.now() - start });
    if (this.frames.length > FRAMES_KEPT) this.frames.shift();
  }
}

/**
 * The same text for states that give the same counts.
 *
 * @param {CountedState} state
 */
function countedKey({ selections, slice }) {
  const range = (/** @type {any} */ cut) => [cut.observable, cut.low, cut.high];
  return stateKey([selections.map(({ low, high, cuts, sample }) => [low, high, cuts.map(range), sample]), slice && range(slice)]);
}

function bufferOf(bytes) {
  if (bytes instanceof ArrayBuffer) return bytes;
  if (ArrayBuffer.isView(bytes)) return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return new ArrayBuffer(0);
}

function intsOf(bytes) {
  return new Int32Array(bufferOf(bytes));
}
