"""Spike trains of any lengths, held end to end."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.disk import labelled
from mnexcite.errors import InputError, array, did_you_mean, shown, whole
from mnexcite.spikes.arrays import FloatArray, IntArray, number, vector

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True, eq=False, repr=False)
class SpikeTrains:
    """Hold the spike times of several trains as one contiguous ragged array.

    The layout is the contiguous ragged array of the CF Conventions, section 9.3.3: all
    trains end to end, and the number of spikes of each.

    Parameters
    ----------
    times
        Spike times of all trains end to end [ms], shape (spikes,): 0 or later, and
        strictly ascending within a train.
    counts
        Spikes of each train, shape (trains,).
    names
        One name per train, each different; without them trains have numbers only.

    Attributes
    ----------
    offsets
        Where each train starts in `times`, and the end, shape (trains + 1,).

    Raises
    ------
    InputError
        If times are not finite, negative or not ascending, or counts do not fit.

    Examples
    --------
    >>> from mnexcite.spikes import SpikeTrains
    >>> trains = SpikeTrains.from_list([[10.0, 60.0], [], [25.0]], names=("a", "b", "c"))
    >>> trains
    SpikeTrains(3 trains, 3 spikes)
    >>> trains["a"]
    array([10., 60.])
    >>> trains.after(20.0).counts
    array([1, 0, 1])
    """

    times: FloatArray
    counts: IntArray
    names: tuple[str, ...] | None = None
    offsets: IntArray = field(init=False)

    def __post_init__(self) -> None:
        times = vector("times", self.times, "ms")
        counts = _counts(self.counts)
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        if offsets[-1] != times.size:
            raise InputError(
                f"counts add up to {offsets[-1]} spikes, times holds {times.size}; "
                "give the number of spikes of each train"
            )
        names = None if self.names is None else _names(self.names, counts.size)
        for held in (times, counts, offsets):
            held.setflags(write=False)
        for key, value in (
            ("times", times),
            ("counts", counts),
            ("names", names),
            ("offsets", offsets),
        ):
            object.__setattr__(self, key, value)
        self._check_times()

    def _check_times(self) -> None:
        early = np.flatnonzero(self.times < 0)
        if early.size:
            train, position = self._find(int(early[0]))
            raise InputError(
                f"{self.label(train)} has a spike at {self.times[early[0]]:g} ms at position "
                f"{position}; allowed: times from 0 ms; add an offset to all times"
            )
        back = np.diff(self.times) <= 0
        borders = self.offsets[1:-1]
        back[borders[(borders > 0) & (borders < self.times.size)] - 1] = False
        wrong = np.flatnonzero(back)
        if wrong.size:
            i = int(wrong[0]) + 1
            train, position = self._find(i)
            raise InputError(
                f"{self.label(train)} goes from {self.times[i - 1]:.15g} to "
                f"{self.times[i]:.15g} ms at position {position}; allowed: strictly "
                "ascending times; sort each train and remove repeats"
            )

    def _find(self, i: int) -> tuple[int, int]:
        train = int(np.searchsorted(self.offsets, i, side="right")) - 1
        return train, i - int(self.offsets[train])

    @classmethod
    def from_list(
        cls, trains: Iterable[ArrayLike], names: Sequence[str] | None = None
    ) -> SpikeTrains:
        """Build from one array of spike times [ms] per train.

        Raises
        ------
        InputError
            If a train is not a 1-D array of finite, ascending times from 0 ms.
        """
        arrays = [vector(f"train {i}", train, "ms") for i, train in enumerate(trains)]
        counts = np.array([array.size for array in arrays], dtype=np.int64)
        times = np.concatenate([np.empty(0), *arrays])
        return cls(times, counts, None if names is None else _names(names, len(arrays)))

    @classmethod
    def from_ids(
        cls, times: ArrayLike, ids: ArrayLike, *, order: Sequence[object] | None = None
    ) -> SpikeTrains:
        """Build from spike times and the train of each, in any order, as simulators give them.

        Parameters
        ----------
        times
            Spike times [ms], shape (spikes,).
        ids
            Whole number or text of each spike's train, shape (spikes,).
        order
            The ids of all trains, in the order that they shall have, also of those without a
            spike; None: those that have one, ascending.

        Returns
        -------
        SpikeTrains
            Each train sorted; its name is its id.

        Raises
        ------
        InputError
            If times and ids do not pair, an id is not in `order` or twice in it, or a train
            has a time twice.

        Examples
        --------
        >>> from mnexcite.spikes import SpikeTrains
        >>> trains = SpikeTrains.from_ids([10.0, 25.0, 60.0], [3, 1, 3])
        >>> trains.names, trains["3"]
        (('1', '3'), array([10., 60.]))
        """
        at, who = vector("times", times, "ms"), _ids("ids", ids)
        if at.size != who.size:
            raise InputError(
                f"times holds {at.size} spikes and ids {who.size}; give one id per spike"
            )
        every = np.unique(who) if order is None else _ids("order", order)
        if np.unique(every).size < every.size:
            raise InputError("order names a train twice; give each id once")
        lost = np.setdiff1d(who, every)
        if lost.size:
            raise InputError(f"ids holds {shown(lost[0].item())}, which is not in order")
        rank = np.argsort(every)
        lanes = rank[np.searchsorted(every, who, sorter=rank)] if who.size else np.zeros(0, int)
        counts = np.bincount(lanes, minlength=every.size)
        return cls(at[np.lexsort((at, lanes))], counts, tuple(str(one) for one in every))

    @classmethod
    def found(cls, trains: Sequence[FloatArray]) -> SpikeTrains:
        """Build from trains that were made ascending, without a look at them."""
        counts = np.array([train.size for train in trains], np.int64)
        return cls._held(np.concatenate([np.empty(0), *trains]), counts)

    @classmethod
    def sorted_out(
        cls, parts: Sequence[tuple[IntArray, FloatArray]], count: int
    ) -> SpikeTrains:
        """Build `count` trains from parts: trains and times, ascending in each train."""
        lanes, times = (np.concatenate(side) for side in zip(*parts, strict=True))
        order = np.argsort(lanes, kind="stable")
        return cls._held(times[order], np.bincount(lanes, minlength=count))

    @classmethod
    def side_by_side(cls, some: Sequence[SpikeTrains]) -> SpikeTrains:
        """Return the trains of all, in their order and without names."""
        times, counts = ([getattr(one, key) for one in some] for key in ("times", "counts"))
        return cls._held(np.concatenate(times), np.concatenate(counts))

    @classmethod
    def _held(
        cls, times: FloatArray, counts: IntArray, names: tuple[str, ...] | None = None
    ) -> SpikeTrains:
        made = object.__new__(cls)
        offsets = np.zeros(counts.size + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        for key, value in (("times", times), ("counts", counts), ("offsets", offsets)):
            value.setflags(write=False)
            object.__setattr__(made, key, value)
        object.__setattr__(made, "names", names)
        return made

    def chosen(self, trains: IntArray) -> SpikeTrains:
        """Return some trains (numbers), without their names."""
        return SpikeTrains.found([self[int(train)] for train in trains])

    @property
    def lanes(self) -> IntArray:
        """Train of each spike, shape (spikes,)."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.counts)

    def label(self, i: int) -> str:
        """Return how messages call train `i`."""
        return f"train {i}" if self.names is None else f"train {i} ({self.names[i]!r})"

    def __len__(self) -> int:
        return self.counts.size

    def __getitem__(self, train: int | str) -> FloatArray:
        """Return the spike times of one train [ms], by number or name, read-only."""
        if isinstance(train, str):
            names = self.names or ()
            if train not in names:
                raise InputError(f"no train is named {train!r}; {did_you_mean(train, names)}")
            i = names.index(train)
        else:
            i = whole("train", train, "a number or a name", lowest=-math.inf)
            if not -len(self) <= i < len(self):
                raise IndexError(f"train {shown(i)} is asked for; there are {len(self)}")
            i %= len(self)
        return self.times[self.offsets[i] : self.offsets[i + 1]]

    def __iter__(self) -> Iterator[FloatArray]:
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SpikeTrains):
            return NotImplemented
        return (
            self.names == other.names
            and np.array_equal(self.counts, other.counts)
            and np.array_equal(self.times, other.times)
        )

    def __repr__(self) -> str:
        return f"SpikeTrains({len(self)} trains, {self.times.size} spikes)"

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.times, self.counts, self.names)

    def between(self, start: float, stop: float) -> SpikeTrains:
        """Keep the spikes of [start, stop) [ms]; their times stay absolute.

        Raises
        ------
        InputError
            If `stop` is before `start`, or one of them is not a number.
        """
        start = number("start", start, "ms", finite=False)
        stop = number("stop", stop, "ms", finite=False)
        if start > stop:
            raise InputError(f"start is {start:g} ms, stop {stop:g} ms; allowed: start <= stop")
        keep = (self.times >= start) & (self.times < stop)
        counts = np.bincount(self.lanes[keep], minlength=len(self))
        return SpikeTrains._held(self.times[keep], counts, self.names)

    def after(self, t: float) -> SpikeTrains:
        """Keep the spikes at `t` [ms] and later; their times stay absolute."""
        return self.between(t, np.inf)

    def to_xarray(self) -> xarray.Dataset:
        """Return a Dataset with dimensions `lane` and `spike` (CF contiguous ragged array)."""
        import xarray as xr

        variables = {
            "spike_time": ("spike", self.times, {"units": "ms", "long_name": "spike time"}),
            "spike_count": (
                "lane",
                self.counts,
                {"sample_dimension": "spike", "long_name": "number of spikes"},
            ),
        }
        coordinates = {}
        if self.names is not None:
            # NumPy's fixed-length text has no Zarr 3 specification; objects are stored as text
            names = np.array(self.names, dtype=object)
            coordinates["name"] = ("lane", names, {"long_name": "name of the spike train"})
        return labelled(xr.Dataset(variables, coordinates), "spike trains")

    @classmethod
    def from_xarray(cls, dataset: xarray.Dataset) -> SpikeTrains:
        """Build from what `to_xarray` returned, also after it was stored and opened.

        Raises
        ------
        InputError
            If a variable is missing, or times are not in ms.
        """
        for variable in ("spike_time", "spike_count"):
            if variable not in dataset:
                given = ", ".join(map(str, dataset.variables)) or "none"
                raise InputError(
                    f"the dataset has no variable {variable!r} (it has {given}); "
                    "give one made by SpikeTrains.to_xarray"
                )
        unit = dataset["spike_time"].attrs.get("units")
        if unit != "ms":
            raise InputError(f"spike_time has units {unit!r}; allowed: 'ms'; convert the times")
        names = None
        if "name" in dataset.variables:
            names = tuple(str(name) for name in dataset["name"].values)
        return cls(dataset["spike_time"].values, dataset["spike_count"].values, names)


