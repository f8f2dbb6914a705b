// The state of the page: selections, which one is active, and how things are shown. Three model parameters carry it,
// so that Python, a permalink and other views hold the same; they are written at rest, never for each drag frame.

/** @import { HeldSelection, Model, Selection, View } from "./types.d.ts" */

import { plainData } from "../../parts/data.js";
import { freeColour } from "../../parts/theme.js";
import { rightSample } from "./layout.js";
import { Steps } from "./steps.js";

/**
 * JSON that keeps infinities apart from null.
 *
 * @param {unknown} value
 */
export function stateKey(value) {
  return JSON.stringify(value, (_, v) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v));
}

/** @param {unknown} value */
function cleanEnd(value) {
  return typeof value === "number" && !Number.isNaN(value) ? value : null;
}

/**
 * @param {any} raw
 * @param {{ colour: string }[]} taken
 * @returns {Omit<HeldSelection, "uid">}
 */
function cleanSelection(raw, taken) {
  const cuts = (raw.cuts ?? []).map((/** @type {any} */ c) => ({ observable: String(c.observable), low: cleanEnd(c.low), high: cleanEnd(c.high) }));
  return {
    low: cleanEnd(raw.low), high: cleanEnd(raw.high), cuts, name: String(raw.name ?? ""),
    colour: /^#[0-9a-f]{6}$/iu.test(raw.colour ?? "") ? raw.colour : freeColour(taken),
    sample: raw.sample === "reference" || raw.sample === "generated" ? raw.sample : null,
    visible: raw.visible !== false,
  };
}

/**
 * @param {any[] | undefined} raws
 */
function cleanSelections(raws) {
  /** @type {Omit<HeldSelection, "uid">[]} */
  const taken = [];
  for (const raw of raws ?? []) taken.push(cleanSelection(raw, taken));
  return taken;
}

