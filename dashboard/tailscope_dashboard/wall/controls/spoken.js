// What a screen reader is told of the active selection: once the keys rest, never each frame.

import { groupedInteger } from "../../parts/axes.js";
import { make, setText } from "../../parts/dom.js";
import { endText } from "./ranges.js";

const RESTED = 500;

export class Spoken {
  constructor(app, root) {
    this.app = app;
    this.element = make("div", { class: "ts-spoken", role: "status" });
    root.append(this.element);
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => setText(this.element, this.words()), RESTED);
  }

  words() {
    const { handle, store } = this.app;
    const { current } = store;
    if (!current) return "no selection";
    const { totals } = this.app.measures().get(current.uid) ?? {};
    const cut = handle.kind === "cut" ? current.cuts.find((c) => c.observable === handle.observable) : undefined;
    const end = `${handle.end === "low" ? "lower" : "upper"} end of ${cut ? cut.observable : "w"}`;
    const at = endText((cut ?? current)[handle.end]) || "open";
    const events = totals ? `: ${groupedInteger(totals.reference.n)} reference, ${groupedInteger(totals.generated.n)} generated events` : "";
    return `${current.name}, ${end} ${at}${events}`;
  }

  close() {
    clearTimeout(this.timer);
  }
}
