"""Joining and leaving: who takes part when nobody has to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.beginning import opening
from sim.phases import month, observe, shocks
from sim.programme import programme_of
from tests.worlds import QUIET, SMALL, run, scenario

CLUB: dict[str, Any] = {
    "network": SMALL,
    "programme": [{"name": "all"}],
    "benefit_sharing": {"kind": "value_added"},
    "membership": {"voluntary": True, "choose_every": 2},
}


SEEN_CLEARLY = {"kind": "platform", "accuracy_without": 1.0, "accuracy_with": 1.0, "noise": 0.0}


def members(**changes: Any) -> np.ndarray:
    """Who of the suppliers takes part after a year."""
    world, p = run(scenario(QUIET, CLUB, months=12, **changes))
    return world.member[0, p.traits.supplier]


def test_firms_join_for_a_premium_that_outsiders_lose() -> None:
    assert members().min() == 1.0


def test_firms_leave_where_the_premium_is_theirs_anyway_and_a_fee_is_not() -> None:
    fee = {"kind": "platform", "monthly_cost": 30.0}
    shared = {"kind": "value_added", "excludability": 0.0}
    assert members(benefit_sharing=shared, information=fee).max() == 0.0
    assert members(benefit_sharing=shared).min() == 1.0  # nothing to lose, and inertia keeps them


def test_the_more_can_be_kept_from_outsiders_the_more_take_part() -> None:
    fee = {"kind": "platform", "monthly_cost": 30.0}
    shares = [
        members(benefit_sharing={"kind": "value_added", "excludability": e}, information=fee).mean()
        for e in (0.0, 0.2, 0.5, 1.0)
    ]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] > 0.5


def test_equal_cost_sharing_unravels_though_some_gain_while_all_take_part() -> None:
    sharing = {"benefit_sharing": {"kind": "retain"}, "cost_sharing": {"kind": "equal"}}
    free, p = run(scenario(QUIET, CLUB, months=12, **sharing))
    bound, _ = run(scenario(QUIET, CLUB, months=12, membership={"voluntary": False}, **sharing))
    received = bound.ledger.firm["cost sharing"][0, p.traits.supplier]
    assert received.mean() < 0.0 < received.max()
    assert free.member[0].nonzero()[0].tolist() == p.roots.tolist()


def test_a_sponsor_keeps_everybody_in() -> None:
    assert members(benefit_sharing={"kind": "retain"}, cost_sharing={"kind": "sponsor"}).min() == 1.0


def test_the_gain_from_membership_is_what_the_books_say() -> None:
    given = scenario(QUIET, CLUB, months=4, information=SEEN_CLEARLY)
    p = programme_of(given, 1, [0])
    world = opening(p)
    for _ in range(3):
        world = month(world, p)
    known = observe(shocks(world, p), p)
    gain = p.private.membership_gain(known)
    firm = p.network.index("t1-002")
    alone = world.willing.copy()
    alone[0, firm] = 0.0
    still = {"quality": world.quality, "abatement": world.abatement}
    inside = month(world, p, lambda w: w.but(**still))
    outside = month(world.but(willing=alone), p, lambda w: w.but(**still))
    paid = "premium"
    booked = (inside.ledger.firm[paid] - outside.ledger.firm[paid])[0, firm]
    assert gain[0, firm] == pytest.approx(booked, rel=2e-2)


def test_where_taking_part_is_not_voluntary_all_that_are_enrolled_take_part() -> None:
    fee = {"kind": "platform", "monthly_cost": 1000.0}
    assert members(information=fee, membership={"voluntary": False}).min() == 1.0
