// Cells of a ratio: neighbouring bins taken together until each tells something, and boxes of single values.

const MOST_CELLS = 25; // cells of a panel, but for empty ones
const ENOUGH_EVENTS = 25; // events of the reference in a cell
const EMPTY_RUN = 3; // empty bins in a row that make a cell of their own

// Room for the cells of a panel with `nb` bins: slots (counted from the panel's first one) and pixels of each.
export function makeCells(nb) {
  return { n: 0, first: new Int16Array(nb + 2), last: new Int16Array(nb + 2), x0: new Float64Array(nb + 2), x1: new Float64Array(nb + 2) };
}

/**
 * Fill the cells of a panel anew, from the counts of the reference.
 *
 * Bins are taken together from left to right until there are ENOUGH_EVENTS events and at most MOST_CELLS cells; what is left
 * before a gap goes to the cell before it. Empty bins at either end, and EMPTY_RUN or more in a row, are a cell of their
 * own: there the ratio has no denominator.
 *
 * @param {{ nb: number, offset: number, xs: ArrayLike<number>, boxes: { slot: number, x: number, w: number }[], cells: ReturnType<typeof makeCells> }} panel
 * @param {ArrayLike<number>} reference
 */
export function fillCells(panel, reference) {
  const { nb, offset, cells, xs } = panel;
  const least = Math.ceil(nb / MOST_CELLS);
  cells.n = 0;
  const add = (/** @type {number} */ first, /** @type {number} */ last, /** @type {number} */ x0, /** @type {number} */ x1) => {
    cells.first[cells.n] = first;
    cells.last[cells.n] = last;
    cells.x0[cells.n] = x0;
    cells.x1[cells.n++] = x1;
  };
  const filledFrom = (/** @type {number} */ bin) => {
    let found = bin;
    while (found <= nb && !(reference[offset + found] > 0)) found++;
    return found;
  };
  for (let bin = 1; bin <= nb; ) {
    const filled = filledFrom(bin);
    if (filled > bin) {
      add(bin, filled - 1, xs[bin - 1], xs[filled - 1]);
      bin = filled;
      continue;
    }
    const start = cells.n;
    let first = bin;
    let sum = 0;
    for (; bin <= nb; bin++) {
      const next = filledFrom(bin);
      if (next > bin && (next > nb || next - bin >= EMPTY_RUN)) break;
      sum += reference[offset + bin];
      if (sum < ENOUGH_EVENTS || bin - first + 1 < least) continue;
      add(first, bin, xs[first - 1], xs[bin]);
      first = bin + 1;
      sum = 0;
    }
    if (first === bin) continue;
    if (cells.n > start) {
      cells.last[cells.n - 1] = bin - 1;
      cells.x1[cells.n - 1] = xs[bin - 1];
    } else add(first, bin - 1, xs[first - 1], xs[bin - 1]);
  }
  for (const { slot, x, w } of panel.boxes) add(slot, slot, x, x + w);
}
