// Voltage, spikes and force over one time axis: the present cell in vermillion, the healthy one in blue below it.
(function (page) {
  "use strict";
  const DENSE = 48; // points on a pixel
  const VOLTAGE = [-100, 60], FORCE = [0, 110];
  const charts = {};
  let view = null, from = 0, to = 2000, zoomed = false, due = false, cursor = null, watchers = [];

  const em = () => page.look.size() * 0.75;
  const narrow = () => page.find("charts").clientWidth < 500;

  // A line as a path of canvas pixels: every point, or, where many fall on one pixel, the range that they cover there.
  function path(u, t, y, scale) {
    const line = new Path2D();
    const { left, width, top, height } = u.bbox;
    const [low, high] = scale;
    const first = Math.max(0, page.last(t, from)), end = Math.min(t.length, page.last(t, to) + 2);
    const atX = width / (to - from), atY = height / (high - low);
    if (end - first < DENSE * width) {
      for (let i = first; i < end; i++) line.lineTo(left + (t[i] - from) * atX, top + (high - y[i]) * atY);
      return line;
    }
    for (let i = first; i < end;) {
      const column = Math.round(left + (t[i] - from) * atX), until = (column + 0.5 - left) / atX + from;
      let least = y[i], most = y[i];
      line.lineTo(column, top + (high - y[i]) * atY);
      while (++i < end && t[i] < until) {
        if (y[i] < least) least = y[i];
        if (y[i] > most) most = y[i];
      }
      for (const one of [least, most, y[i - 1]]) line.lineTo(column, top + (high - one) * atY);
    }
    return line;
  }

  function within(u, draw) {
    const { left, top, width, height } = u.bbox;
    u.ctx.save();
    u.ctx.beginPath();
    u.ctx.rect(left, top, width, height);
    u.ctx.clip();
    draw(u.ctx);
    u.ctx.restore();
  }

  function ghostLine(u, t, y, scale, dash) {
    if (!t) return;
    within(u, (pen) => {
      pen.strokeStyle = page.look.colour("ghost");
      pen.lineWidth = page.look.thick() * 0.8 * devicePixelRatio;
      pen.setLineDash(dash.map((one) => one * devicePixelRatio));
      pen.stroke(path(u, t, y, scale));
    });
  }

  function write(u, text, x, y, ink, align = "left", weight = "") {
    const pen = u.ctx;
    pen.save();
    pen.font = page.look.font(0.75 * devicePixelRatio, weight);
    pen.fillStyle = page.look.colour(ink);
    pen.textAlign = align;
    pen.textBaseline = "middle";
    pen.fillText(text, x, y);
    pen.restore();
  }

  // The names at the right ends of the lines, moved apart where the lines meet.
  function ends(u, now, ghost, scale) {
    const place = (value) => u.bbox.top + (scale[1] - Math.min(scale[1], Math.max(scale[0], value))) / (scale[1] - scale[0]) * u.bbox.height;
    const gap = 1.15 * em() * devicePixelRatio;
    const x = u.bbox.left + u.bbox.width + 5 * devicePixelRatio;
    let a = place(now);
    const names = [];
    if (ghost !== null) {
      let b = place(ghost);
      if (Math.abs(a - b) < gap) {
        const middle = (a + b) / 2;
        const up = a < b || (a === b && now >= ghost);
        a = middle + (up ? -gap : gap) / 2;
        b = middle + (up ? gap : -gap) / 2;
        const over = Math.max(a, b) + gap / 2 - (u.bbox.top + u.bbox.height);
        if (over > 0) { a -= over; b -= over; }
      }
      names.push([view.ghostName, b, "ghost-ink"]);
    }
    names.push([view.name, a, "now-ink"]);
    for (const [name, y, ink] of names) write(u, name, x, y, ink, "left", "600");
    return names.map(([, y]) => y);
  }

  // A name inside a plot, readable over its lines.
  function title(u, text, y) {
    const pen = u.ctx, x = u.bbox.left + 4 * devicePixelRatio, high = 1.2 * em() * devicePixelRatio;
    pen.save();
    pen.font = page.look.font(0.75 * devicePixelRatio);
    pen.globalAlpha = 0.6;
    pen.fillStyle = page.look.colour("paper");
    pen.fillRect(x - 2 * devicePixelRatio, y - high / 2, pen.measureText(text).width + 6 * devicePixelRatio, high);
    pen.restore();
    write(u, text, x, y, "ink");
  }

  function drawVoltage(u) {
    title(u, "voltage, mV", u.bbox.top + 0.75 * em() * devicePixelRatio);
    if (!view) return;
    ends(u, page.between(to, view.t, view.v), view.ghost ? page.between(to, view.ghost.t, view.ghost.v) : null, VOLTAGE);
  }

  function drawForce(u) {
    const fused = u.valToPos(100, "y", true);
    within(u, (pen) => {
      pen.strokeStyle = page.look.colour("ink");
      pen.lineWidth = devicePixelRatio;
      pen.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      pen.beginPath();
      pen.moveTo(u.bbox.left, fused);
      pen.lineTo(u.bbox.left + u.bbox.width, fused);
      pen.stroke();
    });
    title(u, "force, % of fused", fused + 0.85 * em() * devicePixelRatio);
    const named = !view?.force ? [] : ends(u, page.between(to, view.force.t, view.force.percent),
      view.ghost?.force ? page.between(to, view.ghost.force.t, view.ghost.force.percent) : null, FORCE);
    if (named.some((y) => Math.abs(y - fused) < 1.1 * em() * devicePixelRatio)) return;
    write(u, "fused", u.bbox.left + u.bbox.width + 5 * devicePixelRatio, fused, "ink");
  }

  function row(u, spikes, y0, y1, colour, thickness) {
    within(u, (pen) => {
      pen.strokeStyle = page.look.colour(colour);
      pen.lineWidth = thickness * devicePixelRatio;
      pen.beginPath();
      for (let i = Math.max(0, page.last(spikes, from)); i < spikes.length && spikes[i] <= to; i++) {
        const x = u.bbox.left + (spikes[i] - from) / (to - from) * u.bbox.width;
        pen.moveTo(x, y0);
        pen.lineTo(x, y1);
      }
      pen.stroke();
    });
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
      row(u, view.ghost.spikes, top + 0.06 * height, top + 0.44 * height, "ghost", 1);
      write(u, count(view.ghost.spikes), x, top + 0.25 * height, "ghost-ink");
    }
    row(u, view.spikes, top + 0.56 * height, top + 0.94 * height, "now", page.look.thick());
    write(u, count(view.spikes), x, top + 0.75 * height, "now-ink", "left", "600");
    write(u, "spikes", left - 6 * devicePixelRatio, top + 0.5 * height, "ink", "right");
  }

  function axis(side, more) {
    return { side, stroke: () => page.look.colour("ink"), font: page.look.font(), ticks: { stroke: () => page.look.colour("line"), width: 1, size: 4 },
      grid: { stroke: () => page.look.colour("grid"), width: 1 }, gap: 3, ...more };
  }

  function chart(name, scale, hooks, timeAxis, splits) {
    const parent = page.find("charts").querySelector("." + name);
    const right = (narrow() ? 4.8 : 7.4) * em();
    const line = { stroke: () => page.look.colour("now"), width: page.look.thick(), points: { show: false },
      paths: (u) => ({ stroke: path(u, u.data[0], u.data[1], scale), fill: null, clip: null, band: null, gaps: null, flags: 0 }) };
    if (name === "ticks") line.show = false;
    charts[name]?.destroy();
    charts[name] = new uPlot({
      width: Math.max(100, parent.clientWidth), height: Math.max(24, parent.clientHeight), padding: [name === "ticks" ? 1 : Math.ceil(0.65 * em()), right, timeAxis ? 0 : name === "ticks" ? 1 : 5, 0],
      legend: { show: false },
      cursor: { sync: { key: "time" }, points: { show: false }, y: false, drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => whole() } },
      scales: { x: { time: false, range: (u, low, high) => [low, high] }, y: { range: () => scale } },
      axes: [
        axis(2, { show: timeAxis, size: 2.5 * em(), space: 5 * em(), values: (u, all) => all.map((one, i) => page.words.number(one / 1000, 6) + (i === all.length - 1 ? " s" : "")) }),
        axis(3, { size: 3.8 * em(), splits: (u) => splits.find((some) => some.length * 1.5 * em() < u.height) || splits.at(-1), values: (u, all) => all.map((one) => (name === "ticks" ? "" : page.words.number(one))),
          ...(name === "ticks" ? { grid: { show: false }, ticks: { show: false } } : {}) }),
      ],
      series: [{}, line],
      hooks: { ...hooks, setSelect: [(u) => select(u)], setCursor: [(u) => name === "voltage" && moved(u)] },
    }, [[from, to], [null, null]], parent);
  }

  function select(u) {
    if (u.select.width < 6 || u.cursor.event?.type !== "mouseup") return;
    const low = u.posToVal(u.select.left, "x"), high = u.posToVal(u.select.left + u.select.width, "x");
    for (const one of Object.values(charts)) one.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    show(low, high, true);
  }

  function build() {
    chart("voltage", VOLTAGE, { drawAxes: [(u) => view?.ghost && ghostLine(u, view.ghost.t, view.ghost.v, VOLTAGE, [])], draw: [drawVoltage] },
      false, [[-100, -80, -60, -40, -20, 0, 20, 40, 60], [-100, -60, -20, 20, 60]]);
    chart("ticks", [0, 1], { draw: [drawTicks] }, false, [[]]);
    chart("force", FORCE, { drawAxes: [(u) => view?.ghost?.force && ghostLine(u, view.ghost.force.t, view.ghost.force.percent, FORCE, [6, 4])], draw: [drawForce] },
      true, [[0, 25, 50, 75, 100], [0, 50, 100]]);
    page.look.ready = true;
    if (view) redraw();
  }

  function paint() {
    due = false;
    if (!view) return;
    const limits = { min: from, max: to };
    const data = { voltage: [view.t, view.v], ticks: [[from, to], [null, null]],
      force: view.force ? [view.force.t, view.force.percent] : [[from, to], [null, null]] };
    for (const [name, u] of Object.entries(charts)) {
      u.batch(() => {
        u.setData(data[name], false);
        u.setScale("x", limits);
      });
    }
    read();
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
    page.find("ghost-key").textContent = page.plots.ghostName + (page.runs.driven() ? ", same stimuli" : "");
    page.find("close-up").hidden = Boolean(next.moving);
    page.find("now-key").textContent = next.name;
    const length = view ? view.to - view.from : -1;
    view = next;
    if (!zoomed || Math.abs(length - (next.to - next.from)) > 1e-6 || next.moving) show(next.from, next.to, false);
    else redraw();
  }

  function at(t) {
    if (!view || t === null) return null;
    const now = { t, v: page.between(t, view.t, view.v), force: view.force ? page.between(t, view.force.t, view.force.percent) : NaN };
    if (!view.ghost) return now;
    return { ...now, ghost: { v: page.between(t, view.ghost.t, view.ghost.v),
      force: view.ghost.force ? page.between(t, view.ghost.force.t, view.ghost.force.percent) : NaN } };
  }

  function read() {
    const here = at(cursor);
    const mv = (value) => value.toFixed(1).replace("-", "−");
    const both = (now, ghost, unit) => now + (ghost === undefined ? "" : " (" + view.ghostName + " " + ghost + ")") + unit;
    const text = here ? `${page.words.number(here.t / 1000, 5)} s: `
      + both(mv(here.v), here.ghost && mv(here.ghost.v), " mV, ") + both(here.force.toFixed(0), here.ghost?.force.toFixed(0), " %") : "";
    page.find("readout").replaceChildren(...(text ? [page.make("span", { textContent: text })] : []));
    const end = view && (cursor === null ? view.to : cursor);
    for (const watcher of watchers) watcher(view && view.force ? page.between(end, view.force.t, view.force.percent) : 0);
  }

  function moved(u) {
    cursor = u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null;
    read();
  }

  function point(t) {
    const u = charts.voltage;
    u.setCursor({ left: u.valToPos(Math.min(to, Math.max(from, t)), "x"), top: 5 }, true, true);
  }

  function zoom(factor) {
    const middle = cursor ?? (from + to) / 2;
    const half = Math.min((to - from) * factor, view.to - view.from) / 2;
    const low = Math.max(view.from, Math.min(middle - half, view.to - 2 * half));
    show(low, low + 2 * half, half * 2 < (view.to - view.from) * 0.999);
  }

  function closeUp() {
    const spike = view && (page.whole(view.spikes, view.to - 20) ?? view.to - 30);
    if (zoomed) whole();
    else if (view) show(Math.max(view.from, spike - 20), Math.min(view.to, spike + 40), true);
  }

  function key(event) {
    if (!view) return;
    const step = (to - from) / 100 * (event.shiftKey ? 10 : 1);
    const acts = { ArrowLeft: () => point((cursor ?? to) - step), ArrowRight: () => point((cursor ?? from) + step),
      "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: whole, Home: () => point(from), End: () => point(to) };
    if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    page.find("readout").setAttribute("aria-live", "polite");
    acts[event.key]();
  }

  function fresh() {
    const { now, healthy } = page.runs.done;
    if (!now || page.live.on()) return;
    const length = now.question.duration;
    const ghost = healthy?.question.duration === length ? healthy : null;
    set({ ...now, from: 0, to: length, name: "now", ghost, ghostName: page.plots.ghostName });
  }

  function begin() {
    page.plots.ghostName = page.state_.description.presets[0].label.toLowerCase();
    build();
    new ResizeObserver(page.after(60, build)).observe(page.find("charts"));
    page.look.on(() => requestAnimationFrame(build));
    page.find("close-up").addEventListener("click", closeUp);
    page.find("charts").addEventListener("keydown", key);
    page.find("charts").addEventListener("mouseleave", () => {
      cursor = null;
      read();
    });
    for (const name of ["now", "all", "healthy"]) page.runs.on(name, fresh);
  }

  page.plots = { begin, set, fresh, charts, path, watch: (watcher) => watchers.push(watcher) };
})(window.mnexcite);
