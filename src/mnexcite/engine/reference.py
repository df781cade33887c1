"""The slow, obvious oracle: untabulated functions and SciPy's solvers at tight tolerance.

Two solvers of different families, so that one can judge the other: DOP853, explicit and of
order 8, and Radau IIA, implicit and of order 5, for what is too stiff for the first. Beside an
equilibrium that is not stable the estimated error of a step tells nothing, so no step is longer
than what grows or turns there allows: the eigenvalues of the Jacobian say how long that is.

The oracle also runs voltage clamp, where a compartment's voltage is given.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.channels import Synapse
from mnexcite.channels.axes import VOLTAGE
from mnexcite.engine import status
from mnexcite.engine.batch import STEP_LIMIT, Control, Job, Outcome
from mnexcite.equations.lower import lane_cell
from mnexcite.equations.right_hand_side import Equations, finite
from mnexcite.spikes import SpikeTrains
from mnexcite.stimuli import Drive, Waveform
from mnexcite.stimuli.drive import Commands
from mnexcite.stimuli.events import Train

Array = NDArray[np.float64]
Dense = Callable[[float], Array]
Slope = Callable[[float, Array], Array]
Knot = tuple[float, float, float]  # time, voltage and its slope at an end of a step

MAX_STEP = 1.0  # ms; a pause must not let the solver step over a spike
#: Beyond this rate [1/ms] an explicit method only crawls, and the implicit one goes on.
STIFF = 1000.0
#: The Jacobian is looked at every so many steps, if one was longer than that [ms].
LOOKS, SHORT = 4, 0.05
#: A mode is followed that far in a step, |h lambda|, if it decays more slowly than it turns.
REACH = 0.5


class Reference:
    """Hold some lanes (a chunk) of a job where they stand, and take them further, one by one.

    `values` are the batch's changed parameters; `clamp` says where a voltage is held, and at
    what. Each stretch starts its solver anew.
    """

    def __init__(
        self,
        values: dict[str, Array],
        clamp: Commands | None,
        chunk: slice,
    ) -> None:
        self.values, self.clamp = values, clamp
        self.lanes = np.arange(chunk.start, chunk.stop)
        self.last: Outcome | None = None

    def advance(self, job: Job, control: Control) -> Outcome:
        """Integrate from the job's start, where the lanes stand, to its end."""
        if self.last is not None:
            job = self._from_here(job, self.last)
        runs = [self._lane(job, int(lane), control) for lane in self.lanes]
        samples = np.stack([run[1] for run in runs], axis=-1)
        last = np.stack([run[2] for run in runs], axis=-1)
        self.last = Outcome(
            SpikeTrains.found([run[0] for run in runs]),
            samples,
            last,
            last.copy(),
            np.array([run[3] for run in runs], np.int64),
            np.array([run[4] for run in runs], np.int64),
            np.array([run[5] for run in runs]),
            np.array([run[6] for run in runs]),
            np.array([run[7] for run in runs], np.int64),
        )
        return self.last

    def _from_here(self, job: Job, last: Outcome) -> Job:
        values, armed, codes = job.values.copy(), job.armed.copy(), job.status.copy()
        values[:, self.lanes], armed[self.lanes] = last.values, last.armed
        codes[self.lanes] = last.status
        return replace(job, values=values, armed=armed, status=codes)

    def _lane(
        self, job: Job, lane: int, control: Control
    ) -> tuple[Array, Array, Array, int, int, float, float, int]:
        equations = Equations(lane_cell(job.lanes.cell, self.values, lane))
        clamp = None if self.clamp is None else (self.clamp.compartment, self.clamp.of(lane))
        solver = _Solver(equations, job, lane, clamp, control)
        with np.errstate(all="ignore"):
            solver.run()
        return solver.result()


#: Which of SciPy's solvers is behind which method.
SOLVERS = {"reference": "DOP853", "reference_radau": "Radau"}


class _Dense:
    """A step's interpolant, made when it is first asked for: it costs evaluations."""

    def __init__(self, solver: Any) -> None:
        self.solver, self.made = solver, None

    def __call__(self, t: float) -> Array:
        """Return the state at `t` within the last step."""
        if self.made is None:
            self.made = self.solver.dense_output()
        return self.made(t)


