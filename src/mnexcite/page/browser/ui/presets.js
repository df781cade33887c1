// The starts: one button each, and where the chosen one comes from.
(function (page) {
  "use strict";
  const state = page.chosen;
  const buttons = new Map();

  // A start is of the cell: a current that flows goes on, unless the start has stimuli of its own.
  function start(one) {
    const wanted = page.choose.fromPreset(one.id);
    if (one.protocol || state.protocol || !("stimulus" in state.settings)) return wanted;
    return { ...wanted, settings: { ...wanted.settings, stimulus: state.settings.stimulus } };
  }

  function show() {
    for (const [id, button] of buttons)
      button.setAttribute("aria-pressed", String(id === state.preset && page.choose.holds()));
    const one = page.choose.preset(state.preset);
    const changed = page.choose.holds() ? "" : "Changed since: ";
    page.find("preset-words").textContent =
      page.words.unit(`${changed}${one.label}. ${one.about} Source: ${one.source} (${one.status}).`);
  }

  function begin() {
    for (const one of state.description.presets) {
      const button = page.make(
        "button",
        {
          type: "button",
          className: "preset",
          title: `${one.source} (${one.status})`,
          "data-preset": one.id,
        },
        page.make("strong", { textContent: one.label }),
        page.make("span", { className: "status", textContent: one.status }),
      );
      button.addEventListener("click", () => page.choose.change(start(one)));
      buttons.set(one.id, button);
      page.find("presets").append(button);
      page
        .find("preset-sources")
        .append(
          page.make("dt", { textContent: one.label }),
          page.make("dd", {
            textContent: page.words.unit(`${one.about} Source: ${one.source} (${one.status}).`),
          }),
        );
    }
    page.choose.on(show);
    show();
  }

  page.presets = { begin };
})(window.mnexcite);
