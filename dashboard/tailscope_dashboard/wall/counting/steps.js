// What the wall showed at rest, step by step: undo and redo without asking anybody.

/** @import { Rest } from "./types.d.ts" */

const MOST_STEPS = 500;

export class Steps {
  /**
   * @param {Rest} now
   * @param {string} key the same text for the same state
   */
  constructor(now, key) {
    this.kept = [{ now, key }];
    this.at = 0;
  }

  /**
   * The wall came to rest. A state that a neighbouring step has is that step: somebody else went there.
   *
   * @param {Rest} now
   * @param {string} key
   */
  take(now, key) {
    if (this.kept[this.at].key === key) {
      this.kept[this.at].now = now;
      return;
    }
    for (const near of [this.at - 1, this.at + 1]) {
      if (this.kept[near]?.key === key) {
        this.at = near;
        return;
      }
    }
    this.kept.splice(this.at + 1, Infinity, { now, key });
    if (this.kept.length > MOST_STEPS) this.kept.shift();
    this.at = this.kept.length - 1;
  }

  /**
   * The state `by` steps further on, -1 for the one before; null where there is none.
   *
   * @param {number} by
   * @returns {Rest | null}
   */
  go(by) {
    const found = this.kept[this.at + by];
    if (!found) return null;
    this.at += by;
    return found.now;
  }
}
