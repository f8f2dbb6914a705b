// The page's parts in their places. `render` is what Panel calls, and what the static page calls with a stand-in model.

import { App } from "./app.js";
import { attachBrush } from "./controls/brush.js";
import { make, segmented, setText } from "../parts/dom.js";
import { Meeting } from "./controls/meeting.js";
import { Hint } from "./controls/hint.js";
import { attachKeys, HelpBox } from "./controls/keyboard.js";
import { labelNode } from "../parts/labels.js";
import { CHECKS_STYLE } from "../parts/light.js";
import { SelectionTable } from "./controls/selections.js";
import { SliceControl } from "./controls/slices.js";
import { Spoken } from "./controls/spoken.js";
import { painted } from "./painted.js";
import { STYLE } from "./style.js";
import { Toolbar } from "./controls/toolbar.js";
import { Tooltip } from "./controls/tooltip.js";
import { Verdict } from "./controls/verdict.js";
import { WallView } from "./drawing/wallview.js";
import { attachWeightDrag } from "./controls/weightdrag.js";
import { WeightPlot } from "./drawing/weightplot.js";

const NARROW = 860;
const AXES = [["body", "body"], ["log", "log"], ["linear", "linear"]];
const HELLO_AGAIN = 10_000;

class Views {
  constructor(app, root) {
    this.app = app;
    this.root = root;
    const weights = make("div", { class: "ts-weights" });
    const selections = make("div", { class: "ts-selections" });
    const tools = make("div", { class: "ts-tools" });
    this.hint = new Hint(app.model.asked !== undefined);
    this.scroller = make("div", { class: "ts-wall", tabIndex: 0, role: "region", "aria-label": "histograms of every observable" });
    root.append(
      make("div", { class: "ts-side" }, weights, selections),
      make("div", { class: "ts-main" }, this.hint.element, tools, this.scroller),
    );
    this.scale = segmented([["linear", "lin"], ["log", "log"]], "vertical axis", (scale) => app.store.setView({ weight_yscale: scale }));
    this.auc = make("span", { class: "ts-auc" });
    const plot = make("div", { class: "ts-weights-plot" });
    weights.append(make("div", { class: "ts-bar" }, make("span", { class: "ts-heading", title: "ratio of the probability densities of reference and generated events, learned by the classifier" }, labelNode("w=p_\\mathrm{ref}/p_\\mathrm{gen}")), make("span", { class: "ts-spring" }), this.auc, (this.verdictHost = make("span", { class: "ts-verdict-host" })), this.scale.element), plot);
    this.tooltip = new Tooltip(root);
    this.help = new HelpBox(root, this.hint.isLive ? () => this.hint.toggle(true) : null);
    this.verdict = new Verdict(app, this.verdictHost, root);
    this.weights = new WeightPlot(app, plot);
    this.axis = make("select", {
      class: "ts-axis", "aria-label": "axis of w", title: "axis of w: wide where most events are, logarithmic, or linear; the wheel zooms, a double click shows all",
      onchange: () => app.store.setView({ weight_axis: this.axis.value, weight_zoom: null }),
    }, ...AXES.map(([value, text]) => make("option", { value }, text)));
    plot.append(this.axis);
    this.table = new SelectionTable(app, selections);
    this.toolbar = new Toolbar(app, tools);
    this.slice = new SliceControl(app, this.toolbar.sliceHost);
    this.wall = new WallView(app, this.scroller);
    attachWeightDrag(app, this.weights, this.tooltip);
    attachBrush(app, this.wall, this.tooltip);
    this.spoken = new Spoken(app, root);
    this.detachKeys = attachKeys(app, root, this.toolbar.search, this.spoken);
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(root);
    app.model.on("aside", () => this.fit());
    this.waiting = new Set(["structure"]);
  }

  // Where the weights stand above the histograms, all of it is as high as it needs and the page scrolls.
  fit() {
    // Beside another view only the weights and the selections are shown.
    const { aside } = this.app.model;
    this.root.classList.toggle("ts-aside", Boolean(aside));
    const isNarrow = !aside && !this.app.meeting?.isOn && this.root.clientWidth < NARROW;
    this.root.classList.toggle("ts-narrow", isNarrow);
    this.root.getRootNode().host?.toggleAttribute("data-narrow", isNarrow);
  }

