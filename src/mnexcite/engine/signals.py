"""Let a short piece of work end before a signal is heard, so that nothing is half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Those whose handlers may raise, where the system has them.
HELD = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGALRM") if hasattr(signal, name)
)


@contextmanager
def held() -> Iterator[list[tuple[int, Any]]]:
    """Keep signals back, and give the list of those that came; `hear` tells their handlers.

    Only the main thread hears signals; in any other there is nothing to keep back.
    """
    came: list[tuple[int, Any]] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    handlers = {number: signal.getsignal(number) for number in HELD}
    own = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in own:
        signal.signal(number, lambda number, frame: came.append((number, frame)))
    try:
        yield came
    finally:
        for number, handler in own.items():
            signal.signal(number, handler)


def hear(came: list[tuple[int, Any]]) -> None:
    """Let the handlers of signals that were kept back act now; they may raise."""
    for number, frame in came:
        handler = signal.getsignal(number)
        if callable(handler):
            handler(number, frame)
