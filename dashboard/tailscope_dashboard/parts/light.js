// A light of trust: its shape says as much as its colour, for those who do not see that; and the list of checks.

import { make } from "./dom.js";

const SHAPES = {
  green: { path: "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0Z", sign: "M5 8.2l2.1 2.2L11 6" },
  amber: { path: "M8 1.2 15.2 14.4H.8Z", sign: "M8 5.8v4 M8 11.6v1" },
  red: { path: "M5.2 1.4h5.6l3.8 3.8v5.6l-3.8 3.8H5.2L1.4 10.8V5.2Z", sign: "M5.6 5.6l4.8 4.8 M10.4 5.6l-4.8 4.8" },
  unknown: { path: "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0Z", sign: "M5 8h.1 M8 8h.1 M11 8h.1" },
};
const FILLS = { green: "#12805c", amber: "#f0a81c", red: "#c62f2f", unknown: "#8b949d" };
const SIGNS = { amber: "#1b1f23" };

// Circle with a tick, triangle with an exclamation mark, octagon with a cross.
export function lightMark(light, size = 16) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 16 16", width: size, height: size, "aria-hidden": "true", "data-light": light })) svg.setAttribute(name, value);
  const { path, sign } = SHAPES[light] ?? SHAPES.unknown;
  const draw = (d, attributes) => {
    const element = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    for (const [name, value] of Object.entries({ d, ...attributes })) element.setAttribute(name, value);
  };
  draw(path, { fill: FILLS[light] ?? FILLS.unknown });
  draw(sign, { fill: "none", stroke: SIGNS[light] ?? "#ffffff", "stroke-width": 1.9, "stroke-linecap": "round", "stroke-linejoin": "round" });
  return svg;
}

export const CHECKS_STYLE = `
.ts-checks { display: grid; gap: 1px; }
.ts-check { display: grid; grid-template-columns: 22px minmax(0, 1fr); gap: 0 8px; padding: 5px 8px 6px; text-align: left; border: 0; border-radius: 5px; background: none; color: inherit; font: inherit; }
button.ts-check { cursor: pointer; }
button.ts-check:hover { background: var(--surface); }
button.ts-check:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.ts-check svg { width: 20px; height: 20px; margin-top: 1px; }
.ts-check-title { font-weight: 600; }
.ts-check-word, .ts-check-found { color: var(--muted); font-weight: 400; margin-left: 8px; }
.ts-check-found { font-variant-numeric: tabular-nums; }
.ts-check code { font-size: 0.92em; white-space: nowrap; }
.ts-check-advice { color: var(--muted); }
.ts-check-advice::before { content: "→ "; }
.ts-headline { grid-column: 1 / -1; padding: 3px 8px; }
.ts-headline::first-letter { text-transform: uppercase; }
details.ts-check > div > .ts-check-word { margin-left: 0; }
.ts-fine { grid-column: 1 / -1; }
.ts-checks summary { display: grid; grid-template-columns: 22px minmax(0, 1fr) 14px; gap: 0 8px; padding: 4px 8px; border-radius: 5px; cursor: pointer; list-style: none; text-align: left; }
.ts-checks summary::-webkit-details-marker { display: none; }
.ts-checks summary::after { content: "▸"; color: var(--muted); }
.ts-checks details[open] > summary::after { content: "▾"; }
.ts-checks summary:hover { background: var(--surface); }
.ts-checks summary:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.ts-checks summary svg { width: 20px; height: 20px; }
details.ts-check { display: block; padding: 0; }
details.ts-check > div { padding: 0 8px 6px 38px; }
`;

const PLACES = { weights: "the weights and the wall", roc: "the ROC curve", calibration: "the calibration", training: "the training", closure: "the closure", provenance: "where the events come from" };

// What speaks against the weights, the worst first as told; all that is fine in one line that opens. `row` makes
// an element of a check.
export function checkList(verdict, row) {
  const doubts = verdict.checks.filter((check) => check.light !== "green");
  const fine = verdict.checks.filter((check) => check.light === "green");
  const list = make("div", { class: "ts-checks" }, make("div", { class: "ts-headline" }, `${verdict.headline}.`), ...doubts.map(row));
  if (fine.length) {
    list.append(make("details", { class: "ts-fine", open: !doubts.length },
      make("summary", {}, lightMark("green", 20), make("span", {}, verdict.fine)), make("div", { class: "ts-checks" }, ...fine.map(row))));
  }
  return list;
}

// Everything about a check, as a button that calls `open(view)`.
export function fullRow(open) {
  return ({ name, title, light, word, found, why, advice, view }) =>
    make("button", { class: "ts-check", data: { name, light }, type: "button", title: `show ${PLACES[view]}`, onclick: () => open(view) },
      lightMark(light, 20),
      make("span", {},
        make("span", { class: "ts-check-title" }, title), make("span", { class: "ts-check-word" }, word), make("span", { class: "ts-check-found" }, found),
        make("div", {}, ...withCode(why)), adviceOf(advice)));
}

// A check in a line, which opens to the whole sentence and what to do.
export function briefRow({ name, title, light, word, found, brief, why, advice }) {
  return make("details", { class: "ts-check", data: { name, light } },
    make("summary", { "aria-label": `${title}, ${word}: ${brief}` }, lightMark(light, 20), make("span", {}, make("span", { class: "ts-check-title" }, `${title}: `), ...withCode(brief))),
    make("div", {}, found ? make("div", { class: "ts-check-word" }, found) : null, make("div", {}, ...withCode(why)), adviceOf(advice)));
}

// The doubts in a line each, for what takes only text.
export function doubtLines(verdict) {
  const doubts = verdict.checks.filter((check) => check.light !== "green");
  return [verdict.headline, ...doubts.map(({ title, brief }) => `${title}: ${brief}`)].join("\n");
}

function adviceOf(advice) {
  return advice ? make("div", { class: "ts-check-advice" }, ...withCode(advice)) : null;
}

// Text between backticks is a command.
function withCode(text) {
  return text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));
}
