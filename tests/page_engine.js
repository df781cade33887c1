// Run a page's engine outside a browser: messages from a file, answers to standard output.
"use strict";
const fs = require("fs"), vm = require("vm");
const [script, described, asked] = process.argv.slice(2);
const answers = [];
let heard = null;
globalThis.self = globalThis;
globalThis.postMessage = (message) => { answers.push(message); heard?.(message); };
vm.runInThisContext(fs.readFileSync(script, "utf8"));

const plain = (x) => (ArrayBuffer.isView(x) ? Array.from(x) : Array.isArray(x) ? x.map(plain) : x && typeof x === "object"
  ? Object.fromEntries(Object.entries(x).map(([key, value]) => [key, plain(value)])) : x);

async function send(message, last = () => true) {
  const found = [];
  const answered = new Promise((resolve) => {
    heard = (answer) => { found.push(plain(answer)); if (answer.kind === "error" || last(answer)) resolve(); };
  });
  self.onmessage({ data: message });
  await answered;
  return found;
}

(async () => {
  const description = JSON.parse(fs.readFileSync(described, "utf8"));
  const all = [await send({ kind: "begin", id: 0, description })];
  for (const message of JSON.parse(fs.readFileSync(asked, "utf8")))
    all.push(await send(message, (answer) => message.kind !== "map" || answer.done));
  process.stdout.write(JSON.stringify(all));
})();
