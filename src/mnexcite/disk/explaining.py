"""What the system reports, in one line: what happened and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from mnexcite.errors import InputError, StorageError

_CAUSES = {
    errno.ENOSPC: ("the disk is full", "free some space"),
    errno.EDQUOT: ("your disk quota is used up", "free some space or ask for more"),
    errno.EFBIG: ("files may not grow that large", "raise the limit (ulimit -f)"),
    errno.EACCES: ("permission denied", "allow this user, or choose another"),
    errno.EPERM: ("permission denied", "allow this user, or choose another"),
    errno.EROFS: ("the file system is read-only", "make it writable, or choose another"),
    errno.EEXIST: ("a file is where a folder should be", "choose another"),
    errno.ENOTDIR: ("a file is where a folder should be", "choose another"),
    errno.EISDIR: ("a folder is where a file should be", "choose another"),
    errno.ENOENT: ("a file or folder is not there", "put it back or choose another"),
    errno.ENAMETOOLONG: ("the name is too long", "choose another"),
}


@contextmanager
def explained(doing: str, path: object, then: str = "") -> Iterator[None]:
    """Turn what the system reports into one line.

    Parameters
    ----------
    doing
        "read" or "write".
    path
        What the user named.
    then
        What the remedy leads to, as in "then the same command resumes".

    Raises
    ------
    StorageError
        In place of an `OSError`, also one that another library wrapped.
    """
    try:
        yield
    except (StorageError, InputError):
        raise
    except Exception as error:
        found = _of_system(error)
        if found is None:
            raise
        said = _first_line(found)
        cause, remedy = _CAUSES.get(found.errno or 0, (said, "see to that or choose another"))
        raise StorageError(
            f"cannot {doing} {path}: {cause} ({said}); {remedy}{then and ', ' + then}"
        ) from error


def _first_line(error: OSError) -> str:
    return (error.strerror or str(error)).split("\n")[0]


def _of_system(error: BaseException | None) -> OSError | None:
    """Return the system's error behind an exception, None if there is none."""
    while error is not None:
        if isinstance(error, OSError):
            return error
        if isinstance(error, BaseExceptionGroup):
            return next(filter(None, map(_of_system, error.exceptions)), None)
        error = error.__cause__ or error.__context__
    return None
