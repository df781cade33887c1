"""A gate's rate is a number of its lane, and no table of its own."""

import numpy as np
import pytest
from engine_cells import CATALOGUE, COMPILED, FIXED, step_of

from mnexcite import simulate
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import apart, lower
from mnexcite.equations.structure import structure_of

#: Each method meets one of two cells; rows of rates are the same text in all of a method's.
PAIRS = [(("PB", "BRK")[k % 2], method) for k, method in enumerate(COMPILED)]


@pytest.mark.parametrize(("name", "method"), PAIRS)
def test_lanes_of_many_rates_have_the_bits_of_their_cells(name, method):
    cell = CATALOGUE[name]
    paths = [path for path in cell.parameters if path.endswith(".rate")]
    rates = {path: [1.0, 0.8 + 0.01 * k, 1.3] for k, path in enumerate(paths)}
    celsius = {"temperature": [cell.temperature, cell.temperature - 3.3, 39.0]}
    options = {"duration": 8.0, "method": method, "record": ("v",), "every": 0.5}
    options |= {"dt": 0.01} if method in FIXED else {}
    for values in (rates, celsius):
        batch = simulate(cell, step_of(name), parameters=values, **options)
        for lane in (1, 2):
            own = cell.replaced({path: column[lane] for path, column in values.items()})
            alone = simulate(own, step_of(name), **options)
            np.testing.assert_array_equal(batch[lane]["v"], alone["v"])
            np.testing.assert_array_equal(batch[lane].spike_times, alone.spike_times)


@pytest.mark.parametrize("name", CATALOGUE)
def test_no_table_for_each_rate(name):
    cell = CATALOGUE[name]
    paths = [path for path in cell.parameters if path.endswith(".rate")]
    values = {path: np.linspace(0.5, 2.0, 9) for path in paths}
    layout = Layout(structure_of(cell))
    lanes = lower(cell, layout, values, 9)
    assert len(lanes.kinetics) == 1 and not lanes.kind.any()
    each = apart(lanes)
    assert len(each.kinetics) == 9 and apart(each).kinetics == each.kinetics
    for lane in range(9):
        own = each.kinetics[each.kind[lane]].parameters
        assert all(own[path].value == values[path][lane] for path in paths)
    one = lower(cell, layout, {"C": np.ones(3)} if "C" in cell.parameters else {}, 3)
    assert apart(one).kinetics == (cell,)
