// What the student has chosen: everything that a run depends on, in one place.
(function (page) {
  "use strict";
  const listeners = [];
  const state = {
    description: null,
    settings: {},
    preset: null,
    model: "plain",
    protocol: undefined,
    duration: 2000,
    wished: 2000,
    unit: undefined,
    open: new Set(),
    clamp: null,
  };

  const slider = (id) => state.description.sliders.find((one) => one.id === id);
  const preset = (id) => state.description.presets.find((one) => one.id === id);
  const clip = (one, value) => Math.min(one.high, Math.max(one.low, value));

  function neutral() {
    return Object.fromEntries(state.description.sliders.map((one) => [one.id, one.neutral]));
  }

  // The settings that differ from the cell as it is: what the engine and the link are told.
  function changed() {
    return Object.fromEntries(
      state.description.sliders
        .map((one) => [one.id, state.settings[one.id]])
        .filter(([id, value]) => !page.words.same(slider(id), value)),
    );
  }

  function tell() {
    for (const listener of listeners) listener(state);
  }

  function change(part) {
    Object.assign(state, part);
    tell();
  }

  function set(id, value) {
    change({ settings: { ...state.settings, [id]: clip(slider(id), value) } });
  }

  function several(values) {
    const clipped = Object.entries(values).map(([id, value]) => [id, clip(slider(id), value)]);
    change({ settings: { ...state.settings, ...Object.fromEntries(clipped) } });
  }

  // What a preset says of model, protocol and settings, the rest as it was.
  function fromPreset(id) {
    const one = preset(id);
    return {
      preset: id,
      model: one.model || "plain",
      protocol: one.protocol,
      duration: one.duration || state.wished,
      settings: { ...neutral(), ...one.settings },
    };
  }

  // Whether the preset that was chosen last still holds: a current is done to it, no change of it.
  function holds() {
    if (!state.preset) return false;
    const wanted = { ...neutral(), ...preset(state.preset).settings };
    return Object.keys(wanted).every((id) => id === "stimulus" || Math.abs(wanted[id] - state.settings[id]) < 1e-9);
  }

  function begin(description) {
    state.description = description;
    state.wished = description.duration;
    state.unit = description.units?.[0]?.id;
    Object.assign(state, fromPreset(description.presets[0].id));
  }

  const question = (more) => ({
    model: state.model,
    settings: changed(),
    duration: state.duration,
    unit: state.unit,
    ...(state.protocol ? { protocol: state.protocol } : {}),
    ...more,
  });

  page.chosen = state;
  page.choose = {
    begin,
    set,
    several,
    change,
    changed,
    clip,
    fromPreset,
    holds,
    neutral,
    preset,
    question,
    slider,
    tell,
    on: (listener) => listeners.push(listener),
  };
})(window.mnexcite);
