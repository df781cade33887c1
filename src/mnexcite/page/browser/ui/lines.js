// What is drawn into the plots beside their axes: lines, ticks of spikes, and names at the ends.
(function (page) {
  "use strict";
  const DENSE = 48; // points on a pixel
  const em = () => page.look.size() * 0.75;

  // A line as a path of canvas pixels: every point, or, where many fall on one pixel, the range that they cover there.
  function path(u, t, y, scale) {
    const { min: from, max: to } = u.scales.x;
    const line = new Path2D();
    if (!t.length || y[0] === null) return line; // nothing is known
    const { left, width, top, height } = u.bbox;
    const [low, high] = scale;
    const first = Math.max(0, page.last(t, from)),
      end = Math.min(t.length, page.last(t, to) + 2);
    const atX = width / (to - from),
      atY = height / (high - low);
    if (end - first < DENSE * width) {
      for (let i = first; i < end; i++)
        line.lineTo(left + (t[i] - from) * atX, top + (high - y[i]) * atY);
      return line;
    }
    for (let i = first; i < end;) {
      const column = Math.round(left + (t[i] - from) * atX),
        until = (column + 0.5 - left) / atX + from;
      let least = y[i],
        most = y[i];
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

  function dashed(u, t, y, scale, dash) {
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
  function ends(u, now, ghost, scale, called) {
    const place = (value) =>
      u.bbox.top +
      ((scale[1] - Math.min(scale[1], Math.max(scale[0], value))) / (scale[1] - scale[0])) *
        u.bbox.height;
    const gap = 1.15 * em() * devicePixelRatio;
    const x = u.bbox.left + u.bbox.width + 5 * devicePixelRatio;
    let a = place(now);
    const names = [],
      known = (value) => value !== null && value !== undefined;
    if (known(ghost)) {
      let b = place(ghost);
      if (known(now) && Math.abs(a - b) < gap) {
        const middle = (a + b) / 2;
        const up = a < b || (a === b && now >= ghost);
        a = middle + (up ? -gap : gap) / 2;
        b = middle + (up ? gap : -gap) / 2;
        const over = Math.max(a, b) + gap / 2 - (u.bbox.top + u.bbox.height);
        if (over > 0) {
          a -= over;
          b -= over;
        }
      }
      names.push([called.ghostName, b, "ghost-ink"]);
    }
    if (known(now)) names.push([called.name, a, "now-ink"]);
    for (const [name, y, ink] of names) write(u, name, x, y, ink, "left", "600");
    return names.map(([, y]) => y);
  }

  // The voltage of a run at the right end of what is seen, null beyond where it failed.
  const at = (run, t) => (run.t.length && t <= run.t[run.t.length - 1] ? page.between(t, run.t, run.v) : null);

  // Why there is no line.
  function none(u, text) {
    const { left, top, width, height } = u.bbox;
    write(u, text, left + width / 2, top + height / 2, "ink", "center", "600");
  }

  // The name of a plot, above it, where no line can be.
  function title(u, text) {
    write(
      u,
      text,
      u.bbox.left + 4 * devicePixelRatio,
      u.bbox.top - 0.6 * em() * devicePixelRatio,
      "ink",
    );
  }

  // A mark at the edge where a line leaves the fixed scale.
  function beyond(u, t, y, scale, unit) {
    const { min: from, max: to } = u.scales.x;
    const { left, top, width, height } = u.bbox,
      ratio = devicePixelRatio;
    const first = Math.max(0, page.last(t, from)),
      end = Math.min(t.length, page.last(t, to) + 2);
    for (const [edge, word, sign] of [
      [scale[0], "below", -1],
      [scale[1], "above", 1],
    ]) {
      let a = -1,
        b = -1;
      for (let i = first; i < end; i++) {
        if (sign * (y[i] - edge) <= 0) continue;
        if (a < 0) a = i;
        b = i;
      }
      if (a < 0) continue;
      const text = `${word} ${page.words.amount(edge, unit)}`;
      u.ctx.save();
      u.ctx.font = page.look.font(0.75 * ratio, "600");
      const half = u.ctx.measureText(text).width / 2 + em() * ratio;
      const middle = left + (((Math.max(from, t[a]) + Math.min(to, t[b])) / 2 - from) / (to - from)) * width;
      const x = Math.min(left + width - half, Math.max(left + half, middle));
      const at = sign < 0 ? top + height : top;
      const size = 0.4 * em() * ratio;
      u.ctx.fillStyle = page.look.colour("now-ink");
      u.ctx.beginPath();
      u.ctx.moveTo(x - size, at + sign * 1.9 * size);
      u.ctx.lineTo(x + size, at + sign * 1.9 * size);
      u.ctx.lineTo(x, at + sign * 0.3 * size);
      u.ctx.fill();
      u.ctx.restore();
      write(u, text, x, at + sign * 3.4 * size, "now-ink", "center", "600");
    }
  }

  function row(u, spikes, y0, y1, colour, thickness) {
    const { min: from, max: to } = u.scales.x;
    within(u, (pen) => {
      pen.strokeStyle = page.look.colour(colour);
      pen.lineWidth = thickness * devicePixelRatio;
      pen.beginPath();
      for (
        let i = Math.max(0, page.last(spikes, from));
        i < spikes.length && spikes[i] <= to;
        i++
      ) {
        const x = u.bbox.left + ((spikes[i] - from) / (to - from)) * u.bbox.width;
        pen.moveTo(x, y0);
        pen.lineTo(x, y1);
      }
      pen.stroke();
    });
  }

  page.lines = { path, within, dashed, write, ends, at, none, title, beyond, row };
})(window.mnexcite);
