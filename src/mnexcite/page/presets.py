"""Settings that a page offers by name, each with its source, and what runs in them."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnexcite import conditions, stimuli
from mnexcite.cells import Cell
from mnexcite.cells.paths import resolve
from mnexcite.conditions import Condition
from mnexcite.engine import drives
from mnexcite.equations.structure import structure_of
from mnexcite.errors import InputError
from mnexcite.page.sliders import Slider
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.setup import set_up
from mnexcite.stimuli import Stimulus

OURS = "this package's documentation"


@dataclass(frozen=True)
class Protocol:
    """Describe what is done to a cell in the course of a run.

    `stimuli`: each by the Python that makes it; `since`: from when on nothing excites it [ms];
    `initial`: path -> value at the start.
    """

    stimuli: Mapping[str, Stimulus]
    since: float
    initial: Mapping[str, float] = field(default_factory=dict)

    def json(self, cell: Cell) -> dict[str, Any]:
        """Return what enters in pieces, as the page reads it."""
        together = functools.reduce(operator.add, self.stimuli.values())
        drive = set_up(cell, together, Numerics()).job.drives
        pieces = drives.pieces(drive, structure_of(cell, {0}))
        return {
            "starts": pieces.starts.tolist(),
            "levels": pieces.levels.tolist(),
            "climbs": pieces.climbs.tolist(),
            "since": self.since,
            "initial": dict(self.initial),
            "python": list(self.stimuli),
        }


@dataclass(frozen=True)
class Preset:
    """Describe a setting: its sliders, and what it shows."""

    id: str
    label: str
    about: str
    source: str
    status: str
    settings: Mapping[str, float] = field(default_factory=dict)
    duration: float | None = None
    protocol: str | None = None

    @property
    def json(self) -> dict[str, Any]:
        """As the page reads it."""
        found = {key: getattr(self, key) for key in self.__dataclass_fields__}
        return {key: value for key, value in found.items() if value is not None}


def presets_of(cell: Cell, sliders: Sequence[Slider]) -> tuple[Preset, ...]:
    """Return the presets that a cell's sliders can show."""
    published = cell.status == "published"
    told = "The cell as published." if published else "The cell as it was calibrated."
    found = [Preset("healthy", "Healthy", told, cell.source, cell.status)]
    found += [preset for preset, _ in _SHOWN.get(cell.name, ())]
    for name, label, about, condition in CONDITIONS:
        settings = settings_under(cell, sliders, condition)
        if settings is not None and cell.name not in NOT_OF.get(name, ()):
            found.append(
                Preset(name, label, about, condition.source, condition.status, settings)
            )
    known = {slider.id: slider for slider in sliders}
    imbalance = {"NaP.g": 2.0, "K.g": 0.5}
    if all(path in known and known[path].kind == "factor" for path in imbalance):
        about = "Persistent sodium doubled, potassium halved: a quiet cell fires by itself."
        told = "directions published (Kuo 2004, 2005; Wainger 2014), factors chosen by us"
        found.append(
            Preset("imbalance", "Na/K imbalance", about, told, "unverified", imbalance)
        )
    if (temperature := known.get("temperature")) is not None:
        hot = min(temperature.neutral + 6.0, temperature.high)
        found.append(
            Preset(
                *("hot", "Heat", "Six degrees more, as a hot bath brings to a nerve."),
                *(temperature.source, "unverified", {"temperature": hot}),
            )
        )
    for name, label, dose, about in DRUGS:
        if (drug := known.get(f"{name}.c")) is not None:
            found.append(Preset(name, label, about, drug.source, drug.status, {drug.id: dose}))
    return tuple(found)


def protocols_of(cell: Cell) -> dict[str, Protocol]:
    """Return what runs in the presets of a cell, by name."""
    return {
        preset.protocol: protocol
        for preset, protocol in _SHOWN.get(cell.name, ())
        if preset.protocol is not None
    }


def settings_under(
    cell: Cell, sliders: Sequence[Slider], condition: Condition
) -> dict[str, float] | None:
    """Return the settings of sliders that are a condition; None where they cannot be it."""
    own = {path: value for path, (value, _) in cell.scalars.items()}
    try:
        changed = condition.act(cell, own)
    except InputError:
        return None
    left = {path: new for path, new in changed.items() if new != own[path]}
    settings: dict[str, float] = {}
    for slider in sliders:
        if slider.kind not in ("factor", "value"):
            continue
        paths = resolve(cell, slider.id)
        if not all(path in left for path in paths):
            continue
        found = {
            float(left[path]) / own[path] if slider.kind == "factor" else float(left[path])
            for path in paths
        }
        if max(found) - min(found) > 1e-12:
            continue
        settings[slider.id] = round(found.pop(), 12)
        left = {path: new for path, new in left.items() if path not in paths}
    return settings if settings and not left else None


