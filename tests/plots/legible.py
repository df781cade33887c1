"""Text of a drawn figure that is cut off or overlaps other text, measured with the renderer."""

import itertools

from matplotlib.axis import Axis, Tick
from matplotlib.text import Text

#: Boxes of fonts are higher than their letters: so much may be shared [share of the height].
SPARE = 0.22


def written(figure):
    """Return (words, box) of each text that is drawn, boxes tight around their letters."""
    found, hidden = [], set()
    for axis in figure.findobj(Axis):
        # ticks outside of the limits stay undrawn, labels of hidden axes too
        drawn = axis._update_ticks() if axis.get_visible() and axis.axes.get_visible() else []
        hidden |= {
            text
            for tick in axis.get_children()
            if isinstance(tick, Tick)
            for text in (tick.label1, tick.label2)
            if tick not in drawn
        }
    renderer = figure._get_renderer()
    for text in figure.findobj(Text):
        words = text.get_text().strip()
        if not words or text in hidden or not seen(text):
            continue
        box = text.get_window_extent(renderer)
        spare = SPARE * text.get_fontsize() * figure.dpi / 72.0
        across, along = (0.5 * spare, 0.0) if text.get_rotation() == 0.0 else (0.0, 0.5 * spare)
        found.append(
            (words, (box.x0 + along, box.y0 + across, box.x1 - along, box.y1 - across))
        )
    return found


def seen(artist):
    while artist is not None:
        if not artist.get_visible():
            return False
        artist = getattr(artist, "parent", None)
    return True


def faults(figure):
    """Return in words what is cut off and what overlaps in a figure, laid out as it is now."""
    figure.draw_without_rendering()
    texts, (width, height) = written(figure), figure.bbox.size
    cut = [
        f"{words!r} is cut off"
        for words, (x0, y0, x1, y1) in texts
        if x0 < 0.0 or y0 < 0.0 or x1 > width or y1 > height
    ]
    both = [
        f"{a!r} overlaps {b!r}"
        for (a, one), (b, two) in itertools.combinations(texts, 2)
        if min(one[2], two[2]) > max(one[0], two[0]) + 0.5
        and min(one[3], two[3]) > max(one[1], two[1]) + 0.5
    ]
    return cut + both
