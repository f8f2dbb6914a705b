// Labels in a small subset of LaTeX, laid out on a canvas or as DOM text.
//
// Understood: sub- and superscripts, Greek, \mathrm \text \mathbf, named functions, common operators, accents,
// \frac and \sqrt. Anything else is printed as it is: a label never fails, and is only ever drawn as text.

const GREEK = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ϵ", varepsilon: "ε", zeta: "ζ", eta: "η", theta: "θ",
  vartheta: "ϑ", iota: "ι", kappa: "κ", lambda: "λ", mu: "μ", nu: "ν", xi: "ξ", pi: "π", rho: "ρ", sigma: "σ",
  tau: "τ", upsilon: "υ", phi: "φ", varphi: "φ", chi: "χ", psi: "ψ", omega: "ω", Gamma: "Γ", Delta: "Δ",
  Theta: "Θ", Lambda: "Λ", Xi: "Ξ", Pi: "Π", Sigma: "Σ", Phi: "Φ", Psi: "Ψ", Omega: "Ω",
};
const SYMBOLS = {
  pm: "±", mp: "∓", times: "×", cdot: "·", to: "→", rightarrow: "→", le: "≤", leq: "≤", ge: "≥", geq: "≥", ne: "≠",
  neq: "≠", approx: "≈", sim: "∼", infty: "∞", partial: "∂", nabla: "∇", sum: "∑", prod: "∏", int: "∫", ell: "ℓ",
  hbar: "ℏ", prime: "′", circ: "°", ldots: "…", dots: "…", cdots: "⋯", langle: "⟨", rangle: "⟩", perp: "⊥",
  parallel: "∥", dagger: "†", mid: "|", lvert: "|", rvert: "|", backslash: "\\", ast: "∗", propto: "∝", in: "∈",
};
const FUNCTIONS = new Set(["log", "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "min", "max", "arg", "det"]);
const UNSEEN = new Set(["left", "right", "displaystyle"]);
const STYLES = { mathrm: "rm", text: "rm", textrm: "rm", mathsf: "rm", operatorname: "rm", mathbf: "bf", textbf: "bf", mathit: "it" };
const ACCENTS = { bar: "\u0304", overline: "\u0304", hat: "\u0302", tilde: "\u0303", vec: "\u20d7", dot: "\u0307" };
const SPACES = { ",": "\u2009", ";": "\u2005", ":": "\u2005", " ": " ", quad: "\u2003", qquad: "\u2003\u2003", "!": "" };
const RELATIONS = new Set(["=", "<", ">", "+", "−", "±", "×", "≤", "≥", "≠", "≈", "→", "∼", "∈", "∝"]);
const SUBSCRIPTS = { 0: "₀", 1: "₁", 2: "₂", 3: "₃", 4: "₄", 5: "₅", 6: "₆", 7: "₇", 8: "₈", 9: "₉", "+": "₊", "−": "₋" };
const SUPERSCRIPTS = { 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹", "+": "⁺", "−": "⁻" };

const MATH_FONT = '"STIX Two Text","Latin Modern Roman",Cambria,"Times New Roman","Liberation Serif",serif';
const SCRIPT_SIZE = 0.74;

function splitLabel(tex) {
  return tex.match(/\\[A-Za-z]+|\\.|[{}^_]|\s+|[^\\{}^_\s]|\\/gsu) ?? [];
}

// Nodes: {text, style} | {nodes} | {sub, sup} (scripts of the node before) | {frac: [nodes, nodes]}
class LabelParser {
  constructor(tex) {
    this.tokens = splitLabel(String(tex));
    this.at = 0;
  }

  list(style, closing) {
    const nodes = [];
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at++];
      if (token === "}" && closing) break;
      this.node(token, style, nodes);
    }
    return nodes;
  }

  // One argument: a braced group or a single token.
  argument(style) {
    while (/^\s/u.test(this.tokens[this.at] ?? "")) this.at++;
    if (this.at >= this.tokens.length) return [];
    const token = this.tokens[this.at++];
    if (token === "{") return this.list(style, true);
    const nodes = [];
    this.node(token, style, nodes);
    return nodes;
  }

  node(token, style, nodes) {
    if (token === "{") nodes.push({ nodes: this.list(style, true) });
    else if (token === "_" || token === "^") {
      const last = nodes.at(-1);
      const scripts = last && "scripts" in last ? last : { scripts: true };
      if (scripts !== last) nodes.push(scripts);
      scripts[token === "_" ? "sub" : "sup"] = this.argument(style);
    } else if (token === "'") nodes.push({ scripts: true, sup: [{ text: "′", style: "rm" }] });
    else if (/^\s/u.test(token)) {
      if (style !== "it") nodes.push({ text: " ", style });
    } else if (token === "~") nodes.push({ text: " ", style: "rm" });
    else if (token[0] === "\\" && token.length > 1) this.command(token.slice(1), style, nodes);
    else if (token !== "$" && token !== "}") {
      const letter = /\p{L}/u.test(token);
      nodes.push({ text: token === "-" && style === "it" ? "−" : token, style: letter ? style : style === "bf" ? "bf" : "rm" });
    }
  }

  command(name, style, nodes) {
    if (name in GREEK) {
      const upright = /^[A-Z]/u.test(name);
      nodes.push({ text: GREEK[name], style: upright && style === "it" ? "rm" : style });
    } else if (name in SYMBOLS) nodes.push({ text: SYMBOLS[name], style: "rm" });
    else if (name in STYLES) nodes.push({ nodes: this.argument(STYLES[name]) });
    else if (name in SPACES) nodes.push({ text: SPACES[name], style: "rm" });
    else if (name in ACCENTS) {
      const inner = this.argument(style);
      const last = inner.findLast((node) => node.text);
      if (last) last.text += ACCENTS[name];
      nodes.push({ nodes: inner });
    } else if (name === "frac" || name === "tfrac" || name === "dfrac") {
      nodes.push({ nodes: this.argument(style) }, { text: "/", style: "rm" }, { nodes: this.argument(style) });
    } else if (name === "sqrt") {
      nodes.push({ text: "√", style: "rm" }, { text: "(", style: "rm" });
      nodes.push({ nodes: this.argument(style) }, { text: ")", style: "rm" });
    } else if (FUNCTIONS.has(name)) nodes.push({ text: name + (/^[_^({]/u.test(this.tokens[this.at] ?? "") ? "" : "\u2009"), style: "rm" });
    else if (!UNSEEN.has(name)) nodes.push({ text: name, style: "rm" });
  }
}

export function parseLabel(tex, style = "it") {
  return new LabelParser(tex).list(style, false);
}

// ---------------------------------------------------------------- canvas

const labelCache = new Map();

function fontOf(style, size) {
  const slant = style === "it" ? "italic " : style === "bf" ? "bold " : "";
  return `${slant}${Math.round(size * 10) / 10}px ${MATH_FONT}`;
}

function placeNodes(ctx, nodes, size, begin, y, runs) {
  let x = begin;
  let previous = "";
  for (const node of nodes) {
    if ("text" in node) {
      const font = fontOf(node.style, size);
      const relation = RELATIONS.has(node.text);
      const gap = relation && previous ? size * 0.2 : 0;
      const last = runs.at(-1);
      ctx.font = font;
      if (last && last.font === font && last.y === y && last.x + last.width === x && !gap) {
        last.text += node.text;
        last.width = ctx.measureText(last.text).width;
        x = last.x + last.width;
      } else {
        const width = ctx.measureText(node.text).width;
        runs.push({ text: node.text, font, size, x: x + gap, y, width });
        x += gap + width + gap;
      }
      previous = node.text;
    } else if ("nodes" in node) {
      x = placeNodes(ctx, node.nodes, size, x, y, runs);
      previous = "group";
    } else {
      const start = x + size * 0.03;
      const small = size * SCRIPT_SIZE;
      const below = node.sub ? placeNodes(ctx, node.sub, small, start, y + size * 0.24, runs) : start;
      const above = node.sup ? placeNodes(ctx, node.sup, small, start, y - size * 0.36, runs) : start;
      x = Math.max(below, above) + size * 0.04;
      previous = "script";
    }
  }
  return x;
}

// {width, runs}; draw with drawLabel. `style` "it" for formulas, "rm" for units and numbers.
export function layoutLabel(ctx, tex, size, style = "it") {
  const key = `${style} ${size} ${tex}`;
  let layout = labelCache.get(key);
  if (!layout) {
    const runs = [];
    const width = placeNodes(ctx, parseLabel(tex, style), size, 0, 0, runs);
    layout = { width, runs };
    if (labelCache.size > 4000) labelCache.clear();
    labelCache.set(key, layout);
  }
  return layout;
}

// Draw at a baseline position; align 0 left, 0.5 centre, 1 right. Longer than maxWidth: squeezed, then cut with "…".
export function drawLabel(ctx, layout, x, y, align = 0, maxWidth = Infinity) {
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  const squeeze = Math.max(0.86, Math.min(1, maxWidth / layout.width));
  const left = x - Math.min(layout.width * squeeze, maxWidth) * align;
  const cut = layout.width * squeeze > maxWidth + 0.5;
  ctx.save();
  ctx.translate(left, y);
  ctx.scale(squeeze, squeeze);
  for (const run of layout.runs) {
    ctx.font = run.font;
    if (cut && (run.x + run.width) * squeeze > maxWidth - 12) {
      const room = maxWidth / squeeze - 12 - run.x;
      const letters = Array.from(run.text);
      const keep = Math.max(0, Math.floor((letters.length * room) / run.width));
      ctx.fillText(`${letters.slice(0, keep).join("")}…`, run.x, run.y);
      break;
    }
    ctx.fillText(run.text, run.x, run.y);
  }
  ctx.restore();
  return Math.min(layout.width * squeeze, maxWidth);
}

// ---------------------------------------------------------------- text and DOM

function textOf(nodes, letters) {
  let text = "";
  for (const node of nodes) {
    if ("text" in node) text += letters ? Array.from(node.text, (c) => letters[c] ?? c).join("") : node.text;
    else if ("nodes" in node) text += textOf(node.nodes, letters);
    else text += textOf(node.sub ?? [], SUBSCRIPTS) + textOf(node.sup ?? [], SUPERSCRIPTS);
  }
  return text;
}

// Plain Unicode, for places that take nothing else (options of a select).
export function labelText(tex) {
  return textOf(parseLabel(tex)).trim();
}

function appendNodes(parent, nodes) {
  for (const node of nodes) {
    if ("text" in node) {
      const tag = node.style === "it" ? "i" : node.style === "bf" ? "b" : null;
      const piece = RELATIONS.has(node.text) ? ` ${node.text} ` : node.text;
      if (!tag) parent.append(piece);
      else if (parent.lastChild?.nodeName === tag.toUpperCase()) parent.lastChild.append(piece);
      else parent.appendChild(document.createElement(tag)).textContent = piece;
    } else if ("nodes" in node) appendNodes(parent, node.nodes);
    else {
      if (node.sub) appendNodes(parent.appendChild(document.createElement("sub")), node.sub);
      if (node.sup) appendNodes(parent.appendChild(document.createElement("sup")), node.sup);
    }
  }
}

export function labelNode(tex) {
  const span = document.createElement("span");
  span.className = "ts-math";
  appendNodes(span, parseLabel(tex));
  return span;
}
