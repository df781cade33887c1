// The choice as a link (#...) and back; what a link says wrongly is ignored, with a word.
(function (page) {
  "use strict";
  const state = page.chosen;
  const NAMES = { muscle: "case", train: "train", stretch: "stretch", t: "head" };
  let mine = null;

  function text() {
    const parts = new URLSearchParams();
    for (const [name, key] of Object.entries(NAMES))
      if (Number.isFinite(state[key]) || key === "case") parts.set(name, String(state[key]));
    return "#" + parts;
  }

  function write() {
    mine = text();
    try {
      history.replaceState(null, "", mine);
    } catch {
      // A sandboxed frame may refuse; the link can still be copied.
    }
  }

  function take() {
    if (location.hash === mine) return;
    const wanted = {},
      told = [];
    for (const [name, value] of new URLSearchParams(location.hash.replace(/^#/, ""))) {
      const key = NAMES[name];
      const read = key === "case" ? value : value.trim() === "" ? NaN : Number(value);
      const known =
        key === "head"
          ? read >= 0
          : key !== undefined && page.runs.some(key).includes(read);
      if (known) wanted[key] = read;
      else
        told.push(
          `The link says “${name.slice(0, 40)} = ${value.slice(0, 40)}”, which this page does not have; it was ignored.`,
        );
    }
    page.choose.change(wanted);
    const place = page.find("trouble");
    place.textContent = told.join(" ");
    place.hidden = !told.length;
  }

  function begin() {
    page.choose.on(page.after(300, write));
    window.addEventListener("hashchange", take);
    take();
  }

  page.link = { begin, whole: () => location.href.split("#")[0] + text() };
})(window.mnexcite);
