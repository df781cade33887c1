"""
A muscle that cramps, and a stretch
===================================

A pool of motor units gets 150 stimuli to its motor nerve while the muscle is short, as in the
test of Minetto and Botter (2009). The stimuli set potassium free between the fibres; past a
threshold, nerves from the muscle facilitate the motoneurons (an assumption, see the page on the
pool that cramps), and firing outlasts the train. A stretch excites tendon organs, which inhibit
the motoneurons.
"""

# %%
# A muscle as it is and under a drug. The lower the number of units, the sooner it is done.

import mnexcite as mx

healthy = mx.motor_pool.cramping_pool(12, seed=2)
treated = healthy.under(mx.conditions.mexiletine(8.0))

given = mx.motor_pool.length(-1.0) + mx.motor_pool.train(24.0, start=1000.0)
end = 1000.0 + 150 / 24.0 * 1000.0  # [ms]
given += mx.motor_pool.length(2.0, start=end + 6000.0, duration=5000.0)

runs = {
    name: mx.motor_pool.contract(pool, given, duration=end + 13_000.0)
    for name, pool in {"Healthy": healthy, "Mexiletine, 8 uM": treated}.items()
}

for name, run in runs.items():
    cramp = mx.motor_pool.cramp_after(run, end)
    print(f"{name}: {cramp.units} of {len(run.pool)} units, {cramp.rate:.0f} Hz")

# %%
# Spikes by size, what electrodes on the skin record, and force.

cases = {name: (run, mx.motor_pool.surface_emg(run)) for name, run in runs.items()}
mx.plots.pool(cases)
