// The numbers of a page: buffers and tables, rows of parameters, runs, force, and words.
// Nothing of a cell stands here: all of it comes with the description, from the Python package.

const STACK = 1 << 20, PAGE = 65536, TRAIL_ROWS = 65536, SPIKES = 4096, BUDGET = 100000;

const doubles = (bytes) => new Float64Array(bytes.buffer, 0, bytes.length / 8);

// ---- tables ------------------------------------------------------------------------------
// A spline through equally spaced values, its second derivatives by LAPACK's dgtsv, in its order.
function spline(values, out, place, stride) {
  const n = values.length - 1, bends = new Float64Array(n + 1), pivot = new Float64Array(n + 1);
  const rise = (i) => values[i + 1] - values[i], turn = (i) => rise(i) - rise(i - 1);
  bends[0] = turn(1);
  bends[n] = turn(n - 1);
  for (let i = 1; i < n; i++) bends[i] = 6 * turn(i);
  bends[1] -= bends[0];
  bends[n - 1] -= bends[n];
  pivot[1] = 4;
  for (let i = 2; i < n; i++) {
    const factor = 1 / pivot[i - 1];
    pivot[i] = 4 - factor;
    bends[i] -= factor * bends[i - 1];
  }
  bends[n - 1] /= pivot[n - 1];
  for (let i = n - 2; i > 0; i--) bends[i] = (bends[i] - bends[i + 1]) / pivot[i];
  for (let i = 0; i < n; i++) {
    const row = i * stride + place;
    out[row] = values[i];
    out[row + 4] = rise(i) - (2 * bends[i] + bends[i + 1]) / 6;
    out[row + 8] = bends[i] / 2;
    out[row + 12] = (bends[i + 1] - bends[i]) / 6;
  }
}

// Four functions stand side by side in a row, coefficient by coefficient.
function table(told, buffers) {
  const { rows, degree } = told, stride = told.groups * degree * 4;
  const out = new Float64Array(rows * stride), kept = doubles(buffers[told.kept]);
  const place = (f) => Math.floor(f / 4) * degree * 4 + (f % 4), size = kept.length / told.used.length;
  const put = (row, f, c, at) => {
    for (let d = 0; d < degree; d++) out[row * stride + place(f) + 4 * d] = c[at + d];
  };
  told.used.forEach((f, k) => {
    if (told.spline) spline(kept.subarray(k * size, (k + 1) * size), out, place(f), stride);
    else for (let row = 0; row < rows; row++) put(row, f, kept, k * size + row * degree);
  });
  const odd = new Int32Array(buffers[told.odd].buffer), c = doubles(buffers[told.coefficients]);
  for (let i = 0; i < odd.length / 2; i++) put(odd[2 * i + 1], told.used[odd[2 * i]], c, i * degree);
  return out;
}

// ---- formulas ----------------------------------------------------------------------------
const OPERATIONS = {
  "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b,
  "^": Math.pow, ln: Math.log,
};
function evaluate(x, settings) {
  if (typeof x === "number") return x;
  if (x[0] === "x") return settings[x[1]];
  return OPERATIONS[x[0]](...x.slice(1).map((part) => evaluate(part, settings)));
}

// What a function of a table is at x.
function lookup(told, numbers, f, x) {
  const { axis, rows, degree, groups } = told;
  let row, u;
  if (axis.width) {
    const place = Math.min(Math.max((x - axis.lowest) / axis.width, 0), rows);
    row = Math.min(Math.floor(place), rows - 1);
    u = place - row;
  } else {
    const held = Math.min(Math.max(x, 2 ** axis.first), 2 ** (axis.first + rows / axis.parts) * (1 - Number.EPSILON));
    let e = Math.floor(Math.log2(held));
    if (held < 2 ** e) e--;
    const place = (held / 2 ** e - 1) * axis.parts;
    row = (e - axis.first) * axis.parts + Math.floor(place);
    u = place - Math.floor(place);
  }
  const at = (row * groups + Math.floor(f / 4)) * degree * 4 + (f % 4);
  let y = 0;
  for (let d = degree - 1; d >= 0; d--) y = y * u + numbers[at + 4 * d];
  return y;
}

