// What holds the parts together: data, state, the frame loop, and the answers of the server.

import { groupedInteger } from "./axes.js";
import { emptyMeasure, RowCounter } from "./rowcounter.js";
import { decodeRows } from "./rows.js";
import { Server } from "./server.js";
import { plainData, stateKey, Store } from "./store.js";
import { shownColour, themeName, THEMES } from "./theme.js";

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
    this.timer = null;
    this.views = null;
    this.dressedAs = "light";
    this.dress();
    this.load();
    this.store.on((what) => this.changed(what));
    for (const name of ["meta", "rows"]) model.on(name, () => this.reloaded());
  }

  // ------------------------------------------------------------ data

  load() {
    this.meta = plainData(this.model.meta);
    const { layout, samples } = decodeRows(bufferOf(this.model.rows), this.meta);
    this.layout = layout;
    this.counter = new RowCounter(layout, samples);
    this.logEdges = Float64Array.from(this.meta.weights.edges, (e) => e * LN10);
    this.known.clear();
    this.backdropNow = null;
    this.wholeNow = null;
    this.exact = null;
  }

  // New meta and rows come one after the other: wait until both have arrived.
  reloaded() {
    queueMicrotask(() => {
      const { meta, rows } = this.model;
      if (!meta || !rows) return;
      this.load();
      this.views?.load();
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
    const key = stateKey([slice, reweighted, this.dragging]);
    if (this.backdropNow?.key !== key) this.backdropNow = { key, ...this.counter.backdrop(slice, reweighted, this.logEdges) };
    return this.backdropNow;
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
      if (measure.key === key) continue;
      this.counter.measure(selection, view.slice, measure);
      measure.key = key;
    }
    for (const uid of this.known.keys()) if (!alive.has(uid)) this.known.delete(uid);
  }

  approximate() {
    if (this.backdrop().approximate && !this.exact) return true;
    return this.store.selections.some((s) => this.known.get(s.uid)?.approximate);
  }

  weightSpan() {
    const { edges } = this.meta.weights;
    return [edges[0], edges.at(-1)];
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
  }

  // observable: the one whose cut (or slice) is being dragged; null for a weight.
  beginMove(observable) {
    this.dragging = true;
    this.counter.move(observable);
  }

  endMove() {
    this.dragging = false;
    this.counter.move(null);
    this.store.rest();
    this.schedule();
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

  focus(observable) {
    this.model.focus = "";
    this.model.focus = observable;
  }

  settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.askExact(), SETTLE);
  }

  askExact() {
    this.server.ask({ ask: "exact", seq: this.store.seq, selections: this.store.plain(), slice: this.store.view.slice });
  }

  answered(message) {
    if (message.answer === "hello") this.askExact();
    else if (message.answer === "exact" && message.seq === this.store.seq) this.takeExact(message);
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
      back.n = message.backdrop.n;
      back.approximate = false;
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
    this.views.paint();
    this.frames.push({ at: start, ms: performance.now() - start });
    if (this.frames.length > FRAMES_KEPT) this.frames.shift();
  }

  // What is on the screen, as numbers: per selection and sample the counts of every slot of every observable.
  painted() {
    const split = (counts) => Object.fromEntries(this.layout.names.map((name, o) => [name, Array.from(counts.slice(this.layout.offsets[o], this.layout.offsets[o + 1]))]));
    const back = this.backdrop();
    return {
      seq: this.store.seq, exact: this.exact, approximate: this.approximate(),
      reference: split(back.counts.reference), generated: split(back.counts.generated), n: back.n,
      selections: this.store.selections.map((s) => {
        const measure = this.known.get(s.uid) ?? emptyMeasure(this.layout);
        return { name: s.name, colour: s.colour, visible: s.visible, low: s.low, high: s.high, cuts: s.cuts, sample: measure.sample, totals: measure.totals, counts: split(measure.counts) };
      }),
    };
  }
}

function bufferOf(bytes) {
  if (bytes instanceof ArrayBuffer) return bytes;
  if (ArrayBuffer.isView(bytes)) return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return new ArrayBuffer(0);
}

function intsOf(bytes) {
  return new Int32Array(bufferOf(bytes));
}
