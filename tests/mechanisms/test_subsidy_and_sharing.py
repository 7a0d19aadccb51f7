"""A subsidy of effort and shared costs together: nobody is paid for a cost that another bears."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.month.knowing import believed
from sim.programme import programme_of
from sim.scenario.schema import kinds_at
from tests.worlds import EVERYBODY, QUIET, run, scenario

COST = sorted(set(kinds_at("cost_sharing")) - {"none", "nash_bargaining"})


def both(sharing: dict[str, Any], share: float = 0.7, **more: Any) -> dict[str, Any]:
    subsidy = {"kind": "effort_subsidy", "share": share}
    return {"incentives": [subsidy], "cost_sharing": sharing, "programme": EVERYBODY, "months": 3, **more}


@pytest.mark.parametrize("kind", COST)
def test_the_subsidy_is_the_share_of_what_each_firm_bears_and_in_all_of_what_effort_costs(kind: str) -> None:
    world, _ = run(scenario(QUIET, both({"kind": kind})))
    books = {name: world.ledger.firm[name] for name in ("effort_subsidy", "effort", "cost sharing")}
    borne = -books["effort"] - books["cost sharing"]
    assert books["effort_subsidy"] == pytest.approx(0.7 * borne, abs=1e-9)
    assert books["effort_subsidy"].sum() == pytest.approx(-0.7 * books["effort"].sum())
    world.ledger.check(world.month - 1)


def test_a_sponsor_and_a_subsidy_never_pay_more_than_effort_costs() -> None:
    world, p = run(scenario(QUIET, both({"kind": "sponsor", "share": 0.6})))
    received = (world.ledger.firm["effort_subsidy"] + world.ledger.firm["cost sharing"])[0, p.traits.supplier]
    cost = -world.ledger.firm["effort"][0, p.traits.supplier]
    assert np.all(received <= cost)
    assert received == pytest.approx((1.0 - 0.3 * 0.4) * cost)


def test_a_subsidy_for_some_does_not_reach_what_their_sponsor_pays() -> None:
    given = both({"kind": "sponsor", "share": 0.6})
    given["incentives"] = [{**given["incentives"][0], "applies_to": {"role": "supplier"}}]
    world, p = run(scenario(QUIET, given))
    cost = -world.ledger.firm["effort"][0, p.traits.supplier]
    assert world.ledger.firm["effort_subsidy"].sum() == pytest.approx(0.7 * 0.4 * cost.sum())


@pytest.mark.parametrize("starts", [0, 2])
def test_a_supplier_weighs_what_is_left_of_its_cost_by_both(starts: int) -> None:
    """Cost sharing that starts later is weighed from its first month on."""
    p = programme_of(scenario(QUIET, both({"kind": "sponsor", "share": 0.6, "starts": starts})), 1, [0])
    world = opening(p)
    for month in range(4):
        known = believed(phases.shocks(world, p), p)
        supplier = p.traits.supplier
        _, bend = p.private.bend(known, "abatement")
        left = 0.3 * (0.4 if month >= starts else 1.0)
        steep = known.revenue * known.abatement_cost
        trading = known.revenue[0, supplier] > 0
        assert (-bend / np.maximum(steep, 1e-9))[0, supplier][trading] == pytest.approx(left, rel=1e-6)
        world = phases.month(world, p)


def test_what_nash_bargaining_pays_is_no_part_of_a_cost() -> None:
    world, _ = run(scenario(QUIET, both({"kind": "nash_bargaining"})))
    assert world.ledger.firm["effort_subsidy"] == pytest.approx(-0.7 * world.ledger.firm["effort"])


@pytest.mark.parametrize("starts", [0, 2])
def test_the_subsidy_follows_what_costs_are_shared_by_even_if_sharing_starts_later(starts: int) -> None:
    """Costs shared by the premium received depend on what is seen, hence on disclosure; so does what is subsidised."""
    sharing = {"kind": "benefit", "starts": starts}
    given = scenario(QUIET, both(sharing, benefit_sharing={"kind": "contribution", "starts": starts}))
    p = programme_of(given, 1, [0])
    known = believed(phases.shocks(opening(p), p), p)
    (reads,) = (r for t, r in zip(p.private.terms, p.private.reads(known), strict=True) if t.name == "effort_subsidy")
    assert {"disclosure", "green_quality", "quality", "abatement", "member"} <= reads
