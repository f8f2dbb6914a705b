// How observables become codes and slots, and cuts become ranges of codes.
//
// uint8 codes: 0 underflow, 1..nb bins, 254 overflow, 255 undefined. Slots of an observable: underflow, bins,
// overflow, undefined. A rank is the position of a code among the slots: 0, 1..nb, nb + 1, nb + 2.

export const UNDERFLOW = 0;

export class SlotLayout {
  constructor(panels) {
    this.names = panels.map((p) => p.name);
    this.indexOf = new Map(this.names.map((name, i) => [name, i]));
    this.edges = panels.map((p) => Float64Array.from(p.edges));
    this.bins = this.edges.map((e) => e.length - 1);
    this.offsets = new Int32Array(panels.length + 1);
    this.bins.forEach((nb, i) => (this.offsets[i + 1] = this.offsets[i] + nb + 3));
    this.slots = this.offsets[panels.length];
    this.rankOf = new Int32Array(256 * panels.length);
    this.slotOf = new Int32Array(256 * panels.length);
    this.bins.forEach((nb, o) => {
      for (let code = 0; code < 256; code++) {
        const rank = code === 255 ? nb + 2 : Math.min(code, nb + 1);
        this.rankOf[256 * o + code] = rank;
        this.slotOf[256 * o + code] = this.offsets[o] + rank;
      }
    });
  }

  // Index of the edge nearest to a value, and whether it is that edge exactly.
  edgeAt(o, value) {
    const edges = this.edges[o];
    let low = 0;
    let high = edges.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= value) low = middle;
      else high = middle;
    }
    const nearest = Math.abs(value - edges[low]) <= Math.abs(value - edges[high]) ? low : high;
    return { edge: nearest, exact: edges[nearest] === value };
  }

  // The ranks [first, last] that a cut passes; not exact when an end lies between edges.
  ranksOf(o, low, high) {
    const nb = this.bins[o];
    const start = low === null || low === -Infinity ? null : this.edgeAt(o, low);
    const stop = high === null || high === Infinity ? null : this.edgeAt(o, high);
    return {
      first: start ? start.edge + 1 : UNDERFLOW,
      last: stop ? stop.edge : nb + 1,
      exact: (start?.exact ?? true) && (stop?.exact ?? true),
    };
  }

  // Cuts (and a slice) as one range of ranks an observable: Map o -> {first, last, exact}. Unknown names are left out.
  rangesOf(cuts, slice, without) {
    const ranges = new Map();
    const add = (cut) => {
      const o = this.indexOf.get(cut.observable);
      if (o === undefined) return;
      const range = this.ranksOf(o, cut.low, cut.high);
      const old = ranges.get(o);
      if (old) {
        range.first = Math.max(range.first, old.first);
        range.last = Math.min(range.last, old.last);
        range.exact &&= old.exact;
      }
      ranges.set(o, range);
    };
    for (const cut of cuts) if (cut.observable !== without) add(cut);
    if (slice) add(slice);
    return ranges;
  }
}

export function rangesKey(ranges) {
  return [...ranges].map(([o, r]) => `${o}:${r.first}-${r.last}`).sort().join(",");
}

// The sample a selection is read off: a high tail off the reference, everything else off the generated one.
export function rightSample(selection) {
  if (selection.sample) return selection.sample;
  return selection.low !== null && selection.low > 0 && selection.high === null ? "reference" : "generated";
}

export function otherSample(sample) {
  return sample === "reference" ? "generated" : "reference";
}

// Half-open range in log w; the ends are compared with >= and <.
export function logRange(selection) {
  return {
    low: selection.low === null ? -Infinity : Math.log(selection.low),
    high: selection.high === null ? null : Math.log(selection.high),
  };
}
