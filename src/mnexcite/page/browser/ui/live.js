// Live: the cell goes on span by span from where it is, with the settings of this moment.
(function (page) {
  "use strict";
  const WINDOW = 4000,
    PULSE = 500;
  let mode = "off",
    engine = null,
    waiting = false,
    began = 0,
    last = 0,
    time = 0,
    model = "",
    start = false,
    round = 0;
  let extra = 0,
    left = 0,
    told = 0,
    strip = null;

  // Columns that grow at the right and lose what left the window.
  function columns(count) {
    let length = 0,
      room = 4096;
    let all = Array.from({ length: count }, () => new Float64Array(room));
    return {
      add(parts) {
        const more = parts[0].length;
        if (length + more > room) {
          room = 2 * (length + more);
          all = all.map((one) => {
            const bigger = new Float64Array(room);
            bigger.set(one.subarray(0, length));
            return bigger;
          });
        }
        all.forEach((one, i) => one.set(parts[i], length));
        length += more;
      },
      drop(before) {
        const gone = Math.max(0, page.last(all[0].subarray(0, length), before) - 1);
        if (gone < length / 2) return;
        for (const one of all) one.copyWithin(0, gone, length);
        length -= gone;
      },
      get: (i) => all[i].subarray(0, length),
    };
  }

  function words(percent) {
    const second = strip.spikes.filter((one) => one > time - 1000).length;
    const pulse = left > 0 ? (extra > 0 ? " Being excited." : " Being inhibited.") : "";
    page.find("sentence").textContent =
      `Live: ${second ? `fires at ${second} Hz` : "is silent"}; force ${Math.round(percent)} % of fused.${pulse}`;
    page.find("conclusion").textContent = page.chosen.protocol
      ? "Live begins where this start does, without its stimuli: excite it yourself."
      : "Rate over the last second. Move a slider there and back: does the cell remember?";
  }

  function show() {
    const [t, v] = [strip.trace.get(0), strip.trace.get(1)];
    const force = strip.force ? { t: strip.force.get(0), percent: strip.force.get(1) } : null;
    page.plots.set({
      t,
      v,
      spikes: Float64Array.from(strip.spikes),
      force,
      from: Math.max(0, time - WINDOW),
      to: Math.max(WINDOW, time),
      name: "live",
      ghost: null,
      moving: true,
    });
    if (performance.now() - told > 1000) {
      told = performance.now();
      words(force?.t.length ? force.percent[force.percent.length - 1] : 0);
    }
  }

  function took(answer, mine, speed, pulsed) {
    if (mine !== round) return;
    waiting = false;
    if (answer.kind !== "live" || answer.status !== "ok") {
      end();
      if (answer.says) page.sentence.trouble("Live ended. " + answer.says);
      return;
    }
    if (answer.now < time) strip = fresh(); // the engine had to start anew
    const begins = time;
    time = answer.now;
    strip.trace.add([answer.t, answer.v]);
    if (answer.force && !strip.force) strip.force = columns(2);
    if (answer.force) strip.force.add([answer.force.t, answer.force.percent]);
    strip.spikes = strip.spikes
      .filter((one) => one > time - WINDOW - 1000)
      .concat(Array.from(answer.spikes));
    strip.trace.drop(time - WINDOW);
    strip.force?.drop(time - WINDOW);
    page.sound.play(answer.spikes, begins, speed);
    left = Math.max(0, left - pulsed);
    pulses();
    if (mode === "running") show();
  }

  function step(now) {
    if (mode !== "running") return;
    requestAnimationFrame(step);
    const speed = Number(page.find("speed").value);
    const gone = Math.min(now - last, 250);
    if (waiting || gone < (page.look.still() ? 240 : 15)) return;
    last = now;
    let span = gone * speed;
    if (left > 0) span = Math.min(span, left);
    if (page.chosen.model !== model) restart();
    const command = start ? "start" : "on";
    start = false;
    waiting = true;
    const mine = round,
      pulsed = left > 0 && command === "on" ? span : 0;
    engine.ask(
      {
        kind: "live",
        command,
        model,
        settings: page.choose.changed(),
        protocol: page.chosen.protocol,
        unit: page.chosen.unit,
        span,
        extra: pulsed ? extra : 0,
      },
      (answer) => took(answer, mine, speed, pulsed),
    );
  }

  const fresh = () => ({ trace: columns(2), force: null, spikes: [] });

  function restart() {
    strip = fresh();
    time = 0;
    left = 0;
    start = true;
    model = page.chosen.model;
    round += 1;
    waiting = false;
  }

  function buttons() {
    page.find("run").textContent = { off: "Run live", running: "Stop", paused: "Go on" }[mode];
    page.find("end").hidden = mode === "off";
    pulses();
  }

  function pulses() {
    for (const [id, sign] of [
      ["excite", 1],
      ["inhibit", -1],
    ]) {
      page.find(id).disabled = mode !== "running";
      page.find(id).setAttribute("aria-pressed", String(left > 0 && Math.sign(extra) === sign));
    }
  }

  function run() {
    if (mode === "running") mode = "paused";
    else {
      if (mode === "off") {
        restart();
        page.sentence.sensitive({ sensitive: false });
      }
      mode = "running";
      last = performance.now();
      told = 0;
      requestAnimationFrame(step);
    }
    buttons();
    if (mode === "paused") page.plots.set({ ...latest(), moving: false });
  }

  function latest() {
    return {
      t: strip.trace.get(0).slice(),
      v: strip.trace.get(1).slice(),
      spikes: Float64Array.from(strip.spikes),
      force: strip.force && { t: strip.force.get(0).slice(), percent: strip.force.get(1).slice() },
      from: Math.max(0, time - WINDOW),
      to: Math.max(WINDOW, time),
      name: "live",
      ghost: null,
    };
  }

  function end() {
    mode = "off";
    round += 1;
    waiting = false;
    buttons();
    page.runs.again();
    page.plots.fresh();
  }

  // How much current a pulse adds: what the description says, else a part of the slider's range, less to inhibit.
  function strength(sign) {
    const given = page.chosen.description.live;
    const slider = page.choose.slider("stimulus");
    if (given) return sign > 0 ? given.excite : given.inhibit;
    return slider ? (sign > 0 ? slider.high / 3 : slider.low / 2) : sign;
  }

  function pulse(sign) {
    if (mode !== "running") return;
    extra = strength(sign);
    left = PULSE;
    told = 0;
    pulses();
  }

  function begin(one) {
    engine = one;
    page.find("run").addEventListener("click", run);
    page.find("end").addEventListener("click", end);
    for (const [id, sign] of [
      ["excite", 1],
      ["inhibit", -1],
    ]) {
      page.find(id).addEventListener("click", () => pulse(sign));
      page.find(id).title =
        page.words.signed(strength(sign), page.chosen.description.current_unit) +
        " for half a second";
    }
    page.find("sound").addEventListener("change", (event) => {
      event.target.checked = page.sound.on(event.target.checked);
    });
    page.choose.on(() => {
      if (mode === "paused") end();
    });
  }

  page.live = { begin, on: () => mode !== "off", mode: () => mode, strip: () => strip };
})(window.mnexcite);
