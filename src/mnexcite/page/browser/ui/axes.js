// The axes that plots over time share.
(function (page) {
  "use strict";
  const em = () => page.look.size() * 0.75;

  function axis(side, more) {
    return {
      side,
      stroke: () => page.look.colour("ink"),
      font: page.look.font(),
      ticks: { stroke: () => page.look.colour("line"), width: 1, size: 4 },
      grid: { stroke: () => page.look.colour("grid"), width: 1 },
      gap: 3,
      ...more,
    };
  }

  const time = (show) =>
    axis(2, {
      show,
      size: 2.5 * em(),
      space: 5 * em(),
      values: (u, all) =>
        all.map((one, i) => page.words.number(one / 1000, 6) + (i === all.length - 1 ? " s" : "")),
    });

  // The first of some sets of marks that has room; without any there is an axis of nothing.
  const value = (splits) =>
    axis(3, {
      size: 3.8 * em(),
      splits: (u) => splits.find((some) => some.length * 1.5 * em() < u.height) || splits.at(-1),
      values: (u, all) => all.map((one) => page.words.number(one)),
      ...(splits[0].length ? {} : { grid: { show: false }, ticks: { show: false } }),
    });

  page.axes = { time, value };
})(window.mnexcite);
