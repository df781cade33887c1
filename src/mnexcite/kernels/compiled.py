"""Turn the text of a kernel into machine code once per machine.

The text, the sources that translate it, the processor and the versions of llvmlite and this
package name a folder; in it the text stays to be read beside its machine code, which is signed
by a hash. Nothing is ever loaded from elsewhere, and nothing there that others could have
written.
"""

from __future__ import annotations

import atexit
import gc
import hashlib
import importlib.metadata
import os
import shutil
import stat
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import platformdirs

from mnexcite.errors import RunWarning
from mnexcite.kernels.locking import locked

#: Of this room, what decides which machine code a text becomes.
_TRANSLATION = ("entries", "native", "translator", "vector_code", "vector_ops", "wasm")
CACHE_VARIABLE = "MNEXCITE_CACHE_DIR"
#: Runs kernels as plain Python where it is set.
PLAIN_VARIABLE = "MNEXCITE_UNCOMPILED"

#: By key: the functions of a kernel, and how often it was compiled and read from disk.
_loaded: dict[str, tuple[SimpleNamespace, tuple[int, int]]] = {}
_loading = threading.RLock()
_temporary: Path | None = None


def load(name: str, source: str, entries: Mapping[str, Mapping[str, str]]) -> SimpleNamespace:
    """Return the entry functions of `source`, compiled.

    Parameters
    ----------
    name
        What the kernel is, for file names and messages.
    source
        Text in the grammar of `translator`.
    entries
        Of each entry function the type of every argument, by name, and of what it gives back
        (`return`): `f8` and `i8` are numbers, `f8[::1]` and `i8[:,::1]` are arrays. They are
        fixed, so that a value of another type is an error and never a second compilation.
    """
    if os.environ.get(PLAIN_VARIABLE, "0") not in ("", "0"):
        return _plain(source, entries)
    key = f"{name}-{_digest(source + repr(entries))}"
    with _loading:
        if key not in _loaded:
            _loaded[key] = _from_cache(key, source, entries)
        return _loaded[key][0]


def kept(name: str, text: str, make: Callable[[], bytes]) -> bytes:
    """Return the bytes that `make` makes of a kernel's text, from disk if they are there."""
    key = f"{name}-{_digest(text)}"
    path = cache_folder() / f"{key}.bytes"
    try:
        _check_private(path)
        return _read(path, key)  # what was damaged is made again
    except (OSError, RuntimeError, ValueError):
        pass
    made = make()
    try:
        _write(path, _signed(made, key))
    except OSError as error:
        _warn(f"compiled kernels cannot be kept ({error}); {name} serves this process only")
    return made


def compilations() -> dict[str, tuple[int, int]]:
    """Return, per kernel of this process, how often it was compiled and read from disk."""
    return {key: counts for key, (_, counts) in _loaded.items()}


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


def _digest(text: str) -> str:
    return hashlib.sha256("\0".join([text, _stamp()]).encode()).hexdigest()[:20]


@cache
def _stamp() -> str:
    from mnexcite.kernels.native import processor

    versions = [importlib.metadata.version(p) for p in ("llvmlite", "mnexcite")]
    room = Path(__file__).parent
    sources = [(room / f"{name}.py").read_text(encoding="utf-8") for name in _TRANSLATION]
    return "\0".join([*sources, *versions, *processor()])


def _from_cache(
    key: str, text: str, entries: Mapping[str, Mapping[str, str]]
) -> tuple[SimpleNamespace, tuple[int, int]]:
    from mnexcite.kernels import native

    folder = cache_folder() / key

    @cache
    def code() -> bytes:
        with _no_collection():
            return native.machine_code(text, entries)

    try:
        with locked(folder.with_suffix(".lock")):
            try:
                found = _open(folder, text, code)
            except (OSError, RuntimeError, ValueError) as error:
                _remove(folder)
                found = _open(folder, text, code)
                _warn(
                    f"the cached kernel {key} was damaged and has been compiled again ({error})"
                )
    except OSError as error:  # a full disk, a folder that changed hands, a lock never freed
        _warn(
            f"compiled kernels cannot be kept ({error}); {key} serves this process only until "
            f"{CACHE_VARIABLE} names a folder with room"
        )
        found = code()
    compiled = code.cache_info().misses
    return native.functions(found, entries), (compiled, 1 - compiled)


def _warn(message: str) -> None:
    warnings.warn(message, RunWarning, stacklevel=6)


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
    else:
        folder.unlink(missing_ok=True)


def _open(folder: Path, text: str, code: Callable[[], bytes]) -> bytes:
    """Return a kernel's machine code from its folder, which is filled where it is not whole.

    The text is written last: where there is none, a process was stopped before.
    """
    source, binary = folder / "kernel.py", folder / "kernel.o"
    folder.mkdir(exist_ok=True, mode=0o700)
    for place in (folder, *folder.iterdir()):
        _check_private(place)
    if source.exists():
        if source.read_text(encoding="utf-8") != text:
            raise ValueError("its source is not the one that was written")
        return _read(binary, folder.name)
    made = code()
    _write(binary, _signed(made, folder.name))
    _write(source, text)
    return made


def _plain(source: str, entries: Mapping[str, Mapping[str, str]]) -> SimpleNamespace:
    space: dict[str, Any] = {}
    exec(compile(source, "<uncompiled kernel>", "exec"), space)
    return SimpleNamespace(**{name: space[name] for name in entries})


def _signed(content: bytes, key: str) -> bytes:
    return hashlib.sha256(key.encode() + content).digest() + content


def _read(path: Path, key: str) -> bytes:
    """Return what was signed as of this key."""
    content = path.read_bytes()[hashlib.sha256().digest_size :]
    if _signed(content, key) != path.read_bytes():
        raise ValueError("its machine code is not what was written")
    return content


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
