// The table of selections: a card each, with its range in w, what it holds in both samples, and its further cuts.

import { groupedInteger, percentText, plusMinus } from "../../parts/axes.js";
import { iconButton, make, setText } from "../../parts/dom.js";
import { labelNode, labelText } from "../../parts/labels.js";
import { rangeFields } from "./ranges.js";
import { SaveMenu, wallGroups } from "../../parts/save.js";
import { PALETTE } from "../../parts/theme.js";

const SIZE_HELP = "Effective number of events: how many unweighted events the reweighted selection is worth, "
  + "(Σw)²/Σw² for the generated sample, the same with 1/w for the reference. Events with w = 0 or ∞ are left out.";

const DELETED_STAYS = 12_000;

const NULL_HELP = "What the cut on w finds where there is nothing to find: mean and standard deviation of refits with permuted labels, "
  + "in the sample that the selection is read off. The error of the excess holds that noise and counting statistics; "
  + "p is the part of the refits, with this study among them, that have as many events beyond the cut.";

function noiseText(found) {
  if (!found) return "";
  const { expected, spread, excess, error, p, runs } = found;
  if (excess === undefined) return `expected under null, cut on w alone, of all events: ${plusMinus(expected, spread)}`;
  const chance = p * (1 + runs) < 1.5 ? `p\u00a0≤\u00a0${p.toPrecision(2)} (${runs} runs can say no more)` : `p\u00a0=\u00a0${p.toPrecision(2)}`;
  return `expected under null: ${plusMinus(expected, spread)}, excess ${plusMinus(excess, error)}, ${chance}`;
}

export class SelectionTable {
  constructor(app, host) {
    this.app = app;
    this.cards = new Map();
    this.list = make("div", { class: "ts-cards" });
    this.save = new SaveMenu({ model: app.model, label: "save", title: "save figures, or the selected events", groups: () => wallGroups(app), waits: true });
    this.message = make("div", { class: "ts-message", role: "alert", hidden: true });
    host.append(
      make("div", { class: "ts-bar" },
        make("span", { class: "ts-heading" }, "Selections"),
        make("span", { class: "ts-spring" }),
        make("button", { type: "button", class: "ts-button", title: "Over-produced: small w, read off the generated sample", onclick: () => this.preset("low"), data: { preset: "low" } }, "+ low tail"),
        make("button", { type: "button", class: "ts-button", title: "Under-produced: large w, read off the reference sample", onclick: () => this.preset("high"), data: { preset: "high" } }, "+ high tail"),
        make("button", { type: "button", class: "ts-button", title: "A selection of all weights", onclick: () => app.store.add({ name: "selection" }), data: { preset: "all" } }, "+ all"),
        this.save.element,
      ),
      this.message,
      (this.adderHost = make("div")),
      make("div", { class: "ts-numbers ts-columns" }, make("span"), make("span", {}, "events"), (this.share = make("span", {}, "fraction")), make("span", { title: SIZE_HELP }, labelNode("N_\\mathrm{eff}"))),
      this.list,
    );
  }

  // Somebody answers: there is no Python behind a static page.
  answered() {
    this.save.element.hidden = false;
  }

  say(sentence, ...more) {
    clearTimeout(this.silence);
    this.after = undefined;
    this.message.hidden = !sentence;
    this.message.classList.toggle("ts-calm", more.length > 0);
    this.message.replaceChildren(sentence, ...more);
  }

  // Gone at one click, and back at another.
  remove(selection) {
    this.app.store.remove(selection);
    const undo = make("button", { type: "button", class: "ts-link", onclick: () => this.app.undo(-1) }, "undo");
    this.say(`“${selection.name}” is deleted. `, undo);
    this.after = this.app.store.steps.at;
    this.silence = setTimeout(() => this.say(""), DELETED_STAYS);
  }

  preset(which) {
    const { store, meta } = this.app;
    const cut = meta.presets[which];
    const colour = which === "low" ? PALETTE[1] : PALETTE[0];
    const free = store.selections.every((s) => s.colour.toLowerCase() !== colour.toLowerCase());
    store.add({
      name: `${which} tail`, colour: free ? colour : undefined,
      low: which === "high" ? cut : null, high: which === "low" ? cut : null,
    });
    this.app.handle = { kind: "w", end: which === "low" ? "high" : "low" };
  }

