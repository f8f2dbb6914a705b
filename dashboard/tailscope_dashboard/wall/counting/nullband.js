// The null band: how many events noise puts beyond a cut, from what refits with permuted labels counted.

/** @import { NullData, SampleName } from "./types.d.ts" */

export class NullBand {
  /** @param {NullData} data */
  constructor(data) {
    this.runs = data.runs;
    this.data = data;
  }

  /**
   * Events of each run below a natural log w; between two points of the grid they are interpolated.
   *
   * @param {SampleName} sample
   * @param {number} logW
   */
  below(sample, logW) {
    const { first, step } = this.data;
    const { below, total } = this.data[sample];
    if (logW === Infinity) return total;
    if (logW === -Infinity) return total.map(() => 0);
    const last = below[0].length - 1;
    const at = Math.min(last, Math.max(0, (logW - first) / step));
    const i = Math.min(last - 1, Math.floor(at));
    return below.map((run) => run[i] + (at - i) * (run[i + 1] - run[i]));
  }

  /**
   * Events of each run with low <= w < high; null is an open end.
   *
   * @param {SampleName} sample
   * @param {number | null} low
   * @param {number | null} high
   */
  counts(sample, low, high) {
    const under = this.below(sample, low === null ? -Infinity : Math.log(low));
    const over = this.below(sample, high === null ? Infinity : Math.log(high));
    return over.map((n, run) => n - under[run]);
  }

  /**
   * Their mean and standard deviation over the runs.
   *
   * @param {SampleName} sample
   * @param {number | null} low
   * @param {number | null} high
   */
  expected(sample, low, high) {
    const counts = this.counts(sample, low, high);
    const mean = counts.reduce((a, b) => a + b, 0) / this.runs;
    const variance = counts.reduce((a, b) => a + (b - mean) ** 2, 0) / (this.runs - 1);
    return { expected: mean, spread: Math.sqrt(variance) };
  }

  /**
   * The same with what was observed beyond it; the error holds noise, how well its mean is known, and counting.
   * How probable as many are is read off their rank among the runs, `rank_p` in Python: never below 1/(1 + runs).
   *
   * @param {SampleName} sample
   * @param {number | null} low
   * @param {number | null} high
   * @param {number} observed
   */
  excess(sample, low, high, observed) {
    const { expected, spread } = this.expected(sample, low, high);
    const excess = observed - expected;
    const error = Math.sqrt(spread ** 2 * (1 + 1 / this.runs) + Math.max(excess, 0));
    const asMany = this.counts(sample, low, high).filter((n) => n >= observed - 0.5).length;
    return { expected, spread, excess, error, p: (1 + asMany) / (1 + this.runs), runs: this.runs };
  }
}
