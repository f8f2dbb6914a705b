// Colours: Okabe and Ito's palette, told apart by people with any colour vision; calm greys for the rest.

export const PALETTE = ["#E69F00", "#0072B2", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#7A5195", "#8C7A2E"];

export const THEMES = {
  light: {
    background: "#ffffff", surface: "#f6f7f8", line: "#d9dde1", text: "#1b1f23", muted: "#5c656e",
    axis: "#6b747d", grid: "#eceff1", reference: "#d5d9dd", referenceLine: "#a3abb3", generated: "#22272c",
    hover: "rgba(20,30,40,0.07)", accent: "#0b62a8", reweighted: "#7A5195", bad: "#b3261e", band: "#7a4f9e",
  },
  dark: {
    background: "#15181b", surface: "#1e2226", line: "#363c42", text: "#eceff1", muted: "#a2abb4",
    axis: "#8b949d", grid: "#262b30", reference: "#3f464d", referenceLine: "#69727b", generated: "#f2f4f5",
    hover: "rgba(255,255,255,0.09)", accent: "#7cc0f5", reweighted: "#c9a0e4", bad: "#ff8a80", band: "#c3a3e6",
  },
};

/** @param {string} [wanted] */
export function themeName(wanted) {
  if (wanted === "light" || wanted === "dark") return wanted;
  const body = document.body?.dataset ?? {};
  if (body.jpThemeLight) return body.jpThemeLight === "false" ? "dark" : "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/**
 * @param {string} colour
 * @param {number} alpha
 */
export function withAlpha(colour, alpha) {
  const hex = /^#?([0-9a-f]{6})$/iu.exec(colour)?.[1] ?? "888888";
  const [r, g, b] = [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16));
  return `rgba(${r},${g},${b},${alpha})`;
}

/**
 * The first colour of the palette that no selection has yet.
 *
 * @param {{ colour: string }[]} selections
 * @param {string} [wanted]
 */
export function freeColour(selections, wanted) {
  const used = new Set(selections.map((s) => s.colour.toLowerCase()));
  const order = wanted ? [wanted, ...PALETTE] : PALETTE;
  return order.find((c) => !used.has(c.toLowerCase())) ?? PALETTE[selections.length % PALETTE.length];
}

/**
 * A dark colour is lightened on a dark page, where it could not be told from the background.
 *
 * @param {string} colour
 * @param {boolean} dark
 */
export function shownColour(colour, dark) {
  if (!dark) return colour;
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  const luminance = 0.2126 * (r / 255) ** 2.2 + 0.7152 * (g / 255) ** 2.2 + 0.0722 * (b / 255) ** 2.2;
  if (luminance > 0.2) return colour;
  const lift = (/** @type {number} */ c) => Math.round(c + 0.38 * (255 - c)).toString(16).padStart(2, "0");
  return `#${lift(r)}${lift(g)}${lift(b)}`;
}
