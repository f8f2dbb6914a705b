// A button that asks Python for the static page of what is shown, and saves it as a file.

import { pageButton } from "../parts/button.js";

export function render({ model, el }) {
  const { button, say } = pageButton(
    model, "share page", "save one HTML file that shows this without tailscope and without a network, with the cuts as they are now",
  );
  button.addEventListener("click", () => {
    button.disabled = true;
    say("writing…", true);
    model.send_msg({ ask: "page" });
  });
  model.on("msg:custom", ({ name, page }) => {
    button.disabled = false;
    if (!page) {
      say("failed");
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([page], { type: "text/html" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`saved, ${(page.byteLength / 1e6).toFixed(1)} MB`);
  });
  el.append(button);
}
