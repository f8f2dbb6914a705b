// A button that copies the permalink; on a served page the address bar holds it too.

export function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = "copy a link to what is shown: study, selections, cuts, tab";
  button.setAttribute("aria-live", "polite");
  const kept = ["bokeh-session-id", "theme"];
  function address() {
    if (!model.served) return model.link;
    const given = new URL(location.href).searchParams;
    const ours = kept.filter((k) => given.has(k)).map((k) => `${k}=${encodeURIComponent(given.get(k))}`);
    return `${location.origin}${location.pathname}?${[...ours, model.link].join("&")}`;
  }
  function dress() {
    const [back, line, text] = model.dark ? ["#15181b", "#363c42", "#eceff1"] : ["#ffffff", "#d9dde1", "#1b1f23"];
    Object.assign(button.style, {
      fontFamily: "inherit", fontSize: "14px", height: "32px", padding: "0 10px", cursor: "pointer", whiteSpace: "nowrap",
      borderRadius: "4px", background: back, color: text, border: `1px solid ${line}`,
    });
  }
  function say(words) {
    button.textContent = words;
    clearTimeout(button.timer);
    if (words !== "copy link") button.timer = setTimeout(() => say("copy link"), 1600);
  }
  function show() {
    if (model.served && model.link) history.replaceState(history.state, "", address());
  }
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(address());
      say("copied");
    } catch {
      prompt("Copy this link:", address());
    }
  });
  say("copy link");
  dress();
  show();
  model.on("link", show);
  model.on("dark", dress);
  el.append(button);
}
