"""NEURON and Arbor themselves, where they are installed."""

import numpy as np
import pytest
from mechanisms import CLOSE, errors, joined_work, small_work

from mnexcite import cells
from mnexcite.bench.cell import benchmark_cell
from mnexcite.bench.expressions import Untraceable
from mnexcite.bench.peers import (
    PEERS,
    Arbor,
    CoreNeuron,
    NeuronCvode,
    NeuronFixed,
    arbor,
    neuron,
)
from mnexcite.bench.peers.folder import Folder
from mnexcite.bench.system import system
from mnexcite.bench.work import Work
from mnexcite.errors import InputError

FIXED = [(NeuronFixed(0), 1), (NeuronFixed(2), 2), (CoreNeuron(2), 2), (Arbor(), 1)]


@pytest.mark.parametrize(("peer", "order"), FIXED, ids=lambda x: getattr(x, "name", x))
def test_fixed_steps_converge_at_their_order(peer, order):
    if (reason := peer.missing()) is not None:
        pytest.skip(reason)
    work, settings = small_work(), peer.settings()[-2:]
    coarse, fine = (errors(peer.prepare(work, setting)(), work) for setting in settings)
    # halving the step; what is left of higher orders is below a tenth at these steps
    assert np.log2(coarse / fine) == pytest.approx(order, abs=0.15)
    answer = peer.prepare(joined_work(), settings[-1])()
    assert errors(answer, joined_work()) < CLOSE
    assert answer.seconds > 0.0 and answer.steps == round(2 * 25.0 / settings[-1].value)


@pytest.mark.skipif(NeuronCvode().missing() is not None, reason=str(NeuronCvode().missing()))
def test_cvode_converges():
    peer = NeuronCvode()
    for work in (small_work(), joined_work()):
        loose, tight = (peer.prepare(work, peer.settings()[n])() for n in (1, 4))
        # 1e-4 and 1e-7 of a mV and of a gate, over some ten thousand steps at most
        assert errors(loose, work) < 0.05 and errors(tight, work) < 1e-3
        assert tight.steps is None and tight.seconds > 0.0


@pytest.mark.skipif(NeuronCvode().missing() is not None, reason=str(NeuronCvode().missing()))
@pytest.mark.parametrize("kind", [NeuronCvode, NeuronFixed], ids=lambda kind: kind.__name__)
def test_a_cell_changed_in_turn_does_what_cells_together_do(kind):
    setting = kind().settings()[4]
    for work in (small_work(), joined_work()):
        together, alone = (
            kind(in_turn=in_turn).prepare(work, setting)() for in_turn in (False, True)
        )
        for a, b in zip(together.spikes, alone.spikes, strict=True):
            assert a == pytest.approx(b, abs=1e-9)  # sums may be rounded in another order
    assert kind(in_turn=True).name != kind().name


def test_each_peer_has_a_name_of_its_own_and_settings_from_coarse_to_fine():
    assert len({peer.name for peer in PEERS}) == len(PEERS)
    for peer in PEERS:
        values = [setting.value for setting in peer.settings()]
        assert values == sorted(values, reverse=True) and len(set(values)) == len(values)
        assert {setting.kind for setting in peer.settings()} <= {"dt", "tolerance"}
        assert peer.missing() is None or isinstance(peer.missing(), str)


@pytest.mark.parametrize("geometry", [neuron._geometry, arbor._geometry])
def test_sections_conduct_what_the_coupling_says(geometry):
    s = system(cells.booth_rinzel_kiehn_1997(), ["coupling.p", "coupling.g_c"])
    values = s.values({"coupling.p": [0.1, 0.25], "coupling.g_c": [0.1, 0.2]})
    if geometry is neuron._geometry:
        sizes, resistivities, parents = geometry(s, values)
        assert parents == [-1, 0]
        areas = np.pi * sizes**2  # um2, as long as wide
        # half of the second section lies between the middles
        ohm = resistivities[1] * (sizes[1] / 2) / (np.pi * sizes[1] ** 2 / 4) * 1e4
    else:
        lengths, resistivities = geometry(s, values)
        areas = 2 * np.pi * arbor.RADIUS * lengths
        ohm = resistivities * lengths.sum(axis=0) / 2 / (np.pi * arbor.RADIUS**2) * 1e4
    # siemens over cm2 of each compartment are g_c / p and g_c / (1 - p) in mS/cm2
    p, g_c = np.array([0.1, 0.25]), np.array([0.1, 0.2])
    np.testing.assert_allclose(1e3 / ohm / (areas[0] * 1e-8), g_c / p, rtol=1e-12)
    np.testing.assert_allclose(1e3 / ohm / (areas[1] * 1e-8), g_c / (1 - p), rtol=1e-12)


def test_unjoined_compartments_are_refused():
    s = system(cells.booth_rinzel_kiehn_1997().replaced({"coupling.g_c": 0.0}))
    for geometry in (neuron._geometry, arbor._geometry):
        with pytest.raises(Untraceable, match="0 mS"):
            geometry(s, s.values({}))


def test_neurons_gates_start_half_a_step_ahead():
    work = Work(benchmark_cell())
    s = system(work.cell)
    start = dict(zip(s.names, s.initial, strict=True))
    step = 1e-5
    ahead = neuron._staggered(s, s.values({}), step)[:, 0]
    slopes = [float(gate.derivative.evaluate(**start)) for gate in s.gates]
    # forward differences; x'' is below 1e3 here
    np.testing.assert_allclose((ahead - s.initial[1:]) / step, slopes, atol=1e-2, rtol=1e-3)


def test_a_program_that_fails_says_why_in_one_line(tmp_path):
    folder = Folder({"fails.sh": "echo working; echo 'x.mod: Error: bad block' >&2; exit 3"})
    with pytest.raises(InputError, match=r"^sh failed: x.mod: Error: bad block$"):
        folder.run(["sh", "fails.sh"])
    assert folder.run(["sh", "-c", "pwd"]).strip() == str(folder.path)


def test_a_folder_goes_with_its_object():
    folder = Folder({"a/b.txt": "text"})
    path = folder.path
    assert (path / "a" / "b.txt").read_text() == "text"
    del folder
    assert not path.exists()
