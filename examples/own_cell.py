"""
A cell of your own on the command line
======================================

A module with a function that returns a cell is all that the command line needs. In the folder
of this file,

.. code-block:: sh

   mnexcite cells show own_cell:my_cell

prints every number of the cell with its source and status.

The cell is the hypoglossal motor neuron of Purvis and Butera (2005) with one more channel: a
persistent sodium current that does not inactivate, with the activation that Molkov et al.
(2025) use, after Brocard et al. (2013). Its conductance is made up.
"""

from dataclasses import replace

import mnexcite as mx


def my_cell() -> mx.Cell:
    """Return the default cell with a second persistent sodium current."""
    m = mx.Gate("m", inf=mx.channels.kinetics.boltzmann, half=-53.0, slope=3.0)
    channel = mx.Channel("NaPslow", g=0.005, ion="Na", gates=[m])
    cell = mx.cells.purvis_butera_2005()
    soma = cell.compartments[0]
    soma = replace(soma, channels=(*soma.channels, channel))
    cell = replace(cell, name="my_cell", compartments=(soma,))
    source = "activation: Molkov et al. 2025; conductance: made up"
    own = [path for path in cell.parameters if path.startswith("NaPslow.")]
    provenance = {**cell.provenance, **{path: (source, "unverified") for path in own}}
    return replace(cell, provenance=provenance)
