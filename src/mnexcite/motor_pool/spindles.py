"""Excitation of motoneurons by muscle spindles: group Ia by velocity, group II by length."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mnexcite.stimuli import Waveform

Array = NDArray[np.float64]


class Spindles:
    """Follow the length of a muscle; a run begins at a length that has been held.

    Fusimotor drive and the unloading by the muscle's own force are left out.
    """

    def __init__(self, length: Waveform, numbers: Mapping[str, float]) -> None:
        self._length, self._numbers = length, numbers
        self.silent = numbers["Ia.gain"] == 0.0 == numbers["II.gain"]
        # the length that spindles have come to
        self._reached = float(length.at(0.0))

    def at(self, t: Array) -> Array:
        """Return the excitatory conductance at each ms, shape (n,) [mS/cm2].

        Windows follow each other: the last ms is the first of the next.

        References
        ----------
        Prochazka & Gorassini 1998 (J Physiol 507:277): Ia by a power of velocity, 0.5 to 0.6.
        """
        n = self._numbers
        tau = n["Ia.tau"]
        reached, speed = self._reached, np.empty(t.size)
        for i, at in enumerate(self._heard(t, "Ia.delay").tolist()):
            speed[i] = 1000.0 / tau * (at - reached)
            if i + 1 < t.size:
                reached += (at - reached) / tau
        self._reached = reached
        # a muscle that shortens silences them
        stretched = np.maximum(0.0, speed) ** n["Ia.power"]
        longer = np.maximum(0.0, self._heard(t, "II.delay"))
        return n["Ia.gain"] * stretched + n["II.gain"] * longer

    def _heard(self, t: Array, delay: str) -> Array:
        return self._length.at(np.maximum(0.0, t - self._numbers[delay]))
