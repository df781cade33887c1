"""Save over an older run in a process that is stopped at its n-th operation on files.

    python stopped_saves.py FOLDER kill|raise ...

What counts are the saved folder and its neighbours. Each line that is printed is how it was
stopped, and the duration of the run that is there afterwards: 4 ms of the older one, 2 ms of
the newer one.
"""

import itertools
import os
import shutil
import sys
import threading
from collections import Counter
from functools import partial
from pathlib import Path

import mnexcite as mx

CHANGES = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree")


def stop_at(number, how, beside):
    """Let the process end, or be interrupted, at its n-th change of what is in `beside`.

    Each member that Zarr writes makes sure of its folder, which then is there already: one of
    these moments, at which the new folder is half written, stands for all of them.
    """
    seen, times = 0, Counter()

    def hook(event, arguments):
        nonlocal seen
        if how == "raise" and threading.current_thread() is not threading.main_thread():
            return  # Ctrl-C comes to the main thread
        reads = event == "open" and arguments[1] in ("r", "rb", None)
        if event in CHANGES and not reads and near(arguments[0], beside):
            times[event, arguments[0]] += 1
            if event == "os.mkdir" and times[event, arguments[0]] > 2:
                return
            seen += 1
            if seen == number:
                if how == "kill":
                    os._exit(9)
                raise KeyboardInterrupt

    sys.addaudithook(hook)


def near(entry, folder):
    return isinstance(entry, str | Path) and Path(entry).parent == folder


def forked(action):
    """Do something in a process of its own; return its code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            action()
            code = 0
        except KeyboardInterrupt:
            code = 130
        finally:
            sys.stdout.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder, *ways):
    cell = mx.cells.hodgkin_huxley_1952()
    older, newer = (mx.simulate(cell, duration=t, record=()) for t in (4.0, 2.0))
    folder = Path(folder).resolve()
    path = folder / "run.zarr"
    kept = folder.parent / f"{folder.name}-older.zarr"
    assert forked(lambda: older.save(kept)) == 0

    def stopped(how, number):
        stop_at(number, how, folder)
        newer.save(path)

    for how in ways:
        for number in itertools.count(1):
            for entry in folder.iterdir():
                shutil.rmtree(entry)
            shutil.copytree(kept, path)
            code = forked(partial(stopped, how, number))
            assert forked(partial(tell, how, path)) == 0, number
            left = {entry.name for entry in folder.iterdir()} - {"run.zarr"}
            assert all(name.startswith(".run.zarr-") for name in left), left
            if code == 0:
                break


def tell(how, path):
    print(how, mx.load(path).duration, flush=True)
