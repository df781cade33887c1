"""
Booth, Rinzel and Kiehn 1997: one current, two states
=====================================================

Booth V, Rinzel J, Kiehn O (1997) Compartmental model of vertebrate motoneurons for
Ca2+-dependent spiking and plateau potentials under pharmacological treatment. J Neurophysiol
78:3371-3385.

A soma with spikes and a dendrite with a calcium plateau. Serotonin lowers the
calcium-dependent potassium conductance, and the cell becomes bistable: a pulse switches it
from slow to fast firing, and it stays there after the pulse.
"""

import matplotlib.pyplot as plt

import mnexcite as mx

# %%
# Serotonin here is KCa x0.6 in both compartments: a path without a compartment means every
# compartment that has it. The factor is the default of public ports of the model to NEST and
# NEURON.

published = mx.cells.booth_rinzel_kiehn_1997()
serotonin = published.scaled({"KCa.g": 0.6})

# %%
# A holding current of 2 uA/cm2 from the start; at 3 s, a pulse of 20 uA/cm2 for 1 s.

holding = mx.stimuli.step(2.0, unit="uA/cm2")
stimulus = holding + mx.stimuli.pulse(20.0, unit="uA/cm2", start=3000, duration=1000)
record = ("soma.v", "dendrite.v", "dendrite.CaL.i")
runs = {
    "KCa as published": mx.simulate(published, stimulus, duration=7000, record=record),
    "KCa x0.6 (serotonin)": mx.simulate(serotonin, stimulus, duration=7000, record=record),
}
rates = {}
for name, run in runs.items():
    before = mx.spikes.rate([t for t in run.spike_times if 1000 <= t < 3000])
    after = mx.spikes.rate([t for t in run.spike_times if t >= 5000])
    rates[name] = (before, after)
    print(f"{name:22} before {before:6.2f} Hz, after {after:6.2f} Hz")

# %%
# The same equations integrated independently to 1e-11 give 16.72 Hz before and 77.70 Hz after
# the pulse with KCa x0.6 in both compartments, and silence before and after it as published.
# If only the soma's KCa is lowered it is silent before and after; if only the dendrite's, it
# fires at 10.96 and 55.85 Hz. No trace of the paper was measured for this figure.

with mx.plots.style():
    figure, axes = plt.subplots(
        3, 2, figsize=(12, 6.5), sharex=True, sharey="row", layout="constrained"
    )
    for column, (name, run) in zip(axes.T, runs.items(), strict=True):
        soma, dendrite, current = column
        t = 1e-3 * run.t
        soma.plot(t, run["soma.v"], color="black", linewidth=0.5)
        dendrite.plot(t, run["dendrite.v"], color=mx.plots.COLORS["blue"], linewidth=0.8)
        current.plot(t, stimulus.at(run.t), color="0.4")
        current.set(xlabel="Time [s]", xlim=(0, 7), ylim=(0, 26))
        before, after = rates[name]
        soma.set_title(name)
        for x, rate in ((2.0, before), (6.0, after)):
            soma.text(x, 50, f"{rate:.1f} Hz" if rate else "silent", ha="center")
    axes[0, 0].set(ylabel="Soma [mV]", ylim=(-80, 70))
    axes[1, 0].set(ylabel="Dendrite [mV]")
    axes[2, 0].set(ylabel="Current [uA/cm2]")
plt.show()
