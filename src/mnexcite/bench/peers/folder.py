"""Temporary folders of sources, and the programs that compile and run them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

from mnexcite.errors import InputError


class Folder:
    """Own a temporary folder that goes with this object, and put files into it."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="mnexcite-bench-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        for name, text in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def run(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        within: str = ".",
    ) -> str:
        """Run a program in the folder, or a folder within, and return what it says.

        Raises
        ------
        InputError
            If it fails, with the first line that tells why.
        """
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.path / within,
            env=None if environment is None else dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if done.returncode:
            raise InputError(f"{Path(command[0]).name} failed: {_reason(done.stdout)}")
        return done.stdout


def _reason(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()]
    # a compiler's first error is the cause, a Python traceback's last line is
    traceback = any(line.startswith("Traceback") for line in lines)
    chosen = telling[:1] if telling and not traceback else lines[-1:]
    return chosen[0] if chosen else "no output"
