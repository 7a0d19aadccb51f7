"""Databases are put together: every experiment once, every run once and whole, however often and however it ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from sim.errors import StoreError
from sim.store import frames, merging
from sim.store.merging import Merged, merge
from sim.store.records import Failure, Runs, stacked
from sim.store.store import Point, Store
from sim.terminal.results import app
from tests.store.conftest import FINGERPRINT, empty, entry, made
from tests.store.test_catalogue import CASES, SEED, begun, calm, points

HALVES = CASES[:2], CASES[1:]
"""Two parts of an experiment; one case is in both."""


@pytest.fixture
def postgres_main(server: Any) -> Iterator[str]:
    with empty(server) as url:
        yield url


postgres_other = postgres_main
"""Another one: a fixture of another name is made anew."""


@pytest.fixture(
    params=["sqlite from sqlite", "sqlite from postgresql", "postgresql from sqlite", "postgresql from postgresql"]
)
def pair(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[Store, Store]]]:
    """A database and another, of each kind."""
    monkeypatch.chdir(tmp_path)
    into, _, of = request.param.split()

    def opened(series: str, other_series: str) -> tuple[Store, Store]:
        at = {"main": into, "other": of}
        places = [
            request.getfixturevalue(f"postgres_{name}") if kind == "postgresql" else str(tmp_path / name / "a.db")
            for name, kind in at.items()
        ]
        for name in ("main", "other"):
            (tmp_path / name).mkdir(exist_ok=True)
        one, other = (Store(place, series=kind) for place, kind in zip(places, (series, other_series), strict=True))  # type: ignore[arg-type]
        stores.extend([one, other])
        return one, other

    stores: list[Store] = []
    yield opened
    for store in stores:
        store.close()


def filled(store: Store, cases: list[str]) -> dict[str, Runs]:
    runs = {case: calm(case, 0, 1, 2) for case in cases}
    store.write([case for case in cases for _ in range(3)], SEED, stacked([runs[case] for case in cases]))
    return runs


def turned(runs: Runs) -> Runs:
    """Runs whose series and entries are noted in another order, after one more."""
    return replace(
        runs, units=dict(reversed(runs.units.items())), monthly=runs.monthly[:, ::-1], figures=runs.figures[:, ::-1],
        entries=(("fines", "regulator"), *runs.entries[::-1]), ledger=np.insert(runs.ledger[:, ::-1], 0, 1.0, axis=1),
    )  # fmt: skip


def holds(store: Store, series: bool = True) -> None:
    """All runs of all cases, to the last bit."""
    assert store.failures(CASES, SEED, 3) == {}
    assert store.missing(CASES, SEED, 3, series=series) == {case: [] for case in CASES}
    found = store.figures(CASES, SEED, 3).values
    ledgers = frames.ledger(store)
    for n, case in enumerate(CASES):
        runs = calm(case, 0, 1, 2)
        assert found[n].tobytes() == runs.figures.tobytes()
        mine = ledgers[ledgers["fingerprint"] == case].sort_values(["replication", "payment", "account"])
        assert mine["amount"].to_numpy().tobytes() == runs.ledger.tobytes()
        if series:
            read = store.read(case, SEED, 3)
            for name in ("monthly", "figures", "ledger", "last_paid"):
                assert getattr(read, name).tobytes() == getattr(runs, name).tobytes()


def contents(store: Store) -> dict[str, Any]:
    with store.reading() as connection:
        tables = ("experiment", "experiment_point", "scenario", "run", "figure", "monthly_outcome", "run_ledger",
                  "last_paid", "series_file", "panel", "outcome", "ledger_entry")  # fmt: skip
        return {t: connection.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar() for t in tables}


@pytest.mark.parametrize(("series", "other_series"), [("rows", "file"), ("file", "rows"), ("none", "none")])
def test_parts_computed_apart_become_one_experiment(
    pair: Callable[..., tuple[Store, Store]], series: str, other_series: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "RUNS_AT_ONCE", 4)
    store, other = pair(series, other_series)
    number = begun(store)
    filled(store, HALVES[0])
    other.begin("run", [entry("else", "e" * 64)], 5, 1, "else")  # so that nothing has the same number
    other.write(["e" * 64], 5, turned(made(0)))
    begun(other)
    filled(other, HALVES[1])
    store.write_failure(CASES[2], SEED, Failure(1, "it broke here"))
    other.write_failure(CASES[0], SEED, Failure(1, "it broke there"))
    came = merge(store, other)
    assert (came.experiments, came.runs, came.gone) == (1, 3, 0)
    assert (came.files > 0) == (other_series == "file")
    holds(store, series != "none")
    assert [one.kind for one in store.listed()] == ["sweep", "run"]
    assert store.experiment(number).definition == '{"kind": "sweep"}'
    assert store.points(number) == points()
    before = contents(store)
    assert merge(store, other) == Merged()
    assert contents(store) == before
    assert store.size().unknown == 0


def test_a_merge_that_was_interrupted_is_repeated(
    pair: Callable[..., tuple[Store, Store]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "RUNS_AT_ONCE", 2)
    store, other = pair("rows", "file")
    begun(other)
    filled(other, CASES[:1])
    filled(other, CASES[1:])
    other.add_panel(1, "firms", pd.DataFrame({"firm": ["a"]}))
    whole, calls = merging.put_books, []

    def killed(*given: Any) -> None:
        calls.append(given)
        if len(calls) % 2 == 0:
            raise KeyboardInterrupt
        whole(*given)

    with monkeypatch.context() as patch:
        patch.setattr(merging, "put_books", killed)
        for _ in range(4):
            with pytest.raises(KeyboardInterrupt):
                merge(store, other)
    merge(store, other)
    holds(store)
    (panel,) = store.panels(1)
    assert panel.frame()["firm"].tolist() == ["a"]
    assert panel.place.parent == store.files.folder
    assert len(store.listed()) == 1
    assert store.size().unknown == 0
    assert merge(store, other) == Merged()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    for name in ("main", "other"):
        (tmp_path / name).mkdir()
    with Store(tmp_path / "main" / "a.db") as store, Store(tmp_path / "other" / "a.db", series="file") as other:
        yield store, other


def test_runs_that_are_there_stay_and_get_the_months_that_they_lack(two: tuple[Store, Store]) -> None:
    store, other = two
    begun(store)
    with Store(store.name, series="none") as bare:
        filled(bare, CASES)
    begun(other)
    filled(other, CASES)
    with store.reading() as connection:
        before = connection.exec_driver_sql("SELECT id, seconds, finished_at FROM run ORDER BY id").all()
    came = merge(store, other)
    assert (came.runs, came.series, came.files) == (0, 9, 1)
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT id, seconds, finished_at FROM run ORDER BY id").all() == before
    holds(store)


def test_a_file_that_is_lost_here_comes_back_and_one_lost_there_is_counted(two: tuple[Store, Store]) -> None:
    store, other = two
    begun(other)
    filled(other, CASES)
    merge(store, other)
    (file,) = store.files.folder.iterdir()
    file.unlink()
    assert merge(store, other).series == 9
    holds(store)
    for path in other.files.folder.iterdir():
        path.unlink()
    with Store(Path(store.name).parent / "third.db") as third:
        came = merge(third, other)
        assert (came.runs, came.gone) == (9, 1)
        assert third.missing(CASES, SEED, 3, series=False) == {case: [] for case in CASES}
        assert third.missing(CASES, SEED, 3) == {case: [0, 1, 2] for case in CASES}
        assert third.listed()[0].series == {"none": 9}


def test_an_experiment_that_grew_there_grows_here(two: tuple[Store, Store]) -> None:
    store, other = two
    number = begun(other)
    merge(store, other)
    other.add_points(number, [Point("d" * 64, FINGERPRINT, "{}", 4)])
    other.grow(number, 7)
    assert merge(store, other).experiments == 0
    assert [point.fingerprint for point in store.points(1)] == [*CASES, "d" * 64]
    assert store.experiment(1).replications == 7
    merge(other, store)
    assert len(other.listed()) == 1


def test_experiments_that_differ_stay_apart(two: tuple[Store, Store]) -> None:
    store, other = two
    begun(store)
    begun(other, definition="other")
    begun(other, cases=[CASES[1], CASES[0]])
    begun(other, replications=5)
    other.begin("ablation", [entry()], SEED, 3, "tiny", definition='{"kind": "sweep"}', points=points())
    store.begin("run", [entry()], SEED, 1, "tiny")
    other.begin("run", [entry()], SEED, 1, "tiny")
    assert merge(store, other).experiments == 5
    assert merge(store, other).experiments == 0


def test_a_run_that_failed_there_failed_here_and_can_be_finished(two: tuple[Store, Store]) -> None:
    store, other = two
    begun(other)
    filled(other, CASES[:2])
    other.write_failure(CASES[2], SEED, Failure(0, "it broke there"))
    assert merge(store, other).runs == 7
    assert store.failures(CASES, SEED, 3) == {CASES[2]: {0: "it broke there"}}
    filled(store, CASES[2:])
    holds(store)


def test_what_points_are_made_from_comes_with_them(two: tuple[Store, Store]) -> None:
    store, other = two
    first = other.begin("run", [entry()], SEED, 1, "tiny")
    number = other.begin("sweep", [], SEED, 3, "tiny", definition="{}", points=points())
    other.delete(first)
    merge(store, other)
    assert contents(store)["scenario"] == 4
    assert store.points(1) == other.points(number)


def test_a_database_is_not_merged_into_itself(two: tuple[Store, Store]) -> None:
    store, _ = two
    with Store(f"sqlite:///{store.name}") as same, pytest.raises(StoreError, match="is the one to merge into"):
        merge(store, same)


def test_the_command_says_what_came(two: tuple[Store, Store]) -> None:
    store, other = two
    begun(other)
    filled(other, CASES)
    given = ["merge", other.name, "--db", store.name]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    assert "1 experiment, 9 runs and 1 file with " in done.stdout
    again = CliRunner().invoke(app, [*given, "--json"])
    assert json.loads(again.stdout) == dict.fromkeys(Merged.__annotations__, 0)
    holds(store)


def test_a_database_of_a_later_version_is_refused_and_nothing_comes(two: tuple[Store, Store]) -> None:
    store, other = two
    begun(other)
    with other.writing() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version = 99")
    done = CliRunner().invoke(app, ["merge", other.name, "--db", store.name])
    assert isinstance(done.exception, StoreError)
    assert "written with tables of version 99, this program reads version 2" in str(done.exception)
    assert store.listed() == []
