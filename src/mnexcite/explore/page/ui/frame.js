// A small canvas with two axes, for what is not drawn over time (phase plane, map).
(function (page) {
  "use strict";

  function ticks(low, high, wanted) {
    const rough = (high - low) / wanted;
    const ten = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((one) => one * ten).find((one) => one >= rough);
    const all = [];
    for (let x = Math.ceil(low / step - 1e-9) * step; x <= high + 1e-9 * step; x += step) all.push(Number(x.toPrecision(10)));
    return all;
  }

  // Sizes the canvas and draws axes {low, high, label}; returns where a value lies and the box, in CSS pixels.
  function frame(canvas, x, y, right = 12) {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const em = page.look.size() * 0.75;
    const box = { left: 3.6 * em, top: 2.3 * em, right: width - right, bottom: height - 3.4 * em };
    const at = {
      x: (value) => box.left + (value - x.low) / (x.high - x.low) * (box.right - box.left),
      y: (value) => box.bottom - (value - y.low) / (y.high - y.low) * (box.bottom - box.top),
    };
    pen.fillStyle = page.look.colour("paper");
    pen.fillRect(0, 0, width, height);
    pen.font = page.look.font();
    pen.fillStyle = page.look.colour("ink");
    pen.strokeStyle = page.look.colour("line");
    pen.lineWidth = 1;
    pen.beginPath();
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (const value of ticks(x.low, x.high, Math.max(2, (box.right - box.left) / (5 * em)))) {
      pen.moveTo(at.x(value), box.bottom);
      pen.lineTo(at.x(value), box.bottom + 4);
      pen.fillText(page.words.number(value), at.x(value), box.bottom + 6);
    }
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const value of ticks(y.low, y.high, Math.max(2, (box.bottom - box.top) / (3 * em)))) {
      pen.moveTo(box.left - 4, at.y(value));
      pen.lineTo(box.left, at.y(value));
      pen.fillText(page.words.number(value), box.left - 6, at.y(value));
    }
    pen.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    pen.stroke();
    pen.textBaseline = "alphabetic";
    pen.fillText(x.label, box.right, height - 0.4 * em);
    pen.textAlign = "left";
    pen.fillText(y.label, 2, 1.2 * em);
    return { pen, at, box };
  }

  page.frame = frame;
})(window.mnexcite);
