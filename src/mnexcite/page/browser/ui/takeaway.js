// Link, Python, sweep, picture and data: to the clipboard or as a file, and always shown as text too.
(function (page) {
  "use strict";
  const state = page.chosen;
  const { text: give } = page.give;

  const ask = (kind, then) =>
    page.runs.engine().ask({ kind, ...page.choose.question() }, (answer) => {
      if (answer.kind === kind) then(answer.text);
    });

  const file = (blob, kind) => page.give.file(blob, `${state.description.cell.name}.${kind}`);

  function table(python) {
    const run = page.runs.done.now;
    const lines = python
      .trim()
      .split("\n")
      .map((line) => "# " + line);
    const { cell, version } = state.description;
    lines.push(
      `# ${cell.title}; ${cell.source}; mnexcite ${version}`,
      `# ${run.sentence}`,
      `# spikes [ms]: ${Array.from(run.spikes).join(" ")}`,
      "t_ms,v_mV" + (run.force ? ",force_percent_of_fused" : ""),
    );
    for (let i = 0; i < run.t.length; i++) {
      lines.push(
        `${run.t[i]},${run.v[i]}` +
          (run.force
            ? "," + page.between(run.t[i], run.force.t, run.force.percent).toFixed(4)
            : ""),
      );
    }
    return lines.join("\n") + "\n";
  }

  const takes = {
    link: () => give(page.link.whole(), "The link"),
    python: () => ask("python", (text) => give(text, "The Python text")),
    toml: () => ask("toml", (text) => give(text, "The sweep, in TOML,")),
    picture: () => picture().toBlob((blob) => file(blob, "png"), "image/png"),
    data: () =>
      page.runs.done.now &&
      ask("python", (text) => file(new Blob([table(text)], { type: "text/csv" }), "csv")),
  };

  function changes() {
    const state = page.chosen;
    const words = Object.entries(page.choose.changed()).map(([id, value]) => {
      const slider = page.choose.slider(id);
      return `${slider.label} ${page.words.shown(slider, value)}`;
    });
    const start = page.choose.preset(state.preset);
    return `${start.label}${page.choose.holds() ? "" : ", changed"}: ${words.join("; ") || "nothing changed"}; ${page.words.seconds(state.duration)}`;
  }

  function picture() {
    const { description } = state;
    const foot = `now: vermillion; ${page.plots.ghostName}: blue. ${description.cell.title}, mnexcite ${description.version}`;
    const said = [[changes(), 0.8, ""]];
    return page.picture(page.plots.charts, said, foot);
  }

  page.takeaway = { begin: () => page.give.begin(takes) };
})(window.mnexcite);
