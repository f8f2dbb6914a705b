// What a search finds: the name of an observable, and its label as LaTeX or as it is read, however it is typed.
// "Delta R", "ΔR", "\Delta R_{j" and "dR" find Delta R of two jets; "pt j" finds the pT of every jet.

import { labelText } from "../../parts/labels.js";

const SPELLED = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega".split(" ");
const ALPHA = "α".codePointAt(0);

/**
 * Letters and digits alone: small, sub- and superscripts as they are read, Greek spelled out.
 *
 * @param {string} text
 */
export function bare(text) {
  const spelled = Array.from(text.normalize("NFKD").toLowerCase(), (letter) => SPELLED[letter.codePointAt(0) - ALPHA] ?? letter);
  return spelled.join("").replaceAll("sigmaf", "sigma").replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/**
 * What is searched in of one observable.
 *
 * @param {{ name: string, label?: string }} panel
 */
export function searchable({ name, label = "" }) {
  return { plain: `${name} ${label}`.toLowerCase(), keys: [name, labelText(label), label].map(bare) };
}

/**
 * @param {{ plain: string, keys: string[] }} found of `searchable`
 * @param {string} typed
 */
export function matches({ plain, keys }, typed) {
  const wanted = bare(typed);
  // Nothing but signs, such as "<": they are looked for as they are.
  return wanted ? keys.some((key) => key.includes(wanted)) : plain.includes(typed.trim().toLowerCase());
}
