// The wall: a grid of panels on one canvas of two layers. What stands still during a drag (axes and backdrop) stays on
// the lower one, so that a frame clears the upper one and draws the curves of the selections.

import { roundUp } from "../../parts/axes.js";
import { paintBackdrop } from "./backdrop.js";
import { CrispCanvas } from "../../parts/canvas.js";
import { boxValue, largestValue, smallestPositive } from "./curves.js";
import { ICON_SIZE, iconRects, paintIcon } from "./icons.js";
import { clientOf, zoomOf } from "../../parts/pointer.js";
import { GAP, makePanel, placePanel } from "./panel.js";
import { paintDifference } from "./difference.js";
import { matches, searchable } from "./searching.js";
import { paintSelected } from "./selected.js";

const CELL = 212;
const LINEAR_HEADROOM = 4;

export class WallView {
  // app: {store, theme(), measures(), backdrop(), overlays(), total(), layout, meta, dragging, schedule()}
  constructor(app, scroller) {
    this.app = app;
    this.scroller = scroller;
    const holder = scroller.appendChild(document.createElement("div"));
    holder.className = "ts-holder";
    this.view = holder.appendChild(document.createElement("div"));
    this.view.className = "ts-viewport";
    this.spacer = scroller.appendChild(document.createElement("div"));
    this.shown = new CrispCanvas(this.view, () => this.place(), 2);
    this.panels = [];
    this.order = [];
    this.hover = null;
    this.allStale = true;
    this.differences = [];
    this.comparedFor = "";
    scroller.addEventListener("scroll", () => {
      this.allStale = true;
      app.schedule();
    }, { passive: true });
    this.resized = new ResizeObserver(() => this.fitView());
    this.resized.observe(scroller);
    this.fitView();
  }

  fitView() {
    this.view.style.width = `${this.scroller.clientWidth}px`;
    this.view.style.height = `${this.scroller.clientHeight}px`;
  }

  close() {
    this.resized.disconnect();
    this.shown.close();
  }

  // New data: new panels.
  load() {
    const { meta, layout } = this.app;
    this.panels = meta.panels.map((spec, i) => makePanel(spec, i, layout));
    this.differences = new Float64Array(this.panels.length);
    this.comparedFor = "";
    for (const panel of this.panels) panel.search = searchable(panel);
    this.place();
  }

  arrange() {
    const { order, pinned, hidden, search } = this.app.store.view;
    const list = this.panels.filter((p) => !hidden.includes(p.name) && (!search.trim() || matches(p.search, search)));
    const by = {
      name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
      rank: (a, b) => this.differences[b.index] - this.differences[a.index],
    };
    if (by[order]) list.sort(by[order]);
    list.sort((a, b) => Number(pinned.includes(b.name)) - Number(pinned.includes(a.name)));
    return list;
  }

  place() {
    const width = this.shown?.w ?? 0;
    if (!this.panels.length || width < 10) return;
    const { ratio } = this.app.store.view;
    this.order = this.arrange();
    this.shown.describe(`${this.order.length} histograms${this.order.length ? `, from ${this.order[0].name} to ${this.order.at(-1).name}` : ""}`);
    const columns = Math.max(1, Math.min(Math.floor((width + GAP) / CELL), Math.max(1, this.order.length)));
    const w = Math.min(440, (width - GAP * (columns + 1)) / columns);
    const h = Math.round(Math.min(230, Math.max(158, w * 0.7)) + (ratio ? 44 : 0));
    this.order.forEach((panel, i) => {
      const x = GAP + (i % columns) * (w + GAP);
      const y = 2 + Math.floor(i / columns) * (h + GAP);
      placePanel(panel, { x: Math.round(x), y, w: Math.floor(w), h }, ratio);
    });
    this.spacer.style.height = `${2 + Math.ceil(this.order.length / columns) * (h + GAP)}px`;
    this.stale();
  }

  // By which difference panels are in order: found anew once the hand is still, and only where the range in w or the
  // slice is another one. A cut on an observable leaves every panel in its place.
  compare() {
    const { store, dragging, different } = this.app;
    const key = this.app.comparedKey();
    if (dragging || !store.atRest || this.comparedFor === key) return;
    this.comparedFor = key;
    this.differences = Float64Array.from(different.value);
    if (store.view.order === "rank") this.place();
  }

  stale() {
    this.allStale = true;
    this.app.schedule();
  }

  onScreen() {
    const top = this.scroller.scrollTop;
    const bottom = top + this.shown.h;
    return this.order.filter((p) => p.rect.y < bottom && p.rect.y + p.rect.h > top);
  }

  // The plot of one observable in client coordinates, scrolled into view; null where it is not shown.
  clientBox(name) {
    const panel = this.order.find((p) => p.name === name);
    if (!panel) return null;
    const { rect, plot } = panel;
    if (rect.y < this.scroller.scrollTop || rect.y + rect.h > this.scroller.scrollTop + this.shown.h) this.scroller.scrollTop = rect.y;
    const zoom = zoomOf(this.scroller);
    return { ...clientOf({ x: plot.x, y: plot.y - this.scroller.scrollTop }, this.shown.element), w: plot.w * zoom, h: plot.h * zoom };
  }

