import assert from "node:assert/strict";
import test from "node:test";

import { bare, matches, searchable } from "../../dashboard/tailscope_dashboard/wall/drawing/searching.js";

const PANELS = [
  ["dR_j1j2", String.raw`\Delta R_{j_1 j_2}`], ["pT_j1", String.raw`p_{\mathrm{T},j_1}`], ["pT_mu1", String.raw`p_{\mathrm{T},\mu_1}`],
  ["eta_1", String.raw`\langle\eta\rangle_1`], ["E_0", "E_0"], ["sigma_log_w", String.raw`\sigma(\log w)`], ["x<y", "x < y"],
].map(([name, label]) => ({ name, found: searchable({ name, label }) }));
const names = (typed) => PANELS.filter(({ found }) => matches(found, typed)).map(({ name }) => name);

test("letters and digits are left, small, with Greek spelled out", () => {
  assert.equal(bare("⟨η⟩₁ [mm]"), "eta1mm");
  assert.equal(bare("ΔR ς σ µ"), "deltarsigmasigmamu");
  assert.equal(bare(" _-<>"), "");
});

test("names, LaTeX and what is read are found however they are typed", () => {
  for (const typed of ["Delta R", "delta r", "ΔR", "DeltaR j1 j2", String.raw`\Delta R_{j`, "dR", "R_j1j2", "ΔR_j₁j₂"]) assert.deepEqual(names(typed), ["dR_j1j2"], typed);
  assert.deepEqual(names("pt j"), ["pT_j1"]);
  assert.deepEqual(names("pT"), ["pT_j1", "pT_mu1"]);
  assert.deepEqual(names("pT μ"), ["pT_mu1"]);
  for (const typed of ["<eta>_1", "eta 1", "⟨η⟩₁", "η1"]) assert.deepEqual(names(typed), ["eta_1"], typed);
  assert.deepEqual(names("e0"), ["E_0"]);
  assert.deepEqual(names("σ(log w)"), ["sigma_log_w"]);
});

test("what nothing is called finds nothing, and signs are looked for as they are", () => {
  assert.deepEqual(names("pt k"), []);
  assert.deepEqual(names("Delta E"), []);
  assert.deepEqual(names(" < "), ["x<y"]);
  assert.deepEqual(names("*"), []);
});
