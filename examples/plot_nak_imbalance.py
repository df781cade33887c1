"""
How a sodium-potassium imbalance makes a quiet cell fire
========================================================

A cell can rest where its inward and outward currents cancel, if it comes back when it is moved
a little. Raise persistent sodium and lower potassium: first it no longer comes back, then the
voltage at which the currents cancel is gone too.
"""

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

# %%
# Hold the voltage, wait until every gate has come to rest, and add up the currents: the steady
# current-voltage relation, outward upwards. Where it crosses zero nothing changes. That is not
# yet a rest: whether a small deviation fades or grows is told by the eigenvalues of the cell's
# equations there, which ``equations.equilibria`` gives. Filled circles are stable, at open ones
# the deviation grows until the cell fires. Here persistent sodium is doubled, and potassium
# falls from curve to curve.

cell = mx.cells.purvis_butera_2005()
voltages = np.arange(-80.0, -50.0, 0.1)
potassium = {1.0: "blue", 0.6: "green", 0.5: "vermillion"}

with mx.plots.style():
    figure = plt.figure(figsize=(11, 5), layout="constrained")
    grid = figure.add_gridspec(3, 2, width_ratios=[1.1, 1])
    left = figure.add_subplot(grid[:, 0])
    left.axhline(0.0, color="0.5", linewidth=1.0)
    for row, (k, name) in enumerate(potassium.items()):
        imbalanced = cell.scaled({"NaP.g": 2.0, "K.g": k})
        curve = mx.equations.iv_curve(imbalanced, voltages)
        color = mx.plots.COLORS[name]
        left.plot(voltages, curve.total, color=color)
        for e in curve.equilibria:
            face = color if e.stable else "white"
            left.plot(e.v, 0.0, "o", color=face, markeredgecolor=color, markersize=9)

        run = mx.simulate(imbalanced, duration=1500)
        right = figure.add_subplot(grid[row, 1])
        right.plot(run.t, run["v"], color=color, linewidth=1.2)
        right.set(ylim=(-90, 50), xlim=(0, 1500), ylabel="v [mV]")
        right.tick_params(labelbottom=row == 2)
        where = "no crossing"
        if curve.equilibria:
            lowest = curve.equilibria[0]
            where = f"{'rests at' if lowest.rest else 'unstable at'} {lowest.v:.1f} mV"
        right.set_title(f"NaP x2, K x{k:g}: {where}", color=color)
    right.set_xlabel("Time [ms]")
    left.set(xlabel="Held voltage [mV]", ylabel="Steady total current [nA]")
    left.set(xlim=(-80, -50), ylim=(-0.16, 0.05))
    left.text(-79, 0.003, "outward", va="bottom", color="0.4")
    left.text(-79, -0.003, "inward", va="top", color="0.4")
    left.set_title("Lost: first the rest, then the crossing")

# %%
# Now both conductances at once, each combination a lane of one batch, at two concentrations of
# potassium outside the cell. Between silence and firing runs a diagonal front. More potassium
# outside lowers the driving force of every potassium current, and the front moves towards the
# healthy corner. Single bright fields beside it are cells that fire in doublets, two spikes
# 3 to 4 ms apart.
#
# Every run starts at the rest of the published cell. Beside the front a cell can both fire and
# rest, and where it starts decides: the front drawn here belongs to this start.

sodium, potassium = np.linspace(1.0, 4.0, 13), np.linspace(0.5, 1.0, 11)
na, k = (axis.ravel() for axis in np.meshgrid(sodium, potassium))
published = {path: cell.parameters[path].value for path in ("NaP.g", "Kdr.g", "A.g")}
factors = {"NaP.g": na, "Kdr.g": k, "A.g": k}
lanes = {path: published[path] * factors[path] for path in published}

with mx.plots.style():
    figure, axes = plt.subplots(
        1, 2, figsize=(11, 4.6), sharex=True, sharey=True, layout="constrained"
    )
    for ax, concentration in zip(axes, (4.0, 5.0), strict=True):
        bath = cell.under(mx.conditions.electrolytes(K_o=concentration))
        batch = mx.simulate(bath, duration=3000, parameters=lanes)
        rate = mx.spikes.rate(batch.spike_times.after(2000)).reshape(potassium.size, -1)
        shown = np.ma.masked_equal(rate, 0.0)
        image = ax.pcolormesh(sodium, potassium, shown, vmin=0, vmax=20, cmap="viridis")
        ax.plot(1, 1, "o", color="black", markersize=9, clip_on=False)
        ax.set_title(f"{concentration:g} mM potassium outside")
        ax.set_xlabel("Persistent sodium [x published]")
    axes[0].text(1.15, 0.99, "as published", va="top")
    axes[0].text(1.5, 0.8, "silent", fontsize=14, color="0.4")
    axes[0].set_ylabel("Potassium channels [x published]")
    figure.colorbar(image, ax=axes, label="Firing rate without any drive [Hz]")
plt.show()
