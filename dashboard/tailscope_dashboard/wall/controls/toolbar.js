// How the wall is shown: search, order, scales, what is drawn; and the legend.

import { groupedInteger } from "../../parts/axes.js";
import { iconImage, make, segmented, setText, toggleButton } from "../../parts/dom.js";

const ORDERS = [["rank", "by difference"], ["original", "file order"], ["name", "by name"]];

export class Toolbar {
  constructor(app, host) {
    this.app = app;
    const { store } = app;
    this.search = make("input", {
      class: "ts-search", type: "search", placeholder: "search  /", "aria-label": "search observables",
      oninput: () => store.setView({ search: this.search.value }, true),
      onchange: () => store.rest(),
      onkeydown: (event) => {
        event.stopPropagation();
        if (event.key !== "Escape") return;
        if (this.search.value) {
          this.search.value = "";
          store.setView({ search: "" });
        } else this.search.blur();
      },
    });
    this.order = make("select", { "aria-label": "order", title: "order of the histograms; by difference: those first in which the active selection differs most from its backdrop. They find their places anew when its range in w does.", onchange: () => store.setView({ order: this.order.value }) },
      ...ORDERS.map(([value, text]) => make("option", { value }, text)));
    this.scale = segmented([["linear", "lin"], ["log", "log"]], "vertical axis", (yscale) => store.setView({ yscale, panel_yscale: {} }));
    this.density = segmented([[true, "density"], [false, "events"]], "density: each curve has unit area", (density) => store.setView({ density }));
    const toggles = [
      ["errors", "errors", "one standard deviation: √N, or √Σw² where reweighted"],
      ["ratio", "ratio", "ratio to the reference below each histogram"],
      ["reweighted", "reweighted", "generated events weighted by w: the reference again, where the weights are right"],
    ];
    this.toggles = toggles.map(([key, text, title]) => [key, toggleButton(text, title, () => store.setView({ [key]: !store.view[key] }))]);
    this.hidden = make("button", { type: "button", class: "ts-button", onclick: () => store.setView({ hidden: [] }) });
    this.theme = make("button", {
      type: "button", class: "ts-button ts-square", title: "light or dark", "aria-label": "light or dark",
      onclick: () => store.setView({ theme: app.themeName() === "dark" ? "light" : "dark" }),
    }, "◐");
    this.help = make("button", { type: "button", class: "ts-button ts-square", title: "keys", "aria-label": "keys", onclick: () => app.help() }, "?");
    this.sliceHost = make("div", { class: "ts-slice" });
    host.append(
      make("div", { class: "ts-bar" }, this.search, this.order, this.scale.element, this.density.element,
        ...this.toggles.map(([, t]) => t.element), make("span", { class: "ts-spring" }), this.hidden, this.theme, this.help),
      make("div", { class: "ts-below" }, (this.legend = make("div", { class: "ts-legend" })), this.sliceHost),
    );
  }

  refresh() {
    const { store } = this.app;
    const { view } = store;
    this.order.value = view.order;
    if (this.search.getRootNode().activeElement !== this.search) this.search.value = view.search;
    this.scale.show(view.yscale);
    this.density.show(view.density);
    for (const [key, toggle] of this.toggles) toggle.show(view[key]);
    this.hidden.hidden = !view.hidden.length;
    setText(this.hidden, `show ${view.hidden.length} hidden`);
    this.showLegend();
  }

  showLegend() {
    const { store, meta } = this.app;
    const theme = this.app.theme();
    const entry = (kind, colour, text, note) => {
      const mark = make("span", { class: `ts-mark ts-mark-${kind}` });
      mark.style.setProperty("--own", colour);
      return make("span", { class: "ts-entry", title: note ?? "" }, mark, make("span", {}, text));
    };
    const entries = [
      entry("filled", theme.reference, meta.samples.reference.label, "reference sample"),
      entry("line", theme.generated, meta.samples.generated.label, "generated sample"),
    ];
    for (const overlay of this.app.overlaid) entries.push(this.overlayEntry(overlay));
    if (meta.strangers) entries.push(make("span", { class: "ts-entry ts-note", title: meta.strangers }, make("span", {}, "⚠ other reference: not laid over")));
    if (this.app.drawnBand()) {
      const { runs } = this.app.nullBand;
      entries.push(entry("hatched", theme.band, `null band (${runs} permutations)`, `behind the weight histogram: 16 to 84% of what ${runs} refits with permuted labels give, for the sample that the active selection is read off`));
    } else if (meta.null?.weighted) entries.push(make("span", { class: "ts-entry ts-note", title: "the band holds sums of event weights, the histogram counts events; Study.null has it" }, make("span", {}, "null band: not drawn")));
    if (store.view.reweighted) entries.push(entry("dashed", theme.reweighted, "generated × w", "generated events weighted by w"));
    for (const selection of store.selections) {
      if (selection.visible) entries.push(entry("line", this.app.colour(selection), selection.name, `read off the ${store.sampleOf(selection)} sample`));
    }
    if (meta.panels.some((p) => p.expression)) entries.push(remark("f", "own", "somebody added it as an expression; point at its title to read it"));
    if (meta.panels.some((p) => p.seen === false)) entries.push(remark(iconImage("hidden"), "not seen by the classifier", "neither an input of the classifier nor computed from its inputs alone"));
    if (this.app.anyUndefined()) entries.push(remark("∅", "undefined", "share of the events in which the observable has no value, such as ΔR of a jet that is not there; they are in no bin"));
    this.note = make("span", { class: "ts-note" });
    this.legend.replaceChildren(...entries, make("span", { class: "ts-spring" }), this.note);
    this.showNote();
  }

  // Another study's generated sample: click to take it away or bring it back.
  overlayEntry({ key, label, n, ...overlay }) {
    const { store } = this.app;
    const { overlays_off: off, slice } = store.view;
    const on = !off.includes(key);
    const mark = make("span", { class: "ts-mark ts-mark-thin" });
    mark.style.setProperty("--own", this.app.colour(overlay));
    const about = slice ? "another study's generated sample; it does not follow the slice, and is not drawn with one" : "generated sample of another study of the same reference; click to show or hide it";
    return make("button", {
      type: "button", class: "ts-entry ts-overlay", title: `${label}, ${groupedInteger(n)} events: ${about}`, disabled: Boolean(slice), "aria-pressed": String(on),
      onclick: () => store.setView({ overlays_off: on ? [...off, key] : off.filter((k) => k !== key) }),
    }, mark, make("span", {}, label));
  }

  // Says when what is drawn is not exact.
  showNote() {
    if (this.note) setText(this.note, this.app.approximate() ? "≈ approximate counts" : "");
  }
}

// A mark that titles of histograms carry, and what it means.
function remark(mark, text, title) {
  return make("span", { class: "ts-entry", title }, make("span", { class: "ts-remark" }, mark), make("span", {}, text));
}
