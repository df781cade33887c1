"""A cell says how it differs from the published one."""

import pytest

from mnexcite import cells, conditions
from mnexcite.cells.changes import changes, in_words
from mnexcite.channels import Channel, Gate, kinetics


@pytest.mark.parametrize("name", cells.CATALOGUE)
def test_a_published_cell_is_as_published(name):
    assert changes(cells.CATALOGUE[name]()) == {}


def test_numbers_are_told_from_and_to():
    cell = cells.purvis_butera_2005()
    g, half = cell.parameters["NaP.g"], cell.parameters["NaP.m.half"].value
    sick = cell.scaled({"NaP.g": 2.0}).replaced({"ions.K_o": 5.0, "NaP.m.half": -50.0})
    found = changes(sick)
    assert found == {
        "NaP.g": f"{g.value!r} -> {2 * g.value!r} uS",
        "NaP.m.half": f"{half!r} -> -50 mV",
        "ions.K_o": "4 -> 5 mM",
    }
    assert "; NaP.g: " in in_words(sick)
    # the order in which it was changed is no matter, and a change back is none
    back = sick.replaced({p: cell.parameters[p].value for p in found})
    assert changes(back) == {}


def test_added_channels_and_conditions_are_told():
    cell = cells.purvis_butera_2005()
    gate = Gate("m", inf=kinetics.boltzmann, tau=100.0, half=-35.0, slope=5.0)
    more = cell.with_channel(Channel("KCNQ", g=0.01, E=-85.0, gates=[gate]))
    assert changes(more)["KCNQ.g"] == "added: 0.01 uS"
    als = changes(cell.under(conditions.als_early()))
    assert als and all(" -> " in change for change in als.values())


def test_an_own_cell_is_told_whole():
    from dataclasses import replace

    own = replace(cells.hodgkin_huxley_1952(), name="mine")
    assert changes(own)["Na.g"] == "120.0 mS/cm2"
    assert in_words(own).startswith("a cell of one's own: ")
