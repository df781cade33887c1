"""Wait for what must come, as long as a busy machine takes; a test never waits for seconds."""

import signal
import time

#: Longer [s] than anything here takes with a dozen busy programs beside it.
PATIENCE = 600.0


def until(condition, process=None):
    """Ask again and again until `condition()` is true, and return what it gave.

    A `process` that ends before takes the hope away.
    """
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        if process is not None and process.poll() is not None:
            raise AssertionError(f"it ended with {process.returncode} before: {_said(process)}")
        assert time.monotonic() < end, f"not within {PATIENCE:g} s"
        time.sleep(0.01)
    return found


def ended(process):
    """Return what a program said and complained about, once it has ended."""
    return process.communicate(timeout=PATIENCE)


def interrupt(process):
    """Press Ctrl-C in a program, and return what it said and complained about."""
    process.send_signal(signal.SIGINT)
    return ended(process)


def _said(process):
    out, err = ended(process)
    return err or out
