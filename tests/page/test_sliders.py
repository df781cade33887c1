"""What a page's sliders do to rows is what Python does to a cell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import cells, conditions
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel
from mnexcite.engine.methods import METHODS
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import any_row, lower
from mnexcite.equations.structure import structure_of
from mnexcite.errors import InputError
from mnexcite.page import page_of
from mnexcite.page.formula import Formula
from mnexcite.page.presets import CONDITIONS, presets_of
from mnexcite.page.sliders import DRUGS, moved, sliders_of, with_drugs

EVERY = sorted(cells.CATALOGUE)


def changed(cell, sliders, numbers):
    """Return the cell as the page's Python makes it."""
    by_kind = {kind: {} for kind in ("factor", "value", "drug", "stimulus")}
    for slider in sliders:
        by_kind[slider.kind][slider.id] = numbers[slider.id]
    warm = by_kind["value"].pop("temperature")
    cell = cell.scaled(by_kind["factor"]).replaced(by_kind["value"])
    return cell.replaced({"temperature": warm})


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=6)  # each moves every slider
@given(data=st.data())
def test_rows_are_those_of_the_changed_cell(name, data):
    cell = cells.find(name)
    sliders = sliders_of(cell)
    numbers = {s.id: data.draw(st.floats(s.low, s.high), label=s.id) for s in sliders}
    formulas = moved(cell, sliders)
    layout = Layout(structure_of(cell))
    given_numbers = {path: value for path, (value, _) in cell.scalars.items()} | formulas
    wanted = lower(changed(cell, sliders, numbers), layout, {}, 1).rows[:, 0]
    for index, want in enumerate(wanted):
        row = any_row(cell, layout, given_numbers, index, ())
        found = row.at(numbers) if isinstance(row, Formula) else row
        # products in another order round otherwise
        assert found == pytest.approx(want, rel=1e-13, abs=1e-300)


def test_prepared_rows_stay_formulas():
    cell = cells.purvis_butera_2005()
    sliders = sliders_of(cell, ("C",))
    numbers = {s.id: s.neutral for s in sliders} | {"C": 0.08}
    layout = Layout(structure_of(cell))
    rows = np.empty((len(layout.parameters), 1), object)
    for index in range(len(rows)):
        known = {p: v for p, (v, _) in cell.scalars.items()} | moved(cell, sliders)
        rows[index, 0] = any_row(cell, layout, known, index, ())
    ready = METHODS["kaps_rentrop"].prepare(rows, layout, 1.0)[layout.row("C", 0), 0]
    assert ready.at(numbers) == 1.0 / 0.08


@pytest.mark.parametrize("name", EVERY)
def test_neutral_sliders_change_nothing(name):
    cell = cells.find(name)
    sliders = sliders_of(cell)
    neutral = {s.id: s.neutral for s in sliders}
    same = changed(cell, [s for s in sliders if s.kind != "drug"], neutral)
    assert {p: v for p, (v, _) in same.scalars.items()} == pytest.approx(
        {p: v for p, (v, _) in cell.scalars.items()}, rel=1e-14
    )
    for slider in sliders:
        assert slider.low <= slider.neutral <= slider.high, slider.id
        known = slider.status in cells.STATUSES
        assert slider.source and (known or slider.kind == "stimulus"), slider.id


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("preset, label, about, condition", CONDITIONS)
def test_presets_are_their_conditions(name, preset, label, about, condition):
    cell = cells.find(name)
    sliders = sliders_of(cell)
    found = {p.id: p for p in presets_of(cell, sliders)}
    if preset not in found:
        # the cell lacks a part, or has no slider for it
        return
    plain = [s for s in sliders if s.kind != "drug"]
    numbers = {s.id: s.neutral for s in plain} | dict(found[preset].settings)
    made, wanted = changed(cell, plain, numbers), cell.under(condition)
    for path, (value, _) in wanted.scalars.items():
        assert made.scalars[path][0] == pytest.approx(value, rel=1e-12), path


def test_drugs_are_there_at_no_concentration():
    cell = cells.purvis_butera_2005()
    page = with_drugs(cell)
    assert {name for name in DRUGS} <= set(page.groups)
    one = cell.under(conditions.mexiletine(8.0))
    added = {path for path in one.scalars if path not in cell.scalars}
    assert added <= set(page.scalars)


PASSIVE = Cell("passive", Compartment("soma", 1.0, [Channel("leak", 0.1, E=-70.0)], v=-70.0))


def test_a_cell_that_nothing_warms_has_no_temperature():
    assert [one.id for one in sliders_of(PASSIVE)] == ["leak.g", "stimulus"]
    assert "passive" in page_of(PASSIVE)


@pytest.mark.parametrize("path", ["Na.m.half", "SK.E"])
def test_what_a_page_cannot_move_is_refused(path):
    with pytest.raises(InputError, match=path):
        sliders_of(cells.purvis_butera_2005(), (path,))


def test_unknown_sliders_are_refused():
    with pytest.raises(InputError, match=r"no number.*SK"):
        sliders_of(cells.purvis_butera_2005(), ("SKK.g",))
