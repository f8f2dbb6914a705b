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

  const unpacked = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  };

  const read = async (element) => {
    const parts = Object.fromEntries(element.textContent.split("\n").map((line) => line.split(" ")));
    const [plain, rows, cube] = await Promise.all([parts.plain, parts.rows, parts.cube].map(unpacked));
    return { ...JSON.parse(new TextDecoder().decode(plain)), rows, cube };
  };

  const studies = await Promise.all([...document.querySelectorAll(".study")].map(read));
  const model = standIn({ ...studies[0], active: 0, view: {}, focus: "" });
  render({ model, el: document.getElementById("wall") });

  document.getElementById("choice")?.addEventListener("change", (event) => {
    const number = Number(event.target.value);
    for (const header of document.querySelectorAll("header")) header.hidden = Number(header.dataset.study) !== number;
    Object.assign(model, { meta: studies[number].meta, rows: studies[number].rows, cube: studies[number].cube });
  });
}
