"""Where tasks run: threads of this process, or the workers of a Dask cluster."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mnexcite.errors import InputError, StorageError, whole
from mnexcite.sweeps.task import Done, Task

if TYPE_CHECKING:
    from distributed import Client

#: So long [s] a cluster may be without any worker: dead ones are started again, and on a busy
#: machine that takes its time.
PATIENCE = 600.0
#: So long [s] between attempts to reach one.
LOOK = 0.1
#: So often a block is given to other workers after those that had it died.
MOST_DEATHS = 20
#: Most workers on one machine.
MOST_WORKERS = 1024

_MISSING = "Dask is not installed; pip install 'mnexcite[cluster]', or use threads"

OnDone = Callable[[Done], None]
#: A block, and what raises KeyboardInterrupt to stop it -> what it gave, as `Task` does.
OnBlock = Callable[[int, Callable[[], None]], Done]


def on_threads(task: OnBlock, blocks: Sequence[int], threads: int, on_done: OnDone) -> None:
    """Run tasks on threads; `on_done` is called here, in the order in which they end.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, after the blocks under way were stopped.
    """
    halt = threading.Event()

    def halted() -> None:
        if halt.is_set():
            raise KeyboardInterrupt

    waiting = iter(blocks)
    with ThreadPoolExecutor(max_workers=threads) as pool:
        pending: set[Future[Done]] = set()
        try:
            while True:
                # few enough at a time that none is long in the queue when all must stop
                for index in itertools.islice(waiting, 2 * threads - len(pending)):
                    pending.add(pool.submit(task, index, halted))
                if not pending:
                    return
                done, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    on_done(future.result())
        finally:
            halt.set()
            for future in pending:
                future.cancel()


def on_dask(task: Task, blocks: Sequence[int], client: Client, on_done: OnDone) -> None:
    """Run tasks on a Dask cluster; a block whose worker dies is given to another.

    Raises
    ------
    StorageError
        If workers die again and again over the same block, or none is left for long.
    """
    from distributed import as_completed
    from distributed.client import FutureCancelledError
    from distributed.scheduler import KilledWorker

    def send() -> Any:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
                return client.scatter(task, broadcast=True, hash=False)
            except (OSError, KeyError, ValueError):  # the one that was there has died meanwhile
                if time.monotonic() > end:
                    raise StorageError(
                        f"the cluster had no worker for {PATIENCE:g} s; what is committed "
                        "stays; look into the workers' logs, then run the sweep again to resume"
                    ) from None
                time.sleep(LOOK)

    sent = send()
    waiting, deaths = iter(blocks), Counter[int]()
    index_of: dict[Any, int] = {}

    def submit(indices: Iterable[int]) -> Iterator[Any]:
        for index in indices:
            future = client.submit(_run, sent, index, pure=False, retries=2)
            index_of[future.key] = index
            yield future

    threads: Any = client.nthreads()  # a coroutine of asynchronous clients only
    room = 4 * max(1, sum(threads.values()))
    running = as_completed(submit(itertools.islice(waiting, room)))
    try:
        for future in running:
            index = index_of.pop(future.key)
            try:
                on_done(future.result())
            except (KilledWorker, FutureCancelledError) as error:
                deaths[index] += 1
                if deaths[index] > MOST_DEATHS:
                    raise StorageError(
                        f"block {index} was given to {MOST_DEATHS} workers and all died; what "
                        "is committed stays; look into the workers' logs (memory?), then run "
                        "the sweep again to resume"
                    ) from error
                if sent.status != "finished":  # every worker that held it died
                    sent = send()
                running.update(submit([index]))
            else:
                running.update(submit(itertools.islice(waiting, 1)))
    finally:
        client.cancel([*running.futures])


@contextmanager
def dask_at(address: str | None, workers: int | None = None) -> Iterator[Any]:
    """Yield the executor that a command line names: threads, "dask" or a client.

    Raises
    ------
    InputError
        If Dask is not installed, nobody answers at the address, or workers are asked of
        what has its own.
    """
    if workers is not None and address != "local":
        raise InputError(f"--workers is {workers}; allowed with --dask local alone")
    if address is None or address == "local":
        yield "threads" if address is None else "dask"
        return
    try:
        from distributed import Client
    except ImportError:
        raise InputError(_MISSING) from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(
            f"no Dask scheduler answers at {address!r} ({error}); give its address, such as "
            "tcp://127.0.0.1:8786, or 'local'"
        ) from None
    with client:
        yield client


def _run(task: Task, index: int) -> Done:
    return task(index)


def check(executor: Any, workers: int | None = None) -> None:
    """Refuse what is neither threads nor Dask, and workers of what has its own.

    Raises
    ------
    InputError
        With what is allowed.
    """
    if workers is not None:
        whole("workers", workers, f"1 to {MOST_WORKERS}", highest=MOST_WORKERS)
        if executor != "dask":
            raise InputError(
                f"workers is {workers}, and the executor {_named(executor)}; allowed with "
                "executor='dask'; threads= counts threads, and a cluster has its own workers"
            )
    allowed = "allowed: 'threads', 'dask' or a client of a Dask cluster"
    if executor == "threads":
        return
    if isinstance(executor, str) and executor != "dask":
        raise InputError(f"executor is {executor!r}; {allowed}")
    try:
        from distributed import Client
    except ImportError:
        raise InputError(_MISSING) from None
    if executor != "dask" and not isinstance(executor, Client):
        raise InputError(f"executor is {type(executor).__name__}; {allowed}")
    if executor != "dask" and executor.asynchronous:
        raise InputError("executor is an asynchronous client; give one that is not")


def _named(executor: Any) -> str:
    return repr(executor) if isinstance(executor, str) else "a client"


@contextmanager
def dask_client(executor: Any, workers: int | None = None) -> Iterator[Client]:
    """Yield the client that was given, or one of a cluster on this machine for "dask"."""
    check(executor)
    from distributed import Client, LocalCluster

    if executor != "dask":
        yield executor
        return
    try:
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=":0",
            # what it has to say at its end is of no use: blocks tell what failed
            silence_logs=logging.CRITICAL,
        )
    except RuntimeError as error:
        raise InputError(
            f"Dask could not start its workers ({error}); in a script, call the sweep under "
            "if __name__ == '__main__':"
        ) from error
    with cluster, Client(cluster) as client:
        yield client
