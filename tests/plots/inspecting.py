"""Looking at a drawn figure: its texts, where they stand, and which of them overlap."""

from __future__ import annotations

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def panels(figure: Figure) -> dict[str, Axes]:
    """Visible panels by title."""
    return {a.get_title(loc="left") or a.get_title(): a for a in figure.axes if a.get_visible()}


def words(figure: Figure) -> str:
    return "\n".join(t.get_text() for t in shown_texts(figure))


def shown_texts(figure: Figure) -> list[Text]:
    """Texts that can be read on the figure."""
    figure.canvas.draw()
    found = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    ticks = {id(t) for a in figure.axes for t in (*a.get_xticklabels(), *a.get_yticklabels())}
    in_view = {id(t) for a in figure.axes if a.get_visible() and a.axison for t in _ticks_in_view(a)}
    hidden = {id(t) for a in figure.axes if not a.get_visible() or not a.axison for t in (a.xaxis.label, a.yaxis.label)}
    return [t for t in found if id(t) not in hidden and (id(t) not in ticks or id(t) in in_view)]


def _ticks_in_view(axes: Axes) -> list[Text]:
    found = []
    for axis, (low, high) in ((axes.xaxis, sorted(axes.get_xlim())), (axes.yaxis, sorted(axes.get_ylim()))):
        for tick in axis.get_major_ticks():
            if low <= tick.get_loc() <= high and tick.label1.get_visible():
                found.append(tick.label1)
    return found


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other."""
    boxes = [(t.get_text(), t.get_window_extent()) for t in shown_texts(figure)]
    return [(a, b) for (a, x), (b, y) in combinations(boxes, 2) if _meet(x, y)]


def outside(figure: Figure) -> list[str]:
    """Texts that are cut off at the edge of the figure."""
    whole = figure.bbox.padded(1.0)
    boxes = [(t.get_text(), t.get_window_extent()) for t in shown_texts(figure)]
    return [s for s, b in boxes if b.x0 < whole.x0 or b.y0 < whole.y0 or b.x1 > whole.x1 or b.y1 > whole.y1]


def legends_over_data(figure: Figure) -> list[str]:
    """Panels that a legend lies over."""
    figure.canvas.draw()
    keys = [legend.get_window_extent() for legend in figure.legends]
    return [title for title, a in panels(figure).items() if any(_meet(a.get_window_extent(), k) for k in keys)]


def _meet(x: Bbox, y: Bbox) -> bool:
    return min(x.x1, y.x1) - max(x.x0, y.x0) > 1.0 and min(x.y1, y.y1) - max(x.y0, y.y0) > 1.0
