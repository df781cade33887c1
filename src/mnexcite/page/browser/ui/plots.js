// Voltage, spikes and force over one time axis: the present cell in vermillion, the healthy one in blue below it.
(function (page) {
  "use strict";
  const { lines } = page;
  const VOLTAGE = [-100, 60],
    FORCE = [0, 110];
  const charts = {};
  let view = null,
    from = 0,
    to = 2000,
    zoomed = false,
    due = false;

  const em = () => page.look.size() * 0.75;
  const narrow = () => page.find("charts").clientWidth < 500;

  function drawVoltage(u) {
    lines.title(u, "voltage, mV");
    if (!view) return;
    lines.beyond(u, view.t, view.v, VOLTAGE, "mV");
    lines.ends(
      u,
      lines.at(view, to),
      view.ghost && lines.at(view.ghost, to),
      VOLTAGE,
      view,
    );
  }

  function drawForce(u) {
    const fused = u.valToPos(100, "y", true);
    lines.within(u, (pen) => {
      pen.strokeStyle = page.look.colour("ink");
      pen.lineWidth = devicePixelRatio;
      pen.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      pen.beginPath();
      pen.moveTo(u.bbox.left, fused);
      pen.lineTo(u.bbox.left + u.bbox.width, fused);
      pen.stroke();
    });
    lines.title(u, "force, % of fused");
    if (!view) return;
    if (!view.force) lines.none(u, "no force: the run failed");
    const force = (one) => one?.force && page.between(to, one.force.t, one.force.percent);
    const named = lines.ends(u, force(view), force(view.ghost), FORCE, view);
    if (named.some((y) => Math.abs(y - fused) < 1.1 * em() * devicePixelRatio)) return;
    lines.write(u, "fused", u.bbox.left + u.bbox.width + 5 * devicePixelRatio, fused, "ink");
  }

  function drawTicks(u) {
    if (!view) return;
    const { top, height, left, width } = u.bbox;
    const x = left + width + 5 * devicePixelRatio;
    const count = (spikes) => {
      let many = 0;
      for (const one of spikes) if (one >= from && one <= to) many++;
      return many + (narrow() ? "" : many === 1 ? " spike" : " spikes");
    };
    if (view.ghost) {
      lines.row(u, view.ghost.spikes, top + 0.06 * height, top + 0.44 * height, "ghost", 1);
      lines.write(u, count(view.ghost.spikes), x, top + 0.25 * height, "ghost-ink");
    }
    lines.row(u, view.spikes, top + 0.56 * height, top + 0.94 * height, "now", page.look.thick());
    lines.write(u, count(view.spikes), x, top + 0.75 * height, "now-ink", "left", "600");
    lines.write(u, "spikes", left - 6 * devicePixelRatio, top + 0.5 * height, "ink", "right");
  }

  function chart(name, scale, hooks, timeAxis, splits) {
    const parent = page.find("charts").querySelector("." + name);
    const right = (narrow() ? 4.8 : 7.4) * em();
    const line = {
      stroke: () => page.look.colour("now"),
      width: page.look.thick(),
      points: { show: false },
      paths: (u) => ({
        stroke: lines.path(u, u.data[0], u.data[1], scale),
        fill: null,
        clip: null,
        band: null,
        gaps: null,
        flags: 0,
      }),
    };
    if (name === "ticks") line.show = false;
    charts[name]?.destroy();
    charts[name] = new uPlot(
      {
        width: Math.max(100, parent.clientWidth),
        height: Math.max(24, parent.clientHeight),
        padding: [
          name === "ticks" ? 1 : Math.ceil(1.3 * em()), // the name stands there
          right,
          timeAxis ? 0 : name === "ticks" ? 1 : 5,
          0,
        ],
        legend: { show: false },
        cursor: {
          sync: { key: "time" },
          points: { show: false },
          y: false,
          drag: { x: true, y: false, setScale: false },
          bind: { dblclick: () => () => whole() },
        },
        scales: {
          x: { time: false, range: (u, low, high) => [low, high] },
          y: { range: () => scale },
        },
        axes: [page.axes.time(timeAxis), page.axes.value(splits)],
        series: [{}, line],
        hooks: {
          ...hooks,
          setSelect: [(u) => select(u)],
          setCursor: [(u) => name === "voltage" && page.cursor.moved(u)],
        },
      },
      [
        [from, to],
        [null, null],
      ],
      parent,
    );
  }

  function select(u) {
    if (u.select.width < 6 || u.cursor.event?.type !== "mouseup") return;
    const low = u.posToVal(u.select.left, "x"),
      high = u.posToVal(u.select.left + u.select.width, "x");
    for (const one of Object.values(charts))
      one.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    show(low, high, true);
  }

  function build() {
    chart(
      "voltage",
      VOLTAGE,
      {
        drawAxes: [(u) => view?.ghost && lines.dashed(u, view.ghost.t, view.ghost.v, VOLTAGE, [])],
        draw: [drawVoltage],
      },
      false,
      [
        [-100, -80, -60, -40, -20, 0, 20, 40, 60],
        [-100, -60, -20, 20, 60],
      ],
    );
    chart("ticks", [0, 1], { draw: [drawTicks] }, false, [[]]);
    chart(
      "force",
      FORCE,
      {
        drawAxes: [
          (u) =>
            view?.ghost?.force &&
            lines.dashed(u, view.ghost.force.t, view.ghost.force.percent, FORCE, [6, 4]),
        ],
        draw: [drawForce],
      },
      true,
      [
        [0, 25, 50, 75, 100],
        [0, 50, 100],
      ],
    );
    if (view) redraw();
  }

  function paint() {
    due = false;
    if (!view) return;
    const limits = { min: from, max: to };
    const data = {
      voltage: [view.t, view.v],
      ticks: [
        [from, to],
        [null, null],
      ],
      force: view.force
        ? [view.force.t, view.force.percent]
        : [
            [from, to],
            [null, null],
          ],
    };
    for (const [name, u] of Object.entries(charts)) {
      u.batch(() => {
        u.setData(data[name], false);
        u.setScale("x", limits);
      });
    }
    page.cursor.read();
  }

  function redraw() {
    if (due) return;
    due = true;
    requestAnimationFrame(paint);
  }

  function show(low, high, isZoom) {
    if (!(high - low > 0.5)) return;
    from = low;
    to = high;
    zoomed = isZoom;
    page.find("close-up").textContent = zoomed ? "Whole run" : "Close-up";
    redraw();
  }

  function whole() {
    if (view) show(view.from, view.to, false);
  }

  // What is to be seen: {t, v, spikes, force, from, to, name, ghost, ghostName}.
  function set(next) {
    page.find("ghost-key").hidden = !next.ghost;
    page.find("ghost-key").textContent =
      page.plots.ghostName + (page.runs.driven() ? ", same stimuli" : "");
    page.find("close-up").hidden = Boolean(next.moving);
    page.find("now-key").textContent = next.name;
    const length = view ? view.to - view.from : -1;
    view = next;
    if (!zoomed || Math.abs(length - (next.to - next.from)) > 1e-6 || next.moving)
      show(next.from, next.to, false);
    else redraw();
  }

  function fresh() {
    const { now, healthy } = page.runs.done;
    if (!now || page.live.on()) return;
    const length = now.question.duration;
    const ghost = healthy?.question.duration === length ? healthy : null;
    set({ ...now, from: 0, to: length, name: "now", ghost, ghostName: page.plots.ghostName });
  }

  function begin() {
    page.plots.ghostName = page.chosen.description.presets[0].label.toLowerCase();
    build();
    new ResizeObserver(page.after(60, build)).observe(page.find("charts"));
    page.look.on(() => requestAnimationFrame(build));
    page.cursor.begin();
    for (const name of ["now", "all", "healthy"]) page.runs.on(name, fresh);
  }

  page.plots = {
    begin,
    set,
    fresh,
    show,
    whole,
    charts,
    view: () => view,
    range: () => [from, to],
    zoomed: () => zoomed,
  };
})(window.mnexcite);
