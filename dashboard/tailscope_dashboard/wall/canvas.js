// A canvas that has exactly as many pixels as the screen shows.

export class CrispCanvas {
  constructor(host, onresize) {
    this.element = document.createElement("canvas");
    this.element.className = "ts-canvas";
    host.appendChild(this.element);
    this.ctx = this.element.getContext("2d");
    this.w = 0;
    this.h = 0;
    this.dpr = 1;
    this.onresize = onresize;
    this.observer = new ResizeObserver(() => this.fit(host));
    this.observer.observe(host);
    this.watchRatio(host);
    this.fit(host);
  }

  fit(host) {
    const dpr = window.devicePixelRatio || 1;
    const { clientWidth: w, clientHeight: h } = host;
    if (w === this.w && h === this.h && dpr === this.dpr) return;
    Object.assign(this, { w, h, dpr });
    this.element.width = Math.max(1, Math.round(w * dpr));
    this.element.height = Math.max(1, Math.round(h * dpr));
    this.element.style.width = `${w}px`;
    this.element.style.height = `${h}px`;
    this.onresize?.();
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
