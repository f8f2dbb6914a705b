// What is under the pointer, as text beside it.

import { make } from "../../parts/dom.js";
import { pointIn } from "../../parts/pointer.js";

export class Tooltip {
  constructor(root) {
    this.root = root;
    this.element = make("div", { class: "ts-tip", role: "tooltip", hidden: true });
    root.append(this.element);
  }

  // content: {title: text or node, note, rows: [{colour, name, value, more}]}
  show(event, content) {
    const rows = content.rows.map(({ colour, name, value, more }) =>
      make("tr", {}, make("td", {}, swatch(colour)), make("td", { class: "ts-tip-name" }, name), make("td", {}, value), make("td", {}, more ?? "")),
    );
    this.element.replaceChildren(
      make("div", { class: "ts-tip-title" }, content.title),
      make("table", {}, make("tbody", {}, ...rows)),
      ...(content.note ? [make("div", { class: "ts-tip-note" }, content.note)] : []),
    );
    this.element.hidden = false;
    const { offsetWidth: w, offsetHeight: h } = this.element;
    const { x, y } = pointIn(event, this.root);
    const left = x + 16 + w > this.root.clientWidth ? x - w - 16 : x + 16;
    this.element.style.left = `${Math.max(4, left)}px`;
    this.element.style.top = `${Math.max(4, Math.min(y + 14, this.root.clientHeight - h - 6))}px`;
  }

  hide() {
    this.element.hidden = true;
  }
}

function swatch(colour) {
  const element = make("span", { class: "ts-tip-swatch" });
  element.style.background = colour ?? "transparent";
  return element;
}
