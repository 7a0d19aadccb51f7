"""How scenarios look, the same in every figure: colour, line and marker, each enough to tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib

INK = "#222222"
SOFT = "#6b6b6b"
FAINT = "#d9d9d9"

COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C00")
"""Okabe and Ito (2008), black for the first scenario; their yellow is too pale for lines and is darkened."""
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")
OPEN = {"P": 1.25, "X": 1.25, "*": 1.75, "^": 1.1, "v": 1.1}
"""Shapes that look smaller than they are, and how much larger they are drawn."""
LINES: tuple[Any, ...] = (
    (0, (4, 1.5)), "solid", (0, (7, 2)), (0, (5, 1.5, 1, 1.5)), (0, (1.2, 1.2)),
    (0, (3, 1, 1, 1, 1, 1)), (0, (9, 2, 2, 2)), (0, (2, 2)),
)  # fmt: skip

STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "text.color": INK,
    "text.parse_math": False,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "figure.dpi": 160,
    "savefig.dpi": 160,
    "svg.hashsalt": "sim",
}

P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Draw with this project's style, whatever matplotlib's settings are; they are left as they were."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        with matplotlib.rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn


@dataclass(frozen=True)
class Look:
    """How one scenario is drawn."""

    name: str
    colour: str
    line: Any
    marker: str

    def drawn(self, size: float, width: float | None = None) -> dict[str, Any]:
        """Settings of its marks (`size`, points) and, with a width, its line. Open shapes are drawn larger."""
        open_shape = self.marker in OPEN
        return {
            "color": self.colour,
            "linestyle": "none" if width is None else self.line,
            "linewidth": width,
            "marker": self.marker,
            "markersize": size * OPEN.get(self.marker, 1.0),
            "markeredgecolor": "white",
            "markeredgewidth": 0.25 if open_shape else 0.45,
        }


def looks(names: Sequence[str]) -> dict[str, Look]:
    """A look for each scenario by its place; past eight, colours come again with another line and marker.

    A scenario alone has a solid line."""
    if len(names) == 1:
        return {names[0]: Look(names[0], COLOURS[0], "solid", MARKERS[0])}
    found = {}
    for n, name in enumerate(names):
        lap, k = divmod(n, len(COLOURS))
        shifted = (k + 3 * lap) % len(COLOURS)
        found[name] = Look(name, COLOURS[k], LINES[shifted], MARKERS[shifted])
    return found