  isLog(panel) {
    const { yscale, panel_yscale: own } = this.app.store.view;
    return (own[panel.name] ?? yscale) === "log";
  }

  // Visible selections in drawing order, the active one last.
  curves() {
    const { store } = this.app;
    const list = store.selections.map((selection, i) => ({
      selection, colour: this.app.colour(selection), active: i === store.active, measure: this.app.measures().get(selection.uid),
    }));
    const visible = list.filter((c) => c.selection.visible && c.measure);
    return [...visible.filter((c) => !c.active), ...visible.filter((c) => c.active)];
  }

  // The vertical range follows the curves in steps; during a drag it moves only when it must.
  fitRange(panel, curves) {
    const back = this.app.backdrop().counts;
    const o = panel.index;
    let most = 0;
    let least = Infinity;
    const log = this.isLog(panel);
    const look = (counts) => {
      const total = this.app.total(counts, o);
      most = Math.max(most, largestValue(panel, counts, total));
      if (!log) return;
      least = Math.min(least, smallestPositive(panel, counts, total));
      for (const box of panel.boxes) {
        const value = boxValue(panel, box, counts, total);
        most = Math.max(most, value);
        if (value > 0) least = Math.min(least, value);
      }
    };
    look(back.reference);
    look(back.generated);
    for (const { counts } of this.app.overlays()) look(counts);
    const cap = most > 0 && !log ? most * LINEAR_HEADROOM : Infinity;
    for (const { measure } of curves) look(measure.counts);
    let top = roundUp(Math.min(most * 1.06, cap));
    let floor = 0;
    if (log) {
      top = 10 ** Math.ceil(Math.log10(most > 0 ? most * 1.3 : 10) - 1e-9);
      floor = 10 ** Math.floor(Math.log10((Number.isFinite(least) ? least : top / 100) * 0.95));
      floor = Math.min(Math.max(floor, top * 1e-7), top / 100);
    } else if (this.app.dragging && !panel.logY && top <= panel.top && roundUp(top * 1.9) >= panel.top) top = panel.top;
    if (top !== panel.top || floor !== panel.floor || log !== panel.logY) {
      Object.assign(panel, { top, floor, logY: log, stale: true });
    }
  }

  paint() {
    const { w, h } = this.shown;
    if (w < 10 || h < 10 || !this.panels.length) return;
    this.compare();
    const scroll = this.scroller.scrollTop;
    const screen = this.onScreen();
    const curves = this.curves();
    for (const panel of screen) this.fitRange(panel, curves);
    this.paintKept(screen, scroll);
    const ctx = this.shown.ctx;
    this.shown.begin();
    ctx.clearRect(0, 0, w, h);
    ctx.translate(0, -scroll);
    for (const panel of screen) paintSelected(this.app, ctx, panel, curves, this.shown.dpr);
    for (const panel of screen) paintDifference(this.app, ctx, panel);
    if (this.hover?.panel && screen.includes(this.hover.panel)) this.paintHover(ctx, this.hover);
    if (!this.order.length) this.paintNothing(ctx, scroll);
  }

  paintNothing(ctx, scroll) {
    const { search, hidden } = this.app.store.view;
    ctx.fillStyle = this.app.theme().muted;
    ctx.font = '15px system-ui, "Liberation Sans", sans-serif';
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    const text = search ? `No observable matches “${search}”.` : hidden.length ? "Every observable is hidden." : "No observables.";
    ctx.fillText(text, 16, scroll + 32);
  }

  paintKept(screen, scroll) {
    const { dpr } = this.shown;
    const theme = this.app.theme();
    const kept = this.shown.elements[0];
    const ctx = kept.getContext("2d", { alpha: false });
    if (this.allStale) {
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.fillStyle = theme.background;
      ctx.fillRect(0, 0, kept.width, kept.height);
    }
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    ctx.translate(0, -scroll);
    for (const panel of screen) {
      if (!this.allStale && !panel.stale) continue;
      paintBackdrop(this.app, ctx, panel, theme, dpr);
      panel.stale = false;
    }
    this.allStale = false;
  }

  paintHover(ctx, { panel, bin, box, icon }) {
    const theme = this.app.theme();
    const { plot, strip } = panel;
    const { view } = this.app.store;
    if (bin >= 0 || box) {
      ctx.fillStyle = theme.hover;
      const height = strip ? strip.y + strip.h - plot.y : plot.h;
      const [x, width] = box ? [box.x, box.w] : [panel.xs[bin], panel.xs[bin + 1] - panel.xs[bin]];
      ctx.fillRect(x, plot.y, Math.max(1, width), height);
    }
    ctx.fillStyle = theme.background;
    const rects = iconRects(panel);
    ctx.fillRect(rects.at(-1).x - 4, panel.rect.y, rects.length * ICON_SIZE + 8, ICON_SIZE + 2);
    for (const rect of rects) {
      const on = (rect.name === "pin" && view.pinned.includes(panel.name)) || (rect.name === "log" && this.isLog(panel));
      ctx.strokeStyle = ctx.fillStyle = icon === rect.name ? theme.text : on ? theme.accent : theme.muted;
      paintIcon(ctx, rect, on);
    }
  }
}
