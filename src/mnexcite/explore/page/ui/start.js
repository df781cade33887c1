// Starts everything once the page is read, or says plainly why it cannot.
(function (page) {
  "use strict";

  function possible() {
    if (typeof Worker !== "function") return "This browser does not let the page compute in the background (no Worker). Open the file in a current Firefox, Chrome, Edge or Safari.";
    if (typeof WebAssembly !== "object") return "This browser has no WebAssembly, or it is switched off, so the cell cannot be computed here. Allow it, or open the file in another browser.";
    if (typeof DecompressionStream !== "function") return "This browser is too old to unpack the cell (no DecompressionStream). Open the file in a current Firefox, Chrome, Edge or Safari.";
    try {
      new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    } catch {
      return "The place that shows this page forbids WebAssembly, so the cell cannot be computed here. Save the file and open it from your own disk.";
    }
    return "";
  }

  function read() {
    try {
      const description = JSON.parse(page.find("description").textContent);
      if (!description.sliders.length || !description.presets.length) throw new Error("empty");
      return description;
    } catch {
      throw new Error("The description of the cell in this file is incomplete or damaged, probably cut off on its way. Fetch the file again.");
    }
  }

  function head({ cell, version }) {
    page.find("title").textContent = cell.title;
    page.find("about").textContent = cell.about || "";
    page.find("source").textContent = `Cell: ${cell.source}. Made with mnexcite ${version}.`;
  }

  function start() {
    page.look.begin();
    const reason = possible();
    if (reason) throw new Error(reason);
    const description = read();
    head(description);
    page.choose.begin(description);
    const engine = page.talk.worker(description, page.sentence.trouble);
    page.sentence.begin();
    page.runs.begin(engine);
    page.plots.begin();
    page.muscle.begin();
    page.live.begin(engine);
    page.presets.begin();
    page.controls.begin();
    page.panels.begin();
    page.takeaway.begin();
    page.link.begin();
  }

  page.state = () => ({ settings: { ...page.state_.settings }, preset: page.state_.preset, duration: page.state_.duration,
    spikes: Array.from((page.live.on() ? page.live.strip().spikes : page.runs.done.now?.spikes) || []), sentence: page.sentence.text(), status: page.sentence.status(),
    live: page.live.mode(), busy: page.runs.busy() });

  document.addEventListener("DOMContentLoaded", () => {
    try {
      start();
    } catch (error) {
      page.sentence.fatal(error.message);
    }
  });
})(window.mnexcite);
