"""The smallest cell that fires, for tests to which the structure of a cell does not matter.

Its kernels are compiled several times as fast as those of a published cell.
"""

#: Izhikevich 2007, Dynamical Systems in Neuroscience, fig. 4.1: persistent sodium and
#: potassium. Its text, so that programs that tests start can have it too.
SOURCE = """
from mnexcite import stimuli
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel, Gate, kinetics

m = Gate("m", inf=kinetics.boltzmann, half=-20.0, slope=15.0)
n = Gate("n", inf=kinetics.boltzmann, half=-25.0, slope=5.0, tau=1.0)
channels = [
    Channel("NaP", 20.0, m, E=60.0),
    Channel("K", 10.0, n, E=-90.0),
    Channel("leak", 8.0, E=-80.0),
]
SMALL = Cell("small", Compartment("soma", 1.0, channels, v=-65.0))
DRIVE = stimuli.step(40.0, unit="uA/cm2")
"""
exec(SOURCE)
