// The address of what is shown: the page's own with the permalink's query, which stands alone in a notebook.

const KEPT = ["bokeh-session-id", "theme"];

export function addressOf(model) {
  if (!model.served) return model.link;
  const given = new URL(location.href).searchParams;
  const ours = KEPT.filter((k) => given.has(k)).map((k) => `${k}=${encodeURIComponent(given.get(k))}`);
  return `${location.origin}${location.pathname}?${[...ours, model.link].join("&")}`;
}
