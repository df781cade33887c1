"""
From an ion channel to a contraction
====================================

In ALS persistent sodium current (NaP) rises and potassium current falls. Take a published
motor neuron, change those two conductances, and follow its spikes into the muscle.
"""

import matplotlib.pyplot as plt

import mnexcite as mx

# %%
# The default cell is the hypoglossal motor neuron of Purvis and Butera (2005). A change gives
# a new cell; the published one stays as it is. ``K`` stands for both voltage-gated potassium
# channels of this cell, the delayed rectifier and the A current.

healthy = mx.cells.purvis_butera_2005()
sick = healthy.scaled({"NaP.g": 2.0, "K.g": 0.5})

# %%
# Run both for four seconds. No current is injected into either.

quiet = mx.simulate(healthy, duration=4000)
firing = mx.simulate(sick, duration=4000)
statistics = mx.spikes.describe(firing.spike_times, discard=1000)
print(f"{statistics.count} spikes after the first second, {statistics.rate:.2f} Hz")

# %%
# A motor unit adds one twitch per spike. The slow unit takes 90 ms to the peak of a twitch, and
# a spike comes every 97 ms: a twitch starts before the last one has relaxed.

unit = mx.muscle.slow_unit()
at_rest = mx.muscle.contract(quiet, unit)
contracted = mx.muscle.contract(firing, unit, discard=1000)
print(f"mean force {100 * contracted.mean:.0f} % of fused")
print(f"fusion index {contracted.fusion_index:.2f}")

# %%
# The contraction lasts as long as the conductances are changed. So changed the cell has no
# stable rest to go back to, so this is a sustained, incompletely fused contraction, not yet a
# cramp with a start and an end. Milder changes leave it both a rest and lasting firing: see the
# measure ``bistability``.

mx.plots.contraction(
    {
        "As published: silent": (quiet, at_rest),
        f"NaP x2, K x0.5: {statistics.rate:.1f} Hz by itself": (firing, contracted),
    }
)
plt.show()
