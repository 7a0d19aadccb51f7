"""Worlds link by link: the same worlds as of a run, and what is told of each link."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.rules.relations import INDICATORS
from tests.worlds import EVERYBODY, scenario

RESTLESS: dict[str, Any] = {
    "network": {"kind": "tiered", "buyers": 2, "tiers": [8, 10], "carriers": 2, "input_groups": 2},
    "information": {"kind": "platform"},
    "programme": EVERYBODY,
    "relations": {"warn_below": 0.7, "review_every": 2, "notice_months": 1, "transition_months": 1, "better_by": 0.0},
    "months": 10,
}

NAMES = [name.replace(" ", "_").replace("-", "_") for name in INDICATORS]


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return sim.link_panel(scenario(RESTLESS), seed=3, replications=2)


def test_there_is_a_row_for_each_replication_month_and_link(panel: pd.DataFrame) -> None:
    network = scenario(RESTLESS).build_network()
    assert len(panel) == 2 * 10 * network.link_count
    assert not panel.duplicated(["replication", "month", "supplier", "customer", "input_group"]).any()
    first = panel.query("replication == 0 and month == 0")
    assert first["customer"].tolist() == [network.ids[i] for i in network.customer]
    assert first["supplier"].tolist() == [network.ids[j] for j in network.supplier]


def test_means_over_links_by_what_is_ordered_are_the_outcomes_of_the_run(panel: pd.DataFrame) -> None:
    monthly = sim.run(scenario(RESTLESS), seed=3, replications=2).monthly
    ordered = panel["delivered"] + panel["missing"]
    keys = [panel["replication"], panel["month"]]
    for column, series in [*zip(NAMES, INDICATORS, strict=True), ("score", "")]:
        outcome = f"relation_indicator:{series}" if series else "relation_score"
        means = (panel[column] * ordered).groupby(keys).sum() / ordered.groupby(keys).sum()
        expected = monthly[monthly["outcome"] == outcome].set_index(["replication", "month"])["value"]
        # Where a supplier was replaced, the row has the successor's indicators, as the outcome does.
        assert means.sort_index().to_numpy() == pytest.approx(expected.sort_index().to_numpy()), outcome


def test_suppliers_change_where_the_standing_says_so(panel: pd.DataFrame) -> None:
    count = scenario(RESTLESS).build_network().link_count
    supplier = panel["supplier"].to_numpy().reshape(2, 10, count)
    new = (panel["standing"] == "new").to_numpy().reshape(2, 10, count)
    changed = supplier[:, 1:] != supplier[:, :-1]
    assert np.array_equal(changed, new[:, 1:])
    assert changed.any()
    assert {"good", "warned", "under notice", "in transition", "new"} == set(panel["standing"])


def test_without_an_assessment_there_are_no_indicators() -> None:
    plain = sim.link_panel(scenario(months=2))
    assert not set(NAMES) & set(plain.columns)
    assert plain["order_share"].gt(0).all()
