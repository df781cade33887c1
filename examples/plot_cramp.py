"""
A cramp, and what ends it
=========================

The same cell, the same eight seconds of stimuli at 30 Hz. Healthy it stops with them. With a
facilitation that fades over 45 s, which is an assumption of ours, it is locked in firing and
its muscle with it, until sodium has filled it and the facilitation is too small, an inhibition
lasts long enough, or a drug takes away what holds it. The cell is a calibration of ours: every
number says whether it was published, tuned or assumed.
"""

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

cell = mx.cells.cramping_motoneuron()
train = mx.stimuli.train(60.0, unit="uA/cm2", rate=30.0, count=240, start=2000.0)
stretch = mx.stimuli.conductance(0.3, unit="mS/cm2", E=-78.0, start=16_000.0, duration=3000.0)
facilitated = {"facilitation": 1.65}
seconds = 45

# %%
# A stretch of the muscle inhibits its motoneurons; here it is a conductance of about one leak
# for three seconds. Mexiletine is at 5 uM, a clinical concentration.

cases = {
    "Healthy": (cell, train, {}),
    "Facilitated: a cramp, which ends by itself": (cell, train, facilitated),
    "The same, stretched for 3 s": (cell, train + stretch, facilitated),
    "The same under mexiletine, 5 uM": (
        cell.under(mx.conditions.mexiletine(5.0)),
        train,
        facilitated,
    ),
}
unit = mx.muscle.slow_unit()
figure, axes = plt.subplots(len(cases), 1, sharex=True, figsize=(9, 8), layout="constrained")
ends = {}
for ax, (name, (treated, stimulus, initial)) in zip(axes, cases.items(), strict=True):
    rec = mx.simulate(treated, stimulus, duration=1e3 * seconds, initial=initial)
    force = mx.muscle.contract(rec.spike_times, unit, duration=1e3 * seconds)
    ends[name] = rec.spike_times[-1] / 1e3
    ax.axvspan(2, 10, color=mx.plots.COLORS["sky"], alpha=0.25, lw=0, label="stimuli, 30 Hz")
    if "stretched" in name:
        ax.axvspan(16, 19, color=mx.plots.COLORS["orange"], alpha=0.3, lw=0, label="stretch")
    ax.plot(force.t / 1e3, 100 * force.force, color=mx.plots.COLORS["black"], lw=1)
    ax.eventplot(rec.spike_times / 1e3, lineoffsets=-12, linelengths=14, lw=0.4, color="0.3")
    ax.set(title=name, ylabel="force [% of fused]", ylim=(-22, 105))
    ax.title.set_fontsize(10)
    print(f"{name}: the last spike is at {ends[name]:.1f} s")
axes[2].legend(loc="upper right", frameon=False)
axes[-1].set(xlabel="time [s]", xlim=(0, seconds))
plt.show()

# %%
# How long it lasts, over the concentration of mexiletine. In people 300 mg a day left a third
# of the cramps, 900 mg a sixth (Weiss et al. 2016); how often one is set off is not in this
# picture.

doses = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 11.0])
treated = cell.under(mx.conditions.mexiletine(5.0))
batch = mx.simulate(
    treated,
    train,
    duration=1e3 * seconds,
    parameters={"mexiletine.c": doses},
    initial=facilitated,
)
lasted = np.array([max(spikes[-1] / 1e3 - 10.0, 0.0) for spikes in batch.spike_times])
figure, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
ax.plot(doses, lasted, "o-", color=mx.plots.COLORS["vermillion"])
ax.axvspan(2.8, 11.0, color="0.9", lw=0, label="plasma")
ax.set(xlabel="mexiletine [uM]", ylabel="firing after the stimuli [s]", ylim=(0, None))
ax.legend(frameon=False)
plt.show()
