"""Run methods and peers on the same work, in turn, and measure error and cost."""

from __future__ import annotations

import inspect
import math
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field

import numpy as np

from mnexcite.bench import clock, machine
from mnexcite.bench.accuracy import accuracy
from mnexcite.bench.expressions import Untraceable
from mnexcite.bench.frontier import METHOD, PEER, Frontier, Point, Task
from mnexcite.bench.own import methods as own_methods
from mnexcite.bench.peers import Answer, Peer, Setting
from mnexcite.bench.reference import Reference, reference
from mnexcite.bench.work import Work
from mnexcite.cells.changes import in_words
from mnexcite.cells.warmth import Numbers
from mnexcite.engine.methods import DEFAULT_METHOD
from mnexcite.errors import InputError, checked, number, shown, stopped_with, whole
from mnexcite.errors.progress import told, with_bar
from mnexcite.stimuli import Waveform

#: A setting is repeated for about so long [s], if not often enough before.
BUDGET = 20.0
#: What a peer has, by the protocol.
PARTS_OF_PEER = ("name", "missing", "settings", "prepare")


@dataclass
class _Entry:
    """One contestant at one setting; filled while it runs."""

    contestant: Peer
    group: str
    setting: Setting
    work: Work
    places: list[int]
    run: Callable[[], Answer] | None = None
    cold: float = 0.0
    answer: Answer | None = None
    seconds: list[float] = field(default_factory=list)
    repeats: int = 1
    skipped: str | None = None


@checked
@with_bar("benchmark")
def work_precision(
    work: Work,
    methods: Iterable[str] | None = None,
    peers: Iterable[Peer] = (),
    *,
    repeats: int = 5,
    judged: int = 32,
    settings: int | None = None,
    budget: float = BUDGET,
    patience: float = math.inf,
    progress: Callable[[float], None] | bool | None = None,
) -> Frontier:
    """Return error and cost of methods and peers on the same work.

    Each runs once to build and compile (`cold`); then all run in turn, again and again, and
    medians are taken. Errors are those of the judged sets against an independent solution.
    One that integrates sets one by one runs the judged sets only.

    Parameters
    ----------
    work
        Cell, parameter sets, stimulus and duration.
    methods
        Names of methods of this package; by default all but `reference`.
    peers
        Other simulators; see `mnexcite.bench.peers`.
    repeats
        Warm runs of each setting; fewer where they would take longer than `budget` [s].
    judged
        Up to so many sets are compared with the reference.
    settings
        Up to so many settings of each contestant, evenly chosen; by default all.
    budget
        Time for the warm runs of one setting [s].
    patience
        Once a contestant took longer for one run [s], its finer settings are left out.
    progress
        True shows a bar. Or a function, called now and then with the share done, 0 to 1.

    Raises
    ------
    InputError
        If a method is unknown or nothing fires.
    Interrupted
        On Ctrl-C, with the frontier so far in its `partial`.

    Examples
    --------
    >>> from mnexcite.bench.cell import benchmark_cell
    >>> work = Work(benchmark_cell(), {"NaP.g": [1.0], "K.g": [25.0]}, duration=20.0)
    >>> found = work_precision(work, ["staggered"], repeats=1, settings=2)
    >>> [(point.setting, point.spikes) for point in found.points]
    [('dt 0.1', 1), ('dt 0.00156', 1)]
    """
    for name, most in (("repeats", repeats), ("judged", judged), ("settings", settings)):
        if most is not None:
            whole(name, most, "whole numbers from 1 to a billion", highest=10**9)
    for name, seconds in (("budget", budget), ("patience", patience)):
        number(name, seconds, "above 0", above=0.0, unit="s", finite=False)
    own, others = own_methods(methods), _contestants(peers)
    if not own and not others:
        raise InputError("neither methods nor peers are given; name at least one")
    tell = told(progress) or (lambda share: None)
    truth = reference(work, judged, lambda share: tell(0.1 * share))
    entries = [
        *_entries(own, METHOD, work, truth, settings),
        *_entries(others, PEER, work, truth, settings),
    ]
    names = [entry.contestant.name for entry in entries]
    baseline = DEFAULT_METHOD if DEFAULT_METHOD in names else names[0]
    floors = {c.name: why for c in (*own, *others) if (why := getattr(c, "floor", None))}
    watches: list[clock.Watch] = []

    def frontier() -> Frontier:
        points = tuple(_point(entry, truth) for entry in entries)
        found = _task(work, truth), machine.describe(), baseline
        return Frontier(points, *found, floors, _busy(watches))

    try:
        slow: dict[str, Setting] = {}
        for done, entry in enumerate(entries):
            name = entry.contestant.name
            if entry.skipped is None and name in slow:
                entry.skipped = f"{slow[name].label} took more than {patience:g} s"
            _first(entry, repeats, budget)
            if entry.answer is not None and entry.answer.seconds > patience:
                slow[name] = entry.setting
            tell(0.1 + 0.4 * (done + 1) / len(entries))
        turns = max(entry.repeats for entry in entries)
        for turn in range(turns):
            for entry in entries:
                if entry.run is not None and turn < entry.repeats:
                    with clock.Watch() as watch:
                        entry.seconds.append(entry.run().seconds)
                    watches.append(watch)
            tell(0.5 + 0.5 * (turn + 1) / turns)
    except BaseException as error:  # Ctrl-C, of `progress`, or of a handler of signals
        said = "stopped by Ctrl-C; what there is is in .partial"
        raise stopped_with(frontier(), error, said) from None
    return frontier()


