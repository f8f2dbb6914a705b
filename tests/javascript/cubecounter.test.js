import assert from "node:assert/strict";
import test from "node:test";

import { CoarseCube, decodeCube } from "../../dashboard/tailscope_dashboard/wall/counting/cube.js";
import { CubeCounter } from "../../dashboard/tailscope_dashboard/wall/counting/cubecounter.js";
import { emptyMeasure } from "../../dashboard/tailscope_dashboard/wall/counting/rowcounter.js";
import { histogram, histograms, perRank, randomCut, randomSelection, readOff, SAMPLES, taken, totals, world } from "./naive.js";

const SEEDS = Array.from({ length: 15 }, (_, seed) => seed);
const EVERYTHING = { low: null, high: null, cuts: [], sample: null };

const other = (sample) => (sample === "reference" ? "generated" : "reference");

// Every tenth weight or so, and where w = 0 ends and w = inf begins; an end of events with one weight never splits them.
function boundariesOf({ samples, random }) {
  return Object.fromEntries(SAMPLES.map((name) => {
    const weights = samples[name].map(({ logW }) => logW);
    const firsts = weights.flatMap((x, i) => (i === 0 || x !== weights[i - 1] ? [i] : []));
    const kept = firsts.filter((i) => i === 0 || !Number.isFinite(weights[i]) || !Number.isFinite(weights[i - 1]) || random.below(10) === 0);
    return [name, [...kept, weights.length].map((at) => ({ at, logW: weights[at] ?? Infinity }))];
  }));
}

const weightsOf = (boundaries) => Float64Array.from(boundaries, ({ logW }) => logW);

// Counts below each boundary of the events that pass what is given, as Python sends them.
function cumulative(theWorld, sample, boundaries, { cuts, slice }) {
  return boundaries.flatMap(({ at }) => {
    const below = { ...theWorld, samples: { ...theWorld.samples, [sample]: theWorld.samples[sample].slice(0, at) } };
    return histograms(below, { ...EVERYTHING, cuts, sample }, slice);
  });
}

// What Python answers, made event by event.
function answerTo(theWorld, boundaries, { ask, key, sample, observable, low, high, cuts, slice }) {
  const against = other(sample);
  if (ask === "cube") {
    const passed = new Set(taken(theWorld, against, { ...EVERYTHING, cuts }, slice));
    const events = boundaries[against].map(({ at }) => theWorld.samples[against].slice(0, at).filter((event) => passed.has(event)).length);
    return { answer: ask, key, sample, right: Uint32Array.from(cumulative(theWorld, sample, boundaries[sample], { cuts, slice })).buffer, other: Uint32Array.from(events).buffer };
  }
  const o = theWorld.layout.indexOf.get(observable);
  const groups = (name) => perRank(theWorld, name, { low, high, cuts }, slice, o);
  const right = groups(sample).flatMap((events) => theWorld.panels.flatMap((_, k) => histogram(theWorld, k, events)));
  return { answer: ask, key, sample, right: Uint32Array.from(right).buffer, other: Uint32Array.from(groups(against), (events) => events.length).buffer };
}

function counterOf(theWorld) {
  const boundaries = boundariesOf(theWorld);
  const cubes = Object.fromEntries(SAMPLES.map((name) => [name, new CoarseCube(
    weightsOf(boundaries[name]), Uint32Array.from(cumulative(theWorld, name, boundaries[name], { cuts: [], slice: null })), theWorld.layout.slots)]));
  const meta = { samples: Object.fromEntries(SAMPLES.map((name) => [name, { label: name, n: theWorld.samples[name].length }])), weights: { edges: [] } };
  const asked = [];
  const counter = new CubeCounter(theWorld.layout, cubes, meta, (question) => asked.push(question));
  const answer = () => asked.splice(0).forEach((question) => counter.received(answerTo(theWorld, boundaries, question)));
  return { counter, boundaries, asked, answer };
}

