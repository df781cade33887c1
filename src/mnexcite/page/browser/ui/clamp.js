// Voltage clamp: the currents that hold the cell at steps of voltage, over time and against voltage.
(function (page) {
  "use strict";
  const state = page.chosen;
  // What a clamp is made of: name, words, unit, least and greatest; the first values of all.
  const FIELDS = [
    ["hold", "Holding voltage", "mV", -120, 60],
    ["first", "First level", "mV", -120, 80],
    ["last", "Last level", "mV", -120, 80],
    ["step", "Step", "mV", 1, 100],
    ["duration", "Duration", "ms", 1, 1000],
  ];
  const USUAL = [-80, -60, 40, 20, 20],
    MOST = 41;
  const CURVES = [
    ["inward", "peak inward", "curve-1", [], "circle"],
    ["outward", "peak outward", "curve-2", [8, 4], "square"],
    ["steady", "at the end", "curve-6", [2, 3], "cross"],
  ];
  let parts = null,
    found = null,
    asked = "",
    flying = false;

  const values = () => state.clamp ?? USUAL;
  const unit = () => page.words.unit(state.description.current_unit);
  const mV = (x) => page.words.amount(x, "mV");

  // What is wrong with five numbers, in words; "" if nothing is.
  function wrong(all) {
    for (const [i, [, label, name, low, high]] of FIELDS.entries())
      if (!(all[i] >= low && all[i] <= high))
        return `${label} goes from ${page.words.number(low)} to ${page.words.amount(high, name)}.`;
    const [, first, last, step] = all;
    if (Math.abs(last - first) / step >= MOST)
      return `That is more than ${MOST} levels: take a larger step.`;
    return "";
  }

  function levels() {
    const [, first, last, step] = values();
    const many = Math.floor(Math.abs(last - first) / step + 1e-9) + 1;
    return Array.from({ length: many }, (_, i) => first + Math.sign(last - first) * i * step);
  }

  // Least and greatest current after the step, and the last; NaN where none flows that way.
  function summary({ level, i }) {
    let least = 0,
      most = 0;
    for (const one of i) {
      least = Math.min(least, one);
      most = Math.max(most, one);
    }
    return { level, inward: least || NaN, outward: most || NaN, steady: i[i.length - 1] };
  }

  function ask() {
    if (!parts || !page.find("clamp").open) return;
    const trouble = wrong(values());
    if (trouble) {
      parts.words.textContent = trouble;
      return;
    }
    const { stimulus: _, ...settings } = page.choose.changed();
    const question = {
      settings,
      hold: values()[0],
      levels: levels(),
      duration: values()[4],
    };
    const key = JSON.stringify(question);
    if (flying || key === asked) return;
    asked = key;
    flying = true;
    page.runs.engine().ask({ kind: "clamp", ...question }, (answer) => {
      flying = false;
      if (answer.kind === "clamp") {
        found = { ...answer, question };
        show();
      }
      ask();
    });
  }

  // A mark of each curve, so that colour is not all that tells them apart.
  function mark(pen, shape, x, y) {
    pen.beginPath();
    if (shape === "circle") pen.arc(x, y, 3, 0, 7);
    else if (shape === "square") pen.rect(x - 3, y - 3, 6, 6);
    else {
      pen.moveTo(x - 3, y - 3);
      pen.lineTo(x + 3, y + 3);
      pen.moveTo(x - 3, y + 3);
      pen.lineTo(x + 3, y - 3);
      pen.stroke();
      return;
    }
    pen.fill();
  }

  // From blue to vermillion as levels rise: both stand out from paper, dark or white.
  function shade(part) {
    const colours = ["ghost", "now"].map((name) => {
      const text = page.look.colour(name);
      const long = text.length === 4 ? text.replace(/[^#]/g, "$&$&") : text;
      return [1, 3, 5].map((i) => parseInt(long.slice(i, i + 2), 16));
    });
    return `rgb(${colours[0].map((a, i) => Math.round(a + part * (colours[1][i] - a))).join(",")})`;
  }

  // A range with zero in it and some air.
  function around(all) {
    let low = 0,
      high = 0;
    for (const one of all) {
      if (one < low) low = one;
      if (one > high) high = one;
    }
    const air = 0.06 * (high - low || 1);
    return { low: low - air, high: high + air };
  }

  function zero({ pen, at, box }) {
    pen.save();
    pen.strokeStyle = page.look.colour("line");
    pen.setLineDash([2, 3]);
    pen.beginPath();
    pen.moveTo(box.left, at.y(0));
    pen.lineTo(box.right, at.y(0));
    pen.stroke();
    pen.restore();
  }

  function family(traces) {
    const all = traces.map((one) => around(one.i));
    const range = {
      low: Math.min(...all.map((one) => one.low)),
      high: Math.max(...all.map((one) => one.high)),
      label: `current, outward up, ${unit()}`,
    };
    const em = 0.75 * page.look.size();
    const made = page.frame(
      parts.family,
      { low: 0, high: found.question.duration, label: "time from the step, ms" },
      range,
      4.9 * em,
    );
    const { pen, at, box } = made;
    zero(made);
    const ends = [];
    traces.forEach(({ level, t, i }, k) => {
      pen.save();
      pen.beginPath();
      pen.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
      pen.clip();
      pen.strokeStyle = shade(k / Math.max(1, traces.length - 1));
      pen.lineWidth = page.look.thick();
      pen.beginPath();
      for (let j = 0; j < t.length; j++) pen.lineTo(at.x(t[j]), at.y(i[j]));
      pen.stroke();
      pen.restore();
      ends.push({ level, y: at.y(i[i.length - 1]), colour: pen.strokeStyle, k });
    });
    // the first and the last level are named, others where there is room
    const outer = (one) => one.k === 0 || one.k === traces.length - 1;
    ends.sort((a, b) => outer(b) - outer(a) || b.k - a.k);
    const named = [];
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.font = page.look.font(0.72, "600");
    for (const one of ends) {
      if (named.some((y) => Math.abs(y - one.y) < 1.15 * em)) continue;
      named.push(one.y);
      pen.fillStyle = shade(one.k / Math.max(1, traces.length - 1));
      pen.fillText(mV(one.level), box.right + 5, one.y);
    }
  }

  function against(rows) {
    const x = rows.map((one) => one.level);
    const air = Math.max(2, 0.04 * (Math.max(...x) - Math.min(...x)));
    const drawn = rows.flatMap((one) => CURVES.map(([id]) => one[id])).filter(Number.isFinite);
    const made = page.frame(
      parts.against,
      { low: Math.min(...x) - air, high: Math.max(...x) + air, label: "voltage, mV" },
      { ...around(drawn), label: `current, outward up, ${unit()}` },
    );
    zero(made);
    const { pen, at } = made;
    for (const [id, , ink, dash, shape] of CURVES) {
      pen.strokeStyle = pen.fillStyle = page.look.colour(ink);
      pen.lineWidth = page.look.thick();
      pen.setLineDash(dash);
      pen.beginPath();
      let before = false;
      for (const row of rows) {
        const there = Number.isFinite(row[id]);
        if (there) pen[before ? "lineTo" : "moveTo"](at.x(row.level), at.y(row[id]));
        before = there;
      }
      pen.stroke();
      pen.setLineDash([]);
      for (const row of rows)
        if (Number.isFinite(row[id])) mark(pen, shape, at.x(row.level), at.y(row[id]));
    }
  }

  // Names of the three curves with their line and mark.
  function legend() {
    parts.legend.replaceChildren(
      ...CURVES.map(([, label, ink, dash, shape]) => {
        const canvas = page.make("canvas", { width: 72, height: 32, "aria-hidden": "true" });
        canvas.style.cssText = "width:36px;height:16px";
        const pen = canvas.getContext("2d");
        pen.scale(2, 2);
        pen.strokeStyle = pen.fillStyle = page.look.colour(ink);
        pen.lineWidth = 2;
        pen.setLineDash(dash);
        pen.beginPath();
        pen.moveTo(0, 8);
        pen.lineTo(36, 8);
        pen.stroke();
        pen.setLineDash([]);
        mark(pen, shape, 18, 8);
        return page.make("span", { className: "tick" }, canvas, label);
      }),
    );
  }

  function table(rows) {
    const told = (x) => (Number.isFinite(x) ? page.words.number(x, 3) : "none");
    parts.table.replaceChildren(
      ...rows.map((row) =>
        page.make(
          "tr",
          {},
          page.make("th", { scope: "row", textContent: page.words.number(row.level) }),
          ...CURVES.map(([id]) => page.make("td", { textContent: told(row[id]) })),
        ),
      ),
    );
  }

  function show() {
    if (!found) return;
    const good = found.traces.filter((one) => one.status === "ok");
    const failed = found.traces.filter((one) => one.status !== "ok");
    if (found.status !== "ok" || !good.length) {
      parts.words.textContent = `The clamp failed (${found.status !== "ok" ? found.status : found.traces[0].status}): what is drawn is of settings before.`;
      return;
    }
    const rows = good.map(summary);
    family(good);
    against(rows);
    legend();
    table(rows);
    const deepest = rows
      .filter((one) => Number.isFinite(one.inward))
      .sort((a, b) => a.inward - b.inward)[0];
    const told = deepest
      ? `Most inward: ${page.words.amount(deepest.inward, state.description.current_unit, 3)} at ${mV(deepest.level)}.`
      : "No current flows inward.";
    const end = rows[rows.length - 1];
    parts.words.textContent =
      `Held at ${mV(found.question.hold)}, stepped to ${good.length} ${good.length === 1 ? "level" : "levels"} for ${page.words.number(found.question.duration)} ms. ` +
      `${told} At the end of the step to ${mV(end.level)}: ${page.words.amount(end.steady, state.description.current_unit, 3)}.` +
      (failed.length
        ? ` Not drawn, as the cell leaves its range there: ${failed.map((one) => `${mV(one.level)} (${one.status.replace("_", " ")})`).join(", ")}.`
        : "");
    parts.family.setAttribute("aria-label", "Currents over time. " + parts.words.textContent);
    parts.against.setAttribute(
      "aria-label",
      "Current against voltage, as in the table below. " + parts.words.textContent,
    );
  }

  function draw() {
    ask();
    if (!flying) show();
  }

  function field([name, label, unit_, low, high], i) {
    const input = page.make("input", {
      type: "number",
      min: low,
      max: high,
      step: "any",
      id: "clamp-" + name,
      required: true,
    });
    input.addEventListener("input", () => {
      const next = [...values()];
      next[i] = input.value.trim() === "" ? NaN : Number(input.value);
      page.choose.change({ clamp: next });
    });
    parts.inputs.push(input);
    return page.make("label", {}, `${label}, ${unit_}`, input);
  }

  // The fields follow a link, but not what is just being typed.
  function follow() {
    parts.inputs.forEach((input, i) => {
      const now = values()[i];
      if (Number.isFinite(now) && Number(input.value) !== now) input.value = now;
      if (Number.isFinite(now) && input.value === "" && document.activeElement !== input)
        input.value = now;
      const [, , , low, high] = FIELDS[i];
      input.setAttribute("aria-invalid", String(!(now >= low && now <= high)));
    });
  }

  function begin(inside) {
    parts = { inputs: [] };
    parts.family = page.make("canvas", { className: "drawing", role: "img" });
    parts.against = page.make("canvas", { className: "drawing", role: "img" });
    parts.words = page.make("p", { className: "says", role: "status" });
    parts.legend = page.make("div", { className: "bar" });
    parts.table = page.make("tbody");
    const heads = ["Level, mV", ...CURVES.map(([, label]) => `${label}, ${unit()}`)];
    inside.append(
      page.make("p", {
        className: "says",
        textContent: `The voltage${state.description.models.plain.couplings.length ? " of the first compartment" : ""} is held by an electrode; the currents are the cell's own. Channels have a second at the holding voltage before each step. The slider of the current plays no part.`,
      }),
      page.make("div", { className: "fields" }, ...FIELDS.map(field)),
      parts.words,
      page.make("div", { className: "pair" }, parts.family, parts.against),
      parts.legend,
      page.make(
        "details",
        { className: "minor" },
        page.make("summary", { textContent: "The same as a table" }),
        page.make(
          "div",
          { className: "table", tabIndex: 0, role: "region", "aria-label": "Currents by level" },
          page.make(
            "table",
            {},
            page.make(
              "thead",
              {},
              page.make(
                "tr",
                {},
                ...heads.map((textContent) => page.make("th", { scope: "col", textContent })),
              ),
            ),
            parts.table,
          ),
        ),
      ),
    );
    follow();
    page.choose.on(() => {
      follow();
      ask();
    });
  }

  // As a link has it: five numbers, or null where they are the usual ones.
  const text = () =>
    state.clamp && !wrong(state.clamp) && String(state.clamp) !== String(USUAL)
      ? state.clamp.join(" ")
      : null;
  function read(told) {
    const all = told.trim().split(/\s+/).map(Number);
    return all.length === FIELDS.length && !wrong(all) ? all : null;
  }

  page.clamp = { begin, draw, text, read, found: () => found };
})(window.mnexcite);
