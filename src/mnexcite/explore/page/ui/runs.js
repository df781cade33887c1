// Asks for runs: at most one in flight, the newest settings win, the old picture stays until the new one is there.
(function (page) {
  "use strict";
  const listeners = { now: [], healthy: [], all: [], asked: [] };
  const flight = { now: false, healthy: false };
  const done = { now: null, healthy: null };
  let engine = null, wanted = null, full = false, ghost = "", judged = "", late = 0;

  const tell = (name, data) => listeners[name].forEach((listener) => listener(data));

  // The same protocol, or the fullest part of it, that does not itself begin from an altered state.
  function unaltered(name) {
    const all = page.state_.description.protocols || {};
    const told = all[name];
    if (!told?.initial || !Object.keys(told.initial).length) return name;
    const fit = Object.entries(all).filter(([, one]) => !Object.keys(one.initial).length && one.python.every((line) => told.python.includes(line)));
    return fit.sort((a, b) => b[1].python.length - a[1].python.length)[0]?.[0];
  }

  // The healthy cell in the same experiment: same current, same protocol, same length.
  function healthy() {
    const first = page.state_.description.presets[0];
    const current = page.state_.settings.stimulus;
    const settings = { ...first.settings, ...(current ? { stimulus: current } : {}) };
    const protocol = unaltered(page.state_.protocol);
    const { protocol: _, ...question } = page.choose.question({ model: first.model || "plain", settings });
    return protocol ? { ...question, protocol } : question;
  }

  const driven = () => Boolean(page.state_.settings.stimulus || page.state_.protocol);

  function askHealthy() {
    const question = healthy();
    const key = JSON.stringify(question);
    if (key === ghost || flight.healthy) return;
    ghost = key;
    flight.healthy = true;
    engine.ask({ kind: "run", tag: "healthy", ...question }, (answer) => {
      flight.healthy = false;
      if (answer.kind === "run") {
        done.healthy = Object.assign(answer, { question });
        tell("healthy", answer);
      }
      askHealthy();
    });
  }

  function slow() {
    clearTimeout(late);
    late = setTimeout(() => {
      if (flight.now) page.sentence.trouble("The engine has not answered for 20 seconds. Reload the page, or take a shorter run.");
    }, 20000);
  }

  function askNow(all = false) {
    if (flight.now) return;
    const question = page.choose.question(all ? { all: true } : {});
    const asked = JSON.stringify(page.choose.question());
    if (asked === wanted && (full || !all)) return;
    wanted = asked;
    full = all;
    flight.now = true;
    slow();
    engine.ask({ kind: "run", tag: "now", ...question }, (answer) => {
      flight.now = false;
      if (answer.kind === "run") {
        done.now = Object.assign(answer, { question });
        tell(all ? "all" : "now", answer);
      }
      if (asked !== JSON.stringify(page.choose.question())) askNow();
    });
  }

  // Asked when the student pauses, as both cost more than a run.
  const idle = page.after(400, () => {
    if (page.live.on()) return;
    const question = page.choose.question();
    const key = JSON.stringify(question);
    if (key === judged) return;
    engine.ask({ kind: "sensitive", ...question }, (answer) => {
      if (answer.kind !== "sensitive" || key !== JSON.stringify(page.choose.question())) return;
      judged = key;
      page.sentence.sensitive(answer);
    });
  });

  const details = page.after(120, () => {
    if (page.panels.needAll() && !page.live.on()) askNow(true);
  });

  function ask() {
    const key = JSON.stringify(page.choose.question());
    if (key !== judged) judged = "";
    tell("asked", key === wanted || key === judged);
    if (!page.live.on()) {
      askNow();
      askHealthy();
    }
    idle();
    details();
  }

  function again() {
    wanted = null;
    ask();
  }

  function begin(one) {
    engine = one;
    page.choose.on(ask);
    listeners.now.push(details);
  }

  const on = (name, listener) => listeners[name].push(listener);
  page.runs = { begin, ask, again, details, driven, on, done, busy: () => flight.now || flight.healthy,
    engine: () => engine };
})(window.mnexcite);
