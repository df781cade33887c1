"""
Force against firing rate
=========================

How much of its fused force does a motor unit give at the rates of a cramp?
"""

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

# %%
# Three units: the slowest and the fastest of the pool of Fuglevand et al. (1993), and one that
# gives half of its force at 12 Hz, as units of the human thumb do (Thomas et al. 1991).
# ``force_frequency`` sums the twitches of a regular train in closed form; nothing is simulated.

rates = np.linspace(1.0, 40.0, 300)
units = {
    "slow, 90 ms": (mx.muscle.slow_unit(), "blue", (1.5, 68)),
    "thenar, 58.5 ms": (mx.muscle.thenar_unit(), "green", (15.2, 62)),
    "fast, 30 ms": (mx.muscle.fast_unit(), "vermillion", (27.5, 55)),
}

# %%
# In electrically elicited cramps of the foot, motor units fired at 14.5 Hz on average, from 6
# to 25 Hz (Minetto et al. 2009). There the slow unit is fused, and the fast one still
# twitches: its band, from the trough to the peak of each twitch, is wide.

with mx.plots.style():
    figure, ax = plt.subplots(figsize=(8.5, 5.2), layout="constrained")
    ax.axvspan(6.0, 25.0, color="0.94", zorder=0)
    ax.axvline(14.5, color="0.6", linewidth=1.0, zorder=0)
    ax.text(15.5, 104.0, "rates in a cramp: 6 to 25 Hz, mean 14.5 Hz", ha="center", color="0.4")
    for name, (unit, color, where) in units.items():
        curve = mx.muscle.force_frequency(unit, rates)
        shade = mx.plots.COLORS[color]
        ax.fill_between(rates, 100 * curve.trough, 100 * curve.peak, color=shade, alpha=0.2)
        ax.plot(rates, 100 * curve.mean, color=shade)
        ax.text(*where, name, color=shade)
        in_cramp = float(mx.muscle.force_from_rate(14.5, unit))
        print(f"{name:16} {100 * in_cramp:5.1f} % of fused force at 14.5 Hz")
    ax.set(xlabel="Rate of a regular train [Hz]", ylabel="Force [% of fused]")
    ax.set(xlim=(1, 40), ylim=(0, 111))
    ax.set_title("Mean force, and each cycle from trough to peak")
plt.show()
