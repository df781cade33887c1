"""Where a silent voltage lies: below what makes a cell fire, or beyond it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.equations import excitability
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import lower
from mnexcite.equations.structure import structure_of
from mnexcite.equations.variants import variants_of

Array = NDArray[np.float64]


def beyond_instability(cell: Cell, values: Mapping[str, Array], v: Array) -> NDArray[np.bool_]:
    """Tell whether the membrane is unstable at a voltage below `v`.

    At each whole mV the steady state is taken, with whatever constant current holds it
    there, and its eigenvalues: where one grows, the cell cannot stay and fires, or leaps to
    another state. A cell that is silent below every such voltage rests, however depolarised;
    one that is silent above one has passed the voltages at which it fires: depolarisation
    block. A cell that is unstable nowhere, such as one without sodium channels, only rests.

    Voltages below the lowest reversal potential do not count: there every current is inward,
    and only a current from outside could hold the cell. In a cell of several compartments
    `v` is the first one's, and the others settle as it is held.

    Parameters
    ----------
    cell
        The cell.
    values
        Full path -> one number per lane, where lanes differ from the cell.
    v
        Voltage of each lane, shape (lanes,) [mV]; NaN lies below everything.

    References
    ----------
    Hodgkin & Huxley 1952 lose their rest at -59.7 mV and gain it again at -43.1 mV: the two
    Hopf bifurcations over the injected current (Hassard 1978, J Theor Biol 71:401).

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite import cells
    >>> axon = cells.hodgkin_huxley_1952()
    >>> beyond_instability(axon, {}, np.array([-65.0, -60.0, -43.0])).tolist()
    [False, False, True]
    """
    lanes = lower(cell, Layout(structure_of(cell)), values, v.size)
    return excitability.beyond_instability(cell, variants_of(lanes), v)
