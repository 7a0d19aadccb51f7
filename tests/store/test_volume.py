"""A large sweep keeps a small database that answers quickly: a hundred thousand runs in a gigabyte and a second."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.volume import OUTCOME, measured
from sim.store.store import Store

BYTES_A_RUN = 1e9 / 100_000


def test_a_run_of_a_sweep_takes_its_share_of_a_gigabyte_and_one_of_many_files(tmp_path: Path) -> None:
    found = measured(tmp_path / "runs.db", runs=1_000, block=200)
    assert found.database_bytes / found.runs < BYTES_A_RUN
    assert found.rows == found.runs * found.series
    assert found.files == 5


def test_a_question_about_one_outcome_does_not_look_through_the_others(tmp_path: Path) -> None:
    measured(tmp_path / "runs.db", runs=200, months=2, block=100)
    with Store(tmp_path / "runs.db") as store, store.reading() as connection:
        number = connection.exec_driver_sql("SELECT id FROM outcome WHERE name = ?", (OUTCOME,)).scalar()
        plan = "EXPLAIN QUERY PLAN SELECT run_id, value FROM figure WHERE outcome_id = ? AND run_id BETWEEN 1 AND 200"
        steps = [row[3] for row in connection.exec_driver_sql(plan, (number,))]
    assert steps == ["SEARCH figure USING PRIMARY KEY (outcome_id=? AND run_id>? AND run_id<?)"]


@pytest.mark.slow
def test_a_hundred_thousand_runs_keep_to_a_gigabyte_and_a_second(tmp_path: Path) -> None:
    found = measured(tmp_path / "runs.db")
    assert found.database_bytes < 1e9
    assert found.summary_seconds < 1.0
