// The sliders, always visible, with duration and motor unit.
(function (page) {
  "use strict";
  const state = page.chosen;
  const rows = [];
  const LENGTHS = [2000, 4000, 10000, 60000];

  function far(slider, key, value) {
    const page_ = Math.max(slider.step, (slider.high - slider.low) / 10);
    return {
      ArrowRight: value + 10 * slider.step,
      ArrowUp: value + 10 * slider.step,
      ArrowLeft: value - 10 * slider.step,
      ArrowDown: value - 10 * slider.step,
      PageUp: value + page_,
      PageDown: value - page_,
    }[key];
  }

  function row(slider, i) {
    const id = "slider-" + i;
    const value = page.make("span", { className: "value" });
    const change = page.make("span", { className: "change", id: id + "-change" });
    const input = page.make("input", {
      type: "range",
      id,
      min: slider.low,
      max: slider.high,
      step: slider.step,
      "data-slider": slider.id,
      "aria-describedby": `${id}-says`,
    });
    const back = page.make("button", {
      type: "button",
      className: "small",
      textContent: "↺",
      title: "set back",
      "aria-label": slider.label + ": set back to " + page.words.shown(slider, slider.neutral),
    });
    const mark = page.make("span", { className: "mark", "aria-hidden": "true" });
    const place = (x) => (x - slider.low) / (slider.high - slider.low);
    mark.style.setProperty("--at", place(slider.neutral));

    const set = (x) => page.choose.set(slider.id, x);
    input.addEventListener("input", () => set(Number(input.value)));
    input.addEventListener("dblclick", () => set(slider.neutral));
    input.addEventListener("keydown", (event) => {
      const wanted =
        event.shiftKey || event.key.startsWith("Page")
          ? far(slider, event.key, state.settings[slider.id])
          : undefined;
      if (wanted === undefined) return;
      event.preventDefault();
      set(
        Number(
          (slider.low + Math.round((wanted - slider.low) / slider.step) * slider.step).toPrecision(
            10,
          ),
        ),
      );
    });
    back.addEventListener("click", () => {
      input.focus();
      set(slider.neutral);
    });

    function show() {
      const now = state.settings[slider.id];
      const same = page.words.same(slider, now);
      if (Number(input.value) !== now) input.value = now;
      value.textContent = page.words.shown(slider, now);
      change.textContent = page.words.change(slider, now);
      element.classList.toggle("changed", !same);
      back.classList.toggle("gone", same);
      input.setAttribute("aria-valuetext", `${value.textContent}, ${change.textContent}`);
      input.style.setProperty("--low", Math.min(place(now), place(slider.neutral)));
      input.style.setProperty("--high", Math.max(place(now), place(slider.neutral)));
    }

    const { status, source } = slider.evidence;
    const told = [status, source === state.description.cell.source ? "" : source].filter(Boolean);
    const evidence = told.length ? ` (${told.join(": ")})` : "";
    const element = page.make(
      "div",
      { className: "slider" },
      page.make(
        "div",
        { className: "line names" },
        page.make("label", { htmlFor: id, textContent: slider.label }),
        value,
      ),
      page.make(
        "div",
        { className: "line" },
        page.make("div", { className: "track" }, mark, input),
        back,
      ),
      page.make(
        "p",
        { className: "says" },
        change,
        " ",
        page.make("span", {
          id: id + "-says",
          textContent: page.words.capital(slider.says || "") + evidence,
        }),
      ),
    );
    rows.push(show);
    return element;
  }

  // A row of radio buttons; returns how to show what is chosen.
  function choice(name, title, options, get, set) {
    const field = page.make("fieldset", {}, page.make("legend", { textContent: title }));
    const box = page.make("div", { className: "bar" });
    const inputs = new Map();
    function add({ id, label }) {
      const input = page.make("input", { type: "radio", name, value: id });
      input.addEventListener("change", () => input.checked && set(id));
      box.append(
        page.make("label", { className: "pill" }, input, page.make("span", { textContent: label })),
      );
      inputs.set(id, input);
    }
    options.forEach(add);
    field.append(box);
    page.find("choices").append(field);
    return () => {
      const now = get();
      if (!inputs.has(now)) add({ id: now, label: page.words.seconds(now) });
      inputs.get(now).checked = true;
    };
  }

  function begin() {
    state.description.sliders.forEach((slider, i) => page.find("sliders").append(row(slider, i)));
    const lengths = LENGTHS.map((id) => ({ id, label: page.words.seconds(id) }));
    rows.push(
      choice(
        "duration",
        "Length of the run",
        lengths,
        () => state.duration,
        (duration) => page.choose.change({ duration, wished: duration }),
      ),
    );
    if (state.description.units?.length > 1) {
      rows.push(
        choice(
          "unit",
          "Motor unit (how fast its muscle fibres twitch)",
          state.description.units,
          () => state.unit,
          (unit) => page.choose.change({ unit }),
        ),
      );
    }
    const show = () => rows.forEach((one) => one());
    page.choose.on(show);
    show();
  }

  page.controls = { begin };
})(window.mnexcite);