// A range whose ends are boundaries of both samples: of w = 0 and inf, that is, or of the one that is read off.
function atBoundaries({ random }, boundaries, selection) {
  const inside = boundaries[readOff(selection)].filter(({ logW }) => Number.isFinite(logW));
  const w = () => (inside.length ? Math.exp(random.pick(inside).logW) : null);
  const ends = [random.pick([selection.low, w()]), random.pick([selection.high, w()])];
  return ends;
}

test("between boundaries a count lies between those of the range shrunk and widened to them", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 300);
    const { counter, boundaries } = counterOf(theWorld);
    for (let k = 0; k < 10; k++) {
      const selection = randomSelection(theWorld, 0);
      const measure = counter.measure(selection, null, emptyMeasure(theWorld.layout));
      assert.equal(measure.approximate, true);
      const sample = readOff(selection);
      assert.equal(measure.sample, sample);
      const weights = boundaries[sample].map(({ logW }) => logW);
      const [low, high] = [selection.low === null ? -Infinity : Math.log(selection.low), selection.high === null ? null : Math.log(selection.high)];
      const floor = (x) => weights.findLastIndex((b) => b < x);
      const ceil = (x) => { const i = weights.findIndex((b) => b >= x); return i < 0 ? weights.length - 1 : i; };
      const at = (i) => boundaries[sample][Math.max(0, i)].at;
      const within = (from, to) => theWorld.panels.flatMap((_, o) => histogram(theWorld, o, theWorld.samples[sample].slice(from, Math.max(from, to))));
      const last = weights.length - 1;
      const least = within(at(ceil(low)), high === null ? at(last) : at(floor(high)));
      const most = within(at(floor(low)), high === null ? at(last) : at(ceil(high)));
      measure.counts.forEach((n, slot) => assert.ok(n >= least[slot] - 1e-9 && n <= most[slot] + 1e-9, `${n} not in ${least[slot]}..${most[slot]}`));
      for (const name of SAMPLES) assert.ok(measure.totals[name].nEff <= measure.totals[name].n + 1e-9);
    }
  }
});

test("ranges that end at boundaries are counted exactly, with cuts and slices once their cube has come", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 200);
    const { counter, boundaries, answer, asked } = counterOf(theWorld);
    counter.move(null, true);
    for (let k = 0; k < 4; k++) {
      const drawn = randomSelection(theWorld, 2);
      const slice = k % 2 ? randomCut(theWorld) : null;
      const sample = readOff(drawn);
      const [low, high] = atBoundaries(theWorld, boundaries, drawn);
      const inverted = low !== null && high !== null && low > high;
      const selection = { ...drawn, sample, low: inverted ? high : low, high: inverted ? low : high };
      const ends = [selection.low, selection.high].filter((w) => w !== null && w > 0 && w < Infinity);
      if (!ends.every((w) => boundaries[sample].some(({ logW }) => logW === Math.log(w)))) continue;
      const measure = emptyMeasure(theWorld.layout);
      counter.measure(selection, slice, measure);
      assert.equal(asked.length > 0, selection.cuts.length > 0 || slice !== null);
      answer();
      counter.measure(selection, slice, measure);
      assert.deepEqual(Array.from(measure.counts), histograms(theWorld, selection, slice));
      assert.equal(measure.totals[sample].n, totals(theWorld, sample, selection, slice).n);
    }
  }
});

