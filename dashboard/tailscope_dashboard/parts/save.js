// A button with a menu of what can be saved: figures, their numbers and their Python, selected events. Python makes them.

import { make, setText } from "./dom.js";
import { saveFile } from "./savefile.js";

const SAVE_STYLE = `
.ts-save { position: relative; display: inline-block; font-size: 13px; line-height: 1.35; color: var(--text); }
.ts-save [hidden] { display: none !important; }
.ts-save button { font: inherit; color: inherit; height: 26px; padding: 0 8px; border: 1px solid var(--line); border-radius: 5px; background: var(--surface); cursor: pointer; white-space: nowrap; }
.ts-save button:hover { border-color: var(--muted); }
.ts-save button:disabled { opacity: 0.5; cursor: default; }
.ts-save-box { position: absolute; z-index: 7; top: calc(100% + 3px); width: max-content; max-width: min(380px, calc(100vw - 24px)); padding: 4px 12px 10px;
  border: 1px solid var(--line); border-radius: 7px; background: var(--background); box-shadow: 0 6px 24px rgba(0, 0, 0, 0.25); }
.ts-save-title { font-weight: 600; margin: 8px 0 2px; overflow-wrap: anywhere; }
.ts-save-row { display: flex; align-items: center; gap: 5px; padding: 2px 0; }
.ts-save-row > span { flex: 1; min-width: 120px; color: var(--muted); }
.ts-save-said { margin-top: 8px; overflow-wrap: anywhere; }
.ts-save-said[role="alert"] { color: var(--bad, #b3261e); }
.ts-save-code { max-height: 170px; max-width: 100%; overflow: auto; margin: 8px 0 4px; padding: 6px 8px; border: 1px solid var(--line); border-radius: 5px;
  background: var(--surface); font: 12px/1.4 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre; user-select: text; }
`;

export class SaveMenu {
  // groups(): [{ title, rows: [{ text, title, choices: [[label, request]] }] }], asked for when the menu is opened.
  constructor({ model, label, title, groups, waits = false }) {
    this.model = model;
    this.groups = groups;
    this.token = null;
    this.button = make("button", { type: "button", title, "aria-expanded": "false", onclick: () => this.toggle() }, `${label} ▾`);
    this.rows = make("div");
    this.said = make("div", { class: "ts-save-said", hidden: true });
    this.code = make("pre", { class: "ts-save-code", tabIndex: 0 });
    this.copy = make("button", { type: "button", onclick: () => this.copied() }, "copy");
    this.codeBox = make("div", { hidden: true }, this.code, this.copy);
    this.box = make("div", { class: "ts-save-box", role: "group", "aria-label": title, hidden: true }, this.rows, this.said, this.codeBox);
    this.element = make("div", { class: "ts-save", hidden: waits }, make("style", {}, SAVE_STYLE), this.button, this.box);
    this.outside = (event) => {
      const away = event.type === "keydown" ? event.key === "Escape" : !event.composedPath().includes(this.element);
      if (away) this.toggle(false);
    };
    model.on("msg:custom", (message) => {
      if (message?.answer === "saved" && message.token === this.token) this.received(message);
    });
  }

  toggle(open = this.box.hidden) {
    this.box.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    for (const what of ["pointerdown", "keydown"]) document[open ? "addEventListener" : "removeEventListener"](what, this.outside, true);
    if (!open) return;
    this.fill();
    this.place();
  }

  // Below the button, and inside the window.
  place() {
    this.box.style.left = "0";
    const { left, right } = this.box.getBoundingClientRect();
    this.box.style.left = `${Math.max(8 - left, Math.min(0, document.documentElement.clientWidth - 8 - right))}px`;
  }

  fill() {
    this.say("");
    this.codeBox.hidden = true;
    this.rows.replaceChildren(...this.groups().flatMap(({ title, rows }) => [
      make("div", { class: "ts-save-title" }, title),
      ...rows.map(({ text, title: about, choices }) => make("div", { class: "ts-save-row", title: about ?? "" }, make("span", {}, text),
        ...choices.map(([label, request]) => make("button", { type: "button", "aria-label": `${text}: ${label}`, onclick: () => this.ask(request), disabled: Boolean(this.token) }, label)))),
    ]));
  }

  ask(request) {
    this.token = Math.random().toString(36).slice(2);
    this.busy(true);
    this.codeBox.hidden = true;
    this.say(request.what === "figure" ? "drawing…" : "writing…");
    this.model.send_msg({ ask: "save", token: this.token, ...request });
  }

  busy(is) {
    for (const button of this.rows.querySelectorAll("button")) button.disabled = is;
  }

  say(words, alert = false) {
    this.said.hidden = !words;
    this.said.setAttribute("role", alert ? "alert" : "status");
    setText(this.said, words);
  }

  received({ name, file, type, text, sentence }) {
    this.token = null;
    this.busy(false);
    if (sentence) this.say(sentence, true);
    else if (text) {
      this.say("");
      setText(this.code, text);
      setText(this.copy, "copy");
      this.codeBox.hidden = false;
      this.place();
    } else {
      saveFile(name, file, type);
      this.say(`${name}: ${(file.byteLength / 1e6).toFixed(2)} MB`);
    }
  }

  async copied() {
    try {
      await navigator.clipboard.writeText(this.code.textContent);
      setText(this.copy, "copied");
    } catch {
      getSelection().selectAllChildren(this.code);
      setText(this.copy, "selected: copy it with the keyboard");
    }
  }
}

const FORMATS = [["PDF", "pdf"], ["PNG", "png"], ["SVG", "svg"]];

// The rows of a figure: as a picture, as numbers, as Python. `names` are observables, "w" the weights, "*" everything.
export function figureRows(text, names) {
  const request = (format) => ({ what: "figure", names, format });
  return [
    { text, title: "drawn as the field prints them, with errors, under- and overflow", choices: FORMATS.map(([label, format]) => [label, request(format)]) },
  ];
}

export function numberRows(text, names) {
  return [{
    text, title: "the numbers as JSON, which hist and boost-histogram read; the Python that makes the same figure",
    choices: [["JSON", { what: "figure", names, format: "json" }], ["Python", { what: "code", names }]],
  }];
}

// The menu of the wall: its figures, and the events of the active selection.
export function wallGroups(app) {
  const { store, meta } = app;
  const groups = [{
    title: "Figures, as they are shown",
    rows: [
      ...figureRows("weights w", ["w"]), ...figureRows("all histograms", ["*"]),
      ...numberRows("all, as numbers or Python", ["*"]),
    ],
  }];
  const { current } = store;
  if (!current) return groups;
  const { low, high, cuts, name } = current;
  const from = store.sampleOf(current);
  const selection = { low, high, cuts: cuts.map((c) => ({ ...c })), sample: from, name, colour: current.colour };
  const request = (format) => ({ what: "events", format, selection, slice: store.view.slice });
  groups.push({
    title: `Events of “${name}”, ${from} sample (${meta.samples[from].label})`,
    rows: [
      { text: "rows, weights, observables", title: "row number in the file, log w, w and every observable, with where they come from", choices: [["CSV", request("csv")], ["HDF5", request("h5")]] },
      { text: "as in the original file", title: "these rows of the file that the sample was read from, in its own format", choices: [["copy", request("original")]] },
    ],
  });
  return groups;
}
