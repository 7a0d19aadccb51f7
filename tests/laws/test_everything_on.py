"""Every incentive at once, with each sharing rule, regime, regulator and behaviour in turn: books balance, numbers are
numbers, and a world is the same alone as in company."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.beginning import opening
from sim.ensemble import run_block
from sim.phases import month
from sim.programme import programme_of
from sim.scenario.schema import kinds_at
from tests.laws.test_isolation import MIXED, same
from tests.worlds import EVERYBODY, scenario

NETWORK = {"kind": "tiered", "buyers": 2, "tiers": [8, 12], "carriers": 2, "regions": ["north", "south"]}

EVERYTHING: dict[str, Any] = {
    "network": NETWORK,
    "behaviours": MIXED,
    "information": {
        "kind": "platform",
        "minimum_disclosure": 0.3,
        "verification": "third_party",
        "rating_refresh": 0.1,
    },
    "reporting": {"overclaim": 0.5, "overclaim_share": 0.3},
    "cost_sharing": {"kind": "sponsor"},
    "benefit_sharing": {"kind": "contribution", "excludability": 0.5},
    "incentives": [{"kind": kind} for kind in kinds_at("incentives")],
    "regulator": {"kind": "risk_based"},
    "membership": {"voluntary": True, "innovation": 0.2, "imitation": 0.5},
    "quality": {"liability": 0.3, "inspecting": "reply", "reduction": 0.3},
    "market": {"saturation": 0.5, "demand_memory": 0.5, "price_elasticity": 0.4},
    "pricing": {"kind": "leader", "applies_to": {"tier": 0}},
    "technology": {"effort_base": "plant"},
    "ordering": {"policy": "order_up_to", "forecast": "shared", "lead_months": 1.5, "holding_cost": 0.01},
    "risk_sharing": {"kind": "mutual_pool"},
    "logistics": {
        "electric_share": 0.1,
        "electric_range_km": 300.0,
        "charging_growth": 0.1,
        "fleet_renewal": 0.05,
        "packaging_cost": 5.0,
        "packaging_intensity": 1.0,
        "packaging_reuse": 0.3,
        "backup_carrier": 0.5,
    },
    "risk": {
        "carrier_outage_loss": 0.5,
        "outage_rate": 0.05,
        "early_warning": 0.3,
        "backup_share": 0.2,
        "incident_rate": 0.1,
        "demand_shock_rate": 0.1,
        "policy_shock_rate": 0.1,
        "policy_shock_depth": 0.7,
    },
    "relations": {"review_every": 2, "warn_below": 0.5, "reward": 0.5, "notice_months": 1, "transition_months": 1},
    "interaction": {"complementarity": -0.005, "local_benefit": 0.005, "group_return": 2.0, "group_cost": 0.002},
    "assessment": {"counterfactual": True, "by": ["tier", "size", "region"]},
    "programme": EVERYBODY,
    "months": 14,
}

PLACES = ("cost_sharing", "benefit_sharing", "risk_sharing", "information", "regulator")
TURNS = [(place, kind) for place in PLACES for kind in kinds_at(place)]


def with_one(place: str, kind: str) -> dict[str, Any]:
    return {**EVERYTHING, place: {"kind": kind}}


@pytest.mark.parametrize(("place", "kind"), TURNS)
def test_books_balance_and_numbers_are_numbers(place: str, kind: str) -> None:
    given = scenario(with_one(place, kind))
    p = programme_of(given, 1, range(2))
    world = opening(p)
    for t in range(given.months):
        world = month(world, p)
        world.ledger.check(t)
    for name, value in vars(world).items():
        if isinstance(value, np.ndarray) and value.dtype == float:
            assert np.all(np.isfinite(value)), name
    assert world.quality[:, p.traits.supplier].std() > 0


@pytest.mark.parametrize("kind", sorted(kinds_at("behaviours")))
def test_a_world_is_the_same_alone_as_in_company(kind: str) -> None:
    given = scenario({**EVERYTHING, "behaviours": [{"kind": kind}], "months": 8})
    many = run_block(given, 2, range(3), benchmark=False)
    alone = run_block(given, 2, [1], benchmark=False)
    for series, values in alone.monthly.items():
        assert np.array_equal(values[:, 0], many.monthly[series][:, 1]), series
    for account, total in alone.ledger.items():
        assert total[0] == many.ledger[account][1], account
    assert alone.last_paid.keys() == many.last_paid.keys()


@pytest.mark.parametrize("schedule", ["sequential", "colour_classes", "sublattice", "single"])
def test_schedules_run_with_everything_on_and_differ(schedule: str) -> None:
    base = {**EVERYTHING, "months": 3, "start": {"warmup": 0}}
    first = programme_of(scenario(base), 1, [0])
    second = programme_of(scenario({**base, "update": {"schedule": schedule}}), 1, [0])
    one, other = opening(first), opening(second)
    for _ in range(3):
        one, other = month(one, first), month(other, second)
    with pytest.raises(AssertionError):
        same(one, other)
    assert np.all(np.isfinite(other.profit))
