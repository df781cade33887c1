// The plots as one PNG, with the sentence and what was changed.
(function (page) {
  "use strict";

  function wrapped(pen, text, width) {
    const lines = [""];
    for (const word of text.split(/\s+/)) {
      const longer = (lines.at(-1) + " " + word).trim();
      if (pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines.filter(Boolean);
  }

  // `charts` by name; what is said between the conclusion and the plots, as [text, rem, weight].
  function picture(charts, said, foot) {
    const canvases = Object.values(charts).map((u) => u.ctx.canvas);
    const ratio = window.devicePixelRatio || 1;
    const edge = 16 * ratio,
      width = canvases[0].width + 2 * edge;
    const canvas = page.make("canvas", { width, height: 10 });
    const pieces = [
      [page.find("sentence").textContent, 1.25, "600"],
      [page.find("conclusion").textContent, 0.9, ""],
      ...said,
      [page.find("sensitive")?.textContent, 0.8, ""],
    ].filter(([text]) => text);
    const lay = (draw) => {
      const pen = canvas.getContext("2d");
      let y = edge;
      const write = (text, rem, weight) => {
        pen.font = page.look.font(rem * ratio, weight);
        for (const line of wrapped(pen, text, width - 2 * edge)) {
          y += rem * 1.3 * page.look.size() * ratio;
          if (draw) pen.fillText(line, edge, y);
        }
      };
      if (draw) {
        pen.fillStyle = page.look.colour("paper");
        pen.fillRect(0, 0, width, canvas.height);
        pen.fillStyle = page.look.colour("ink");
      }
      for (const [text, rem, weight] of pieces) write(text, rem, weight);
      y += edge / 2;
      for (const one of canvases) {
        if (draw) pen.drawImage(one, edge, y);
        y += one.height;
      }
      write(foot, 0.75, "");
      return y + edge;
    };
    canvas.height = Math.ceil(lay(false));
    lay(true);
    return canvas;
  }

  page.picture = picture;
})(window.mnexcite);
