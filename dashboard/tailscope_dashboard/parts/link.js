// A button that copies the permalink; on a served page the address bar holds it too.

import { pageButton } from "./button.js";

export function render({ model, el }) {
  const { button, say } = pageButton(model, "copy link", "copy a link to what is shown: study, selections, cuts, tab");
  const kept = ["bokeh-session-id", "theme"];
  function address() {
    if (!model.served) return model.link;
    const given = new URL(location.href).searchParams;
    const ours = kept.filter((k) => given.has(k)).map((k) => `${k}=${encodeURIComponent(given.get(k))}`);
    return `${location.origin}${location.pathname}?${[...ours, model.link].join("&")}`;
  }
  function show() {
    if (model.served && model.link) history.replaceState(history.state, "", address());
  }
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(address());
      say("copied");
    } catch {
      // Where no clipboard may be written, only a dialog shows the text selected.
      // oxlint-disable-next-line no-alert
      prompt("Copy this link:", address());
    }
  });
  show();
  model.on("link", show);
  el.append(button);
}
