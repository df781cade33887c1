"""What drives a cell: currents, conductances, events of synapses, noise, voltage clamp."""

from mnexcite.stimuli.drive import Drive
from mnexcite.stimuli.events import Events
from mnexcite.stimuli.noise import Noise
from mnexcite.stimuli.shapes import pulse, ramp, sampled, step, train, triangle, voltage_clamp
from mnexcite.stimuli.stimulus import Conductance, Current, Stimulus, VoltageClamp
from mnexcite.stimuli.synaptic import conductance, events, ornstein_uhlenbeck
from mnexcite.stimuli.waveform import Waveform

__all__ = [
    "Conductance",
    "Current",
    "Drive",
    "Events",
    "Noise",
    "Stimulus",
    "VoltageClamp",
    "Waveform",
    "conductance",
    "events",
    "ornstein_uhlenbeck",
    "pulse",
    "ramp",
    "sampled",
    "step",
    "train",
    "triangle",
    "voltage_clamp",
]