class _Solver:
    def __init__(
        self,
        equations: Equations,
        job: Job,
        lane: int,
        clamp: tuple[int, Waveform] | None,
        control: Control,
    ) -> None:
        self.equations, self.job, self.clamp, self.control = equations, job, clamp, control
        self.drive = job.drives[job.drive_of[lane]]
        # the window's lines, by compartment
        self.lines, self.leaks = (
            [None if each is None else each.between(job.start, job.end) for each in signals]
            for signals in (self.drive.currents, self.drive.conductances)
        )
        self.synapses = _synapses(equations.cell, self.drive)
        # where every voltage is given nothing can grow, and no spike be stepped over
        self.free = clamp is None or equations.compartments > 1
        self.start, self.end = job.start, job.end
        self.y = np.array(job.values[:, lane])
        self.armed = bool(job.armed[lane])
        self.code = int(job.status[lane])
        self.ended = np.inf if self.code == 0 else self.start
        self.spikes: list[float] = []
        self.times = job.times
        self.samples = np.full((len(self.times), job.recorded.size), np.nan)
        self.taken, self.steps, self.long = 0, 0, 0.0
        self.floors = job.floors
        self.solver = SOLVERS[job.method.name]

    def run(self) -> None:
        edges = self._edges()
        for left, right in itertools.pairwise(edges):
            if self.code == 0 and right > left:
                self._piece(left, right)
                self.control.add(right - left)

    def result(self) -> tuple[Array, Array, Array, int, int, float, float, int]:
        return (
            np.array(self.spikes),
            self.samples,
            self.y,
            int(self.armed),
            self.code,
            self.ended,
            self.ended if self.code == status.CODES["interrupted"] else self.end,
            self.steps,
        )

    def _edges(self) -> list[float]:
        """Return the times between which the drive is smooth."""
        waveforms = [w for w in (*self.lines, *self.leaks) if w is not None]
        if self.clamp is not None:
            waveforms.append(self.clamp[1])
        every = [w.breaks for w in waveforms] + [train.times for _, _, train in self.synapses]
        inner = {t for times in every for t in times.tolist() if self.start < t < self.end}
        return [self.start, *sorted(inner), self.end]

    def _piece(self, left: float, right: float) -> None:
        # within a piece a drive is a straight line, and what events opened fades
        entering = _lines(self.lines, left)
        leaking = _lines(self.leaks, left) if any(self.leaks) else None
        synapses = [(*each, each[2].open(np.array([left]))) for each in self.synapses]
        clamped, slope = None, 0.0
        if self.clamp is not None:
            clamped, slope = self.clamp[0], float(self.clamp[1].slope(left))
            self.y[clamped] = float(self.clamp[1].at(left))

        at_left, growth = entering
        moving = growth.any()

        def derivative(t: float, y: Array) -> Array:
            drive = at_left + growth * (t - left) if moving else at_left
            if leaking is None and not synapses:
                dy = self.equations.derivative(y, drive)
            else:
                drive, leak = drive.copy(), np.zeros(at_left.size)
                if leaking is not None:
                    leak += leaking[0] + leaking[1] * (t - left)
                for k, synapse, _, (slow, fast) in synapses:
                    s = slow[0] * math.exp((left - t) / synapse.decay)
                    if synapse.rise:
                        s -= fast[0] * math.exp((left - t) / synapse.rise)
                    leak[k] += synapse.g * s
                    drive[k] += synapse.g * s * synapse.E
                dy = self.equations.derivative(y, drive, leak)
            if clamped is not None:
                dy[clamped] = slope
            return dy

        self._take(left, lambda t: self.y)
        start = left
        while start < right and not self.code:
            start = self._stretch(derivative, start, right, detect=clamped != 0)

    def _stretch(self, derivative: Slope, left: float, right: float, detect: bool) -> float:
        """Integrate until `right`, or until the cell has become too stiff; return the time."""
        from scipy import integrate

        assert self.job.tolerance is not None
        solver = getattr(integrate, self.solver)(
            derivative,
            left,
            self.y,
            right,
            rtol=self.job.tolerance,
            atol=self.job.tolerance * self.job.scale,
            max_step=MAX_STEP if self.free else np.inf,
        )
        while solver.status == "running":
            t, before = solver.t, np.array(solver.y)
            looked_at = self.free and self.steps % LOOKS == 0
            if looked_at and (self.steps % LOOKS**3 == 0 or self.long > SHORT):
                solver.max_step, rate = self._longest(derivative, t, before)
                if rate > STIFF and self.solver == "DOP853":
                    self.solver, self.y = "Radau", before
                    return t
            slope = solver.f[0]
            message = solver.step()
            self.steps += 1
            self.long = solver.t - t
            failed = self._failed(solver.t, solver.y, message)
            if message is None and finite(solver.y):
                dense = _Dense(solver)
                if detect:
                    ends = (t, before[0], slope), (solver.t, solver.y[0], solver.f[0])
                    self._detect(*ends, dense)
                self._take(solver.t, dense, before=right)
            if failed:
                return solver.t
        self.y = np.array(solver.y)
        return right

    def _longest(self, derivative: Slope, t: float, y: Array) -> tuple[float, float]:
        """Return the longest step that follows what turns at `y`, and the fastest rate."""
        nudge = 1e-7 * self.job.scale
        above, below = (derivative(t, (y + sign * np.diag(nudge)).T) for sign in (1.0, -1.0))
        jacobian = (above - below) / (2.0 * nudge)
        if not np.isfinite(jacobian).all():
            return MAX_STEP, 0.0
        modes = np.linalg.eigvals(jacobian)
        followed = np.abs(modes[modes.real > -np.abs(modes.imag)])
        longest = REACH / max(float(followed.max(initial=0.0)), REACH / MAX_STEP)
        return longest, float(np.abs(modes).max())

    def _failed(self, t: float, y: Array, message: str | None) -> bool:
        voltages = y[: self.equations.compartments]
        if message is not None or not finite(y):
            self.code = status.CODES["non_finite"]
        elif np.any(voltages < VOLTAGE.lowest) or np.any(voltages > VOLTAGE.highest):
            self.code = status.CODES["out_of_range"]
        elif np.any(y[self.equations.compartments :][: self.floors.size] < self.floors):
            self.code = status.CODES["negative_concentration"]
        elif self.steps > STEP_LIMIT[0] + STEP_LIMIT[1] * (t - self.start):
            self.code = status.CODES["step_limit"]
        elif self.control.stop.is_set():
            self.code = status.CODES["interrupted"]
        if self.code:
            self.ended = t
            self.y = np.array(y)
        return bool(self.code)

    def _detect(self, start: Knot, end: Knot, dense: Dense) -> None:
        """Find a spike between a step's ends, also one whose peak lies between them."""
        from scipy.optimize import brentq

        threshold = self.equations.cell.spike_threshold
        (t0, v0, _), (t1, v1, _) = start, end
        peak = (t1, v1)
        if self.armed and _may_peak(start, end, threshold):
            peak = _summit(t0, t1, dense)
        if self.armed and v0 < threshold <= peak[1]:
            above = [dense(t)[0] >= threshold for t in (t0, peak[0])]
            if above == [False, True]:
                crossing = brentq(lambda t: dense(t)[0] - threshold, t0, peak[0], xtol=1e-10)
            else:  # at an end, where the interpolant is a rounding off
                crossing = t0 if above[0] else peak[0]
            self.spikes.append(float(crossing))  # type: ignore[arg-type]
            self.armed = False
        if v1 < threshold - 10.0:
            self.armed = True

    def _take(self, t: float, state: Dense, before: float = np.inf) -> None:
        """Take the samples up to t, and leave one at a jump to what comes after it."""
        until = min(bisect.bisect_right(self.times, t), bisect.bisect_left(self.times, before))
        for index in range(self.taken, until):
            self.samples[index] = state(self.times[index])[self.job.recorded]
        self.taken = max(self.taken, until)


