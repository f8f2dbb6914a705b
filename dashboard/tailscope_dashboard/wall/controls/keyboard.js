// Keys: nudge the active cut, go through the selections, search, help.

import { roundTo } from "../../parts/axes.js";
import { make } from "../../parts/dom.js";
import { isField, undoing } from "../../parts/keys.js";

const KEYS = [
  ["← →", "move the end of the cut that was touched last (Shift: finer)"],
  ["↑ ↓", "upper or lower end"],
  ["n  p", "next or previous selection"],
  ["Tab, Shift+Tab", "next or previous field or button"],
  ["/", "search observables"],
  ["l  d  e  r", "log axis, density, errors, ratio"],
  ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo"],
  ["m", "meeting mode for a projector: large, without controls; ← → go through the selections, Esc ends it"],
  ["Delete", "remove the active cut on an observable"],
  ["Esc", "close, or leave the keys to the page again"],
  ["wheel, double click", "on the weights: zoom in and out, and back"],
  ["drag", "on a histogram: cut on it; on the weights: move the cut"],
  ["double click", "on a histogram: remove its cut"],
  ["click on a title", "open the histogram large"],
];
const OF_HISTOGRAMS = new Set(["m", "/", "l", "d", "e", "r"]);
const OF_SELECTIONS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "n", "p"]);
const STEP = 0.02;
const FINE = 0.1;

export class HelpBox {
  constructor(root, first) {
    const again = () => {
      this.toggle(false);
      first();
    };
    this.close = make("button", { type: "button", class: "ts-button", onclick: () => this.toggle(false) }, "close");
    this.element = make("div", { class: "ts-help", hidden: true, role: "dialog", "aria-label": "keys" },
      make("div", { class: "ts-heading" }, "Keys"),
      make("table", {}, make("tbody", {}, ...KEYS.map(([key, text]) => make("tr", {}, make("th", {}, key), make("td", {}, text))))),
      make("div", { class: "ts-bar" },
        first ? make("button", { type: "button", class: "ts-button", onclick: again }, "first steps") : null,
        this.close));
    root.append(this.element);
  }

  // It takes the focus, and gives it back to what had it.
  toggle(on = this.element.hidden) {
    if (on === !this.element.hidden) return;
    if (on) this.before = this.element.getRootNode().activeElement;
    this.element.hidden = !on;
    (on ? this.close : this.before)?.focus();
  }
}

// Move one end of the active cut by a step; the ends never cross.
export function nudge(app, direction, fine) {
  const { store, handle } = app;
  const selection = store.current;
  if (!selection) return;
  const cut = handle.kind === "cut" && selection.cuts.some((c) => c.observable === handle.observable);
  if (cut) nudgeCut(app, selection, direction, fine);
  else nudgeWeight(app, selection, direction, fine);
}

// The end that keys move first: the one that is closed.
function naturalHandle(selection) {
  return { kind: "w", end: selection.low === null && selection.high !== null ? "high" : "low" };
}

function nudgeWeight(app, selection, direction, fine) {
  const axis = app.weightAxis;
  const end = app.handle.end;
  const open = selection[end] === null || selection[end] === 0;
  const now = open ? Number(end === "high") : axis.fraction(Math.log10(selection[end]));
  const at = now + STEP * (fine ? FINE : 1) * direction;
  if (open && (end === "low") === direction < 0) return;
  let value = null;
  if (!(at < 0 && end === "low") && !(at > 1 && end === "high")) value = roundTo(10 ** axis.value(Math.min(1, Math.max(0, at))), fine ? 4 : 3);
  const ends = { low: selection.low, high: selection.high, [end]: value };
  if (ends.low !== null && ends.high !== null && ends.low > ends.high) return;
  app.nudged(() => app.store.edit(selection, { [end]: value }, true));
}

function nudgeCut(app, selection, direction, fine) {
  const { observable, end } = app.handle;
  const cut = selection.cuts.find((c) => c.observable === observable);
  const panel = app.meta.panels.find((p) => p.name === observable);
  if (!cut || !panel) return;
  const edges = panel.edges;
  const open = end === "low" ? -1 : edges.length;
  let at = cut[end] === null ? open : edges.findIndex((e) => e >= cut[end] * (1 - 1e-12 * Math.sign(cut[end])));
  if (at < 0 && cut[end] !== null) at = edges.length;
  at += direction * (fine ? 1 : Math.max(1, Math.round(edges.length / 25)));
  const value = at < 0 ? (end === "low" ? null : edges[0]) : at >= edges.length ? (end === "high" ? null : edges.at(-1)) : edges[at];
  const ends = { low: cut.low, high: cut.high, [end]: value };
  if (ends.low !== null && ends.high !== null && ends.low > ends.high) return;
  app.nudged(() => app.store.cut(selection, observable, ends.low, ends.high, true));
}

// The selection after the active one, or before it; the last is followed by the first.
function goThrough(app, by) {
  const { store } = app;
  const n = store.selections.length;
  if (n < 2) return;
  store.activate((store.active + by + n) % n);
  app.handle = naturalHandle(store.current);
}

export function attachKeys(app, root, search, spoken) {
  const handle = (event) => {
    if (event.defaultPrevented || event.altKey) return;
    const target = event.composedPath()[0];
    if (isField(target)) return;
    if (event.ctrlKey || event.metaKey) {
      const by = undoing(event);
      if (!by) return;
      app.undo(by);
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const { store } = app;
    const { view } = store;
    const actions = {
      ArrowLeft: () => (app.meeting.isOn ? goThrough(app, -1) : nudge(app, -1, event.shiftKey)),
      ArrowRight: () => (app.meeting.isOn ? goThrough(app, 1) : nudge(app, 1, event.shiftKey)),
      m: () => app.meeting.toggle(),
      n: () => goThrough(app, 1),
      p: () => goThrough(app, -1),
      ArrowUp: () => app.takeHandle({ ...app.handle, end: "high" }),
      ArrowDown: () => app.takeHandle({ ...app.handle, end: "low" }),
      "/": () => search.focus(),
      "?": () => app.help(),
      Escape: () => app.escape(),
      Delete: () => removeCut(app),
      l: () => store.setView({ yscale: view.yscale === "log" ? "linear" : "log", panel_yscale: {} }),
      d: () => store.setView({ density: !view.density }),
      e: () => store.setView({ errors: !view.errors }),
      r: () => store.setView({ ratio: !view.ratio }),
    };
    if (!actions[event.key] || (app.model.aside && OF_HISTOGRAMS.has(event.key))) return;
    actions[event.key]();
    if (OF_SELECTIONS.has(event.key)) spoken.soon();
    event.preventDefault();
    event.stopPropagation();
  };
  root.addEventListener("keydown", handle);
  // On a page of its own the keys work before anything was clicked; elsewhere nothing else may hold the focus.
  const outside = (event) => {
    if (document.activeElement === document.body && root.isConnected && root.clientWidth) handle(event);
  };
  document.addEventListener("keydown", outside);
  return () => document.removeEventListener("keydown", outside);
}

function removeCut(app) {
  const { store, handle } = app;
  if (handle.kind === "cut" && store.current?.cuts.some((c) => c.observable === handle.observable)) {
    store.uncut(store.current, handle.observable);
    app.handle = { kind: "w", end: "low" };
  }
}
