// Link, Python, sweep, picture and data: to the clipboard or as a file, and always shown as text too.
(function (page) {
  "use strict";
  const state = page.state_;
  const told = (text) => { page.find("taken").textContent = text; };

  async function give(text, what) {
    const box = page.find("taken-text");
    page.find("taken-box").hidden = false;
    box.value = text;
    let copied = false;
    try {
      await navigator.clipboard.writeText(text);
      copied = true;
    } catch {
      box.focus();
      box.select();
    }
    told(copied ? `${what} copied; it also stands below.` : `The browser does not let this page copy. ${what} stands below, marked: copy it with Ctrl+C.`);
  }

  const ask = (kind, then) => page.runs.engine().ask({ kind, ...page.choose.question() }, (answer) => {
    if (answer.kind === kind) then(answer.text);
  });

  function file(blob, kind) {
    const name = `${state.description.cell.name}.${kind}`;
    const link = page.make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    told(`${name} was handed to the browser (usually: Downloads).`);
  }

  function table(python) {
    const run = page.runs.done.now;
    const lines = python.trim().split("\n").map((line) => "# " + line);
    const { cell, version } = state.description;
    lines.push(`# ${cell.title}; ${cell.source}; mnexcite ${version}`, `# ${page.sentence.text()}`,
      `# spikes [ms]: ${Array.from(run.spikes).join(" ")}`, "t_ms,v_mV" + (run.force ? ",force_percent_of_fused" : ""));
    for (let i = 0; i < run.t.length; i++) {
      lines.push(`${run.t[i]},${run.v[i]}` + (run.force ? "," + page.between(run.t[i], run.force.t, run.force.percent).toFixed(4) : ""));
    }
    return lines.join("\n") + "\n";
  }

  const takes = {
    link: () => give(page.link.whole(), "The link"),
    python: () => ask("python", (text) => give(text, "The Python text")),
    toml: () => ask("toml", (text) => give(text, "The sweep, in TOML,")),
    picture: () => page.picture().toBlob((blob) => file(blob, "png"), "image/png"),
    data: () => page.runs.done.now && ask("python", (text) => file(new Blob([table(text)], { type: "text/csv" }), "csv")),
  };

  function begin() {
    for (const button of page.find("take").querySelectorAll("[data-take]")) {
      button.addEventListener("click", takes[button.dataset.take]);
    }
  }

  page.takeaway = { begin };
})(window.mnexcite);
