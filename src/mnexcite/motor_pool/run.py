"""Run a motor pool: neurons, axons, terminals, muscle and reflexes, window by window."""

from __future__ import annotations

import math
from collections.abc import Callable

from mnexcite.engine import signals
from mnexcite.errors import InputError, check_memory, instance, number, stopped_with, whole
from mnexcite.errors.progress import told, with_bar
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.ends import POTASSIUM, Standing, check_standing, resting
from mnexcite.motor_pool.loop import Loop
from mnexcite.motor_pool.noise import BLOCK
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.protocol import BODY, COLD_TO_HOT, Protocol
from mnexcite.motor_pool.shared import STATES
from mnexcite.muscle import Fatigue
from mnexcite.simulation.settings import thread_count

#: Of the steps of a pool's cells: spikes are off by 0.002 ms (docs/motor-pool.md).
TOLERANCE = 1e-4
TOGETHER = 5  # windows between two looks at what was asked of the run


@with_bar("motor pool")
def contract(
    pool: Pool,
    protocol: Protocol | None = None,
    *,
    duration: float,
    seed: int = 0,
    window: int = 10,
    tolerance: float | None = None,
    initial: Standing | None = None,
    fatigue: Fatigue | None = None,
    threads: int | None = None,
    until: Callable[[Activity], bool] | None = None,
    progress: Callable[[float], None] | bool | None = None,
) -> Activity:
    """Run a pool and its muscle under a protocol.

    Soma and terminal of each unit are lanes of two feeds; spikes pass between them with
    their delays, and vanish where two meet on an axon. Between windows all units share the
    potassium around the muscle's fibres, the afferents' facilitation and the tendon organs'
    inhibition. The equations are on the page of the motor pool.

    Parameters
    ----------
    pool
        Of `cramping_pool`.
    protocol
        What is done; None for nothing: noise and chance kicks alone.
    duration
        Length of the run [ms].
    seed
        Of all that fluctuates.
    window
        How often units learn of each other [ms], whole, no longer than the shortest delay.
    tolerance
        Of the cells' steps, as `simulate` takes it; None for 1e-4, at which units on their own
        spike 0.002 ms off in the middle (docs/motor-pool.md).
    initial
        Where another run ended, `activity.standing`; None for rest.
    fatigue
        Of the fibres, such as `pool_fatigue(pool)`: tendon organs feel the force of the muscle
        as it tires. None for fibres that do not.
    threads
        Changes no bit.
    until
        Asked once a second of the run whether it may end, of what there is by then.
    progress
        True shows a bar. Or a function, called with the share done, 0 to 1.

    Returns
    -------
    Activity

    Raises
    ------
    InputError
        If an argument is not allowed, or a delay is shorter than a window.
    Interrupted
        On Ctrl-C. What was computed is in its `partial`.
    """
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    tell = told(progress)
    given = Protocol() if protocol is None else protocol
    instance("protocol", given, Protocol, "a protocol of mnexcite.motor_pool")
    allowed = "1 ms to 1e8 ms"
    duration = number("duration", duration, allowed, lowest=1.0, highest=1e8, unit="ms")
    step = whole("window", window, "a whole number of ms, 1 or more", lowest=1, highest=1000)
    seed = whole("seed", seed, "a whole number, 0 or more", lowest=0, highest=2**62)
    shortest = float(pool.units.delay.min())
    if step > shortest:
        raise InputError(
            f"window is {step} ms, and the shortest delay of an axon {shortest:.3g} ms; "
            "allowed: a window no longer than that"
        )
    for name, of in (("golgi", "tendon organs"), ("renshaw", "Renshaw cells")):
        late = pool[f"{name}.delay"]
        if step > late:
            raise InputError(
                f"window is {step} ms, and {name}.delay, of {of}, {late:g} ms; allowed: a "
                "window no longer than that"
            )
    rest, ceiling = pool["potassium.rest"], pool["potassium.ceiling"]
    low, high = POTASSIUM
    if not low <= rest < ceiling <= high:
        raise InputError(
            f"potassium.rest is {rest:g} and potassium.ceiling {ceiling:g} mM; allowed: from "
            f"{low:g} to {high:g} mM, the ceiling above the rest"
        )
    hottest = BODY + given.warmer.first
    if not (20.0 <= hottest.min() and hottest.max() <= 45.0):
        raise InputError(
            f"heat on heat goes from {hottest.min():g} to {hottest.max():g} degC; allowed: "
            f"{COLD_TO_HOT} degC"
        )
    if fatigue is not None:
        instance("fatigue", fatigue, Fatigue, "what mnexcite.motor_pool.pool_fatigue gives")
        fatigue.of_units(len(pool))
    if initial is not None:
        check_standing("initial", initial, pool)
    check_memory(
        f"force of {len(pool)} units in {duration:g} ms",
        (len(pool) + len(STATES)) * duration,
        "take a shorter duration",
    )
    end = math.ceil(duration)
    loop = Loop(
        pool,
        given,
        resting(pool) if initial is None else initial,
        step=step,
        end=end,
        seed=seed,
        fatigue=fatigue,
        threads=thread_count(threads),
        tolerance=TOLERANCE if tolerance is None else tolerance,
    )
    try:
        while loop.time < end:
            before, second = loop.time, False
            # Ctrl-C waits for the end of some windows, so that nothing is half done
            with signals.held() as came:
                for _ in range(TOGETHER):
                    loop.advance()
                    second = before // BLOCK < loop.time // BLOCK
                    if second or came or loop.time == end or loop.status != "ok":
                        break
            signals.hear(came)
            if tell is not None:
                tell(loop.time / end)
            if until is not None and second and until(loop.activity()):
                break
            if loop.status != "ok":
                break
    except BaseException as error:
        if not loop.time:
            raise
        said = f"stopped by Ctrl-C after {loop.time} ms"
        raise stopped_with(loop.activity(), error, said) from None
    finally:
        loop.close()
    return loop.activity()
