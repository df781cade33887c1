"""Start a program as Python would, from a process that has imported everything already.

A new interpreter takes a second to import the package, a fork of one that has takes none.
What is forked has the arguments, environment, folder, files and limits that it was started
with; Ctrl-C reaches it, and it ends where the program that stands for it is killed. Nothing
that is read during an import, such as a variable of LLVM, can be given to it.
"""

import atexit
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import threading
import traceback

FILES = 3  # input, output and complaints
#: What is imported late, by what needs it.
MODULES = (
    *("dask.array", "mnexcite.kernels.native", "pint", "scipy.integrate", "zarr.storage"),
    *(f"mnexcite.{room}" for room in ("cli.app", "config", "engine.methods", "sweeps")),
)


def started(path):
    """Let another process run the arguments; end as it does."""
    server = socket.socket(socket.AF_UNIX)
    server.connect(path)
    signal.signal(signal.SIGINT, lambda *_: server.send(b"!"))
    told = [sys.argv[2:], dict(os.environ), os.getcwd()]
    told.append(resource.getrlimit(resource.RLIMIT_FSIZE))
    text = json.dumps(told).encode() + b"\n"
    socket.send_fds(server, [text[:1]], range(FILES))
    server.sendall(text[1:])
    code = int(server.recv(16) or 1)
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def serve(path):
    """Fork for every program that calls, until the input ends; return in the fork."""
    os.fsync = os.fstat  # type: ignore[assignment]  # as in conftest.py: nothing waits for a disk
    with socket.socket(socket.AF_UNIX) as calls:
        calls.bind(path)
        calls.listen(64)
        print("ready", flush=True)
        while sys.stdin not in select.select([calls, sys.stdin], [], [])[0]:
            call, _ = calls.accept()
            if os.fork() == 0:
                break
            call.close()
            while running := os.waitpid(-1, os.WNOHANG)[0]:
                del running
        else:
            os._exit(0)
    first, files, *_ = socket.recv_fds(call, 1, FILES)
    with call.makefile("rb") as told:
        arguments, environment, folder, limit = json.loads(first + told.readline())
    child = os.fork()
    if child:
        _accompany(child, call, files)
    call.close()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    return arguments


def _accompany(child, call, files):
    """Hand Ctrl-C on, end the child where its caller is gone, and tell how it ended."""
    for file in files:
        os.close(file)
    ended = os.pidfd_open(child)
    while ended not in select.select([ended, call], [], [])[0]:
        os.kill(child, signal.SIGINT if call.recv(1) else signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        call.sendall(str(code).encode())
    finally:
        os._exit(0)


def run(arguments):
    """Do what Python does with `-m MODULE` or `-c TEXT` and their arguments, and end.

    Modules are not taken down one by one: that would take as long as to import them.
    """
    code: object = 1
    try:
        _run(*arguments)
        code = 0
    except SystemExit as error:
        code = error.code
    except KeyboardInterrupt:
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        traceback.print_exc()
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code or 0)


def _run(kind, what, *arguments):
    import runpy

    sys.argv[1:], sys.path[0] = arguments, os.getcwd()
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.argv[0] = kind
        exec(what, {"__name__": "__main__"})


def import_everything():
    """Import what a run, a sweep and its store need; each fork would do it for itself."""
    import importlib

    from xarray.backends import list_engines

    for name in MODULES:
        importlib.import_module(name)
    list_engines()
    gc.freeze()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        import_everything()
        run(serve(sys.argv[2]))
    else:
        started(sys.argv[1])
