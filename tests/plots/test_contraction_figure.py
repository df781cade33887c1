import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from mnexcite import cells, muscle, plots, simulation


@pytest.fixture(scope="module")
def cases():
    healthy = cells.purvis_butera_2005()
    runs = {
        "Healthy: silent\nAt rest": healthy,
        "Sick: fires\nContracts": healthy.scaled({"NaP.g": 2.0, "K.g": 0.5}),
    }
    done = {name: simulation.simulate(c, duration=5000.0) for name, c in runs.items()}
    unit = muscle.slow_unit()
    return {name: (rec, muscle.contract(rec, unit)) for name, rec in done.items()}


@pytest.fixture(scope="module")
def figure(cases):
    open_before = plt.get_fignums()
    drawn = plots.contraction(cases, plots.new_figure(16, 9))
    assert plt.get_fignums() == open_before
    return drawn


def test_cases_stand_side_by_side_with_shared_axes(cases, figure):
    voltage, spikes, force = np.array(figure.axes).reshape(3, 2)
    assert [ax.get_title(loc="left") for ax in voltage] == ["Healthy: silent", "Sick: fires"]
    assert force[0].get_xlabel() == "Time [s]"
    assert voltage[0].get_ylim() == voltage[1].get_ylim()
    assert len({ax.get_xlim() for ax in figure.axes}) == 1
    assert "no spike" in [text.get_text() for text in spikes[0].texts]
    mean = cases["Sick: fires\nContracts"][1].mean
    assert f"{100 * mean:.0f} % on average" in [text.get_text() for text in force[1].texts]


def test_drawn_voltage_has_every_spike(cases, figure):
    rec, _ = cases["Sick: fires\nContracts"]
    drawn = np.array(figure.axes).reshape(3, 2)[0, 1].lines[0].get_ydata()
    assert drawn.size < rec["v"].size / 5
    crossings = np.sum((drawn[:-1] < 0.0) & (drawn[1:] >= 0.0))
    assert crossings == rec.spike_times.size


def test_picture_is_not_blank_and_small(figure, tmp_path):
    path = tmp_path / "figure.png"
    plots.save(figure, path)
    image = np.asarray(Image.open(path).convert("RGB"))
    assert image.shape == (1080, 1920, 3)
    # both cases' colours are seen: blue 0072B2 and vermillion D55E00
    for color in ((0, 114, 178), (213, 94, 0)):
        assert np.sum(np.all(np.abs(image.astype(int) - color) < 30, axis=2)) > 1000
    assert path.stat().st_size < 400_000


def test_overview_of_bare_spike_trains(pixels):
    from mnexcite.spikes import SpikeTrains

    trains = SpikeTrains.from_list([[10.0, 1900.0], [25.0]], ("a", "b"))
    forces = muscle.contract(trains, muscle.slow_unit())
    figure = plots.overview(trains, forces, plots.new_figure())
    assert len({ax.get_xlim() for ax in figure.axes}) == 1
    assert np.mean(pixels(figure).min(axis=2) < 250) > 0.01
