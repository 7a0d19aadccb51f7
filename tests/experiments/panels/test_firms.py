"""The table of firms: it adds up to the outcomes of its worlds, and making it moves nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.ensemble import Block, run_block
from sim.errors import UsageError
from sim.experiments.panels import firms as panels
from sim.experiments.panels.firms import firm_panel
from sim.scenario.schema import Scenario
from tests.laws.test_everything_on import EVERYTHING
from tests.worlds import scenario

COLUMNS = [
    "replication", "month", "firm", "name", "role", "tier", "size", "region", "member", "quality", "abatement",
    "disclosure", "green_quality", "first_best_quality", "effort_gap", "benefit", "contribution", "free_rider",
    "support", "windfall", "public_money", "revenue", "profit", "emissions",
]  # fmt: skip
WORLDS = 3


@pytest.fixture(scope="module")
def given() -> Scenario:
    return scenario({**EVERYTHING, "months": 5}, assessment={"by": ["region"]})


@pytest.fixture(scope="module")
def panel(given: Scenario) -> pd.DataFrame:
    return firm_panel(given, seed=3, replications=WORLDS)


@pytest.fixture(scope="module")
def block(given: Scenario) -> Block:
    return run_block(given, 3, range(WORLDS))


def summed(panel: pd.DataFrame, column: str) -> np.ndarray:
    """Sum over firms, (months, worlds)."""
    return panel.pivot_table(index="month", columns="replication", values=column, aggfunc="sum").to_numpy()


def test_there_is_a_row_for_each_replication_month_and_firm(panel: pd.DataFrame, given: Scenario) -> None:
    assert list(panel.columns) == COLUMNS
    assert len(panel) == WORLDS * given.months * given.build_network().size
    assert not panel.duplicated(["replication", "month", "firm"]).any()
    assert not panel.isna().any().any()


@pytest.mark.parametrize("column", ["profit", "emissions", "windfall"])
def test_firms_sum_to_the_outcomes_of_the_world(column: str, panel: pd.DataFrame, block: Block) -> None:
    assert summed(panel, column) == pytest.approx(block.monthly[column], rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("column", ["support", "public_money", "emissions"])
def test_firms_of_a_region_sum_to_its_outcomes(column: str, panel: pd.DataFrame, block: Block) -> None:
    for region, firms in panel.groupby("region"):
        expected = block.monthly[f"{column}_by_region:{region}"]
        assert np.abs(expected).max() > 0
        assert summed(firms, column) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_means_over_trading_firms_are_the_outcomes_of_the_world(panel: pd.DataFrame, block: Block) -> None:
    trading = panel[panel["revenue"] > 0]
    means = {"free_rider": "free_rider_share", "member": "membership", "disclosure": "disclosure"}
    for column, outcome in {**means, "green_quality": "green_quality"}.items():
        found = trading.pivot_table(index="month", columns="replication", values=column, aggfunc="mean").to_numpy()
        assert found == pytest.approx(block.monthly[outcome], rel=1e-9), column


def test_the_first_best_of_a_firm_is_the_firm_in_the_cooperative_world(panel: pd.DataFrame, given: Scenario) -> None:
    best = firm_panel(given.first_best(), seed=3, replications=WORLDS, columns=["green_quality"])
    assert np.array_equal(panel["first_best_quality"], best["green_quality"])
    gap = 1.0 - panel["green_quality"] / panel["first_best_quality"]
    there = panel["first_best_quality"] > 1e-6
    assert panel["effort_gap"][there].to_numpy() == pytest.approx(gap[there].to_numpy())


def test_columns_can_be_chosen_and_are_the_same(panel: pd.DataFrame, given: Scenario) -> None:
    few = firm_panel(given, seed=3, replications=WORLDS, columns=["profit", "size"])
    assert list(few.columns) == ["replication", "month", "firm", "size", "profit"]
    assert few.equals(panel[few.columns])
    with pytest.raises(UsageError, match="columns: unknown column 'profits'; did you mean 'profit'"):
        firm_panel(given, columns=["profits"])


def test_a_firms_row_does_not_depend_on_the_worlds_beside_it(
    panel: pd.DataFrame, given: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "worlds_per_block", lambda firms: 1)
    assert firm_panel(given, seed=3, replications=WORLDS).equals(panel)


def test_there_is_no_windfall_without_a_world_beside(given: Scenario) -> None:
    alone = given.replace({"assessment.counterfactual": False, "months": 1})
    assert firm_panel(alone, columns=["windfall"])["windfall"].isna().all()


def test_making_it_moves_no_number(given: Scenario, block: Block, panel: pd.DataFrame) -> None:
    again = run_block(given, 3, range(WORLDS))
    for name, series in block.monthly.items():
        assert np.array_equal(series, again.monthly[name]), name
