// Pointer on the wall: brush a range, take the edge of a cut, open, pin, hide, read off.

import { groupedInteger, percentText, shortNumber } from "../../parts/axes.js";
import { make } from "../../parts/dom.js";
import { pointIn } from "../../parts/pointer.js";
import { differenceSentence } from "../drawing/difference.js";
import { iconRects } from "../drawing/icons.js";
import { labelNode } from "../../parts/labels.js";
import { binAt, boxAt, nearestEdge } from "../drawing/panel.js";
import { cutSpan } from "../drawing/selected.js";
import { definedTotal } from "../counting/rowcounter.js";

const CLICK = 4;
const EDGE = 6;
const FINGER_EDGE = 16;

export function attachBrush(app, wall, tooltip) {
  const canvas = wall.shown.element;
  let press = null;

  const place = (event) => {
    const { x, y } = pointIn(event, canvas);
    return { x, y: y + wall.scroller.scrollTop };
  };
  const inside = (r, { x, y }) => x >= r.x && x <= r.x + r.w && y >= r.y && y <= r.y + r.h;

  // Which panel, and what of it: an icon, the title, or the plot.
  function hit(at) {
    const panel = wall.onScreen().find((p) => inside(p.rect, at));
    if (!panel) return null;
    const icon = iconRects(panel).find((r) => inside(r, at))?.name ?? null;
    const bottom = panel.strip ? panel.strip.y + panel.strip.h : panel.plot.y + panel.plot.h;
    const part = icon ? "icon" : at.y < panel.plot.y - 2 ? "title" : at.y <= bottom + 18 ? "plot" : null;
    const bin = part === "plot" && at.y <= bottom ? binAt(panel, at.x) : -1;
    const box = part === "plot" ? boxAt(panel, at.x) : null;
    return { panel, icon, part, bin, box };
  }

  // The end of the active selection's cut that lies under the pointer.
  function edgeUnder(panel, x, reach = EDGE) {
    const cut = app.store.current?.cuts.find((c) => c.observable === panel.name);
    if (!cut) return null;
    const span = cutSpan(panel, cut);
    const low = span.low ? Math.abs(x - span.x0) : Infinity;
    const high = span.high ? Math.abs(x - span.x1) : Infinity;
    if (Math.min(low, high) > reach) return null;
    return low < high ? "low" : "high";
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const at = place(event);
    const target = hit(at);
    if (!target) return;
    press = { ...target, at, moved: false, edge: null };
    canvas.setPointerCapture(event.pointerId);
    if (target.part !== "plot") return;
    press.edge = edgeUnder(target.panel, at.x, event.pointerType === "touch" ? FINGER_EDGE : EDGE);
    app.prepare(target.panel.name);
  });

  // The first real movement makes a cut of a press.
  function begin() {
    const { panel, edge, at } = press;
    if (!app.store.current) app.store.add({ name: "selection" });
    const selection = app.store.current;
    press.selection = selection;
    press.moved = true;
    tooltip.hide();
    const cut = selection.cuts.find((c) => c.observable === panel.name);
    // A drag from a cut's edge leaves the other edge where it is.
    press.anchor = edge && cut ? { value: edge === "low" ? cut.high : cut.low } : { pixel: at.x };
    app.beginMove(panel.name);
  }

  function move(event) {
    const { panel, selection, anchor, edge } = press;
    if (!app.store.selections.includes(selection)) return;
    const x = place(event).x;
    if ("value" in anchor) {
      const value = edgeValue(panel, x, edge);
      const limit = anchor.value;
      const clipped = limit === null || value === null ? value : edge === "low" ? Math.min(value, limit) : Math.max(value, limit);
      const ends = edge === "low" ? [clipped, limit] : [limit, clipped];
      app.handle = { kind: "cut", observable: panel.name, end: edge };
      app.store.cut(selection, panel.name, ...ends, true);
      return;
    }
    const [left, right] = x < anchor.pixel ? [x, anchor.pixel] : [anchor.pixel, x];
    app.handle = { kind: "cut", observable: panel.name, end: x < anchor.pixel ? "low" : "high" };
    let low = edgeValue(panel, left, "low");
    const high = edgeValue(panel, right, "high");
    if (low !== null && low === high) low = panel.edges[Math.max(0, nearestEdge(panel, right) - 1)];
    app.store.cut(selection, panel.name, low, low === high ? panel.edges[1] : high, true);
  }

  function edgeValue(panel, x, end) {
    const { plot, edges } = panel;
    if (end === "low" && x < plot.x - 3) return null;
    if (end === "high" && x > plot.x + plot.w + 3) return null;
    return edges[nearestEdge(panel, x)];
  }

  canvas.addEventListener("pointermove", (event) => {
    const at = place(event);
    if (press) {
      if (!press.moved && press.part === "plot" && Math.abs(at.x - press.at.x) >= CLICK) begin();
      if (press.moved) move(event);
      return;
    }
    hover(event, at);
  });

  function cursorOver({ panel, part, box }, x) {
    if (part === "plot") return edgeUnder(panel, x) ? "ew-resize" : box ? "pointer" : "crosshair";
    return part ? "pointer" : "default";
  }

  function hover(event, at) {
    const target = hit(at);
    const old = wall.hover;
    wall.hover = target;
    if (["panel", "bin", "box", "icon"].some((what) => old?.[what] !== target?.[what])) app.schedule();
    canvas.style.cursor = target ? cursorOver(target, at.x) : "default";
    if (!target) tooltip.hide();
    else if (target.part === "icon") tooltip.show(event, { title: iconTitle(app, wall, target), rows: [] });
    else if (target.part === "title") tooltip.show(event, { title: panelTitle(target.panel), rows: [], note: [...remarks(target.panel), differenceSentence(app, target.panel.index), "click to open large"].join("; ") });
    else tooltip.show(event, readings(app, wall, target));
  }

  // A cut on exactly the value of a box.
  function cutOn({ panel, box }) {
    if (!app.store.current) app.store.add({ name: "selection" });
    const [low, high] = box.end === "low" ? [null, panel.edges[0]] : [panel.edges[panel.nb], null];
    app.handle = { kind: "cut", observable: panel.name, end: box.end === "low" ? "high" : "low" };
    app.store.cut(app.store.current, panel.name, low, high);
  }

  function click({ panel, icon, part }) {
    const { store } = app;
    const { view } = store;
    const toggled = (list) => (list.includes(panel.name) ? list.filter((n) => n !== panel.name) : [...list, panel.name]);
    if (part === "title" || icon === "focus") app.focus(panel.name);
    else if (icon === "pin") store.setView({ pinned: toggled(view.pinned) });
    else if (icon === "hide") store.setView({ hidden: toggled(view.hidden) });
    else if (icon === "log") store.setView({ panel_yscale: { ...view.panel_yscale, [panel.name]: wall.isLog(panel) ? "linear" : "log" } });
    if (icon) {
      wall.hover = null;
      tooltip.hide();
    }
  }

  const finish = (event) => {
    if (!press) return;
    const done = press;
    press = null;
    if (done.moved) app.endMove();
    else if (event.type === "pointerup" && done.part !== "plot") click(done);
    else if (event.type === "pointerup" && done.box && !done.edge) cutOn(done);
  };
  canvas.addEventListener("pointerup", finish);
  canvas.addEventListener("pointercancel", finish);
  canvas.addEventListener("dblclick", (event) => {
    const target = hit(place(event));
    const current = app.store.current;
    if (target?.part === "plot" && current?.cuts.some((c) => c.observable === target.panel.name)) app.store.uncut(current, target.panel.name);
  });
  canvas.addEventListener("pointerleave", () => {
    if (press) return;
    wall.hover = null;
    tooltip.hide();
    app.schedule();
  });
}

