// The worst light of trust beside the weight histogram; a click lists the checks behind it.

import { make } from "../../parts/dom.js";
import { briefRow, checkList, doubtLines, lightMark } from "../../parts/light.js";
import { plainData } from "../../parts/data.js";

export class Verdict {
  constructor(app, host, root) {
    this.app = app;
    this.button = make("button", { type: "button", class: "ts-verdict", "aria-expanded": "false", onclick: () => this.toggle() });
    this.box = make("div", { class: "ts-verdict-box", role: "dialog", "aria-label": "whether the weights may be believed", hidden: true });
    host.append(this.button);
    root.append(this.box);
    app.model.on("verdict", () => this.show());
  }

  // Pushed by a server when it is made; carried by a static page.
  get found() {
    const pushed = plainData(this.app.model.verdict);
    return pushed?.light ? pushed : this.app.meta.verdict;
  }

  show() {
    const { found } = this;
    this.button.replaceChildren(lightMark(found?.light ?? "unknown"), make("span", {}, found?.word ?? "…"));
    this.button.title = found ? doubtLines(found) : "the weights are being checked";
    this.button.disabled = !found;
    if (!found) this.toggle(false);
    else if (!this.box.hidden) this.fill();
  }

  toggle(on = this.box.hidden) {
    const hadFocus = this.box.contains(this.box.getRootNode().activeElement);
    this.box.hidden = !on;
    this.button.setAttribute("aria-expanded", String(on));
    if (on) this.fill();
    // Where the focus was inside, it goes back to what opened the box.
    else if (hadFocus) this.button.focus();
  }

  fill() {
    const live = this.app.server.alive;
    const ask = (view) => {
      this.toggle(false);
      // The same may be asked for again.
      this.app.model.asked = "";
      this.app.model.asked = view;
    };
    const head = make("div", { class: "ts-bar" }, make("span", { class: "ts-heading" }, "Can these weights be believed?"), make("span", { class: "ts-spring" }),
      live ? make("button", { type: "button", class: "ts-button", onclick: () => ask("trust") }, "open Trust") : null,
      make("button", { type: "button", class: "ts-button ts-square", "aria-label": "close", onclick: () => this.toggle(false) }, "×"));
    this.box.replaceChildren(head, checkList(this.found, briefRow));
  }
}
