"""Turn the text of a kernel into machine code once per machine.

The text, the sources that translate it and the versions of numba, llvmlite and this package
name a folder; numba's own disk cache beside the text is then valid for exactly that text,
and the text stays there to be read. Nothing is ever loaded from elsewhere, and nothing there
that others could have written.
"""

from __future__ import annotations

import atexit
import gc
import hashlib
import importlib.metadata
import json
import os
import shutil
import stat
import sys
import tempfile
import threading
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs

from mnexcite.errors import RunWarning
from mnexcite.kernels.locking import locked

#: Compiler options of every kernel, each with its reason.
OPTIONS = {
    "no_cfunc_wrapper": True,  # nobody calls it from C
    "nogil": True,  # lanes are shared out to threads outside the kernel
}
#: Of this room, what decides which machine code a text becomes.
_TRANSLATION = ("intrinsics", "translator", "vector_code", "vector_ops", "wasm")
#: numba's types of results, and the kinds of the grammar.
_ANSWERS = {"void": None, "i8": "whole", "f8": "real"}
#: What asks numba to keep machine code on disk.
_CACHED = "cache=True, "
#: Between a kernel's text and what makes machine code of it.
_RULE = "\n\n# ---- its machine code"
CACHE_VARIABLE = "MNEXCITE_CACHE_DIR"
#: Settings of numba under which kernels are compiled. Without the first two it keeps machine
#: code beside the source, in the folder whose owner and mode were checked; what it loads are
#: pickles. More optimisation than level 1 takes a fifth longer and changes neither bits nor
#: speed: loops over lanes are vector instructions already.
_SETTINGS = {"CACHE_DIR": "", "CACHE_LOCATOR_CLASSES": "", "OPT": 1}

_loaded: dict[str, types.ModuleType] = {}
_loading = threading.RLock()
_temporary: Path | None = None


def load(name: str, source: str, entries: Mapping[str, Mapping[str, str]]) -> types.ModuleType:
    """Return the module of `source` with its entry functions compiled.

    Parameters
    ----------
    name
        What the kernel is, for file names and messages.
    source
        Text in the grammar of `translator`.
    entries
        Of each entry function the numba type of every argument, by name, and of what it
        gives back (`return`). They are fixed, so that a value of another type is an error
        and never a second compilation.
    """
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return _execute(name, source, "<uncompiled kernel>")
    text = source + _footer(entries)
    key = f"{name}-{_digest(text)}"
    with _loading:
        if key not in _loaded:
            _loaded[key] = _from_cache(key, text)
        return _loaded[key]


def kept(name: str, text: str, make: Callable[[], bytes]) -> bytes:
    """Return the bytes that `make` makes of a kernel's text, from disk if they are there."""
    path = cache_folder() / f"{name}-{_digest(text)}.bytes"
    try:
        _check_private(path)
        found = path.read_bytes()
        # what was damaged is made again
        if hashlib.sha256(found[32:]).digest() == found[:32]:
            return found[32:]
    except (OSError, RuntimeError):
        pass
    made = make()
    try:
        _write(path, hashlib.sha256(made).digest() + made)
    except OSError as error:
        _warn(f"compiled kernels cannot be kept ({error}); {name} serves this process only")
    return made


def compilations() -> dict[str, tuple[int, int]]:
    """Return, per kernel of this process, how often it was compiled and read from disk."""
    counts = {}
    for key, module in _loaded.items():
        entries = [f for f in vars(module).values() if hasattr(f, "stats")]
        misses = sum(sum(f.stats.cache_misses.values()) for f in entries)
        hits = sum(sum(f.stats.cache_hits.values()) for f in entries)
        counts[key] = (misses, hits)
    return counts


def cache_folder() -> Path:
    """Return the folder of compiled kernels, private to the user.

    `MNEXCITE_CACHE_DIR` overrides the platform's place. Where that cannot be
    written, a temporary folder serves this process and one `RunWarning` says so.
    """
    global _temporary
    if _temporary is not None:
        return _temporary
    wanted = os.environ.get(CACHE_VARIABLE)
    try:
        root = (
            Path(wanted).absolute()
            if wanted
            else Path(platformdirs.user_cache_dir("mnexcite", False))
        )
        if not root.is_absolute():
            raise RuntimeError(
                f"no home folder is known, and {root} depends on where one stands"
            )
        folder = root / "kernels"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _check_private(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError) as error:
        _temporary = Path(tempfile.mkdtemp(prefix="mnexcite-"))
        atexit.register(shutil.rmtree, _temporary, ignore_errors=True)
        warnings.warn(
            f"compiled kernels cannot be kept ({error}); they are compiled again in every "
            f"process until {CACHE_VARIABLE} names a private folder you can write to",
            RunWarning,
            stacklevel=2,
        )
        return _temporary
    return folder


def clear_cache() -> int:
    """Remove every compiled kernel from the disk and return how many there were."""
    folder = cache_folder()
    kernels = [entry for entry in folder.iterdir() if entry.is_dir()]
    for entry in kernels:
        shutil.rmtree(entry, ignore_errors=True)
    for left in (*folder.glob("*.lock"), *folder.glob("*.bytes")):
        left.unlink(missing_ok=True)
    with _loading:
        _loaded.clear()
    return len(kernels)


