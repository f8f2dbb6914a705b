// The worst light of a study in the header: its shape, a word, and a click that opens the checks.

import { make } from "./dom.js";
import { doubtLines, lightMark } from "./light.js";
import { THEMES } from "./theme.js";
import { followVerdict } from "./verdict.js";

const LAMP_STYLE = `
.ts-lamp { display: block; border: 0; background: none; padding: 2px 4px; font: inherit; color: var(--text); text-align: left; cursor: pointer; white-space: nowrap; border-radius: 5px; }
.ts-lamp:hover { background: var(--line); }
.ts-lamp:focus-visible { outline: 2px solid var(--accent); }
.ts-lamp > span { display: block; font-size: 12.5px; color: var(--muted); }
.ts-lamp b { display: flex; align-items: center; gap: 6px; font-size: 17px; font-weight: 600; }
`;

export function render({ model, el }) {
  const button = make("button", { type: "button", class: "ts-lamp", onclick: () => model.send_msg({ open: "trust" }) });
  el.replaceChildren(make("style", {}, LAMP_STYLE), button);
  const draw = () => {
    for (const [name, colour] of Object.entries(THEMES[model.dark ? "dark" : "light"])) button.style.setProperty(`--${name}`, colour);
    const verdict = found();
    button.title = verdict?.light ? doubtLines(verdict) : "the weights are being checked";
    button.replaceChildren(make("span", {}, "weights"), make("b", {}, lightMark(verdict?.light ?? "unknown", 18), verdict?.word ?? "…"));
  };
  const found = followVerdict(model, draw);
  draw();
  model.on("dark", draw);
}
