"""A channel: a conductance, its gates, what binds to it, and its reversal potential."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mnexcite.channels.binding import Binding
from mnexcite.channels.gate import Gate
from mnexcite.channels.names import check_name
from mnexcite.errors import InputError, number, parts


@dataclass(frozen=True)
class Channel:
    """Describe the current g x product(gate^power) x (v - E), outward positive.

    Parameters
    ----------
    name
        Name in paths, such as `NaP`.
    g
        Maximal conductance, in the cell's unit [mS/cm2 or uS].
    gates
        The channel's gates; none for a leak.
    E
        Reversal potential [mV]; left out, it is that of `ion`.
    ion
        The ion it carries: its reversal moves with that ion's concentrations, and its
        current feeds the compartment's pool of the same name.
    bindings
        Substances that take some of the channels out of play.

    Raises
    ------
    InputError
        If neither `E` nor `ion` is given, or a number is not allowed.
    """

    name: str
    g: float
    gates: tuple[Gate, ...] = ()
    E: float | None = None
    ion: str | None = None
    bindings: tuple[Binding, ...] = ()

    def __init__(
        self,
        name: str,
        g: float,
        gates: Gate | Iterable[Gate] = (),
        E: float | None = None,
        ion: str | None = None,
        bindings: Binding | Iterable[Binding] = (),
    ) -> None:
        check_name("channel", name)
        taken = ("g", "E", "i", "g_open", "drive")
        gates, bindings = allowed_parts(f"channel {name}", gates, bindings, taken)
        for key, value in {
            "name": name,
            "g": number(f"channel {name}: g", g, "0 or more", lowest=0.0),
            "gates": gates,
            "E": E if E is None else number(f"channel {name}: E", E, "a finite number in mV"),
            "ion": ion,
            "bindings": bindings,
        }.items():
            object.__setattr__(self, key, value)
        if E is None and ion is None:
            raise InputError(f"channel {name}: it has no reversal; give E in mV or ion")

    @property
    def carries(self) -> Mapping[str, float]:
        """Ion -> the share of the current that it carries."""
        return {} if self.ion is None else {self.ion: 1.0}


def allowed_parts(
    said: str,
    gates: Gate | Iterable[Gate],
    bindings: Binding | Iterable[Binding],
    taken: tuple[str, ...],
) -> tuple[tuple[Gate, ...], tuple[Binding, ...]]:
    """Return a channel's gates and bindings, or refuse what does not fit together.

    `taken`: names of the channel's own numbers.
    """
    gates = parts(f"{said}: gates", gates, Gate, "Gates")
    bindings = parts(f"{said}: bindings", bindings, Binding, "Bindings")
    own = {gate.name: gate for gate in gates}
    for binding in bindings:
        for gate in binding.through:
            if gate not in own or own[gate].pool is not None:
                raise InputError(
                    f"{said}: {binding.name} binds through {gate!r}; allowed: its "
                    f"voltage-dependent gates, {', '.join(own) or 'which are none'}"
                )
    names = [part.name for part in (*gates, *bindings)]
    if clash := [n for n in names if names.count(n) > 1 or n in taken]:
        raise InputError(f"{said}: the name {clash[0]!r} is taken; rename the gate or binding")
    return gates, bindings
