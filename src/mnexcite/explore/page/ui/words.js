// Numbers, units and changes as words.
(function (page) {
  "use strict";

  const unit = (text) => (text || "").replace(/\bdegC\b/, "°C").replace(/\bu(?=[A-Z])/, "µ")
    .replace(/cm2\b/, "cm²").replace(/cm3\b/, "cm³").replace(/^1$/, "");

  function number(value, digits = 4) {
    if (!Number.isFinite(value)) return "unknown";
    return String(Number(value.toPrecision(digits))).replace("-", "−");
  }

  const amount = (value, name, digits) => (number(value, digits) + " " + unit(name)).trim();
  const signed = (value, name) => (value > 0 ? "+" : "") + amount(value, name);
  const seconds = (ms) => number(ms / 1000) + " s";
  const published = (slider) => slider.evidence.status === "published";

  const same = (slider, value) => Math.abs(value - slider.neutral) < 1e-9;

  function shown(slider, value) {
    if (slider.kind !== "factor") return amount(value, slider.unit);
    const whole = slider.own == null ? "" : " = " + amount(value * slider.own, slider.unit);
    return "×" + number(value) + whole;
  }

  function change(slider, value) {
    if (same(slider, value)) return slider.neutral === 0 ? "None" : published(slider) ? "As published" : "Unchanged";
    if (slider.neutral === 0) return "Added: " + amount(value, slider.unit);
    const own = published(slider) ? "published" : "the model's own";
    if (slider.kind === "factor") return (value === 0 ? "None: ×0" : "×" + number(value)) + " of " + own;
    return signed(value - slider.neutral, slider.unit) + " from " + own + " " + amount(slider.neutral, slider.unit);
  }

  // A sentence whose numbers stay beside their units.
  const held = (text) => text.replace(/(\d) (?=(s|ms|Hz|mV)\b)/g, "$1\u00a0");
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  page.words = { held, capital, unit, number, amount, signed, seconds, same, shown, change };
})(window.mnexcite);
