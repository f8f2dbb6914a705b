import assert from "node:assert/strict";
import test from "node:test";

import { Server } from "../../dashboard/tailscope_dashboard/wall/counting/server.js";

function connected() {
  const sent = [];
  const heard = [];
  let reply = null;
  const model = { on: (name, listener) => { if (name === "msg:custom") reply = listener; }, send_msg: (message) => sent.push(message) };
  const server = new Server(model, (message) => heard.push(message));
  return { server, sent, heard, reply: (message) => reply(message) };
}

test("nothing is asked before Python has answered the greeting", () => {
  const { server, sent, reply } = connected();
  server.ask({ ask: "exact", seq: 1 });
  assert.deepEqual(sent, []);
  reply({ answer: "hello" });
  server.ask({ ask: "exact", seq: 2 });
  assert.deepEqual(sent.map(({ seq }) => seq), [2]);
});

test("one question is on its way, and of each kind only the newest waits", () => {
  const { server, sent, heard, reply } = connected();
  reply({ answer: "hello" });
  for (let seq = 1; seq <= 5; seq++) server.ask({ ask: "exact", seq });
  server.ask({ ask: "cube", key: "a" }, "a");
  server.ask({ ask: "cube", key: "b" }, "b");
  assert.deepEqual(sent, [{ ask: "exact", seq: 1 }]);
  reply({ answer: "exact", seq: 1 });
  assert.deepEqual(sent.at(-1), { ask: "exact", seq: 5 });
  reply({ answer: "refused", sentence: "no" });
  assert.deepEqual(sent.at(-1), { ask: "cube", key: "a" });
  reply({ answer: "cube", key: "a" });
  assert.deepEqual(sent.at(-1), { ask: "cube", key: "b" });
  assert.equal(sent.length, 4);
  assert.deepEqual(heard.map(({ answer }) => answer), ["hello", "exact", "refused", "cube"]);
});

test("files for the menu are no answers to questions, and nonsense is not heard", () => {
  const { server, sent, heard, reply } = connected();
  reply({ answer: "hello" });
  server.ask({ ask: "exact", seq: 1 });
  server.ask({ ask: "exact", seq: 2 });
  reply({ answer: "saved", token: "t" });
  reply(null);
  reply("text");
  assert.deepEqual(sent.map(({ seq }) => seq), [1]);
  assert.equal(heard.length, 1);
});
