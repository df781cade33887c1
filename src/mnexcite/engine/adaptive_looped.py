"""Print the loop of adaptive steps for compartments that are a loop over data."""

from __future__ import annotations

from mnexcite.engine.adaptive_loop import CLOCK, DRIVE, Loop, Scheme
from mnexcite.engine.printer import Printer


class LoopedLoop(Loop):
    """Print the same where states and what belongs to them stand in the tile."""

    def __init__(
        self,
        printer: Printer,
        scheme: Scheme,
        trail: bool = False,
    ) -> None:
        super().__init__(printer, scheme, trail)
        assert printer.loops is not None
        self.loops, place = printer.loops, self.place
        self.loops.lay_out(
            dict.fromkeys(("stage", "right", "new", "error"), self.count), self.size
        )
        self.loops.base |= {name: place[name] for name in ("states", "slopes", "old")}
        self.loops.base["begin"] = place["old_slopes"]
        self.loops.base["parameters"] = place[printer.parameters[0]]
        for part in DRIVE:
            self.loops.base[part] = place[printer.input(part, *self.inputs[0])]

    def _load(self) -> None:
        place, width = self.place["time_@"], self.width
        for k, name in enumerate(self.read[: len(CLOCK)]):
            self.out.add(f"{name} = load(tile, {place + k * width})")

    def _present(self) -> None:
        """Print nothing: passages load what they read."""

    def _begin_step(self) -> None:
        self.loops.copy("slopes", "begin")

    def _size(self) -> None:
        w, out = self.width, self.out
        out.add("size = fill(0.0)")
        with out.block(f"for k in range({self.count}):"):
            out.add(
                f"scaled = {self.loops.read('error', f'k * {w}')} * weights[k]",
                "size = fma(scaled, scaled, size)",
            )

    def _take(self) -> None:
        self.loops.copy("states", "old")
        pair = f"{self.loops.read('new', 'k')}, {self.loops.read('old', 'k')}"
        self.loops.fill("states", f"choose(size, 1.0, {pair})")

    def _ends(self) -> tuple[str, str, str]:
        """Return the first voltage at the ends of a step, and its slope at the start."""
        read = self.loops.read
        return read("old"), read("states"), read("begin")

    def _strayed(self) -> None:
        self.loops.print_strayed("strayed_@")

    def _keep(self) -> None:
        """Print nothing: they are kept anyhow."""

    def _keep_slopes(self) -> None:
        """Print nothing: they stand there."""
