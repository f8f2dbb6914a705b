// Notes: a form, and the list. Strings always become text nodes.

import { make, setText } from "./dom.js";
import { THEMES } from "./theme.js";

const NOTES_STYLE = `
.ts-notes { max-width: 860px; padding: 10px 12px; color: var(--text); font-size: 15px; line-height: 1.4; font-family: system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
.ts-notes [hidden] { display: none !important; }
.ts-notes * { box-sizing: border-box; }
.ts-notes button, .ts-notes input, .ts-notes textarea { font: inherit; color: inherit; border: 1px solid var(--line); border-radius: 5px; background: var(--background); }
.ts-notes button { height: 30px; padding: 0 11px; background: var(--surface); cursor: pointer; }
.ts-notes button:hover { border-color: var(--muted); }
.ts-notes button:disabled { opacity: 0.5; cursor: default; }
.ts-notes :is(button, input, textarea):focus-visible { outline: 2px solid var(--accent); }
.ts-notes textarea { display: block; width: 100%; min-height: 74px; padding: 7px 9px; resize: vertical; }
.ts-notes-line { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin: 7px 0 0; }
.ts-notes-line input { width: 190px; height: 30px; padding: 0 8px; }
.ts-notes-about { color: var(--muted); font-size: 14px; overflow-wrap: anywhere; flex: 1 1 240px; }
.ts-notes-said { color: var(--bad); margin: 8px 0; overflow-wrap: anywhere; }
.ts-notes-list { margin: 14px 0 0; padding: 0; list-style: none; }
.ts-notes-list > li { border-top: 1px solid var(--line); padding: 10px 0 12px; }
.ts-notes-head { color: var(--muted); font-size: 14px; overflow-wrap: anywhere; }
.ts-notes-head b { color: var(--text); font-weight: 600; }
.ts-notes-text { white-space: pre-wrap; overflow-wrap: anywhere; margin: 3px 0; }
.ts-notes-none { color: var(--muted); }
`;

const AUTHOR = "tailscope-author";
const EVERY = 5000;

function remembered() {
  try {
    return localStorage.getItem(AUTHOR);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function remember(name) {
  try {
    localStorage.setItem(AUTHOR, name);
  } catch {
    // then the name is typed again next time
  }
}

const ownLine = (name) => name.trim().replaceAll(/\s+/gu, " ") || "anonymous";

export function render({ model, el }) {
  let edited = null; // id of the note that is being changed
  let waiting = null;
  const author = make("input", { type: "text", value: remembered() ?? model.author, maxLength: 200, placeholder: "your name", "aria-label": "your name", onchange: () => { remember(author.value); list(); } });
  const text = make("textarea", { placeholder: "What do you see? The note keeps the selections and the slice as they are now.", "aria-label": "text of the note", maxLength: 20_000 });
  const about = make("span", { class: "ts-notes-about" });
  const keep = make("button", { type: "button", onclick: () => ask({ ask: "add", text: text.value }) }, "keep note");
  const form = make("div", {}, text, make("div", { class: "ts-notes-line" }, author, keep, about));
  const trouble = make("div", { class: "ts-notes-said" });
  const said = make("div", { class: "ts-notes-said", role: "alert", hidden: true });
  const items = make("ul", { class: "ts-notes-list", "aria-label": "notes" });
  const root = make("div", { class: "ts-notes" }, form, said, trouble, items);

  const ask = (question) => {
    waiting = question;
    keep.disabled = true;
    remember(author.value);
    model.send_msg({ ...question, author: author.value });
  };

  const item = (note) => {
    const own = note.author === ownLine(author.value) && model.can_write;
    const head = make("div", { class: "ts-notes-head" }, make("b", {}, note.author), `, ${note.time.replace("T", " ").replace("Z", " UTC")}`,
      note.changed ? `, changed ${note.changed.replace("T", " ").replace("Z", " UTC")}` : "", note.strange ? " · made for another study" : "");
    const li = make("li", { data: { id: note.id } }, head);
    if (edited === note.id) {
      const field = make("textarea", { value: note.text, maxLength: 20_000, "aria-label": "changed text" });
      li.append(field, make("div", { class: "ts-notes-line" },
        make("button", { type: "button", onclick: () => ask({ ask: "edit", id: note.id, text: field.value }) }, "save"),
        make("button", { type: "button", onclick: () => { edited = null; list(); } }, "cancel")));
      return li;
    }
    const buttons = [];
    if (note.has_link) buttons.push(make("button", { type: "button", title: "bring these selections back on the wall", onclick: () => ask({ ask: "show", id: note.id }) }, "show"));
    if (own) {
      buttons.push(make("button", { type: "button", onclick: () => { edited = note.id; list(); } }, "edit"));
      buttons.push(make("button", { type: "button", onclick: () => ask({ ask: "delete", id: note.id }) }, "delete"));
    }
    li.append(make("div", { class: "ts-notes-text" }, note.text),
      make("div", { class: "ts-notes-line" }, make("span", { class: "ts-notes-about" }, note.about.join(" · ")), ...buttons));
    return li;
  };

  const list = () => {
    const notes = model.notes ?? [];
    items.replaceChildren(...notes.map(item));
    if (!notes.length) items.append(make("li", { class: "ts-notes-none" }, "No notes yet."));
  };
  const show = () => {
    form.hidden = !model.can_write;
    setText(about, model.about?.length ? `about ${model.about.join(" · ")}` : "");
    trouble.hidden = !model.trouble;
    setText(trouble, model.trouble);
  };
  const dress = () => {
    for (const [name, colour] of Object.entries(THEMES[model.dark ? "dark" : "light"])) root.style.setProperty(`--${name}`, colour);
    root.style.colorScheme = model.dark ? "dark" : "light";
  };

  // What others write does not disturb a text that is being changed.
  model.on("notes", () => {
    if (!items.querySelector("textarea") || !model.notes.some((note) => note.id === edited)) list();
  });
  for (const name of ["trouble", "can_write", "about"]) model.on(name, show);
  model.on("dark", dress);
  model.on("msg:custom", ({ answer, sentence }) => {
    keep.disabled = false;
    said.hidden = !sentence;
    setText(said, sentence);
    if (sentence || answer !== waiting?.ask) return;
    if (answer === "add") text.value = "";
    if (answer === "edit") {
      edited = null;
      list();
    }
    waiting = null;
  });
  // Notes of others: asked for only while somebody can see them.
  const timer = setInterval(() => {
    if (root.isConnected && root.checkVisibility?.({ visibilityProperty: true }) !== false && !document.hidden) model.send_msg({ ask: "reload" });
  }, EVERY);
  model.on("remove", () => clearInterval(timer));
  dress();
  show();
  list();
  el.append(make("style", {}, NOTES_STYLE), root);
}
