"""One block of a sweep as a task: compute, commit, tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from mnexcite.errors import InputError
from mnexcite.sweeps.block import Values, compute
from mnexcite.sweeps.plan import Plan
from mnexcite.sweeps.progress import failures_in
from mnexcite.sweeps.store import Store
from mnexcite.sweeps.store.blocks import Blocks
from mnexcite.sweeps.store.origin import Origin, here, objection


@dataclass(frozen=True)
class Done:
    """Hold what a task tells: its block, how many points failed, values if not stored."""

    index: int
    points: int
    failures: Counter[str]
    values: Values | None


@dataclass(frozen=True)
class Task:
    """Compute a block and commit it where there is a store; to do it twice changes nothing.

    `origin` is what must compute it, None where anything may.
    """

    plan: Plan
    blocks: Blocks
    store: Store | None
    origin: Origin | None = None

    def __call__(self, index: int, halted: Callable[[], None] = lambda: None) -> Done:
        """Return what a block gave.

        Raises
        ------
        InputError
            If this process computes with other versions or instructions than it must.
        """
        if self.origin is not None and here() != self.origin:
            why = objection({self.origin: self.blocks.count}, here(), True)
            raise InputError(
                f"a worker differs: {why}; use workers that are alike, or say mixed=True"
            )
        values = compute(self.plan, self.blocks.points(index), halted)
        shape = self.blocks.shape_of(index)
        shaped = {name: value.reshape(shape) for name, value in values.items()}
        if self.store is not None:
            self.store.commit(index, shaped)
        size = self.blocks.points(index).size
        kept = shaped if self.store is None else None
        return Done(index, size, failures_in(values), kept)