  load() {
    this.verdict.show();
    this.weights.load();
    this.wall.load();
    this.slice.load();
    this.changed("structure");
  }

  changed(what) {
    this.waiting.add(what);
  }

  say(sentence) {
    this.table.say(sentence);
  }

  answered() {
    // Pushed while the page was being made, it may have come before anybody listened.
    this.verdict.show();
    this.table.answered();
  }

  // Bring the document up to date, then paint: once a frame, whatever happened in between.
  paint() {
    const waiting = this.waiting;
    this.waiting = new Set();
    if (waiting.has("structure") || waiting.has("view")) {
      this.app.dress();
      this.scale.show(this.app.store.view.weight_yscale);
      this.axis.value = this.app.store.view.weight_axis;
      this.toolbar.refresh();
      this.wall.place();
      this.weights.isStale = true;
    }
    if (waiting.has("structure") || waiting.has("slice") || waiting.has("view")) this.slice.refresh();
    const sliced = Boolean(this.app.store.view.slice);
    if (sliced !== this.sliced) this.toolbar.showLegend();
    this.sliced = sliced;
    if (waiting.has("slice") || waiting.has("exact")) {
      this.wall.allStale = true;
      this.weights.isStale = true;
    }
    this.wall.paint();
    this.weights.paint();
    // Text last: what is painted reads the scroll position, which would otherwise lay the page out once more.
    if (waiting.has("structure")) this.table.refresh();
    else this.table.update();
    this.toolbar.showNote();
    this.showAuc();
  }

  showAuc() {
    const found = this.app.auc();
    const sliced = this.app.store.view.slice ? ", slice" : "";
    setText(this.auc, found ? `AUC ${found.value.toFixed(3)}${found.error ? ` ± ${found.error.toFixed(3)}` : ""}${sliced}` : "");
  }

  close() {
    this.detachKeys();
    this.spoken.close();
    this.resized.disconnect();
    this.weights.close();
    this.wall.close();
  }
}

export function render({ model, el }) {
  const style = document.createElement("style");
  style.textContent = STYLE + CHECKS_STYLE;
  const root = make("div", {
    class: "ts-root", tabIndex: 0, role: "group",
    "aria-label": "weights, selections and histograms; arrow keys move the cut, n and p go through the selections, question mark lists the keys",
  });
  el.replaceChildren(style, root);
  const app = new App(model, root);
  const views = new Views(app, root);
  app.views = views;
  app.help = () => views.help.toggle();
  app.meeting = new Meeting(app, root);
  app.escape = () => {
    if (!views.help.element.hidden) views.help.toggle(false);
    else if (!views.verdict.box.hidden) views.verdict.toggle(false);
    else if (app.meeting.isOn) app.meeting.toggle(false);
    else root.getRootNode().activeElement?.blur();
  };
  views.load();
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const dressed = () => {
    views.changed("view");
    app.schedule();
  };
  scheme.addEventListener("change", dressed);
  model.on("remove", () => {
    scheme.removeEventListener("change", dressed);
    views.close();
  });
  // For tests and benchmarks: what is painted, where it is on the page, and what the frames cost.
  root.__tailscope = {
    painted: () => painted(app),
    frames: () => app.frames,
    settled: () => !app.requested && !app.dragging && app.exact === app.store.seq,
    order: () => views.wall.order.map((panel) => panel.name),
    plotOf: (name) => views.wall.clientBox(name),
    weightAt: (w) => views.weights.clientPoint(w),
  };
  app.schedule();
  model.send_msg({ ask: "hello" });
  // A kernel that is busy with other cells may lose the first one.
  const again = setInterval(() => {
    if (app.server.alive) clearInterval(again);
    else model.send_msg({ ask: "hello" });
  }, HELLO_AGAIN);
  model.on("remove", () => clearInterval(again));
}
