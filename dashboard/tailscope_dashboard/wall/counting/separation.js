// How different a selection's histogram is from what it is drawn in front of, as one number an observable.
//
// The separation S = 1/2 sum (p - q)^2 / (p + q) over all slots, under- and overflow and undefined among them: 0 for
// equal histograms, 1 for those that share no slot (A. Hoecker et al., TMVA, physics/0703039, eq. 1). What counting
// statistics alone make of it is taken off: of k events where m are expected, the mean of (k - m)^2 / (k + m). Two normal distributions d deviations apart
// have S = d^2 / 4 where d is small; Cohen's small, medium and large effects (d = 0.2, 0.5, 0.8) are 0.01, 0.06, 0.14.

/** @import { SlotLayout } from "./layout.js" */

const SIGNIFICANT = 3;
const WORDS = /** @type {const} */ ([[0.14, "large"], [0.06, "medium"], [0.01, "small"], [0, "tiny"]]);

// Mean and variance of (k - m)^2 / (k + m) for a Poisson k, at m = (i / STEPS)^2; for more they hardly change any more.
const STEPS_OF_ROOT = 20;
const LARGEST_ROOT = 8;
const NOISE = Array.from({ length: LARGEST_ROOT * STEPS_OF_ROOT + 1 }, (_, i) => {
  const m = (i / STEPS_OF_ROOT) ** 2;
  let [mean, square, chance] = [0, 0, Math.exp(-m)];
  for (let k = 0; k < 2 * m + 40; k++) {
    const term = k + m > 0 ? (k - m) ** 2 / (k + m) : 0;
    mean += chance * term;
    square += chance * term * term;
    chance *= m / (k + 1);
  }
  return { mean, variance: square - mean * mean };
});

/**
 * Separations of all observables.
 *
 * @param {SlotLayout} layout
 * @param {ArrayLike<number>} counts of the selection, all slots
 * @param {ArrayLike<number>} backdrop of what it is compared with
 * @param {boolean} isPart whether the selection's events are among those of the backdrop
 * @param {{ value: Float64Array, seen: Uint8Array }} out per observable: S without noise, at least 0; and whether it is
 *   more than three standard deviations of what noise alone gives
 */
export function separations(layout, counts, backdrop, isPart, out) {
  const { offsets, bins } = layout;
  for (let o = 0; o < bins.length; o++) {
    const [first, last] = [offsets[o], offsets[o + 1]];
    let n = 0;
    let all = 0;
    for (let s = first; s < last; s++) {
      n += counts[s];
      all += backdrop[s];
    }
    let sum = 0;
    let variance = 0;
    if (n > 1 && all > 1) {
      // As many events as have the noise of the difference: those of a part are in its backdrop, too.
      const worth = 1 / Math.max(isPart ? 1 / n - 1 / all : 1 / n + 1 / all, 1e-15);
      for (let s = first; s < last; s++) {
        const p = counts[s] / n;
        const q = backdrop[s] / all;
        if (p + q === 0) continue;
        const expected = isPart ? q : (counts[s] + backdrop[s]) / (n + all);
        const noise = NOISE[Math.min(NOISE.length - 1, Math.round(Math.sqrt(worth * expected) * STEPS_OF_ROOT))];
        sum += (p - q) ** 2 / (p + q) - noise.mean / worth;
        variance += noise.variance / worth ** 2;
      }
    }
    out.value[o] = Math.max(0, sum / 2);
    out.seen[o] = sum > SIGNIFICANT * Math.sqrt(variance) && sum > 0 ? 1 : 0;
  }
  return out;
}

/**
 * A word for a separation that was seen.
 *
 * @param {number} value
 */
export function separationWord(value) {
  return WORDS.find(([least]) => value >= least)?.[1] ?? "tiny";
}
