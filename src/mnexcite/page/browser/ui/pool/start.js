// Starts everything once the page is read, or says plainly why it cannot.
(function (page) {
  "use strict";

  function read() {
    if (typeof DecompressionStream !== "function")
      throw new Error(
        "This browser is too old to unpack the runs (no DecompressionStream). Open the file in a current Firefox, Chrome, Edge or Safari.",
      );
    try {
      return JSON.parse(page.find("description").textContent);
    } catch {
      throw new Error(
        "The runs in this file are incomplete or damaged, probably cut off on its way. Fetch the file again.",
      );
    }
  }

  async function start() {
    page.look.begin();
    const description = read();
    await page.runs.read(description);
    page.find("title").textContent = description.title;
    page.find("basis").textContent = description.basis;
    page.find("source").textContent = `Made with mnexcite ${description.version}.`;
    page.choose.begin(description);
    page.plots.begin();
    page.muscle.begin("maximal");
    page.play.begin();
    page.take.begin();
    page.link.begin();
    const numbers = page.find("numbers");
    numbers.addEventListener("toggle", () => page.numbers.begin(numbers.querySelector(".inside")), {
      once: true,
    });
  }

  page.state = () => ({
    case: page.chosen.case,
    train: page.chosen.train,
    stretch: page.chosen.stretch,
    head: page.chosen.description && page.choose.head(),
    spikes: page.choose.run()?.spikes?.map((one) => Array.from(one)),
    sentence: page.find("sentence").textContent,
    status: page.choose.run()?.status ?? "",
    playing: page.play.playing(),
    busy: false,
  });

  document.addEventListener("DOMContentLoaded", () =>
    start().catch((error) => {
      page.find("sentence").textContent = error.message;
    }),
  );
})(window.mnexcite);
