// The one name that the page puts into the window, and the helpers every file uses.
(function () {
  "use strict";
  const find = (id) => document.getElementById(id);

  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
      else element[name] = value;
    }
    element.append(...children);
    return element;
  }

  // Calls back once nothing has happened for `pause` ms.
  function after(pause, call) {
    let timer = 0;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(call, pause);
    };
  }

  // Index of the last entry of a rising array that is <= x (-1: none).
  function last(array, x) {
    let low = -1, high = array.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (array[middle] <= x) low = middle; else high = middle;
    }
    return low;
  }

  function between(x, xs, ys) {
    const at = last(xs, x);
    if (at < 0) return xs.length ? ys[0] : NaN;
    if (at + 1 >= xs.length) return ys[at];
    const part = (x - xs[at]) / (xs[at + 1] - xs[at] || 1);
    return ys[at] + part * (ys[at + 1] - ys[at]);
  }

  // The last spike that is followed by some time still in the run, else the last one.
  const whole = (spikes, before) => spikes[last(spikes, before)] ?? spikes[spikes.length - 1];

  window.mnexcite = { find, make, after, last, between, whole };
})();
