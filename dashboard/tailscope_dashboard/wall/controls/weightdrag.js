// Pointer on the weight plot: take a handle (or the whole range) and drag it. A click alone moves nothing.

import { shortNumber } from "../../parts/axes.js";
import { pointIn } from "../../parts/pointer.js";

const SLOP = 3; // pixels that a hand moves while it clicks

export function attachWeightDrag(app, plot, tooltip) {
  const canvas = plot.shown.element;
  let drag = null;

  const pixel = (event) => pointIn(event, canvas).x;

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const held = plot.hold(pixel(event), event.pointerType === "touch");
    if (!held) return;
    const { selection, grip } = held;
    canvas.setPointerCapture(event.pointerId);
    tooltip.hide();
    plot.hover = null;
    app.store.activate(app.store.selections.indexOf(selection));
    const ends = plot.ends(selection);
    // What was taken beside its middle stays beside the pointer.
    drag = { grip, selection, x: pixel(event), ends, off: held.near ? pixel(event) - ends[grip] : 0, moved: false };
    if (grip !== "both") app.handle = { kind: "w", end: grip };
    app.beginMove(null);
  });

  function move(event) {
    const { selection, grip } = drag;
    const x = pixel(event);
    drag.moved ||= Math.abs(x - drag.x) >= SLOP;
    if (!drag.moved) return;
    if (!app.store.selections.includes(selection)) return;
    if (grip === "both") {
      const shift = x - drag.x;
      const low = plot.valueAt(drag.ends.low + shift, "low");
      const high = plot.valueAt(drag.ends.high + shift, "high");
      if (low === null || high === null || low <= high) app.store.edit(selection, { low, high }, true);
      return;
    }
    const value = plot.valueAt(x - drag.off, grip);
    // A handle stops at the other one: a range is never inverted.
    if (grip === "low") {
      const limit = selection.high;
      app.store.edit(selection, { low: limit !== null && value !== null ? Math.min(value, limit) : value }, true);
    } else {
      const limit = selection.low;
      app.store.edit(selection, { high: limit !== null && value !== null ? Math.max(value, limit) : value }, true);
    }
  }

  canvas.addEventListener("pointermove", (event) => {
    if (drag) {
      move(event);
      return;
    }
    const x = pixel(event);
    const held = plot.hold(x);
    canvas.style.cursor = held?.near ? "ew-resize" : held?.grip === "both" ? "grab" : "default";
    const bin = plot.binAt(x);
    if (bin !== plot.hover) {
      plot.hover = bin;
      app.schedule();
    }
    if (bin === null) tooltip.hide();
    else tooltip.show(event, weightLines(app, plot, bin));
  });

  // The wheel zooms about the weight under the pointer, sideways it moves; a double click shows all again.
  const setZoom = (weight_zoom) => {
    app.store.setView({ weight_zoom: weight_zoom && { observable: "w", ...weight_zoom } }, true);
    clearTimeout(resting);
    resting = setTimeout(() => app.store.rest(), 250);
  };
  let resting = null;
  canvas.addEventListener("wheel", (event) => {
    if (drag || (app.root.classList.contains("ts-narrow") && !event.ctrlKey)) return;
    event.preventDefault();
    const { x, w } = plot.box;
    const about = Math.min(1, Math.max(0, (pixel(event) - x) / w));
    const along = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const by = (event.deltaMode ? 33 : 1) * (along ? event.deltaX || event.deltaY : event.deltaY);
    setZoom(along ? plot.axis.zoomed(1, 0, by / 800) : plot.axis.zoomed(1.002 ** by, about));
  }, { passive: false });
  canvas.addEventListener("dblclick", () => setZoom(null));

  const finish = () => {
    if (!drag) return;
    drag = null;
    app.endMove();
  };
  canvas.addEventListener("pointerup", finish);
  canvas.addEventListener("pointercancel", finish);
  canvas.addEventListener("pointerleave", () => {
    plot.hover = null;
    tooltip.hide();
    app.schedule();
  });
}

function weightLines(app, plot, bin) {
  const of = (sample) => {
    const h = plot.histogram(sample);
    return typeof bin === "string" ? h[bin] : h.counts[bin];
  };
  const range = bin === "zero" ? "w = 0" : bin === "infinite" ? "w = ∞"
    : `${shortNumber(10 ** plot.edges[bin])} ≤ w < ${shortNumber(10 ** plot.edges[bin + 1])}`;
  const theme = app.theme();
  const band = typeof bin === "number" && plot.bandOf ? app.nullBand.data[plot.bandOf] : null;
  const noise = band ? [{ colour: theme.band, name: `null band, ${plot.bandOf}`, value: `${shortNumber(band.low[bin])} – ${shortNumber(band.high[bin])}` }] : [];
  return {
    title: range,
    rows: [
      { colour: theme.referenceLine, name: app.meta.samples.reference.label, value: app.countText(of("reference")) },
      { colour: theme.generated, name: app.meta.samples.generated.label, value: app.countText(of("generated")) },
      ...noise,
    ],
  };
}
