// The state of the page: selections, which one is active, and how things are shown. Three model parameters carry it,
// so that Python, a permalink and other views hold the same; they are written at rest, never for each drag frame.

import { freeColour } from "../../parts/theme.js";
import { rightSample } from "./layout.js";

// Maps (of some serialisers) to plain objects, all the way down.
export function plainData(value) {
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, plainData(v)]));
  if (Array.isArray(value)) return value.map(plainData);
  if (value && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plainData(v)]));
  }
  return value;
}

// JSON that keeps infinities apart from null.
export function stateKey(value) {
  return JSON.stringify(value, (_, v) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v));
}

function cleanEnd(value) {
  return typeof value === "number" && !Number.isNaN(value) ? value : null;
}

function cleanSelection(raw, taken) {
  const cuts = (raw.cuts ?? []).map((c) => ({ observable: String(c.observable), low: cleanEnd(c.low), high: cleanEnd(c.high) }));
  return {
    low: cleanEnd(raw.low), high: cleanEnd(raw.high), cuts, name: String(raw.name ?? ""),
    colour: /^#[0-9a-f]{6}$/iu.test(raw.colour ?? "") ? raw.colour : freeColour(taken),
    sample: raw.sample === "reference" || raw.sample === "generated" ? raw.sample : null,
    visible: raw.visible !== false,
  };
}

export class Store {
  constructor(model) {
    this.model = model;
    this.listeners = [];
    this.seq = 0;
    this.uids = 0;
    this.sent = {};
    // What Python takes for usual; the theme alone is the reader's.
    this.usual = { theme: "auto", ...plainData(model.meta).view };
    this.read();
    for (const name of ["selections", "active", "view"]) model.on(name, () => this.received(name));
  }

  read() {
    const taken = [];
    for (const raw of plainData(this.model.selections) ?? []) taken.push(cleanSelection(raw, taken));
    this.selections = taken.map((s) => ({ ...s, uid: ++this.uids }));
    this.active = Math.max(0, Math.min(this.model.active ?? 0, this.selections.length - 1));
    this.view = { ...this.usual, ...plainData(this.model.view) };
    this.sent = this.keys();
  }

  plain() {
    return this.selections.map(({ uid, ...rest }) => ({ ...rest, cuts: rest.cuts.map((c) => ({ ...c })) }));
  }

  keys() {
    return { selections: stateKey(this.plain()), active: this.active, view: stateKey(this.view) };
  }

  // Something came from Python or another view; our own echo is recognised and ignored.
  received(name) {
    const incoming = plainData(this.model[name]);
    if (name === "selections") {
      const taken = [];
      for (const raw of incoming ?? []) taken.push(cleanSelection(raw, taken));
      if (stateKey(taken) === stateKey(this.plain())) return;
      const old = this.selections;
      this.selections = taken.map((s, i) => ({ ...s, uid: old[i]?.name === s.name ? old[i].uid : ++this.uids }));
      this.active = Math.max(0, Math.min(this.active, this.selections.length - 1));
    } else if (name === "active") {
      if (incoming === this.active) return;
      this.active = Math.max(0, Math.min(incoming, this.selections.length - 1));
    } else {
      const view = { ...this.usual, ...incoming };
      if (stateKey(view) === stateKey(this.view)) return;
      this.view = view;
    }
    this.sent = this.keys();
    this.changed("structure");
    this.rest();
  }

  on(listener) {
    this.listeners.push(listener);
  }

  // what: "counts" (a cut moved), "structure" (selections came, went or changed their looks), "view", "rest".
  changed(what) {
    for (const listener of this.listeners) listener(what);
  }

  get current() {
    return this.selections[this.active] ?? null;
  }

  // Write what changed to the model: the drag is over.
  rest() {
    const keys = this.keys();
    const before = this.sent;
    this.sent = keys;
    this.seq++;
    if (keys.selections !== before.selections) this.model.selections = this.plain();
    if (keys.active !== before.active) this.model.active = this.active;
    if (keys.view !== before.view) this.model.view = structuredClone(this.view);
    this.changed("rest");
  }

  // Change one selection; a drag passes moving = true for all but its last step.
  edit(selection, change, moving = false) {
    const structural = Object.keys(change).some((key) => key !== "low" && key !== "high");
    Object.assign(selection, change);
    this.changed(structural ? "structure" : "counts");
    if (!moving) this.rest();
  }

  // Set, move or (low and high both null with remove = true) take away the cut on one observable.
  cut(selection, observable, low, high, moving = false) {
    const old = selection.cuts.find((c) => c.observable === observable);
    if (old) Object.assign(old, { low, high });
    else selection.cuts.push({ observable, low, high });
    this.changed(old ? "counts" : "structure");
    if (!moving) this.rest();
  }

  uncut(selection, observable) {
    selection.cuts = selection.cuts.filter((c) => c.observable !== observable);
    this.changed("structure");
    this.rest();
  }

  add(raw) {
    const selection = { ...cleanSelection(raw, this.selections), uid: ++this.uids };
    selection.name = this.freeName(selection.name || "selection");
    this.selections.push(selection);
    this.active = this.selections.length - 1;
    this.changed("structure");
    this.rest();
    return selection;
  }

  freeName(name) {
    const used = new Set(this.selections.map((s) => s.name));
    if (!used.has(name)) return name;
    const stem = name.replace(/ \d+$/u, "");
    let k = 2;
    while (used.has(`${stem} ${k}`)) k++;
    return `${stem} ${k}`;
  }

  duplicate(selection, change = {}) {
    const { uid, colour, ...rest } = structuredClone(selection);
    return this.add({ ...rest, ...change });
  }

  remove(selection) {
    const at = this.selections.indexOf(selection);
    this.selections.splice(at, 1);
    if (this.active > at || this.active >= this.selections.length) this.active = Math.max(0, this.active - 1);
    this.changed("structure");
    this.rest();
  }

  activate(index) {
    if (index === this.active || !this.selections[index]) return;
    this.active = index;
    this.changed("structure");
    this.rest();
  }

  setView(change, moving = false) {
    this.view = { ...this.view, ...change };
    this.changed("slice" in change ? "slice" : "view");
    if (!moving) this.rest();
  }

  sampleOf(selection) {
    return rightSample(selection);
  }
}
