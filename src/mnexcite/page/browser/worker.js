// Answers to the page's messages: HANDLERS has each by its kind.

const LIVE_EVERY = 5, MAP_TOLERANCE = 1e-3;
let told = null, engine = null, live = null, queue = [], busy = false;
const stopped = new Set();

async function begin(description) {
  const names = Object.keys(description.buffers), buffers = {};
  for (const name of names) buffers[name] = await unpack(description.buffers[name]);
  const made = {};
  for (const [name, model] of Object.entries(description.models)) {
    made[name] = new Model(model, buffers, description.sliders, description.begins);
    made[name].statuses = description.statuses;
  }
  told = description;
  engine = { models: made, muscle: new Muscle(description.twitches, buffers, description.fused) };
}

// With any drug the cell is the one that has their sites.
function modelOf(settings) {
  const dosed = told.sliders.some((s) => s.kind === "drug" && settings[s.id] > 0);
  return engine.models[dosed ? "drugs" : "plain"];
}

function simulate({ settings, duration, protocol = null }, { tolerance = told.tolerance, all = false, from = null, pieces = null, disturbed = 0 } = {}) {
  const model = modelOf(settings), known = told.protocols[protocol] ?? null;
  model.begin(settings, { tolerance, initial: known?.initial, from, disturbed });
  const end = (from?.time ?? 0) + duration;
  model.enter(pieces ?? model.pieces(settings.stimulus ?? 0, known, duration));
  const run = model.advance(from?.time ?? 0, end, all);
  if (!from) {
    const at = [0, ...model.initial(settings, known?.initial)];
    run.columns = run.columns.map((column, j) => {
      const whole = new Float64Array(column.length + 1);
      whole[0] = at[j];
      whole.set(column, 1);
      return whole;
    });
  }
  return { ...run, model };
}

// Why a run ends early, and what to do.
const REASONS = {
  out_of_range: "A voltage or concentration left the range in which the cell is known, so the run stops there. Take a smaller current.",
  negative_concentration: "An ion's concentration would fall below zero, which this cell cannot describe, so the run stops there. Take a smaller current.",
  step_limit: "The cell changes too fast to be followed any further. Take a shorter run.",
};

const isDriven = ({ settings }) => (settings.stimulus ?? 0) > 0;

function conclude(said, since, status, driven) {
  const w = told.words;
  if (said.contraction === w.failed) return REASONS[status] ?? w.meaningless;
  if (said.blocked) return w.blocked;
  if (since !== null) return said.sustained ? w.goes_on : w.nothing_outlasts;
  if (said.contraction === w.at_rest) return w.nothing_fires;
  if (driven) return w.driven_fires;
  return (said.sustained ? w.not_yet : w.not_held).replace("{}", w.latch);
}

