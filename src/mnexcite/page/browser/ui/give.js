// What is taken along: text to the clipboard, always shown too, or a file.
(function (page) {
  "use strict";
  const told = (text) => {
    page.find("taken").textContent = text;
  };

  async function give(text, what) {
    const box = page.find("taken-text");
    page.find("taken-box").hidden = false;
    box.value = text;
    let copied = false;
    try {
      await navigator.clipboard.writeText(text);
      copied = true;
    } catch {
      box.focus();
      box.select();
    }
    told(
      copied
        ? `${what} copied; it also stands below.`
        : `The browser does not let this page copy. ${what} stands below, marked: copy it with Ctrl+C.`,
    );
  }

  function file(blob, name) {
    const link = page.make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    told(`${name} was handed to the browser (usually: Downloads).`);
  }

  function begin(takes) {
    for (const button of page.find("take").querySelectorAll("[data-take]"))
      button.addEventListener("click", takes[button.dataset.take]);
  }

  page.give = { text: give, file, begin };
})(window.mnexcite);
