"""What drives a cell: injected currents and voltage clamp commands."""

from mnexcite.stimuli.noise import ornstein_uhlenbeck
from mnexcite.stimuli.shapes import pulse, ramp, sampled, step, train, triangle, voltage_clamp
from mnexcite.stimuli.stimulus import Current, Stimulus, VoltageClamp
from mnexcite.stimuli.waveform import Waveform

__all__ = [
    "Current",
    "Stimulus",
    "VoltageClamp",
    "Waveform",
    "ornstein_uhlenbeck",
    "pulse",
    "ramp",
    "sampled",
    "step",
    "train",
    "triangle",
    "voltage_clamp",
]
