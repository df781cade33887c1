"""What a membrane is made of: gates, channels, bindings, synapses and ion pools.

A new channel is a value, not a class: give its gates functions and numbers.
"""

from mnexcite.channels import kinetics
from mnexcite.channels.binding import Binding
from mnexcite.channels.channel import Channel
from mnexcite.channels.gate import Gate
from mnexcite.channels.pool import IonPool
from mnexcite.channels.synapse import Synapse

__all__ = ["Binding", "Channel", "Gate", "IonPool", "Synapse", "kinetics"]
