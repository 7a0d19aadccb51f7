"""A progress bar over runs, on the terminal's standard error; nothing where that is not a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


LARGE = 10**9
"""Firm-months from which people are told beforehand how long it will take."""
FIRM_MONTHS_A_SECOND = 500_000
"""What a processor computes, roughly."""


class Bar:
    """Counts runs, and shows people the count, how fast it goes and how long it will take. Call it with runs done and
    runs in all, first before anything is run: what is done then was there before.

    firm_months: of all runs together; if what is to be computed of them is a lot, that is said first. processors:
    how many compute, None where that is not known. what: is counted.
    """

    def __init__(
        self,
        firm_months: int = 0,
        processors: int | None = 1,
        what: str = "runs",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.done = self.total = self.failed = 0
        self._firm_months, self._processors = firm_months, processors
        self._what, self._clock = what, clock
        self._before, self._made, self._begun, self._last = 0, clock(), clock(), clock()
        self._progress: Progress | None = None

    def __enter__(self) -> Bar:
        if sys.stderr.isatty():
            self._progress = _shown(self._what, self.words)
            self._progress.start()
        return self

    def __call__(self, done: int, total: int) -> None:
        if not self.total and self._firm_months * (total - done) >= LARGE * total:
            print(self._estimate(self._firm_months * (total - done) / total), file=sys.stderr)
        self._last = self._clock()
        if not self.total or done < self.done:
            self._before, self._begun = done, self._last
        self.done, self.total = done, total
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], completed=done, total=total)

    def fail(self, runs: int = 1) -> None:
        """Some of those done have failed."""
        self.failed += runs

    @property
    def rate(self) -> float:
        """What is done in a second, without what was there before."""
        elapsed = self._last - self._begun
        return (self.done - self._before) / elapsed if elapsed > 0 else 0.0

    def words(self) -> str:
        """What stands beside the bar."""
        now = self._clock()
        words = [f"{self.done:,}/{self.total:,}"] if self.total else []
        if self.rate:
            words.append(_pace(self.rate))
        words.append(f"{_time(now - self._made)} elapsed")
        if self.rate and self.done < self.total:
            # Results come in lots; between two of them the time left goes down by the clock.
            left = (self.total - self.done) / self.rate - (now - self._last)
            words.append(f"{_time(max(left, 0.0))} left")
        if self.failed:
            words.append(f"{self.failed:,} failed")
        return "  ".join(words)

    def print(self, text: str) -> None:
        """Print on standard output, above the bar."""
        if self._progress is not None:
            self._progress.stop()
        print(text, flush=True)
        if self._progress is not None:
            self._progress.start()

    def _estimate(self, work: float) -> str:
        time = ""
        if self._processors is not None:
            minutes = work / FIRM_MONTHS_A_SECOND / self._processors / 60
            time = f", roughly {minutes:.0f} minutes" if minutes < 120 else f", roughly {minutes / 60:,.0f} hours"
        return f"sim: {work:.1e} firm-months to compute{time}; what is finished is kept if you break off"

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._progress is not None:
            self._progress.stop()


def _shown(what: str, words: Callable[[], str]) -> Progress:
    """A bar with words beside it, which are asked for again while nothing comes."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.table import Column
    from rich.text import Text

    class Words(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(words())

    columns = (
        TextColumn(what),
        BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=6)),
        Words(table_column=Column(no_wrap=True)),
    )
    progress = Progress(*columns, console=Console(stderr=True), transient=True, expand=True, refresh_per_second=4)
    progress.add_task(what, total=None)
    return progress


def _time(seconds: float) -> str:
    """Seconds as 0:07, 12:34, 1:02:03 or 3 d 4:05:06."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    if not hours:
        return f"{minute}:{second:02}"
    days, hour = divmod(hours, 24)
    return f"{days} d {hour}:{minute:02}:{second:02}" if days else f"{hour}:{minute:02}:{second:02}"


def _pace(rate: float) -> str:
    """So many a second, a minute or an hour, whichever has a number above 1."""
    for unit, seconds in (("s", 1), ("min", 60), ("h", 3600)):
        if rate * seconds >= 1 or unit == "h":
            amount = rate * seconds
            break
    return f"{amount:,.0f}/{unit}" if amount >= 10 else f"{amount:.1f}/{unit}"