def negative(where: str, earliest: float, offset: float) -> str:
    """Return the message for a file whose times start before 0, with the remedy."""
    return (
        f"{where}: spike times go down to {earliest:g} ms; allowed: from 0 ms; "
        f"give offset={math.ceil(offset - earliest)} [ms] or more to shift all trains"
    )


def as_trains(times: ArrayLike | SpikeTrains) -> tuple[SpikeTrains, bool]:
    """Return spike trains, and whether one bare train was given.

    A recording stands for its spike times, a batch for its trains.
    """
    held = inspect.getattr_static(times, "spike_times", None)
    if held is not None and not inspect.isroutine(held):
        return as_trains(times.spike_times)  # type: ignore[union-attr]
    if inspect.getattr_static(times, "terminals", None) is not None:
        raise InputError(
            "a pool's Activity holds trains of two kinds; give activity.terminals or "
            "activity.somas"
        )
    if isinstance(times, SpikeTrains):
        return times, False
    return SpikeTrains.from_list([times]), True


def _ids(name: str, given: object) -> NDArray[Any]:
    """Return whole numbers or texts in one dimension, else refuse them."""
    try:
        ids = np.asarray(given)
    except Exception:
        ids = np.empty((0, 0))
    if isinstance(
        given, bytes | bytearray | memoryview
    ):  # text, not the numbers of its letters
        ids = np.empty((0, 0))
    if ids.size == 0 and ids.ndim == 1:
        return ids.astype(np.int64)
    if ids.ndim != 1 or ids.dtype.kind not in "iuUT":
        raise InputError(
            f"{name} is {shown(given)}; allowed: one whole number or text per train, in one "
            "dimension"
        )
    return ids


