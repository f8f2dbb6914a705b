// For tests and benchmarks.

import { emptyMeasure } from "./counting/rowcounter.js";

// What is on the screen, as numbers: per selection and sample the counts of every slot of every observable.
export function painted(app) {
  const split = (counts) => Object.fromEntries(app.layout.names.map((name, o) => [name, Array.from(counts.slice(app.layout.offsets[o], app.layout.offsets[o + 1]))]));
  const back = app.backdrop();
  return {
    seq: app.store.seq, exact: app.exact, approximate: app.approximate(), auc: app.auc(), view: app.store.view, active: app.store.active,
    overlays: app.overlays().map(({ key, label, counts }) => ({ key, label, counts: split(counts) })),
    different: Object.fromEntries(app.layout.names.map((name, o) => [name, { value: app.different.value[o], seen: Boolean(app.different.seen[o]) }])),
    reference: split(back.counts.reference), generated: split(back.counts.generated), n: back.n,
    selections: app.store.selections.map((s) => {
      const measure = app.known.get(s.uid) ?? emptyMeasure(app.layout);
      return { name: s.name, colour: s.colour, visible: s.visible, low: s.low, high: s.high, cuts: s.cuts, sample: measure.sample, totals: Object.fromEntries(Object.entries(measure.totals).map(([sample, t]) => [sample, { ...t, fraction: app.fraction(t.n, sample) }])), underNull: app.underNull(s), counts: split(measure.counts) };
    }),
  };
}