  // Bring the cards in line with the selections; those whose make-up stays the same are kept, focus and all.
  refresh() {
    const { store } = this.app;
    const wanted = store.selections.map((selection, i) => {
      const key = JSON.stringify([selection.colour, selection.visible, selection.cuts.map((c) => c.observable), Boolean(this.app.nullBand)]);
      const old = this.cards.get(selection.uid);
      const card = old?.key === key && old.selection === selection ? old : { key, selection, ...this.card(selection) };
      // The active card is marked, not made again: a field that was just clicked keeps its focus.
      card.mark(i === store.active);
      return card;
    });
    this.cards = new Map(wanted.map((card) => [card.selection.uid, card]));
    this.showAdder();
    const elements = wanted.map((card) => card.element);
    if (elements.length !== this.list.children.length || elements.some((e, i) => this.list.children[i] !== e)) {
      this.list.replaceChildren(...elements);
      if (!elements.length) this.list.append(make("p", { class: "ts-hint" }, "No selection yet: take a tail of the weights, or drag across any histogram."));
    }
    this.update();
  }

  card(selection) {
    const { store } = this.app;
    const range = rangeFields({
      weight: true, what: "weight w", read: () => selection, say: (s) => this.say(s),
      write: (low, high) => store.edit(selection, { low, high }),
      focus: (end) => (this.app.handle = { kind: "w", end }),
    });
    const name = make("input", {
      class: "ts-name", type: "text", value: selection.name, spellcheck: false, maxLength: 200, title: selection.name, "aria-label": "name of the selection",
      onchange: () => store.edit(selection, { name: name.value.trim() || store.freeName("selection") }),
      onkeydown: (event) => {
        event.stopPropagation();
        if (event.key === "Enter" || event.key === "Escape") name.blur();
      },
    });
    const colour = make("input", {
      class: "ts-colour", type: "color", value: selection.colour, title: "colour", "aria-label": "colour of the selection",
      onchange: () => store.edit(selection, { colour: colour.value }),
    });
    const numbers = ["reference", "generated"].map((sample) => this.numbers(selection, sample));
    const cuts = selection.cuts.map((cut) => this.cutRow(selection, cut));
    const noise = this.app.nullBand ? make("div", { class: "ts-null", title: NULL_HELP }) : null;
    const below = make("div", { class: "ts-cuts" }, ...cuts.map((c) => c.element));
    const element = make("section", { class: "ts-card", data: { uid: String(selection.uid) }, "aria-label": `selection ${selection.name}` },
      make("div", { class: "ts-card-head" }, colour, name, range.low, make("span", { class: "ts-between" }, "≤ w <"), range.high,
        iconButton(selection.visible ? "shown" : "hidden", selection.visible ? "hide" : "show", () => store.edit(selection, { visible: !selection.visible })),
        iconButton("copy", "duplicate", () => store.duplicate(selection)),
        iconButton("remove", "delete", () => this.remove(selection))),
      make("div", { class: "ts-numbers", title: SIZE_HELP }, ...numbers.flatMap((n) => n.cells)),
      noise,
      below,
    );
    below.hidden = !cuts.length;
    const mark = (active) => {
      element.dataset.active = String(active);
      element.setAttribute("aria-label", `selection ${selection.name}`);
    };
    element.style.setProperty("--own", selection.colour);
    // In the capturing phase, because what a button does (a duplicate, say) may make another card the active one.
    element.addEventListener("click", (event) => {
      if (!event.target.matches("input")) this.activate(selection);
    }, true);
    element.addEventListener("focusin", (event) => {
      if (event.target.matches("input:not([type=color])")) this.activate(selection);
    });
    return { element, range, numbers, cuts, name, noise, mark };
  }

  activate(selection) {
    const { store } = this.app;
    store.activate(store.selections.indexOf(selection));
  }

  numbers(selection, sample) {
    const { meta, store } = this.app;
    const label = make("button", {
      type: "button", class: "ts-sample", title: `read the histograms off the ${sample} sample (${meta.samples[sample].label})`,
      onclick: () => store.edit(selection, { sample }), data: { sample },
    }, sample);
    const events = make("span", { class: "ts-count" });
    const share = make("span", { class: "ts-share" });
    const size = make("span", { class: "ts-size" });
    return { sample, label, events, share, size, cells: [label, events, share, size] };
  }

