"""`--until` in the words of the command line: what may be given, and what is said of where it led."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from sim.errors import UsageError
from sim.experiments.results import Results
from sim.experiments.sequential import run_until
from sim.statistics.stopping import Aim, Look, Stopped
from sim.terminal.until import aimed, told
from tests.experiments.conftest import tiny


@pytest.mark.parametrize(
    ("until", "outcome", "half_width", "relative"),
    [
        ("emissions=2%", "emissions", None, 0.02),
        ("emissions=500", "emissions", 500.0, None),
        (" profit_by_role:suppliers = 5 % ", "profit_by_role:suppliers", None, 0.05),
        ("free_rider_share=1e-2", "free_rider_share", 0.01, None),
    ],
)
def test_a_width_is_in_per_cent_of_the_value_or_in_its_unit(
    until: str, outcome: str, half_width: float | None, relative: float | None
) -> None:
    aim = {"outcome": outcome, "half_width": half_width, "relative": relative}
    assert aimed(until, None) == aim | {"budget": 1000}
    assert aimed(until, 70) == aim | {"budget": 70}


@pytest.mark.parametrize(
    "until", ["emissions", "emissions=", "=2%", "emissions=two", "emissions=-1", "emissions=0%", "e=nan"]
)
def test_what_is_no_width_is_said(until: str) -> None:
    with pytest.raises(UsageError, match="^until: given .*allowed is an outcome and the half width"):
        aimed(until, None)


def test_a_budget_is_for_until_only() -> None:
    assert aimed(None, None) is None
    with pytest.raises(UsageError, match="budget: given 5, allowed is a budget with --until only"):
        aimed(None, 5)


def test_run_says_how_narrow_the_interval_became(said: Any) -> None:
    status, out, err = said("run", "plain.toml", "--until", "emissions=20%", "--replications", "5")
    assert (status, err) == (0, "")
    line = next(line for line in out.splitlines() if line.startswith("emissions: ±"))
    assert "(asked: ± 20.0 %) after" in line
    assert "the budget" not in line


def test_compare_says_when_the_budget_is_spent_and_json_has_every_look(said: Any) -> None:
    command = ("compare", "plain.toml", "subsidised.toml", "--until", "emissions=10", "--budget", "8")
    status, out, err = said(*command, "--replications", "5", "--no-figures")
    assert (status, err) == (0, "")
    assert "differences in emissions to plain: ± " in out
    assert "(asked: ± 0.0100) kt CO2e after 8 replications and 2 looks; the budget is spent" in " ".join(out.split())
    status, out, _ = said(*command, "--replications", "5", "--json")
    found = json.loads(out)
    assert found["replications"] == 8
    until = found["until"]
    assert list(until) == ["outcome", "half_width", "budget", "reached", "looks"]
    assert [until[key] for key in ("outcome", "half_width", "budget", "reached")] == ["emissions", 10.0, 8, False]
    assert [look["replications"] for look in until["looks"]] == [5, 8]
    assert list(until["looks"][0]) == ["replications", "scenario", "estimate", "half_width", "wanted"]
    difference = next(p for p in found["paired"] if p["outcome"] == "emissions")
    assert until["looks"][1]["estimate"] == pytest.approx(difference["difference"], rel=1e-12)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--until", "emissions"], "until: given 'emissions'"),
        (["--until", "emission=2%"], "unknown outcome 'emission'; did you mean 'emissions'?"),
        (["--until", "emissions=2%", "--budget", "7"], "budget: given 7, allowed is at least the 50 replications"),
        (["--budget", "many"], "'--budget': given 'many', allowed is a whole number"),
    ],
)
def test_mistakes_give_status_2_and_one_line(said: Any, more: list[str], message: str) -> None:
    status, out, err = said("run", "plain.toml", *more)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err


@pytest.fixture(scope="module")
def results() -> Results:
    return run_until(tiny("plain"), "free_rider_share", relative=10.0, at_least=5)


@pytest.mark.parametrize(
    ("aim", "look", "text"),
    [
        (Aim("free_rider_share", relative=0.02), (0.4, 0.004), "± 1.00 % of the value (asked: ± 2.00 %)"),
        (Aim("free_rider_share", half_width=0.02), (0.4, 0.004), "± 0.400 (asked: ± 2.00) % points"),
        (Aim("free_rider_share", half_width=20.0), (4e3, 1234.5), "± 123,450 (asked: ± 2,000) % points"),
        (Aim("free_rider_share", relative=0.02), (0.0, 0.0), "± 0 % of the value (asked: ± 2.00 %)"),
        (Aim("free_rider_share", relative=0.02), (np.nan, np.nan), "no interval"),
    ],
)
def test_widths_are_told_with_three_digits(results: Results, aim: Aim, look: tuple[float, float], text: str) -> None:
    seen = Look(5, "plain", *look, aim.wanted(look[0]))
    found = dataclasses.replace(results, stopped=Stopped(aim, 1000, (seen,)))
    assert list(told(found)) == [f"free_rider_share: {text} after 5 replications and 1 look"]
    assert list(told(dataclasses.replace(results, stopped=None))) == []


@pytest.mark.parametrize(("budget", "wide", "end"), [(5, 0.1, "; the budget is spent"), (5, 0.01, ""), (9, 0.1, "")])
def test_the_last_look_is_told_and_the_budget_where_it_did_not_do(
    results: Results, budget: int, wide: float, end: str
) -> None:
    aim = Aim("free_rider_share", half_width=0.02)
    seen = tuple(Look(n, name, 0.4, half, 0.02) for n, name, half in ((4, "a", 0.9), (5, "a", 0.001), (5, "b", wide)))
    found = dataclasses.replace(results, stopped=Stopped(aim, budget, seen))
    width = f"± {100 * wide:.3g}"
    (line,) = told(found)
    assert line.startswith(f"free_rider_share: {width}")
    assert line.endswith(f"after 5 replications and 2 looks{end}")
