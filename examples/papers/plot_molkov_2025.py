"""
Molkov et al. 2025: a triangle of current and its hysteresis
============================================================

Molkov YI, ..., Brocard F, Rybak IA (2025) Ionic mechanisms underlying bistability in spinal
motoneurons. Front Cell Neurosci 19:1710893.

On the way up the cell begins to fire late; on the way down it goes on to a much lower current.
Calcium that the spikes let in opens the current CAN, which holds the firing up.
"""

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

# %%
# The parameters are those of the example that comes with the paper's code: g_CAN 1.0, g_Kv1
# 1.0, g_KCa 0.25, g_NaP 0 mS/cm2, potassium 4 mM outside. They are the catalogue's values of
# this cell. The current rises from 0 to 20 uA/cm2 and falls back within 10 s.

cell = mx.cells.molkov_2025()
triangle = mx.stimuli.triangle(20.0, unit="uA/cm2", duration=10_000)
without = cell.replaced({"CAN.g": 0.0})
runs = {
    "with CAN": mx.simulate(cell, triangle, duration=10_000, record=("v", "CAN.i")),
    "without CAN": mx.simulate(without, triangle, duration=10_000, record=("v", "CAN.i")),
}
for name, run in runs.items():
    first, last = triangle.at(run.spike_times[[0, -1]])
    fastest = 1e3 / np.diff(run.spike_times).min()
    print(
        f"{name}: {run.spike_times.size} spikes from {first:.2f} up to {last:.2f} uA/cm2 down, "
        f"at most {fastest:.1f} Hz"
    )

# %%
# The same equations integrated independently to 1e-11 give 1046 spikes from 10.28 to
# 4.97 uA/cm2 and at most 213.6 Hz. The current of the first spike is the weakest of these
# numbers: on the way up the cell slowly passes the point at which its rest becomes unstable,
# and how long it still stays there depends on the smallest disturbance, such as the rounding
# of a table. ``method="reference"`` (40 s of computing) gives 10.29 uA/cm2 and 1046 spikes.
#
# No trace of the paper was measured for this figure. Its rates are far above those of human
# motor units, and without CAN some hysteresis remains.

run = runs["with CAN"]
current, rate = triangle.at(run.spike_times[1:]), 1e3 / np.diff(run.spike_times)
rising = run.spike_times[1:] < 5000

with mx.plots.style():
    figure = plt.figure(figsize=(12, 6), layout="constrained")
    grid = figure.add_gridspec(3, 2, width_ratios=[1.3, 1])
    for row, (name, run) in enumerate(runs.items()):
        ax = figure.add_subplot(grid[row, 0])
        ax.plot(1e-3 * run.t, run["v"], color="black", linewidth=0.3)
        ax.set(ylabel="v [mV]", xlim=(0, 10), title=name)
        ax.tick_params(labelbottom=False)
    drive = figure.add_subplot(grid[2, 0])
    drive.plot(1e-3 * run.t, triangle.at(run.t), color="0.4")
    drive.set(xlabel="Time [s]", ylabel="Current [uA/cm2]", xlim=(0, 10), ylim=(0, 21))
    loop = figure.add_subplot(grid[:, 1])
    blue, red = mx.plots.COLORS["blue"], mx.plots.COLORS["vermillion"]
    loop.plot(current[rising], rate[rising], ".", color=blue, label="current rising")
    loop.plot(current[~rising], rate[~rising], ".", color=red, label="current falling")
    loop.set(xlabel="Current [uA/cm2]", ylabel="Instantaneous rate [Hz]", ylim=(0, 230))
    loop.set_title("With CAN: one current, two answers")
    loop.legend()
plt.show()