export class Store {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {((what: string) => void)[]} */
    this.listeners = [];
    this.seq = 0;
    this.uids = 0;
    /** @type {HeldSelection[]} */
    this.selections = cleanSelections(plainData(model.selections)).map((s) => ({ ...s, uid: ++this.uids }));
    this.active = Math.max(0, Math.min(model.active ?? 0, this.selections.length - 1));
    // What Python takes for usual; the theme alone is the reader's.
    /** @type {View} */
    this.usual = { theme: "auto", ...plainData(model.meta).view };
    /** @type {View} */
    this.view = { ...this.usual, ...plainData(model.view) };
    this.sent = this.keys();
    this.steps = new Steps(...this.step());
    for (const name of /** @type {const} */ (["selections", "active", "view"])) model.on(name, () => this.received(name));
  }

  // The selections as others take them.
  plain() {
    return this.selections.map(({ uid, ...rest }) => ({ ...rest, cuts: rest.cuts.map((c) => ({ ...c })) }));
  }

  keys() {
    return { selections: stateKey(this.plain()), active: this.active, view: stateKey(this.view) };
  }

  /**
   * What undo goes back to, and its key: which selection is active, and the theme, are no changes of their own.
   *
   * @returns {[import("./types.d.ts").Rest, string]}
   */
  step() {
    const { theme, ...view } = this.view;
    const selections = this.plain();
    return [{ selections, active: this.active, view: structuredClone(view) }, stateKey([selections, view])];
  }

  /**
   * Take back the last change (-1), or bring back the one that was taken back (1).
   *
   * @param {number} by
   * @returns {boolean} whether there was one
   */
  undo(by) {
    const found = this.steps.go(by);
    if (!found) return false;
    this.hold(structuredClone(found.selections));
    this.active = Math.max(0, Math.min(found.active, this.selections.length - 1));
    this.view = { ...structuredClone(found.view), theme: this.view.theme };
    this.changed("structure");
    this.changed("slice");
    this.rest();
    return true;
  }

  /**
   * Other selections, of which those that keep their place and name stay the same ones.
   *
   * @param {Omit<HeldSelection, "uid">[]} taken
   */
  hold(taken) {
    const old = this.selections;
    this.selections = taken.map((s, i) => ({ ...s, uid: old[i]?.name === s.name ? old[i].uid : ++this.uids }));
  }

  // Whether the state is the one that was written to the model: nothing is being dragged.
  get atRest() {
    const { selections, view } = this.keys();
    return selections === this.sent.selections && view === this.sent.view;
  }

  /**
   * Something came from Python or another view; our own echo is recognised and ignored.
   *
   * @param {"selections" | "active" | "view"} name
   */
  received(name) {
    const incoming = plainData(this.model[name]);
    if (name === "selections") {
      const taken = cleanSelections(incoming);
      if (stateKey(taken) === stateKey(this.plain())) return;
      this.hold(taken);
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
    this.rest(true);
  }

  /** @param {(what: string) => void} listener */
  on(listener) {
    this.listeners.push(listener);
  }

  /** @param {string} what "counts" (a cut moved), "structure" (selections came, went or changed their looks), "view", "rest" */
  changed(what) {
    for (const listener of this.listeners) listener(what);
  }

  get current() {
    return this.selections[this.active] ?? null;
  }

  /**
   * Write what changed to the model: the drag is over. News from elsewhere come one after the other: all that come
   * together are one step.
   *
   * @param {boolean} [news]
   */
  rest(news = false) {
    const keys = this.keys();
    const before = this.sent;
    this.sent = keys;
    this.seq++;
    if (news) queueMicrotask(() => this.steps.take(...this.step()));
    else this.steps.take(...this.step());
    this.write(keys, before);
    if (this.model.moving) this.model.moving = false;
    this.changed("rest");
  }

  /**
   * Change one selection; a drag passes moving = true for all but its last step.
   *
   * @param {HeldSelection} selection
   * @param {Partial<HeldSelection>} change
   * @param {boolean} [moving]
   */
  edit(selection, change, moving = false) {
    const structural = Object.keys(change).some((key) => key !== "low" && key !== "high");
    Object.assign(selection, change);
    this.changed(structural ? "structure" : "counts");
    if (!moving) this.rest();
  }

  /**
   * Set or move the cut on one observable.
   *
   * @param {HeldSelection} selection
   * @param {string} observable
   * @param {number | null} low
   * @param {number | null} high
   * @param {boolean} [moving]
   */
  cut(selection, observable, low, high, moving = false) {
    const old = selection.cuts.find((c) => c.observable === observable);
    if (old) Object.assign(old, { low, high });
    else selection.cuts.push({ observable, low, high });
    this.changed(old ? "counts" : "structure");
    if (!moving) this.rest();
  }

  /**
   * @param {HeldSelection} selection
   * @param {string} observable
   */
  uncut(selection, observable) {
    selection.cuts = selection.cuts.filter((c) => c.observable !== observable);
    this.changed("structure");
    this.rest();
  }

  // Write what is being dragged, for others to follow: no step, and not the end of it.
  tell() {
    const keys = this.keys();
    this.model.moving = true;
    this.write(keys, this.sent);
    this.sent = keys;
  }

  /**
   * @param {{ selections: string, active: number, view: string }} keys of what is written where it differs
   * @param {{ selections: string, active: number, view: string }} before
   */
  write(keys, before) {
    if (keys.selections !== before.selections) this.model.selections = this.plain();
    if (keys.active !== before.active) this.model.active = this.active;
    if (keys.view !== before.view) this.model.view = structuredClone(this.view);
  }

  /** @param {Partial<HeldSelection>} raw */
  add(raw) {
    const selection = { ...cleanSelection(raw, this.selections), uid: ++this.uids };
    selection.name = this.freeName(selection.name || "selection");
    this.selections.push(selection);
    this.active = this.selections.length - 1;
    this.changed("structure");
    this.rest();
    return selection;
  }

  /** @param {string} name */
  freeName(name) {
    const used = new Set(this.selections.map((s) => s.name));
    if (!used.has(name)) return name;
    const stem = name.replace(/ \d+$/u, "");
    let k = 2;
    while (used.has(`${stem} ${k}`)) k++;
    return `${stem} ${k}`;
  }

  /**
   * @param {HeldSelection} selection
   * @param {Partial<HeldSelection>} [change]
   */
  duplicate(selection, change = {}) {
    const { uid, colour, ...rest } = structuredClone(selection);
    return this.add({ ...rest, ...change });
  }

  /** @param {HeldSelection} selection */
  remove(selection) {
    const at = this.selections.indexOf(selection);
    this.selections.splice(at, 1);
    if (this.active > at || this.active >= this.selections.length) this.active = Math.max(0, this.active - 1);
    this.changed("structure");
    this.rest();
  }

  /** @param {number} index */
  activate(index) {
    if (index === this.active || !this.selections[index]) return;
    this.active = index;
    this.changed("structure");
    this.rest();
  }

  /**
   * @param {Partial<View>} change
   * @param {boolean} [moving]
   */
  setView(change, moving = false) {
    this.view = { ...this.view, ...change };
    this.changed("slice" in change ? "slice" : "view");
    if (!moving) this.rest();
  }

  /** @param {Selection} selection */
  sampleOf(selection) {
    return rightSample(selection);
  }
}
