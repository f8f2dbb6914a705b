// The first minute: three steps in a line above the histograms, until somebody has read them.

import { make } from "../../parts/dom.js";

const FIRST_STEPS = [
  "drag an edge in the weights",
  "see which histograms move",
  "click Trust, Events or copy link",
];
const READ = "tailscope first steps";

// Without storage (a private window, a sandboxed frame) the hint comes back with the next page.
function wasRead() {
  try {
    return localStorage.getItem(READ) === "read";
  } catch {
    return false;
  }
}

function setRead() {
  try {
    localStorage.setItem(READ, "read");
  } catch {
    // It comes back, that is all.
  }
}

export class Hint {
  // isLive: whether there are tabs to click on, which a page without a server lacks.
  constructor(isLive) {
    const close = () => {
      setRead();
      this.toggle(false);
    };
    this.element = make("div", { class: "ts-first", role: "note", "aria-label": "first steps", hidden: !isLive || wasRead() },
      make("ol", {}, ...FIRST_STEPS.map((step) => make("li", {}, step))),
      make("button", { type: "button", class: "ts-button", onclick: close }, "got it"));
    this.isLive = isLive;
  }

  toggle(on) {
    this.element.hidden = !on;
  }
}
