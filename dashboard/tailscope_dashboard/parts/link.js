// A button that copies the permalink.

import { addressOf } from "./address.js";
import { pageButton } from "./button.js";

export function render({ model, el }) {
  const { button, say } = pageButton(model, "copy link", "copy a link to what is shown: study, selections, cuts, tab");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(addressOf(model));
      say("copied");
    } catch {
      // Where no clipboard may be written, only a dialog shows the text selected.
      // oxlint-disable-next-line no-alert
      prompt("Copy this link:", addressOf(model));
    }
  });
  el.append(button);
}
