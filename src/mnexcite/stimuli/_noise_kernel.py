"""Follow a path that forgets; plain Python that is compiled as it stands."""

import numpy as np


def follow(drawn: np.ndarray, kept: float) -> None:
    """Add to each number what is kept of the one before."""
    for i in range(1, drawn.size):
        drawn[i] = drawn[i] + kept * drawn[i - 1]
