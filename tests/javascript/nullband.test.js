import assert from "node:assert/strict";
import test from "node:test";

import { NullBand } from "../../dashboard/tailscope_dashboard/wall/counting/nullband.js";
import { close, dice } from "./naive.js";

// Counts below each point of a grid, run by run, of weights that are drawn; and the weights themselves.
function runsOf(seed, { first, step, points, n, runs }) {
  const random = dice(seed);
  const drawn = Array.from({ length: runs }, () => Array.from({ length: n }, () => {
    const kind = random.below(40);
    // Between two points counts are interpolated: weights lie at points, just above what is compared with them.
    return kind === 0 ? -Infinity : kind === 1 ? Infinity : first + step * random.below(points - 1);
  }));
  const below = drawn.map((run) => Array.from({ length: points }, (_, k) => run.filter((x) => x < first + step * k).length));
  return { drawn, side: { below, total: drawn.map((run) => run.length) } };
}

test("at the points of the grid, expectation and spread are mean and deviation of the runs' counts", () => {
  const grid = { first: -2, step: 0.25, points: 17, n: 300, runs: 20 };
  for (let seed = 0; seed < 10; seed++) {
    const [reference, generated] = [runsOf(seed, grid), runsOf(seed + 100, grid)];
    const band = new NullBand({ runs: grid.runs, first: grid.first, step: grid.step, reference: reference.side, generated: generated.side });
    const random = dice(seed);
    for (let k = 0; k < 20; k++) {
      const ends = [random.below(17), random.below(17)].toSorted((x, y) => x - y).map((i) => grid.first + grid.step * i);
      const [low, high] = [random.below(4) ? ends[0] : null, random.below(4) ? ends[1] : null];
      for (const [sample, { drawn }] of [["reference", reference], ["generated", generated]]) {
        const counts = drawn.map((run) => run.filter((x) => (low === null || x >= low) && (high === null || x < high)).length);
        const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
        const spread = Math.sqrt(counts.reduce((a, b) => a + (b - mean) ** 2, 0) / (counts.length - 1));
        const weight = (x) => (x === null ? null : Math.exp(x));
        const found = band.excess(sample, weight(low), weight(high), 1000);
        assert.ok(close(found.expected, mean, 1e-6), `${found.expected} is not ${mean}`);
        assert.ok(close(found.spread, spread, 1e-6));
        assert.ok(close(found.excess, 1000 - mean, 1e-6));
        assert.ok(close(found.error ** 2, spread ** 2 * (1 + 1 / 20) + Math.max(0, 1000 - mean), 1e-6));
        for (const observed of [0, Math.round(mean), counts[3], Math.max(...counts), Math.max(...counts) + 1]) {
          const asMany = counts.filter((n) => n >= observed).length;
          const { p, runs } = band.excess(sample, weight(low), weight(high), observed);
          assert.ok(close(p, (1 + asMany) / 21, 1e-12), `${p} is not (1 + ${asMany})/21`);
          assert.equal(runs, 20);
        }
      }
    }
  }
});

test("between two points the expectation rises, from w = 0 to inf it is everything", () => {
  const grid = { first: -1, step: 0.1, points: 21, n: 200, runs: 5 };
  const { side } = runsOf(3, grid);
  const band = new NullBand({ runs: 5, first: -1, step: 0.1, reference: side, generated: side });
  let before = 0;
  for (let x = -3; x < 3; x += 0.037) {
    const { expected } = band.expected("reference", null, Math.exp(x));
    assert.ok(expected >= before);
    before = expected;
  }
  assert.equal(band.expected("reference", null, null).expected, 200);
  assert.equal(band.expected("reference", 0, Infinity).spread, 0);
});
