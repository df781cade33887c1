"""Families of voltage-clamp steps, and what an experimenter reads off them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell
from mnexcite.cells.compartment import find_compartment
from mnexcite.cells.paths import join
from mnexcite.channels import Channel
from mnexcite.equations import gate_curves
from mnexcite.errors import InputError, array, checked, did_you_mean, number, shown
from mnexcite.errors.display import counted, statuses
from mnexcite.simulation import Batch, simulate
from mnexcite.stimuli import voltage_clamp

Array = NDArray[np.float64]

#: Time at the holding voltage after the steps, in which tail currents are seen [ms].
TAIL = 5.0
#: What each status of a `BoltzmannFit` means.
FIT_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "ok": "the fit converged",
        "too_few": "fewer than three levels, or no conductance at any: nothing to fit",
        "no_fit": "no Boltzmann curve was found; give levels from shut to open",
    }
)


@dataclass(frozen=True, eq=False)
class ClampFamily:
    """Hold the currents of one cell under steps to several levels.

    Attributes
    ----------
    levels
        Voltage of each step [mV], shape (levels,).
    holding, start, duration
        Voltage before and after [mV]; when the step begins and how long it is [ms].
    test, test_duration
        Level of the test step that follows at once [mV], None for none, and its length [ms].
    t, v, current
        Sample times [ms], and command [mV] and current [`unit`], outward positive, of each
        level, shape (levels, n).
    conductance
        Open conductance [`conductance_unit`], shape (levels, n); None where the current is that
        of the whole membrane or of no ohmic channel.
    channel
        Whose current it is, None for all together: what the amplifier injects.
    status
        How the run of each level ended.
    """

    cell: Cell
    levels: Array
    holding: float
    start: float
    duration: float
    test: float | None
    test_duration: float
    t: Array
    v: Array
    current: Array
    conductance: Array | None
    channel: str | None
    unit: str
    conductance_unit: str
    status: tuple[str, ...]

    def __repr__(self) -> str:
        of = "all currents" if self.channel is None else self.channel
        return (
            f"ClampFamily({self.cell.name}: {of} at {counted(self.levels.size, 'level')} from "
            f"{self.holding:g} mV; {statuses(self.status)})"
        )

    @property
    def peak(self) -> Array:
        """Largest current in the step, in size, with its sign, shape (levels,)."""
        inside = self.current[:, self._within(of_test=False)]
        return inside[np.arange(len(inside)), np.abs(inside).argmax(axis=1)]

    @property
    def inward(self) -> Array:
        """Largest inward current in the step, its lowest sample, shape (levels,)."""
        return self.current[:, self._within(of_test=False)].min(axis=1)

    @property
    def steady(self) -> Array:
        """Current at the end of the step, its last sample, shape (levels,)."""
        return self.current[:, self._within(of_test=False)][:, -1]

    def peak_conductance(self, *, of_test: bool = False) -> Array:
        """Return the largest open conductance in the step, or in the test, shape (levels,).

        Raises
        ------
        InputError
            If the family has no conductance, or no test.
        """
        if self.conductance is None:
            raise InputError(
                "the family is of all currents together, which have no one conductance; give "
                "clamp_family channel='Na', an ohmic channel"
            )
        if of_test and self.test is None:
            raise InputError("the family has no test step; give clamp_family test=0.0 [mV]")
        return self.conductance[:, self._within(of_test=of_test)].max(axis=1)

    def _within(self, *, of_test: bool) -> NDArray[np.bool_]:
        middle = self.start + self.duration
        first, last = (middle, middle + self.test_duration) if of_test else (self.start, middle)
        return (self.t >= first) & (self.t < last)


@dataclass(frozen=True, eq=False)
class BoltzmannFit:
    """Hold shares of the largest conductance over voltage, and the curve through them.

    Attributes
    ----------
    v, share
        Levels [mV] and shares, 0 to 1, shape (levels,).
    half, slope
        Of 1 / (1 + exp(-(v - half) / slope)) by least squares [mV]; the slope is below 0 for an
        inactivation. NaN where the status is not `ok`.
    misfit
        Largest distance of a share from the curve.
    status
        One of `FIT_STATUSES`.
    """

    v: Array
    share: Array
    half: float
    slope: float
    misfit: float
    status: str

    def at(self, v: ArrayLike) -> Array:
        """Return the curve at voltages `v` [mV]."""
        return _boltzmann(np.asarray(v, dtype=float), self.half, self.slope)


@checked
def clamp_family(
    cell: Cell,
    levels: ArrayLike,
    *,
    holding: float = -80.0,
    start: float = 5.0,
    duration: float = 20.0,
    test: float | None = None,
    test_duration: float = 10.0,
    channel: str | None = None,
    compartment: str | None = None,
    every: float = 0.02,
    tolerance: float = 1e-8,
) -> ClampFamily:
    """Clamp a cell to several levels, one run each, all in one batch.

    The gates of the clamped compartment begin where the holding voltage has them, as after a
    long time there; concentrations begin at the published state.

    Parameters
    ----------
    cell
        The cell.
    levels
        Voltages of the steps [mV], shape (levels,).
    holding
        Voltage before and after [mV].
    start, duration
        When the step begins and how long it is [ms].
    test, test_duration
        Level of a second step that follows at once [mV], and its length [ms]: the first one
        then conditions. None for none.
    channel
        Whose current and conductance to take, as a blocker would by subtraction; by default
        all currents together.
    compartment
        The clamped compartment; the first one by default.
    every
        Interval of samples [ms]: a peak is the largest sample.
    tolerance
        Of the reference method, which runs voltage clamp.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from mnexcite import cells
    >>> squid = cells.hodgkin_huxley_1952()
    >>> family = clamp_family(squid, [-20.0, 20.0], holding=-65.0, channel="Na", every=0.1)
    >>> family.peak.round(-1).tolist()
    [-1240.0, -1110.0]
    """
    levels = array("levels", levels, "voltages in mV, one or more", least=1, unit="mV")
    start = number("start", start, "above 0", above=0.0, unit="ms")
    duration = number("duration", duration, "above 0", above=0.0, unit="ms")
    test_duration = number("test_duration", test_duration, "above 0", above=0.0, unit="ms")
    number(
        "every",
        every,
        "above 0 and at most the shorter step",
        above=0.0,
        highest=min(duration, test_duration),
        unit="ms",
    )
    more = [] if test is None else [(start + duration, test_duration, test)]
    where = find_compartment(cell, compartment)
    known = {c.name: c for c in where.channels}
    if channel is not None and channel not in known:
        raise InputError(f"channel is {shown(channel)}; {did_you_mean(channel, known)}")
    current = "clamp.i" if channel is None else join(cell, where, channel, "i")
    names = {"v": join(cell, where, "v"), "i": current}
    if channel is not None and isinstance(known[channel], Channel):
        names["g"] = join(cell, where, channel, "g_open")
    clamps = [
        voltage_clamp(holding, (start, duration, level), *more, compartment=compartment)
        for level in levels.tolist()
    ]
    end = start + duration + (0.0 if test is None else test_duration) + TAIL
    batch = simulate(
        cell,
        clamps,
        duration=end,
        record=tuple(names.values()),
        every=every,
        tolerance=tolerance,
        initial=held_gates(cell, holding, where.name),
    )
    assert isinstance(batch, Batch)
    return ClampFamily(
        cell,
        levels,
        holding,
        start,
        duration,
        test,
        test_duration,
        batch.t,
        np.asarray(batch[names["v"]]),
        np.asarray(batch[names["i"]]),
        np.asarray(batch[names["g"]]) if "g" in names else None,
        channel,
        cell.units["i"],
        cell.units["g"],
        batch.status,
    )


def held_gates(cell: Cell, holding: float, compartment: str) -> dict[str, float]:
    """Return path -> opening of the gates of a compartment after a long time at `holding`."""
    prefix = "" if len(cell.compartments) == 1 else f"{compartment}."
    return {
        path: float(inf[0])
        for path, (inf, _) in gate_curves(cell, [holding]).items()
        if path in cell.initial and path.startswith(prefix)
    }


@checked
def activation(family: ClampFamily) -> BoltzmannFit:
    """Fit a Boltzmann curve to the peak conductances in the steps of a family.

    Each is divided by the largest of all; for an ohmic channel the conductance is the current
    over the driving force, I / (V - E). Levels should reach from where nothing opens to
    where all does.

    Raises
    ------
    InputError
        If the family is not of one ohmic channel.

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite import cells
    >>> squid = cells.hodgkin_huxley_1952()
    >>> levels = np.arange(-70.0, 31.0, 20.0)
    >>> steps = clamp_family(squid, levels, channel="Na", duration=5.0, every=0.1)
    >>> fit = activation(steps)
    >>> round(fit.half), round(fit.slope), fit.status
    (-15, 13, 'ok')
    """
    return fitted(family.levels, family.peak_conductance(), 5.0)


@checked
def inactivation(family: ClampFamily) -> BoltzmannFit:
    """Fit a falling Boltzmann curve to the peak conductances in the test of a family.

    The steps condition; the longer they are, the closer the curve is to the steady
    inactivation.

    Raises
    ------
    InputError
        If the family is not of one ohmic channel, or has no test.

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite import cells
    >>> squid, levels = cells.hodgkin_huxley_1952(), np.arange(-110.0, -20.0, 20.0)
    >>> told = {"channel": "Na", "duration": 30.0, "test": 0.0, "every": 0.2}
    >>> steps = clamp_family(squid, levels, **told)
    >>> fit = inactivation(steps)
    >>> round(fit.half), round(fit.slope), fit.status
    (-61, -7, 'ok')
    """
    return fitted(family.levels, family.peak_conductance(of_test=True), -5.0)


def fitted(v: Array, conductance: Array, slope: float) -> BoltzmannFit:
    """Return the Boltzmann curve through conductances over their largest; `slope` to begin."""
    from warnings import catch_warnings, simplefilter

    from scipy.optimize import OptimizeWarning, curve_fit

    most = float(np.max(conductance, initial=0.0))
    share = conductance / most if most > 0.0 else np.full(v.shape, np.nan)
    lost = {"half": np.nan, "slope": np.nan, "misfit": np.nan}
    if np.unique(v).size < 3 or not np.isfinite(share).all():
        return BoltzmannFit(v, share, status="too_few", **lost)
    begin = (float(v[np.abs(share - 0.5).argmin()]), slope)
    try:
        with catch_warnings():
            simplefilter("error", OptimizeWarning)
            (half, own), _ = curve_fit(_boltzmann, v, share, begin)
    except (RuntimeError, OptimizeWarning):
        return BoltzmannFit(v, share, status="no_fit", **lost)
    misfit = float(np.abs(_boltzmann(v, half, own) - share).max())
    return BoltzmannFit(v, share, float(half), float(own), misfit, "ok")


def _boltzmann(v: Array, half: float, slope: float) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * (v - half) / slope))
