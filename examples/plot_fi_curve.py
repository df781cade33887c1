"""
Firing rate against current
===========================

The f-I curve of a motor neuron in one call: each current is a lane of a batch.
"""

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

# %%
# One stimulus per lane. The step starts at 20 ms and lasts 3 s; the rate is that of its last
# second, so that a cell which fires a few times and stops counts as silent.

currents = np.linspace(0.0, 1.5, 31)
steps = [mx.stimuli.step(i, unit="nA", start=20, duration=3000) for i in currents]


def rates(cell):
    batch = mx.simulate(cell, steps, duration=3020)
    return mx.spikes.rate(batch.spike_times.after(2020))


healthy = mx.cells.purvis_butera_2005()
early_als = healthy.under(mx.conditions.als_early())

# %%
# ``als_early`` doubles persistent sodium and takes potassium to 0.7 of its value. The published
# cell needs current to fire. The changed one fires without any: its curve meets the axis of
# rates above zero. Above 0.3 nA it is nevertheless the slower of the two, and the flatter one:
# more excitable does not mean faster.

with mx.plots.style():
    figure, ax = plt.subplots(figsize=(8, 4.8), layout="constrained")
    for cell, name in ((healthy, "blue"), (early_als, "vermillion")):
        mx.plots.fi_curve(currents, rates(cell), unit="nA", ax=ax)
        ax.lines[-1].set(color=mx.plots.COLORS[name], markersize=4)
    ax.text(0.95, 24, "as published", color=mx.plots.COLORS["blue"], ha="right")
    ax.text(0.95, 16, "early ALS: NaP x2, K x0.7", color=mx.plots.COLORS["vermillion"])
    ax.set_title("Purvis & Butera 2005: rate in the third second of a step")
plt.show()
