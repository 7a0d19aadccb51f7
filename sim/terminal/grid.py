"""Columns of text side by side, as many as the terminal is wide."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

PIPE_WIDTH = 120
"""Width of what does not go to a terminal."""
GAP = "  "


@dataclass(frozen=True)
class Column:
    """A heading of one or more lines, and a cell for each row."""

    heading: tuple[str, ...]
    cells: tuple[str, ...]
    right: bool = True

    @property
    def width(self) -> int:
        return max(cell_len(text) for text in (*self.heading, *self.cells))

    def lines(self, head: int) -> list[str]:
        """The heading in `head` lines, a rule and the cells, all of one width."""
        rule = "─" * self.width
        texts = [*[""] * (head - len(self.heading)), *self.heading, rule, *self.cells]
        blanks = [" " * (self.width - cell_len(text)) for text in texts]
        return [blank + text if self.right else text + blank for text, blank in zip(texts, blanks, strict=True)]


def width() -> int:
    """Characters in a line of the terminal."""
    return shutil.get_terminal_size((PIPE_WIDTH, 24)).columns


def wrapped(text: str) -> list[str]:
    """A text in lines of the terminal's width."""
    return textwrap.wrap(text, width(), subsequent_indent="  ", break_on_hyphens=False)


def grid(names: Column, columns: Sequence[Column], space: int) -> str:
    """Columns beside the names of their rows; those that do not fit follow below, with the names again."""
    return "\n\n".join("\n".join(_block([names, *part])) for part in _parts(columns, space - names.width))


def _parts(columns: Sequence[Column], space: int) -> Iterator[list[Column]]:
    part: list[Column] = []
    for column in columns:
        if part and sum(c.width + len(GAP) for c in [*part, column]) > space:
            yield part
            part = []
        part.append(column)
    yield part


def _block(columns: Sequence[Column]) -> list[str]:
    head = max(len(c.heading) for c in columns)
    return [GAP.join(line).rstrip() for line in zip(*(c.lines(head) for c in columns), strict=True)]