  cutRow(selection, cut) {
    const { store, meta } = this.app;
    const panel = meta.panels.find((p) => p.name === cut.observable);
    const read = () => selection.cuts.find((c) => c.observable === cut.observable) ?? cut;
    const what = panel ? labelText(panel.label) || panel.name : cut.observable;
    const range = rangeFields({
      weight: false, what, read, say: (s) => this.say(s),
      write: (low, high) => store.cut(selection, cut.observable, low, high),
      focus: (end) => (this.app.handle = { kind: "cut", observable: cut.observable, end }),
    });
    for (const input of [range.low, range.high]) input.dataset.observable = cut.observable;
    const element = make("div", { class: "ts-cut", data: { observable: cut.observable } },
      range.low, make("span", { class: "ts-between" }, "≤"), panel ? labelNode(panel.label || panel.name) : make("span", { class: "ts-unknown", title: "this study has no such observable" }, cut.observable),
      make("span", { class: "ts-between" }, "<"), range.high, make("span", { class: "ts-unit" }, panel?.unit ?? "unknown here"),
      iconButton("other", "a new selection of the other side of this cut", () => this.otherSide(selection, read())),
      iconButton("remove", "remove this cut", () => store.uncut(selection, cut.observable)));
    return { element, range };
  }

  // E_2 < 0.1 becomes E_2 >= 0.1, everything else equal: two classes of one tail in one click.
  otherSide(selection, cut) {
    const { low, high, observable } = cut;
    if ((low === null) === (high === null)) {
      this.say("Only a cut that is open at one end has another side.");
      return;
    }
    this.say("");
    const cuts = selection.cuts.map((c) => (c.observable === observable ? { observable, low: high, high: low } : { ...c }));
    this.app.store.duplicate(selection, { cuts });
  }

  // One row for the active selection, in a place of its own: no card changes its height when it becomes the active one,
  // which would move it from under the pointer.
  showAdder() {
    const { current } = this.app.store;
    const key = current && JSON.stringify([current.uid, current.cuts.map((c) => c.observable), this.app.layout.names]);
    if (this.addsTo === key) return;
    this.addsTo = key;
    this.adderHost.replaceChildren(...(current ? [this.adder(current)] : []));
  }

  adder(selection) {
    const { meta, store } = this.app;
    const select = make("select", { class: "ts-adder", "aria-label": "add a cut" }, make("option", { value: "" }, "+ cut on …"));
    for (const panel of meta.panels) {
      if (selection.cuts.some((c) => c.observable === panel.name)) continue;
      select.append(make("option", { value: panel.name }, labelText(panel.label) || panel.name));
    }
    select.addEventListener("change", () => {
      if (!select.value) return;
      const observable = select.value;
      store.cut(selection, observable, null, null);
      const card = this.cards.get(selection.uid);
      [...card.element.querySelectorAll(".ts-cut")].at(-1)?.querySelector("input")?.focus();
    });
    return make("div", { class: "ts-add" }, select, make("span", { class: "ts-hint" }, "or drag across a histogram"));
  }

  // The live part: numbers and range ends, each frame.
  update() {
    // "deleted, undo" would take back something else once another step was made.
    if (this.after !== undefined && this.after !== this.app.store.steps.at) {
      this.say("");
    }
    setText(this.share, this.app.store.view.slice ? "of the slice" : "fraction");
    const measures = this.app.measures();
    for (const { selection, range, numbers, cuts, name, noise } of this.cards.values()) {
      range.show();
      for (const cut of cuts) cut.range.show();
      if (name.value !== selection.name && name.getRootNode().activeElement !== name) name.value = selection.name;
      const measure = measures.get(selection.uid);
      if (!measure) continue;
      if (noise) setText(noise, noiseText(this.app.underNull(selection)));
      for (const { sample, label, events, share, size } of numbers) {
        const { n, nEff, left } = measure.totals[sample];
        const about = this.app.isApproximate(selection) ? "≈\u2009" : "";
        label.setAttribute("aria-pressed", String(measure.sample === sample));
        setText(events, about + groupedInteger(n));
        setText(share, percentText(this.app.fraction(n, sample)));
        setText(size, Number.isFinite(nEff) ? `${groupedInteger(nEff)}${left ? "*" : ""}` : "…");
        size.title = left ? `${SIZE_HELP} Here ${groupedInteger(left)} events are.` : SIZE_HELP;
      }
    }
  }
}
