"""How cells are integrated: what every verb that runs cells takes, passed on as one."""

from __future__ import annotations

from dataclasses import dataclass

from mnexcite.simulation.beginning import Initial


@dataclass(frozen=True)
class Numerics:
    """Hold how cells are integrated, not checked yet; `simulate` says what each stands for."""

    method: str | None = None
    tolerance: float | None = None
    dt: float | None = None
    spike_error: float | None = None
    initial: Initial = "published"
    seed: int | None = None
