"""Run several pools at a time, each in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed

from mnexcite.errors import InputError, instance, mapping, stopped_with, whole
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.protocol import Protocol
from mnexcite.motor_pool.run import contract

STOPPED = "stopped by Ctrl-C after some pools"


def contract_several(
    pools: Mapping[str, Pool],
    protocol: Protocol | None = None,
    *,
    duration: float,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Activity]:
    """Run several pools under one protocol, as `contract` runs each.

    Parameters
    ----------
    pools
        Name -> pool.
    protocol, duration, seed
        As `contract` takes them; the same for all.
    workers
        Processes; with 1 all run in this one. A script that asks for more must guard its own
        start with `if __name__ == "__main__":`, as Python's `multiprocessing` says.
    progress
        Called with the share of pools done, 0 to 1.

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
    pools = mapping("pools", pools, "a mapping name -> pool")
    if not pools:
        raise InputError("pools is empty; allowed: one or more")
    for name, pool in pools.items():
        instance(f"pools[{name!r}]", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    workers = min(whole("workers", workers, "1 or more", lowest=1), len(pools))
    report = (lambda share: None) if progress is None else progress
    found: dict[str, Activity] = {}
    if workers == 1:
        for index, (name, pool) in enumerate(pools.items()):
            try:
                found[name] = contract(
                    pool,
                    protocol,
                    duration=duration,
                    seed=seed,
                    progress=lambda share, done=index: report((done + share) / len(pools)),
                )
            except BaseException as error:
                if found:
                    raise stopped_with(found, error, STOPPED) from None
                raise
        return found
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as running:
        tasks = {
            running.submit(
                contract, pool, protocol, duration=duration, seed=seed, threads=1
            ): name
            for name, pool in pools.items()
        }
        try:
            for task in as_completed(tasks):
                found[tasks[task]] = task.result()
                report(len(found) / len(pools))
        except BaseException as error:
            running.shutdown(wait=False, cancel_futures=True)
            for process in list((running._processes or {}).values()):
                process.terminate()
            if found:
                raise stopped_with(found, error, STOPPED) from None
            raise
    return {name: found[name] for name in pools}
