# %% [markdown]
# # Why a quiet cell fires
#
# A motoneuron rests where the currents into it and out of it cancel. In ALS, persistent sodium
# current was found to be larger and potassium current smaller. Is one of these enough to make a
# quiet cell fire by itself, or does it take both?
#
# **Install** mnexcite once; its documentation says how, under "course servers". The first
# run compiles the cell, which takes some seconds.

# %%
import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

healthy = mx.cells.purvis_butera_2005()
rec = mx.simulate(healthy, duration=2000.0, every=0.1)
print(f"rests at {rec['v'][-1]:.1f} mV, {len(rec.spike_times)} spikes in 2 s")

# %% [markdown]
# ## Predict
#
# Write down before you go on, for each of these: silent, or firing?
#
# 1. persistent sodium doubled
# 2. potassium halved
# 3. persistent sodium doubled *and* potassium at 0.7 of its value, or at half of it

# %%
cases = {
    "as published": {},
    "NaP x2": {"NaP.g": 2.0},
    "K x0.5": {"K.g": 0.5},
    "NaP x2, K x0.7": {"NaP.g": 2.0, "K.g": 0.7},
    "NaP x2, K x0.5": {"NaP.g": 2.0, "K.g": 0.5},
}
counts = {}
figure, axes = plt.subplots(len(cases), sharex=True, sharey=True, figsize=(9, 7))
for axis, (name, factors) in zip(axes, cases.items(), strict=True):
    rec = mx.simulate(healthy.scaled(factors), duration=2000.0, every=0.1)
    counts[name] = len(rec.spike_times)
    axis.plot(rec.t / 1000.0, rec["v"])
    axis.set_title(f"{name}: {counts[name]} spikes", loc="left")
    axis.set_ylabel("mV")
axes[-1].set_xlabel("time [s]")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## Answer
#
# Doubled persistent sodium alone is borne. Potassium has to be halved before its loss alone
# makes the cell fire; with more persistent sodium, a loss of three tenths is enough. It is the
# *balance* that matters. (The directions are published; these factors are chosen here.)
#
# ## Why
#
# Hold the voltage still, wait until every gate has settled, and add up the currents. Where this
# curve crosses zero the cell could rest. **Predict:** what happens to the crossing as
# potassium falls?

# %%
voltages = np.arange(-80.0, -50.0, 0.1)
resting = {}
figure, axis = plt.subplots(figsize=(7, 4.5))
for name, factors in cases.items():
    curve = mx.equations.iv_curve(healthy.scaled(factors), voltages)
    axis.plot(voltages, curve.total, label=name)
    resting[name] = [e.v for e in curve.equilibria if e.stable]
axis.axhline(0.0, color="0.5", linewidth=1.0)
axis.set(xlabel="voltage [mV]", ylabel=f"current, outward up [{healthy.units['i']}]")
axis.legend()
plt.show()
print({name: [round(float(v), 1) for v in vs] for name, vs in resting.items()})

# %% [markdown]
# With doubled persistent sodium and halved potassium no stable rest is left: the list of
# resting voltages is empty, and the cell has to fire. In the two cases before it, a rest is
# still there.
# They fired because the run began at the *healthy* rest: with it, the cell was already on its
# way to a spike. Begun at its own rest, such a cell stays silent. **Predict** which of the
# three fires then:

# %%
at_rest = {}
for name in list(cases)[-3:]:
    changed = healthy.scaled(cases[name])
    start = "rest" if resting[name] else "published"
    at_rest[name] = len(mx.simulate(changed, duration=2000.0, initial=start).spike_times)
print(at_rest)

# %% [markdown]
# Near the border a cell can both rest and fire, and where it comes from decides.
#
# **Your own question:** from which value of potassium on does the cell fire, if persistent
# sodium is *not* changed? Change `cases`, predict, and run again.
