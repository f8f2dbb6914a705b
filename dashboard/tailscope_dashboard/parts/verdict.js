// The verdict of a component: pushed as its parameter, and told once more to a page that has just been drawn.

import { plainData } from "./data.js";

export function followVerdict(model, draw) {
  let told = null;
  const found = () => {
    const pushed = plainData(model.verdict);
    return pushed?.light ? pushed : told;
  };
  model.on("msg:custom", (message) => {
    const { verdict } = plainData(message);
    if (!verdict?.light) return;
    told = verdict;
    draw();
  });
  model.on("verdict", () => {
    told = null;
    draw();
  });
  model.send_msg({ ask: "hello" });
  return found;
}
