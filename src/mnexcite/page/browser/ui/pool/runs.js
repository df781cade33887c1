// The runs that stand in the file: unpacked, and those with a stretch joined to how they begin.
(function (page) {
  "use strict";
  const PARTS = ["spikes", "counts", "emg", "force", "potassium"];
  let all = [];

  // Unit by unit, the times of its spikes [ms].
  function trains({ spikes, counts }, tick) {
    let at = 0;
    return Array.from(counts, (count) => {
      const own = Float64Array.from(spikes.subarray(at, at + count), (x) => x * tick);
      at += count;
      return own;
    });
  }

  function joined(begins, then, first) {
    const whole = new Float64Array(first + then.length);
    whole.set(begins.subarray(0, first));
    whole.set(then, first);
    return whole;
  }

  // Samples from `since` on, after those of the run that it begins with.
  function column(name, own, since, plain, { every, step }) {
    const then = Float64Array.from(own, (x) => x * step[name]);
    const first = Math.ceil(since / every[name]);
    const y = joined(plain?.[name].y ?? then, then, first);
    return { t: Float64Array.from(y, (_, i) => i * every[name]), y };
  }

  async function unpacked(told, buffers) {
    const kinds = [Uint32Array, Uint32Array, Int8Array, Uint16Array, Uint16Array];
    const found = {};
    for (const [i, part] of PARTS.entries())
      found[part] = new kinds[i]((await unpack(buffers[told[part]])).buffer);
    return found;
  }

  async function read(description) {
    const { runs, buffers, every } = description;
    all = [];
    for (const told of [...runs].sort((a, b) => a.stretch - b.stretch)) {
      if (told.status !== "ok") {
        all.push(told);
        continue;
      }
      const plain = told.since ? find(told.case, told.train, 0) : null;
      const own = await unpacked(told, buffers);
      const late = trains(own, every.spikes);
      const spikes = late.map((train, unit) => {
        const before = plain?.spikes[unit];
        return before ? joined(before, train, page.last(before, told.since) + 1) : train;
      });
      const columns = ["emg", "force", "potassium"].map((name) => [
        name,
        column(name, own[name], told.since, plain, description),
      ]);
      all.push({ ...told, spikes, ...Object.fromEntries(columns) });
    }
  }

  const find = (id, train, stretch) =>
    all.find((one) => one.case === id && one.train === train && one.stretch === stretch);
  // What there is of one after others have been chosen, in order.
  const some = (name, wanted = {}) => [
    ...new Set(
      all
        .filter((one) => Object.entries(wanted).every(([key, value]) => one[key] === value))
        .map((one) => one[name])
        .sort((a, b) => a - b),
    ),
  ];
  const good = () => all.filter((one) => one.status === "ok");

  page.runs = { read, find, some, good };
})(window.mnexcite);
