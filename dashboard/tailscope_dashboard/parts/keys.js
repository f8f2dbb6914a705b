// What keys mean on all of a page.

// -1 for the keys of undo, 1 for those of redo, 0 for others.
export function undoing(event) {
  const letter = event.key.toLowerCase();
  if (letter !== "z" && letter !== "y") return 0;
  return letter === "y" || event.shiftKey ? 1 : -1;
}

// Whether keys are letters of a text here.
export function isField(target) {
  const clicked = target?.nodeName === "INPUT" && /^(button|checkbox|radio|range|color)$/u.test(target.type);
  return !clicked && (/^(INPUT|SELECT|TEXTAREA)$/u.test(target?.nodeName ?? "") || Boolean(target?.isContentEditable));
}