def _footer(entries: Mapping[str, Mapping[str, str]]) -> str:
    options = ", ".join(f"{key}={value!r}" for key, value in OPTIONS.items())
    lines = [_RULE, "import numba", "", "from mnexcite.kernels.intrinsics import machine"]
    for name, entry in entries.items():
        answer = entry.get("return", "void")
        arguments = {key: kind for key, kind in entry.items() if key != "return"}
        signature = f"{answer}({', '.join(arguments.values())})"
        given = ", ".join(arguments)
        lines += [
            "",
            f"{name}_ = machine(__text__, {name!r}, {_ANSWERS[answer]!r})",
            "",
            "",
            f"@numba.njit({signature!r}, {_CACHED}{options})",
            f"def {name}({given}):",
            f"    return {name}_({given})",
            "",
        ]
    return "\n".join(lines)


def _digest(text: str) -> str:
    return hashlib.sha256("\0".join([text, _stamp()]).encode()).hexdigest()[:20]


@cache
def _stamp() -> str:
    # read from the installed metadata: importing numba here would cost every caller
    versions = [importlib.metadata.version(p) for p in ("numba", "llvmlite", "mnexcite")]
    room = Path(__file__).parent
    sources = [(room / f"{name}.py").read_text(encoding="utf-8") for name in _TRANSLATION]
    return "\0".join([*sources, *versions, sys.version])


def _from_cache(key: str, text: str) -> types.ModuleType:
    folder = cache_folder() / key
    try:
        with locked(folder.with_suffix(".lock")):
            try:
                return _open(folder, key, text)
            except Exception as error:  # numba's cache is pickles: damage can raise anything
                _remove(folder)
                module = _open(folder, key, text)
                _warn(
                    f"the cached kernel {key} was damaged and has been compiled again ({error})"
                )
                return module
    except OSError as error:  # a full disk, a folder that changed hands, a lock never freed
        _warn(
            f"compiled kernels cannot be kept ({error}); {key} serves this process only until "
            f"{CACHE_VARIABLE} names a folder with room"
        )
        return _execute(key, text.replace(_CACHED, ""), f"<{key}>")


def _warn(message: str) -> None:
    warnings.warn(message, RunWarning, stacklevel=6)


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
    else:
        folder.unlink(missing_ok=True)


def _open(folder: Path, key: str, text: str) -> types.ModuleType:
    path, manifest = folder / "kernel.py", folder / "manifest.json"
    binary = folder / "__pycache__"
    for place in (folder, binary):
        place.mkdir(exist_ok=True, mode=0o700)
    for place in (folder, *folder.rglob("*")):
        _check_private(place)
    if not path.exists():
        _write(path, text)
        manifest.unlink(missing_ok=True)
    elif path.read_text(encoding="utf-8") != text:
        raise ValueError("its source is not the one that was written")
    binaries = _binaries(folder)
    if manifest.exists():
        if json.loads(manifest.read_text(encoding="utf-8")) != binaries:
            raise ValueError("its files are not those that were written")
    elif binaries:
        # written by a process that was stopped before it could sign them
        for left in binary.glob("*.nb*"):
            left.unlink()
    with tempfile.TemporaryFile(dir=binary):  # numba would look for another place
        pass
    with _numba_set_up():
        module = _execute(key, text, str(path))
    after = _binaries(folder)
    if not manifest.exists() or after != binaries:
        _write(manifest, json.dumps(after, indent=1))
    return module


def _execute(name: str, text: str, path: str) -> types.ModuleType:
    module = types.ModuleType(f"mnexcite_kernel_{name.replace('-', '_')}")
    module.__file__ = path
    module.__dict__["__text__"] = text.partition(_RULE)[0]
    sys.modules[module.__name__] = module
    with _no_collection():
        exec(compile(text, path, "exec"), module.__dict__)
    return module


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python's collector from going through all objects again and again meanwhile.

    Translation makes some hundred thousand of them, none of which can be freed before the end.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _binaries(folder: Path) -> dict[str, str]:
    return {
        entry.name: hashlib.sha256(entry.read_bytes()).hexdigest()
        for entry in sorted((folder / "__pycache__").glob("*.nb*"))
    }


def _write(path: Path, content: str | bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    os.replace(temporary, path)


def _check_private(path: Path) -> None:
    # a cache is pickles, and a pickle that others can write is code that others can run
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise RuntimeError(f"{path} is a link")
    if not hasattr(os, "getuid"):
        return
    if status.st_uid != os.getuid():
        raise RuntimeError(f"{path} belongs to another user")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise RuntimeError(f"{path} can be written by others")


@contextmanager
def _numba_set_up() -> Iterator[None]:
    """Give numba the settings of kernels, whatever its own variables say."""
    from numba import config

    settings: Any = config
    before = {name: getattr(settings, name, "") for name in _SETTINGS}
    try:
        for name, value in _SETTINGS.items():
            # a level of optimisation has a type of its own
            setattr(settings, name, type(before[name])(value))
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
