"""Names beside the marks of a small network, where they cover neither each other nor anything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation, Text

from sim.fields import Array
from sim.plots.look import INK, SOFT

SIZE = 6.5
LONGEST = 24
"""Characters of a name that are shown."""
GAP = 2.0
"""Points between a mark and its name, and around a name."""
EDGE = 4.0
"""Points between a name and the edge of the sheet."""
POINTS = 72.0
DIRECTIONS = (
    (1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1),
    (0, -2), (0, 2), (0, -3), (0, 3), (0, -4), (0, 4), (0, -5), (0, 5),
)  # fmt: skip
"""Where a name may stand beside its mark, the best place first; the last ones are lines farther away
and get a line to their mark."""


def name_firms(axes: Axes, names: Sequence[str], position: Array, area: Array, curves: Array) -> None:
    """Write the names of firms beside their marks, each at the free place that the fewest links cross; a name that
    has no free place is left out. Everything else must be drawn already, as nothing moves for the names.

    position: (N, 2). area: of the marks, points squared, (N,). curves: the links, (link, point, 2).
    """
    figure = cast(Figure, axes.get_figure())
    pixels = figure.dpi / POINTS
    edge = EDGE * pixels
    place = axes.transData.transform(position)
    links = axes.transData.transform(curves.reshape(-1, 2))
    half = np.sqrt(area)[:, None] * pixels / 2
    taken = np.concatenate([_others(figure, axes), np.concatenate([place - half, place + half], axis=1)])
    for name, firm, centre, radius in zip(names, position, place, half[:, 0], strict=True):
        label = _label(axes, shortened(name), firm)
        box = label.get_window_extent(_renderer(figure))
        size = np.array([box.width, box.height])
        middles = centre + _offsets(size, radius, GAP * pixels)
        boxes = np.concatenate([middles - size / 2, middles + size / 2], axis=1)
        ways = _ways(centre, radius + 1.0, middles, size)
        blocked = [_meets(box, taken) or _meets(way, taken) for box, way in zip(boxes, ways, strict=True)]
        lowest = axes.get_window_extent().y0 - size[1]
        within = (boxes[:, 0] >= edge) & (boxes[:, 2] <= figure.bbox.x1 - edge) & (boxes[:, 1] >= lowest)
        free = [n for n in np.flatnonzero(within) if not blocked[n]]
        if not free:
            label.remove()
            continue
        best = min(free, key=lambda n: _within(links, boxes[n]) + n)
        label.set_position((middles[best] - centre) / pixels)
        if np.abs(DIRECTIONS[best]).max() > 1:
            _line(axes, firm, middles[best] - np.sign(DIRECTIONS[best]) * size / 2)
        taken = np.concatenate([taken, boxes[best : best + 1], ways[best : best + 1]])


def shortened(name: str) -> str:
    """A name that is not too long to be shown."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"


def _label(axes: Axes, name: str, firm: Array) -> Annotation:
    label = axes.annotate(
        name, (float(firm[0]), float(firm[1])), (0, 0), textcoords="offset points", ha="center", va="center",
        fontsize=SIZE, color=INK, zorder=4, annotation_clip=False,
        path_effects=[withStroke(linewidth=1.6, foreground="white")],
    )  # fmt: skip
    label.set_in_layout(False)
    return label


def _line(axes: Axes, firm: Array, end: Array) -> None:
    """A thin line from a mark to a place, pixels."""
    x, y = np.stack([firm, axes.transData.inverted().transform(end)]).T
    axes.plot(x, y, color=SOFT, linewidth=0.5, zorder=2)


def _offsets(size: Array, radius: float, gap: float) -> Array:
    """From the middle of a mark to the middle of its name, pixels, (place, 2)."""
    towards = np.array(DIRECTIONS, dtype=float)
    lines = np.sign(towards) * np.maximum(np.abs(towards) - 1.0, 0.0) * (size[1] + gap)
    slanted = np.where((towards != 0).all(axis=1), 0.7, 1.0)[:, None]
    found: Array = np.sign(towards) * (slanted * radius + gap + size / 2) + lines
    return found


def _ways(centre: Array, radius: float, middles: Array, size: Array) -> Array:
    """Boxes of the lines from the edge of a mark to its name, without width, (place, 4); beside the mark just a point
    of the name's own box."""
    towards = np.sign(np.array(DIRECTIONS, dtype=float))
    far = np.abs(DIRECTIONS).max(axis=1)[:, None] > 1
    end = middles - towards * size / 2
    start = np.where(far, centre + towards * radius, end)
    return np.concatenate([np.minimum(start, end), np.maximum(start, end)], axis=1)


def _others(figure: Figure, axes: Axes) -> Array:
    """Boxes of what is drawn already: all words, and panels other than this one, (box, 4)."""
    drawn: list[Artist] = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    drawn += [other for other in figure.axes if other is not axes]
    return np.array([artist.get_window_extent(_renderer(figure)).extents for artist in drawn])


def _renderer(figure: Figure) -> Any:
    return cast(Any, figure.canvas).get_renderer()


def _meets(box: Array, taken: Array) -> bool:
    apart = (taken[:, 2:] <= box[:2]) | (taken[:, :2] >= box[2:])
    return not apart.any(axis=1).all()


def _within(points: Array, box: Array) -> int:
    return int(((points > box[:2]) & (points < box[2:])).all(axis=1).sum())
