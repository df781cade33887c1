"""Works that several tests share, with spike times that were found elsewhere."""

from mnexcite.bench.tasks import benchmark_work
from mnexcite.bench.work import Work

#: Upward crossings of 0 mV [ms] of the benchmark cell's set k of 1024 within 200 ms, to
#: five digits: LSODA at 1e-11 on equations that were written down by hand.
SPIKES = {
    100: (),
    400: (14.99545, 105.96059, 197.05413),
    512: (9.51341, 90.17741, 171.17972),
    1023: (4.03820, 6.69043),
}


def sets(*places, duration=200.0):
    """Return the benchmark cell's work with some of its 1024 sets."""
    whole = benchmark_work(1024)
    columns = {path: column[list(places)] for path, column in whole.parameters.items()}
    return Work(whole.cell, columns, duration=duration)