// A formula of states as a function of the place in their columns.
function compiled(x, model, rows, columns) {
  if (typeof x === "number") return () => x;
  const [name, ...given] = x;
  if (name === "r") { const row = rows[given[0]]; return () => row; }
  if (name === "s") { const column = columns[given[0] + 1]; return (i) => column[i]; }
  if (name === "t") {
    const [ofPools, f, state] = given, [told, numbers] = model.tables[ofPools ? 1 : 0];
    const column = columns[state + 1];
    return (i) => lookup(told, numbers, f, column[i]);
  }
  const [a, b] = given.map((part) => compiled(part, model, rows, columns)), act = OPERATIONS[name];
  return b ? (i) => act(a(i), b(i)) : (i) => act(a(i));
}

// ---- a module and its memory --------------------------------------------------------------
class Kernel {
  constructor(bytes) {
    this.memory = new WebAssembly.Memory({ initial: (2 * STACK) / PAGE });
    this.at = STACK;
    const module = new WebAssembly.Module(bytes), env = {};
    for (const { name } of WebAssembly.Module.imports(module)) {
      if (name === "__linear_memory") env[name] = this.memory;
      else if (name === "__stack_pointer")
        env[name] = new WebAssembly.Global({ value: "i32", mutable: true }, STACK);
      else env[name] = Math[name];
    }
    this.exports = new WebAssembly.Instance(module, { env }).exports;
  }

