"""
The front of spontaneous firing in persistent sodium, potassium channels and potassium
=======================================================================================

Where does a motoneuron begin to fire without any drive? Three numbers decide it in the cell of
Purvis & Butera (2005): the conductance of persistent sodium, that of the voltage-gated
potassium channels, and the concentration of potassium outside.
"""

import matplotlib.pyplot as plt

import mnexcite as mx

# %%
# A sweep runs every combination, 3 s each, from its own rest where it has one. The first second
# does not count. ``K.g`` is a group: the delayed rectifier and the A-type current together.

cell = mx.cells.purvis_butera_2005()
concentrations = [4.0, 4.5, 5.0]
times = {"duration": 3000, "discard": 1000}
ds = mx.sweep(
    cell,
    {
        "NaP.g": mx.factors(1.0, 4.0, 13),
        "K.g": mx.factors(0.5, 1.0, 11),
        "ions.K_o": concentrations,
    },
    measures=("rate", "phase"),
    **times,
)

with mx.plots.style():
    figure, axes = plt.subplots(1, 3, figsize=(15, 4.8), layout="constrained")
    handles = {}
    for place, ax in enumerate(axes):
        mx.plots.phase_map(ds.isel({"ions.K_o": place}), factor=True, ax=ax)
        ax.set_title(f"{concentrations[place]:g} mM potassium outside")
        legend = ax.get_legend()
        names = [text.get_text() for text in legend.get_texts()]
        handles |= dict(zip(names, legend.legend_handles, strict=True))
        legend.remove()
    for ax in axes[1:]:
        ax.set_ylabel("")
    names = [phase.name.replace("_", " ") for phase in mx.measures.PHASES]
    shown = [name for name in names if name in handles]
    figure.legend([handles[name] for name in shown], shown, loc="outside right center")
plt.show()

# %%
# Silence and tonic firing meet in a diagonal. Half a millimole of potassium more moves it far:
# it lowers the driving force of every potassium current at once. With four times the persistent
# sodium cells pause for 0.3 s every few spikes.
#
# For the front itself a grid is a waste: most of its points lie deep in one phase or the other.
# ``mnexcite.sweeps.front`` runs points only where neighbours differ, and finds the front to one
# step of a grid that is never run as a whole.

fronts = {}
for concentration in concentrations:
    found = mx.sweeps.front(
        cell.replaced({"ions.K_o": concentration}),
        {"NaP.g": mx.factors(1.0, 4.0, 37), "K.g": mx.factors(0.5, 1.0, 21)},
        of=("rate", 1.0),
        **times,
    )
    fronts[concentration] = found
    run, grid = found.attrs["points_computed"], found.attrs["points_grid"]
    print(f"{concentration:g} mM: {run} of {grid} points run, {grid / run:.1f} times fewer")

# %%
# The line parts cells that fire at 1 Hz or more from those that do not.

sodium, potassium = (float(ds[p][0] / ds[f"{p}_factor"][0]) for p in ("NaP.g", "K.g"))
colors = {4.0: "blue", 4.5: "green", 5.0: "vermillion"}

with mx.plots.style():
    figure, ax = plt.subplots(figsize=(7.5, 5.6), layout="constrained")
    for concentration, found in fronts.items():
        color = mx.plots.COLORS[colors[concentration]]
        x, y = found["front_x"].values / sodium, found["front_y"].values / potassium
        ax.plot(x.T, y.T, color=color, linewidth=2.0)
        ax.plot([], [], color=color, label=f"{concentration:g} mM potassium outside")
    ax.plot(1.0, 1.0, "o", color="black", markersize=9, clip_on=False, zorder=5)
    ax.text(1.06, 0.99, "as published", va="top")
    ax.text(1.1, 0.92, "silent", fontsize=14, color="0.4")
    ax.text(3.1, 0.72, "fires by itself", fontsize=14, color="0.4", ha="center")
    ax.set(xlim=(1, 4), ylim=(0.5, 1), xlabel="Persistent sodium [x published]")
    ax.set_ylabel("Potassium channels [x published]")
    ax.legend(loc="lower right")
plt.show()

# %%
# Every run starts at the rest of its own cell, if it has one, so the line is where that rest is
# lost. On its silent side some cells can fire on as well, once something has set them off. The
# measure ``bistability`` asks for both: is there a stable rest, and does firing go on, after a
# pulse from that rest or from the state of the published cell?

latch = mx.sweep(
    cell,
    {"NaP.g": mx.factors(1.0, 4.0, 13), "A.g": mx.factors(0.3, 1.0, 11)},
    duration=1,
    measures="bistability",
)
ax = mx.plots.phase_map(latch, variable="bistability", factor=True)
plt.show()

# %%
# Here only the A-type current is taken away. Between the cells that always rest and those that
# always fire lies a band of those that do either: a latch, without which a cramp has no start
# and no end. One of them:

names = latch["bistability"].attrs["flag_meanings"].split()
i, j = (
    place[0] for place in (latch["bistability"].values == names.index("bistable")).nonzero()
)
bistable = cell.scaled(
    {"NaP.g": float(latch["NaP.g_factor"][i]), "A.g": float(latch["A.g_factor"][j])}
)
pulse = mx.stimuli.pulse(1.0, unit="nA", start=1000.0, duration=500.0)
for words, drive in (("left alone", None), ("after a pulse of 0.5 s", pulse)):
    run = mx.simulate(bistable, drive, duration=6000, initial="rest", record=())
    print(f"{run.spike_times[run.spike_times > 1500].size} spikes in 4.5 s, {words}")

# %%
# The diagonal, and its way to the healthy corner when potassium outside rises, follow from the
# published equations with no number tuned. What is ours is the concentration of 4 mM for the
# published reversal, and Nernst's law from there. The cell is of a young rat, and nobody has
# measured this map.
#
# **To take home**: how much of its potassium channels this cell must lose before it fires by
# itself depends on persistent sodium and on the bath. As published in both, more than half;
# with twice the sodium and 5 mM outside, a tenth.
