"""Which instructions of the processor kernels are made of: other ones may round otherwise."""

from __future__ import annotations

import os
import platform
from functools import cache

#: On x86-64 the extensions that do arithmetic; others, such as those of virtual machines,
#: change no number.
_ARITHMETIC = ("sse", "ssse", "avx", "fma", "f16c", "xop", "amx")


@cache
def instruction_set() -> str:
    """Return the architecture and its extensions for arithmetic, as `x86_64 avx avx2 fma`.

    `NUMBA_CPU_FEATURES`, which chooses what numba compiles for, is followed.
    """
    machine = platform.machine().lower()
    chosen = os.environ.get("NUMBA_CPU_FEATURES")
    if chosen is None:
        from llvmlite.binding import get_host_cpu_features

        present = [name for name, has in get_host_cpu_features().items() if has]
    else:
        present = [name[1:] for name in chosen.split(",") if name.startswith("+")]
    if machine in ("x86_64", "amd64"):
        machine = "x86_64"
        present = [name for name in present if name.startswith(_ARITHMETIC)]
    return " ".join([machine, *sorted(present)])
