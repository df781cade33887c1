// Every number of the cell with unit, source and status, to be filtered by any word.
(function (page) {
  "use strict";

  // A path that may break after its dots and lines.
  const broken = (path) => path.split(/(?<=[._])/).flatMap((part) => [part, page.make("wbr")]);

  function begin(inside) {
    const all = page.chosen.description.parameters;
    const filter = page.make("input", {
      type: "search",
      id: "numbers-filter",
      autocomplete: "off",
    });
    const count = page.make("p", { className: "says", role: "status" });
    const body = page.make("tbody");
    const rows = all.map((one) => {
      const row = page.make(
        "tr",
        {},
        page.make("th", { scope: "row" }, ...broken(one.path)),
        page.make("td", {
          textContent:
            typeof one.value === "number"
              ? page.words.amount(one.value, one.unit, 6)
              : `${one.value} ${page.words.unit(one.unit)}`,
        }),
        page.make(
          "td",
          {},
          page.make("span", { className: "status", textContent: one.status }),
          " " + one.source,
        ),
      );
      return { row, text: `${one.path} ${one.unit} ${one.source} ${one.status}`.toLowerCase() };
    });
    body.append(...rows.map((one) => one.row));

    function show() {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { row, text } of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) shown += 1;
      }
      count.textContent = `${shown} of ${rows.length} numbers`;
    }

    filter.addEventListener("input", show);
    const heads = ["Name", "Value", "Status and source"].map((textContent) =>
      page.make("th", { scope: "col", textContent }),
    );
    inside.append(
      page.make("label", {
        htmlFor: "numbers-filter",
        textContent: "Show only (name, source or status)",
      }),
      filter,
      count,
      page.make(
        "div",
        { className: "table", tabIndex: 0, role: "region", "aria-label": "Numbers" },
        page.make("table", {}, page.make("thead", {}, page.make("tr", {}, ...heads)), body),
      ),
    );
    show();
  }

  page.numbers = { begin };
})(window.mnexcite);