  // room for numbers of a kind: f8 or i8
  room(count, kind = "f8") {
    const place = this.at;
    this.at += 8 * Math.max(1, count);
    const missing = Math.ceil((this.at - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.memory.grow(missing + 16);
    return { place, count, kind };
  }

  view({ place, count, kind }) {
    const Kind = kind === "f8" ? Float64Array : BigInt64Array;
    return new Kind(this.memory.buffer, place, count);
  }

  put(numbers, kind = "f8") {
    const made = this.room(numbers.length, kind);
    this.view(made).set(kind === "f8" ? numbers : Array.from(numbers, BigInt));
    return made;
  }

  // Call an entry.
  call(name, entry, given) { return this.exports[name](...this.flat(entry, given)); }

  // Its arguments: arrays as their place and sizes, numbers as they are.
  flat(entry, given) {
    const flat = [];
    for (const [key, kind] of entry) {
      const x = given[key];
      if (!kind.includes("[")) { flat.push(x); continue; }
      flat.push(x.place, ...(x.sizes ?? [x.count]));
    }
    return flat;
  }
}

// ---- a cell --------------------------------------------------------------------------------
class Model {
  constructor(told, buffers, sliders, begins) {
    Object.assign(this, { told, sliders, begins });
    this.kernel = new Kernel(buffers[told.kernel]);
    const k = this.kernel, n = told.states.length;
    this.tables = [told.vtable, told.ctable].map((one) => [one, table(one, buffers)]);
    this.given = {
      y: k.room(n), clock: k.room(3), values: k.room(n), p: k.room(told.rows.length),
      vtable: k.put(this.tables[0][1]), vbase: k.put([0], "i8"),
      ctable: k.put(this.tables[1][1]), cbase: k.put([0], "i8"),
      drive_of: k.put([0], "i8"), weights: k.room(n), times: k.room(0),
      recorded: k.room(0, "i8"), samples: { ...k.room(0), sizes: [0, 0, 1] },
      spike_lanes: k.room(SPIKES, "i8"), spike_times: k.room(SPIKES), armed: k.room(1, "i8"),
      status: k.room(1, "i8"), ended: k.room(1), taken: k.room(1), done: k.room(1, "i8"),
      queue: k.put([0], "i8"), budget: BUDGET, threshold: told.threshold,
      tableau: k.put(told.tableau), swing: k.put(told.swing), floors: k.put(told.floors),
      tile: k.room(told.tile), trail: k.room((n + 1) * TRAIL_ROWS),
    };
    this.start = k.at; // of what enters, made anew by every run
  }

  // Each slider's number: its own where the settings do not say.
  settings(given) {
    const all = {};
    for (const s of this.sliders) all[s.id] = given[s.id] ?? s.neutral;
    return all;
  }

  // Begin a run at the published state, or where another stood.
  begin(given, { tolerance, initial = {}, from = null, disturbed = 0 }) {
    const { kernel: k, told, given: g } = this;
    this.turn(given);
    const rows = k.view(g.p);
    for (const i of told.reversals) rows[i] += disturbed; // acts all the time, at every voltage
    const values = from ? from.values : this.initial(given, initial);
    k.view(g.values).set(values);
    k.view(g.y).set(values);
    const armed = from ? from.armed : values[0] < told.threshold ? 1 : 0;
    k.view(g.clock).set([from ? from.time : 0, from ? from.step : told.first_step, armed]);
    k.view(g.armed)[0] = BigInt(armed);
    k.view(g.status)[0] = 0n;
    k.view(g.ended)[0] = Infinity;
    k.view(g.taken)[0] = 0;
    k.view(g.tile).fill(1);
    k.view(g.weights).set(told.scale.map((scale) => 1 / (tolerance * scale)));
  }

  // The published state; where a drug binds, it has settled there.
  initial(given, changed = {}) {
    const settings = this.settings(given), { states, initial } = this.told;
    return states.map((name, i) => changed[name] ?? evaluate(initial[i], settings));
  }

  turn(given) {
    const settings = this.settings(given);
    const rows = this.told.rows.map((row) => evaluate(row, settings));
    this.kernel.view(this.given.p).set(rows);
  }

  // The slopes of all states at `values`, those of the tables, of a run that has entered.
  slopes(values) {
    const { kernel: k, told, given: g } = this;
    this.asked ??= {
      flat: k.flat(told.arguments, { ...g, begin: 0, end: INSTANT / 2 }),
      y: k.view(g.y), clock: k.view(g.clock), done: k.view(g.done),
      slopes: k.view(g.tile).subarray(told.slopes, told.slopes + values.length),
    };
    const { flat, y, clock, done, slopes } = this.asked;
    y.set(values);
    clock.set([0, INSTANT, 0]);
    done[0] = 0n;
    k.exports.advance(...flat);
    return slopes.slice();
  }

  // The lowest reversal of a channel that conducts, at the published concentrations [mV].
  lowestReversal(given) {
    const settings = this.settings(given), rows = this.told.rows.map((row) => evaluate(row, settings));
    const columns = [[0], ...this.initial(given).map((x) => [x])];
    const all = this.told.reversals_of.filter(({ g }) => rows[g] > 0);
    return Math.min(...all.map(({ E }) => compiled(E, this, rows, columns)(0)));
  }

  // What enters in pieces: a protocol's, and a current from `begins` to `end`.
  pieces(current, protocol, end) {
    const { told, begins } = this, n = told.inputs;
    const base = protocol ?? { starts: [0], levels: [new Array(n).fill(0)], climbs: [new Array(n).fill(0)] };
    const edges = current ? [begins, end] : [];
    const starts = [...new Set([...base.starts, ...edges])].sort((a, b) => a - b);
    const levels = [], climbs = [];
    let j = 0;
    for (const t of starts) {
      while (j + 1 < base.starts.length && base.starts[j + 1] <= t) j++;
      const since = t - base.starts[j];
      const level = base.levels[j].map((x, i) => x + since * base.climbs[j][i]);
      if (current && t >= begins && t < end) level[told.current] += current;
      levels.push(level);
      climbs.push(base.climbs[j]);
    }
    return { starts, levels: levels.flat(), climbs: climbs.flat() };
  }

  enter({ starts, levels, climbs }) {
    const { kernel: k, given: g } = this;
    k.at = this.start;
    this.asked = null;
    g.starts = k.put(starts);
    g.levels = k.put(levels);
    g.climbs = k.put(climbs);
    g.pieces = k.put([0, starts.length], "i8");
  }

  // Go on to `end`; returns the trail (time, then states), spikes and status.
  advance(begin, end, all = false) {
    const { kernel: k, told, given: g } = this, wide = told.states.length + 1;
    const keep = all ? wide : 2, chunks = [], spikes = [];
    const limit = 1e6 + 1e4 * (end - begin);
    k.view(g.done)[0] = 0n;
    let steps = 0, count = 0;
    do {
      const found = k.call("advance", told.arguments, { ...g, begin, end });
      spikes.push(...k.view(g.spike_times).subarray(0, found));
      const rows = k.view(g.trail);
      let here = rows[0];
      while (here && rows[here * wide] > end) here--; // the last step ends beyond
      const chunk = new Float64Array(keep * here);
      for (let j = 0; j < keep; j++)
        for (let i = 0; i < here; i++) chunk[j * here + i] = rows[(i + 1) * wide + j];
      chunks.push([chunk, here]);
      count += here;
      steps = k.view(g.taken)[0];
    } while (!k.view(g.done)[0] && steps < limit);
    const code = Number(k.view(g.status)[0]);
    if (!code) {
      chunks.push([Float64Array.of(end, ...k.view(g.values).subarray(0, keep - 1)), 1]);
      count++;
    }
    const columns = Array.from({ length: keep }, (_, j) => {
      const column = new Float64Array(count);
      let at = 0;
      for (const [chunk, here] of chunks) {
        column.set(chunk.subarray(j * here, (j + 1) * here), at);
        at += here;
      }
      return column;
    });
    const status = !k.view(g.done)[0] ? "step_limit" : this.statuses[code];
    return { columns, spikes: Float64Array.from(spikes), status, steps };
  }

  // The currents at each point of a trail with all states.
  currents(given, columns) {
    const settings = this.settings(given), rows = this.told.rows.map((row) => evaluate(row, settings));
    const found = {};
    for (const [name, formula] of Object.entries(this.told.currents)) {
      const at = compiled(formula, this, rows, columns);
      found[name] = Float64Array.from(columns[0], (_, i) => at(i));
    }
    return found;
  }

  // Where a gate and the voltage stand still: all other gates where they are heading at each
  // voltage, pools and what binds as in `values`. Voltage: of each v the gate's value, NaN for none.
  nullclines(given, values, gate, v, share) {
    const { told } = this, { current, steady } = told.nullclines;
    const settings = this.settings(given), rows = this.told.rows.map((row) => evaluate(row, settings));
    const n = v.length, whole = (x) => new Float64Array(n).fill(x);
    const columns = [whole(0), Float64Array.from(v), ...Array.from(values.slice(1), whole)];
    const heading = told.states.map((name, i) => {
      if (!steady[name]) return columns[i + 1];
      const at = compiled(steady[name], this, rows, columns);
      return Float64Array.from(v, (_, j) => at(j));
    });
    const own = told.states.indexOf(gate), enters = given.stimulus ?? 0;
    columns.splice(1, heading.length, ...heading);
    const still = heading[own], tried = whole(0), voltage = whole(NaN);
    columns[own + 1] = tried;
    const out = compiled(current, this, rows, columns);
    let before = null;
    for (const x of share) {
      tried.fill(x);
      const now = Float64Array.from(v, (_, j) => out(j) - enters);
      for (let j = 0; before && j < n; j++)
        if (before.now[j] < 0 !== now[j] < 0)
          voltage[j] = before.x + ((x - before.x) * before.now[j]) / (before.now[j] - now[j]);
      before = { x, now };
    }
    return { v: columns[1], still, voltage };
  }

  // Where the run stands, so that it can go on under other settings.
  standing(time) {
    const { kernel: k, given: g } = this;
    return {
      time, values: Float64Array.from(k.view(g.values)), step: k.view(g.clock)[1],
      armed: Number(k.view(g.armed)[0]),
    };
  }
}

// ---- the muscle ------------------------------------------------------------------------------
class Muscle {
  constructor(told, buffers, fused) {
    Object.assign(this, { told, fused });
    this.kernel = new Kernel(buffers[told.kernel]);
    this.base = this.kernel.at;
    this.kept = new Float64Array(told.columns);
  }

  rest() { this.kept.fill(0); }

  // Force after `from` up to `until`, every so often [ms], as a share of fused force in %.
  advance(spikes, unit, from, until, every) {
    const { kernel: k, told } = this;
    k.at = this.base;
    const rounded = 1 + 4 * Number.EPSILON;
    const first = from > 0 ? Math.floor((from / every) * rounded) + 1 : 0;
    const last = Math.floor((until / every) * rounded) + 1, count = Math.max(0, last - first);
    const state = { ...k.put(this.kept), sizes: [1, told.columns] };
    const force = { ...k.room(count), sizes: [1, count] };
    k.call("advance", told.entries.advance, {
      times: k.put(spikes), offsets: k.put([0, spikes.length], "i8"),
      stops: k.put(Array.from(spikes, (t) => Math.floor((t / every) * rounded)), "i8"),
      contraction_times: k.put([unit.contraction_time]), scales: k.put([this.fused * Math.E]),
      every, first, last, discard: 0, state, force,
    });
    this.kept.set(k.view(state));
    const percent = Float64Array.from(k.view(force), (x) => 100 * x);
    return { t: Float64Array.from({ length: count }, (_, i) => (first + i) * every), percent };
  }

  // Median over the last cycles of trough over peak, by their time (muscle.fusion).
  get fusion() {
    const { places, cycles } = this.told;
    const index = this.kept.subarray(places.fusion, places.fusion + cycles);
    const length = this.kept.subarray(places.length, places.length + cycles);
    const counted = [...length].filter((x) => x > 0).sort((a, b) => a - b), n = counted.length;
    if (!n) return NaN;
    const median = 0.5 * (counted[(n - 1) >> 1] + counted[n >> 1]);
    const order = [...index.keys()].sort((a, b) => index[a] - index[b]);
    const weights = order.map((i) => Math.min(length[i], 2 * median));
    const half = 0.5 * weights.reduce((a, b) => a + b, 0);
    let sum = 0, lower = -1, upper = -1;
    order.forEach((i, j) => {
      sum += weights[j];
      if (lower < 0 && sum >= half) lower = i;
      if (upper < 0 && sum > half) upper = i;
    });
    return 0.5 * (index[lower] + index[upper]);
  }
}

// ---- words: those of measures.verdict, chosen as there ------------------------------------------
const article = (phrase) =>
  phrase.includes("twitches") || phrase.startsWith("no ") ? phrase
    : `${"aeiou".includes(phrase[0]) ? "an" : "a"} ${phrase}`;

function firesOn(spikes, at, silence) {
  if (spikes.length < 2) return false;
  let longest = 0;
  for (let i = 1; i < spikes.length; i++) longest = Math.max(longest, spikes[i] - spikes[i - 1]);
  return at - spikes[spikes.length - 1] <= silence * longest;
}

function meanRate(spikes) {
  const n = spikes.length - 1;
  return n < 1 ? 0 : (1000 * n) / (spikes[n] - spikes[0]);
}

function judge(words, { status, spikes, fusion, duration, since, block, driven }) {
  const verdict = (firing, contraction, sustained = false, blocked = false, short = firing) =>
    ({ firing, contraction, sustained, blocked, title: short });
  if (status !== "ok") return verdict(`the run failed (${status})`, words.failed);
  const blocked = block !== null, ends = blocked ? `depolarisation block at ${block.toFixed(1)} mV` : "";
  if (since !== null) {
    const where = blocked ? `, in ${ends}` : "", after = spikes.filter((t) => t > since + words.late), six = words.six;
    if (after.length <= six)
      return verdict(`follows the stimuli and stops with them${where}`, words.with_them, false, blocked, "stops with the stimuli");
    const rate = (i) => (1000 * six) / (after[i + six] - after[i]), last = after.length - 1;
    const firing = `fires on after the stimuli, from ${rate(0).toFixed(0)} to ${rate(last - six).toFixed(0)} Hz`;
    if (firesOn(after, duration, words.silence))
      return verdict(`${firing}, to the end of the run`, `${words.outlasts} them`, true, false, "fires on");
    const lasted = ((after[last] - since) / 1000).toFixed(0);
    return verdict(`${firing}, and stops after ${lasted} s${where}`, `${words.outlasts} them and ends`, true, blocked, `fires on for ${lasted} s`);
  }
  if (!spikes.length) return verdict(blocked ? `silent, in ${ends}` : "silent", words.at_rest, false, blocked);
  if (spikes.length === 1) return verdict(blocked ? `one spike, then ${ends}` : "one spike", "single twitch", false, blocked);
  const rate = `${driven ? words.driven : words.by_itself} ${meanRate(spikes).toFixed(1)} Hz`;
  const name = (words.fusion.find(([least]) => fusion >= least) ?? [0, "no force"])[1];
  if (!firesOn(spikes, duration, words.silence)) {
    const stopped = `${rate}, and stops after ${(spikes[spikes.length - 1] / 1000).toFixed(1)} s${blocked ? ` in ${ends}` : ""}`;
    const lasts = name.endsWith("twitches") ? "that do not last" : "that does not last";
    return verdict(stopped, `${name} ${lasts}`.replace("sustained, ", ""), false, blocked);
  }
  return verdict(rate, name, fusion >= words.sustained);
}

function sentence(words, { firing, contraction }) {
  const text = contraction === words.failed ? `${firing}; ${words.no_force}.`
    : contraction === words.at_rest ? `${firing}; ${contraction}.`
    : `${firing}; the muscle gives ${article(contraction)}.`;
  return text[0].toUpperCase() + text.slice(1);
}
