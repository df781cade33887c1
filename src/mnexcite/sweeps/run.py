"""Carry out a sweep: what is missing, block by block, into memory or a store."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, RunWarning, StorageError, stopped_with
from mnexcite.sweeps import executors, labels
from mnexcite.sweeps.plan import Plan, identity
from mnexcite.sweeps.progress import Counted, Progress
from mnexcite.sweeps.store import Store, create_or_resume
from mnexcite.sweeps.store.blocks import Blocks, chunk_shape
from mnexcite.sweeps.store.origin import here, objection
from mnexcite.sweeps.store.store import MENDS, ranges
from mnexcite.sweeps.task import Done, Task

if TYPE_CHECKING:
    import xarray
    from distributed import Client

#: Points of a block where nothing is said: a 64th of all, within these, and no more than
#: are a few seconds' work, so that little is lost when it stops.
LEAST, MOST = 64, 4096
#: The same where each point's stimulus takes room of its own.
MOST_RANDOM = 64
#: Time that the points of a block are simulated for, together [ms].
SPAN = 500_000.0


def prepare(plan: Plan, store: str | Path | None, chunk: int | None = None) -> Run:
    """Return the sweep ready to run, its store made or opened."""
    told = identity(plan)
    points = plan.design.size
    if chunk is None:
        most = MOST_RANDOM if plan.is_random else min(MOST, int(SPAN / plan.duration))
        chunk = int(np.clip(-(-points // 64), LEAST, max(LEAST, most)))
    blocks = Blocks(plan.design.shape, chunk_shape(plan.design.shape, chunk))
    labelled = labels.template(plan, told)
    described = labels.variables(plan)
    if store is None:
        return Run(plan, blocks, labelled, None)
    kept = create_or_resume(store, labelled, described, blocks, told, dims=plan.design.dims)
    return Run(plan, kept.blocks, labelled, kept)


class Run:
    """Carry out a sweep."""

    def __init__(
        self, plan: Plan, blocks: Blocks, labelled: xarray.Dataset, store: Store | None
    ) -> None:
        self.plan, self.blocks, self.labelled, self.store = plan, blocks, labelled, store
        self._values: dict[str, NDArray[Any]] = {}
        if store is None:
            self._values = {
                name: np.full(blocks.shape, variable.fill, variable.dtype)
                for name, variable in labels.variables(plan).items()
            }

    def compute(
        self,
        executor: str | Client = "threads",
        threads: int = 1,
        share: tuple[int, int] = (1, 1),
        progress: Callable[[Progress], None] | None = None,
        mixed: bool = False,
        workers: int | None = None,
    ) -> Progress:
        """Compute what is missing or damaged of a share, and return how it went; see `sweep`.

        Raises
        ------
        InputError
            If other versions or instructions computed what is there, and it is not `mixed`.
        Interrupted
            On Ctrl-C, with what is computed.
        """
        i, n = share
        own = range(i - 1, self.blocks.count, n)
        todo = list(own) if self.store is None else _todo(self.store, own, mixed)
        sizes = {index: int(np.prod(self.blocks.shape_of(index))) for index in own}
        points = sum(sizes.values())
        counted = Counted(points, points - sum(sizes[index] for index in todo))
        tell = progress or (lambda now: None)

        def on_done(done: Done) -> None:
            if done.values is not None:
                where = self.blocks.slices(done.index)
                for name, value in done.values.items():
                    self._values[name][where] = value
            counted.add(done.failures, done.points)
            tell(counted.now())

        task = Task(self.plan, self.blocks, self.store, None if mixed else here())
        try:
            tell(counted.now())
            if not todo:
                pass
            elif executor == "threads":
                executors.on_threads(task, todo, threads, on_done)
            else:
                with executors.dask_client(executor, workers) as client:
                    executors.on_dask(task, todo, client, on_done)
        except BaseException as error:  # Ctrl-C, of `progress`, or of a handler of signals
            now = counted.now()
            way = "run it again to go on" if self.store else "give store= to be able to go on"
            said = f"stopped by Ctrl-C with {now.done} of {now.points} points done; {way}"
            raise stopped_with(self._if_readable(), error, said) from None
        return counted.now()

    def dataset(self) -> xarray.Dataset:
        """Return all that is computed, in memory.

        Raises
        ------
        StorageError
            If something stored is damaged, or cannot be read.
        """
        if self.store is not None:
            found, damaged = self.store.load()
            if damaged:
                raise StorageError(
                    f"blocks {ranges(damaged)} of {self.store.path} are damaged; {MENDS}"
                )
            return found
        return self.so_far()

    def _if_readable(self) -> xarray.Dataset | None:
        """Return what is computed, None where the store cannot be read."""
        try:
            return self.so_far()
        except (StorageError, InputError):
            return None

    def so_far(self) -> xarray.Dataset:
        """Return what is computed and whole; the other points are pending."""
        if self.store is not None:
            return self.store.load()[0]
        dims, described = self.plan.design.dims, labels.variables(self.plan)
        return self.labelled.assign(
            {
                name: (dims, values, described[name].labelled)
                for name, values in self._values.items()
            }
        )


def _todo(store: Store, own: Sequence[int], mixed: bool) -> list[int]:
    """Return the blocks of a share to be computed; damaged ones are from now on missing."""
    damaged = store.verify(own)
    missing = {*store.missing(), *damaged}
    todo = [index for index in own if index in missing]
    counts = {origin: len(blocks) for origin, blocks in store.origins().items()}
    why = None if mixed else objection(counts, here(), bool(missing))
    if why is not None:
        raise InputError(
            f"{store.path}: {why}; finish it with what began it, take a new store, or say "
            "mixed=True to have both in one"
        )
    if damaged:
        warnings.warn(
            f"{store.path} was damaged in block{'s' if len(damaged) > 1 else ''} "
            f"{ranges(damaged)}, computed again now",
            RunWarning,
            stacklevel=5,
        )
        store.forget(damaged)
    return todo


def read_shard(text: str | None) -> tuple[int, int]:
    """Return i and n of `i/n`; the whole where nothing is said.

    Raises
    ------
    InputError
        If it is not of that form.

    Examples
    --------
    >>> read_shard("2/8")
    (2, 8)
    """
    if text is None:
        return 1, 1
    parts = str(text).split("/")
    try:
        i, n = map(int, parts)
    except ValueError:
        i, n = 0, 0
    if not 1 <= i <= n:
        raise InputError(f"shard is {text!r}; allowed: i/n with i from 1 to n, such as 1/8")
    return i, n
