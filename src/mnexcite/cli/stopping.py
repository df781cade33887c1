"""Ctrl-C at any moment: one line, exit code 130, nothing half written.

Before there is something to keep, that ends the process on the spot: an exception that
meets an import or a compiler may be swallowed, or printed as something else.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

CODE = 130
LINE = b"mnexcite: interrupted before anything was computed\n"


def end_at_once() -> None:
    """Let Ctrl-C end the process, unless it is ignored or someone else's."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_from_now_on() -> None:
    """Let Ctrl-C be an exception again: from now on there is something to keep."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def ignore_from_now_on() -> None:
    """Let Ctrl-C do nothing: all is done but the interpreter's own clearing up."""
    if signal.getsignal(signal.SIGINT) in (_end, signal.default_int_handler):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(number: int, frame: FrameType | None) -> None:
    os.write(2, LINE)
    os._exit(CODE)
