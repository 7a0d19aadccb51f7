"""A progress bar over runs, on the terminal's standard error; nothing where that is not a terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


LARGE = 10**9
"""Firm-months from which people are told beforehand how long it will take."""
FIRM_MONTHS_A_SECOND = 500_000
"""What a processor computes, roughly."""


class Bar:
    """Counts runs, and shows the count to people. Call it with runs done and runs in all.

    firm_months: of all runs together; if what is to be computed of them is a lot, that is said first. processors:
    how many compute.
    """

    def __init__(self, firm_months: int = 0, processors: int = 1) -> None:
        self.done = self.total = 0
        self._firm_months, self._processors = firm_months, processors
        self._progress: Progress | None = None

    def __enter__(self) -> Bar:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
            self._progress.add_task("runs", total=None)
            self._progress.start()
        return self

    def __call__(self, done: int, total: int) -> None:
        if not self.total and self._firm_months * (total - done) >= LARGE * total:
            print(self._estimate(self._firm_months * (total - done) / total), file=sys.stderr)
        self.done, self.total = done, total
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], completed=done, total=total)

    def print(self, text: str) -> None:
        """Print on standard output, above the bar."""
        if self._progress is not None:
            self._progress.stop()
        print(text, flush=True)
        if self._progress is not None:
            self._progress.start()

    def _estimate(self, work: float) -> str:
        minutes = work / FIRM_MONTHS_A_SECOND / self._processors / 60
        time = f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:,.0f} hours"
        return f"sim: {work:.1e} firm-months to compute, roughly {time}; what is finished is kept if you break off"

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._progress is not None:
            self._progress.stop()
