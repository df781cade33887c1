"""What a membrane is made of: gates, channels, pumps, bindings, synapses, ion pools.

A new channel is a value, not a class: give its gates functions and numbers.
"""

from mnexcite.channels import kinetics
from mnexcite.channels.binding import Binding
from mnexcite.channels.channel import Channel
from mnexcite.channels.gate import Gate
from mnexcite.channels.pool import IonPool
from mnexcite.channels.pump import Pump
from mnexcite.channels.synapse import Synapse

__all__ = ["Binding", "Channel", "Gate", "IonPool", "Pump", "Synapse", "kinetics"]
