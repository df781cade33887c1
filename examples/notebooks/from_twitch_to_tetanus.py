# %% [markdown]
# # From twitch to tetanus
#
# One spike of a motoneuron makes its muscle fibres twitch. Spikes that come before a twitch is
# over add to it, until single twitches can no longer be told apart: a tetanus.

# %%
import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

slow, fast = mx.muscle.slow_unit(), mx.muscle.fast_unit()
twitches = {
    unit.name: mx.muscle.contract([50.0], unit, duration=1000.0) for unit in (slow, fast)
}
for name, twitch in twitches.items():
    peak = twitch.t[np.argmax(twitch.force)] - 50.0
    plt.plot(twitch.t, 100.0 * twitch.force, label=f"{name}: peak after {peak:.0f} ms")
plt.xlabel("time [ms]")
plt.ylabel("force [% of fused]")
plt.legend()
plt.show()

# %% [markdown]
# ## Predict
#
# The twitch of the slow unit is over after about half a second. (a) At which rate do its
# twitches begin to melt into each other? (b) At which rate is their ripple gone? (c) Are both
# rates higher or lower in the fast unit?

# %%
rates = [2.0, 4.0, 8.0, 12.0, 20.0, 40.0]
figure, axes = plt.subplots(2, 3, sharex=True, sharey=True, figsize=(10, 5))
for axis, rate in zip(axes.flat, rates, strict=True):
    spikes = np.arange(100.0, 2000.0, 1000.0 / rate)
    for unit in (slow, fast):
        pull = mx.muscle.contract(spikes, unit, duration=2000.0)
        axis.plot(pull.t / 1000.0, 100.0 * pull.force, label=unit.name)
    axis.set_title(f"{rate:g} Hz")
axes[0, 0].legend()
figure.supxlabel("time [s]")
figure.supylabel("force [% of fused]")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## Answer
#
# The index of fusion is 0 for twitches that stand alone and 1 where no ripple is left. A fast
# twitch is over sooner, so it takes a higher rate to melt.

# %%
tested = np.arange(2.0, 60.0, 2.0)
fusion = {
    unit.name: [
        mx.muscle.contract(
            np.arange(0.0, 4000.0, 1000.0 / rate), unit, duration=4000.0
        ).fusion_index
        for rate in tested
    ]
    for unit in (slow, fast)
}
for name, index in fusion.items():
    plt.plot(tested, index, "o-", label=name)
plt.xlabel("rate [Hz]")
plt.ylabel("index of fusion")
plt.legend()
plt.show()

# %% [markdown]
# In this model fusion of a slow unit begins near 3 Hz; in human thumbs it was seen from 5 to
# 8 Hz on (Thomas 1991). This is a limit of a muscle that is a sum of twitches.
#
# **Your own question:** a doublet, two spikes 10 ms apart, at the start of a train of 8 Hz:
# does it still show in the force a second later? Predict, then try.
