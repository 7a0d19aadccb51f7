"""Tables that fit the terminal, in one unit and one style, and what is said under them."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from sim.experiments.designs import compare, run
from sim.experiments.results import Results
from sim.terminal import tables
from sim.terminal.figures import Figure, written
from sim.terminal.grid import Column, grid
from sim.terminal.notes import notes, pairing
from sim.terminal.progress import Bar
from tests.experiments.conftest import tiny

SUBSIDY = {"kind": "abatement_subsidy", "rate": 0.5, "budget": 3.0, "ends": 5}


@pytest.fixture(scope="module")
def results() -> Results:
    subsidised = tiny("subsidised", incentives=[SUBSIDY])
    return compare([tiny("plain"), subsidised, tiny("the-same-as-plain")], replications=3)


@pytest.mark.parametrize("columns", [40, 80, 100, 120])
def test_tables_fit_the_terminal_and_have_no_blanks_at_the_end(
    results: Results, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = tables.comparison(results).splitlines()
    assert max(len(line) for line in lines) <= columns
    assert lines == [line.rstrip() for line in lines]
    text = " ".join(" ".join(lines).split())
    for heading in ("emissions", "shipped", "thousand CNY", "cost per tonne"):
        assert heading in text
    assert "…" not in text


def test_columns_that_do_not_fit_follow_below_with_the_names_again() -> None:
    names = Column(("scenario",), ("a", "b"), right=False)
    columns = [Column(("first", "t"), ("1 ± 1", "20 ± 2")), Column(("second",), ("3", "4"))]
    assert grid(names, columns, 30).splitlines() == [
        "           first",
        "scenario       t  second",
        "────────  ──────  ──────",
        "a          1 ± 1       3",
        "b         20 ± 2       4",
    ]
    narrow = grid(names, columns, 20)
    assert narrow.splitlines()[6:] == ["scenario  second", "────────  ──────", "a              3", "b              4"]


def test_chinese_names_are_as_wide_as_they_look() -> None:
    lines = grid(Column(("名",), ("基准", "ab"), right=False), [Column(("x",), ("1", "2"))], 80).splitlines()
    assert lines[2:] == ["基准  1", "ab    2"]


def test_differences_are_in_the_unit_of_the_means_and_nothing_is_0(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    large = dataclasses.replace(results)
    large.__dict__["summary"] = results.summary.assign(mean=results.summary["mean"] * 1e6)
    means, differences = tables.comparison(large).split("difference to plain")
    for unit in ("kt CO2e", "million CNY"):
        assert unit in means
        assert unit in differences
    same = next(line for line in differences.splitlines() if line.startswith("the-same"))
    assert same.split() == ["the-same-as-plain", *["0"] * 5]


def test_clear_differences_have_a_star_and_the_family_is_told(results: Results) -> None:
    _, differences = tables.comparison(results).split("difference to plain")
    rows = {line.split()[0]: line for line in differences.splitlines() if line.startswith(("subsidised", "the-same"))}
    shown = ["emissions", "free_rider_share", "shipped_defect_rate", "profit", "public_cost"]
    frame = results.paired_against("plain", shown)
    clear = int((frame.p_holm < 0.05).sum())
    assert 0 < clear < 5
    assert rows["subsidised"].count("*") == clear
    assert "*" not in rows["the-same-as-plain"]
    assert "with Holm's correction for the 10 differences of this table" in " ".join(differences.split())


def test_what_common_random_numbers_saved_is_told_for_the_first_outcome(results: Results) -> None:
    row = results.paired.set_index(["scenario", "outcome"]).loc["subsidised", "emissions"]
    times = row.equivalent_replications / 3
    number = f"{times:,.0f}" if times >= 10 else f"{times:.1f}"
    said = f"as narrow an interval of emissions takes {number} times as many runs with independent seeds"
    assert said in " ".join(tables.comparison(results).split())


def test_without_intervals_nothing_is_said_of_them() -> None:
    one = compare([tiny("plain"), tiny("subsidised", incentives=[SUBSIDY])], replications=1)
    text = tables.comparison(one)
    assert "*" not in text
    assert "common random numbers" not in text


@pytest.mark.parametrize("differing", [False, True])
def test_pairing_is_told_from_least_to_most_and_nothing_where_no_difference_varies(differing: bool) -> None:
    found = pd.DataFrame(
        {
            "outcome": ["emissions", "emissions", "profit"],
            "pairs": [10, 10, 10],
            "p_holm": [1.0, 0.2, 0.05],
            "equivalent_replications": [2345.0, 18.0, 70.0]
            if differing
            else [float("inf"), float("nan"), float("inf")],
        }
    )
    first, *second = pairing(found)
    assert first == "no p < 0.05 in paired t tests with Holm's correction for the 3 differences of this table"
    told = "common random numbers: as narrow an interval of emissions takes 1.8 to 234 times as many runs with"
    assert second == ([f"{told} independent seeds"] if differing else [])


@pytest.mark.parametrize(
    ("figure", "digits", "text"),
    [
        (Figure(0.0, 0.0), 3, "0"),
        (Figure(1e-12, 1e-12), 2, "0"),
        (Figure(0.0, 0.3), 1, "0.0 ± 0.3"),
        (Figure(-34.52, 1e-9), 1, "-34.5 ± 0"),
        (Figure(0.0, float("nan")), 1, "0.0"),
        (Figure(float("nan"), 1.0), 1, "-"),
    ],
)
def test_zeros_have_one_style(figure: Figure, digits: int, text: str) -> None:
    assert written(figure, digits) == text


def test_the_cost_of_a_tonne_is_explained_under_the_table(results: Results) -> None:
    text = "cost per tonne abated: net public cost for each tonne abated, against plain"
    assert notes(results)[0] == f"{text}; -: no clear reduction"
    assert notes(compare([tiny("plain"), tiny("taxed", incentives=[SUBSIDY])], replications=3))[0] == text


def test_a_payment_whose_budget_ran_out_is_named_with_its_months(results: Results) -> None:
    month = results.last_paid["month"]
    low, high = int(month.min()), int(month.max())
    when = f"month {low}" if low == high else f"months {low} to {high}"
    assert high < 4
    assert notes(results)[1:] == [f"abatement_subsidy stopped, its budget spent: subsidised after {when}"]


@pytest.mark.parametrize("change", [{"budget": 1e9}, {"budget": 3.0, "ends": 1}])
def test_a_payment_that_stopped_when_it_had_to_is_not_named(change: dict[str, float]) -> None:
    found = run(tiny("subsidised", incentives=[SUBSIDY | change]), replications=2)
    assert notes(found) == []


def test_the_outcomes_listed_include_the_cost_of_a_tonne() -> None:
    from sim.terminal.listing import listed

    row = next(r for r in listed("outcomes") if r["name"] == "cost_per_tonne")
    assert row["unit"] == "kCNY/t"


def test_a_lot_of_work_is_said_once_before_it_begins(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar(4 * 10**9, processors=2)
    bar(500, 1000)
    bar(501, 1000)
    assert capsys.readouterr().err == (
        "sim: 2.0e+09 firm-months to compute, roughly 33 minutes; what is finished is kept if you break off\n"
    )
    Bar(4 * 10**9)(900, 1000)
    Bar(10**8)(0, 10)
    assert capsys.readouterr().err == ""
