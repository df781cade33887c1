"""A piece of work: parameter sets, cells, currents."""

import numpy as np
import pytest

from mnexcite import cells, stimuli
from mnexcite.bench.cell import benchmark_cell
from mnexcite.bench.work import Work
from mnexcite.channels import Binding, Synapse
from mnexcite.errors import InputError


def test_sets_and_their_cells():
    work = Work(benchmark_cell(), {"NaP.g": [0.5, 1.5], "K.g": np.array([10.0, 20.0])})
    assert work.sets == 2
    assert [c.parameters["K.g"].value for c in work.cells()] == [10.0, 20.0]
    assert work.cells()[1].parameters["NaP.g"].value == 1.5


def test_a_work_without_parameters_is_one_set():
    cell = benchmark_cell()
    assert Work(cell).sets == 1 and Work(cell).cells() == [cell]
    assert Work(cell).waveforms() == [None]


def test_a_group_is_written_out():
    work = Work(cells.purvis_butera_2005(), {"K.g": [1.0]})
    assert list(work.parameters) == ["Kdr.g", "A.g"]


def test_currents_are_in_the_cells_own_unit():
    drive = stimuli.step(0.4, unit="nA", start=10.0)
    (waveform,) = Work(cells.purvis_butera_2005(), {}, drive).waveforms()
    assert waveform.at([5.0, 15.0]).tolist() == [0.0, 0.4]


@pytest.mark.parametrize(
    ("parameters", "duration", "message"),
    [
        ({"NaP.gg": [1.0]}, 10.0, "did you mean"),
        ({"NaP.g": [[1.0]]}, 10.0, "one finite value per set"),
        ({"NaP.g": [np.nan]}, 10.0, "one finite value per set"),
        ({"NaP.g": [1.0], "K.g": [1.0, 2.0]}, 10.0, "same number"),
        ({}, 0.0, "above 0"),
    ],
)
def test_bad_work_is_refused(parameters, duration, message):
    with pytest.raises(InputError, match=message):
        Work(benchmark_cell(), parameters, duration=duration)


def test_what_no_contestant_is_given_is_refused():
    cell = cells.hodgkin_huxley_1952()
    bound = cell.with_binding("Na", Binding("drug", on=0.1, off=0.1))
    opened = cell.with_synapse(Synapse("S", g=0.1, E=0.0, decay=3.0))
    for each in (bound, opened):
        with pytest.raises(InputError, match="has synapses or bindings"):
            Work(each)
    noise = stimuli.ornstein_uhlenbeck(1.0, unit="uA/cm2", tau=2.0)
    with pytest.raises(InputError, match="allowed here: currents alone"):
        Work(cell, stimulus=noise)
