"""What people see of a run while it goes on: how far it is, how fast it goes, how long it will take."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.terminal.progress import Bar

ROOT = Path(__file__).resolve().parents[2]

SHOWN = """
import sys, time
from sim.terminal.progress import Bar
with Bar() as bar:
    bar(50_000, 100_000)
    for done in (60_000, 75_000):
        time.sleep(0.4)
        bar(done, 100_000)
    bar.fail(1234)
    bar.print("found")
    time.sleep(0.4)
"""


class Clock:
    """Goes on when told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def words(bar: Bar) -> list[str]:
    return bar.words().split("  ")


def test_rate_and_remaining_time_are_of_what_was_run_now(clock: Clock) -> None:
    bar = Bar(clock=clock)
    clock.now += 2
    bar(900, 1000)
    assert words(bar) == ["900/1,000", "0:02 elapsed"]
    clock.now += 10
    bar(920, 1000)
    assert bar.rate == 2.0
    assert words(bar) == ["920/1,000", "2.0/s", "0:12 elapsed", "0:40 left"]
    clock.now += 5
    assert words(bar) == ["920/1,000", "2.0/s", "0:17 elapsed", "0:35 left"]
    clock.now += 1000
    assert words(bar)[-1] == "0:00 left"


def test_what_was_done_before_does_not_count_into_the_rate_when_another_experiment_begins(clock: Clock) -> None:
    bar = Bar(clock=clock)
    for done in (0, 100):
        bar(done, 100)
        clock.now += 10
    bar(50, 80)
    clock.now += 30
    bar(65, 80)
    assert words(bar) == ["65/80", "30/min", "0:50 elapsed", "0:30 left"]


def test_failed_runs_are_counted_and_what_is_done_has_no_time_left(clock: Clock) -> None:
    bar = Bar(clock=clock)
    bar(0, 10)
    clock.now += 3 * 86_400 + 4 * 3600
    bar.fail(2)
    bar.fail()
    bar(10, 10)
    assert words(bar) == ["10/10", "0.1/h", "3 d 4:00:00 elapsed", "3 failed"]


def test_on_a_terminal_it_fits_the_line_and_goes_when_all_is_done() -> None:
    said, out = on_a_terminal(80)
    shown = [line for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said)) if line]
    assert all(len(line) <= 80 for line in shown)
    last = shown[-1]
    assert re.fullmatch(r"runs .{4,}  ?75,000/100,000  [\d,]+/s  0:0\d elapsed  0:0\d left  1,234 failed *", last)
    assert said.rstrip().endswith("\x1b[2K")
    assert out == "found\n"


def test_where_no_terminal_is_nothing_is_shown() -> None:
    found = subprocess.run([sys.executable, "-c", SHOWN], cwd=ROOT, capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("found\n", "")


def test_long_work_is_announced_without_a_time_where_nobody_knows_who_computes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Bar(4 * 10**9, processors=None)(0, 100)
    assert capsys.readouterr().err == (
        "sim: 4.0e+09 firm-months to compute; what is finished is kept if you break off\n"
    )


def on_a_terminal(columns: int) -> tuple[str, str]:
    """What a terminal of so many columns gets on standard error, and what goes to standard output."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "TERM": "xterm", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", SHOWN], stdout=subprocess.PIPE, stderr=theirs, env=environment, text=True
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Nobody holds the other end any more.
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    return b"".join(parts).decode(), process.communicate()[0]
