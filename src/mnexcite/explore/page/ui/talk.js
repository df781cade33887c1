// Talks to the engine in its worker: a question with a number, its answers to whoever asked.
(function (page) {
  "use strict";
  let id = 0;

  function worker(description, trouble) {
    const text = page.find("engine")?.textContent;
    if (!text) throw new Error("The engine is missing from this file: it is incomplete. Fetch it again.");
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const one = new Worker(address);
    const waiting = new Map();
    one.onmessage = ({ data }) => {
      const answer = waiting.get(data.id);
      if (data.kind === "error") {
        waiting.delete(data.id);
        trouble(data.message);
        answer?.(data);
        return;
      }
      if (!answer) return;
      if (data.kind !== "map" || data.done) waiting.delete(data.id);
      answer(data);
    };
    one.onerror = (event) => {
      event.preventDefault();
      trouble("The engine could not start in this browser (" + (event.message || "no reason given") + "). Try another browser.");
    };
    one.postMessage({ kind: "begin", id: ++id, description });
    return {
      ask(question, answer) {
        const number = ++id;
        if (answer) waiting.set(number, answer);
        one.postMessage({ ...question, id: number });
        return number;
      },
      forget(number) {
        waiting.delete(number);
        one.postMessage({ kind: "stop", id: number });
      },
    };
  }

  page.talk = { worker };
})(window.mnexcite);
