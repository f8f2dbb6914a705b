// Small random samples, and what is to be counted of them event by event: no index, no sums kept, no cubes.

import { SlotLayout } from "../../dashboard/tailscope_dashboard/wall/counting/layout.js";
import { OrderedRows } from "../../dashboard/tailscope_dashboard/wall/counting/rows.js";

export const SAMPLES = ["reference", "generated"];

// Uniform in [0, 1), the same for the same seed (mulberry32).
export function dice(seed) {
  let state = seed;
  const uniform = () => {
    state = Math.trunc(state + 0x6d2b79f5) % 4294967296;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(n * uniform());
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, below, normal, pick: (list) => list[below(list.length)] };
}

function digitise(edges, value) {
  if (Number.isNaN(value)) return 255;
  if (value < edges[0]) return 0;
  if (value >= edges.at(-1)) return 254;
  return edges.findLastIndex((edge) => edge <= value) + 1;
}

// Panels with one to nine bins; events with ties in w, w = 0 and inf, values at edges, beyond them, and undefined.
export function world(seed, n = 700) {
  const random = dice(seed);
  const panels = ["a", "b", "c", "d"].map((name) => {
    const edges = [random.normal()];
    while (edges.length < 2 + random.below(9)) edges.push(edges.at(-1) + 0.05 + random.uniform());
    return { name, edges };
  });
  const value = (edges) => {
    const kind = random.below(12);
    if (kind === 0) return NaN;
    if (kind === 1) return random.pick([-Infinity, Infinity]);
    if (kind <= 4) return random.pick(edges);
    return edges[0] - 0.5 + random.uniform() * (edges.at(-1) - edges[0] + 1);
  };
  const weight = () => {
    const kind = random.below(25);
    if (kind === 0) return random.pick([-Infinity, Infinity]);
    return kind < 10 ? Math.round(4 * random.normal()) / 8 : 0.5 * random.normal();
  };
  const samples = Object.fromEntries(SAMPLES.map((name) => [name,
    Array.from({ length: n }, () => ({ logW: weight(), values: panels.map(({ edges }) => value(edges)) }))
      .toSorted((x, y) => (x.logW < y.logW ? -1 : x.logW > y.logW ? 1 : 0))]));
  const layout = new SlotLayout(panels);
  return { random, panels, samples, layout };
}

// The same events as rows: ascending in w, codes observable by observable.
export function rowsOf({ panels, samples, layout }) {
  return Object.fromEntries(SAMPLES.map((name) => {
    const events = samples[name];
    const codes = Uint8Array.from(panels.flatMap(({ edges }, o) => events.map(({ values }) => digitise(edges, values[o]))));
    return [name, new OrderedRows(layout, Float64Array.from(events, ({ logW }) => logW), codes, name === "generated" ? 1 : -1)];
  }));
}

// A range of one observable whose ends lie at edges, or are open.
export function randomCut({ random, panels }, observable = random.below(panels.length)) {
  const { name, edges } = panels[observable];
  const [low, high] = [random.pick(edges), random.pick(edges)].toSorted((x, y) => x - y);
  return { observable: name, low: random.below(3) ? low : null, high: random.below(3) ? high : null };
}

export function randomSelection(theWorld, mostCuts = 3) {
  const { random } = theWorld;
  const end = () => random.pick([null, null, 0, Infinity, 1, Math.exp(0.125), Math.exp(random.normal())]);
  const ends = [end(), end()];
  if (ends[0] !== null && ends[1] !== null) ends.sort((x, y) => x - y);
  return {
    low: ends[0], high: ends[1], sample: random.pick([null, null, ...SAMPLES]),
    cuts: Array.from({ length: random.below(mostCuts + 1) }, () => randomCut(theWorld)),
  };
}

function passes(value, { low, high }) {
  return !Number.isNaN(value) && (low === null || value >= low) && (high === null || value < high);
}

export function readOff({ low, high, sample }) {
  return sample ?? (low !== null && low > 0 && high === null ? "reference" : "generated");
}

// Events of one sample that a selection takes, with a slice. In the panel of `own` its cuts on that one do not apply.
export function taken({ panels, samples }, sample, { low, high, cuts }, slice, own = null) {
  const numberOf = ({ observable }) => panels.findIndex(({ name }) => name === observable);
  return samples[sample].filter(({ logW, values }) => (
    (low === null || logW >= Math.log(low)) && (high === null || logW < Math.log(high))
    && cuts.every((cut) => cut.observable === own || passes(values[numberOf(cut)], cut))
    && (!slice || passes(values[numberOf(slice)], slice))));
}

// Counts of the slots of one observable: underflow, bins, overflow, undefined.
export function histogram({ panels }, o, events) {
  const { edges } = panels[o];
  const counts = Array.from({ length: edges.length + 2 }, () => 0);
  for (const { values } of events) {
    const code = digitise(edges, values[o]);
    counts[code === 255 ? edges.length + 1 : Math.min(code, edges.length)]++;
  }
  return counts;
}

// Every panel of a selection, each with what applies in it.
export function histograms(theWorld, selection, slice) {
  const sample = readOff(selection);
  return theWorld.panels.flatMap(({ name }, o) => histogram(theWorld, o, taken(theWorld, sample, selection, slice, name)));
}

export function totals(theWorld, sample, selection, slice) {
  const events = taken(theWorld, sample, selection, slice);
  const finite = events.filter(({ logW }) => Number.isFinite(logW));
  const w = finite.map(({ logW }) => Math.exp(sample === "generated" ? logW : -logW));
  const sum = w.reduce((a, b) => a + b, 0);
  const square = w.reduce((a, b) => a + b * b, 0);
  return {
    n: events.length,
    nEff: square ? sum ** 2 / square : 0, left: events.length - finite.length,
  };
}

// Events without the selection's own cuts at all, per rank of one observable.
export function perRank(theWorld, sample, selection, slice, o) {
  const { edges } = theWorld.panels[o];
  const events = taken(theWorld, sample, selection, slice);
  return Array.from({ length: edges.length + 2 }, (_, rank) => events.filter(({ values }) => {
    const code = digitise(edges, values[o]);
    return rank === (code === 255 ? edges.length + 1 : Math.min(code, edges.length));
  }));
}

export function close(found, expected, tolerance = 1e-9) {
  return Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected));
}
