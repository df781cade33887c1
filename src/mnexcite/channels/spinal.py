"""Fast spike currents that Booth, Rinzel and Kiehn (1997) gave to spinal motoneurons.

Molkov et al. (2025) use the same: instantaneous sodium activation and a fourth-power
delayed rectifier.
"""

from __future__ import annotations

from mnexcite.channels import kinetics
from mnexcite.channels.channel import Channel
from mnexcite.channels.gate import Gate


def fast_sodium(name: str, g: float) -> Channel:
    """Return g m_inf(v)^3 h (v - E_Na)."""
    m = Gate("m", power=3, inf=kinetics.boltzmann, half=-35.0, slope=7.8)
    h = Gate(
        "h",
        inf=kinetics.boltzmann,
        tau=kinetics.bell,
        half=-55.0,
        slope=-7.0,
        tau_scale=30.0,
        tau_half_1=-50.0,
        tau_slope_1=15.0,
        tau_half_2=-50.0,
        tau_slope_2=16.0,
        tau_base=0.0,
    )
    return Channel(name, g=g, ion="Na", gates=[m, h])


def delayed_rectifier(name: str, g: float, tau_half_2: float = -40.0) -> Channel:
    """Return g n^4 (v - E_K)."""
    n = Gate(
        "n",
        power=4,
        inf=kinetics.boltzmann,
        tau=kinetics.bell,
        half=-28.0,
        slope=15.0,
        tau_scale=7.0,
        tau_half_1=-40.0,
        tau_slope_1=40.0,
        tau_half_2=tau_half_2,
        tau_slope_2=50.0,
        tau_base=0.0,
    )
    return Channel(name, g=g, ion="K", gates=[n])


def calcium_potassium(name: str, g: float, half: float) -> Channel:
    """Return g Ca / (Ca + half) (v - E_K), at equilibrium with calcium."""
    z = Gate("z", inf=kinetics.hill, half=half, order=1.0, units={"half": "of the pool"})
    return Channel(name, g=g, ion="K", gates=[z])
