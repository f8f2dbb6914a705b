import assert from "node:assert/strict";
import test from "node:test";

import { plainData } from "../../dashboard/tailscope_dashboard/parts/data.js";
import { stateKey, Store } from "../../dashboard/tailscope_dashboard/wall/counting/store.js";
import { dice } from "./naive.js";

// What Panel's model does: properties tell whoever listens when they are set, on both sides.
function modelOf(values) {
  const listeners = [];
  const written = [];
  const model = new Proxy({ active: 0, view: {}, meta: {}, ...values, on: (name, listener) => listeners.push([name, listener]), send_msg() {} }, {
    set(target, name, value) {
      target[name] = value;
      written.push(name);
      for (const [heard, listener] of listeners) if (heard === name) listener();
      return true;
    },
  });
  return { model, written };
}

const named = (name, rest = {}) => ({ name, low: null, high: null, cuts: [], sample: null, colour: "#112233", visible: true, ...rest });

test("while something moves nothing is written; at rest, what changed and nothing else", () => {
  const { model, written } = modelOf({ selections: [named("one"), named("two")] });
  const store = new Store(model);
  store.edit(store.current, { low: 2 }, true);
  store.cut(store.current, "x", 1, null, true);
  assert.deepEqual(written, []);
  assert.equal(store.atRest, false);
  store.rest();
  assert.deepEqual(written, ["selections"]);
  assert.equal(store.atRest, true);
  assert.deepEqual(model.selections[0].cuts, [{ observable: "x", low: 1, high: null }]);
  store.setView({ density: false });
  store.activate(1);
  store.rest();
  assert.deepEqual(written, ["selections", "view", "active"]);
});

test("what was written is not the page's own any more: later changes leave it alone", () => {
  const { model } = modelOf({ selections: [named("one", { cuts: [{ observable: "x", low: 1, high: 2 }] })] });
  const store = new Store(model);
  store.edit(store.current, { low: 1 });
  store.cut(store.current, "x", 5, 6, true);
  assert.deepEqual(model.selections[0].cuts, [{ observable: "x", low: 1, high: 2 }]);
});

test("an echo is ignored, news are taken: cards keep their identity by name, and the active one is one of them", () => {
  const { model } = modelOf({ selections: [named("one"), named("two")], active: 1 });
  const store = new Store(model);
  const heard = [];
  store.on((what) => heard.push(what));
  const [first] = store.selections;
  model.selections = [named("one"), named("two")];
  model.active = 1;
  assert.deepEqual(heard, []);
  model.selections = [named("one", { low: 3 })];
  assert.deepEqual(heard, ["structure", "rest"]);
  assert.equal(store.selections[0].uid, first.uid);
  assert.equal(store.current.name, "one");
  assert.equal(store.atRest, true);
});

test("whatever a permalink or Python holds becomes selections that can be drawn", () => {
  const odd = [{}, { name: 5, low: NaN, high: "2", colour: "red", sample: "both" }, { cuts: [{ observable: 3, low: undefined }], visible: 0 }, { low: Infinity }];
  const store = new Store(modelOf({ selections: odd }).model);
  for (const { low, high, cuts, name, colour, sample } of store.selections) {
    assert.ok([low, high, ...cuts.flatMap((cut) => [cut.low, cut.high])].every((end) => end === null || (typeof end === "number" && !Number.isNaN(end))));
    assert.match(colour, /^#[0-9a-f]{6}$/iu);
    assert.equal(typeof name, "string");
    assert.equal(sample, null);
  }
  assert.equal(store.selections[3].low, Infinity);
  assert.equal(new Set(store.selections.map(({ colour }) => colour)).size, 4);
  assert.equal(new Store(modelOf({ selections: [], active: 3 }).model).current, null);
});

test("after any steps names differ, the active selection exists, and the model holds the state", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = dice(seed);
    const { model } = modelOf({ selections: [named("tail")] });
    const store = new Store(model);
    for (let k = 0; k < 60; k++) {
      const selection = store.current;
      const steps = [
        () => store.add({ name: "tail" }),
        () => selection && store.duplicate(selection, { low: 1 }),
        () => selection && store.remove(random.pick(store.selections)),
        () => store.activate(random.below(4)),
        () => selection && store.cut(selection, random.pick(["x", "y"]), 0, 1),
        () => selection && store.uncut(selection, "x"),
        () => selection && store.edit(selection, { high: random.uniform() }),
      ];
      random.pick(steps)();
      assert.equal(new Set(store.selections.map(({ name }) => name)).size, store.selections.length);
      assert.equal(new Set(store.selections.map(({ uid }) => uid)).size, store.selections.length);
      assert.equal(store.current === null, store.selections.length === 0);
      assert.deepEqual(model.selections, store.plain());
      assert.equal(model.active, store.active);
      assert.ok(store.selections.every(({ cuts }) => new Set(cuts.map(({ observable }) => observable)).size === cuts.length));
    }
  }
});

test("keys tell infinities from open ends, and maps are plain data", () => {
  assert.notEqual(stateKey([null]), stateKey([Infinity]));
  assert.notEqual(stateKey([Infinity]), stateKey([-Infinity]));
  assert.deepEqual(plainData(new Map([["a", [new Map([["b", 1]])]], ["c", null]])), { a: [{ b: 1 }], c: null });
});

test("undo goes back through everything that came to rest, and redo forward, until something else is done", async () => {
  const { model } = modelOf({ selections: [named("one"), named("two")] });
  const store = new Store(model);
  assert.equal(store.undo(-1), false);
  store.edit(store.current, { low: 2 }, true);
  store.edit(store.current, { low: 3 });
  store.setView({ density: false });
  store.setView({ theme: "dark" });
  store.remove(store.current);
  assert.deepEqual(model.selections.map((s) => s.name), ["two"]);
  assert.equal(store.undo(-1), true);
  assert.deepEqual(model.selections.map((s) => [s.name, s.low]), [["one", 3], ["two", null]]);
  store.undo(-1);
  assert.equal(model.view.density, undefined);
  assert.equal(model.view.theme, "dark");
  store.undo(-1);
  assert.equal(model.selections[0].low, null);
  assert.equal(store.undo(-1), false);
  store.undo(1);
  assert.equal(model.selections[0].low, 3);
  store.edit(store.current, { low: 5 });
  assert.equal(store.undo(1), false);
  // News that come together are one step; what undo would have shown is an undo, whoever asked for it.
  model.selections = [named("three")];
  model.view = { density: true };
  await Promise.resolve();
  store.undo(-1);
  assert.deepEqual([model.selections[0].low, model.view.density], [5, undefined]);
  store.edit(store.current, { low: 6 });
  model.selections = [named("one", { low: 5 }), named("two")];
  await Promise.resolve();
  store.undo(1);
  assert.equal(model.selections[0].low, 6);
});
