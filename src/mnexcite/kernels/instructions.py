"""Which instructions of the processor kernels are made of: other ones may round otherwise."""

from __future__ import annotations

import platform
from functools import cache

#: On x86-64 the extensions that do arithmetic; others, such as those of virtual machines,
#: change no number.
_ARITHMETIC = ("sse", "ssse", "avx", "fma", "f16c", "xop", "amx")


@cache
def instruction_set() -> str:
    """Return the architecture and its extensions for arithmetic, as `x86_64 avx avx2 fma`.

    `MNEXCITE_CPU_FEATURES`, which chooses what kernels are made for, is followed.
    """
    from mnexcite.kernels.native import processor

    machine, (_, features) = platform.machine().lower(), processor()
    present = [name[1:] for name in features.split(",") if name.startswith("+")]
    if machine in ("x86_64", "amd64"):
        machine = "x86_64"
        present = [name for name in present if name.startswith(_ARITHMETIC)]
    return " ".join([machine, *sorted(present)])
