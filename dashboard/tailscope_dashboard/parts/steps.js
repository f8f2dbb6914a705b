// Undo and redo, as buttons and keys, and the browser's own Back and Forward: one history, which Python keeps.
//
// Each step has an entry of the browser's history, with its number and the page that numbered it; the address bar
// holds its link. A step that Python went back to is gone to here as well, and the other way round.

import { addressOf } from "./address.js";
import { pageButton } from "./button.js";
import { isField, undoing } from "./keys.js";

export function render({ model, el }) {
  const page = crypto.randomUUID?.() ?? String(Math.random());
  const of = (key, sign, keys, what) => {
    const { button } = pageButton(model, sign, "");
    const show = () => {
      const words = model[what];
      button.disabled = !words;
      button.title = words ? `${key}: ${words} (${keys})` : `nothing to ${key} (${keys})`;
      button.setAttribute("aria-label", button.title);
      button.style.opacity = words ? "1" : "0.45";
    };
    Object.assign(button.style, { width: "32px", padding: "0", fontSize: "17px" });
    button.addEventListener("click", () => model.send_msg({ ask: key }));
    model.on(what, show);
    show();
    return button;
  };
  const both = document.createElement("div");
  both.append(of("undo", "↶", "Ctrl+Z", "undoes"), of("redo", "↷", "Ctrl+Shift+Z", "redoes"));
  Object.assign(both.style, { display: "flex", gap: "4px" });
  el.append(both);

  // On a page of its own, wherever the focus is; elsewhere other things have keys of that name.
  const keys = (event) => {
    if (event.defaultPrevented || event.altKey || !(event.ctrlKey || event.metaKey)) return;
    const by = undoing(event);
    if (!by || isField(event.composedPath()[0])) return;
    model.send_msg({ ask: by < 0 ? "undo" : "redo" });
    event.preventDefault();
  };

  if (!model.served) return;
  asWideAsTheScreen();
  window.addEventListener("keydown", keys);
  model.on("remove", () => window.removeEventListener("keydown", keys));
  attachAddress(model, page);
}

// Panel's pages do not say so, and phones then lay them out for a desktop.
function asWideAsTheScreen() {
  if (document.querySelector("meta[name=viewport]")) return;
  const meta = document.createElement("meta");
  Object.assign(meta, { name: "viewport", content: "width=device-width, initial-scale=1" });
  document.head.append(meta);
}

// Entries of the browser's history by their position in this tab, which outlives a reload of the page.
function attachAddress(model, page) {
  const steps = new Map();
  let at = history.state?.at ?? 0; // the position that is shown
  let going = null; // one that the browser is on its way to
  let waiting = 0; // questions that Python has not answered
  let foreign = false; // whether one of them is about an entry that another page has left behind

  const write = (how) => {
    steps.set(at, model.step);
    history[how]({ page, step: model.step, at }, "", addressOf(model));
  };
  const follow = () => {
    if (going !== null || waiting || steps.get(at) === model.step) return;
    const known = [...steps].find(([, step]) => step === model.step)?.[0];
    if (known !== undefined) {
      going = known;
      history.go(known - at);
      return;
    }
    for (const later of steps.keys()) if (later > at) steps.delete(later);
    at += 1;
    write("pushState");
  };
  const arrived = ({ state }) => {
    at = state?.at ?? 0;
    going = null;
    foreign = state?.page !== page;
    if (!foreign && state.step === model.step && !waiting) {
      follow();
      return;
    }
    waiting += 1;
    model.send_msg(foreign ? { ask: "link", link: location.search } : { ask: "go", step: state.step });
  };
  const answered = () => {
    waiting -= 1;
    if (waiting) return;
    // The link of another page's entry was followed, as far as it went: the entry is ours now.
    if (foreign) write("replaceState");
    else follow();
    foreign = false;
  };
  write("replaceState");
  model.on("step", () => queueMicrotask(follow));
  model.on("msg:custom", answered);
  window.addEventListener("popstate", arrived);
  model.on("remove", () => window.removeEventListener("popstate", arrived));
}
