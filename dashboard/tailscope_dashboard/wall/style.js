// The style of everything around the canvases. One font size and one grid; colours come from the theme.

const TEXT_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif';

export const STYLE = `
.ts-root { box-sizing: border-box; position: relative; display: grid; grid-template-columns: clamp(390px, 31vw, 480px) minmax(0, 1fr);
  grid-template-rows: minmax(0, 1fr); gap: 0; height: 100%; min-height: 480px; overflow: hidden; outline: none;
  font: 13px/1.35 ${TEXT_FONT}; color: var(--text); background: var(--background); font-variant-numeric: tabular-nums; }
.ts-root:focus-visible::after, .ts-wall:focus-visible .ts-viewport::after { content: ""; position: absolute; z-index: 7; inset: 0; border: 2px solid var(--accent); pointer-events: none; }
.ts-wall:focus-visible { outline: none; }
.ts-root.ts-meeting::after, .ts-root.ts-meeting .ts-viewport::after { display: none; }
.ts-spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.ts-root *, .ts-root *::before { box-sizing: border-box; }
.ts-root [hidden] { display: none !important; }
.ts-side { display: flex; flex-direction: column; min-height: 0; border-right: 1px solid var(--line); }
.ts-main { display: flex; flex-direction: column; min-width: 0; min-height: 0; }
.ts-root.ts-narrow { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto auto; height: auto; container-type: inline-size; }
.ts-root.ts-narrow .ts-side { border-right: 0; border-bottom: 1px solid var(--line); }
.ts-root.ts-narrow :is(.ts-selections, .ts-cards) { flex: none; overflow: visible; }
.ts-root.ts-narrow .ts-wall { flex: none; height: max(300px, 78vh); }
.ts-root.ts-aside { grid-template-columns: minmax(0, 1fr); min-height: 0; }
.ts-root.ts-aside .ts-main { display: none; }
.ts-root.ts-aside .ts-side { border: 0; }
.ts-root.ts-meeting { position: fixed; inset: 0; width: auto; height: auto; max-width: none; max-height: none; margin: 0; padding: 4px 8px;
  border: 0; zoom: 1.45; grid-template-columns: 36% minmax(0, 1fr); }
.ts-meeting :is(.ts-tools > .ts-bar, .ts-first, .ts-selections > .ts-bar, .ts-card:not([data-active=true]), .ts-add, .ts-slice, .ts-axis, .ts-segments, .ts-card-head .ts-icon) { display: none; }
.ts-meeting .ts-weights-plot { height: 34vh; }
.ts-weights { flex: none; padding: 6px 8px 0; }
.ts-weights-plot { position: relative; height: clamp(150px, 27vh, 250px); }
.ts-root select.ts-axis { position: absolute; left: 0; bottom: 0; width: 62px; height: 22px; font-size: 11px; padding: 0 1px; }
.ts-selections { flex: 1; min-height: 0; display: flex; flex-direction: column; padding: 0 8px 6px; border-top: 1px solid var(--line); }
.ts-cards { overflow-y: auto; min-height: 0; flex: 1; scrollbar-width: thin; }
.ts-bar { display: flex; flex-wrap: wrap; align-items: center; gap: 5px; padding: 6px 2px; }
.ts-main > .ts-tools > .ts-bar { padding: 6px 8px 4px; }
.ts-spring { flex: 1; }
.ts-heading { font-weight: 600; }
.ts-math { font-family: "STIX Two Text", "Latin Modern Roman", Cambria, "Times New Roman", "Liberation Serif", serif; font-size: 1.14em; white-space: nowrap; }
.ts-math sub, .ts-math sup { font-size: 0.74em; line-height: 0; }
.ts-auc { color: var(--muted); }
.ts-root.ts-narrow .ts-auc { display: none; }
.ts-canvas { position: absolute; left: 0; top: 0; touch-action: pan-y pinch-zoom; }
.ts-wall { position: relative; flex: 1; min-height: 0; overflow-y: auto; overflow-x: hidden; scrollbar-width: thin; }
.ts-wall .ts-canvas { touch-action: pan-y; }
.ts-holder { position: sticky; top: 0; height: 0; z-index: 0; }
.ts-viewport { position: absolute; left: 0; top: 0; }
.ts-below { display: flex; align-items: flex-start; gap: 16px; padding: 1px 8px 5px 10px; border-bottom: 1px solid var(--line); }
.ts-legend { flex: 1; display: flex; flex-wrap: wrap; gap: 2px 16px; padding-top: 3px; }
.ts-entry { display: inline-flex; align-items: center; gap: 6px; max-width: 220px; overflow: hidden; white-space: nowrap; }
.ts-entry > span:last-child { overflow: hidden; text-overflow: ellipsis; }
.ts-mark { flex: none; width: 20px; height: 0; border-top: 2.5px solid var(--own); }
.ts-mark-filled { height: 11px; border: 0; background: var(--own); outline: 1px solid var(--muted); outline-offset: -1px; }
.ts-mark-hatched { height: 11px; border: 0; background: repeating-linear-gradient(135deg, var(--own) 0 1px, transparent 1px 4px); outline: 1px solid var(--own); outline-offset: -1px; }
.ts-remark { flex: none; color: var(--accent); font: italic 16px "STIX Two Text", "Latin Modern Roman", Cambria, "Times New Roman", "Liberation Serif", serif; }
.ts-remark svg { display: block; width: 16px; height: 16px; fill: none; stroke: var(--muted); stroke-width: 1.3; }
.ts-mark-thin { border-top-width: 1.5px; }
.ts-overlay { border: 0; background: none; padding: 0; color: inherit; font: inherit; cursor: pointer; }
.ts-root .ts-overlay[aria-pressed="false"] { color: var(--muted); }
.ts-overlay[aria-pressed="false"] > .ts-mark, .ts-overlay:disabled { opacity: 0.45; }
.ts-overlay[aria-pressed="false"] > span:last-child { text-decoration: line-through; }
.ts-overlay:disabled { cursor: default; }
.ts-mark-dashed { border-top-style: dashed; }
.ts-note { color: var(--muted); }
.ts-root button, .ts-root select, .ts-root input { font: inherit; color: inherit; }
.ts-button, .ts-toggle, .ts-segments button, .ts-root select { height: 26px; padding: 0 7px; border: 1px solid var(--line); border-radius: 5px; background: var(--surface); cursor: pointer; white-space: nowrap; }
.ts-square { width: 26px; padding: 0; }
.ts-root select { padding: 0 3px; max-width: 116px; }
.ts-root select option { background: var(--background); color: var(--text); }
.ts-button:hover, .ts-toggle:hover, .ts-segments button:hover, .ts-root select:hover { border-color: var(--muted); }
.ts-root :is(button, select, input):focus-visible { outline: 2px solid var(--accent); outline-offset: 0; }
.ts-root input::placeholder { color: var(--muted); opacity: 1; }
.ts-segments { display: inline-flex; }
.ts-segments button { border-radius: 0; margin-left: -1px; }
.ts-segments button:first-child { border-radius: 5px 0 0 5px; margin-left: 0; }
.ts-segments button:last-child { border-radius: 0 5px 5px 0; }
.ts-root :is(.ts-toggle, .ts-segments button)[aria-pressed="true"] { background: var(--text); color: var(--background); border-color: var(--text); }
.ts-search { width: 92px; height: 26px; padding: 0 8px; border: 1px solid var(--line); border-radius: 5px; background: var(--background); }
.ts-message { color: var(--bad); padding: 2px 4px 6px; }
.ts-message.ts-calm { color: var(--text); }
.ts-link { font: inherit; color: var(--accent); background: none; border: 0; padding: 0 2px; text-decoration: underline; cursor: pointer; }
.ts-hint { color: var(--muted); margin: 6px 4px; }
.ts-card { position: relative; padding: 5px 4px 6px 10px; border-bottom: 1px solid var(--line); }
.ts-card::before { content: ""; position: absolute; left: 0; top: 4px; bottom: 4px; width: 4px; border-radius: 2px; background: var(--own); opacity: 0.55; }
.ts-card[data-active="true"] { background: var(--surface); }
.ts-card[data-active="true"]::before { opacity: 1; top: 0; bottom: 0; border-radius: 0; }
.ts-card-head { display: flex; align-items: center; gap: 5px; }
.ts-colour { flex: none; width: 20px; height: 20px; padding: 0; border: 0; background: none; cursor: pointer; }
.ts-colour::-webkit-color-swatch-wrapper { padding: 1px; }
.ts-colour::-webkit-color-swatch { border: 0; border-radius: 4px; }
.ts-root input.ts-name { flex: 1; min-width: 0; height: 24px; border: 1px solid transparent; border-radius: 4px; background: none; padding: 0 3px; font-weight: 600; text-overflow: ellipsis; }
.ts-root input.ts-name:hover, .ts-root input.ts-name:focus { border-color: var(--line); background: var(--background); }
.ts-root input.ts-end { width: 60px; height: 24px; border: 1px solid var(--line); border-radius: 4px; background: var(--background); padding: 0 5px; text-align: right; }
.ts-between { color: var(--muted); white-space: nowrap; }
.ts-icon { flex: none; width: 22px; height: 22px; padding: 3px; border: 0; border-radius: 4px; background: none; cursor: pointer; color: var(--muted); }
.ts-icon:hover { color: var(--text); background: var(--line); }
.ts-icon svg { display: block; width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 1.4; stroke-linecap: round; stroke-linejoin: round; }
.ts-numbers { display: grid; grid-template-columns: 104px 1fr 1fr 1fr; gap: 1px 8px; padding: 4px 8px 0 0; text-align: right; white-space: nowrap; }
.ts-columns { flex: none; padding: 0 12px 3px 10px; color: var(--muted); border-bottom: 1px solid var(--line); }
.ts-sample { justify-self: start; border: 0; background: none; padding: 0 3px; cursor: pointer; color: var(--muted); text-align: left; }
.ts-root .ts-sample::before { content: "○ "; }
.ts-root .ts-sample[aria-pressed="true"] { color: var(--text); font-weight: 600; }
.ts-root .ts-sample[aria-pressed="true"]::before { content: "● "; color: var(--own); }
.ts-count, .ts-share, .ts-size { height: 1.35em; contain: strict; }
.ts-share, .ts-size { color: var(--muted); }
.ts-null { height: 2.9em; line-height: 1.35; contain: strict; padding: 2px 8px 0 3px; color: var(--muted); overflow: hidden; }
.ts-cuts { padding: 4px 0 0 0; }
.ts-cut { display: flex; align-items: center; gap: 5px; padding: 1px 0; }
.ts-cut .ts-unit { flex: 1; color: var(--muted); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.ts-unknown { color: var(--bad); overflow: hidden; text-overflow: ellipsis; }
.ts-add { display: flex; align-items: center; gap: 8px; padding-top: 2px; }
.ts-add .ts-hint { margin: 0; }
.ts-slice { display: inline-flex; align-items: center; gap: 8px; }
.ts-slice-box:empty { display: none; }
.ts-slice-text:empty { display: none; }
.ts-slice-text { color: var(--muted); white-space: nowrap; }
.ts-slider { position: relative; display: inline-block; width: 150px; height: 24px; }
.ts-track { position: absolute; left: 7px; right: 7px; top: 11px; height: 3px; border-radius: 2px;
  background: linear-gradient(to right, var(--line) var(--from), var(--accent) var(--from), var(--accent) var(--to), var(--line) var(--to)); }
.ts-range { position: absolute; inset: 0; width: 100%; margin: 0; height: 24px; background: none; pointer-events: none; appearance: none; -webkit-appearance: none; }
.ts-range::-webkit-slider-thumb { pointer-events: auto; appearance: none; -webkit-appearance: none; width: 14px; height: 14px; border-radius: 50%; border: 2px solid var(--background); background: var(--accent); cursor: ew-resize; }
.ts-range::-moz-range-thumb { pointer-events: auto; width: 12px; height: 12px; border-radius: 50%; border: 2px solid var(--background); background: var(--accent); cursor: ew-resize; }
.ts-tip { position: absolute; z-index: 5; pointer-events: none; max-width: 420px; padding: 6px 9px; border-radius: 6px; border: 1px solid var(--line);
  background: var(--background); box-shadow: 0 3px 12px rgba(0, 0, 0, 0.18); }
.ts-tip-title { font-weight: 600; }
.ts-tip table { border-spacing: 0; }
.ts-tip td { padding: 1px 0 1px 10px; text-align: right; white-space: nowrap; }
.ts-tip td:first-child { padding-left: 0; }
.ts-tip td.ts-tip-name { text-align: left; padding-left: 6px; max-width: 190px; overflow: hidden; text-overflow: ellipsis; }
.ts-tip-swatch { display: inline-block; width: 12px; height: 12px; border-radius: 2px; vertical-align: -1px; }
.ts-tip-note { color: var(--muted); font-weight: 400; }
.ts-verdict { display: inline-flex; align-items: center; gap: 5px; height: 26px; padding: 0 6px; border: 1px solid var(--line); border-radius: 5px; background: var(--surface); cursor: pointer; }
.ts-verdict:hover { border-color: var(--muted); }
.ts-verdict-box { position: absolute; z-index: 6; left: 8px; top: 40px; width: min(640px, calc(100% - 16px)); max-height: min(calc(100% - 52px), calc(100vh - 60px)); overflow-y: auto; padding: 4px 10px 10px; border-radius: 8px;
  border: 1px solid var(--line); background: var(--background); box-shadow: 0 6px 24px rgba(0, 0, 0, 0.25); font-size: 14px; }
.ts-first { flex: none; display: flex; align-items: center; gap: 12px; padding: 5px 10px; background: var(--surface); border-bottom: 1px solid var(--line); }
.ts-first ol { flex: 1; display: flex; flex-wrap: wrap; gap: 2px 22px; margin: 0; padding: 0; list-style: none; counter-reset: step; }
.ts-first li { counter-increment: step; }
.ts-first li::before { content: counter(step); display: inline-block; width: 1.5em; margin-right: 6px; border-radius: 50%; text-align: center; font-weight: 600; background: var(--accent); color: var(--background); }
.ts-help { position: absolute; z-index: 6; right: 24px; top: 56px; padding: 14px 18px; border-radius: 8px; border: 1px solid var(--line); background: var(--background); box-shadow: 0 6px 24px rgba(0, 0, 0, 0.25); }
.ts-help table { margin: 8px 0 12px; border-spacing: 0 3px; }
.ts-help th { text-align: left; font-weight: 600; padding-right: 18px; white-space: nowrap; }
@container (max-width: 480px) {
  .ts-selections .ts-heading, .ts-bar > [aria-label="keys"] { display: none; }
  .ts-bar > .ts-search { flex: 1; }
  .ts-below { flex-wrap: wrap; }
  .ts-root input.ts-end { width: 52px; }
  .ts-numbers { grid-template-columns: 94px 1fr 1fr 1fr; }
}
`;
