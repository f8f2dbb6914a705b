// The four small buttons of a panel, drawn while the pointer is over it.

const PANEL_ICONS = ["hide", "pin", "log", "focus"];
export const ICON_SIZE = 20;

export function iconRects(panel) {
  const right = panel.rect.x + panel.rect.w;
  return PANEL_ICONS.map((name, i) => ({ name, x: right - (i + 1) * ICON_SIZE, y: panel.rect.y + 1, w: ICON_SIZE, h: ICON_SIZE }));
}

export function paintIcon(ctx, { name, x, y }, on) {
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  if (name === "hide") {
    ctx.moveTo(x + 6, y + 6);
    ctx.lineTo(x + 14, y + 14);
    ctx.moveTo(x + 14, y + 6);
    ctx.lineTo(x + 6, y + 14);
  } else if (name === "pin") ctx.arc(x + 10, y + 10, 4, 0, 7);
  else if (name === "focus") {
    for (const [a, b] of [[-1, 1], [1, -1]]) {
      ctx.moveTo(x + 10 + a, y + 10 + b);
      ctx.lineTo(x + 10 + 5 * a, y + 10 + 5 * b);
      ctx.moveTo(x + 10 + 5 * a, y + 10 + b);
      ctx.lineTo(x + 10 + 5 * a, y + 10 + 5 * b);
      ctx.lineTo(x + 10 + a, y + 10 + 5 * b);
    }
  } else {
    ctx.font = '12px system-ui, "Liberation Sans", sans-serif';
    ctx.textAlign = "center";
    ctx.textBaseline = "alphabetic";
    ctx.fillText("log", x + 10, y + 14);
    return;
  }
  ctx.stroke();
  if (name === "pin" && on) ctx.fill();
}
