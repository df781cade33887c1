// A map of the firing rate over two sliders, computed in a second worker, with a crosshair that sets both.
(function (page) {
  "use strict";
  const state = page.chosen;
  let second = null,
    asked = null,
    canvas = null,
    drawn = null,
    grid = null,
    key = "",
    parts = {};
  const selects = {};

  function axis(id, n, given) {
    const slider = page.choose.slider(id);
    const low = Math.max(slider.low, given?.low ?? slider.low),
      high = Math.min(slider.high, given?.high ?? slider.high);
    return {
      slider: id,
      values: Float64Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1)),
    };
  }

  const length = () => state.description.map?.duration ?? 2000;

  function axes() {
    const wanted = state.description.map || {};
    const n = wanted.n || 31;
    const given = (name) => [wanted.x, wanted.y].find((one) => one?.slider === name);
    return {
      x: axis(selects.x.value, n, given(selects.x.value)),
      y: axis(selects.y.value, n, given(selects.y.value)),
    };
  }

  // What the map depends on besides its own two axes.
  function others() {
    const rest = page.choose.changed();
    delete rest[selects.x?.value ?? grid?.x.slider];
    delete rest[selects.y?.value ?? grid?.y.slider];
    return JSON.stringify([state.model, rest, selects.x?.value, selects.y?.value]);
  }

  // A sweep's own values stand in the file.
  const stored = () => state.description.map?.values;

  function take() {
    const { x, y, values } = state.description.map;
    key = JSON.stringify([state.model, {}, undefined, undefined]);
    grid = { x, y, rate: values.rate ?? [], ...values, rows: y.values.length, done: true };
  }

  function compute() {
    if (stored()) {
      take();
      draw();
      return;
    }
    if (!second) second = page.talk.worker(state.description, page.sentence.trouble);
    if (asked !== null) second.forget(asked);
    const { x, y } = axes();
    if (x.slider === y.slider) {
      parts.words.textContent = "Choose two different sliders.";
      return;
    }
    key = others();
    grid = { x, y, rate: [], fires: [], says: [], rows: 0, done: false };
    const mine = grid;
    const settings = page.choose.changed();
    delete settings[x.slider];
    delete settings[y.slider];
    asked = second.ask(
      { kind: "map", model: state.model, settings, x, y, duration: length() },
      (answer) => {
        if (mine !== grid || answer.kind !== "map") return;
        grid.rate[answer.row] = answer.rate;
        grid.fires[answer.row] = answer.fires;
        grid.says[answer.row] = answer.says;
        grid.rows += 1;
        grid.done = answer.done;
        parts.progress.value = grid.rows / y.values.length;
        draw();
      },
    );
    draw();
  }

  // Dark blue to yellow, equally readable for the colour-blind; black to white lightness rises with the rate.
  const RAMP = [
    [0, 32, 77],
    [44, 62, 107],
    [85, 91, 108],
    [124, 123, 120],
    [168, 157, 117],
    [213, 193, 100],
    [255, 234, 70],
  ];
  function ramp(part) {
    const at = Math.min(0.9999, Math.max(0, part)) * (RAMP.length - 1);
    const i = Math.floor(at);
    return (
      "rgb(" +
      RAMP[i].map((one, k) => Math.round(one + (at - i) * (RAMP[i + 1][k] - one))).join(",") +
      ")"
    );
  }

  function top() {
    let most = 0;
    for (const row of grid.rate) for (const one of row || []) if (one > most) most = one;
    return Math.max(2, 2 * Math.ceil(most / 2));
  }

  function draw() {
    if (!canvas || !grid) return;
    const { x, y } = grid;
    const named = (one) => {
      const slider = page.choose.slider(one.slider);
      const all = edges(one.values);
      return {
        low: all[0],
        high: all[all.length - 1],
        label:
          slider.label + (slider.kind === "factor" ? ", ×" : ", " + page.words.unit(slider.unit)),
      };
    };
    drawn = page.frame(canvas, named(x), named(y));
    const { pen, at, box } = drawn;
    const most = top();
    const [left, up] = [edges(x.values).map(at.x), edges(y.values).map(at.y)];
    for (let row = 0; row < y.values.length; row++) {
      for (let i = 0; i < x.values.length && grid.fires[row]; i++) {
        const fires = grid.fires[row][i];
        if (fires < 0) continue; // no answer there: paper
        pen.fillStyle = fires
          ? ramp(grid.rate[row] ? grid.rate[row][i] / most : 0.6)
          : page.look.colour("silent");
        pen.fillRect(left[i], up[row + 1], left[i + 1] - left[i] + 0.6, up[row] - up[row + 1] + 0.6);
      }
    }
    const hereX = at.x(state.settings[x.slider]),
      hereY = at.y(state.settings[y.slider]);
    pen.save();
    pen.beginPath();
    pen.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    pen.clip();
    for (const [ink, width] of [
      ["#fff", 5],
      ["#000", 2],
    ]) {
      pen.strokeStyle = ink;
      pen.lineWidth = width;
      pen.beginPath();
      pen.moveTo(hereX - 14, hereY);
      pen.lineTo(hereX + 14, hereY);
      pen.moveTo(hereX, hereY - 14);
      pen.lineTo(hereX, hereY + 14);
      pen.stroke();
    }
    pen.restore();
    parts.progress.hidden = grid.done;
    const stale = key !== others();
    parts.again.textContent = stale ? "Compute again for the present settings" : "Compute again";
    parts.again.classList.toggle("strong", stale);
    parts.again.hidden = Boolean(stored());
    parts.scale.textContent = grid.rate.length ? `0 to ${most} Hz` : "fires";
    const here = cell();
    const what = here
      ? here.fires < 0
        ? `has no answer (${here.says.replace("_", " ")})`
        : here.fires
          ? `fires${here.rate == null ? "" : ` at ${page.words.number(here.rate, 3)} Hz`}${here.says ? ` (${here.says})` : ""}`
          : `is silent at the end${here.says && here.says !== "silent" ? ` (${here.says.replace("_", " ")})` : ""}`
      : "is outside the map";
    const words = (one) =>
      page.choose.slider(one.slider).label +
      " " +
      page.words.shown(page.choose.slider(one.slider), state.settings[one.slider]);
    parts.words.textContent = `At the cross: ${words(x)}, ${words(y)}; on the map it ${what}${stale ? " (the map is of other settings)" : ""}.`;
    canvas.setAttribute("aria-valuetext", parts.words.textContent);
  }

  // Where the cells around rising values begin and end.
  function edges(values) {
    const n = values.length;
    const inner = Array.from({ length: n - 1 }, (_, i) => (values[i] + values[i + 1]) / 2);
    return [values[0] - (values[1] - values[0]) / 2, ...inner, values[n - 1] + (values[n - 1] - values[n - 2]) / 2];
  }

  function nearest(values, value) {
    const all = edges(values);
    if (value < all[0] || value > all[values.length]) return -1;
    return Math.min(values.length - 1, Math.max(0, page.last(all, value)));
  }

  function cell() {
    const i = nearest(grid.x.values, state.settings[grid.x.slider]),
      row = nearest(grid.y.values, state.settings[grid.y.slider]);
    return i < 0 || row < 0 || !grid.fires[row]
      ? null
      : { rate: grid.rate[row]?.[i], fires: grid.fires[row][i], says: grid.says?.[row]?.[i] };
  }

  function set(x, y) {
    const held = (one, value) => {
      const slider = page.choose.slider(one.slider);
      const inside = Math.min(one.values[one.values.length - 1], Math.max(one.values[0], value));
      return Number(
        (slider.low + Math.round((inside - slider.low) / slider.step) * slider.step).toPrecision(
          10,
        ),
      );
    };
    page.choose.several({ [grid.x.slider]: held(grid.x, x), [grid.y.slider]: held(grid.y, y) });
  }

  function pointed(event) {
    if (!drawn || !(event.buttons & 1)) return;
    const { left, top: above } = canvas.getBoundingClientRect();
    const { box } = drawn,
      { x, y } = grid;
    const part = (event.clientX - left - box.left) / (box.right - box.left),
      up = (box.bottom - (event.clientY - above)) / (box.bottom - box.top);
    const value = (one, along) => {
      const all = edges(one.values);
      return all[0] + along * (all[all.length - 1] - all[0]);
    };
    set(value(x, part), value(y, up));
  }

  function keyed(event) {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[
      event.key
    ];
    if (!move || !grid) return;
    event.preventDefault();
    const far = event.shiftKey ? 5 : 1;
    const go = (one, steps) => {
      const { values } = one,
        now = state.settings[one.slider];
      if (!stored()) return now + steps * far * (values[1] - values[0]);
      if (!steps) return now;
      const there = Math.max(0, nearest(values, now)) + steps * far;
      return values[Math.min(values.length - 1, Math.max(0, there))];
    };
    set(go(grid.x, move[0]), go(grid.y, move[1]));
  }

  function select(name, title, first) {
    selects[name] = page.make(
      "select",
      {},
      ...state.description.sliders.map((one) =>
        page.make("option", { value: one.id, textContent: one.label }),
      ),
    );
    selects[name].value = first;
    selects[name].addEventListener("change", compute);
    return page.make("label", {}, title + " ", selects[name]);
  }

  function begin(inside) {
    const { sliders, map } = state.description;
    canvas = page.make("canvas", {
      className: "drawing tall map",
      tabIndex: 0,
      role: "slider",
      "aria-label": "Crosshair on the map",
      "aria-valuenow": "0",
      "aria-describedby": "map-keys",
    });
    parts = {
      progress: page.make("progress", { max: 1, value: 0, "aria-label": "Progress of the map" }),
      again: page.make("button", { type: "button", textContent: "Compute again" }),
      words: page.make("p", { className: "says" }),
      scale: page.make("span", {}),
    };
    const bar = page.make("span", { className: "ramp", "aria-hidden": "true" });
    bar.style.background = `linear-gradient(to right, ${RAMP.map((one) => `rgb(${one})`).join(",")})`;
    parts.again.addEventListener("click", compute);
    inside.append(
      stored()
        ? page.make("p", {
            className: "says",
            textContent: `The sweep ${map.source}, as it was computed: stimulus ${map.stimulus}. Left empty: no answer.`,
          })
        : page.make(
            "div",
            { className: "bar" },
            select("x", "Across", map?.x.slider || sliders[0].id),
            select("y", "Up", map?.y.slider || sliders[1].id),
          ),
      canvas,
      page.make(
        "div",
        { className: "bar" },
        page.make("span", { className: "silent-key" }),
        "silent at the end",
        bar,
        parts.scale,
      ),
      parts.words,
      page.make("div", { className: "bar" }, parts.again, parts.progress),
      page.make("p", {
        className: "says",
        id: "map-keys",
        textContent: `Runs of ${page.words.seconds(length())}. Drag the cross, or move it with the arrow keys (with Shift by five).`,
      }),
    );
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointed(event);
    });
    canvas.addEventListener("pointermove", pointed);
    canvas.addEventListener("keydown", keyed);
    page.choose.on(() => page.find("map").open && draw());
    compute();
  }

  page.map = { begin, draw, grid: () => grid };
})(window.mnexcite);
