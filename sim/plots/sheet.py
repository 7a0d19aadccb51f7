"""The sheet that every figure is drawn on: title, subtitle and legend above the panels, caption below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation, Transform

from sim.plots.look import SOFT

POINTS = 72.0
MARGIN = 10.0
"""Points left free at the edges."""


class Sheet:
    """A figure whose head and foot take the room they need and leave the rest to the panels.

    width, panels: inches; the figure grows by what head and foot need, so panels keep their size.
    """

    def __init__(self, width: float, panels: float, title: str, subtitle: str) -> None:
        self.figure = Figure(figsize=(width, panels), layout=ConstrainedLayoutEngine(w_pad=0.05, wspace=0.04))
        self.canvas = FigureCanvasAgg(self.figure)
        self.width, self.panels = width, panels
        self.head, self.foot = MARGIN, MARGIN * 0.6
        self._line(title, 11.5, weight="bold", gap=3.0)
        self._line(subtitle, 8.5, colour=SOFT, gap=6.0)
        self._settle()

    def legend(self, handles: Sequence[Artist], labels: Sequence[str], *, handle: float = 2.8) -> Legend:
        """A legend under the subtitle, in as many columns as the width takes; `handle`: width of its marks."""
        for columns in range(len(labels), 0, -1):
            legend = self.figure.legend(
                handles,
                labels,
                loc="upper left",
                bbox_to_anchor=(0.0, 1.0),
                bbox_transform=self.figure.transFigure + self._down(self.head),
                ncols=columns,
                borderpad=0.0,
                borderaxespad=0.0,
                handlelength=handle,
                columnspacing=1.6,
                labelspacing=0.45,
            )
            legend.set_in_layout(False)
            box = legend.get_window_extent(self._renderer)
            if columns == 1 or self._points(box.width) <= self._room:
                break
            legend.remove()
        legend.set_bbox_to_anchor((0.0, 1.0), self.figure.transFigure + self._down(self.head) + self._right(MARGIN))
        self.head += self._points(box.height) + 8.0
        self._settle()
        return legend

    def caption(self, words: str) -> None:
        """Small text below the panels."""
        if not words:
            return
        note = self.figure.text(0.0, 0.0, words, fontsize=7.5, color=SOFT, va="bottom", linespacing=1.3)
        note.set_in_layout(False)
        note.set_text(self._wrapped(note))
        note.set_transform(self.figure.transFigure + self._down(-self.foot) + self._right(MARGIN))
        self.foot += self._height(note) + 4.0
        self._settle()

    @property
    def _renderer(self) -> Any:
        return cast(Any, self.canvas).get_renderer()

    @property
    def _room(self) -> float:
        return self.width * POINTS - 2 * MARGIN

    def _line(self, words: str, size: float, *, gap: float, weight: str = "normal", colour: str | None = None) -> None:
        line = self.figure.text(0.0, 1.0, words, fontsize=size, fontweight=weight, va="top")
        if colour is not None:
            line.set_color(colour)
        line.set_in_layout(False)
        line.set_text(self._wrapped(line))
        line.set_transform(self.figure.transFigure + self._down(self.head) + self._right(MARGIN))
        self.head += self._height(line) + gap

    def _wrapped(self, line: Text) -> str:
        """The text of a line broken where it would leave the sheet."""
        lines: list[str] = []
        for word in line.get_text().split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            line.set_text(longer)
            if lines and self._points(line.get_window_extent(self._renderer).width) <= self._room:
                lines[-1] = longer
            else:
                lines.append(word)
        return "\n".join(lines)

    def _height(self, line: Text) -> float:
        return self._points(line.get_window_extent(self._renderer).height)

    def _points(self, pixels: float) -> float:
        return pixels * POINTS / self.figure.dpi

    def _down(self, points: float) -> Transform:
        return ScaledTranslation(0.0, -points / POINTS, self.figure.dpi_scale_trans)

    def _right(self, points: float) -> Transform:
        return ScaledTranslation(points / POINTS, 0.0, self.figure.dpi_scale_trans)

    def _settle(self) -> None:
        height = self.panels + (self.head + self.foot) / POINTS
        self.figure.set_size_inches(self.width, height)
        engine = self.figure.get_layout_engine()
        assert isinstance(engine, ConstrainedLayoutEngine)
        left = 0.5 * MARGIN / (self.width * POINTS)
        low = self.foot / (height * POINTS)
        engine.set(rect=(left, low, 1.0 - 2 * left, self.panels / height))
