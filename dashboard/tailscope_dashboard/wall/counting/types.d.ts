// What counting is about, for the type checker alone: nothing here reaches the page.
// The messages and what the page is told once are those of wall/messages.py and wall/meta.py.

export type SampleName = "reference" | "generated";

// A half-open range [low, high) of an observable; null is an open end.
export interface Cut {
  observable: string;
  low: number | null;
  high: number | null;
}

// A half-open range [low, high) of w with further cuts; `sample` null: the one that its ends say.
export interface Selection {
  low: number | null;
  high: number | null;
  cuts: Cut[];
  sample: SampleName | null;
}

// One as the page holds it.
export interface HeldSelection extends Selection {
  name: string;
  colour: string;
  visible: boolean;
  uid: number;
}

export interface Panel {
  name: string;
  edges: number[];
  below?: number | null;
  above?: number | null;
}

// Ranks of one observable from first to last, both included; not exact where a cut lies between edges.
export interface Ranks {
  first: number;
  last: number;
  exact: boolean;
}

// Observable's number -> its ranks.
export type Ranges = Map<number, Ranks>;

// Natural logarithms of a range in w: >= low, < high; null is beyond w = inf.
export interface LogRange {
  low: number;
  high: number | null;
}

// Events, sums of w (of 1/w for the reference) and of its square in some unit, and events with w = 0 or inf.
export interface Sums {
  n: number;
  sum: number;
  square: number;
  left: number;
}

export interface Totals {
  n: number;
  nEff: number;
  left: number;
}

// What is known of one selection after counting; `own`: numbers of the observables that it cuts on.
export interface Measure {
  sample: SampleName;
  counts: Float64Array;
  own: number[];
  approximate: boolean;
  totals: Record<SampleName, Totals>;
  key?: string;
  version?: number;
}

export interface WeightCounts {
  counts: ArrayLike<number>;
  zero: number;
  infinite: number;
}

export interface Reweighted {
  sum: Float64Array;
  square: Float64Array;
  scale: number;
}

// What selections are drawn in front of: everything, or the slice of it.
export interface Backdrop {
  n: Partial<Record<SampleName, number>>;
  counts: Partial<Record<SampleName, Float64Array>>;
  weights: Partial<Record<SampleName, WeightCounts>>;
  reweighted: Reweighted | null;
  approximate: boolean;
  auc: number | null;
}

export interface Meta {
  mode: "rows" | "cube";
  panels: Panel[];
  samples: Record<SampleName, { label: string; n: number }>;
  weights: { edges: number[]; body: number } & Record<SampleName, WeightCounts>;
  cube?: Record<SampleName, number>;
}

// Refits with permuted labels: counts below each point of a grid of natural log w, run by run.
export interface NullData {
  runs: number;
  first: number;
  step: number;
  reference: { below: number[][]; total: number[] };
  generated: { below: number[][]; total: number[] };
}

export interface CubeQuestion {
  ask: "cube" | "brush";
  key: string;
  sample: SampleName;
  observable?: string;
  low: number | null;
  high: number | null;
  cuts: Cut[];
  slice: Cut | null;
}

export interface CubeAnswer {
  answer: "cube" | "brush";
  key: string;
  sample: SampleName;
  right: ArrayBuffer;
  other: ArrayBuffer;
}

export interface ExactQuestion {
  ask: "exact";
  seq: number;
  reweighted: boolean;
  state: CountedState | null;
}

// What an exact answer counted.
export interface CountedState {
  selections: Selection[];
  slice: Cut | null;
}

export interface ExactAnswer {
  answer: "exact";
  seq: number;
  state: CountedState;
  selections: ({ totals: Record<SampleName, Totals> } | null)[];
  counts: ArrayBuffer;
  backdrop: { n: Record<SampleName, number>; auc: number | null; weights: Record<SampleName, WeightCounts> } | null;
  reweighted: ArrayBuffer | null;
}

export type Question = ExactQuestion | CubeQuestion;
export type Answer =
  | ExactAnswer
  | CubeAnswer
  | { answer: "hello" }
  | { answer: "saved"; token: string }
  | { answer: "refused"; sentence: string };

// How things are shown; see state/view.py.
export interface View {
  slice: Cut | null;
  reweighted: boolean;
  density: boolean;
  overlays_off: string[];
  [name: string]: any;
}

// All that the wall holds at rest, as it is written to the model.
export interface Rest {
  selections: Omit<HeldSelection, "uid">[];
  active: number;
  view: View;
}

// Panel's model, or what stands in for it in the static page.
export interface Model {
  selections: unknown;
  active: number;
  moving: boolean;
  view: unknown;
  meta: unknown;
  on(name: string, listener: (message?: any) => void): void;
  send_msg(message: object): void;
}
