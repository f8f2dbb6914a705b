// A word on each panel: how different the active selection is from its backdrop.

import { separationWord } from "../counting/separation.js";
import { TICK_SIZE } from "./panel.js";

export const WORD_WIDTH = 104;

export function paintDifference(app, ctx, panel) {
  const { value, seen } = app.different;
  const o = panel.index;
  const current = app.store.current;
  ctx.font = `${seen[o] && value[o] >= 0.06 ? "600 " : ""}${TICK_SIZE}px system-ui, "Liberation Sans", sans-serif`;
  ctx.textAlign = "right";
  ctx.textBaseline = "alphabetic";
  const theme = app.theme();
  const text = differenceText(app, o);
  const right = panel.rect.x + panel.rect.w - (app.store.view.pinned.includes(panel.name) ? 18 : 2);
  ctx.fillStyle = seen[o] && value[o] >= 0.01 ? theme.text : theme.muted;
  ctx.fillText(text, right, panel.rect.y + 15);
  if (!seen[o]) return;
  ctx.fillStyle = current ? app.colour(current) : theme.generated;
  ctx.fillRect(right - ctx.measureText(text).width - 11, panel.rect.y + 7, 7, 7);
}

function differenceText({ different: { value, seen } }, o) {
  if (!seen[o]) return "same";
  const word = separationWord(value[o]);
  return word === "tiny" ? word : `${word} ${value[o].toFixed(2)}`;
}

// The same in a sentence.
export function differenceSentence(app, o) {
  const { current } = app.store;
  const { value, seen } = app.different;
  const what = current
    ? `${current.name} from all ${app.meta.samples[app.store.sampleOf(current)].label} events${app.store.view.slice ? " of the slice" : ""}`
    : "the generated sample from the reference";
  return seen[o]
    ? `separation of ${what}: ${value[o].toFixed(3)} (0: the same, 1: nothing in common; small 0.01, medium 0.06, large 0.14)`
    : `no separation of ${what} beyond counting statistics`;
}
