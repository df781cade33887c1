"""Drugs: what is bound is what published constants say, and at 0 nothing is."""

from dataclasses import replace

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import InputError, cells, conditions, simulate, stimuli
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.conditions import DRUGS, PRESETS
from mnexcite.equations import equilibria

CELLS = {name: make() for name, make in cells.CATALOGUE.items()}
DOSE = {"ttx": 0.01, "tea": 2000.0, "four_ap": 300.0}
PB, CRAMP = CELLS["purvis_butera_2005"], CELLS["cramping_motoneuron"]


def bare(cell):
    """Return a cell without what is told of its numbers."""
    return replace(cell, provenance=FrozenMapping())


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("drug", DRUGS)
def test_a_drug_acts_on_each_cell_or_says_what_it_looked_for(name, drug):
    cell = CELLS[name]
    try:
        assert cell.under(DRUGS[drug](0.0)) == cell
        treated = cell.under(DRUGS[drug](DOSE.get(drug, 5.0)))
    except InputError as error:
        assert f"{drug} changes nothing in cell {name}: it looked for" in str(error)
        return
    assert treated != cell
    known = cell.parameters
    changed = {p: x for p, x in treated.parameters.items() if known.get(p) != x}
    assert changed and all(drug in number.source for number in changed.values())
    # what is from memory is told as such
    assert all(x.status == "unverified" for p, x in changed.items() if p.endswith(".c"))
    memory = [x for x in changed.values() if "memory" in x.source]
    assert all(number.status == "unverified" for number in memory)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_acts_by_its_strength(name, preset):
    cell, make = CELLS[name], PRESETS[preset]
    try:
        half, full = cell.under(make(0.5)), cell.under(make(1.0))
    except InputError as error:
        assert "changes nothing in cell" in str(error) and name in str(error)
        return
    assert bare(cell.under(make(0.0))) == bare(cell)
    for path, (value, _) in full.scalars.items():
        own = cell.scalars[path][0]
        assert half.scalars[path][0] == pytest.approx(0.5 * (own + value), rel=1e-12), path


def test_mexiletine_binds_in_equilibrium_as_published():
    """Wang et al. 2004: late sodium at 2.8, 5, 8 and 11 uM: 27, 40, 52 and 60 % blocked."""
    treated = PB.under(conditions.mexiletine(5.0))
    assert treated.groups["mexiletine"] == (
        "Na.open",
        "Na.inactivated",
        "Na.resting",
        "NaP.late",
    )
    for c, late, resting in ((2.8, 0.27, 0.006), (5.0, 0.40, 0.012), (11.0, 0.60, 0.025)):
        rest = equilibria(treated.replaced({"mexiletine.c": c}))[0].state
        assert 1.0 - rest["NaP.late"] == pytest.approx(late, abs=0.006)
        assert 1.0 - rest["NaP.late"] == pytest.approx(c / (c + 7.5), abs=1e-6)
        assert 1.0 - rest["Na.resting"] == pytest.approx(c / (c + 431.2), abs=1e-6)
        assert 1.0 - rest["Na.resting"] == pytest.approx(resting, abs=1e-3)
        shut = 1.0 - rest["Na.h"]
        assert rest["Na.inactivated"] == pytest.approx(67.8 / (67.8 + c * shut), abs=1e-6)


def test_open_channels_are_bound_and_freed_at_the_published_rates():
    """Held open, the share relaxes at 10.4 /uM/s c + 54.4 /s to 5.23 / (5.23 + c)."""
    na = next(c for c in PB.under(conditions.mexiletine(8.0)).compartments[0].channels)
    site = next(b for b in na.bindings if b.name == "open")
    assert (site.on * 1e3, site.off * 1e3) == (pytest.approx(10.4), pytest.approx(54.4))
    assert site.free(1.0) == pytest.approx(5.2308 / (5.2308 + 8.0), abs=1e-4)
    assert dict(site.through) == {"m": 3, "h": 1} and not site.outside


def test_conditions_that_touch_different_things_commute():
    one = (conditions.mexiletine(5.0), conditions.electrolytes(K_o=6.0), conditions.als_early())
    there = bare(CRAMP.under(*one))
    again = bare(CRAMP.under(*reversed(one)))
    assert there.scalars == again.scalars
    # a factor and a value of one number do not, and act in the order given
    fixed = mx.conditions.Condition("fixed", mx.conditions.Replace("NaP.g", 1.0), "x", "tuned")
    early = conditions.als_early()
    assert CRAMP.under(early, fixed).parameters["NaP.g"].value == 1.0
    assert CRAMP.under(fixed, early).parameters["NaP.g"].value == 2.0


def test_the_concentration_is_an_axis():
    treated = PB.scaled({"K.g": 0.5, "NaP.g": 2.0}).under(conditions.mexiletine(5.0))
    doses = [0.0, 2.0, 5.0, 20.0]
    options = {"duration": 4000.0, "discard": 1500.0, "initial": "published"}
    ds = mx.sweep(treated, {"mexiletine.c": doses}, **options)
    rates = ds["rate"].values
    assert rates[0] > 9.0 and np.all(np.diff(rates) <= 0.0)
    # the published start is that of 5 uM; once it is forgotten nothing is bound
    free = simulate(PB.scaled({"K.g": 0.5, "NaP.g": 2.0}), **options)
    assert rates[0] == pytest.approx(mx.spikes.rate(free.spike_times), rel=1e-4)


def test_mexiletine_shortens_the_cramp():
    """At clinical concentrations the locked firing ends sooner and is slower."""
    train = stimuli.train(60.0, unit="uA/cm2", rate=30.0, count=240, start=500.0)
    treated = CRAMP.under(conditions.mexiletine(5.0))
    batch = simulate(
        treated,
        train,
        duration=60_000.0,
        parameters={"mexiletine.c": [0.0, 2.8, 8.0]},
        initial={"facilitation": 1.65},
    )
    lasted = [max(0.0, s[-1] - 8500.0) * 1e-3 for s in batch.spike_times]
    assert 15.0 < lasted[0] < 30.0
    assert lasted[1] < 0.8 * lasted[0] and lasted[2] < 0.8 * lasted[1]


def test_retigabine_moves_the_slow_potassium_current():
    moved = CRAMP.under(conditions.retigabine(10.0))
    assert moved.parameters["KM.w.half"].value == pytest.approx(-35.0 - 11.4)
    assert moved.parameters["KM.w.half"].status == "unverified"


def test_all_channels_are_one_factor_late():
    late = CRAMP.under(conditions.als_late())
    for channel in ("Na", "NaP", "SK", "leakK", "leakNa"):
        path = f"{channel}.g"
        wanted = 0.7 * CRAMP.parameters[path].value
        assert late.parameters[path].value == pytest.approx(wanted)


@pytest.mark.parametrize("drug", DRUGS)
@pytest.mark.parametrize("c", [-1.0, np.nan, "a lot"])
def test_a_bad_concentration_is_refused(drug, c):
    with pytest.raises(InputError, match=f"{drug}: c is"):
        DRUGS[drug](c)
