"""The simulated schedule obeys what can be said of one in closed form, and the page on scale can be filled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import measuring, scale_page
from benchmarks.costs import Constants, Dask, Size
from benchmarks.planning import BUSY, WAYS, Assumed, outcome, outcomes, parents_for, plan_of
from benchmarks.simulated import Plan, simulate
from sim.errors import UsageError

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
EVERYTHING = Plan(
    tasks=2000, workers=16, compute=1.0, pack=0.004, schedule=0.003, write=0.03, task_bytes=1e4, result_bytes=2e5,
    bandwidth=1e8, spread=0.5, hours_between_failures=0.01, restart=2.0,
)  # fmt: skip


def exactly(value: float) -> object:
    return pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("spread", [0.0, 0.7])
def test_one_worker_takes_as_long_as_all_tasks_together(spread: float) -> None:
    done = simulate(Plan(tasks=200, workers=1, compute=2.0, spread=spread))
    assert done.busy["workers"] == exactly(1.0)
    assert done.seconds == pytest.approx(400.0, rel=1e-9 if not spread else 0.2)


def test_equal_tasks_without_friction_are_done_in_rounds() -> None:
    assert simulate(Plan(tasks=100, workers=8, compute=0.5)).seconds == exactly(13 * 0.5)


def test_without_friction_workers_end_within_one_task_of_each_other() -> None:
    plan = Plan(tasks=500, workers=7, compute=1.0, spread=0.6)
    done, longest = simulate(plan), simulate(replace(plan, workers=plan.tasks)).seconds
    work = done.busy["workers"] * done.seconds
    assert work <= done.seconds <= work + longest


@pytest.mark.parametrize(
    ("slow", "name"),
    [({"write": 0.05}, "writer"), ({"schedule": 0.05}, "scheduler"), ({"pack": 0.05}, "packer"),
     ({"result_bytes": 5.0, "bandwidth": 100.0}, "network"), ({"task_bytes": 5.0, "bandwidth": 100.0}, "network")],
)  # fmt: skip
def test_what_serves_one_task_at_a_time_sets_the_pace_when_workers_are_many(slow: dict[str, float], name: str) -> None:
    plan = Plan(tasks=400, workers=100, compute=1.0, **slow)
    done = simulate(plan)
    assert done.seconds == exactly(1.0 + 400 * 0.05)
    assert done.slowest == name
    assert plan.most_workers[name] == exactly(20.0)


def test_beyond_the_workers_that_the_writer_keeps_busy_more_workers_bring_nothing() -> None:
    plan = Plan(tasks=4000, workers=20, compute=1.0, pack=0.01, write=0.03, schedule=0.002)
    most = plan.most_workers["writer"]
    assert most == exactly(25.0)
    few, many = simulate(plan), simulate(replace(plan, workers=100))
    assert few.busy["workers"] == pytest.approx(1.0, abs=0.02)
    assert many.busy["workers"] == pytest.approx(most / 100, rel=0.02)
    assert many.seconds == pytest.approx(4000 * 0.04, rel=0.02)


def test_a_death_costs_half_a_task_on_average_and_the_restart() -> None:
    plan = Plan(tasks=20_000, workers=1, compute=2.0, hours_between_failures=0.01, restart=3.0)
    done = simulate(plan)
    expected = 20_000 * np.expm1(2.0 / 36.0)
    assert done.lost == pytest.approx(expected, abs=5 * np.sqrt(expected))
    # Of a task of length c, a death that comes at rate 1/m strikes after c/2 on average, less c/12m of it.
    assert done.lost_seconds / done.lost == pytest.approx(1.0 - 2.0 / 12 / 18, abs=5 * 2.0 / np.sqrt(12 * expected))
    assert done.seconds == exactly(40_000.0 + done.lost_seconds + 3.0 * done.lost)


def test_each_task_is_written_once_whoever_dies() -> None:
    done = simulate(EVERYTHING)
    assert done.lost > 20
    assert (done.times_written == 1).all()
    assert (done.written > done.given).all()
    assert done.seconds == done.written.max()


@pytest.mark.parametrize("in_flight", [0, 1, 5])
def test_never_more_tasks_are_in_flight_than_allowed(in_flight: int) -> None:
    plan = replace(EVERYTHING, in_flight=in_flight)
    done = simulate(plan)
    at_each_gift = np.searchsorted(np.sort(done.given), done.given, side="right") - np.searchsorted(
        np.sort(done.written), done.given - plan.pack + 1e-9, side="right"
    )
    assert at_each_gift.max() == plan.limit


def test_the_same_seed_gives_the_same_schedule() -> None:
    assert simulate(EVERYTHING, 3).seconds == simulate(EVERYTHING, 3).seconds != simulate(EVERYTHING, 4).seconds


# --- experiments ------------------------------------------------------------------------------------------

SIZE = Size(
    firms=200, months=60, worlds=50, task_seconds=0.5, task_bytes=12_000, pack_seconds=1e-4,
    result_bytes={"none": 60_000, "file": 1_400_000, "rows": 1_400_000},
    unpack_seconds={"none": 1e-5, "file": 1e-4, "rows": 1e-4},
    write_seconds={"none": 0.02, "file": 0.04, "rows": 0.4}, rows_per_run={"none": 130.0, "file": 130.0, "rows": 3000.0},
    database_bytes_per_run={"none": 4000.0, "file": 4000.0, "rows": 70_000.0}, file_bytes_per_run=13_000.0,
)  # fmt: skip
FOUND = Constants(
    measured="today", machine="none", sizes=(SIZE,), case_seconds=1e-4, case_memory=600.0, run_memory=100.0,
    plan_seconds=1e-6, missing_seconds=1e-6, start_seconds=2.0, note_seconds=0.002,
    dask=(Dask(60_000, 0.001, 0.001, 0.003), Dask(1_400_000, 0.003, 0.002, 0.01)),
)  # fmt: skip


def test_as_many_parents_as_it_takes_are_each_busy_for_a_part_of_the_time() -> None:
    for workers in (16, 1000):
        parents = parents_for(FOUND, SIZE, "none", workers, Assumed())
        plan = plan_of(FOUND, SIZE, "none", round(workers / parents), 2000, Assumed())
        assert simulate(plan).busy["writer"] <= BUSY * 1.02
        assert parents == 1 or workers / (parents - 1) > BUSY * plan.most_workers["writer"]


def test_an_experiment_costs_what_its_cores_cost_while_it_lasts() -> None:
    done = outcome(FOUND, SIZE, "none", 8, Assumed(price=2.0), steps=100 * SIZE.steps)
    assert done.cost == exactly(2.0 * 9 * done.seconds / 3600)
    planned = 5000 * (1e-4 / 100 + 2e-6) + 2.0
    assert done.planning == exactly(planned)
    assert done.seconds > planned + 100 * 0.5 / 8 * 0.9
    assert done.used == pytest.approx(100 * 0.5 / 8 / done.seconds, rel=0.1)


def test_a_part_of_the_tasks_takes_its_part_of_the_time() -> None:
    whole = outcome(FOUND, SIZE, "none", 64, Assumed(), steps=20_000 * SIZE.steps)
    part = outcome(FOUND, SIZE, "none", 64, Assumed(), steps=20_000 * SIZE.steps, share=0.1)
    assert part.seconds == pytest.approx(whole.seconds, rel=0.02)


def test_a_slow_disk_slows_the_writer() -> None:
    slow = plan_of(FOUND, SIZE, "file", 4, 10, Assumed(disk=1e6))
    assert slow.write == exactly(1e-4 + 50 * 17_000 / 1e6)
    assert plan_of(FOUND, SIZE, "file", 4, 10, Assumed()).write == exactly(0.04 + 1e-4)


def test_without_a_measured_scheduler_the_documented_time_is_taken() -> None:
    assert plan_of(replace(FOUND, dask=()), SIZE, "none", 4, 10, Assumed()).schedule == 1e-3
    assert plan_of(FOUND, SIZE, "rows", 4, 10, Assumed()).schedule == exactly(0.002)


def test_the_page_has_a_place_for_each_table_and_nothing_else_is_touched(tmp_path: Path) -> None:
    rows = outcomes(FOUND, SIZE, Assumed(), share=0.001)
    parts = scale_page.parts(FOUND, SIZE, Assumed(), rows)
    page = tmp_path / "scale.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    scale_page.fill(page, parts)
    filled = page.read_text(encoding="utf-8")
    assert all(part in filled for part in parts.values())
    scale_page.fill(page, parts)
    assert page.read_text(encoding="utf-8") == filled
    assert all(name in parts["limits"] for name in WAYS.values())
    assert scale_page.draw(rows, FOUND, SIZE, tmp_path / "scale.png").stat().st_size > 10_000
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(UsageError, match="needs one place"):
        scale_page.fill(page, parts)


def test_monthly_series_as_rows_are_a_row_for_each_series_and_month(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"POINTS": 2, "REPLICATIONS": 2, "MONTHS": 3}.items():
        monkeypatch.setattr(measuring, name, value)
    size = measuring.size_of(60, 1)
    assert (size.firms, size.worlds, size.months) == (60, 4, 3)
    figures = measuring.run_task(next(measuring.tasks(60))).runs.figures
    assert size.rows_per_run["rows"] - size.rows_per_run["none"] == exactly(3 * figures.shape[1])
    assert size.result_bytes["file"] > size.result_bytes["none"]
    assert size.file_bytes_per_run > 0
