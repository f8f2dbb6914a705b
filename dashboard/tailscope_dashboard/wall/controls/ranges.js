// Range ends typed by hand: what they mean, and the sentence when they mean nothing.

import { shortNumber } from "../../parts/axes.js";
import { make } from "../../parts/dom.js";

// Text to a number, null for an open end, or {error}.
export function parseEnd(text, weight) {
  const clean = text.trim().replace("−", "-").replace(",", ".");
  if (clean === "" || /^[+-]?(inf|infinity|∞)$/iu.test(clean)) return null;
  const value = Number(clean);
  if (Number.isNaN(value)) return { error: `“${text.trim()}” is not a number; leave the field empty for an open end.` };
  if (weight && value < 0) return { error: `Weights are never negative, ${shortNumber(value)} is.` };
  return value;
}

// A range end as it is shown; the field's tooltip has every digit.
export function endText(value) {
  if (value === null) return "";
  const short = Number(value.toPrecision(4));
  return Math.abs(short) >= 1e6 ? short.toExponential().replace("e+", "e") : String(short);
}

// The sentence for a range that is inverted, or null.
export function rangeError(what, low, high) {
  if (low === null || high === null || low <= high) return null;
  return `${what}: ${endText(low)} is above ${endText(high)}; the old value stays.`;
}

// Two text fields low … high. `read()` gives the present ends, `write(low, high)` takes them, `say(sentence)` reports.
export function rangeFields({ weight, what, read, write, say, focus }) {
  const field = (end) => {
    const input = make("input", {
      type: "text", inputMode: "decimal", class: "ts-end", autocomplete: "off", spellcheck: false, data: { end },
      placeholder: end === "low" ? (weight ? "0" : "−∞") : "∞", "aria-label": `${what}, ${end === "low" ? "lower" : "upper"} end`,
    });
    const commit = () => {
      const ends = read();
      // The text may be a shortened bin edge: untouched, it changes nothing.
      if (input.value === endText(ends[end])) return;
      const value = parseEnd(input.value, weight);
      const wanted = { ...ends, [end]: value };
      const error = value?.error ?? rangeError(what, wanted.low, wanted.high);
      if (error) {
        say(error);
        input.value = endText(ends[end]);
        return;
      }
      say("");
      // A weight of 0 as the lower end is an open end: w = 0 is inside either way.
      if (weight && end === "low" && value === 0) wanted.low = null;
      input.value = endText(wanted[end]);
      if (wanted.low !== ends.low || wanted.high !== ends.high) write(wanted.low, wanted.high);
    };
    input.addEventListener("change", commit);
    input.addEventListener("focus", () => focus?.(end));
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") {
        commit();
        input.select();
      } else if (event.key === "Escape") {
        input.value = endText(read()[end]);
        input.blur();
      }
    });
    return input;
  };
  const low = field("low");
  const high = field("high");
  const show = () => {
    const ends = read();
    const active = low.getRootNode().activeElement;
    for (const [input, value] of [[low, ends.low], [high, ends.high]]) {
      const text = endText(value);
      if (input === active || input.value === text) continue;
      input.value = text;
      input.title = value === null ? "open" : String(value);
    }
  };
  return { low, high, show };
}
