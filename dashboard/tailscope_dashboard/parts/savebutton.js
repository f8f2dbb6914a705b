// The menu of a figure alone, as a component of its own.

import { figureRows, numberRows, SaveMenu } from "./save.js";
import { THEMES } from "./theme.js";

export function render({ model, el }) {
  const menu = new SaveMenu({
    model, label: "figure", title: "save this figure, its numbers, or the Python that makes it",
    groups: () => [{ title: "This figure", rows: [...figureRows("for a paper or a talk", ["*"]), ...numberRows("numbers, Python", ["*"])] }],
  });
  menu.button.style.height = "31px"; // as the widgets beside it
  const dress = () => {
    for (const [name, colour] of Object.entries(THEMES[model.dark ? "dark" : "light"])) menu.element.style.setProperty(`--${name}`, colour);
  };
  dress();
  model.on("dark", dress);
  model.on("remove", () => menu.toggle(false));
  el.append(menu.element);
}
