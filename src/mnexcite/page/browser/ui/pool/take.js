// Link, Python, picture and spikes.
(function (page) {
  "use strict";

  function table() {
    const run = page.choose.run(),
      { title, version } = page.chosen.description;
    const lines = run.python
      .trim()
      .split("\n")
      .map((line) => "# " + line);
    lines.push(`# ${title}; mnexcite ${version}. ${run.sentence}`);
    lines.push("# spikes of the muscle's side, to 0.1 ms; unit 1 is the smallest", "unit,t_ms");
    (run.spikes ?? []).forEach((train, unit) => {
      for (const t of train) lines.push(`${unit + 1},${t.toFixed(1)}`);
    });
    return lines.join("\n") + "\n";
  }

  function picture() {
    const { title, version } = page.chosen.description;
    const foot = `Spikes by size of the motor unit, surface EMG, force, potassium. ${title}, computed beforehand with mnexcite ${version}`;
    return page.picture(page.plots.charts, [[page.find("moment").textContent, 0.8, ""]], foot);
  }

  const takes = {
    link: () => page.give.text(page.link.whole(), "The link"),
    python: () => page.give.text(page.choose.run().python, "The Python text"),
    picture: () => picture().toBlob((blob) => page.give.file(blob, "cramp.png"), "image/png"),
    data: () => page.give.file(new Blob([table()], { type: "text/csv" }), "cramp-spikes.csv"),
  };

  page.take = { begin: () => page.give.begin(takes) };
})(window.mnexcite);
