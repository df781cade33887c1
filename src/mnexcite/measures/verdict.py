"""What a run means, in words chosen from its results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnexcite.muscle import Force
    from mnexcite.simulation import Recording

#: From which fusion index on a contraction has which name. Where the line is drawn is our
#: choice: 0.25 and 0.75 of the peak are still held at the lowest point of a cycle, of 0.95
#: on a ripple is hard to see, and above 0.99 none can be seen.
FUSION = (
    (0.99, "fused contraction"),
    (0.95, "nearly fused contraction"),
    (0.75, "sustained, incompletely fused contraction"),
    (0.25, "unfused, fasciculation-like twitches"),
    (0.0, "single, fasciculation-like twitches"),
)
FAILED, NO_FORCE = "force that means nothing", "its force means nothing"
AT_REST = "the muscle stays at rest"
SUSTAINED = FUSION[2][0]
#: Spikes so soon after the stimuli are still theirs [ms]; rates are over so many intervals.
LATE, SIX = 200.0, 6
WITH_THEM = "contraction that ends with them"
OUTLASTS = "contraction that outlasts"

#: What is known of a cell without a stable rest, by its name; ends the sentence that says why
#: this is no cramp.
LATCH = {
    "purvis_butera_2005": (
        "this cell does not latch. So changed it has no stable rest: it fires because the "
        "drive is inside the cell, and a brief inhibition only pauses it."
    ),
    "molkov_2025": (
        "this cell can latch (with persistent sodium and raised K_o it fires on after a pulse "
        "until it is inhibited), but then at 130 to 145 Hz, six to nine times too fast; and "
        "this run gives no pulse that would show it."
    ),
    "booth_rinzel_kiehn_1997": (
        "this cell has a second stable state only with KCa x0.6 and under a holding current, "
        "which this run does not give."
    ),
    "cramping_motoneuron": (
        "this cell cramps by another way: a train of stimuli locks it while its facilitation "
        "lasts (docs/cramping-cell.md); --train and --facilitation give both."
    ),
    "motor_terminal": "this is the end of a motor axon, which needs the muscle's potassium.",
    "hodgkin_huxley_1952": (
        "this is the giant axon of a squid, not a motor neuron; it shows the mechanism only."
    ),
}
#: Said instead where the sick cell could also stay at rest.
BISTABLE = (
    "this cell also has a stable rest, at {:.1f} mV, so whether it fires depends on how it "
    "starts. That a train starts it and a stretch ends it, as in a cramp, is not shown."
)
#: How it fires, at a mean rate: without a steady current that excites it, or with one.
BY_ITSELF, DRIVEN = "fires by itself at", "under the current, fires at"
DRIVEN_FIRES = "This is no cramp: the current from outside makes it fire."
BLOCKED = (
    "This is no cramp: the cell is too depolarised to fire. Its sodium channels stay "
    "inactivated; that is weakness, not contraction."
)
MEANINGLESS = "The run failed, so it shows nothing; see its status and the warning."
NOTHING_FIRES = "This is no cramp: nothing fires by itself."
NOTHING_OUTLASTS = "This is no cramp: nothing outlasts the stimuli."
ONE_UNIT = (
    "This is the cramp of one motor unit: set off by stimuli and held without them. What "
    "holds it is assumed (docs/cramping-cell.md); a muscle has many units."
)
GOES_ON = (
    "This cell goes on firing without its stimuli. That alone is no cramp: units of a human "
    "cramp fire at 6 to 25 Hz and stop by themselves (Minetto et al. 2009)."
)
#: The cell that was calibrated to cramp.
CRAMPS = "cramping_motoneuron"
NOT_YET = "This is not yet a clinical cramp: {}"
NOT_HELD = "This is no cramp: the force is not held; and {}"
UNTESTED = "whether this cell has a second stable state was not tested."


@dataclass(frozen=True)
class Verdict:
    """Hold how a cell fires and what its muscle does, each as a phrase."""

    firing: str
    contraction: str
    sustained: bool
    blocked: bool = False
    short: str = ""

    @property
    def title(self) -> str:
        """How it fires, in a few words."""
        return self.short or self.firing

    @property
    def sentence(self) -> str:
        """Both phrases as one sentence."""
        if self.contraction in (AT_REST, FAILED):
            return f"{self.firing}; {AT_REST if self.contraction == AT_REST else NO_FORCE}."
        return f"{self.firing}; the muscle gives {article(self.contraction)}."


def judge(
    rec: Recording,
    force: Force,
    block: float | None = None,
    since: float | None = None,
    driven: bool = False,
) -> Verdict:
    """Return the words for a cell and the force its spikes give.

    `block` is the voltage [mV] at which it ends in depolarisation block, if it does; `since`
    when its stimuli ended [ms], None for a cell without any; `driven` whether a steady current
    excites it.
    """
    from mnexcite.spikes import describe, fires_on

    spikes, blocked = rec.spike_times, block is not None
    if rec.status != "ok":
        return Verdict(f"the run failed ({rec.status})", FAILED, False)
    ends = f"depolarisation block at {block:.1f} mV" if block is not None else ""
    if since is not None:
        return _after(rec, since, ends)
    if not spikes.size:
        return Verdict(f"silent, in {ends}" if ends else "silent", AT_REST, False, blocked)
    if spikes.size == 1:
        return Verdict(
            f"one spike, then {ends}" if ends else "one spike", "single twitch", False, blocked
        )
    rate = f"{DRIVEN if driven else BY_ITSELF} {describe(spikes).rate:.1f} Hz"
    name = next((name for least, name in FUSION if force.fusion_index >= least), "no force")
    if not fires_on(spikes, rec.start + rec.duration):
        ends = (
            f"{rate}, and stops after {spikes[-1] / 1e3:.1f} s{f' in {ends}' if ends else ''}"
        )
        lasts = "that do not last" if name.endswith("twitches") else "that does not last"
        passing = f"{name} {lasts}".replace("sustained, ", "")
        return Verdict(ends, passing, False, blocked)
    return Verdict(rate, name, force.fusion_index >= SUSTAINED)


def _after(rec: Recording, since: float, ends: str) -> Verdict:
    """Return the words for what outlasts stimuli that ended at `since` [ms].

    `ends`: the depolarisation block in which the cell is at the end, if it is.
    """
    from mnexcite.spikes import fires_on

    blocked, where = bool(ends), f", in {ends}" if ends else ""
    after = rec.spike_times[rec.spike_times > since + LATE]
    if after.size <= SIX:
        told = f"follows the stimuli and stops with them{where}"
        return Verdict(told, WITH_THEM, False, blocked, "stops with the stimuli")
    rates = 1e3 * SIX / (after[SIX:] - after[:-SIX])
    lasted = (after[-1] - since) * 1e-3
    firing = f"fires on after the stimuli, from {rates[0]:.0f} to {rates[-1]:.0f} Hz"
    if fires_on(after, rec.start + rec.duration):
        told = f"{firing}, to the end of the run"
        return Verdict(told, f"{OUTLASTS} them", True, short="fires on")
    told, short = f"{firing}, and stops after {lasted:.0f} s", f"fires on for {lasted:.0f} s"
    return Verdict(told + where, f"{OUTLASTS} them and ends", True, blocked, short)


def conclude_after(cell: str, sick: Verdict) -> str:
    """Return plain words about a sick cell that was stimulated."""
    if sick.contraction == FAILED:
        return MEANINGLESS
    if sick.blocked:
        return BLOCKED
    if not sick.sustained:
        return NOTHING_OUTLASTS
    return ONE_UNIT if cell == CRAMPS else GOES_ON


def conclude(cell: str, sick: Verdict, rest: float | None = None, driven: bool = False) -> str:
    """Return plain words about the sick case: what it is not, and why.

    `rest` is the voltage [mV] of a stable equilibrium that the sick cell has; `driven` whether
    a steady current excites it.
    """
    if sick.contraction == FAILED:
        return MEANINGLESS
    if sick.blocked:
        return BLOCKED
    if sick.contraction == AT_REST:
        return NOTHING_FIRES
    if driven:
        return DRIVEN_FIRES
    latch = LATCH.get(cell, UNTESTED) if rest is None else BISTABLE.format(rest)
    return (NOT_YET if sick.sustained else NOT_HELD).format(latch)


def article(phrase: str) -> str:
    """Return the phrase with its article, plurals without.

    >>> article("fused contraction"), article("unfused twitches that do not last")
    ('a fused contraction', 'unfused twitches that do not last')
    """
    if "twitches" in phrase or phrase.startswith("no "):
        return phrase
    return f"an {phrase}" if phrase[0] in "aeiou" else f"a {phrase}"
