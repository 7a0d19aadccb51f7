"""Searches on the command line: what is shown of what was found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli import status_of

BASE = """
months = 6
network = { kind = "tiered", buyers = 1, tiers = [6, 8] }
[[incentives]]
kind = "abatement_subsidy"
rate = 0.2
"""

SEARCH = """
kind = "search"
scenario = "base.toml"
replications = 3
trials = 8
batch = 4
confirm = 2
finalists = 2
[levers]
"incentives.0.rate" = { low = 0.0, high = 2.0 }
[[objectives]]
outcome = "public_cost"
[[constraints]]
outcome = "emissions"
change_at_most = "-CHANGE%"
"""


@pytest.fixture
def shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """The output of a search for a fall of emissions by so many per cent."""
    (tmp_path / "base.toml").write_text(BASE, encoding="utf-8")

    def run(change: int, *options: str, file: str = "search.toml") -> str:
        (tmp_path / "search.toml").write_text(SEARCH.replace("CHANGE", str(change)), encoding="utf-8")
        given = ["experiment", str(tmp_path / file), "--db", str(tmp_path / "r.db"), "--workers", "1"]
        assert status_of([*given, *options]) == 0
        return capsys.readouterr().out

    return run


def test_the_best_are_shown_beside_the_base_as_found_and_with_fresh_numbers(shown: Any) -> None:
    text, data = shown(5), json.loads(shown(5, "--json"))
    best = data["best"][0]
    assert data["verdict"].startswith(f"best of 8 trials is trial {best['trial']}: incentives.0.rate=")
    assert data["verdict"] in " ".join(text.split())
    lines = [line.split() for line in text.splitlines()]
    [base] = [line for line in lines if line[:1] == ["base"]]
    assert base[-1] == "missed"
    place = next(n for n, line in enumerate(lines) if line[:2] == ["trial", str(best["trial"])])
    assert lines[place][2] == f"{best['incentives.0.rate']:.4g}"
    assert lines[place][-1] == "met"
    assert lines[place + 1][0] == "fresh"
    assert sum(line[:1] == ["fresh"] for line in lines) == 2
    assert len(data["trials"]) == 8
    assert [row["sample"] for row in data["confirmed"]] == ["search", "fresh"] * 2


def test_of_an_impossible_target_the_nearest_candidate_is_shown(shown: Any) -> None:
    text, data = shown(99), json.loads(shown(99, "--json"))
    assert "none of 8 trials meets all constraints" in text
    assert data["best"] == data["confirmed"] == []
    rows = [line for line in text.splitlines() if line.startswith("trial ")]
    assert len(rows) == 1
    assert "missed" in rows[0]


def test_limits_stand_in_the_unit_of_their_column_and_levers_under_their_paths(shown: Any, tmp_path: Path) -> None:
    more = '[[constraints]]\noutcome = "membership"\nat_least = 0.5\n'
    more += '[[constraints]]\noutcome = "shipped_defect_rate"\nchange_at_most = 0.25\n'
    with_more = SEARCH.replace("[[objectives]]", more + "[[objectives]]", 1)
    (tmp_path / "base.toml").write_text(BASE, encoding="utf-8")
    (tmp_path / "more.toml").write_text(with_more.replace("CHANGE", "5"), encoding="utf-8")
    text = shown(5, "--months", "2", file="more.toml")
    heading = text[: text.index("───")]
    columns = " ".join(" ".join(heading.split("\n")[-5:]).split())
    for words in ("least 50", "most 25", "at most -5%", "% points", "incentives.0."):
        assert words in columns


def test_a_bound_in_the_verdict_is_in_per_cent_where_its_limit_is(shown: Any) -> None:
    data = json.loads(shown(99, "--json"))
    nearest = min(row["emissions change at most -99% bound"] for row in data["trials"])
    assert f"emissions change at most -99% (bound {100 * nearest:.4g}%)" in data["verdict"]
