"""
The force of spikes from a laboratory
=====================================

Spike times need not come from a simulation. Read those of a file, describe them, and let them
drive motor units.

The file ``spikes.csv`` beside this script has one line per spike, with the motor unit and the
time in seconds, as a decomposition of surface EMG gives it. Its numbers are made up; put the
name of your own file in its place.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

# %%
# ``read`` takes the unit of time and the layout from the header, and asks for what the header
# leaves open. It also reads NWB, JSON of openhdemg and ``.mat`` of DEMUSE and OTBioLab+.

file = Path(sys.argv[0]).with_name("spikes.csv")
trains = mx.spikes.read(file)

# %%
# One description per motor unit.

found = mx.spikes.describe(trains)
print("unit  spikes  rate [Hz]    CV  doublets")
for i, name in enumerate(trains.names):
    print(
        f"{name:4}  {found.count[i]:6}  {found.rate[i]:9.2f}  {found.cv[i]:.2f}"
        f"  {found.doublets[i]:8}"
    )

# %%
# Which muscle fibres belong to which neuron is not in the file: we say that all are units of
# the thumb with a fused force of 0.1 N each, and add them up.

unit = mx.muscle.thenar_unit().with_fused_force(0.1, "N")
forces = mx.muscle.contract(trains, unit, duration=11_000)
total = forces.force.sum(axis=0)
print(f"largest force {total.max():.3f} N of {0.1 * len(trains):.1f} N when fused")

with mx.plots.style():
    figure, (spikes, force) = plt.subplots(
        2, 1, figsize=(9, 6), sharex=True, height_ratios=[1, 2], layout="constrained"
    )
    mx.plots.raster(trains, spikes)
    spikes.set(xlabel="", title="Three motor units in a cramp (made-up spikes)")
    t = 1e-3 * forces.t
    low = np.zeros_like(total)
    for name, line in zip(trains.names, forces.force, strict=True):
        force.fill_between(t, low, low + line, alpha=0.6, label=name)
        low = low + line
    force.plot(t, total, color="black", linewidth=1.2)
    force.set(xlabel="Time [s]", ylabel="Force [N]", xlim=(0, 11), ylim=(0, None))
    force.legend(title="motor unit", loc="upper right")
plt.show()
