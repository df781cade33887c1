"""What a membrane is made of: gates, channels, pumps, bindings, synapses, ion pools.

A new channel is a value, not a class: give its gates functions and numbers.
"""

from mnexcite.channels import kinetics
from mnexcite.channels.binding import Binding
from mnexcite.channels.channel import Channel
from mnexcite.channels.gate import Gate
from mnexcite.channels.ghk import GHK
from mnexcite.channels.pool import IonPool
from mnexcite.channels.pump import Pump
from mnexcite.channels.synapse import Synapse

#: What carries a current that its gates decide.
Carrier = Channel | GHK | Pump

__all__ = [
    "GHK",
    "Binding",
    "Carrier",
    "Channel",
    "Gate",
    "IonPool",
    "Pump",
    "Synapse",
    "kinetics",
]
