"""How exact the references must be: SciPy in Python is most of what the tests wait for."""

from mnexcite.engine.methods import METHODS

#: What runs are compared with: spike times to 1e-6 ms, for half of what the default takes.
TRUTH = {"method": "reference", "tolerance": 1e-9}
#: The same to 2e-5 ms for half of that again, for what is asserted to 1e-3 ms and more.
NEAR = {"method": "reference", "tolerance": 1e-7}


def by(method):
    """Return the options of a run by a method of any kind, where no number is compared."""
    return {"method": method} | ({"tolerance": 1e-7} if METHODS[method].reference else {})
