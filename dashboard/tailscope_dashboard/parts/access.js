// What Panel and Bokeh leave without keys, names or a focus that can be seen: page tabs, arrows beside numbers, check
// boxes, figures, and the page's regions.

// Inside these nothing is missing: what is ours sees to itself.
const OURS = ".bk-panel-models-esm-ReactiveESM";
const FOCUS = new CSSStyleSheet();
FOCUS.replaceSync(":focus-visible { outline: 2px solid var(--ts-accent) !important; }");

function name(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
}

// A row of tabs is one stop of the Tab key: arrows, Home and End move inside it, Enter and Space open.
function nameTabs(row) {
  const root = row.getRootNode();
  const tabs = () => [...row.children];
  const dress = () => {
    name(row, { role: "tablist", "aria-label": "views" });
    for (const tab of tabs()) {
      const isOpen = tab.classList.contains("bk-active");
      name(tab, { role: "tab", "aria-selected": String(isOpen), tabindex: isOpen ? "0" : "-1" });
    }
    const places = [...root.children].filter((child) => child.shadowRoot);
    for (const [i, place] of places.entries()) name(place, { role: "tabpanel", "aria-label": tabs()[i]?.textContent ?? "" });
  };
  row.addEventListener("keydown", (event) => {
    const all = tabs();
    const at = all.indexOf(event.target);
    const last = all.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (to !== undefined) all[to].focus();
    else if (event.key === "Enter" || event.key === " ") event.target.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // Bokeh draws the tabs above what they open, and puts them behind it: the Tab key goes by where they are put.
  root.prepend(row.parentElement);
  dress();
  const changed = new MutationObserver(dress);
  changed.observe(row, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
  changed.observe(root, { childList: true });
}

const MISSING = {
  ".bk-headers-wrapper": nameTabs,
  // The field beside them has the arrow keys for the same.
  ".bk-spin-btn": (button) => name(button, { "aria-hidden": "true", tabindex: "-1" }),
  // No key does anything in a figure.
  ".bk-events": (layer) => name(layer, { tabindex: "-1" }),
  "input[type=checkbox]": (box) => name(box, { "aria-label": box.nextElementSibling?.textContent ?? "" }),
};
const OF_A_PAGE = {
  ".ts-header": (header) => name(header, { role: "banner" }),
  ".ts-body": (body) => name(body, { role: "main" }),
};

// Whatever comes to stand below `page`, in whichever shadow root.
function watch(page, rules) {
  const roots = new WeakSet();
  const seen = new WeakSet();
  const look = (part) => {
    for (const [selector, mend] of Object.entries(rules)) {
      for (const found of [part, ...part.querySelectorAll(selector)]) {
        if (seen.has(found) || !found.matches?.(selector)) continue;
        seen.add(found);
        mend(found);
      }
    }
    for (const host of [part, ...part.querySelectorAll("*")]) {
      const { shadowRoot } = host;
      if (!shadowRoot || roots.has(shadowRoot) || host.matches(OURS)) continue;
      roots.add(shadowRoot);
      shadowRoot.adoptedStyleSheets = [...shadowRoot.adoptedStyleSheets, FOCUS];
      observer.observe(shadowRoot, { childList: true, subtree: true });
      look(shadowRoot);
    }
  };
  const observer = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) look(node);
  });
  look(page);
  return observer;
}

// The page that an element is on, through all shadow roots between; nothing while it is on none.
function pageAround(element) {
  for (let host = element; host; host = host.getRootNode().host) if (host.closest(".ts-page")) return host.closest(".ts-page");
  return null;
}

export function render({ model, el }) {
  let observer = null;
  let request = 0;
  const begin = () => {
    const page = pageAround(el);
    if (page) observer = watch(page, model.served ? { ...MISSING, ...OF_A_PAGE } : MISSING);
    else request = requestAnimationFrame(begin);
  };
  begin();
  model.on("remove", () => {
    cancelAnimationFrame(request);
    observer?.disconnect();
  });
}