def _synapses(cell: Cell, drive: Drive) -> list[tuple[int, Synapse, Train]]:
    """Return the synapses that events open, each with its compartment (index)."""
    owners = [(k, s) for k, c in enumerate(cell.compartments) for s in c.synapses]
    return [
        (k, synapse, train)
        for (k, synapse), train in zip(owners, drive.trains, strict=True)
        if train is not None
    ]


def _lines(waveforms: Sequence[Waveform | None], t: float) -> tuple[Array, Array]:
    """Return value and slope at `t` in each compartment."""
    found = [
        (0.0, 0.0) if w is None else (float(w.at(t)), float(w.slope(t))) for w in waveforms
    ]
    values, slopes = np.array(found).T
    return values, slopes


def _may_peak(start: Knot, end: Knot, threshold: float) -> bool:
    """Tell whether a voltage below the threshold at both ends may reach it between them."""
    (t0, v0, s0), (t1, v1, s1) = start, end
    if not (max(v0, v1) < threshold and s0 > 0.0 > s1):
        return False
    # no curve that bends one way is higher than where the tangents at its ends meet
    meeting = (v1 - v0 + (s0 * t0 - s1 * t1)) / (s0 - s1)
    return v0 + s0 * (meeting - t0) >= threshold


def _summit(t0: float, t1: float, dense: Dense) -> tuple[float, float]:
    """Return time and height of the voltage's peak within a step."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda t: -dense(t)[0], bounds=(t0, t1), method="bounded", options={"xatol": 1e-10}
    )
    return float(found.x), -float(found.fun)
