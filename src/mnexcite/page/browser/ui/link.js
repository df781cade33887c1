// The state as a link (#...) and back; what a link says wrongly is clipped or ignored, with a word.
(function (page) {
  "use strict";
  const state = page.chosen;
  const special = new Set(["cell", "preset", "duration", "unit", "open", "clamp"]);
  let mine = null;

  function text() {
    const parts = new URLSearchParams({ cell: state.description.cell.name, preset: state.preset });
    const origin = { ...page.choose.neutral(), ...page.choose.preset(state.preset).settings };
    for (const one of state.description.sliders) {
      if (Math.abs(state.settings[one.id] - origin[one.id]) > 1e-9)
        parts.set(one.id, String(state.settings[one.id]));
    }
    parts.set("duration", String(state.duration));
    if (state.unit) parts.set("unit", state.unit);
    if (state.open.size) parts.set("open", [...state.open].join(" "));
    if (page.clamp.text()) parts.set("clamp", page.clamp.text());
    return "#" + parts;
  }

  function write() {
    mine = text();
    try {
      history.replaceState(null, "", mine);
    } catch {
      // A sandboxed frame may refuse; the link can still be copied.
    }
  }

  // Settings out of a hash, and what had to be said about it.
  function read(hash) {
    const parts = new URLSearchParams(hash.replace(/^#/, ""));
    const told = [];
    if (parts.has("cell") && parts.get("cell") !== state.description.cell.name) {
      return {
        told: [`The link is for another cell (${parts.get("cell").slice(0, 60)}) and was ignored.`],
      };
    }
    const first = state.description.presets[0].id;
    let id = parts.get("preset") || first;
    if (!page.choose.preset(id)) {
      told.push(
        `The link names a start, “${id.slice(0, 40)}”, that this page does not have; it was ignored.`,
      );
      id = first;
    }
    const wanted = page.choose.fromPreset(id);
    for (const [name, value] of parts) {
      if (special.has(name)) continue;
      const one = page.choose.slider(name);
      const number = value.trim() === "" ? NaN : Number(value);
      if (!one)
        told.push(
          `The link names “${name.slice(0, 40)}”, which this page does not have; it was ignored.`,
        );
      else if (!Number.isFinite(number))
        told.push(`The link gives no number for ${one.label}; it was ignored.`);
      else {
        wanted.settings[name] = page.choose.clip(one, number);
        if (wanted.settings[name] !== number) {
          told.push(
            `${one.label} = ${page.words.number(number)} is outside its range and was set to ${page.words.number(wanted.settings[name])}.`,
          );
        }
      }
    }
    if (parts.has("duration")) {
      const duration = Number(parts.get("duration"));
      wanted.duration =
        Number.isFinite(duration) && duration > 0
          ? Math.min(60000, Math.max(100, duration))
          : state.duration;
      if (!page.choose.preset(id).duration) wanted.wished = wanted.duration;
      if (wanted.duration !== duration)
        told.push(`The link's duration was set to ${page.words.seconds(wanted.duration)}.`);
    }
    if (parts.has("unit")) {
      if (state.description.units?.some((one) => one.id === parts.get("unit")))
        wanted.unit = parts.get("unit");
      else told.push("The link names a motor unit that this page does not have; it was ignored.");
    }
    wanted.clamp = null;
    if (parts.has("clamp")) {
      wanted.clamp = page.clamp.read(parts.get("clamp"));
      if (!wanted.clamp) told.push("The link's voltage clamp is not one of five numbers in their ranges; it was ignored.");
    }
    wanted.open = new Set(
      (parts.get("open") || "").split(" ").filter((id_) => page.panels.names.includes(id_)),
    );
    return { wanted, told };
  }

  function take() {
    if (location.hash === mine) return;
    const { wanted = {}, told } = location.hash.length > 1 ? read(location.hash) : { told: [] };
    page.choose.change(wanted);
    page.sentence.trouble(told.join(" "));
  }

  function begin() {
    page.choose.on(page.after(300, write));
    window.addEventListener("hashchange", take);
    take();
  }

  const whole = () => location.href.split("#")[0] + text();
  page.link = { begin, whole, text };
})(window.mnexcite);