const HANDLERS = {
  run(message) {
    const start = performance.now();
    const run = simulate(message, { all: message.all });
    const unit = told.units.find((u) => u.id === message.unit) ?? told.units[0];
    const every = Math.max(1, message.duration / 10000), good = run.status === "ok";
    engine.muscle.rest();
    const force = good ? engine.muscle.advance(run.spikes, unit, 0, message.duration, every) : null;
    const ms = performance.now() - start, fusion = good ? engine.muscle.fusion : NaN;
    const since = told.protocols[message.protocol]?.since ?? null;
    const said = judge(told.words, {
      status: run.status, spikes: run.spikes, fusion, duration: message.duration, since,
      block: blockOf(message, run), driven: isDriven(message),
    });
    const [t, v] = run.columns;
    const answer = {
      status: run.status, ms, steps: run.steps, t, v, spikes: run.spikes,
      force: force && { ...force, fusion }, rate: meanRate(run.spikes), title: said.title,
      sentence: sentence(told.words, said), conclusion: conclude(said, since, run.status, isDriven(message)),
    };
    if (message.all) {
      answer.states = {};
      run.model.told.states.forEach((name, i) => { answer.states[name] = run.columns[i + 1]; });
      answer.currents = run.model.currents(message.settings, run.columns);
    }
    return answer;
  },

  sensitive(message) {
    const plain = simulate(message).spikes, { rounding, same, apart } = told.doubt;
    const others = [
      [simulate(message, { tolerance: told.tolerance / 10 }).spikes, apart, "by the tolerance"],
      ...[rounding, -rounding].map((disturbed) => [simulate(message, { disturbed }).spikes, same, "by a rounding"]),
    ];
    for (const [other, allowed, by] of others) {
      if (other.length !== plain.length)
        return { sensitive: true, says: `Here the number of spikes depends on rounding: ${plain.length} or ${other.length}, ${by}.` };
      const off = plain.reduce((most, x, i) => Math.max(most, Math.abs(x - other[i])), 0);
      if (off > allowed)
        return { sensitive: true, says: `Here spike times depend on rounding: by ${off.toFixed(1)} ms or more, ${by}.` };
    }
    return { sensitive: false, says: "" };
  },

  nullclines({ settings, values, gate, v, share }) {
    const model = modelOf(settings);
    return model.told.nullclines?.steady[gate] ? model.nullclines(settings, values, gate, v, share) : {};
  },

  async map(message) {
    const { x, y, id } = message;
    for (let row = 0; row < y.values.length; row++) {
      const rate = new Float64Array(x.values.length), fires = new Int8Array(x.values.length), says = [];
      x.values.forEach((value, i) => {
        const settings = { ...message.settings, [x.slider]: value, [y.slider]: y.values[row] };
        const { spikes, status } = simulate({ ...message, settings }, { tolerance: MAP_TOLERANCE });
        says[i] = status === "ok" ? "" : status;
        fires[i] = status !== "ok" ? -1 : firesOn(spikes, message.duration, told.words.silence) ? 1 : 0;
        rate[i] = fires[i] > 0 ? meanRate(spikes) : 0;
      });
      await new Promise((go) => setTimeout(go)); // lets `stop` be heard
      if (stopped.has(id)) return null;
      postMessage({ kind: "map", id, row, rate, fires, says, done: row === y.values.length - 1 });
    }
    return null;
  },

  live(message) {
    // the cell with the sites of all drugs, so that a drug need not begin anew
    const { settings, span, extra = 0 } = message, model = engine.models.drugs ?? engine.models.plain;
    if (message.command === "start" || !live) {
      engine.muscle.rest();
      const initial = told.protocols[message.protocol]?.initial;
      live = { from: null, initial, now: 0, muscle: Float64Array.from(engine.muscle.kept) };
      if (message.command === "start") return { status: "ok", now: 0, t: [], v: [], spikes: [], force: { t: [], percent: [] } };
    }
    const level = new Array(model.told.inputs).fill(0), begin = live.now, end = begin + span;
    level[model.told.current] = (settings.stimulus ?? 0) + extra;
    const pieces = { starts: [begin], levels: level, climbs: level.map(() => 0) };
    model.begin(settings, { tolerance: told.tolerance, from: live.from, initial: live.initial });
    model.enter(pieces);
    const { columns: [t, v], spikes, status } = model.advance(begin, end);
    const unit = told.units.find((u) => u.id === message.unit) ?? told.units[0];
    if (status !== "ok") return { status, says: REASONS[status] ?? told.words.meaningless };
    engine.muscle.kept.set(live.muscle);
    const force = engine.muscle.advance(spikes, unit, begin, end, LIVE_EVERY);
    live.muscle.set(engine.muscle.kept);
    live.from = model.standing(end);
    live.now = end;
    return { status, now: end, t, v, spikes, force };
  },

  // The first compartment held at a voltage and stepped to others: the current that holds it
  // there. A capacitance without end holds a voltage, so the kernel is the same.
  clamp({ settings, hold, levels, settle = 1000, duration }) {
    const model = modelOf(settings), { kernel: k, told: cell, given: g } = model;
    const none = { ...settings, stimulus: 0 }, found = [];
    model.begin(none, { tolerance: told.tolerance });
    model.enter(model.pieces(0, null, settle + duration));
    const held = (values) => {
      values[0] = hold;
      return { time: 0, values, step: cell.first_step, armed: 0 };
    };
    const stiff = () => { k.view(g.p)[cell.capacitance] = 0; };
    model.begin(none, { tolerance: told.tolerance, from: held(model.initial(none)) });
    stiff();
    const settled = model.advance(0, settle);
    if (settled.status !== "ok") return { status: settled.status, traces: [] };
    const standing = model.standing(settle);
    for (const level of levels) {
      const values = Float64Array.from(standing.values);
      values[0] = level;
      model.begin(none, { tolerance: told.tolerance, from: { ...standing, values, step: cell.first_step, armed: 0 } });
      stiff();
      const { columns, status } = model.advance(settle, settle + duration, true);
      const currents = model.currents(none, columns), first = cell.states[0].replace(/v$/, "");
      const i = new Float64Array(columns[0].length);
      for (const [name, one] of Object.entries(currents))
        if (name.startsWith(first)) one.forEach((x, at) => { i[at] += x; });
      const rows = cell.rows.map((row) => evaluate(row, model.settings(none)));
      for (const [row, a, b] of cell.couplings) {
        const other = a === 0 ? b : b === 0 ? a : null;
        if (other === null) continue;
        const g_c = rows[a === 0 ? row : row + 1];
        i.forEach((_, at) => { i[at] += g_c * (columns[1][at] - columns[other + 1][at]); });
      }
      found.push({ level, status, t: columns[0].map((t) => t - settle), i });
    }
    return { status: "ok", traces: found };
  },

  python: (message) => ({ text: pythonOf(message) }),
  toml: (message) => ({ text: tomlOf(message) }),
};

// ---- what one takes along -----------------------------------------------------------------
const number = (x) => (Number.isInteger(x) ? `${x}.0` : String(x));
const mapping = (pairs) => `{${pairs.map(([key, value]) => `"${key}": ${number(value)}`).join(", ")}}`;

function moved(settings) {
  const kinds = { factor: [], value: [], drug: [], stimulus: [] };
  for (const s of told.sliders) {
    const value = settings[s.id] ?? s.neutral;
    if (value !== s.neutral) kinds[s.kind].push([s.id, value]);
  }
  return kinds;
}

