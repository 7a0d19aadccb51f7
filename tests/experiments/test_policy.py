"""Policy figures of a comparison follow from the runs, and are shown where they are recorded."""

from __future__ import annotations

import numpy as np
import pytest

from sim.experiments.designs import compare, run
from sim.experiments.results import Results
from sim.statistics import paired
from sim.terminal import tables
from tests.experiments.conftest import TINY, tiny

REGIONS = {**TINY["network"], "regions": ["north", "south"]}  # type: ignore[dict-item]
ASKED = {"by": ["size", "region"], "counterfactual": True}
TAX = {"kind": "carbon_tax", "rate": 0.3, "applies_to": {"region": "north"}}


@pytest.fixture(scope="module")
def results() -> Results:
    taxed = tiny("taxed", network=REGIONS, assessment=ASKED, incentives=[TAX])
    return compare([tiny("plain", network=REGIONS, assessment=ASKED), taxed], replications=6)


@pytest.fixture(scope="module")
def plain() -> Results:
    return compare([tiny("plain"), tiny("taxed", incentives=[TAX | {"applies_to": {}}])], replications=3)


def of_runs(results: Results, scenario: str, outcome: str) -> np.ndarray:
    found = results.runs.query("scenario == @scenario and outcome == @outcome")
    return np.asarray(found.sort_values("replication").value)


def test_the_leakage_rate_is_a_ratio_of_means_with_its_interval(results: Results) -> None:
    row = results.summary.query("scenario == 'taxed' and outcome == 'leakage_rate'").iloc[0]
    leaked, abated = of_runs(results, "taxed", "leakage"), of_runs(results, "taxed", "abated_in_reach")
    expected = paired.ratio_of_means(leaked, abated)
    assert row["mean"] == pytest.approx(leaked.sum() / abated.sum())
    assert (row["low"], row["high"]) == pytest.approx((float(expected.low), float(expected.high)))
    assert row["low"] < row["mean"] < row["high"]
    assert results.summary.query("scenario == 'plain' and outcome == 'leakage_rate'").empty


def test_policy_figures_follow_from_the_paired_runs(results: Results) -> None:
    figures = results.policy
    assert " ".join(figures.columns) == "scenario against figure group value low high unit"
    assert set(figures["scenario"]) == {"taxed"}
    at = figures.set_index(["figure", "group"])
    fall = of_runs(results, "plain", "emissions") - of_runs(results, "taxed", "emissions")
    tonnes = at.loc[("tonnes_abated", "")]
    assert tonnes["value"] == pytest.approx(fall.mean())
    assert tonnes["low"] < tonnes["value"] < tonnes["high"]
    for group in ("north", "south"):
        name = f"public_money_by_region:{group}"
        got = of_runs(results, "taxed", name) - of_runs(results, "plain", name)
        assert at.loc[("public_money_by_region", group)]["value"] == pytest.approx(got.mean())
    assert at.loc[("public_money_by_region", "north")]["high"] < 0
    for figure in ("cost_per_tonne", "leakage_rate", "additionality", "windfall_share"):
        summary = results.summary.query("scenario == 'taxed' and outcome == @figure").iloc[0]
        assert at.loc[(figure, "")]["value"] == pytest.approx(summary["mean"], nan_ok=True)


def test_incidence_adds_up_to_the_difference_of_all_firms(results: Results) -> None:
    figures = results.policy
    whole = results.paired.query("outcome == 'profit'").iloc[0]["difference"]
    for division in ("role", "size", "region"):
        assert figures[figures["figure"] == f"profit_by_{division}"]["value"].sum() == pytest.approx(whole)


def test_tables_show_policy_figures_only_where_they_are_recorded(results: Results, plain: Results) -> None:
    text, usual = tables.comparison(results), tables.comparison(plain)
    for words in ("additionality", "windfall", "leakage", "region: north", "size: sme", "who gains and who is paid"):
        assert words in text
        assert words not in usual
    assert text.index("role: suppliers") < text.index("size: large") < text.index("region: south")
    assert max(len(line) for line in text.splitlines()) <= 120


def test_machine_readable_results_hold_the_policy_figures(results: Results, plain: Results) -> None:
    data = tables.data(results)
    assert {row["figure"] for row in data["policy"]} >= {"tonnes_abated", "leakage_rate", "profit_by_region"}
    assert len(data["policy"]) == len(results.policy)
    assert {row["figure"] for row in tables.data(plain)["policy"]} == {
        "tonnes_abated", "cost_per_tonne", "profit_by_role"
    }  # fmt: skip
    assert "policy" not in tables.data(run(tiny("plain"), replications=2))
