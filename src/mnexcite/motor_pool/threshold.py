"""The cramp threshold frequency: trains of 150 stimuli, faster and faster, until one cramps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnexcite.errors import InputError, flag, instance, number, whole
from mnexcite.errors.progress import told, with_bar
from mnexcite.motor_pool import protocol as protocols
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.cramps import SOON, Cramp, cramp_after, ending
from mnexcite.motor_pool.ends import Standing, resting
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.run import contract
from mnexcite.motor_pool.silence import rested

STIMULI = 150
SETTLE = 1000.0  # ms before a train
PAUSE = 60_000.0  # ms from the end of a trial to the next train


@dataclass(frozen=True, eq=False)
class Threshold:
    """Hold the outcome of a cramp threshold test.

    Attributes
    ----------
    frequency
        Lowest frequency whose train led to a cramp [Hz]; NaN if none did.
    status
        `ok`, `no_cramp` where none did, or how cells failed.
    tried
        Frequencies that were tried [Hz].
    cramp, activity
        Of the last train, and when it ended.
    """

    frequency: float
    status: str
    tried: tuple[float, ...]
    cramp: Cramp | None
    activity: Activity
    train_end: float


@with_bar("frequencies")
def cramp_threshold(
    pool: Pool,
    *,
    block: bool = False,
    lowest: float = 4.0,
    step: float = 2.0,
    highest: float = 32.0,
    longest: float = 150_000.0,
    initial: Standing | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[float], None] | bool | None = None,
) -> Threshold:
    """Find the frequency of stimuli to the motor nerve at which the shortened muscle cramps.

    Trains of 150 stimuli to a muscle held short, `lowest` first and `step` more each time, a
    minute after each other, until a cramp outlasts one (Minetto et al. 2009, 2011). Of the
    minutes between, all but the last second before a train is the exact solution of a silent
    muscle's shared states, with cells at rest.

    Parameters
    ----------
    pool
        Of `cramping_pool`.
    block
        Whether the nerve is blocked, so that only the terminals can fire.
    lowest, step, highest
        Of the frequencies [Hz].
    longest
        How long a cramp is followed [ms].
    initial
        Where the muscle stands before the first train, such as `rested(pool, run.standing,
        60_000.0)`, a minute after other work; None for rest.
    seed
        Of all that fluctuates.
    threads
        Changes no bit.
    progress
        True shows a bar. Or a function, called with the share of frequencies tried, 0 to 1.

    Raises
    ------
    InputError
        If an argument is not allowed.
    """
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    block = flag("block", block)
    allowed = "1 to 100"
    lowest = number("lowest", lowest, allowed, lowest=1.0, highest=100.0, unit="Hz")
    highest = number("highest", highest, allowed, lowest=1.0, highest=100.0, unit="Hz")
    seed = whole("seed", seed, "a whole number, 0 or more", lowest=0, highest=2**62)
    step = number("step", step, "0.1 to 100", lowest=0.1, highest=100.0, unit="Hz")
    longest = number("longest", longest, "2000 ms or more", lowest=2000.0, unit="ms")
    if highest < lowest:
        raise InputError(f"highest is {highest:g} Hz; allowed: lowest, {lowest:g} Hz, or more")
    frequencies = np.arange(lowest, highest + 1e-9, step).tolist()
    tell = told(progress)
    standing, tried = resting(pool) if initial is None else initial, list[float]()
    while True:
        frequency = frequencies[len(tried)]
        end = SETTLE + 1000.0 * STIMULI / frequency
        given = protocols.length(-1.0) + protocols.train(frequency, start=SETTLE)
        activity = contract(
            pool,
            given + protocols.block() if block else given,
            duration=end + longest,
            seed=seed + len(tried),
            initial=standing,
            threads=threads,
            until=_over(end),
        )
        tried.append(frequency)
        if tell is not None:
            tell(len(tried) / len(frequencies))
        cramp = cramp_after(activity, end) if activity.status == "ok" else None
        last = len(tried) == len(frequencies)
        if cramp is None or cramp.elicited or last:
            break
        standing = rested(pool, activity.standing, PAUSE - SETTLE)
    if cramp is None:
        return Threshold(math.nan, activity.status, tuple(tried), None, activity, end)
    found, status = (frequency, "ok") if cramp.elicited else (math.nan, "no_cramp")
    return Threshold(found, status, tuple(tried), cramp, activity, end)


def _over(end: float) -> Callable[[Activity], bool]:
    """Return what tells that nothing more will come after a train that ends then [ms]."""

    def over(activity: Activity) -> bool:
        if activity.duration < end + SOON[1]:
            return False
        if not cramp_after(activity, end).elicited:
            return True
        return ending(activity.terminals.after(end), end, activity.duration) < activity.duration

    return over
