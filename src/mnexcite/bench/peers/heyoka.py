"""heyoka: Taylor's method in batches, one parameter set in each lane of SIMD registers."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench import clock
from mnexcite.bench.dialects import DIALECTS
from mnexcite.bench.expressions import assignments, operands
from mnexcite.bench.peers.peer import Answer, Setting
from mnexcite.bench.pieces import Piece, pieces
from mnexcite.bench.system import System, system
from mnexcite.bench.work import Work
from mnexcite.equations.right_hand_side import error_scale

Array = NDArray[np.float64]

#: Length of the first step [ms] of each piece, where equations choose between branches: a
#: Taylor series keeps to one branch for its whole step, and a state may begin on the edge.
_LEAVING = 1e-10
#: Nearer to 0 a Taylor series of z / (1 - exp(-z)) has coefficients beyond use.
_SINGULAR = 1e-3
_CHOICES = ("where", "maximum", "minimum", "absolute")
_TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)


@dataclass(frozen=True)
class Heyoka:
    """Run `taylor_adaptive_batch` over batch after batch of parameter sets.

    Each member takes its own steps; a batch is done when its slowest member is, and sets
    come in the order given, so that neighbours are alike. One integrator serves all
    batches (parameters are run-time data). Spikes are non-terminal events of positive
    direction. A batch of 4 fills AVX registers, one of 8 those of AVX-512. What was faster
    in trials of equal error: `fast_math`, no compact mode, states divided by their scale,
    and z / (1 - exp(-z)) as it stands unless a run begins where z is 0. A branch that
    changes later is noticed at the end of its step only.
    """

    batch: int

    @property
    def name(self) -> str:
        """Name in tables."""
        return f"heyoka, batch of {self.batch}"

    def missing(self) -> str | None:
        """Return why it cannot run."""
        if importlib.util.find_spec("heyoka") is None:
            return "heyoka is not installed (pip install heyoka)"
        return None

    def settings(self) -> tuple[Setting, ...]:
        """Return tolerances."""
        return tuple(Setting(f"tol {t:g}", t, "tolerance") for t in _TOLERANCES)

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Compile the integrator of one batch."""
        import heyoka as hy  # pyright: ignore[reportMissingImports]

        s = system(work.cell, tuple(work.parameters))
        scale = error_scale(work.cell)
        stretches = pieces(work)
        trains: list[list[float]] = []

        def spike(integrator: Any, t: float, sign: int, member: int) -> None:
            trains[member].append(t)

        values = s.values(work.parameters)
        equations = _equations(s, scale, stretches, _begins_singular(s, values, stretches[0]))
        chooses = bool(operands(s.derivatives, *_CHOICES))
        event = hy.nt_event_batch(
            equations[0][0] - work.cell.spike_threshold / scale[0],
            callback=spike,
            direction=hy.event_direction.positive,
        )
        order = np.arange(-(-work.sets // self.batch) * self.batch)
        members = np.minimum(order, work.sets - 1).reshape(-1, self.batch)
        initial = np.repeat((s.initial / scale)[:, None], self.batch, axis=1)
        integrator = hy.taylor_adaptive_batch(
            equations,
            initial,
            pars=_parameters(values[:, members[0]], stretches, stretches[0]),
            tol=setting.value,
            nt_events=[event],
            fast_math=True,
        )

        def run() -> Answer:
            nonlocal trains
            found, steps = [], 0
            start = clock.now()
            for group in members:
                trains = [[] for _ in group]
                integrator.set_time(0.0)
                integrator.state[:] = initial
                for piece in stretches:
                    integrator.pars[:] = _parameters(values[:, group], stretches, piece)
                    if chooses:
                        integrator.propagate_until(piece.left + _LEAVING)
                    integrator.propagate_until(piece.right)
                    steps += sum(result[3] for result in integrator.propagate_res)
                for member in np.flatnonzero(~np.isfinite(integrator.state).all(axis=0)):
                    trains[member] = [math.nan]
                found += trains
            seconds = clock.now() - start
            kept = tuple(np.array(train) for train in found[: work.sets])
            return Answer(kept, seconds, steps)

        return run


def _begins_singular(s: System, values: Array, first: Piece) -> bool:
    """Tell whether z / (1 - exp(-z)) is 0 / 0, or nearly, in the initial state of a set."""
    known: dict[str, Any] = dict(zip(s.names, s.initial, strict=True))
    known |= dict(zip(s.parameters, values, strict=True))
    known |= dict(zip(s.injected, first.first, strict=True))
    return any(
        bool(np.any(np.abs(z.evaluate(**known)) < _SINGULAR))
        for z in operands(s.derivatives, "linoid")
    )


def _equations(
    s: System, scale: Array, stretches: list[Piece], singular: bool
) -> list[tuple[Any, Any]]:
    """Return heyoka's (variable, its derivative) of every state, divided by its scale."""
    import heyoka as hy  # pyright: ignore[reportMissingImports]

    names: dict[str, Any] = {}
    exec(DIALECTS["heyoka"].prelude, names)
    if not singular:
        names["linoid"] = lambda z: z / (1.0 - hy.exp(-z))
    variables = hy.make_vars(*s.names)
    for variable, name, size in zip(variables, s.names, scale, strict=True):
        names[name] = float(size) * variable
    for i, name in enumerate(s.parameters):
        names[name] = hy.par[i]
    names |= dict.fromkeys(s.injected, 0.0)
    for i, (kind, compartment) in enumerate(_lines(stretches), start=len(s.parameters)):
        name = s.injected[compartment]
        names[name] = names[name] + hy.par[i] * (hy.time if kind == "slope" else 1.0)
    outputs = {f"_{i}": y / float(scale[i]) for i, y in enumerate(s.derivatives)}
    for name, text in assignments(outputs, "heyoka"):
        names[name] = eval(text, names)
    return [(variable, names[f"_{i}"]) for i, variable in enumerate(variables)]


def _lines(stretches: list[Piece]) -> list[tuple[str, int]]:
    """Return which offsets and slopes of injected currents are not 0 all the time."""
    return [
        (kind, compartment)
        for kind in ("offset", "slope")
        for compartment in range(stretches[0].first.size)
        if any(getattr(piece, kind)[compartment] for piece in stretches)
    ]


def _parameters(values: Array, stretches: list[Piece], piece: Piece) -> Array:
    """Return what each member's parameters are in a piece, shape (symbols, members)."""
    lines = [getattr(piece, kind)[where] for kind, where in _lines(stretches)]
    return np.concatenate([values, np.repeat(np.array(lines)[:, None], values.shape[1], 1)])
