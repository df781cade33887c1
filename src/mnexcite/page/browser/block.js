// ---- depolarisation block, by the rule of measures.phase ----------------------------------------
// The slopes are the kernel's own, so that nothing of a cell stands here.
const INSTANT = 1e-6; // ms, of a step that is taken for its slopes
const APART = 1e-5; // of a state's scale, to both sides
const STUCK = 1e-12; // 1/ms, decay of a pool that nothing moves
const SPEED = 0.7311; // 1/ms, where the transform of `grows` has its middle
const SQUARED = 40; // times: a mode that grows by 1e-10 per ms is seen

// Solve m x = columns in place by Gauss; m is rows of a square matrix, followed by the columns.
function solved(m, n) {
  for (let i = 0; i < n; i++) {
    let best = i;
    for (let j = i + 1; j < n; j++) if (Math.abs(m[j][i]) > Math.abs(m[best][i])) best = j;
    [m[i], m[best]] = [m[best], m[i]];
    const own = m[i], pivot = own[i];
    for (let j = 0; j < n; j++) {
      if (j === i || !m[j][i]) continue;
      const factor = m[j][i] / pivot, row = m[j];
      for (let c = i; c < own.length; c++) row[c] -= factor * own[c];
    }
  }
  return m.map((row, i) => row.slice(n).map((x) => x / row[i]));
}

// Whether a mode of y' = m y grows: |(s + m) / (s - m)| > 1 for an eigenvalue, if squared on and on.
function grows(m) {
  const n = m.length, one = (i, j) => (i === j ? SPEED : 0);
  const above = m.map((row, i) => [...row.map((x, j) => one(i, j) - x), ...row.map((x, j) => one(i, j) + x)]);
  let c = Float64Array.from(solved(above, n).flat()), size = 0;
  for (let round = 0; round < SQUARED; round++) {
    const next = new Float64Array(n * n);
    size = 0;
    for (let i = 0; i < n * n; i += n) {
      for (let k = 0; k < n; k++) {
        const x = c[i + k];
        if (x) for (let j = 0; j < n; j++) next[i + j] += x * c[k * n + j];
      }
      for (let j = i; j < i + n; j++) size = Math.max(size, Math.abs(next[j]));
    }
    if (!(size < 1e100)) return true;
    if (n * size < 1) return false; // a power that shrinks all
    c = next;
  }
  return size > 1e6; // near 1: neither grows nor fades
}

// d y' / d y of a run that has begun, by differences to both sides.
function jacobianOf(model, values) {
  const n = values.length, found = Array.from({ length: n }, () => new Array(n));
  for (let j = 0; j < n; j++) {
    const apart = APART * model.told.scale[j], y = Float64Array.from(values);
    y[j] = values[j] + apart;
    const above = model.slopes(y);
    y[j] = values[j] - apart;
    const below = model.slopes(y);
    for (let i = 0; i < n; i++) found[i][j] = (above[i] - below[i]) / (2 * apart);
  }
  return found;
}

// Let all but the first voltage settle, by Newton's method; null where there is no such state.
function settledAt(model, values, jacobian) {
  const n = values.length, y = Float64Array.from(values), { scale } = model.told;
  let slopes = jacobian;
  for (let round = 0; round < 50; round++) {
    const f = model.slopes(y);
    const rows = slopes.slice(1).map((row, i) => [
      ...row.slice(1).map((x, j) => (i === j ? x - STUCK : x)), -f[i + 1],
    ]);
    const step = solved(rows, n - 1);
    let most = 0;
    step.forEach(([x], i) => {
      y[i + 1] += x;
      most = Math.max(most, Math.abs(x / scale[i + 1]));
    });
    if (!(most < 1e6)) return null;
    if (most < 1e-9) return y;
    if (round % 5 === 4) slopes = jacobianOf(model, y);
  }
  return null;
}

// Whether the cell is unstable at a voltage below `v`, held there by whatever current.
function beyondInstability(model, settings, v, standing) {
  model.begin(settings, { tolerance: told.tolerance });
  model.enter(model.pieces(0, null, 1));
  const lowest = model.lowestReversal(settings);
  let y = standing, slopes = jacobianOf(model, y);
  for (let at = Math.ceil(v) - 1; at >= lowest; at--) {
    y = Float64Array.from(y);
    y[0] = at;
    y = settledAt(model, y, slopes);
    if (!y) return false;
    slopes = jacobianOf(model, y);
    if (grows(slopes)) return true;
  }
  return false;
}

// How often a voltage rises by so much.
function swings(v, from, rise) {
  let low = v[from], high = v[from], up = false, count = 0;
  for (let i = from; i < v.length; i++) {
    if (up) {
      high = Math.max(high, v[i]);
      if (v[i] < high - rise) { up = false; low = v[i]; }
    } else {
      low = Math.min(low, v[i]);
      if (v[i] > low + rise) { up = true; high = v[i]; count++; }
    }
  }
  return count;
}

// The voltage at which a run ends in depolarisation block, null if it does not.
function blockOf({ settings, duration }, run) {
  if (run.status !== "ok" || firesOn(run.spikes, duration, told.words.silence)) return null;
  const [t, v] = run.columns, { swing, few } = told.block;
  const last = run.spikes.length ? run.spikes[run.spikes.length - 1] : 0;
  const from = t.findIndex((x) => x >= 0.5 * (last + duration));
  if (swings(v, from, swing) >= few) return null;
  const lowest = v.subarray(from).reduce((least, x) => Math.min(least, x), Infinity);
  const standing = run.model.standing(duration).values;
  return beyondInstability(run.model, settings, lowest, standing) ? v[v.length - 1] : null;
}