function pythonOf({ settings, duration, protocol = null }) {
  const kinds = moved(settings), lines = [...told.python.plain], known = told.protocols[protocol];
  for (const [id, c] of kinds.drug)
    lines.push(`cell = cell.under(mx.conditions.${id.replace(/\.c$/, "")}(${number(c)}))`);
  if (kinds.factor.length) lines.push(`cell = cell.scaled(${mapping(kinds.factor)})`);
  const values = kinds.value.filter(([id]) => id !== "temperature");
  if (values.length) lines.push(`cell = cell.replaced(${mapping(values)})`);
  const warm = kinds.value.filter(([id]) => id === "temperature");
  if (warm.length) lines.push(`cell = cell.replaced(${mapping(warm)})`);
  const stimuli = [...(known?.python ?? [])];
  for (const [, value] of kinds.stimulus)
    stimuli.push(`mx.stimuli.step(${number(value)}, unit="${told.current_unit}", start=${number(told.begins)}, duration=${number(duration - told.begins)})`);
  stimuli.forEach((s, i) => lines.push(`stimulus ${i ? "+" : ""}= ${s}`));
  const initial = Object.entries(known?.initial ?? {});
  lines.push("rec = mx.simulate(", "    cell,", ...(stimuli.length ? ["    stimulus,"] : []),
    `    duration=${number(duration)},`, `    tolerance=${told.tolerance},`,
    ...(initial.length ? [`    initial=${mapping(initial)},`] : []), ")", "print(rec.spike_times)");
  return `${lines.join("\n")}\n`;
}

function tomlOf({ settings, duration, unit = told.units[0].id }) {
  const kinds = moved(settings), lines = ["# A map around this point: mnexcite sweep map.toml", "", "[cell]", `name = "${told.cell_argument}"`];
  const axes = told.map ? [told.map.x, told.map.y] : [];
  const free = ([id]) => !axes.some((axis) => axis.slider === id);
  const fixed = kinds.factor.filter(free);
  if (fixed.length) lines.push("", "[cell.scaled]", ...fixed.map(([id, x]) => `"${id}" = ${number(x)}`));
  const values = kinds.value.filter(([id]) => id !== "temperature").filter(free);
  if (values.length) lines.push("", "[cell.replaced]", ...values.map(([id, x]) => `"${id}" = ${number(x)}`));
  const warm = kinds.value.filter(free).find(([id]) => id === "temperature");
  if (warm || kinds.drug.length) {
    lines.push("", "[conditions]");
    if (warm) lines.push(`temperature = ${number(warm[1])}`);
    if (kinds.drug.length) lines.push("", "[conditions.drugs]", ...kinds.drug.map(([id, c]) => `${id.replace(/\.c$/, "")} = ${number(c)}`));
  }
  for (const [, value] of kinds.stimulus)
    lines.push("", "[[stimulus]]", 'shape = "step"', `amplitude = ${number(value)}`, `unit = "${told.current_unit}"`, `start = ${number(told.begins)}`);
  const named = (id) => (told.sliders.find((s) => s.id === id).kind === "factor" ? `${id}:factor` : id);
  lines.push("", "[axes]", ...axes.map((axis) => `"${named(axis.slider)}" = ${axis.values ? `[${axis.values.map(number).join(", ")}]` : `{ from = ${axis.low}, to = ${axis.high}, n = ${told.map.n} }`}`));
  lines.push("", "[run]", `duration = ${number(duration)}`, "", "[muscle]", `unit = "${unit}"`, "", "[sweep]", 'measures = ["rate", "cv", "phase", "force"]');
  return `${lines.join("\n")}\n`;
}

// ---- messages -------------------------------------------------------------------------------
// Arrays go to the page as they are, without a copy.
function buffersOf(x, found = new Set()) {
  if (ArrayBuffer.isView(x)) found.add(x.buffer);
  else if (x && typeof x === "object") for (const part of Object.values(x)) buffersOf(part, found);
  return found;
}

async function answer(message) {
  try {
    if (message.kind === "begin") {
      await begin(message.description);
      postMessage({ kind: "begin", id: message.id });
      return;
    }
    const found = await HANDLERS[message.kind](message);
    if (found) {
      const answered = { kind: message.kind, id: message.id, tag: message.tag, ...found };
      postMessage(answered, [...buffersOf(answered)]);
    }
  } catch (error) {
    postMessage({ kind: "error", id: message.id, message: `The page could not compute this: ${error.message}` });
  }
}

async function work() {
  if (busy) return;
  busy = true;
  while (queue.length) {
    await answer(queue.shift());
    await new Promise((go) => setTimeout(go)); // messages that came meanwhile are heard first
  }
  busy = false;
}

self.onmessage = ({ data }) => {
  if (data.kind === "stop") { stopped.add(data.id); return; }
  // a run that waits behind a newer one for the same place is dropped
  if (data.kind === "run") queue = queue.filter((m) => m.kind !== "run" || m.tag !== data.tag);
  queue.push(data);
  work();
};