test("a brush is exact at every edge once its cube has come; panels of other cuts keep what they showed", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 150);
    const { counter, answer, asked } = counterOf(theWorld);
    const moving = theWorld.random.below(theWorld.panels.length);
    const { name } = theWorld.panels[moving];
    const still = randomSelection(theWorld, 1);
    const slice = seed % 2 ? randomCut(theWorld) : null;
    counter.move(name, true);
    const measure = emptyMeasure(theWorld.layout);
    for (let k = 0; k < 6; k++) {
      const selection = { ...still, cuts: [...still.cuts, randomCut(theWorld, moving)] };
      const before = Array.from(measure.counts);
      counter.measure(selection, slice, measure);
      if (k === 0) {
        assert.equal(asked.length, 1);
        assert.deepEqual(Array.from(measure.counts), before);
        assert.ok(measure.approximate);
        answer();
        counter.measure(selection, slice, measure);
      }
      assert.equal(asked.length, 0);
      const expected = histograms(theWorld, selection, slice);
      const kept = still.cuts.filter(({ observable }) => observable !== name).map(({ observable }) => theWorld.layout.indexOf.get(observable));
      for (const o of theWorld.panels.keys()) {
        const [from, to] = theWorld.layout.offsets.slice(o, o + 2);
        assert.deepEqual(Array.from(measure.counts.slice(from, to)), (kept.includes(o) ? before : expected).slice(from, to));
      }
      assert.equal(measure.approximate, kept.length > 0);
      for (const sample of SAMPLES) assert.equal(measure.totals[sample].n, totals(theWorld, sample, selection, slice).n);
    }
  }
});

test("a dragged slice is asked for once, however many frames it takes, and moves selections and backdrop exactly", () => {
  for (const seed of SEEDS) {
    const theWorld = world(seed, 150);
    const { counter, answer, asked } = counterOf(theWorld);
    counter.move("c", true);
    const selection = randomSelection(theWorld, 0);
    const slide = (slice) => {
      const back = counter.backdrop(slice);
      return { back, measure: counter.measure(selection, slice, emptyMeasure(theWorld.layout)) };
    };
    for (let k = 0; k < 5; k++) slide(randomCut(theWorld, 2));
    assert.equal(new Set(asked.map(({ key }) => key)).size, asked.length);
    assert.ok(asked.length <= 3);
    answer();
    for (let k = 0; k < 5; k++) {
      const slice = randomCut(theWorld, 2);
      const { back, measure } = slide(slice);
      assert.equal(asked.length, 0);
      assert.deepEqual(Array.from(measure.counts), histograms(theWorld, selection, slice));
      assert.equal(measure.approximate, false);
      for (const sample of SAMPLES) {
        assert.equal(back.n[sample], taken(theWorld, sample, EVERYTHING, slice).length);
        assert.deepEqual(Array.from(back.counts[sample]), theWorld.panels.flatMap((_, o) => histogram(theWorld, o, taken(theWorld, sample, EVERYTHING, slice))));
      }
    }
  }
});

test("whatever is dragged, counts that are not said to be approximate are those of the events", () => {
  let exact = 0;
  for (const seed of SEEDS) {
    const theWorld = world(seed, 100);
    const { counter, answer } = counterOf(theWorld);
    const measure = emptyMeasure(theWorld.layout);
    for (let k = 0; k < 25; k++) {
      const moving = theWorld.random.below(theWorld.panels.length);
      counter.move(theWorld.random.pick([null, theWorld.panels[moving].name]), true);
      const selection = randomSelection(theWorld);
      const slice = theWorld.random.pick([null, randomCut(theWorld)]);
      counter.measure(selection, slice, measure);
      answer();
      counter.measure(selection, slice, measure);
      if (measure.approximate) continue;
      exact++;
      assert.deepEqual(Array.from(measure.counts), histograms(theWorld, selection, slice));
    }
  }
  assert.ok(exact > 20);
});

test("the bytes that Python packs are the cubes that were packed", () => {
  const theWorld = world(8, 50);
  const boundaries = boundariesOf(theWorld);
  const parts = SAMPLES.flatMap((name) => [
    new Uint8Array(weightsOf(boundaries[name]).buffer),
    new Uint8Array(Uint32Array.from(cumulative(theWorld, name, boundaries[name], { cuts: [], slice: null })).buffer),
  ]);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const cube = Object.fromEntries(SAMPLES.map((name) => [name, boundaries[name].length]));
  const { cubes } = decodeCube(bytes.buffer, { panels: theWorld.panels, cube });
  for (const sample of SAMPLES) {
    const counts = new Float64Array(theWorld.layout.slots);
    cubes[sample].count(-Infinity, null, counts);
    assert.deepEqual(Array.from(counts), histograms(theWorld, { ...EVERYTHING, sample }, null));
  }
});
