"""`sim results` lists, shows, exports and deletes what a database holds, readably and as data."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.store.store import Store
from sim.terminal import ending
from sim.terminal.results import sized

SWEEP = """
kind = "sweep"
scenario = "plain.toml"
replications = 2
series = "file"
[levers]
"technology.abatement_cost" = [0.1, 0.2]
"""


@pytest.fixture
def held(said: Any, tmp_path: Path) -> Any:
    """`sim results` in a folder with a database that has a run (1), a comparison (2) and a sweep (3)."""
    (tmp_path / "sweep.toml").write_text(SWEEP)
    assert said("run", "plain.toml", "--replications", "2", "--workers", "1")[0] == 0
    assert (
        said("compare", "plain.toml", "subsidised.toml", "--replications", "2", "--workers", "1", "--no-figures")[0]
        == 0
    )
    assert said("experiment", "sweep.toml", "--workers", "1")[0] == 0
    return lambda *arguments: said("results", *arguments)


def test_a_list_has_a_row_for_each_experiment(held: Any) -> None:
    status, out, err = held("list")
    assert (status, err) == (0, "")
    rows = {line.split()[0]: line for line in out.splitlines() if line.strip()[:1] in ("1", "2", "3")}
    assert "run" in rows["1"]
    assert "2 of 2" in rows["1"]
    assert "plain, subsidised" in rows["2"]
    assert "4 of 4" in rows["3"]
    assert "file" in rows["3"]
    assert "results/results.db" in out


def test_a_list_as_data_has_the_same(held: Any) -> None:
    found = json.loads(held("list", "--json")[1])
    assert [e["kind"] for e in found["experiments"]] == ["run", "compare", "sweep"]
    assert [e["finished"] for e in found["experiments"]] == [2, 4, 4]
    assert found["experiments"][2]["series"] == {"file": 4}
    assert found["size"]["files"] == 1


def test_an_experiment_with_a_title_is_listed_by_it(held: Any, said: Any, tmp_path: Path) -> None:
    (tmp_path / "titled.toml").write_text('title = "Does the cost matter?"\n' + SWEEP)
    assert said("experiment", "titled.toml", "--workers", "1")[0] == 0
    rows = {line.split()[0]: line for line in held("list")[1].splitlines() if line.strip()[:1] in ("3", "4")}
    assert "Does the cost matter?" in rows["4"]
    assert "plain" in rows["3"]
    assert [e["title"] for e in json.loads(held("list", "--json")[1])["experiments"]][2:] == [
        "",
        "Does the cost matter?",
    ]


def test_a_deletion_that_nobody_confirms_deletes_nothing(held: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    status, _, err = held("delete", "3")
    assert (status, err) == (2, "sim: nothing was deleted: nobody answers; give --yes\n")
    assert len(json.loads(held("list", "--json")[1])["experiments"]) == 3


def test_an_empty_database_lists_nothing(said: Any, tmp_path: Path) -> None:
    Store(tmp_path / "a.db").close()
    status, out, _ = said("results", "list", "--db", str(tmp_path / "a.db"))
    assert status == 0
    assert out.startswith("no experiments")


def test_show_prints_what_the_command_printed(held: Any, said: Any) -> None:
    asked = said("compare", "plain.toml", "subsidised.toml", "--replications", "2", "--workers", "1", "--no-figures")[1]
    shown = held("show", "2")[1]
    assert shown.splitlines()[:-1] == asked.splitlines()[:-1]
    assert shown.splitlines()[-1] == "runs: results/results.db (experiment 2)"
    alone = json.loads(held("show", "1", "--json")[1])
    assert alone["scenarios"][0]["name"] == "plain"
    sweep = said("experiment", "sweep.toml", "--workers", "1")[1]
    assert held("show", "3")[1] == sweep


def test_an_experiment_that_cannot_be_analysed_shows_its_definition_and_means(held: Any) -> None:
    with Store("results/results.db") as store, store.writing() as connection:
        connection.exec_driver_sql("UPDATE experiment SET kind = 'dance' WHERE id = 3")
    status, out, err = held("show", "3")
    assert status == 0
    assert err.startswith("sim: only means are shown: ")
    assert "levers: " in out
    assert "case" in out
    assert [line.split()[0] for line in out.splitlines() if line.strip()[:1] in ("0", "1")] == ["0", "1"]
    found = json.loads(held("show", "3", "--json")[1])
    assert found["definition"]["kind"] == "sweep"
    emissions = [row for row in found["summary"] if row["outcome"] == "emissions"]
    assert [row["runs"] for row in emissions] == [2, 2]
    assert all(np.isfinite(row["mean"]) for row in emissions)


def test_an_export_says_which_files_it_wrote(held: Any, tmp_path: Path) -> None:
    status, out, _ = held("export", "3", "--out", "tables")
    assert status == 0
    assert {Path(line.split(":")[0]).name for line in out.splitlines()} == {
        f.name for f in (tmp_path / "tables").iterdir()
    }
    assert (tmp_path / "tables" / "monthly.csv").read_text().count("\n") == 1 + 4 * 4
    found = json.loads(held("export", "1", "--out", "more", "--format", "parquet", "--json")[1])
    assert "more/figures.parquet" in found["files"]


def test_deleting_asks_and_says_what_was_freed(held: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typer.confirm", lambda text: text == "delete experiment 3 (sweep plain)?" and False)
    assert held("delete", "3")[1] == "nothing was deleted\n"
    monkeypatch.setattr("typer.confirm", lambda _: True)
    status, out, _ = held("delete", "3")
    assert status == 0
    assert out.startswith("experiment 3 deleted: 4 runs removed; freed ")
    assert not list(Path("results").glob("*.series"))
    freed = json.loads(held("delete", "1", "--yes", "--json")[1])
    assert freed["runs"] == 0  # the comparison has the same scenario
    assert [e["id"] for e in json.loads(held("list", "--json")[1])["experiments"]] == [2]


@pytest.mark.parametrize("kind", ["firms", "links"])
def test_a_panel_is_kept_beside_the_database_and_found_from_it(held: Any, said: Any, kind: str) -> None:
    status, out, _ = said(kind, "plain.toml", "--out", "panel.csv", "--db", "results/results.db")
    assert status == 0
    written, kept = out.splitlines()
    assert written.startswith("panel.csv: ")
    assert kept.endswith(" (experiment 4 of results/results.db)")
    with Store("results/results.db") as store:
        (panel,) = store.panels(4)
    assert panel.kind == kind
    assert len(panel.frame()) == panel.rows == Path("panel.csv").read_text().count("\n") - 1
    assert f"{kind}: {panel.place} ({panel.rows:,} rows)" in held("show", "4")[1]
    assert json.loads(held("show", "4", "--json")[1])["panels"][0]["file"] == str(panel.place)
    assert next(line for line in held("list")[1].splitlines() if line.startswith(" 4")).split()[1] == kind
    assert said(kind, "plain.toml")[2].startswith("sim: where to? give --out FILE, or --db PATH")


def test_tidying_says_what_was_freed(held: Any) -> None:
    assert held("tidy")[1].startswith("tidied: 0 runs removed; freed 0 bytes of the database")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "9"], "no experiment 9; allowed are 1, 2, 3"),
        (["delete", "9", "--yes"], "no experiment 9; allowed are 1, 2, 3"),
        (["export", "9", "--out", "x"], "no experiment 9; allowed are 1, 2, 3"),
        (["show", "one"], "given 'one', allowed is a whole number"),
        (["export", "1", "--out", "x/y"], "--out: given x/y, but x is not a folder"),
        (["export", "1", "--out", "results"], "folder results: is not empty; give a new one"),
        (["export", "1", "--out", "x", "--format", "xls"], "--format: given 'xls', allowed are csv, parquet"),
        (["delete", "1", "--json"], "--json: nobody can be asked; give --yes"),
        (["list", "--db", "nowhere.db"], "database nowhere.db: no such file"),
    ],
)
def test_bad_input_is_one_line(held: Any, arguments: list[str], message: str) -> None:
    status, out, err = held(*arguments)
    assert (status, out) == (ending.BAD_INPUT, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (376_000_000, "376 MB"), (2.5e13, "25.0 TB")],
)
def test_sizes_are_read_easily(count: int, text: str) -> None:
    assert sized(count) == text
