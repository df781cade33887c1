"""Carry out a described run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mnexcite import muscle, simulation
from mnexcite.config.beginning import build_initial
from mnexcite.config.build import build_cell, build_stimulus, build_unit, naming
from mnexcite.config.schema import Config
from mnexcite.errors import InputError, checked
from mnexcite.muscle import Force
from mnexcite.simulation import Recording


@dataclass(frozen=True, eq=False)
class Run:
    """Hold what a run gave: the recording, and the force where a muscle was asked for."""

    recording: Recording
    force: Force | None


@checked
def run(
    config: Config,
    progress: Callable[[float], None] | None = None,
    keep: Callable[[Recording], None] = lambda recording: None,
) -> Run:
    r"""Simulate what `config` describes, and let its spikes drive the muscle.

    Spikes before `discard` do drive the muscle, though they are hidden afterwards. `keep` is
    given the recording before the force is computed.

    Raises
    ------
    InputError
        If the description is not allowed; nothing has run then.
    Interrupted
        On Ctrl-C, with the recording so far in its `partial`.

    Examples
    --------
    >>> from mnexcite.config import loads
    >>> done = run(loads('cell.name = "hodgkin_huxley_1952"\nrun.duration = 20.0'))
    >>> done.recording.status, done.force is None
    ('ok', True)
    """
    cell, stimulus, unit = build_cell(config), build_stimulus(config), build_unit(config)
    given, initial = config.run, build_initial(config, "published")
    with naming(config, "run"):
        if given.duration > 0.0 and not 0.0 <= given.discard < given.duration:
            raise InputError(
                f"discard is {given.discard:g} ms of {given.duration:g} ms; allowed: from 0 "
                "on and less than duration"
            )
        rec = simulation.simulate(
            cell,
            stimulus,
            duration=given.duration,
            record=given.record,
            every=given.every,
            method=given.method,
            tolerance=given.tolerance,
            dt=given.dt,
            spike_error=given.spike_error,
            initial=initial,
            seed=given.seed,
            threads=given.threads,
            progress=progress,
        )
    assert isinstance(rec, Recording)  # one cell, no lanes
    spikes = rec.spike_times[rec.spike_times >= given.discard]
    shown = replace(rec, spike_times=spikes, discard=given.discard)
    keep(shown)
    force = None
    if unit is not None and config.muscle is not None:
        with naming(config, "muscle"):
            force = muscle.contract(rec, unit, every=config.muscle.every, discard=given.discard)
    return Run(shown, force)
