// Voltage against a chosen gate, over the last stretch of the run, and where each of the two stands still.
(function (page) {
  "use strict";
  const STRETCH = 500;
  const grid = (low, high, n) => Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));
  const VOLTAGES = grid(-100, 60, 321),
    SHARES = grid(0, 1, 201);
  let canvas = null,
    choice = null,
    words = null,
    still = { key: "", lines: null };

  // The nullclines of the run and gate that are drawn; they come later, with a new drawing.
  function nullclines(run, gate) {
    const key = JSON.stringify([run.question, gate]);
    if (still.key === key) return still.lines;
    still = { key, lines: null };
    if (!page.gates.isGate(gate)) return null;
    // those of the run: with a drug the cell has states more
    const values = Object.values(run.states).map((column) => column.at(-1));
    const question = { settings: run.question.settings, values, gate, v: VOLTAGES, share: SHARES };
    page.runs.engine().ask({ kind: "nullclines", ...question }, (answer) => {
      if (answer.kind !== "nullclines" || still.key !== key || !answer.still) return;
      still.lines = answer;
      draw();
    });
    return null;
  }

  function line(pen, at, v, values, colour, dashes) {
    pen.strokeStyle = page.look.colour(colour);
    pen.setLineDash(dashes);
    pen.beginPath();
    let on = false;
    for (let i = 0; i < v.length; i++) {
      const there = values[i] >= 0 && values[i] <= 1;
      if (there) pen[on ? "lineTo" : "moveTo"](at.x(v[i]), at.y(values[i]));
      on = there;
    }
    pen.stroke();
    pen.setLineDash([]);
  }

  function draw() {
    const run = page.runs.done.now;
    if (!canvas || !run?.states) {
      page.runs.details();
      return;
    }
    const name = choice.value;
    const gate = run.states[name];
    if (!gate) return;
    const first = Math.max(0, page.last(run.t, run.question.duration - STRETCH));
    let low = 0,
      high = 1;
    if (!page.gates.isGate(name)) [low, high] = range(gate);
    const { pen, at } = page.frame(
      canvas,
      { low: -100, high: 60, label: "voltage, mV" },
      { low, high: high > low ? high : low + 1, label: name },
    );
    const lines = nullclines(run, name);
    pen.lineWidth = page.look.thick();
    if (lines) {
      line(pen, at, lines.v, lines.voltage, "ghost", [8, 5]);
      line(pen, at, lines.v, lines.still, "ink", [2, 4]);
    }
    pen.strokeStyle = page.look.colour("now");
    pen.beginPath();
    for (let i = first; i < run.t.length; i++) pen.lineTo(at.x(run.v[i]), at.y(gate[i]));
    pen.stroke();
    const end = run.t.length - 1;
    pen.fillStyle = page.look.colour("ink");
    pen.beginPath();
    pen.arc(at.x(run.v[end]), at.y(gate[end]), 4, 0, 7);
    pen.fill();
    words.textContent = `The last ${page.words.number((run.question.duration - run.t[first]) / 1000, 2)} s; the dot is where the run ends. A loop is a spike, a dot alone is rest.${lines ? ` Dashed, the voltage stands still; dotted, ${name} does (nullclines; other gates are where they are heading, ions as at the end). Where they cross the cell could rest.` : ""}`;
    canvas.setAttribute(
      "aria-label",
      `Voltage against ${name}; ends at ${run.v[end].toFixed(1)} mV and ${page.words.number(gate[end], 3)}`,
    );
  }

  function range(values) {
    let low = Infinity,
      high = -Infinity;
    for (const one of values) {
      low = Math.min(low, one);
      high = Math.max(high, one);
    }
    return [low, high];
  }

  function begin(inside) {
    const gates = page.chosen.description.states.filter((name) => name !== "v");
    choice = page.make(
      "select",
      { id: "phase-gate" },
      ...gates.map((name) => page.make("option", { value: name, textContent: name })),
    );
    choice.value = gates.find(page.gates.isGate) ?? gates[0];
    choice.addEventListener("change", draw);
    canvas = page.make("canvas", {
      className: "drawing tall",
      role: "img",
      "aria-label": "Phase plane",
    });
    words = page.make("p", { className: "says" });
    inside.append(page.make("label", {}, "Gate ", choice), canvas, words);
  }

  page.phase = { begin, draw };
})(window.mnexcite);
