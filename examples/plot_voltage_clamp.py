"""
A persistent inward current under a slow voltage ramp
=====================================================

Persistent inward currents are measured by raising the voltage so slowly that fast sodium
inactivates. How slow is slow enough?
"""

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

# %%
# Ramps from -85 to -35 mV at three speeds. The clamp current is what the amplifier must inject:
# negative where the membrane's own current is inward.

cell = mx.cells.purvis_butera_2005().scaled({"NaP.g": 2.0})
speeds = {100.0: "vermillion", 30.0: "green", 10.0: "blue"}

with mx.plots.style():
    figure, ax = plt.subplots(figsize=(8.5, 5.2), layout="constrained")
    for speed, color in speeds.items():
        lasting = 1e3 * 50.0 / speed
        clamp = mx.stimuli.voltage_clamp(-85.0, (500.0, lasting, -85.0, -35.0))
        run = mx.simulate(
            cell,
            clamp,
            duration=500.0 + lasting,
            record=("v", "clamp.i"),
            every=1.0,
            method="reference_radau",  # only slow gates move: an implicit method steps far
            tolerance=1e-8,
        )
        ramp = run.t >= 500.0
        ax.plot(
            run["v"][ramp],
            run["clamp.i"][ramp],
            color=mx.plots.COLORS[color],
            label=f"ramp of {speed:g} mV/s",
        )

    # what each gate and current settles to at each voltage
    voltages = np.linspace(-85.0, -35.0, 200)
    steady = mx.equations.iv_curve(cell, voltages)
    ax.plot(voltages, steady.total, color="black", linestyle="--", label="steady state")
    ax.axhline(0.0, color="0.7", linewidth=1.0, zorder=0)
    ax.set(xlabel="Voltage [mV]", ylabel="Clamp current [nA]")
    ax.set(xlim=(-85, -35))
    ax.legend()
    ax.set_title("The faster the ramp, the larger the inward current")
plt.show()
