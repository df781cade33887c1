"""Write TOML that reads back as the same run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from mnexcite.config.schema import Config
from mnexcite.errors import checked


@checked
def dump(config: Config) -> str:
    """Return the run as TOML text; `loads(dump(config))` equals `config`.

    Examples
    --------
    >>> from mnexcite.config import Config, MuscleConfig
    >>> 'unit = "fast"' in dump(Config(muscle=MuscleConfig("fast")))
    True
    """
    import tomli_w

    conditions = _plain(config.conditions)
    conditions = conditions.pop("presets", {}) | conditions
    sections: dict[str, Any] = {
        "cell": _plain(config.cell),
        "conditions": conditions,
        "stimulus": [
            {"shape": s.shape} | {key: _toml(value) for key, value in s.arguments.items()}
            for s in config.stimulus
        ],
        "run": _plain(config.run),
        "muscle": None if config.muscle is None else _plain(config.muscle),
        "output": _plain(config.output),
    }
    return tomli_w.dumps({name: section for name, section in sections.items() if section})


def _plain(section: Any) -> dict[str, Any]:
    values = {f: _toml(getattr(section, f.name)) for f in fields(section)}
    return {
        f.name: value
        for f, value in values.items()
        if value is not None and not (value == {} and f.default is MISSING)
    }


def _toml(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
