"""Say what machine this is: processor model, cores and versions, no more."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("mnexcite", "numpy", "scipy", "numba", "llvmlite")
#: Named only where they are installed.
PEERS = ("neuron", "arbor", "heyoka", "brian2", "numbalsoda")


def describe() -> dict[str, str | int]:
    """Return the processor's model, the cores and the versions that matter.

    Examples
    --------
    >>> list(describe())[:4]
    ['cpu', 'cores', 'system', 'python']
    """
    found = {name: _version(name) for name in (*PACKAGES, *PEERS)}
    return {
        "cpu": _model(),
        "cores": os.cpu_count() or 1,
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: number for name, number in found.items() if number},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # other systems have no such file
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
