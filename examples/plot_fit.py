"""
Conductances from a firing curve
================================

Which persistent sodium and potassium conductances give a measured f-I curve? A fit answers with
an uncertainty, which shows what the curve cannot tell. Here the "measured" cell is known, so
that the answer can be checked.
"""

import matplotlib.pyplot as plt
import numpy as np

import mnexcite as mx

# %%
# The cell that is to be found has twice the published persistent sodium and 0.8 of the
# potassium. Its f-I curve is "measured" with a standard deviation of 0.2 Hz.

published = mx.cells.purvis_butera_2005()
hidden = published.scaled({"NaP.g": 2.0, "K.g": 0.8})
currents = np.linspace(0.2, 1.0, 5)
rng = np.random.default_rng(3)
hz = mx.measures.fi_curve(hidden, currents).steady_rate + rng.normal(0.0, 0.2, currents.size)

ranges = {
    "NaP.g": mx.between(0.5, 4.0, factor=True, log=True),
    "K.g": mx.between(0.4, 1.6, factor=True, log=True),
}
rates = mx.fitting.rates(currents, hz, noise=0.2)
by_rates = mx.fit(published, ranges, rates, generations=5)

# %%
# A slow voltage ramp tells what rates do not: the steady current between -85 and -40 mV, with a
# standard deviation of 0.01 nA.

v = np.arange(-85.0, -39.0, 5.0)
na = mx.equations.iv_curve(hidden, v).total + rng.normal(0.0, 0.01, v.size)
ramp = mx.fitting.steady_current(v, na, noise=0.01)
by_both = mx.fit(published, ranges, [rates, ramp], generations=5)

for name, found in (("rates", by_rates), ("rates and ramp", by_both)):
    said = ", ".join(f"{k} x {found.values[k]:.2f} +- {found.sd[k]:.2f}" for k in ranges)
    print(f"{name}: {said}; correlation of errors {found.correlation[0, 1]:.2f}")

# %%
# Points are candidates of the fit to rates, darker where they are nearer to the targets;
# ellipses are two standard deviations to each side. Rates alone leave a long valley, in which
# more of both conductances fires nearly alike; the ramp ends it.

with mx.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
    mx.plots.fi_curve(currents, hz, unit="nA", ax=left)
    left.lines[-1].set(linestyle="none", color="black", label="measured")
    for found, name, label in (
        (by_rates, "blue", "fit to rates"),
        (by_both, "vermillion", "fit to rates and ramp"),
    ):
        color = mx.plots.COLORS[name]
        reached = [each.reached for each in found.targets if each.name == "rate"]
        left.plot(currents, reached, color=color, label=label)
        best = np.array([found.values[k] for k in ranges])
        sd = np.diag([found.sd[k] for k in ranges])
        turn = np.linspace(0.0, 2.0 * np.pi, 200)
        values, vectors = np.linalg.eigh(sd @ found.correlation @ sd)
        round_ = vectors @ np.diag(2.0 * np.sqrt(values)) @ [np.cos(turn), np.sin(turn)]
        right.plot(*(best[:, None] + round_), color=color, label=label)
    near = by_rates.costs < 200.0
    shade = np.sqrt(by_rates.costs[near])
    points = (by_rates.tried[k][near] for k in ranges)
    right.scatter(*points, c=shade, cmap="gray", s=12, zorder=0)
    right.plot(2.0, 0.8, "k+", markersize=12, label="the hidden cell")
    left.set_title("Rates in a step")
    right.set(xlabel="NaP.g, x published", ylabel="K.g, x published", title="What they tell")
    for ax in (left, right):
        ax.legend()
plt.show()
