"""Muscles by name: what is published of how they differ, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mnexcite.cells import Parameter
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import choice
from mnexcite.motor_pool.pool import Pool, cramping_pool

BOTTER = "Minetto & Botter 2009: trains of 150 stimuli made it cramp in {} of 22 people"
CALIBRATED = (
    "; the share of the muscle's potassium that its trains release is calibrated to that, by "
    "the law of potassium, thresholds that vary by 26 % between people, and trains up to 32 Hz"
)
DAVIES = "twitch of the human triceps surae 111 +- 20 ms (Davies, Mecrow & White 1982)"
THOMAS = "half-maximal force of thenar units at 12 +- 4 Hz (Thomas et al. 1991): 0.7024/12 s"
REFERENCE = "the muscle in which the pool was calibrated (Minetto et al. 2009, 2011)"
UNKNOWN = "assumed: as in the abductor hallucis; no source settles it"


@dataclass(frozen=True)
class Muscle:
    """Hold how a muscle differs from the pool of `cramping_pool`.

    Attributes
    ----------
    name
        Of the muscle.
    release
        Factor on the potassium that a discharge releases, as the stimulated share of the
        muscle is smaller.
    contraction_time
        Mean of its units by force [ms]; None for that of the pool.
    """

    name: str
    release: Parameter
    contraction_time: Parameter | None = None


def _muscle(
    name: str, release: float, why: str, status: str, twitch: Parameter | None = None
) -> Muscle:
    return Muscle(name, Parameter(release, "1", why, status), twitch)


_CALF = Parameter(111.0, "ms", DAVIES, "published")

#: Name -> muscle. All that is not here, numbers of units above all, is as in `cramping_pool`.
MUSCLES = FrozenMapping(
    {
        each.name: each
        for each in (
            _muscle("abductor_hallucis", 1.0, f"{REFERENCE}; {BOTTER.format(22)}", "derived"),
            _muscle(
                "medial_gastrocnemius", 0.61, BOTTER.format(20) + CALIBRATED, "tuned", _CALF
            ),
            _muscle("flexor_hallucis_brevis", 0.54, BOTTER.format(16) + CALIBRATED, "tuned"),
            _muscle(
                "lateral_gastrocnemius", 0.42, BOTTER.format(5) + CALIBRATED, "tuned", _CALF
            ),
            _muscle(
                "thenar", 1.0, UNKNOWN, "unverified", Parameter(58.5, "ms", THOMAS, "tuned")
            ),
        )
    }
)


def muscle_pool(
    name: str,
    n: int = 24,
    *,
    seed: int = 0,
    subject: int | None = None,
    sodium: bool = False,
) -> Pool:
    """Return the pool of a muscle by name.

    Parameters
    ----------
    name
        Of `MUSCLES`: abductor_hallucis, which `cramping_pool` is; medial_gastrocnemius,
        flexor_hallucis_brevis and lateral_gastrocnemius, which cramp less and less easily; and
        thenar, by its twitch alone.
    n, seed, subject, sodium
        As `cramping_pool` takes them.

    Raises
    ------
    InputError
        If there is no such muscle, or a number is not allowed.

    Examples
    --------
    >>> pool = muscle_pool("lateral_gastrocnemius", 8)
    >>> round(pool["potassium.release"] / cramping_pool(8)["potassium.release"], 2)
    0.42
    """
    muscle = MUSCLES[choice("muscle", name, MUSCLES)]
    pool = cramping_pool(n, seed=seed, subject=subject, sodium=sodium)
    old, by = pool.numbers["potassium.release"], muscle.release
    if by.value != 1.0:
        moved = Parameter(by.value * old.value, old.unit, f"{old.source}; {by.source}", "tuned")
        pool = replace(
            pool, numbers=FrozenMapping({**pool.numbers, "potassium.release": moved})
        )
    twitch = muscle.contraction_time
    if twitch is not None:
        units = pool.units.muscle
        times = np.array([unit.contraction_time for unit in units])
        mean = float(np.average(times, weights=pool.shares))
        slower = tuple(
            replace(
                unit,
                contraction_time=unit.contraction_time * twitch.value / mean,
                # a twitch that lasts longer fuses to the same force
                origins=FrozenMapping({}),
            ).with_fused_force(unit.fused_force, unit.force_unit)
            for unit in units
        )
        pool = replace(pool, units=replace(pool.units, muscle=slower))
    return pool
