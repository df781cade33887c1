// A drawn muscle that shortens and thickens with force; its length is a picture, not a computed number.
(function (page) {
  "use strict";
  const NAME = "http://www.w3.org/2000/svg";
  const parts = {};
  let whole = "fused";

  function part(tag, kind, attributes = {}) {
    const one = document.createElementNS(NAME, tag);
    one.setAttribute("class", kind);
    for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
    page.find("muscle").append(one);
    return one;
  }

  function draw(percent) {
    const force = Math.min(1.1, Math.max(0, percent / 100 || 0));
    const start = 40,
      length = 150 - 48 * force,
      thick = 11 + 11 * force,
      end = start + length;
    const middle = 30;
    const known = Number.isFinite(percent);
    const text = known ? `force ${Math.round(percent)} % of ${whole}` : "force unknown";
    for (const one of ["bone", "belly", "tendon", "load"])
      parts[one].setAttribute("visibility", known ? "visible" : "hidden");
    parts.text.textContent = text.split(" of")[0];
    page.find("muscle").setAttribute("aria-label", "Muscle, drawn: " + text);
    if (page.look.still() && page.live.mode() === "running") return; // only the words change
    parts.belly.setAttribute(
      "d",
      `M${start} ${middle} C${start + length * 0.25} ${middle - thick * 1.33},${end - length * 0.25} ${middle - thick * 1.33},${end} ${middle}` +
        ` C${end - length * 0.25} ${middle + thick * 1.33},${start + length * 0.25} ${middle + thick * 1.33},${start} ${middle}Z`,
    );
    parts.tendon.setAttribute("d", `M12 ${middle}H${start + 6}M${end - 6} ${middle}H${end + 30}`);
    parts.load.setAttribute("x", end + 30);
  }

  function begin(of) {
    whole = of ?? whole;
    parts.bone = part("rect", "bone", { x: 4, y: 8, width: 9, height: 44, rx: 3 });
    parts.tendon = part("path", "tendon");
    parts.belly = part("path", "belly");
    parts.load = part("rect", "bone", { y: 17, width: 22, height: 26, rx: 4 });
    parts.text = part("text", "label", { x: 130, y: 67, "text-anchor": "middle" });
    draw(0);
    page.cursor.watch(draw);
  }

  page.muscle = { begin };
})(window.mnexcite);
