"""The slow, obvious oracle: untabulated functions and SciPy's LSODA at tight tolerance.

It also runs voltage clamp, where a compartment's voltage is given.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mnexcite.channels.axes import VOLTAGE
from mnexcite.engine import status
from mnexcite.engine.batch import STEP_LIMIT, Control, Job, Outcome
from mnexcite.engine.equations import Equations, finite
from mnexcite.engine.lower import lane_cell
from mnexcite.stimuli import Waveform

Array = NDArray[np.float64]
Dense = Callable[[float], Array]

TOLERANCE = 1e-9
MAX_STEP = 2.0  # ms; a pause must not let the solver step over a spike


class Reference:
    """Integrate lanes one by one; the `Worker` of the reference method.

    `values` are the batch's changed parameters; `clamp` is (compartment index, command)
    of a voltage clamp.
    """

    def __init__(
        self, values: dict[str, Array], clamp: tuple[int, Waveform] | None = None
    ) -> None:
        self.values, self.clamp = values, clamp

    def __call__(self, job: Job, chunk: slice, control: Control) -> Outcome:
        """Return the outcome of a chunk of lanes."""
        lanes = range(chunk.start, chunk.stop)
        runs = [self._lane(job, lane, control) for lane in lanes]
        samples = np.stack([run[1] for run in runs], axis=-1)
        last = np.stack([run[2] for run in runs], axis=-1)
        return Outcome(
            [run[0] for run in runs],
            samples,
            last,
            last.copy(),
            np.array([run[3] for run in runs], np.int64),
            np.array([run[4] for run in runs], np.int64),
            np.array([run[5] for run in runs]),
            np.array([run[6] for run in runs]),
            np.array([run[7] for run in runs], np.int64),
        )

    def _lane(
        self, job: Job, lane: int, control: Control
    ) -> tuple[Array, Array, Array, int, int, float, float, int]:
        equations = Equations(lane_cell(job.lanes.cell, self.values, lane))
        solver = _Solver(equations, job, lane, self.clamp, control)
        with np.errstate(all="ignore"):
            solver.run()
        return solver.result()


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
        self.waveforms = job.waveforms[job.drive_of[lane]]
        self.start, self.end = job.start, job.end
        self.y = np.array(job.values[:, lane])
        self.armed = bool(job.armed[lane])
        self.code = int(job.status[lane])
        self.ended = np.inf if self.code == 0 else self.start
        self.spikes: list[float] = []
        self.times = job.times
        self.samples = np.full((len(self.times), job.recorded.size), np.nan)
        self.taken, self.steps = 0, 0

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
            self.ended if self.code == _INTERRUPTED else self.end,
            self.steps,
        )

    def _edges(self) -> list[float]:
        """Return the times between which the drive is smooth."""
        waveforms = [w for w in self.waveforms if w is not None]
        if self.clamp is not None:
            waveforms.append(self.clamp[1])
        inner = {t for w in waveforms for t in w.breaks.tolist() if self.start < t < self.end}
        return [self.start, *sorted(inner), self.end]

    def _piece(self, left: float, right: float) -> None:
        from scipy.integrate import LSODA

        lines = []  # the drive is a straight line within a piece
        for waveform in self.waveforms:
            if waveform is None:
                lines.append((0.0, 0.0))
            else:
                lines.append((float(waveform.at(left)), float(waveform.slope(left))))
        clamped, slope = None, 0.0
        if self.clamp is not None:
            clamped, slope = self.clamp[0], float(self.clamp[1].slope(left))
            self.y[clamped] = float(self.clamp[1].at(left))

        def derivative(t: float, y: Array) -> Array:
            dy = self.equations.derivative(y, [a + b * (t - left) for a, b in lines])
            if clamped is not None:
                dy[clamped] = slope
            return dy

        self._take(left, lambda t: self.y)
        solver = LSODA(
            derivative,
            left,
            self.y,
            right,
            rtol=TOLERANCE,
            atol=TOLERANCE * self.job.scale,  # pyright: ignore[reportArgumentType]
            max_step=MAX_STEP,
        )
        while solver.status == "running":
            t, before = solver.t, np.array(solver.y)
            message = solver.step()
            self.steps += 1
            failed = self._failed(solver.t, solver.y, message)
            if message is None and finite(solver.y):
                dense = solver.dense_output()
                if clamped != 0:
                    self._detect(t, solver.t, before[0], solver.y[0], dense)
                self._take(solver.t, dense, before=right)
            if failed:
                return
        self.y = np.array(solver.y)

    def _failed(self, t: float, y: Array, message: str | None) -> bool:
        voltages = y[: self.equations.compartments]
        if message is not None or not finite(y):
            self.code = _CODE["non_finite"]
        elif np.any(voltages < VOLTAGE.lowest) or np.any(voltages > VOLTAGE.highest):
            self.code = _CODE["out_of_range"]
        elif self.steps > STEP_LIMIT[0] + STEP_LIMIT[1] * (t - self.start):
            self.code = _CODE["step_limit"]
        elif self.control.stop.is_set():
            self.code = _INTERRUPTED
        if self.code:
            self.ended = t
            self.y = np.array(y)
        return bool(self.code)

    def _detect(self, t0: float, t1: float, v0: float, v1: float, dense: Dense) -> None:
        from scipy.optimize import brentq

        threshold = self.equations.cell.spike_threshold
        if self.armed and v0 < threshold <= v1:
            above = [dense(t)[0] >= threshold for t in (t0, t1)]
            if above == [False, True]:
                crossing = brentq(lambda t: dense(t)[0] - threshold, t0, t1, xtol=1e-10)
            else:  # at an end, where the interpolant is a rounding off
                crossing = t0 if above[0] else t1
            self.spikes.append(float(crossing))  # type: ignore[arg-type]
            self.armed = False
        elif v1 < threshold - 10.0:
            self.armed = True

    def _take(self, t: float, state: Dense, before: float = np.inf) -> None:
        """Take the samples up to t, and leave one at a jump to what comes after it."""
        until = min(bisect.bisect_right(self.times, t), bisect.bisect_left(self.times, before))
        for index in range(self.taken, until):
            self.samples[index] = state(self.times[index])[self.job.recorded]
        self.taken = max(self.taken, until)


_CODE = {name: entry.code for name, entry in status.BY_NAME.items()}
_INTERRUPTED = _CODE["interrupted"]
