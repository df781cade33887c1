// What is looked at: whose muscle, which train, when it is stretched, and up to which moment.
(function (page) {
  "use strict";
  const listeners = [];
  const state = { description: null, case: "", train: 0, stretch: 0, head: Infinity, near: false };

  const run = () => page.runs.find(state.case, state.train, state.stretch);
  const stretches = () =>
    page.runs.some("stretch", { case: state.case, train: state.train }).filter((one) => one);
  const head = () => Math.min(state.head, run().duration);

  // The same train and, where there is one, the same stretch, of the first muscle.
  function ghost() {
    const first = state.description.cases[0].id;
    if (state.case === first) return null;
    const same = (stretch) => page.runs.find(first, state.train, stretch);
    const found = same(state.stretch) ?? same(0);
    return found?.status === "ok" ? found : null;
  }

  function change(part) {
    Object.assign(state, part);
    if (!run()) state.stretch = 0;
    for (const listener of listeners) listener(state);
  }

  const seconds = (ms) => page.words.seconds(ms);

  function pills(name, legend, options) {
    const group = page.make(
      "fieldset",
      {},
      page.make("legend", { textContent: legend }),
      ...options.map(([value, text]) =>
        page.make(
          "label",
          { className: "pill" },
          page.make("input", { type: "radio", name, value: String(value) }),
          page.make("span", { textContent: text }),
        ),
      ),
    );
    group.addEventListener("change", (event) => change({ [name]: Number(event.target.value) }));
    page.find("choices").append(group);
  }

  function follow() {
    const possible = stretches();
    for (const one of document.querySelectorAll("#choices input")) {
      one.checked = Number(one.value) === state[one.name];
      one.disabled = one.name === "stretch" && one.value !== "0" && !possible.includes(Number(one.value));
    }
    page.find("no-stretch").textContent = possible.length
      ? ""
      : run().status === "ok"
        ? "Nothing outlasts this train in this muscle, so there is nothing to stretch."
        : "The run failed, so none was done with a stretch.";
    for (const button of document.querySelectorAll("#cases button"))
      button.setAttribute("aria-pressed", String(button.dataset.case === state.case));
    const { label, about, source, status } = state.description.cases.find(
      (one) => one.id === state.case,
    );
    page.find("case-words").textContent = page.words.unit(`${label}. ${about} Source: ${source} (${status}).`);
  }

  function begin(description) {
    state.description = description;
    const { cases } = description;
    for (const one of cases) {
      const button = page.make(
        "button",
        { type: "button", className: "preset", "data-case": one.id, title: one.source },
        page.make("strong", { textContent: one.label }),
        page.make("span", { className: "status", textContent: one.status }),
      );
      button.addEventListener("click", () => change({ case: one.id }));
      page.find("cases").append(button);
    }
    pills(
      "train",
      "Rate of the stimuli",
      page.runs.some("train").map((one) => [one, `${one} Hz`]),
    );
    pills("stretch", "Stretch, after the train", [
      [0, "Not at all"],
      ...page.runs
        .some("stretch")
        .filter((one) => one)
        .map((one) => [one, `${seconds(one)} later`]),
    ]);
    page.find("choices").append(page.make("p", { id: "no-stretch", className: "says", role: "status" }));
    state.case = cases[0].id;
    state.train = page.runs.some("train").at(-1);
    listeners.unshift(follow);
  }

  page.chosen = state;
  page.choose = {
    begin,
    change,
    run,
    ghost,
    head,
    stretches,
    on: (listener) => listeners.push(listener),
  };
})(window.mnexcite);
