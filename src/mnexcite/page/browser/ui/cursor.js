// The cursor over the plots with its values, and the stretch of time that is seen.
(function (page) {
  "use strict";
  const watchers = [];
  let cursor = null;

  function at(view, t) {
    if (!view || t === null) return null;
    const now = {
      t,
      v: page.lines.at(view, t) ?? NaN,
      force: view.force ? page.between(t, view.force.t, view.force.percent) : NaN,
    };
    if (!view.ghost) return now;
    return {
      ...now,
      ghost: {
        v: page.between(t, view.ghost.t, view.ghost.v),
        force: view.ghost.force
          ? page.between(t, view.ghost.force.t, view.ghost.force.percent)
          : NaN,
      },
    };
  }

  function read() {
    const view = page.plots.view();
    const here = at(view, cursor);
    const fixed = (value, digits) =>
      Number.isFinite(value) ? value.toFixed(digits).replace("-", "−") : "–";
    const mv = (value) => fixed(value, 1);
    const both = (now, ghost, unit) =>
      now + (ghost === undefined ? "" : " (" + view.ghostName + " " + ghost + ")") + unit;
    const text = here
      ? `${page.words.number(here.t / 1000, 5)} s: ` +
        both(mv(here.v), here.ghost && mv(here.ghost.v), " mV, ") +
        both(fixed(here.force, 0), here.ghost && fixed(here.ghost.force, 0), " %")
      : "";
    page
      .find("readout")
      .replaceChildren(...(text ? [page.make("span", { textContent: text })] : []));
    const end = view && (cursor === null ? view.to : cursor);
    for (const watcher of watchers)
      watcher(view?.force ? page.between(end, view.force.t, view.force.percent) : NaN);
  }

  function moved(u) {
    cursor = u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null;
    read();
  }

  function point(t) {
    const u = page.plots.charts.voltage,
      [from, to] = page.plots.range();
    u.setCursor({ left: u.valToPos(Math.min(to, Math.max(from, t)), "x"), top: 5 }, true, true);
  }

  function zoom(factor) {
    const view = page.plots.view(),
      [from, to] = page.plots.range();
    const middle = cursor ?? (from + to) / 2;
    const half = Math.min((to - from) * factor, view.to - view.from) / 2;
    const low = Math.max(view.from, Math.min(middle - half, view.to - 2 * half));
    page.plots.show(low, low + 2 * half, half * 2 < (view.to - view.from) * 0.999);
  }

  function closeUp() {
    const view = page.plots.view();
    const spike = view && (page.whole(view.spikes, view.to - 20) ?? view.to - 30);
    if (page.plots.zoomed()) page.plots.whole();
    else if (view)
      page.plots.show(Math.max(view.from, spike - 20), Math.min(view.to, spike + 40), true);
  }

  function key(event) {
    if (!page.plots.view()) return;
    const [from, to] = page.plots.range();
    const step = ((to - from) / 100) * (event.shiftKey ? 10 : 1);
    const acts = {
      ArrowLeft: () => point((cursor ?? to) - step),
      ArrowRight: () => point((cursor ?? from) + step),
      "+": () => zoom(0.5),
      "=": () => zoom(0.5),
      "-": () => zoom(2),
      0: page.plots.whole,
      Home: () => point(from),
      End: () => point(to),
    };
    if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    page.find("readout").setAttribute("aria-live", "polite");
    acts[event.key]();
  }

  function begin() {
    page.find("close-up").addEventListener("click", closeUp);
    page.find("charts").addEventListener("keydown", key);
    page.find("charts").addEventListener("mouseleave", () => {
      cursor = null;
      read();
    });
  }

  page.cursor = { begin, read, moved, watch: (watcher) => watchers.push(watcher) };
})(window.mnexcite);
