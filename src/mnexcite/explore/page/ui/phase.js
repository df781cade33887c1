// Voltage against a chosen gate, over the last stretch of the run.
(function (page) {
  "use strict";
  const STRETCH = 500;
  let canvas = null, choice = null, words = null;

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
    let low = 0, high = 1;
    if (!page.gates.isGate(name)) [low, high] = range(gate);
    const { pen, at } = page.frame(canvas, { low: -100, high: 60, label: "voltage, mV" }, { low, high: high > low ? high : low + 1, label: name });
    pen.strokeStyle = page.look.colour("now");
    pen.lineWidth = page.look.thick();
    pen.beginPath();
    for (let i = first; i < run.t.length; i++) pen.lineTo(at.x(run.v[i]), at.y(gate[i]));
    pen.stroke();
    const end = run.t.length - 1;
    pen.fillStyle = page.look.colour("ink");
    pen.beginPath();
    pen.arc(at.x(run.v[end]), at.y(gate[end]), 4, 0, 7);
    pen.fill();
    words.textContent = `The last ${page.words.number((run.question.duration - run.t[first]) / 1000, 2)} s; the dot is where the run ends. A loop is a spike, a dot alone is rest.`;
    canvas.setAttribute("aria-label", `Voltage against ${name}; ends at ${run.v[end].toFixed(1)} mV and ${page.words.number(gate[end], 3)}`);
  }

  function range(values) {
    let low = Infinity, high = -Infinity;
    for (const one of values) { low = Math.min(low, one); high = Math.max(high, one); }
    return [low, high];
  }

  function begin(inside) {
    const gates = page.state_.description.states.filter((name) => name !== "v");
    choice = page.make("select", { id: "phase-gate" }, ...gates.map((name) => page.make("option", { value: name, textContent: name })));
    choice.value = gates.find(page.gates.isGate) ?? gates[0];
    choice.addEventListener("change", draw);
    canvas = page.make("canvas", { className: "drawing tall", role: "img", "aria-label": "Phase plane" });
    words = page.make("p", { className: "says" });
    inside.append(page.make("label", {}, "Gate ", choice), canvas, words);
  }

  page.phase = { begin, draw };
})(window.mnexcite);
