// The slice: one observable's range that applies to every selection and to the backdrop alike.

import { shortNumber } from "../../parts/axes.js";
import { make, setText } from "../../parts/dom.js";
import { labelText } from "../../parts/labels.js";

const DISCRETE = 12;

export class SliceControl {
  constructor(app, host) {
    this.app = app;
    this.select = make("select", { "aria-label": "slice", title: "show only events in a range of one observable, everywhere", onchange: () => this.choose() });
    this.box = make("span", { class: "ts-slice-box" });
    this.text = make("span", { class: "ts-slice-text" });
    host.append(this.select, this.box, this.text);
    this.observable = undefined;
    this.show = () => setText(this.text, "");
  }

  load() {
    const { meta } = this.app;
    this.select.replaceChildren(make("option", { value: "" }, "slice …"),
      ...meta.panels.map((p) => make("option", { value: p.name }, `slice ${labelText(p.label) || p.name}`)));
    this.observable = undefined;
    this.refresh();
  }

  choose() {
    const observable = this.select.value;
    this.app.store.setView({ slice: observable ? { observable, low: null, high: null } : null });
  }

  panel(slice) {
    return slice ? this.app.meta.panels.find((p) => p.name === slice.observable) : undefined;
  }

  refresh() {
    const { slice } = this.app.store.view;
    const panel = this.panel(slice);
    this.select.value = panel ? panel.name : "";
    if ((panel?.name ?? null) !== this.observable) {
      this.observable = panel?.name ?? null;
      this.show = () => setText(this.text, "");
      this.box.replaceChildren(...(panel ? [this.isDiscrete(panel) ? this.choices(panel) : this.slider(panel)] : []));
    }
    this.show(slice);
  }

  // Bins that hold any event, when there are few.
  filled(panel) {
    const { layout } = this.app;
    const first = layout.offsets[layout.indexOf.get(panel.name)] + 1;
    const back = this.app.whole().counts;
    const bins = [];
    for (let i = 0; i < panel.edges.length - 1; i++) if (back.reference[first + i] + back.generated[first + i] > 0) bins.push(i);
    return bins;
  }

  isDiscrete(panel) {
    return this.filled(panel).length <= DISCRETE;
  }

  binText(panel, bin) {
    const [low, high] = [panel.edges[bin], panel.edges[bin + 1]];
    const known = panel.values?.find(([code]) => code === bin + 1);
    if (known) return shortNumber(known[1], 4);
    return high - low === 1 && low % 1 !== 0 ? shortNumber(low + 0.5) : `${shortNumber(low)}–${shortNumber(high)}`;
  }

  choices(panel) {
    const set = (low, high) => this.app.store.setView({ slice: { observable: panel.name, low, high } });
    const group = make("span", { class: "ts-segments" });
    const button = (text, low, high) => make("button", { type: "button", data: { low: String(low), high: String(high) }, onclick: () => set(low, high) }, text);
    group.append(button("all", null, null), ...this.filled(panel).map((i) => button(this.binText(panel, i), panel.edges[i], panel.edges[i + 1])));
    this.show = (slice) => {
      for (const b of group.children) b.setAttribute("aria-pressed", String(slice && b.dataset.low === String(slice.low) && b.dataset.high === String(slice.high)));
      setText(this.text, panel.unit ?? "");
    };
    return group;
  }

  slider(panel) {
    const { store } = this.app;
    const last = panel.edges.length - 1;
    const thumbs = ["low", "high"].map((end) => make("input", { type: "range", min: "0", max: String(last), step: "1", class: "ts-range", "aria-label": `slice, ${end} end`, data: { end } }));
    const [low, high] = thumbs;
    const read = () => {
      const a = Number(low.value);
      const b = Number(high.value);
      return { observable: panel.name, low: a === 0 ? null : panel.edges[a], high: b === last ? null : panel.edges[b] };
    };
    for (const thumb of thumbs) {
      thumb.addEventListener("input", () => {
        // A thumb stops one bin before the other.
        if (thumb === low) low.value = String(Math.min(Number(low.value), Number(high.value) - 1));
        else high.value = String(Math.max(Number(high.value), Number(low.value) + 1));
        if (!this.app.dragging) this.app.beginMove(panel.name);
        store.setView({ slice: read() }, true);
      });
      thumb.addEventListener("change", () => (this.app.dragging ? this.app.endMove() : store.setView({ slice: read() })));
      thumb.addEventListener("keydown", (event) => event.stopPropagation());
    }
    const track = make("span", { class: "ts-slider" }, make("span", { class: "ts-track" }), low, high);
    const nearest = (value, open) => {
      if (value === null) return open;
      let best = 0;
      panel.edges.forEach((e, i) => (best = Math.abs(e - value) < Math.abs(panel.edges[best] - value) ? i : best));
      return best;
    };
    this.show = (slice) => {
      low.value = String(nearest(slice?.low ?? null, 0));
      high.value = String(nearest(slice?.high ?? null, last));
      track.style.setProperty("--from", `${(100 * Number(low.value)) / last}%`);
      track.style.setProperty("--to", `${(100 * Number(high.value)) / last}%`);
      setText(this.text, sliceText(slice, panel.unit ?? ""));
    };
    return track;
  }
}

function sliceText(slice, unit) {
  if (!slice || (slice.low === null && slice.high === null)) return "all";
  if (slice.low === null) return `< ${shortNumber(slice.high)} ${unit}`;
  if (slice.high === null) return `≥ ${shortNumber(slice.low)} ${unit}`;
  return `${shortNumber(slice.low)} to ${shortNumber(slice.high)} ${unit}`;
}
