// What stands in for Panel in the static page: studies out of the page, and a model that talks to nobody.

{
  // Same as Panel's model for the wall: properties that tell when they are set, and messages that go nowhere.
  const standIn = (values) => {
    const listeners = new Map();
    const model = {
      ...values,
      on(name, listener) { listeners.set(name, [...(listeners.get(name) ?? []), listener]); },
      send_msg() {},
    };
    return new Proxy(model, {
      set(target, name, value) {
        target[name] = value;
        for (const listener of listeners.get(name) ?? []) listener();
        return true;
      },
    });
  };

  const unpacked = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.codePointAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  };

  const plain = async (text) => JSON.parse(new TextDecoder().decode(await unpacked(text)));

  const read = async (element) => {
    const parts = Object.fromEntries(element.textContent.split("\n").map((line) => line.split(" ")));
    const [meta, rows, cube] = await Promise.all([plain(parts.meta), unpacked(parts.rows), unpacked(parts.cube)]);
    return { meta, rows, cube };
  };

  // JSON has no infinities.
  const end = (value) => ({ inf: Infinity, "-inf": -Infinity })[value] ?? value;
  const range = (raw) => ({ ...raw, low: end(raw.low), high: end(raw.high) });

  const opening = await plain(document.getElementById("opening").textContent);
  const noted = await plain(document.getElementById("noted").textContent);
  const studies = await Promise.all([...document.querySelectorAll(".study")].map(read));
  const stateOf = ({ view, selections, active }) => ({
    view: view.slice ? { ...view, slice: range(view.slice) } : { ...view },
    selections: selections.map((s) => ({ ...range(s), cuts: s.cuts.map(range) })), active,
  });
  const model = standIn({ ...studies[opening.study], ...stateOf(opening), focus: "" });
  render({ model, el: document.getElementById("wall") });

  // What a note is about.
  for (const button of document.querySelectorAll("button[data-opening]")) {
    button.addEventListener("click", () => {
      const wanted = noted.openings[Number(button.dataset.opening)];
      const choice = document.getElementById("choice");
      if (choice && Number(choice.value) !== wanted.study) {
        choice.value = String(wanted.study);
        choice.dispatchEvent(new Event("change"));
      }
      Object.assign(model, stateOf(wanted));
    });
  }

  // Another study with the same selections; cuts on observables that it does not have are dropped.
  document.getElementById("choice")?.addEventListener("change", (event) => {
    const number = Number(event.target.value);
    for (const header of document.querySelectorAll("header")) header.hidden = Number(header.dataset.study) !== number;
    const { meta, rows, cube } = studies[number];
    const known = new Set(meta.panels.map((panel) => panel.name));
    model.selections = model.selections.map((s) => ({ ...s, cuts: s.cuts.filter((c) => known.has(c.observable)) }));
    if (model.view.slice && !known.has(model.view.slice.observable)) model.view = { ...model.view, slice: null };
    Object.assign(model, { meta, rows, cube });
  });
}
