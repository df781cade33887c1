"""
Purvis and Butera 2005: the spike, the afterhyperpolarisation and repetitive firing
===================================================================================

Purvis LK, Butera RJ (2005) Ionic current model of a hypoglossal motoneuron. J Neurophysiol
93:723-733.

The hypoglossal motor neuron of the rat: one compartment, ten currents, calcium.
The protocols are a brief pulse and long steps of current.
"""

import matplotlib.pyplot as plt

import mnexcite as mx

cell = mx.cells.purvis_butera_2005()

# %%
# A pulse of 1 nA for 1 ms gives one spike and a long afterhyperpolarisation, carried by the
# calcium-dependent potassium current SK. Outward currents are positive.

pulse = mx.stimuli.pulse(1.0, unit="nA", start=10, duration=1)
record = ("v", "SK.i", "CaN.i")
one = mx.simulate(cell, pulse, duration=200, record=record, every=0.025)
lowest = one["v"].argmin()
print(f"threshold of -10 mV crossed at {one.spike_times[0]:.2f} ms")
print(f"peak {one['v'].max():.2f} mV")
print(f"lowest voltage {one['v'][lowest]:.2f} mV at {one.t[lowest]:.1f} ms")
print(f"largest SK current {one['SK.i'].max():.2f} nA")

# %%
# Steps of 3 s: at 0.22 nA the firing stops by itself, at 0.25 nA it goes on.

amplitudes = [0.22, 0.25, 0.5, 1.0]
steps = [mx.stimuli.step(i, unit="nA", start=20, duration=3000) for i in amplitudes]
batch = mx.simulate(cell, steps, duration=3200, record=("v",))
counts = [train.size for train in batch.spike_times]
last_rates = [mx.spikes.last_rate(train) for train in batch.spike_times]

# %%
# What agrees with what. The paper prints no numbers for these traces that we could compare
# with. The same equations integrated independently to 1e-9 give the numbers below; an
# independent replication of the paper (Shifman 2017, ReScience) has the same rest state. The
# replication's peak of SK is about 0.8 nA, where the paper's figure shows about 1 nA; that
# difference is not settled.
#
# ===================  ======================  ==============================
# run                  independent             here, default method and step
# ===================  ======================  ==============================
# 1 nA, 1 ms           spike at 11.3846 ms     printed above
# lowest voltage       -78.1257 mV, 35.59 ms   printed above
# 0.22 nA, 3 s         13 spikes, then stops   printed below
# 0.25 nA              33 spikes, 10.63 Hz     printed below
# 0.50 nA              54 spikes, 17.89 Hz     printed below
# 1.00 nA              70 spikes, 23.32 Hz     printed below
# ===================  ======================  ==============================

for i, count, rate in zip(amplitudes, counts, last_rates, strict=True):
    print(f"{i:.2f} nA: {count} spikes, last rate {rate:.2f} Hz")

with mx.plots.style():
    figure = plt.figure(figsize=(11, 6), layout="constrained")
    grid = figure.add_gridspec(4, 2)
    voltage = figure.add_subplot(grid[:2, 0])
    voltage.plot(one.t, one["v"], color="black")
    voltage.axhline(one["v"][0], color="0.7", linewidth=1.0, zorder=0)
    voltage.set(ylabel="v [mV]", title="One spike: 1 nA for 1 ms", ylim=(-85, 30))
    voltage.annotate(
        "afterhyperpolarisation",
        (one.t[lowest], one["v"][lowest]),
        (60, -40),
        arrowprops={"arrowstyle": "->"},
    )
    current = figure.add_subplot(grid[2:, 0], sharex=voltage)
    for name, color in (("SK.i", "blue"), ("CaN.i", "vermillion")):
        current.plot(one.t, one[name], color=mx.plots.COLORS[color])
    current.text(32, 0.4, "SK: calcium-dependent K", color=mx.plots.COLORS["blue"])
    current.text(30, -0.35, "N-type calcium", color=mx.plots.COLORS["vermillion"])
    current.set(xlabel="Time [ms]", ylabel="Current [nA]", xlim=(0, 150))
    voltage.tick_params(labelbottom=False)
    for row, (i, run, rate) in enumerate(zip(amplitudes, batch, last_rates, strict=True)):
        ax = figure.add_subplot(grid[row, 1])
        ax.plot(1e-3 * run.t, run["v"], color="black", linewidth=0.9)
        ax.set(ylim=(-90, 40), xlim=(0, 3.2), ylabel="v [mV]")
        ends = f"stops after {counts[row]} spikes" if i == 0.22 else f"{rate:.1f} Hz"
        ax.set_title(f"{i:g} nA: {ends}")
        ax.tick_params(labelbottom=row == 3)
    ax.set_xlabel("Time [s]")
plt.show()
