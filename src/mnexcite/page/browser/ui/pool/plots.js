// Spikes by size over electromyogram, force and potassium, up to the moment that is looked at.
(function (page) {
  "use strict";
  const { lines } = page;
  const charts = {};
  const NEAR = 2000;
  let scales = {},
    due = false;
  const em = () => page.look.size() * 0.75;
  const narrow = () => page.find("charts").clientWidth < 500;

  function range() {
    const { duration } = page.choose.run(),
      head = page.choose.head();
    if (!page.chosen.near) return [0, duration];
    const to = Math.min(duration, Math.max(NEAR, head + 0.25 * NEAR));
    return [to - NEAR, to];
  }

  // Train and stretch as bands, once they have begun.
  function bands(u, named) {
    const run = page.choose.run(),
      head = page.choose.head();
    const spans = [["train", run.rest, run.end, `train, ${run.train} Hz`]];
    if (run.pulled) spans.push(["stretch", ...run.pulled, "stretch"]);
    for (const [name, begins, ends, text] of spans) {
      if (begins >= head) continue;
      const x = (t) => u.valToPos(t, "x", true);
      lines.within(u, (pen) => {
        pen.fillStyle = page.look.colour(`band-${name}`);
        pen.fillRect(x(begins), u.bbox.top, x(Math.min(ends, head)) - x(begins), u.bbox.height);
      });
      const { min, max } = u.scales.x;
      if (named && begins < max && ends > min)
        lines.write(
          u,
          text,
          x(Math.max(begins, min)) + 4 * devicePixelRatio,
          u.bbox.top - 0.6 * em() * devicePixelRatio,
          "ink",
          "left",
          "600",
        );
    }
  }

  function present(u) {
    const run = page.choose.run(),
      head = page.choose.head();
    if (head >= run.duration) return;
    const x = u.valToPos(head, "x", true);
    lines.within(u, (pen) => {
      pen.strokeStyle = page.look.colour("ink");
      pen.lineWidth = 2 * devicePixelRatio;
      pen.beginPath();
      pen.moveTo(x, u.bbox.top);
      pen.lineTo(x, u.bbox.top + u.bbox.height);
      pen.stroke();
    });
  }

  const until = (t, head) => page.last(t, head) + 1;

  function stroke(u, { t, y }, scale, colour) {
    const end = until(t, page.choose.head());
    lines.within(u, (pen) => {
      pen.strokeStyle = page.look.colour(colour);
      pen.lineWidth = page.look.thick() * devicePixelRatio;
      pen.stroke(lines.path(u, t.subarray(0, end), y.subarray(0, end), scale));
    });
  }

  function raster(u) {
    const { spikes } = page.choose.run();
    const { top, height } = u.bbox,
      row = height / spikes.length;
    spikes.forEach((train, unit) => {
      const foot = top + height - unit * row;
      const seen = train.subarray(0, until(train, page.choose.head()));
      lines.row(u, seen, foot - 0.9 * row, foot - 0.1 * row, "now", page.chosen.near ? 1.5 : 0.6);
    });
  }

  const draws = {
    raster,
    emg: (u) => stroke(u, page.choose.run().emg, scales.emg, "curve-1"),
    force(u) {
      const ghost = page.choose.ghost();
      if (ghost) {
        const end = until(ghost.force.t, page.choose.head());
        const seen = [ghost.force.t, ghost.force.y].map((one) => one.subarray(0, end));
        lines.dashed(u, ...seen, scales.force, [6, 4]);
      }
      stroke(u, page.choose.run().force, scales.force, "now");
    },
    potassium(u) {
      stroke(u, page.choose.run().potassium, scales.potassium, "curve-4");
    },
  };
  const titles = {
    raster: "",
    emg: "surface EMG",
    force: "force, % of maximal",
    potassium: "potassium in the muscle, mM",
  };

  function drawn(name, u) {
    const run = page.choose.run(),
      units = page.chosen.description.units;
    if (run.status !== "ok") {
      if (name === "raster") lines.none(u, "the run failed: nothing is drawn");
      return;
    }
    draws[name](u);
    present(u);
    lines.title(u, titles[name]);
    if (name !== "raster") return;
    const right = u.bbox.left + u.bbox.width + 5 * devicePixelRatio,
      half = 0.6 * em() * devicePixelRatio;
    const [large, small] = narrow() ? ["large", "small"] : [`unit ${units}, large`, "unit 1, small"];
    lines.write(u, large, right, u.bbox.top + half, "ink");
    lines.write(u, small, right, u.bbox.top + u.bbox.height - half, "ink");
  }

  function chart(name, splits, timeAxis) {
    const parent = page.find("charts").querySelector("." + name);
    charts[name]?.destroy();
    charts[name] = new uPlot(
      {
        width: Math.max(100, parent.clientWidth),
        height: Math.max(24, parent.clientHeight),
        padding: [Math.ceil(1.3 * em()), (narrow() ? 3.6 : 7.4) * em(), timeAxis ? 0 : 5, 0],
        legend: { show: false },
        cursor: { show: true, points: { show: false }, y: false, drag: { x: false, y: false }, sync: { key: "time" } },
        scales: { x: { time: false, range: () => range() }, y: { range: () => scales[name] } },
        axes: [page.axes.time(timeAxis), page.axes.value(splits)],
        series: [{}, { show: false }],
        hooks: {
          drawAxes: [(u) => page.choose.run().status === "ok" && bands(u, name === "raster")],
          draw: [(u) => drawn(name, u)],
        },
      },
      [range(), [null, null]],
      parent,
    );
    const u = charts[name];
    u.over.addEventListener("click", () => page.choose.change({ head: u.posToVal(u.cursor.left, "x") }));
  }

  // Potassium gives way where there is little room.
  const cramped = () => page.find("charts").clientHeight < 30 * em();

  function build() {
    const { low, high } = scales.ends,
      last = cramped() ? "force" : "potassium";
    page.find("charts").querySelector(".potassium").hidden = last === "force";
    chart("raster", [[]], false);
    chart("emg", [[]], false);
    chart("force", [[0, 25, 50, 75, 100], [0, 50, 100]], last === "force");
    if (last === "potassium") chart(last, [[low, (low + high) / 2, high], [low, high]], true);
    else {
      charts.potassium?.destroy();
      delete charts.potassium;
    }
  }

  function paint() {
    due = false;
    for (const u of Object.values(charts)) u.setData([range(), [null, null]], true);
  }

  function redraw() {
    if (due) return;
    due = true;
    requestAnimationFrame(paint);
  }

  function begin() {
    const values = page.runs.good().flatMap((one) => [Math.min(...one.potassium.y), Math.max(...one.potassium.y)]);
    const low = Math.floor(Math.min(...values, 4)),
      high = 2 * Math.ceil(0.5 * (Math.max(...values, 8) - low)) + low;
    const peak = 127 * page.chosen.description.step.emg;
    scales = {
      raster: [0, 1],
      emg: [-peak, peak],
      force: [0, 105],
      potassium: [low - 0.3, high + 0.3],
      ends: { low, high },
    };
    build();
    new ResizeObserver(page.after(60, build)).observe(page.find("charts"));
    page.look.on(() => requestAnimationFrame(build));
    page.choose.on(redraw);
  }

  page.plots = { begin, charts };
})(window.mnexcite);