def _counts(given: ArrayLike) -> IntArray:
    allowed = "one 1-D array of whole numbers"
    array("counts", given, allowed, ndim=None)
    counts = np.asarray(given)
    if counts.ndim != 1 or (counts.size and counts.dtype.kind not in "iu"):
        raise InputError(
            f"counts is {counts.dtype} with {counts.ndim} dimensions; allowed: one 1-D array "
            "of whole numbers"
        )
    if counts.size and counts.min() < 0:
        i = int(np.argmin(counts))
        raise InputError(f"counts is {counts[i]} for train {i}; allowed: 0 or more")
    return counts.astype(np.int64)


def _names(given: Sequence[str], trains: int) -> tuple[str, ...]:
    if not isinstance(given, list | tuple):
        raise InputError(f"names is {shown(given)}; allowed: one name per train")
    names = tuple(given)
    if len(names) != trains:
        raise InputError(f"{len(names)} names for {trains} trains; give one name per train")
    for name in names:
        if not isinstance(name, str) or not name.isprintable() or not name.strip():
            raise InputError(f"a train is named {name!r}; allowed: printable text of one line")
        if name != name.strip():
            raise InputError(f"a train is named {name!r}; remove the blanks around it")
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise InputError(f"two trains are named {twice!r}; give each train its own name")
    return names
