"""The work of `mnexcite bench`, from its options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnexcite.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mnexcite.bench.peers import Peer
    from mnexcite.bench.work import Work
    from mnexcite.cells.paths import Path
    from mnexcite.stimuli import Stimulus

#: The name of the cell that is made for timing.
BENCHMARK = "benchmark"


def workload(
    cell: str, settings: Iterable[str], stimulus: str | None, duration: float, sets: int
) -> Work:
    """Return the work that the options describe; `duration` in s.

    Raises
    ------
    InputError
        If one of them is not allowed.
    """
    import numpy as np

    from mnexcite.bench.cell import benchmark_cell, benchmark_parameters
    from mnexcite.bench.tasks import cell_work
    from mnexcite.cells import find

    named = benchmark_cell() if cell == BENCHMARK else find(cell)
    fixed: dict[Path, float] = {}
    spread: dict[str, np.ndarray] = {}
    for text in settings:
        path, low, high = _setting(text)
        if high is None:
            fixed[path] = low
        else:
            spread[path] = np.linspace(low, high, sets)
    named = named.replaced(fixed)
    if cell == BENCHMARK and not settings and sets > 1:
        spread = dict(benchmark_parameters(sets))
    return cell_work(
        named,
        sets,
        1e3 * duration,
        stimulus=read_stimulus(stimulus),
        parameters=spread or None,
    )


def read_stimulus(text: str | None) -> Stimulus | None:
    """Return the stimulus of a TOML file, or of one `[[stimulus]]` written in one line.

    Raises
    ------
    InputError
        If it is neither.
    StorageError
        If the file cannot be read.
    """
    from mnexcite import config

    if text is None:
        return None
    if text.endswith(".toml"):
        described = config.load(text)
        if not described.stimulus:
            raise InputError(f"{text} holds no [[stimulus]]; add one, or name another file")
        return config.build_stimulus(described)
    inner = text.strip()
    if not inner.startswith("{"):
        inner = f"{{{inner}}}"
    try:
        return config.build_stimulus(config.loads(f"stimulus = [{inner}]"))
    except InputError as error:
        said = str(error).removeprefix("the configuration: ").removeprefix("[stimulus 1] ")
        raise InputError(
            f"--stimulus: {said.removeprefix('the configuration is not TOML: ')} (such as "
            '\'shape="step", amplitude=1, unit="nA"\', or a .toml file)'
        ) from None


def choose_peers(text: str) -> list[Peer]:
    """Return the peers that a list of names means: all, none, or how their names begin.

    Raises
    ------
    InputError
        If a name fits none of them.
    """
    from mnexcite.bench.peers import ABSENT, PEERS

    if text == "none":
        return []
    if text == "all":
        return list(PEERS)
    chosen: list[Peer] = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        found = [peer for peer in PEERS if peer.name.casefold().startswith(word.casefold())]
        if not found:
            for name, why in ABSENT.items():
                if word.casefold() in name.casefold():
                    raise InputError(f"--peers names {word!r}: {name} {why}; allowed: others")
            first = dict.fromkeys(peer.name.replace(",", "").split()[0] for peer in PEERS)
            names = ["all", "none", *first]
            raise InputError(f"--peers names {word!r}; {did_you_mean(word, names)}")
        chosen += [peer for peer in found if peer not in chosen]
    return chosen


def _setting(text: str) -> tuple[str, float, float | None]:
    """Return path, value and, for a range, its other end."""
    path, _, given = text.partition("=")
    ends = given.split(":")
    try:
        numbers = [float(end) for end in ends]
    except ValueError:
        numbers = []
    if not path or len(numbers) not in (1, 2):
        raise InputError(
            f"--set {text!r} is no path with a value; allowed: PATH=VALUE, or PATH=LOW:HIGH "
            "spread over the sets, such as NaP.g=0:2"
        )
    return path.strip(), numbers[0], numbers[1] if len(numbers) == 2 else None
