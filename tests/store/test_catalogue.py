"""Experiments: noted once, listed with the state of their runs, summed up by the database, and deleted whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import StoreError
from sim.statistics import paired
from sim.store.exporting import export
from sim.store.records import Failure, Runs, stacked
from sim.store.store import Point, Store
from tests.store.conftest import FINGERPRINT, entry, made

CASES = [letter * 64 for letter in "abc"]
SEED = 1


def points(cases: Sequence[str] = CASES) -> list[Point]:
    return [Point(case, FINGERPRINT, json.dumps({"quality.target": n}), 4) for n, case in enumerate(cases)]


def begun(
    store: Store, replications: int = 3, cases: Sequence[str] = CASES, definition: str = '{"kind": "sweep"}'
) -> int:
    return store.begin("sweep", [entry()], SEED, replications, "tiny", definition=definition, points=points(cases))


def calm(case: str, *replications: int) -> Runs:
    """Runs of a case, with numbers that may be added up."""
    runs = made(*replications)
    draws = np.random.default_rng([ord(case[0]), *replications])
    return replace(
        runs, monthly=draws.normal(50, 1, runs.monthly.shape), figures=draws.normal(1e6, 1, runs.figures.shape)
    )


def filled(store: Store, replications: int = 3, cases: Sequence[str] = CASES) -> dict[str, Runs]:
    """Write all runs of all cases, in one block of rows that go to and fro between cases."""
    runs = {case: calm(case, *range(replications)) for case in cases}
    rows = [(case, r) for r in range(replications) for case in cases]
    store.write([case for case, _ in rows], SEED, stacked([runs[case].at([r]) for case, r in rows]))
    return runs


@pytest.fixture(params=["rows", "file", "none"])
def kept(request: pytest.FixtureRequest, database: str) -> Store:
    with Store(database, series=request.param) as store:
        yield store


def test_rows_of_a_block_find_their_cases(kept: Store) -> None:
    begun(kept)
    runs = filled(kept)
    found = kept.figures(CASES, SEED, 3)
    assert list(found.units) == list(made(0).units)
    for n, case in enumerate(CASES):
        assert found.values[n].tobytes() == runs[case].figures.tobytes()
        read = kept.read(case, SEED, 3)
        if kept._series == "none":
            assert read.replications == ()
        else:
            assert read.monthly.tobytes() == runs[case].monthly.tobytes()
            assert read.figures.tobytes() == runs[case].figures.tobytes()
    assert kept.missing(CASES, SEED, 3, series=False) == {case: [] for case in CASES}
    assert kept.missing(CASES, SEED, 3)["a" * 64] == ([0, 1, 2] if kept._series == "none" else [])


def test_figures_that_are_named_come_in_that_order_and_those_not_there_are_not_numbers(store: Store) -> None:
    begun(store)
    runs = filled(store, cases=CASES[:1])
    names = ["free_rider_share_by_tier:tier 1", "profit", "emissions"]
    found = store.figures([CASES[1], CASES[0], CASES[0]], SEED, 4, names)
    assert list(found.units) == names
    assert np.isnan(found.values[0]).all()
    assert np.isnan(found.values[:, :, 1]).all()
    assert np.isnan(found.values[1, 3]).all()
    assert np.array_equal(found.values[1, :3, [2, 0]].T, runs[CASES[0]].figures)
    assert np.array_equal(found.values[1], found.values[2], equal_nan=True)


def test_figures_of_many_runs_are_read_as_a_range_and_the_same(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(store)
    filled(store)
    few = store.figures(CASES[1:], SEED, 2)
    monkeypatch.setattr("sim.store.reading.MOST_NAMED", 1)
    assert store.figures(CASES[1:], SEED, 2).values.tobytes() == few.values.tobytes()


def test_series_are_added_to_runs_that_were_kept_without_them(database: str) -> None:
    with Store(database, series="none") as store:
        begun(store)
        runs = filled(store)
    for series in ("rows", "file"):
        with Store(database, series=series) as store:  # type: ignore[arg-type]
            case = CASES[series == "file"]
            assert store.missing([case], SEED, 3) == {case: [0, 1, 2]}
            store.write([case] * 3, SEED, runs[case])
            assert store.read(case, SEED, 3).monthly.tobytes() == runs[case].monthly.tobytes()
            assert store.missing([case], SEED, 3) == {case: []}
            assert store.figures([case], SEED, 3).values[0].tobytes() == runs[case].figures.tobytes()


def test_an_experiment_with_a_definition_that_is_given_again_goes_on_as_it_was(store: Store) -> None:
    first = begun(store)
    assert begun(store) == first
    assert begun(store, replications=4) != first
    assert begun(store, definition='{"kind": "other"}') != first
    assert begun(store, cases=CASES[:2]) == first  # its first points, as of one that finds more as it goes
    assert begun(store, cases=[*CASES, "d" * 64]) != first
    assert begun(store, cases=[CASES[1], CASES[0]]) != first


def test_points_are_kept_as_changes_of_their_base(store: Store) -> None:
    number = begun(store)
    store.add_points(number, [*points()[:1], Point("d" * 64, FINGERPRINT, "{}", 4)])
    assert store.points(number) == [*points(), Point("d" * 64, FINGERPRINT, "{}", 4)]
    saved = store.experiment(number)
    assert (saved.kind, saved.definition, saved.replications) == ("sweep", '{"kind": "sweep"}', 3)


def test_means_worked_out_by_the_database_are_those_of_the_statistics(kept: Store) -> None:
    number = begun(kept)
    runs = filled(kept)
    names = list(made(0).units)
    found = kept.summary(number, names)
    assert found["position"].tolist() == [0, 0, 1, 1, 2, 2]
    for n, case in enumerate(CASES):
        for s, name in enumerate(names):
            row = found[(found["position"] == n) & (found["outcome"] == name)].iloc[0]
            expected = paired.mean(runs[case].figures[:, s])
            # Figures of a million with a deviation of 1: squares that cancelled would lose six digits.
            assert row["runs"] == 3
            assert row["mean"] == pytest.approx(expected.value, rel=1e-14)
            assert row["high"] - row["mean"] == pytest.approx(expected.high - expected.value, rel=1e-6)
            assert row["deviation"] == pytest.approx(runs[case].figures[:, s].std(ddof=1), rel=1e-6)
    given = kept.summary(CASES, names, SEED, 3)
    pd.testing.assert_frame_equal(given.sort_values(["position", "outcome"]).reset_index(drop=True),
                                  found.sort_values(["position", "outcome"]).reset_index(drop=True))  # fmt: skip


def test_a_summary_is_over_what_is_there(store: Store) -> None:
    number = begun(store)
    filled(store, replications=1, cases=CASES[:2])
    store.write_failure(CASES[2], SEED, Failure(0, "it broke"))
    found = store.summary(number, ["emissions"])
    assert found["position"].tolist() == [0, 1]
    assert found["deviation"].isna().all()
    with pytest.raises(StoreError, match="unknown outcome 'emission'; did you mean 'emissions'"):
        store.summary(number, ["emission"])
    with pytest.raises(StoreError, match="no experiment 99; allowed are 1, "):
        store.summary(99, ["emissions"])


def test_a_list_says_what_is_there_of_each_experiment(kept: Store) -> None:
    number = begun(kept)
    filled(kept, replications=2)
    kept.write_failure(CASES[0], SEED, Failure(2, "it broke"))
    kept.begin("run", [entry()], SEED, 5, "tiny")
    sweep, run = kept.listed()
    assert (sweep.id, sweep.kind, sweep.cases, sweep.finished, sweep.failed, sweep.asked) == (
        number,
        "sweep",
        3,
        6,
        1,
        9,
    )
    assert sweep.series == {kept._series: 6}
    assert (sweep.file_bytes > 0) == (kept._series == "file")
    assert (run.kind, run.cases, run.finished, run.asked, run.series) == ("run", 1, 0, 5, {})
    size = kept.size()
    assert size.database > 0
    assert (size.file_bytes, size.unknown) == (sweep.file_bytes, 0)


def test_sweeps_are_not_taken_for_comparisons(store: Store) -> None:
    begun(store)
    found = store.latest()
    assert found is not None
    assert found.kind == "run"


def test_deleting_leaves_what_other_experiments_use(kept: Store) -> None:
    number = begun(kept)
    runs = filled(kept)
    other = begun(kept, replications=1, cases=CASES[1:2], definition="other")
    freed = kept.delete(number)
    assert freed.runs == 6
    assert kept.figures(CASES, SEED, 3).values[1].tobytes() == runs[CASES[1]].figures.tobytes()
    if kept._series != "none":
        assert kept.read(CASES[1], SEED, 3).monthly.tobytes() == runs[CASES[1]].monthly.tobytes()
    assert kept.missing(CASES, SEED, 3, series=False) == {CASES[0]: [0, 1, 2], CASES[1]: [], CASES[2]: [0, 1, 2]}
    with pytest.raises(StoreError, match=f"no experiment {number}; allowed are {other}$"):
        kept.experiment(number)
    assert kept.delete(other).runs == 3
    with kept.reading() as connection:
        for table in ("run", "figure", "monthly_outcome", "ledger_total", "last_paid", "series_file", "experiment_point",
                      "scenario", "experiment"):  # fmt: skip
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
    assert not kept.files.folder.exists()


def test_a_base_stays_while_points_are_made_from_it(store: Store) -> None:
    (first,) = [one.id for one in store.listed()]
    number = store.begin("sweep", [], SEED, 3, "tiny", definition="{}", points=points())
    store.delete(first)
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM scenario").scalar() == 4
    store.delete(number)


def test_what_a_killed_deletion_left_is_removed_by_tidying(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    number = begun(store)
    filled(store)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sim.store.housekeeping.remove_runs", killed)
        with pytest.raises(KeyboardInterrupt):
            store.delete(number)
    assert store.missing(CASES, SEED, 3)[CASES[0]] == []
    assert store.tidy().runs == 9
    assert store.missing(CASES, SEED, 3)[CASES[0]] == [0, 1, 2]


def test_panels_are_found_from_the_database(store: Store) -> None:
    number = begun(store)
    frame = pd.DataFrame({"firm": ["a", "b"], "profit": [1.5, np.nan], "month": [0, 1]})
    place = store.add_panel(number, "firms", frame)
    (panel,) = store.panels(number)
    assert (panel.kind, panel.rows, panel.place) == ("firms", 2, place)
    pd.testing.assert_frame_equal(panel.frame(), frame)
    with pytest.raises(StoreError, match="no experiment 99"):
        store.add_panel(99, "firms", frame)
    assert store.delete(number).file_bytes == panel.bytes
    assert not place.exists()


def table_of(file: Path) -> pd.DataFrame:
    """A table; numbers of a CSV to the last digit, whatever the version of pandas."""
    if file.suffix != ".csv":
        return pd.read_parquet(file)
    frame = pd.read_csv(file, dtype=str)
    for column in frame.columns.intersection(["case", "replication", "month", "amount", *made(0).units]):
        frame[column] = [float(text) for text in frame[column]]
    return frame


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_export_holds_every_number(kept: Store, tmp_path: Path, form: str) -> None:
    number = begun(kept)
    runs = filled(kept)
    kept.write_failure(CASES[0], SEED, Failure(3, "Traceback:\nit broke"))
    kept.add_panel(number, "links", pd.DataFrame({"a": [1]}))
    number = begun(kept, replications=4)
    files = export(kept, number, tmp_path / "out", form)
    read = {file.stem: table_of(file) for file in files if file.suffix == f".{form}"}
    assert {f.name for f in files} == {"experiment.json", *(f"{name}.{form}" for name in read)}
    assert read["cases"]["fingerprint"].tolist() == CASES
    assert [json.loads(c) for c in read["cases"]["changes"]] == [{"quality.target": n} for n in range(3)]
    assert json.loads((tmp_path / "out" / "experiment.json").read_text())["definition"] == {"kind": "sweep"}
    assert read["runs"]["status"].value_counts().to_dict() == {"finished": 9, "failed": 1}
    assert read["failures"]["traceback"].tolist() == ["Traceback:\nit broke"]
    names = list(made(0).units)
    for n, case in enumerate(CASES):
        figures, ledger = (read[name][read[name]["case"] == n] for name in ("figures", "ledger"))
        assert figures.sort_values("replication")[names].to_numpy().tobytes() == runs[case].figures.tobytes()
        assert sorted(ledger["amount"]) == sorted(runs[case].ledger.ravel())
        if kept._series != "none":
            monthly = read["monthly"][read["monthly"]["case"] == n].sort_values(["replication", "month"])
            expected = runs[case].monthly.transpose(0, 2, 1).reshape(-1, 2)
            assert np.array_equal(monthly[names].to_numpy(), expected)
    assert ("monthly" in read) == (kept._series != "none")


def test_an_export_into_a_folder_that_is_not_empty_is_refused(store: Store, tmp_path: Path) -> None:
    number = begun(store)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(StoreError, match="mine: is not empty; give a new one"):
        export(store, number, tmp_path / "mine")
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["notes.txt"]
