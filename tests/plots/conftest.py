import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

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
