"""Run several pools at a time, each in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from mnexcite.errors import InputError, instance, mapping, place, stopped_with, whole
from mnexcite.errors.progress import told, with_bar
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.day import Day, day, load_day
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.protocol import Protocol
from mnexcite.motor_pool.run import contract
from mnexcite.muscle import Fatigue

T = TypeVar("T")

STOPPED = "stopped by Ctrl-C after some pools"
LOOK = 1.0  # s between looks at what other processes have done


@with_bar("motor pools")
def contract_several(
    pools: Mapping[str, Pool],
    protocol: Protocol | None = None,
    *,
    duration: float,
    seed: int = 0,
    fatigue: Fatigue | None = None,
    workers: int = 1,
    progress: Callable[[float], None] | bool | None = None,
) -> dict[str, Activity]:
    """Run several pools under one protocol, as `contract` runs each.

    Parameters
    ----------
    pools
        Name -> pool.
    protocol, duration, seed, fatigue
        As `contract` takes them; the same for all.
    workers
        Processors to take; with 1 all run in this process. A few pools more than that run at
        the same time, so that no processor waits for the last of them. A script that asks for
        more than 1 must guard its own start with `if __name__ == "__main__":`, as Python's
        `multiprocessing` says.
    progress
        True shows a bar. Or a function, called with the share of pools done, 0 to 1.

    Raises
    ------
    InputError
        If an argument is not allowed.
    Interrupted
        On Ctrl-C. The pools that were done are in its `partial`.

    Examples
    --------
    >>> import mnexcite as mx
    >>> pools = {str(n): mx.motor_pool.cramping_pool(n) for n in (2, 3)}
    >>> found = contract_several(pools, duration=20.0)
    >>> {name: len(activity.pool) for name, activity in found.items()}
    {'2': 2, '3': 3}
    """
    workers = _workers(pools, workers)
    jobs = {
        name: partial(
            contract,
            pool,
            protocol,
            duration=duration,
            seed=seed,
            fatigue=fatigue,
            threads=None if workers == 1 else 1,
        )
        for name, pool in pools.items()
    }
    return each_of(jobs, workers, told(progress))


@with_bar("days")
def day_several(
    pools: Mapping[str, Pool],
    *,
    folder: str | Path | None = None,
    workers: int = 1,
    progress: Callable[[float], None] | bool | None = None,
    **settings: Any,
) -> dict[str, Day]:
    """Run the same day of several pools, as `day` runs each: same triggers, same noise.

    Parameters
    ----------
    pools
        Name -> pool.
    folder
        Where each day is kept as `<name>.json` and gone on from.
    workers
        Processors, as of `contract_several`.
    progress
        True shows a bar. Or a function, called with the share done.
    settings
        What `day` takes.

    Raises
    ------
    InputError
        If an argument is not allowed.
    Interrupted
        On Ctrl-C. The days so far are in its `partial`: with a folder all that are kept there.

    Examples
    --------
    >>> import mnexcite as mx
    >>> pool = mx.motor_pool.cramping_pool(2)
    >>> pools = {"as it is": pool, "drug": pool.under(mx.conditions.mexiletine(8.0))}
    >>> days = day_several(pools, hours=1.0, per_hour=0.01)
    >>> [(each.complete, len(each.triggers)) for each in days.values()]
    [(True, 0), (True, 0)]
    """
    workers = _workers(pools, workers)
    kept = None if folder is None else place("folder", folder)
    stores = {name: None if kept is None else kept / f"{name}.json" for name in pools}
    threads = None if workers == 1 else 1
    jobs = {
        name: partial(day, pool, store=stores[name], threads=threads, **settings)
        for name, pool in pools.items()
    }

    def there() -> dict[str, Day]:
        return {name: load_day(at) for name, at in stores.items() if at and at.exists()}

    try:
        return each_of(jobs, workers, told(progress))
    except KeyboardInterrupt as error:
        if kept and (found := there()):
            raise stopped_with(found, error, STOPPED) from None
        raise


def _workers(pools: Mapping[str, Pool], workers: int) -> int:
    """Refuse what are no pools, and return how many processes are of use."""
    mapping("pools", pools, "a mapping name -> pool")
    if not pools:
        raise InputError("pools is empty; allowed: one or more")
    for name, pool in pools.items():
        instance(f"pools[{name!r}]", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    workers = whole("workers", workers, "1 to 1024", lowest=1, highest=1024)
    # one after another, three pools on two processors take as long as four
    shared = 1 < workers < len(pools) < 2 * workers
    return len(pools) if shared else min(workers, len(pools))


#: In a process of its own, the share done of each job: `_watched` writes its own there.
_shares: Any = None


def _watch(shares: Any) -> None:
    global _shares
    _shares = shares


def _watched(index: int, job: partial[T]) -> T:
    """Do a job in a process of its own, and let the others see how far it is."""
    return job(progress=lambda share: _shares.__setitem__(index, share))


def each_of(
    jobs: Mapping[str, partial[T]], workers: int, progress: Callable[[float], None] | None
) -> dict[str, T]:
    """Return what each job gives."""
    report = (lambda share: None) if progress is None else progress
    found: dict[str, T] = {}
    if workers == 1:
        for index, (name, job) in enumerate(jobs.items()):
            try:
                found[name] = job(
                    progress=lambda share, done=index: report((done + share) / len(jobs))
                )
            except BaseException as error:
                if found:
                    raise stopped_with(found, error, STOPPED) from None
                raise
        return found
    context = multiprocessing.get_context("spawn")
    shares = context.Array("d", len(jobs), lock=False)
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_watch, initargs=(shares,)
    ) as running:
        tasks = {
            running.submit(_watched, index, job): name
            for index, (name, job) in enumerate(jobs.items())
        }
        left = set(tasks)
        try:
            while left:
                done, left = wait(left, timeout=LOOK, return_when=FIRST_COMPLETED)
                for task in done:
                    found[tasks[task]] = task.result()
                report(sum(shares) / len(jobs))
        except BaseException as error:
            running.shutdown(wait=False, cancel_futures=True)
            for process in list((running._processes or {}).values()):
                process.terminate()
            if found:
                raise stopped_with(found, error, STOPPED) from None
            raise
    return {name: found[name] for name in jobs}
