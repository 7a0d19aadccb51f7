"""The table of relations, and who gains and who is paid: shown where they are recorded, as the frames have it."""

from __future__ import annotations

from typing import Any

import pytest

from sim.experiments.designs import compare
from sim.experiments.results import Results
from sim.terminal import tables
from tests.experiments.conftest import tiny

ASSESSED = {"assessed": True}
STRICT = {"warn_below": 0.9, "review_every": 2, "notice_months": 1, "transition_months": 1, "better_by": 0.0}


def compared(*relations: dict[str, Any], **changes: Any) -> Results:
    return compare([tiny(f"s{n}", relations=r, months=8, **changes) for n, r in enumerate(relations)], replications=2)


@pytest.fixture(scope="module")
def results() -> Results:
    return compared(ASSESSED, STRICT)


def cells(results: Results, row: str) -> list[str]:
    line = next(line for line in tables.comparison(results).splitlines() if line.startswith(row))
    return [cell for cell in line.removeprefix(row).split("  ") if cell]


def test_scores_are_shown_as_levels_and_as_paired_differences(results: Results) -> None:
    summary = results.summary.set_index(["scenario", "outcome"])["mean"]
    paired = results.paired.set_index(["scenario", "outcome"])["difference"]
    for row, outcome in (
        ("score, %", "relation_score"),
        ("quality pass rate, %", "relation_indicator:quality pass rate"),
    ):
        expected = (summary["s0", outcome], summary["s1", outcome], paired["s1", outcome])
        shown = [float(cell.split("±")[0]) for cell in cells(results, row)]
        assert shown == pytest.approx([100.0 * x for x in expected], abs=0.5)
    assert cells(results, "score, %")[2].strip()[0] in "+-"


def test_where_nobody_is_ever_replaced_the_number_is_0_and_the_difference_that_of_the_others(results: Results) -> None:
    replaced = results.summary.query("outcome == 'suppliers_replaced'")["mean"].item()
    assert replaced > 0
    none, some, difference = cells(results, "suppliers replaced")
    assert none.strip() == "0"
    assert difference.strip() == f"+{some.strip()}"
    assert float(some.split("±")[0]) == pytest.approx(replaced, abs=0.5)


def test_relations_that_nobody_assesses_are_not_shown() -> None:
    assert "suppliers replaced" not in tables.comparison(compared({}, {}))
    half = compared({}, ASSESSED)
    assert len(cells(half, "score, %")) == 1
    assert "differences to s0 paired" not in tables.comparison(half)


def test_the_table_fits_a_terminal_of_100_characters(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = tables.comparison(results).splitlines()
    assert max(len(line) for line in lines) <= 100
    assert sum(line.startswith("score, %") for line in lines) == 1


def test_who_gains_is_told_with_emissions_and_every_group_once() -> None:
    found = compared({}, {}, assessment={"by": ["role", "tier"]})
    text = tables.comparison(found).partition("who gains and who is paid")[2]
    assert text.split("─")[0].split().count("emissions") == 1
    assert [line.split("  ")[0] for line in text.splitlines() if line.startswith(("role:", "tier:"))] == [
        "role: carriers", "role: manufacturers", "role: suppliers", "tier: tier 1", "tier: tier 2"
    ]  # fmt: skip
