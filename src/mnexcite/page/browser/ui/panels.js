// The folded panels: filled when first opened, drawn only while open.
(function (page) {
  "use strict";
  const names = ["gates", "phase", "clamp", "map", "numbers"];
  const needing = ["gates", "phase"];
  const open = (name) => page.find(name).open;
  const begun = new Set();

  function toggled(name) {
    const state = page.chosen;
    if (open(name)) state.open.add(name);
    else state.open.delete(name);
    if (open(name) && !begun.has(name)) {
      begun.add(name);
      page[name].begin(page.find(name).querySelector(".inside"));
    }
    if (open(name)) page[name].draw?.();
    page.choose.tell();
  }

  function follow() {
    for (const name of names) page.find(name).open = page.chosen.open.has(name);
  }

  function draw() {
    for (const name of names) if (open(name) && begun.has(name)) page[name].draw?.();
  }

  function begin() {
    for (const name of names) page.find(name).addEventListener("toggle", () => toggled(name));
    let seen = page.chosen.open;
    page.choose.on((state) => {
      if (state.open !== seen) {
        seen = state.open;
        follow();
      }
    });
    page.runs.on("all", () =>
      needing.forEach((name) => open(name) && begun.has(name) && page[name].draw()),
    );
    page.look.on(draw);
    new ResizeObserver(page.after(120, draw)).observe(page.find("take"));
    follow();
  }

  page.panels = { begin, names, needAll: () => needing.some(open) };
})(window.mnexcite);
