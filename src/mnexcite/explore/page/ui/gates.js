// Chosen gates and currents around the last spike.
(function (page) {
  "use strict";
  const INKS = ["curve-1", "curve-2", "curve-3", "curve-4", "curve-5", "curve-6"];
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [14, 5]];
  let place = null;
  const chosen = { states: [], currents: [] };

  // Gates have small letters (m, h, n); what is no gate (Ca, v) has other numbers than 0 to 1.
  const isGate = (name) => /(^|\.)[a-z]\w*$/.test(name) && !/(^|\.)v$/.test(name);

  // A picture of curves over the same stretch of time, each named at its right end.
  function curves(canvas, t, columns, label, fixed) {
    const names = Object.keys(columns);
    const first = Math.max(0, page.last(t, t.from)), end = Math.min(t.all.length, page.last(t.all, t.to) + 2);
    let low = fixed ? 0 : Infinity, high = fixed ? 1 : -Infinity;
    const drawn = names.map((name) => {
      let values = columns[name].subarray(first, end), text = name;
      if (fixed) {
        let least = Infinity, most = -Infinity;
        for (const one of columns[name]) { least = Math.min(least, one); most = Math.max(most, one); }
        if (least < -0.01 || most > 1.01 || !isGate(name)) {
          values = values.map((one) => (one - least) / (most - least || 1));
          text = `${name} (0 stands for ${page.words.number(least, 3)}, 1 for ${page.words.number(most, 3)})`;
        }
      } else for (const one of values) { low = Math.min(low, one); high = Math.max(high, one); }
      return { name, values, text };
    });
    if (!(high > low)) { low = (Number.isFinite(low) ? low : 0) - 1; high = low + 2; }
    const { pen, at, box } = page.frame(canvas, { low: t.from - t.zero, high: t.to - t.zero, label: t.label }, { low, high, label }, 7.5 * 0.75 * page.look.size());
    const ends = [];
    drawn.forEach(({ name, values, text }, k) => {
      const i = chosen[fixed ? "states" : "currents"].indexOf(name) % INKS.length;
      pen.save();
      pen.beginPath();
      pen.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
      pen.clip();
      pen.strokeStyle = page.look.colour(INKS[i]);
      pen.setLineDash(DASHES[i]);
      pen.lineWidth = page.look.thick();
      pen.beginPath();
      for (let j = 0; j < values.length; j++) pen.lineTo(at.x(t.all[first + j] - t.zero), at.y(values[j]));
      pen.stroke();
      pen.restore();
      ends.push({ text, y: at.y(values[values.length - 1] ?? 0), i, k });
    });
    const gap = 1.2 * 0.75 * page.look.size();
    ends.sort((a, b) => a.y - b.y);
    ends.forEach((one, k) => { if (k) one.y = Math.max(one.y, ends[k - 1].y + gap); });
    for (let k = ends.length - 1; k >= 0; k--) ends[k].y = Math.min(ends[k].y, (ends[k + 1]?.y ?? box.bottom + gap) - gap);
    pen.textBaseline = "middle";
    pen.font = page.look.font(0.72, "600");
    for (const one of ends) {
      pen.fillStyle = page.look.colour(INKS[one.i]);
      pen.fillText(one.text.split(" (")[0], box.right + 5, one.y);
    }
    return drawn.map((one) => one.text).join(", ");
  }

  function draw() {
    const run = page.runs.done.now;
    if (!place || !run?.states) {
      page.runs.details();
      return;
    }
    const spike = page.whole(run.spikes, run.question.duration - 25) ?? null;
    const zero = spike ?? run.question.duration;
    const t = { all: run.t, zero, from: Math.max(0, zero - (spike === null ? 50 : 15)), to: Math.min(run.question.duration, zero + 25),
      label: spike === null ? "time before the end, ms" : "time from the last spike, ms" };
    const pick = (from, names) => Object.fromEntries(names.filter((name) => from?.[name]).map((name) => [name, from[name]]));
    const states = curves(place.states, t, pick(run.states, chosen.states), "gates, 0 closed to 1 open", true);
    const currents = place.currents.isConnected && curves(place.currents, t, pick(run.currents, chosen.currents), "currents, outward up, " + page.words.unit(page.state_.description.current_unit), false);
    const scaled = states.match(/\S+ \([^)]*\)/g);
    place.words.textContent = (spike === null ? "No spike in this run: the last 50 ms." : `Spike at ${page.words.number(spike / 1000, 5)} s.`)
      + (scaled ? ` Drawn to its own scale: ${scaled.join("; ")}.` : "");
    place.states.setAttribute("aria-label", "Curves of " + (states || "nothing: tick a gate"));
    place.currents.setAttribute("aria-label", "Curves of " + (currents || "nothing: tick a current"));
  }

  function ticks(title, names, kind) {
    const box = page.make("div", { className: "bar" });
    for (const name of names) {
      const input = page.make("input", { type: "checkbox", value: name, checked: chosen[kind].includes(name) });
      input.addEventListener("change", () => {
        if (input.checked) chosen[kind].push(name); else chosen[kind].splice(chosen[kind].indexOf(name), 1);
        draw();
      });
      box.append(page.make("label", { className: "tick" }, input, name));
    }
    return page.make("fieldset", {}, page.make("legend", { textContent: title }), box);
  }

  function begin(inside) {
    const { states, currents } = page.state_.description;
    const gates = states.filter((name) => name !== "v");
    chosen.states = gates.filter(isGate).slice(0, 3);
    chosen.currents = currents.slice(0, 3);
    place = { states: page.make("canvas", { className: "drawing", role: "img", "aria-label": "Gates" }),
      currents: page.make("canvas", { className: "drawing", role: "img", "aria-label": "Currents" }),
      words: page.make("p", { className: "says" }) };
    inside.append(place.words, place.states, ticks("Gates and other states", gates, "states"));
    if (currents.length) inside.append(place.currents, ticks("Currents", currents, "currents"));
  }

  page.gates = { begin, draw, isGate };
})(window.mnexcite);
