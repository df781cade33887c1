// The large sentence, the conclusion and the notes below it.
(function (page) {
  "use strict";
  const say = (id, text) => {
    const place = page.find(id);
    if (place.textContent !== text) place.textContent = text;
    if (place.classList.contains("note")) place.hidden = !text;
  };
  let shown = "";

  // A reader hears the sentence when the settings rest, not twenty times while a slider moves.
  const rest = page.after(600, () => page.find("sentence").setAttribute("aria-busy", "false"));

  function show(answer) {
    shown = answer.status;
    say("sentence", page.words.held(answer.sentence || ""));
    say("conclusion", answer.conclusion || "");
    rest();
  }

  function begin() {
    page.runs.on("asked", (same) => {
      if (same) return;
      page.find("sentence").setAttribute("aria-busy", "true");
      say("sensitive", "");
      say("trouble", "");
      rest();
    });
    page.runs.on("now", show);
    page.runs.on("all", show);
  }

  // Nothing can be computed here: the reason becomes the sentence.
  function fatal(text) {
    shown = "failed";
    page.find("sentence").setAttribute("aria-busy", "false");
    say("sentence", text);
    say("conclusion", "");
  }

  page.sentence = { begin, fatal, show, status: () => shown, text: () => page.find("sentence").textContent,
    trouble: (text) => say("trouble", text || ""),
    sensitive: (answer) => say("sensitive", answer.sensitive ? answer.says : "") };
})(window.mnexcite);
