# %% [markdown]
# # How a cramp starts, holds and is broken
#
# A cramp outlasts what set it off: firing goes on after the stimuli have ended, until something
# breaks it or it fades. A cell that merely fires by itself does not do that. What is needed is
# a second state beside rest.
#
# In this cell that state is *assumed* (a persistent inward current in the dendrites that
# afferents facilitate); its numbers were chosen so that it does what cramps do.

# %%
import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

cell = mx.cells.cramping_motoneuron()
train = mx.stimuli.train(60.0, unit="uA/cm2", rate=30.0, count=240, start=500.0)
END = 8.5  # of the train [s]


def spikes_of(stimulus, facilitation=None, treated=cell):
    """Return the spikes of a minute [s]."""
    initial = "published" if facilitation is None else {"facilitation": facilitation}
    rec = mx.simulate(treated, stimulus, duration=60_000.0, initial=initial, tolerance=1e-4)
    return rec.spike_times / 1000.0


# %% [markdown]
# ## Predict
#
# Eight seconds of 30 stimuli a second. (a) What does the healthy cell do when they end? (b) And
# while afferents facilitate it (1.65 times)? (c) What does an inhibition of three seconds do to
# that, as a stretch of the muscle brings about: does it pause the firing, or end it?

# %%
stretch = mx.stimuli.conductance(0.3, unit="mS/cm2", E=-78.0, start=16_000.0, duration=3000.0)
runs = {
    "healthy": spikes_of(train),
    "facilitated": spikes_of(train, 1.65),
    "facilitated, stretched at 16 s": spikes_of(train + stretch, 1.65),
}
figure, axis = plt.subplots(figsize=(9, 3))
axis.eventplot(list(runs.values()), lineoffsets=range(len(runs)), linelengths=0.8)
axis.axvspan(0.5, END, color="0.9", zorder=0)
axis.set_yticks(range(len(runs)), list(runs))
axis.set(xlabel="time [s]", xlim=(0, 60))
axis.invert_yaxis()
figure.tight_layout()
plt.show()
lasted = {name: float(max(0.0, spikes[-1] - END)) for name, spikes in runs.items()}
print({name: f"{length:.0f} s after the train" for name, length in lasted.items()})

# %% [markdown]
# ## Answer
#
# The healthy cell follows the stimuli and stops with them. The facilitated one locks: it fires
# on, ever more slowly, until sodium has filled it and the facilitation has faded. The
# inhibition does not merely pause it: it takes the cell out of its second state, and nothing
# brings it back.
#
# ## A drug
#
# Mexiletine blocks sodium channels, and was found to make cramps rarer in ALS. Patients have
# 2.8 to 11 uM in their blood. **Predict:** how long does the same cramp last at 2, 8 and 30 uM?

# %%
doses = [0.0, 2.0, 8.0, 30.0]
durations = []
for dose in doses:
    treated = cell.under(mx.conditions.mexiletine(dose)) if dose else cell
    spikes = spikes_of(train, 1.65, treated)
    durations.append(float(max(0.0, spikes[-1] - END)))
plt.plot(doses, durations, "o-")
plt.xlabel("mexiletine [uM]")
plt.ylabel("firing after the train [s]")
plt.ylim(0, None)
plt.show()
print(dict(zip(doses, np.round(durations, 1).tolist(), strict=True)))

# %% [markdown]
# It shortens with the dose; 30 uM is beyond what patients take.
#
# **Your own question:** how late may the stretch come and still help? And how short may it be?
