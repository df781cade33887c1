import os
import platform

import numpy

from mnexcite.bench.control import control
from mnexcite.bench.machine import describe


def test_machine_is_named_without_its_host():
    found = describe()
    assert found["cores"] == os.cpu_count()
    assert found["numpy"] == numpy.__version__
    assert found["python"] == platform.python_version()
    assert platform.node() not in map(str, found.values())


def test_two_threads_give_no_more_than_two_cores():
    # a virtual machine gives what it has left, so only the bounds of sense are tested;
    # half again is for the noise of runs of milliseconds
    assert 0.3 < control(2, blocks=5, repeats=5) < 3.0
