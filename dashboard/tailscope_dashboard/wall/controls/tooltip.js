// What is under the pointer, as text beside it.

import { make } from "../../parts/dom.js";

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
    const frame = this.root.getBoundingClientRect();
    const { offsetWidth: w, offsetHeight: h } = this.element;
    const x = event.clientX - frame.left;
    const y = event.clientY - frame.top;
    const left = x + 16 + w > frame.width ? x - w - 16 : x + 16;
    this.element.style.left = `${Math.max(4, left)}px`;
    this.element.style.top = `${Math.max(4, Math.min(y + 14, frame.height - h - 6))}px`;
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
