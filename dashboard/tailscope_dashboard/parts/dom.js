// Small helpers to build DOM. Strings always become text nodes: nothing here parses HTML.

export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((c) => c !== null && c !== undefined));
  return element;
}

export function setText(element, text) {
  if (element.firstChild?.nodeType === 3) {
    if (element.firstChild.data !== text) element.firstChild.data = text;
  } else element.textContent = text;
}

export const ICONS = {
  shown: "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8Z M10 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z",
  hidden: "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8Z M3 13.5 13 2.5",
  copy: "M5.5 5.5h8v8h-8z M10.5 5.5v-3h-8v8h3",
  remove: "M4 4l8 8 M12 4l-8 8",
  other: "M2.5 3.5h4v9h-4z M13.5 3.5h-4v9h4z M8 2v12",
};

export function iconImage(icon) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  path.setAttribute("d", ICONS[icon]);
  return svg;
}

export function iconButton(icon, title, onclick) {
  return make("button", { class: "ts-icon", type: "button", title, "aria-label": title, onclick, data: { icon } }, iconImage(icon));
}

// Two or more choices of which one holds: a row of joined buttons.
export function segmented(choices, title, onchoose) {
  const buttons = new Map();
  const group = make("div", { class: "ts-segments", role: "group", title, "aria-label": title });
  for (const [value, text] of choices) {
    const button = make("button", { type: "button", onclick: () => onchoose(value), data: { value } }, text);
    buttons.set(value, button);
    group.append(button);
  }
  const show = (value) => {
    for (const [key, button] of buttons) button.setAttribute("aria-pressed", String(key === value));
  };
  return { element: group, show };
}

export function toggleButton(text, title, onclick) {
  const button = make("button", { type: "button", class: "ts-toggle", title, onclick }, text);
  return { element: button, show: (on) => button.setAttribute("aria-pressed", String(on)) };
}
