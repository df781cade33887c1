"""The laboratory's test of a cramp: rest, a train to the shortened muscle, a stretch.

What came of it, in words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mnexcite.cells import Cell
from mnexcite.motor_pool import protocol as protocols
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.cramps import cramp_after
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.threshold import STIMULI

#: How much more often terminals of a sick pool are kicked: encoded, of the order of what
#: Bashford et al. 2020 count (10 times in strong muscles).
KICKS = 10.0
#: What a sentence may rest on.
BASIS = (
    "Published: spike currents, potassium in working muscle, the 150-stimulus test. "
    "Calibrated by us: thresholds, durations and the irregularity of firing. Assumed: that "
    "muscle afferents facilitate motoneurons for tens of seconds (docs/motor-pool.md)."
)
SHORT, LONG = -1.0, 2.0  # length of the muscle, and what a stretch adds
#: Of `firing`: rate below which a unit counts as silent [1/ms].
SLOWEST = 3e-3
_BEGUN = "{} of {} units fire on by themselves after the train"
_ENDS = {
    "by itself": " and stop by themselves after {:.0f} s.",
    "not ended": " and have not stopped {:.0f} s later.",
    "by stretch": " until a stretch of {:g} s ends the cramp.",
    "stretch leaves some": "; a stretch stops all but a few.",
    "resists stretch": "; the stretch quiets them, and they come back when it is over.",
}


@dataclass(frozen=True)
class Elicited:
    """Hold what is done: a train of 150 stimuli to a shortened muscle, and a stretch.

    Attributes
    ----------
    train
        Rate of the stimuli [Hz].
    stretch
        When the stretch begins, after the train [ms]; 0 for none.
    rest, lasts
        When the train begins, and how long the stretch lasts [ms].
    """

    train: float = 18.0
    stretch: float = 0.0
    rest: float = 4000.0
    lasts: float = 5000.0

    @property
    def end(self) -> float:
        """When the train ends [ms]."""
        return self.rest + 1e3 * STIMULI / self.train

    @property
    def pulled(self) -> tuple[float, float] | None:
        """When the stretch begins and ends [ms], None without one."""
        if not self.stretch:
            return None
        return self.end + self.stretch, self.end + self.stretch + self.lasts

    @property
    def protocol(self) -> protocols.Protocol:
        """What the pool is told."""
        given = protocols.length(SHORT)
        given += protocols.train(self.train, count=STIMULI, start=self.rest)
        if self.pulled:
            given += protocols.length(LONG, start=self.pulled[0], duration=self.lasts)
        return given

    @property
    def python(self) -> str:
        """The line that makes the protocol."""
        said = (
            f"mx.motor_pool.length({SHORT:g}) + mx.motor_pool.train({self.train:g}, "
            f"count={STIMULI}, start={self.rest:g})"
        )
        if self.pulled:
            start = repr(self.pulled[0])
            said += f" + mx.motor_pool.length({LONG:g}, start={start}, duration={self.lasts:g})"
        return said


def sick(pool: Pool, *conditions: Callable[[Cell], Cell]) -> Pool:
    """Return a pool under conditions whose terminals are kicked more often."""
    return pool.under(*conditions).scaled({"twitches.rate": KICKS})


def outcome(activity: Activity, given: Elicited) -> str:
    """Return how a cramp ended, in a word: one of `_ENDS`, or `no cramp`."""
    cramp = cramp_after(activity, given.end)
    if not cramp.elicited:
        return "no cramp"
    pulled = given.pulled
    if pulled is None or given.end + cramp.duration < pulled[0]:
        return "by itself" if cramp.ended else "not ended"
    left = firing(activity, pulled[1] + 1e3, activity.duration)
    if left == 0:
        return "by stretch"
    return "stretch leaves some" if left < 0.2 * cramp.units else "resists stretch"


def firing(activity: Activity, start: float, stop: float) -> int:
    """Return how many units fire at 3 Hz or more in a span [ms]."""
    least = max(2.0, SLOWEST * (stop - start))
    return int(sum(t.size >= least for t in activity.terminals.between(start, stop)))


def sentence(activity: Activity, given: Elicited) -> str:
    """Return what came of it in one sentence, and the rate of the units in the cramp."""
    found, how = cramp_after(activity, given.end), outcome(activity, given)
    if how == "no cramp":
        return "nothing outlasts the train."
    lasts = 1e-3 * (given.lasts if how == "by stretch" else found.duration)
    said = _BEGUN.format(found.units, len(activity.pool)) + _ENDS[how].format(lasts)
    return f"{said} Their rate is {found.rate:.0f} Hz."
