"""
A channel and a cell of your own
================================

A channel is a value: a conductance, its gates, and an ion or a reversal potential. A gate is
made of ordinary NumPy functions of the voltage ``v`` and of numbers with names.

The channel here is the slow potassium channel (Kv7) of the motor axon, with the rates of
McIntyre, Richardson and Grill (2002) at 37 degC. The cell around it is made up: the fast
sodium and potassium currents of Booth, Rinzel and Kiehn (1997), this channel and a leak.
"""

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx
from mnexcite.channels import spinal

# %%
# Ten lines. Each named number of a function becomes a path of the cell, such as
# ``Kv7.s.alpha_half``.


def rise(v, alpha_rate, alpha_half, alpha_slope):
    return alpha_rate / (1.0 + np.exp(-(v - alpha_half) / alpha_slope))


def fall(v, beta_rate, beta_half, beta_slope):
    return beta_rate / (1.0 + np.exp(-(v - beta_half) / beta_slope))


opening = dict(alpha=rise, alpha_rate=0.3, alpha_half=-53.0, alpha_slope=5.0)
closing = dict(beta=fall, beta_rate=0.03, beta_half=-90.0, beta_slope=1.0)
s = mx.Gate("s", **opening, **closing, rate=3.0 ** ((37 - 36) / 10))
slow_potassium = mx.Channel("Kv7", g=0.2, ion="K", gates=[s])
fast = [spinal.fast_sodium("Na", g=120.0), spinal.delayed_rectifier("Kdr", g=100.0)]
leak = mx.Channel("leak", g=0.5, E=-60.0)
soma = mx.Compartment("soma", C=1.0, channels=[*fast, slow_potassium, leak])
ions = [mx.Ion("Na", E=55.0), mx.Ion("K", E=-80.0, outside=4.0)]
cell = mx.Cell("made_up", soma, ions=ions, dt=0.005, source="this example")

# %%
# The cell is now like any other: its numbers have paths, units and a status, and its kinetics
# can be looked at. (Below -90 mV the published rates open the channel again; no cell here goes
# there.)

for path, number in cell.parameters.items():
    if path.startswith("Kv7"):
        print(f"{path:20} {number.value:8.4g} {number.unit:7} {number.status}")

v = np.linspace(-85.0, 0.0, 300)
steady, tau = mx.equations.gate_curves(cell, v)["Kv7.s"]

# %%
# Three amounts of the channel in one call, each under the same current. Nothing is compiled
# again when a value changes.

amounts = [0.0, 0.2, 0.3]
current = mx.stimuli.step(6.0, unit="uA/cm2", start=100, duration=500)
batch = mx.simulate(cell, current, duration=700, parameters={"Kv7.g": amounts}, record=("v",))

with mx.plots.style():
    figure = plt.figure(figsize=(10, 5), layout="constrained")
    grid = figure.add_gridspec(6, 2, width_ratios=[1, 2])
    opened, speed = figure.add_subplot(grid[:3, 0]), figure.add_subplot(grid[3:, 0])
    opened.plot(v, steady)
    opened.set(ylabel="s at rest [1]", ylim=(0, 1), title="The channel")
    speed.plot(v, tau)
    speed.set(xlabel="Voltage [mV]", ylabel="Time constant [ms]", ylim=(0, None))
    opened.sharex(speed)
    opened.tick_params(labelbottom=False)
    for row, (g, run) in enumerate(zip(amounts, batch, strict=True)):
        ax = figure.add_subplot(grid[2 * row : 2 * row + 2, 1])
        ax.plot(run.t, run["v"], color=mx.plots.COLORS["vermillion"], linewidth=1.0)
        ax.axvspan(100, 600, color="0.93", zorder=0)
        ax.set(ylim=(-90, 60), xlim=(0, 700), ylabel="v [mV]")
        count = run.spike_times.size
        rate = f"{mx.spikes.last_rate(run.spike_times):.0f} Hz" if count > 1 else "one spike"
        ax.set_title(f"Kv7 {g:g} mS/cm2: {rate}", loc="right", fontsize=11, weight="normal")
        ax.tick_params(labelbottom=row == 2)
        if row == 0:
            ax.set_title("The cell under 6 uA/cm2 (grey)")
    ax.set_xlabel("Time [ms]")
plt.show()
