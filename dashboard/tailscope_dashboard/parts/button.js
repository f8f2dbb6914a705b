// The look of the header's own buttons, and how they say what they have done.

export function pageButton(model, label, title) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = title;
  button.setAttribute("aria-live", "polite");
  let timer = 0;
  const say = (words, stays = false) => {
    button.textContent = words;
    clearTimeout(timer);
    if (words !== label && !stays) timer = setTimeout(() => say(label), 1600);
  };
  const dress = () => {
    const [back, line, text] = model.dark ? ["#15181b", "#363c42", "#eceff1"] : ["#ffffff", "#d9dde1", "#1b1f23"];
    Object.assign(button.style, {
      fontFamily: "inherit", fontSize: "14px", height: "32px", padding: "0 10px", cursor: "pointer", whiteSpace: "nowrap",
      borderRadius: "4px", background: back, color: text, border: `1px solid ${line}`,
    });
  };
  say(label);
  dress();
  model.on("dark", dress);
  return { button, say };
}
