// A canvas that has exactly as many pixels as the screen shows.

import { zoomOf } from "./pointer.js";

export class CrispCanvas {
  // `layers`: canvases of the same size, the last one on top and in front of the pointer.
  constructor(host, onresize, layers = 1) {
    this.elements = Array.from({ length: layers }, () => host.appendChild(document.createElement("canvas")));
    for (const element of this.elements) element.className = "ts-canvas";
    this.element = this.elements.at(-1);
    this.ctx = this.element.getContext("2d");
    this.w = 0;
    this.h = 0;
    this.dpr = 1;
    this.observer = new ResizeObserver(() => this.fit(host));
    this.observer.observe(host);
    this.watchRatio(host);
    this.fit(host);
    // From now on only: whoever makes this canvas is not ready to paint on it before it is made.
    this.tell = onresize;
  }

  fit(host) {
    const dpr = (window.devicePixelRatio || 1) * zoomOf(host);
    const { clientWidth: w, clientHeight: h } = host;
    if (w === this.w && h === this.h && dpr === this.dpr) return;
    Object.assign(this, { w, h, dpr });
    for (const element of this.elements) {
      element.width = Math.max(1, Math.round(w * dpr));
      element.height = Math.max(1, Math.round(h * dpr));
      element.style.width = `${w}px`;
      element.style.height = `${h}px`;
    }
    this.tell?.();
  }

  // Zooming or moving the window to another screen changes the ratio without resizing anything.
  watchRatio(host) {
    this.query = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    this.query.addEventListener("change", () => {
      if (!this.observer) return;
      this.watchRatio(host);
      this.fit(host);
    }, { once: true });
  }

  // What a screen reader calls it: the layers are one picture.
  describe(words) {
    for (const element of this.elements) element.setAttribute("aria-hidden", "true");
    this.element.removeAttribute("aria-hidden");
    this.element.setAttribute("role", "img");
    this.element.setAttribute("aria-label", words);
  }

  // Ready to draw in CSS pixels.
  begin() {
    this.ctx.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
    return this.ctx;
  }

  close() {
    this.observer.disconnect();
    this.observer = null;
  }
}
