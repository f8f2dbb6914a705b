// Questions to Python: at most one on its way and one of a kind waiting, so that a slow server never builds up a backlog.

/** @import { Answer, Model, Question } from "./types.d.ts" */

export class Server {
  /**
   * @param {Model} model
   * @param {(message: Answer) => void} onanswer
   */
  constructor(model, onanswer) {
    this.model = model;
    this.busy = false;
    /** @type {Map<string, Question>} */
    this.waiting = new Map();
    this.onanswer = onanswer;
    this.alive = false;
    this.deadline = 0;
    model.on("msg:custom", (message) => this.received(message));
  }

  /**
   * A newer question replaces one of its kind that still waits.
   *
   * @param {Question} question
   * @param {string} [kind]
   */
  ask(question, kind = question.ask) {
    if (!this.alive) return;
    if (this.busy && performance.now() < this.deadline) {
      this.waiting.set(kind, question);
      return;
    }
    this.busy = true;
    // An answer that never comes (a restarted server) must not silence the page for good.
    this.deadline = performance.now() + 20_000;
    this.model.send_msg(question);
  }

  /** @param {Answer | undefined} message */
  received(message) {
    if (!message || typeof message !== "object") return;
    if (message.answer === "hello") {
      this.alive = true;
      this.onanswer(message);
      return;
    }
    if (message.answer === "saved") return; // the menu's, which asks by itself
    this.busy = false;
    this.onanswer(message);
    const [next] = this.waiting;
    if (this.busy || !next) return;
    this.waiting.delete(next[0]);
    this.ask(next[1], next[0]);
  }
}
