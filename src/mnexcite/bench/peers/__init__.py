"""Other simulators on the bench, each an optional adapter that imports it when used."""

from mnexcite.bench.peers.arbor import Arbor
from mnexcite.bench.peers.brian2 import Brian2
from mnexcite.bench.peers.heyoka import Heyoka
from mnexcite.bench.peers.neuron import CoreNeuron, NeuronCvode, NeuronFixed
from mnexcite.bench.peers.numbalsoda import NumbaLsoda
from mnexcite.bench.peers.one_step import OneStep
from mnexcite.bench.peers.peer import Answer, Peer, Setting
from mnexcite.bench.peers.scipy import SciPy

__all__ = [
    "ABSENT",
    "PEERS",
    "Answer",
    "Arbor",
    "Brian2",
    "CoreNeuron",
    "Heyoka",
    "NeuronCvode",
    "NeuronFixed",
    "NumbaLsoda",
    "OneStep",
    "Peer",
    "SciPy",
    "Setting",
]

#: Every peer, whether it is installed or not.
PEERS: tuple[Peer, ...] = (
    NeuronFixed(order=0),
    NeuronFixed(order=2),
    CoreNeuron(order=2),
    NeuronCvode(),
    Arbor(),
    Brian2("exponential_euler"),
    Brian2("rk4"),
    Heyoka(batch=4),
    Heyoka(batch=8),
    NumbaLsoda("LSODA"),
    NumbaLsoda("DOP853"),
    *(SciPy(method) for method in ("LSODA", "DOP853", "RK45", "Radau", "BDF")),
)

#: Simulators that one may look for here, and why they do not take part.
ABSENT = {
    "Julia DifferentialEquations": "needs Julia, which no Python package holds (juliacall "
    "downloads it when it is first used); an adapter of yours can take part"
}