def _contestants(given: Iterable[Peer]) -> list[Peer]:
    """Return peers; refuse what cannot be one."""
    if isinstance(given, str | bytes | Set | Mapping) or not isinstance(given, Iterable):
        raise InputError(f"peers is {shown(given)}; allowed: a list of mnexcite.bench.Peer")
    peers = list(given)
    for peer in peers:
        lacks = [part for part in PARTS_OF_PEER if not _has(peer, part)]
        if lacks:
            raise InputError(
                f"peers holds {shown(peer)}, which has no {lacks[0]}; allowed: what "
                "mnexcite.bench.Peer describes, such as those in mnexcite.bench.PEERS"
            )
    return peers


def _has(peer: object, part: str) -> bool:
    """Tell whether an object has a part, without asking the object."""
    return inspect.getattr_static(peer, part, None) is not None


def _busy(watches: list[clock.Watch]) -> dict[str, float]:
    """Return wall and processor time of all warm runs [s], their ratio, and the load after."""
    wall = sum(watch.wall for watch in watches)
    if not wall:
        return {}
    load = clock.load()
    cpu = sum(watch.cpu for watch in watches)
    return {"share": cpu / wall, "wall": wall, "cpu": cpu} | (
        {} if load is None else {"load": load}
    )


def _entries(
    contestants: Iterable[Peer], group: str, work: Work, truth: Reference, most: int | None
) -> list[_Entry]:
    entries = []
    for contestant in contestants:
        missing = contestant.missing()
        alone = getattr(contestant, "alone", False)
        given = _part(work, truth.sets) if alone else work
        places = list(range(given.sets)) if alone else list(truth.sets)
        chosen = contestant.settings()
        if missing is not None:
            chosen = chosen[:1]
        elif most is not None and len(chosen) > most:
            kept = np.linspace(0, len(chosen) - 1, most).round().astype(int)
            chosen = tuple(chosen[i] for i in dict.fromkeys(kept.tolist()))
        entries += [
            _Entry(contestant, group, setting, given, places, skipped=missing)
            for setting in chosen
        ]
    return entries


def _part(work: Work, places: Iterable[int]) -> Work:
    """Return the work with some of its sets only."""
    chosen = list(places)
    columns = Numbers({path: column[chosen] for path, column in work.parameters.items()})
    return Work(work.cell, columns, work.stimulus, work.duration)


def _first(entry: _Entry, repeats: int, budget: float) -> None:
    """Build, compile and run once; say why not, where that fails."""
    if entry.skipped is not None:
        return
    start = time.perf_counter()
    try:
        run = entry.contestant.prepare(entry.work, entry.setting)
        entry.answer = run()
    except (InputError, Untraceable) as refused:
        entry.skipped = str(refused)
        return
    except Exception as error:  # a peer may fail in any way; the others go on
        entry.skipped = f"failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return
    entry.cold = time.perf_counter() - start
    entry.run = run
    entry.repeats = int(np.clip(budget / max(entry.answer.seconds, 1e-9), 1, repeats))


def _point(entry: _Entry, truth: Reference) -> Point:
    setting = entry.setting
    labels = (entry.contestant.name, entry.group, setting.label, setting.kind, setting.value)
    answer = entry.answer
    if answer is None:
        return Point(*labels, skipped=entry.skipped or "not reached")
    sets = entry.work.sets
    found = accuracy(
        [answer.spikes[place] for place in entry.places], truth.spikes, entry.work.duration
    )
    seconds = statistics.median(entry.seconds) if entry.seconds else answer.seconds
    return Point(
        *labels,
        cost=1e3 * seconds / sets or None,  # nothing was measured where it is 0
        per_step=1e9 * seconds / answer.steps if answer.steps and seconds else None,
        error=found.error,
        median_error=found.median_error,
        wrong=found.wrong,
        spikes=sum(int(np.isfinite(train).sum()) for train in answer.spikes),
        steps=answer.steps,
        sets=sets,
        cold=entry.cold,
        warm=seconds,
        repeats=len(entry.seconds),
    )


def _task(work: Work, truth: Reference) -> Task:
    columns: Mapping[str, tuple[float, float]] = {
        path: (float(column.min()), float(column.max()))
        for path, column in work.parameters.items()
    }
    return Task(
        cell=work.cell.name,
        sets=work.sets,
        duration=work.duration,
        parameters=columns,
        stimulus=_words(work),
        judged=len(truth.sets),
        left_out=truth.left_out,
        changes=in_words(work.cell),
        spikes=sum(train.size for train in truth.spikes),
        reference=truth.how,
        reference_error=truth.error,
    )


def _words(work: Work) -> str:
    """Return the stimulus in a few words."""
    if work.stimulus is None or not work.stimulus.currents:
        return "none"
    parts = []
    for current in work.stimulus.currents:
        w = current.waveform
        assert isinstance(w, Waveform)  # peers take no noise
        size = np.abs(np.concatenate([w.first, w.last])).max()
        parts.append(f"up to {size:g} {current.unit} from {w.breaks[0]:g} ms on")
    return "; ".join(parts)
