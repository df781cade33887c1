"""How many cores' worth of computing two threads really get on this machine."""

from __future__ import annotations

import hashlib
import statistics
import threading
import time

_BLOCK = bytes(1 << 20)


def control(threads: int = 2, *, blocks: int = 100, repeats: int = 5) -> float:
    """Return how many times the work of one thread several threads do in the same time.

    Each thread hashes `blocks` times 1 MiB, which needs neither memory nor the
    interpreter; runs of one and of several threads take turns, and medians are compared.
    It is what a run on several threads can be measured against.

    Examples
    --------
    >>> control(2, blocks=1, repeats=1) > 0.0
    True
    """
    alone, together = [], []
    for _ in range(repeats):
        alone.append(_seconds(1, blocks))
        together.append(_seconds(threads, blocks))
    return threads * statistics.median(alone) / statistics.median(together)


def _seconds(threads: int, blocks: int) -> float:
    workers = [threading.Thread(target=_hash, args=(blocks,)) for _ in range(threads)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - start


def _hash(blocks: int) -> None:
    digest = hashlib.sha256()
    for _ in range(blocks):
        digest.update(_BLOCK)
