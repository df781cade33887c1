import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray

from mnexcite import cells, muscle, simulation

mpl.use("Agg")


@pytest.fixture(scope="session")
def rec():
    """One second of a cell that fires by itself."""
    sick = cells.purvis_butera_2005().scaled({"NaP.g": 2.0, "K.g": 0.5})
    return simulation.simulate(sick, duration=1000.0, record=("v", "NaP.i", "Ca"))


@pytest.fixture(scope="session")
def force(rec):
    return muscle.contract(rec, muscle.slow_unit())


@pytest.fixture
def pixels():
    """Return the picture of a figure, rows x columns x colours."""

    def image(figure):
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.array(canvas.buffer_rgba())[..., :3]

    return image


@pytest.fixture(autouse=True)
def no_figure_left():
    plt.close("all")
    yield
    plt.close("all")


PHASES = ("silent", "single", "block", "burst", "tonic", "irregular", "failed")


@pytest.fixture(scope="session")
def sweep_of():
    """Return what makes a sweep's dataset of phases (-1 pending), over dims and coordinates.

    A point's rate is 10 times its phase [Hz]; a failed one has none.
    """

    def make(phase, dims, coords):
        phase = np.asarray(phase, dtype=np.int8)
        failed = phase == PHASES.index("failed")
        status = np.where(failed, 2, np.where(phase < 0, -1, 0)).astype(np.int8)
        rate = np.where((phase < 0) | failed, np.nan, 10.0 * phase)
        flags = {"flag_values": list(range(len(PHASES))), "flag_meanings": " ".join(PHASES)}
        ended = {"flag_values": [0, 1, 2, -1]}
        ended["flag_meanings"] = "ok non_finite out_of_range pending"
        variables = {
            "phase": (dims, phase, flags | {"long_name": "phase"}),
            "status": (dims, status, ended | {"long_name": "how the run ended"}),
            "rate": (dims, rate, {"units": "Hz", "long_name": "firing rate"}),
        }
        return xarray.Dataset(variables, coords)

    return make


@pytest.fixture
def small(sweep_of):
    """3 x 4 points: every kind of point, and factors on the first axis."""
    return sweep_of(
        [[0, 0, 1, 4], [3, 4, 4, 5], [2, 6, 6, -1]],
        ("NaP.g", "K.g"),
        {
            "NaP.g": ("NaP.g", [0.05, 0.1, 0.15], {"units": "uS"}),
            "NaP.g_factor": (
                "NaP.g",
                [1.0, 2.0, 3.0],
                {"units": "1", "long_name": "factor of NaP.g"},
            ),
            "K.g": ("K.g", [0.5, 0.6, 0.8, 0.9], {"units": "1"}),
            "ions.K_o": ((), 4.0, {"units": "mmol l-1"}),
        },
    )
