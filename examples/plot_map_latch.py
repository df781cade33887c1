"""
Where a cell latches, and what releases it
==========================================

A cell can rest, it can fire, or it can do both: latched by a pulse it fires on, and an
inhibition lets it rest again. That is a choice of two stable states, not of two cells. Each
point begins at its own rest, is kicked, and is watched for three seconds.
"""

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

potassium = {"K.g": mx.factors(0.4, 1.0, 7), "ions.K_o": [4.0, 5.0, 6.0]}
cells = {
    mx.cells.purvis_butera_2005(): {"NaP.g": mx.factors(1.0, 4.0, 10), **potassium},
    mx.cells.molkov_2025(): {"NaP.g": np.linspace(0.0, 0.6, 10), **potassium},
}
latch = mx.measures.bistability(watch=3000.0)
maps = {
    cell.name: mx.sweep(cell, axes, duration=1.0, measures=latch)
    for cell, axes in cells.items()
}

# %%
# In Purvis & Butera's cell a latch is a thin seam between rest and firing: more persistent
# sodium, less potassium current or more potassium outside takes the rest away. Molkov's keeps
# its rest, so that all that makes it fire on makes it latch.

for name, ds in maps.items():
    with mx.plots.style():
        figure, panels = plt.subplots(1, 3, figsize=(15, 4.6), layout="constrained")
        for ax, K_o in zip(panels, ds["ions.K_o"].values, strict=True):
            mx.plots.phase_map(ds.sel({"ions.K_o": K_o}), ax=ax, variable="bistability")
            if ax is not panels[-1]:
                ax.get_legend().remove()
        figure.suptitle(name)
    plt.show()

# %%
# What ends a latch: inhibition, by its conductance and its duration, at Molkov's points on a
# line of persistent sodium.

molkov = mx.cells.molkov_2025().replaced({"ions.K_o": 6.0})
stretch = mx.measures.release(durations=(100.0, 300.0, 1000.0, 3000.0))
ends = mx.sweep(molkov, {"NaP.g": [0.35, 0.45, 0.55]}, duration=1.0, measures=stretch)
ax = mx.plots.release(ends)
plt.show()
