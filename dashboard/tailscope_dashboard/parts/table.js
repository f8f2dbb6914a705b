// A table that sorts by any column and tells which row was chosen; it scrolls where it is higher than `high`. Every text is set as text, never as HTML.

const STYLE = `
  :host { display: block; }
  .ts-scroll { overflow: auto; position: relative; }
  table { border-collapse: collapse; font-size: 14px; color: var(--text); font-variant-numeric: tabular-nums; width: 100%; }
  th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
  th:first-child, td:first-child { text-align: left; padding-left: 8px; }
  .ts-words th:first-child, .ts-words td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 130px; }
  th { position: sticky; top: 0; background: var(--ground); }
  th button { all: unset; cursor: pointer; font-weight: 600; color: var(--muted); }
  th button:hover { color: var(--text); }
  th button:focus-visible, tr:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
  tbody tr { cursor: pointer; }
  tbody tr:hover { background: var(--hover); }
  tbody tr[aria-selected=true] { background: var(--surface); box-shadow: inset 3px 0 0 var(--accent); }
  tr.ts-apart td { color: var(--muted); font-style: italic; }
  i { display: inline-block; width: 14px; height: 10px; margin-right: 8px; }
  @media (max-width: 480px) { th, td { padding-right: 9px; } table { font-size: 13px; } }
  .ts-light::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 50%; background: var(--lit); }
`;
const LOOKS = {
  light: { text: "#1b1f23", muted: "#5c656e", line: "#d9dde1", surface: "#eef2f6", hover: "rgba(20,30,40,0.06)", accent: "#0b62a8", ground: "#ffffff" },
  dark: { text: "#eceff1", muted: "#a2abb4", line: "#363c42", surface: "#232a31", hover: "rgba(255,255,255,0.08)", accent: "#7cc0f5", ground: "#15181b" },
};
const LIGHTS = { green: "#1a9a6c", amber: "#e0a022", red: "#cf3a3a" };

function element(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

const plain = (value) => (value instanceof Map ? Object.fromEntries([...value].map(([k, v]) => [k, plain(v)])) : Array.isArray(value) ? value.map(plain) : value);

// Numbers by size, texts by the alphabet, what is not known last.
function before(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}

export function render({ model, el }) {
  const style = element("style", STYLE);
  const scroll = element("div", "", { class: "ts-scroll" });
  el.replaceChildren(style, scroll);
  let order = { column: model.order, down: false };

  function header(column, at) {
    const button = element("button", column.title, { type: "button", title: column.hint });
    const sorted = order.column === at;
    if (sorted) button.append(order.down ? " ▾" : " ▴");
    button.addEventListener("click", () => {
      order = { column: at, down: sorted && !order.down };
      draw();
      scroll.querySelectorAll("th button")[at].focus();
    });
    const cell = element("th", "", { scope: "col", "aria-sort": sorted ? (order.down ? "descending" : "ascending") : "none" });
    cell.append(button);
    return cell;
  }

  function line(row) {
    const made = element("tr", "", { tabindex: "0", "aria-selected": String(row.number === model.active), title: row.hint });
    if (row.apart) made.className = "ts-apart";
    row.cells.forEach(([, text], at) => {
      const cell = element("td", at ? text : "");
      if (at === 0) {
        // A long name breaks behind an underscore sooner than anywhere.
        text.split(/(?<=_)/u).forEach((part, i) => cell.append(...(i ? [document.createElement("wbr")] : []), part));
        const swatch = element("i");
        swatch.style.background = row.colour;
        cell.prepend(swatch);
      }
      if (LIGHTS[text]) {
        cell.className = "ts-light";
        cell.style.setProperty("--lit", LIGHTS[text]);
      }
      made.append(cell);
    });
    const choose = () => { model.active = row.number; };
    made.addEventListener("click", choose);
    made.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose();
    });
    return made;
  }

  function draw() {
    for (const [name, colour] of Object.entries(LOOKS[model.dark ? "dark" : "light"])) scroll.style.setProperty(`--${name}`, colour);
    const rows = plain(model.rows);
    const sign = order.down ? -1 : 1;
    if (order.column >= 0) rows.sort((a, b) => a.apart - b.apart || sign * before(a.cells[order.column][0], b.cells[order.column][0]));
    const table = element("table", "", { "aria-label": model.label });
    if (rows.some((row) => typeof row.cells[0][0] === "string")) table.className = "ts-words";
    const head = element("thead");
    const titles = element("tr");
    titles.append(...plain(model.columns).map(header));
    head.append(titles);
    const body = element("tbody");
    body.append(...rows.map(line));
    table.append(head, body);
    const place = scroll.scrollTop;
    scroll.replaceChildren(table);
    scroll.scrollTop = place;
    scroll.style.maxHeight = model.high;
    const chosen = model.high && table.querySelector("tr[aria-selected=true]");
    if (chosen) reveal(chosen, head.offsetHeight);
  }

  // Only the table scrolls, never the page.
  function reveal(row, above) {
    const top = row.offsetTop - above;
    const bottom = row.offsetTop + row.offsetHeight;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (bottom > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = bottom - scroll.clientHeight;
  }

  model.on("version", () => { order = { column: model.order, down: false }; });
  draw();
  for (const name of ["rows", "columns", "active", "dark", "version"]) model.on(name, draw);
  model.send_msg({ hello: true });
}