function iconTitle(app, wall, { icon, panel }) {
  if (icon === "log") return wall.isLog(panel) ? "linear axis" : "logarithmic axis";
  if (icon === "pin") return app.store.view.pinned.includes(panel.name) ? "unpin" : "pin to the front";
  return icon === "hide" ? "hide" : "open large";
}

function panelTitle(panel) {
  const label = make("span", {}, labelNode(panel.label || panel.name));
  if (panel.unit) label.append(` [${panel.unit}]`);
  if (panel.label !== panel.name) label.append(make("span", { class: "ts-tip-note" }, `  ${panel.name}`));
  return label;
}

// What is special about an observable.
export function remarks(panel) {
  const found = [];
  if (panel.expression) found.push(`${panel.name} = ${panel.expression}, one's own observable`);
  if (panel.seen === false) found.push("not seen by the classifier: neither an input nor computed from its inputs");
  return found;
}

// The numbers of every curve in the bin under the pointer; of what lies outside when it is not over a bin.
function readings(app, wall, { panel, bin, box }) {
  const theme = app.theme();
  const { density } = app.store.view;
  const back = app.backdrop().counts;
  const o = panel.index;
  const curves = wall.curves().map(({ selection, measure }) => ({ colour: app.colour(selection), name: selection.name, counts: measure.counts, about: measure.approximate }));
  const all = [
    { colour: theme.referenceLine, name: app.meta.samples.reference.label, counts: back.reference },
    { colour: theme.generated, name: app.meta.samples.generated.label, counts: back.generated },
    ...app.overlays().map((overlay) => ({ colour: app.colour(overlay), name: overlay.label, counts: overlay.counts })),
    ...curves,
  ];
  const title = panelTitle(panel);
  if (box) {
    title.append(`:  exactly ${shortNumber(box.value, 4)}`);
    const rows = all.map(({ colour, name, counts, about }) => {
      const n = counts[panel.offset + box.slot];
      return { colour, name, value: `${about ? "≈ " : ""}${app.countText(n)} events`, more: percentText(n / definedTotal(app.layout, counts, o)) };
    });
    return { title, rows, note: `click to cut on it${density ? "; drawn as the share over the width of a mean bin" : ""}` };
  }
  if (bin < 0) {
    const last = panel.offset + panel.nb + 2;
    const rows = all.map(({ colour, name, counts }) => ({
      colour, name, value: `◂ ${app.countText(counts[panel.offset])}`, more: `${app.countText(counts[last - 1])} ▸   undefined ∅ ${app.countText(counts[last])}`,
    }));
    return { title, rows, note: "below, above, and undefined" };
  }
  title.append(`:  ${shortNumber(panel.edges[bin], 4)} to ${shortNumber(panel.edges[bin + 1], 4)}`);
  const rows = all.map(({ colour, name, counts, about }) => {
    const n = counts[panel.offset + 1 + bin];
    const total = app.total(counts, o);
    const value = density && total > 0 ? (n / total) * panel.inverse[bin] : null;
    const events = `${about ? "≈ " : ""}${app.countText(n)} ± ${groupedInteger(Math.sqrt(Math.max(0, n)))}`;
    return { colour, name, value: events, more: value === null ? "" : shortNumber(value) };
  });
  const unit = panel.log ? "per decade" : `per ${panel.unit || "unit"}`;
  return { title, rows, note: density ? `events, and density ${unit}` : "events" };
}
