"""A database of older tables is upgraded where it stands, whole or not at all, and its runs are found again."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from sim.errors import StoreError
from sim.experiments.designs import run, saved
from sim.scenario.files import stored
from sim.scenario.schema import Scenario
from sim.store.database import address_of
from sim.store.memory import Memory
from sim.store.migrations.versions import version_2
from sim.store.records import Runs
from sim.store.store import Store
from sim.store.tables import Base
from tests.experiments.conftest import tiny
from tests.store.conftest import nobody
from tests.store.version_1 import written

SEED = 3


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return tiny("plain", incentives=[{"kind": "abatement_subsidy", "rate": 0.5}])


@pytest.fixture(scope="module")
def runs(scenario: Scenario) -> Runs:
    """What this program computes for it: three replications."""
    from sim.experiments.cases import Case
    from sim.experiments.runner import run_cases

    memory = Memory()
    run_cases([Case(scenario)], SEED, 3, memory, workers=1)
    return memory.read(scenario.fingerprint, SEED, 3)


@pytest.fixture
def old(database: str, scenario: Scenario, runs: Runs) -> str:
    written(database, scenario, stored(scenario), SEED, runs)
    return database


def test_an_upgrade_is_said_in_one_line_and_done_once(old: str, capsys: pytest.CaptureFixture[str]) -> None:
    Store(old).close()
    said = capsys.readouterr().err
    assert said.startswith("sim: database ")
    assert said.endswith("upgraded from version 1 of its tables to 2\n")
    Store(old).close()
    assert capsys.readouterr().err == ""


def test_everything_that_was_there_is_there_bit_for_bit(old: str, scenario: Scenario, runs: Runs) -> None:
    with Store(old) as store:
        found = store.read(scenario.fingerprint, SEED, 4)
        failures = store.failures([scenario.fingerprint], SEED, 4)
    for name in ("monthly", "ledger", "last_paid"):
        assert getattr(found, name).tobytes() == getattr(runs, name).tobytes()
    assert (found.units, found.entries, found.budgets) == (runs.units, runs.entries, runs.budgets)
    assert failures == {scenario.fingerprint: {3: "it broke"}}


def test_totals_of_old_runs_are_rows_of_the_same_view(old: str, runs: Runs) -> None:
    query = (
        "SELECT replication, payment, account, amount FROM ledger_total JOIN run ON run.id = run_id ORDER BY 1, 2, 3"
    )
    with Store(old) as store, store.reading() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(query)]
        assert connection.exec_driver_sql("SELECT count(*) FROM run_ledger").scalar() == len(runs.replications)
    rows = zip(runs.replications, runs.ledger.tolist(), strict=True)
    expected = [(r, *name, amount) for r, row in rows for name, amount in zip(runs.entries, row, strict=True)]
    assert found == sorted(expected)


def test_figures_of_old_runs_are_those_of_new_ones_bit_for_bit(old: str, scenario: Scenario, runs: Runs) -> None:
    with Store(old) as store:
        found = store.figures([scenario.fingerprint], SEED, 3)
    assert list(found.units) == list(runs.units)
    assert found.values[0].tobytes() == runs.figures.tobytes()


def test_runs_of_an_old_database_are_not_computed_again(
    old: str, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.experiments import runner

    asked: list[int] = []
    whole = runner.run_block
    monkeypatch.setattr(runner, "run_block", lambda s, seed, r: asked.extend(r) or whole(s, seed, r))
    found = run(scenario, replications=5, seed=SEED, db=old, workers=1)
    assert sorted(asked) == [3, 4]
    assert found.runs.replication.nunique() == 5
    assert saved(old).scenarios == (scenario,)


def test_an_upgraded_database_has_the_tables_of_a_new_one(old: str) -> None:
    Store(old).close()
    engine = create_engine(address_of(old))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        keys = {t: inspect(connection).get_pk_constraint(t)["constrained_columns"] for t in Base.metadata.tables}
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    engine.dispose()
    assert keys == {name: [c.name for c in table.primary_key] for name, table in Base.metadata.tables.items()}


def test_an_upgrade_that_fails_changes_nothing(
    old: str, scenario: Scenario, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("sim.outcomes.base.over_time", full)
        message = "version 1, and cannot be upgraded to version 2: database or disk is full .nothing was changed"
        with pytest.raises(StoreError, match=message) as error:
            Store(old)
    assert "\n" not in str(error.value)
    engine = create_engine(address_of(old))
    with engine.connect() as connection:
        assert "figure" not in inspect(connection).get_table_names()
        assert connection.exec_driver_sql("SELECT version FROM schema_version").scalar() == 1
    engine.dispose()
    with Store(old) as store:
        assert store.missing([scenario.fingerprint], SEED, 3) == {scenario.fingerprint: []}


def test_runs_are_read_in_parts_that_leave_none_out() -> None:
    runs = list(range(2 * version_2.RUNS_AT_ONCE + 1))
    assert [number for part in version_2._parts(runs) for number in part] == runs


def test_a_database_that_may_not_be_written_is_not_upgraded_and_says_what_to_do(
    shared: Path, scenario: Scenario, runs: Runs
) -> None:
    old = shared / "old.db"
    written(str(old), scenario, stored(scenario), SEED, runs)
    old.chmod(0o444)
    with nobody(), pytest.raises(StoreError, match="cannot be upgraded to version 2: .*readonly.*must be writable"):
        Store(old)
    old.chmod(0o666)
    with nobody(), Store(old) as store:
        assert store.missing([scenario.fingerprint], SEED, 3) == {scenario.fingerprint: []}
