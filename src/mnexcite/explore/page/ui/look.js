// Large type and high contrast, and the colours that canvases take from the style sheet.
(function (page) {
  "use strict";
  const root = document.documentElement;
  const listeners = [];
  const asks = (query) => window.matchMedia(query).matches;

  function colour(name) {
    return getComputedStyle(root).getPropertyValue("--" + name).trim();
  }

  const size = () => parseFloat(getComputedStyle(root).fontSize);
  const font = (rem = 0.75, weight = "") => `${weight} ${rem * size()}px system-ui, sans-serif`.trim();
  const thick = () => (root.classList.contains("large") ? 3 : 1.75);
  const still = () => asks("(prefers-reduced-motion: reduce)");

  function set(name, on) {
    root.classList.toggle(name, on);
    page.find(name).setAttribute("aria-pressed", String(on));
    for (const listener of listeners) listener();
  }

  function begin() {
    for (const name of ["large", "contrast"]) {
      page.find(name).addEventListener("click", () => set(name, !root.classList.contains(name)));
    }
    if (asks("(prefers-contrast: more)")) set("contrast", true);
  }

  page.look = { begin, colour, font, size, thick, still, on: (listener) => listeners.push(listener) };
})(window.mnexcite);