#: Diseases that a cell cannot have.
NOT_OF: Mapping[str, tuple[str, ...]] = {"als_early": ("hodgkin_huxley_1952",)}
CONDITIONS: tuple[tuple[str, str, str, Condition], ...] = (
    (
        *("als_early", "Early ALS"),
        "More persistent sodium, less potassium. Whether that is so in people is debated.",
        conditions.als_early(1.0),
    ),
    (
        *("hyperkalaemia", "High potassium"),
        "Much potassium in the blood: its gradient is smaller, every brake weaker.",
        conditions.hyperkalaemia(1.0),
    ),
    (
        *("hypokalaemia", "Low potassium"),
        "Little potassium in the blood: the cell rests farther from its threshold.",
        conditions.hypokalaemia(1.0),
    ),
)
DRUGS: tuple[tuple[str, str, float, str], ...] = (
    ("mexiletine", "Mexiletine", 8.0, "A drug against cramps; 2.8 to 11 uM are in patients."),
    ("ttx", "TTX", 0.02, "The puffer fish's poison: without sodium channels no spike."),
    ("tea", "TEA", 3000.0, "Blocks the delayed rectifier: spikes grow broad."),
    ("four_ap", "4-AP", 1000.0, "Blocks fast transient potassium channels."),
)


def _pulse(amplitude: float, unit: str, start: float, duration: float) -> tuple[str, Stimulus]:
    text = (
        f"mx.stimuli.step({amplitude!r}, unit={unit!r}, start={start!r}, duration={duration!r})"
    )
    return text, stimuli.step(amplitude, unit=unit, start=start, duration=duration)


def _train() -> tuple[str, Stimulus]:
    text = 'mx.stimuli.train(60.0, unit="uA/cm2", rate=30.0, count=240, start=500.0)'
    return text, stimuli.train(60.0, unit="uA/cm2", rate=30.0, count=240, start=500.0)


def _stretch(start: float, duration: float) -> tuple[str, Stimulus]:
    text = (
        f'mx.stimuli.conductance(0.3, unit="mS/cm2", E=-78.0, start={start!r}, '
        f"duration={duration!r})"
    )
    return text, stimuli.conductance(
        0.3, unit="mS/cm2", E=-78.0, start=start, duration=duration
    )


_SENSITISED = {"facilitation": 1.65}
#: Of some cells, what only a course of events shows.
_SHOWN: Mapping[str, tuple[tuple[Preset, Protocol], ...]] = {
    "cramping_motoneuron": (
        (
            Preset(
                *("train", "Healthy, after a train"),
                "Eight seconds of 30 stimuli a second; the firing ends with them.",
                *(OURS, "tuned", {}, 60_000.0, "train"),
            ),
            Protocol(dict([_train()]), 8500.0),
        ),
        (
            Preset(
                *("cramp", "Cramp"),
                "The same train while afferents facilitate the cell: it locks, until sodium "
                "has filled it and the facilitation faded. That such a state exists is "
                "assumed.",
                *(OURS, "unverified", {}, 60_000.0, "cramp"),
            ),
            Protocol(dict([_train()]), 8500.0, _SENSITISED),
        ),
        (
            Preset(
                *("stretch", "Cramp, stretched"),
                "The same cramp, and 3 s of inhibition, as stretch brings about: it is over.",
                *(OURS, "unverified", {}, 60_000.0, "stretch"),
            ),
            Protocol(dict([_train(), _stretch(16_000.0, 3000.0)]), 8500.0, _SENSITISED),
        ),
    ),
    "molkov_2025": (
        (
            Preset(
                *("latch", "Latch"),
                "A pulse sets it firing, an inhibition ends it; between them nothing drives "
                "it. Six to nine times faster than a cramp.",
                "Molkov et al. 2025 (mechanism); numbers chosen by us",
                *("unverified", {"NaP.g": 0.5, "ions.K_o": 6.0}, 4000.0, "latch"),
            ),
            Protocol(
                dict(
                    [
                        _pulse(20.0, "uA/cm2", 300.0, 500.0),
                        _pulse(-5.0, "uA/cm2", 2500.0, 1000.0),
                    ]
                ),
                800.0,
            ),
        ),
    ),
}
