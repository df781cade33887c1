// Plays a run from the moment that is looked at; a stretch begins at the next time for which there is a run.
(function (page) {
  "use strict";
  const state = page.chosen;
  const HALF = 500; // ms, in which a unit that fires has a spike
  let playing = false,
    last = 0,
    seen = () => {};

  const next = () => {
    const from = playing || state.head < page.choose.run().duration ? page.choose.head() : 0;
    return page.choose
      .stretches()
      .map((one) => page.runs.find(state.case, state.train, one))
      .find((one) => one.status === "ok" && one.pulled[0] > from);
  };

  const phase = (run, t) => {
    if (t < run.rest) return "rest";
    if (t < run.end) return "train";
    if (!run.pulled || t < run.pulled[0]) return "after the train";
    return t < run.pulled[1] ? "stretch" : "after the stretch";
  };

  // Before its end a run is not told: who plays it sees what comes.
  function sentence(run, t) {
    if (run.status !== "ok" || t >= run.duration) return page.words.capital(run.sentence);
    return {
      rest: "The muscle rests.",
      train: `The nerve gets ${run.train} stimuli a second.`,
      "after the train": "The train is over. Do units fire on?",
      stretch: "The muscle is stretched.",
      "after the stretch": "The stretch is over. Does the cramp come back?",
    }[phase(run, t)];
  }

  function moment() {
    const run = page.choose.run(),
      t = page.choose.head();
    const fires = run.spikes.filter((one) => one[page.last(one, t)] > t - HALF).length;
    const force = page.between(t, run.force.t, run.force.y);
    const mM = page.between(t, run.potassium.t, run.potassium.y);
    seen(force);
    return `${(t / 1000).toFixed(1)} s, ${phase(run, t)}: ${fires} of ${run.spikes.length} units fire; force ${force.toFixed(0)} %; potassium ${mM.toFixed(1)} mM`;
  }

  function show() {
    const run = page.choose.run(),
      good = run.status === "ok";
    const slider = page.find("time"),
      said = page.find("sentence");
    slider.max = run.duration;
    slider.value = page.choose.head();
    const text = good ? moment() : "";
    if (!good) seen(NaN);
    page.find("moment").textContent = text;
    slider.setAttribute("aria-valuetext", text || "no run");
    const words = sentence(run, page.choose.head());
    if (said.textContent !== words) said.textContent = words;
    page.find("conclusion").textContent = `${state.description.cases.find((one) => one.id === state.case).label}, 150 stimuli at ${run.train} Hz${
      run.pulled ? `, stretched from ${(run.pulled[0] / 1000).toFixed(1)} s on` : ""
    }. Seed ${state.description.seed}.`;
    page.find("ghost-key").hidden = !page.choose.ghost();
    page.find("play").textContent = playing ? "Pause" : "Play";
    for (const id of ["play", "whole", "time"]) page.find(id).disabled = !good;
    const button = page.find("stretch"),
      found = good && (!run.pulled || run.pulled[0] > page.choose.head()) ? next() : undefined;
    button.disabled = !found;
    button.textContent = found ? `Stretch at ${(found.pulled[0] / 1000).toFixed(1)} s` : "Stretch";
    page.find("close-up").setAttribute("aria-pressed", String(state.near));
  }

  function step(now) {
    if (!playing) return;
    requestAnimationFrame(step);
    const gone = Math.min(now - last, 250);
    if (gone < (page.look.still() ? 240 : 30)) return;
    last = now;
    const run = page.choose.run(),
      speed = Number(page.find("speed").value);
    const from = page.choose.head(),
      to = Math.min(run.duration, from + gone * speed);
    for (const train of run.spikes)
      page.sound.play(train.subarray(page.last(train, from) + 1, page.last(train, to) + 1), from, speed);
    if (to >= run.duration) playing = false;
    page.choose.change({ head: to });
  }

  function play() {
    playing = !playing;
    if (playing) {
      last = performance.now();
      requestAnimationFrame(step);
      if (page.choose.head() >= page.choose.run().duration) state.head = 0;
    }
    page.choose.change({});
  }

  function key(event) {
    const by = { ArrowLeft: -100, ArrowRight: 100, PageUp: -5000, PageDown: 5000 }[event.key];
    const { duration } = page.choose.run();
    const to = { Home: 0, End: duration }[event.key] ?? page.choose.head() + by * (event.shiftKey ? 10 : 1);
    if (!Number.isFinite(to) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    page.choose.change({ head: Math.min(duration, Math.max(0, to)) });
  }

  function begin() {
    page.find("play").addEventListener("click", play);
    page.find("stretch").addEventListener("click", () => page.choose.change({ stretch: next().stretch }));
    page.find("whole").addEventListener("click", () => {
      playing = false;
      page.choose.change({ head: Infinity, near: false });
    });
    page.find("close-up").addEventListener("click", () => page.choose.change({ near: !state.near }));
    page.find("time").addEventListener("input", (event) =>
      page.choose.change({ head: Number(event.target.value) }),
    );
    page.find("charts").addEventListener("keydown", key);
    page.find("sound").addEventListener("change", (event) => {
      event.target.checked = page.sound.on(event.target.checked);
    });
    page.choose.on(show);
  }

  // what the drawn muscle follows
  page.cursor = { watch: (watcher) => (seen = watcher) };
  page.live = { mode: () => (playing ? "running" : "off") };
  page.play = { begin, playing: () => playing };
})(window.mnexcite);
