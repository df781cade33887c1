"""
Force after the drive has stopped, against persistent sodium
============================================================

A drive makes a motoneuron fire and its muscle contract; then the drive stops. How long does
the contraction go on? Two published cells, and two very different answers.
"""

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

# %%
# Each cell is driven for half a second. Spikes and force count from the end of the drive on
# (``discard``), for three seconds: so ``contraction_duration`` is the time after the drive for
# which the slow motor unit gives more than 10 % of its fused force. Even a cell that falls
# silent at once leaves 0.3 to 0.4 s, while the unit relaxes. Three seconds means: to the end of
# the run or longer.
#
# ``self_sustained`` asks what became of the firing. It gives the same pulse to a cell that has
# had one second to rest, says if the cell had been firing by itself before, and ends firing
# that goes on with a second, hyperpolarising pulse of one second.

START, END, WATCH = 1000.0, 1500.0, 3000.0


def after_drive(cell, axes, amplitude, brake, unit):
    drive = mx.stimuli.pulse(amplitude, unit=unit, start=START, duration=END - START)
    ends = mx.measures.self_sustained(amplitude=amplitude, brake=brake)
    return mx.sweep(
        cell,
        axes,
        drive,
        duration=END + WATCH,
        discard=END,
        measures=("force", "contraction", "rate", ends),
    )


# %%
# Molkov et al. 2025 has calcium currents that can hold it up. Its published example set has no
# persistent sodium at all, so the axis is absolute. In Purvis & Butera 2005 the axis is a
# factor of the published conductance, and its potassium channels are at 0.8 of theirs, so that
# the axis crosses the front to spontaneous firing.

potassium = np.linspace(4.0, 6.0, 5)
molkov = after_drive(
    mx.cells.molkov_2025(),
    {"NaP.g": np.linspace(0.0, 1.0, 21), "ions.K_o": potassium},
    amplitude=20.0,
    brake=-5.0,
    unit="uA/cm2",
)
purvis = after_drive(
    mx.cells.purvis_butera_2005().scaled({"K.g": 0.8}),
    {"NaP.g": mx.factors(0.5, 3.5, 21), "ions.K_o": potassium},
    amplitude=1.0,
    brake=-0.25,
    unit="nA",
)

# %%
# Left, what became of the firing; right, the time of contraction at three concentrations of
# potassium outside.

with mx.plots.style():
    figure, axes = plt.subplots(2, 2, figsize=(15, 8.8), layout="constrained")
    for row, ds, name in zip(axes, (molkov, purvis), ("Molkov", "Purvis-Butera"), strict=True):
        options = {"factor": ds is purvis}
        mx.plots.phase_map(ds, variable="sustained_end", ax=row[0], **options)
        lasting = ds.assign(after=1e-3 * ds["contraction_duration"])
        lasting["after"].attrs = {"units": "s", "long_name": "contraction after the drive"}
        mx.plots.slices(lasting, "after", "NaP.g", at=(4.0, 5.0, 6.0), ax=row[1], **options)
        row[0].set_title(f"{name}: the firing")
        row[1].set_title(f"{name}: the muscle")
        row[1].set_ylim(0.0, 3.15)
plt.show()

# %%
# In Molkov's cell the contraction outlasts the drive by the longer, the more persistent sodium
# there is, and beyond a border it does not end in the time watched. All of these cells were
# silent before; the drive took them into a second, lasting state, and a second of -5 uA/cm2
# took each of them out of it. Potassium outside moves the border to less sodium.
#
# Purvis & Butera's cell does that only in a narrow band, beside the border of spontaneous
# firing. There it has a stable rest, in which every point begins, and the pulse sets off firing
# that goes on; a second of -0.25 nA does not end it. Elsewhere the muscle relaxes as soon as
# the drive stops, or the cell fires by itself, drive or none. To the far right the times are a
# little shorter, because 1 nA is too much there: the cell is blocked while it is driven, and
# its muscle has relaxed when the firing comes back.

for name, ds in (("Molkov", molkov), ("Purvis-Butera", purvis)):
    lasting = ds.where(ds["contraction_duration"] > 0.9 * WATCH)
    rate, force = lasting["rate"], 100 * lasting["force_mean"]
    print(f"{name}, contractions to the end:")
    print(f"  {float(rate.min()):.0f} to {float(rate.max()):.0f} Hz")
    print(f"  {float(force.min()):.0f} to {float(force.max()):.0f} % of fused force")

# %%
# That persistent sodium and potassium outside favour a latch, and that an inhibition ends it,
# is what the equations of Molkov et al. give; the limits of this map are this model's
# prediction, measured by nobody. The amplitudes of all pulses, the 10 % of force, the three
# seconds and the slow unit, which contracts with 90 ms whatever the cell, are our choices. At
# 80 to 170 Hz the latched cell fires six to twelve times as fast as motor units in a cramp,
# which fire at 14.5 Hz on average (Minetto et al. 2009).
#
# **To take home**: with a current that can hold the cell up, persistent sodium sets how long
# force outlasts its drive; without one, it decides whether there is force without drive, and in
# a narrow band whether a drive that is over still matters.
