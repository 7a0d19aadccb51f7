"""Windfall and additionality: who would have done it anyway."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.ensemble import Block, run_block
from sim.scenario.files import load_scenario
from tests.worlds import QUIET, SMALL, scenario

SUBSIDY = {"kind": "abatement_subsidy", "rate": 0.1}


def assessed(**changes: Any) -> Block:
    base: dict[str, Any] = {"network": SMALL, "incentives": [SUBSIDY], "months": 12}
    return run_block(scenario({**base, **changes}, assessment={"counterfactual": True}), 1, range(2), benchmark=False)


def test_firms_that_do_not_react_are_paid_for_nothing() -> None:
    """Experience makes all firms abate more; a fixed path is paid below its baseline and owes nothing to it."""
    given = scenario(
        QUIET,
        network=SMALL,
        incentives=[{"kind": "upgrade_grant", "threshold": 0.2}],
        behaviours=[{"kind": "fixed", "abatement": 0.8}],
        assessment={"counterfactual": True},
        months=3,
    )
    block = run_block(given, 1, [0], benchmark=False)
    assert block.monthly["windfall"][0, 0] == pytest.approx(-block.ledger["upgrade_grant", "regulator"][0])
    assert block.monthly["windfall_share"][0, 0] == 1.0
    assert block.monthly["additionality"][0, 0] == 0.0


def test_a_subsidy_that_is_the_only_reason_to_abate_is_no_windfall() -> None:
    block = assessed(
        technology={"energy_saving": 0.0, "synergy": 0.0},
        logistics={"fuel_saving": 0.0},
        start={"abatement": 0.0, "spread": 0.0},
        behaviours=[{"kind": "gradient", "noise": 0.0}],
        market={"premium": 0.0},
    )
    assert block.monthly["windfall_share"][-1].max() < 1e-9
    assert block.monthly["additionality"][-1] == pytest.approx(1.0)


def test_part_of_the_tonnes_would_have_been_abated_as_firms_learn() -> None:
    block = assessed(technology={"learning_exponent": 0.6})
    last = block.monthly["additionality"][-1]
    assert np.all((last > 0.0) & (last < 1.0))


def test_the_worlds_with_and_without_are_paired() -> None:
    """The world beside is the run of the scenario without incentives: nothing else differs."""
    given = scenario(network=SMALL, incentives=[SUBSIDY], months=6, assessment={"counterfactual": True})
    block = run_block(given, 3, range(2), benchmark=False)
    plain = run_block(given.replace({"assessment.counterfactual": False}), 3, range(2), benchmark=False)
    for name, series in plain.monthly.items():
        assert np.array_equal(block.monthly[name], series), name
    assert "windfall" not in plain.monthly


def test_it_costs_nothing_where_nobody_asks() -> None:
    assert not load_scenario("shenzhen-huawei").assessed_against_none
    assert not load_scenario("baseline").replace({"assessment.counterfactual": True}).assessed_against_none
