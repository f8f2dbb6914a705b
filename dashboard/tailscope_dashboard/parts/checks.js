// The checks of trust as a list on the page: a click goes to the plot that shows a check.

import { make } from "./dom.js";
import { CHECKS_STYLE, checkList, fullRow } from "./light.js";
import { THEMES } from "./theme.js";
import { followVerdict } from "./verdict.js";

const LIST_STYLE = `
:host { display: block; }
.ts-list { font-size: 15px; line-height: 1.4; color: var(--text); }
.ts-list .ts-checks { grid-template-columns: repeat(auto-fit, minmax(min(480px, 100%), 1fr)); gap: 2px 18px; }
.ts-list .ts-headline { font-weight: 600; }
.ts-wait { color: var(--muted); padding: 6px 8px; }
`;

// The first element of a class, wherever in the document's shadow trees.
function place(name, from = document) {
  for (const element of from.querySelectorAll("*")) {
    if (element.classList.contains(name)) return element;
    const inner = element.shadowRoot && place(name, element.shadowRoot);
    if (inner) return inner;
  }
  return null;
}

export function render({ model, el }) {
  const list = make("div", { class: "ts-list", "aria-live": "polite" });
  el.replaceChildren(make("style", {}, CHECKS_STYLE + LIST_STYLE), list);
  const open = (view) => {
    const plot = place(`ts-at-${view}`);
    if (plot) plot.scrollIntoView({ behavior: "smooth", block: "start" });
    else model.send_msg({ open: view });
  };
  const draw = () => {
    for (const [name, colour] of Object.entries(THEMES[model.dark ? "dark" : "light"])) list.style.setProperty(`--${name}`, colour);
    const verdict = found();
    list.replaceChildren(verdict?.checks ? checkList(verdict, fullRow(open)) : make("p", { class: "ts-wait" }, "The weights are being checked …"));
  };
  const found = followVerdict(model, draw);
  draw();
  model.on("dark", draw);
}
