"""Leakage: what becomes of emissions that no incentive reaches, against the same world without incentives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.ensemble import Block, in_reach, run_block
from sim.scenario.schema import Scenario
from tests.worlds import scenario

NETWORK: dict[str, Any] = {
    "kind": "tiered",
    "buyers": 2,
    "tiers": [8, 12],
    "carriers": 2,
    "regions": ["north", "south"],
}
TAX = {"kind": "carbon_tax", "rate": 0.5}


def assessed(*incentives: dict[str, Any], **more: Any) -> Scenario:
    base: dict[str, Any] = {"network": NETWORK, "months": 8, "risk": {"outage_rate": 0.05}}
    return scenario(base, incentives=list(incentives), assessment={"counterfactual": True}, **more)


def ran(given: Scenario) -> Block:
    return run_block(given, 1, range(3), benchmark=False)


def everywhere(block: Block) -> np.ndarray:
    return block.monthly["emissions"] + block.monthly["emissions_outside"]


def test_what_is_abated_in_reach_less_what_leaks_is_what_the_world_emits_less() -> None:
    given = assessed({**TAX, "applies_to": {"region": "north"}}, {"kind": "buyer_mandate", "applies_to": {"tier": 1}})
    block = ran(given)
    without = ran(given.without_incentives())
    fall = block.monthly["abated_in_reach"] - block.monthly["leakage"]
    assert fall == pytest.approx(everywhere(without) - everywhere(block), rel=1e-9, abs=1e-6)
    assert np.all(block.monthly["leakage"][-1] != 0.0)


def test_firms_are_in_reach_where_an_incentive_applies_to_them() -> None:
    given = assessed({**TAX, "applies_to": {"region": "north"}}).replace({"assessment.by": ["region"]})
    block, without = ran(given), ran(given.without_incentives())
    fall = without.monthly["emissions_by_region:north"] - block.monthly["emissions_by_region:north"]
    assert fall.min() > 0
    assert block.monthly["abated_in_reach"] == pytest.approx(fall)


def test_where_an_incentive_reaches_everybody_nothing_leaks_but_what_is_bought_elsewhere() -> None:
    given = assessed(TAX)
    block, without = ran(given), ran(given.without_incentives())
    outside = block.monthly["emissions_outside"] - without.monthly["emissions_outside"]
    assert np.array_equal(block.monthly["leakage"], outside)


def test_nobody_is_in_reach_before_an_incentive_starts_after_it_ends_or_when_its_budget_is_spent() -> None:
    later = ran(assessed({**TAX, "starts": 4})).monthly["abated_in_reach"]
    assert not later[:4].any()
    assert np.all(later[5:] > 0)
    over = ran(assessed({**TAX, "ends": 5})).monthly
    assert np.all(over["abated_in_reach"][4] > 0)
    assert not over["abated_in_reach"][5:].any()
    assert np.all(over["leakage"][5] < 0)
    spent = ran(assessed({"kind": "effort_subsidy", "budget": 50.0})).monthly["abated_in_reach"]
    assert np.all(spent[0] != 0.0)
    assert not spent[3:].any()


def test_emissions_that_only_move_leak_in_full() -> None:
    """Orders taken from the mandate's region go to the other: emissions rise there as they fall here."""
    still = {"behaviours": [{"kind": "fixed", "quality": 0.1, "abatement": 0.1}], "months": 14}
    calm = {"risk": {"outage_rate": 0.0}, "technology": {"heterogeneity": 0.0}}
    mandate = {"kind": "buyer_mandate", "bar": 0.9, "loss": 0.5, "applies_to": {"region": "north", "role": "supplier"}}
    everybody = {"programme": [{"name": "all"}], "information": {"kind": "platform", "accuracy_without": 1.0}}
    block = ran(assessed(mandate, **still, **calm, **everybody))
    moved, leaked = block.monthly["abated_in_reach"][-1], block.monthly["leakage"][-1]
    assert np.all(moved > 1.0)
    assert np.all(leaked > 0.5 * moved)


def test_it_is_not_told_without_a_world_beside() -> None:
    plain = ran(assessed(TAX).replace({"assessment.counterfactual": False})).monthly
    assert not {"leakage", "abated_in_reach"} & plain.keys()


def test_what_is_for_members_reaches_members_and_what_is_for_some_kind_of_firm_that_kind() -> None:
    club = [{"name": "north", "enrols": {"region": "north"}}]
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"kind": "peer_sanction"}, {"programme": club}),
        ({"kind": "packaging_fee"}, {}),
        ({"kind": "platform_traffic"}, {}),
    ]
    for incentive, more in cases:
        block = ran(assessed(incentive, **more))
        world, p = block.world, block.programme
        north = np.array(p.traits.regions)[p.traits.region] == "north"
        expected = {
            "peer_sanction": north,
            "packaging_fee": p.traits.producer[0],
            "platform_traffic": p.traits.demand[0] > 0,
        }[incentive["kind"]]
        assert 0 < expected.sum() < expected.size
        assert np.array_equal(in_reach(world, p), np.broadcast_to(expected.astype(float), p.shape)), incentive
