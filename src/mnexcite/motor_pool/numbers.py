"""The numbers of a motor pool beside those of its cells, each with its source and status."""

from __future__ import annotations

from mnexcite.cells import Parameter
from mnexcite.channels.mapping import FrozenMapping

INTERSTITIUM = (
    "interstitial potassium of muscle: 4.2 mM at rest, 6 to 9 at work, 10.3 to 11.9 at "
    "exhaustion (Am J Physiol 2000, 278:R400; 285:R143; J Appl Physiol 1999, 87:460)"
)
TUNED = "calibrated by mnexcite to thresholds and durations of cramps"
ASSUMED = "assumed: no source settles it"
OFF = "assumed: off, as the calibration is without it; no source settles its size"
LATENCY = "assumed: stretch reflex of the human leg at"
VARIATION = "calibrated by mnexcite to the variation of intervals in cramps"


def _table(
    **rows: tuple[float, str, str, str],
) -> FrozenMapping[Parameter]:
    return FrozenMapping(
        {name.replace("__", "."): Parameter(*row) for name, row in rows.items()}
    )


#: Name -> number. Part and quantity, as in a cell's paths.
NUMBERS = _table(
    # what lies between the muscle's fibres
    potassium__rest=(4.0, "mM", INTERSTITIUM, "published"),
    potassium__ceiling=(12.0, "mM", INTERSTITIUM, "published"),
    potassium__release=(0.075, "mM per spike of all units", TUNED, "tuned"),
    potassium__tau=(3500.0, "ms", TUNED, "tuned"),
    pump__gain=(1.5, "1", "direction: activity speeds the pump; size tuned", "tuned"),
    pump__tau=(30_000.0, "ms", TUNED, "tuned"),
    pump__rate=(20.0, "Hz", ASSUMED, "unverified"),
    # facilitation by muscle afferents: its gate, and how fast it fills
    afferent__half=(6.05, "mM", f"{TUNED}; that there is such a gate is assumed", "tuned"),
    afferent__slope=(0.02, "mM", f"{TUNED}; its steepness is not published", "tuned"),
    afferent__most=(1.65, "1", f"{TUNED}; assumed", "tuned"),
    afferent__rise=(1500.0, "ms", TUNED, "tuned"),
    afferent__length=(1.0, "mM per unit of length", ASSUMED, "unverified"),
    afferent__sensitised=(0.6, "mM", ASSUMED, "unverified"),
    sensitisation__rise=(0.0, "1/ms", "assumed: off; 1/30000 where it is on", "unverified"),
    sensitisation__tau=(1.08e7, "ms", "3 h: assumed", "unverified"),
    # inhibition by tendon organs
    golgi__gain=(1.0, "mS/cm2", TUNED, "tuned"),
    golgi__E=(-78.0, "mV", ASSUMED, "unverified"),
    golgi__delay=(40.0, "ms", ASSUMED, "unverified"),
    golgi__tau=(30.0, "ms", ASSUMED, "unverified"),
    # excitation by muscle spindles, off by default
    Ia__gain=(0.0, "mS/cm2 at one unit of length per s", OFF, "unverified"),
    Ia__power=(0.6, "1", "Prochazka & Gorassini 1998, of cats: 0.5 to 0.6", "published"),
    Ia__tau=(100.0, "ms", "assumed: how soon spindles come to a new length", "unverified"),
    Ia__delay=(25.0, "ms", f"{LATENCY} 40 ms, less the axon's 15", "unverified"),
    II__gain=(0.0, "mS/cm2 per unit of length above rest", OFF, "unverified"),
    II__delay=(50.0, "ms", f"{LATENCY} 65 ms, less the axon's 15", "unverified"),
    # recurrent inhibition by Renshaw cells, off by default
    renshaw__gain=(0.0, "mS/cm2 per Hz of all units", OFF, "unverified"),
    renshaw__delay=(10.0, "ms", "assumed: that of a window", "unverified"),
    renshaw__tau=(40.0, "ms", ASSUMED, "unverified"),
    # tension against length, -1 short to +1 long
    length__best=(0.6, "1", ASSUMED, "unverified"),
    length__width=(1.2, "1", ASSUMED, "unverified"),
    length__passive=(0.3, "of the greatest force", ASSUMED, "unverified"),
    # what fluctuates
    noise__tau=(5.0, "ms", ASSUMED, "unverified"),
    noise__own=(0.3, "uA/cm2", VARIATION, "tuned"),
    noise__loop=(
        0.8,
        "uA/cm2",
        f"{VARIATION}; that it goes with facilitation is assumed",
        "tuned",
    ),
    noise__loop_common=(0.5, "uA/cm2", VARIATION, "tuned"),
    noise__half=(3.0, "Hz", VARIATION, "tuned"),
    noise__activity=(300.0, "ms", ASSUMED, "unverified"),
    effort__own=(0.3, "1", VARIATION, "tuned"),
    effort__common=(0.3, "1", VARIATION, "tuned"),
    common__frequency=(1.4, "Hz", "Minetto et al. 2009: common drive in cramps", "published"),
    common__damping=(0.45, "1", VARIATION, "tuned"),
    # spikes that begin in terminals by chance
    twitches__rate=(0.05, "1/s per unit", "assumed: kicks of healthy terminals", "unverified"),
    twitches__current=(
        10.0,
        "uA/cm2",
        "assumed: mean of an exponential, for 1 ms",
        "unverified",
    ),
    # spikes on axons
    axon__echo=(
        4.0,
        "ms",
        "assumed: a spike so soon after one that arrived is its echo",
        "unverified",
    ),
)
