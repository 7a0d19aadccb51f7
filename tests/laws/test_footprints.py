"""Upstream footprints, the cost of joining, and regions that rate by standards of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.beginning import opening
from sim.month.knowing import believed
from sim.outcomes.base import outcomes
from sim.phases import month
from sim.programme import programme_of
from tests.worlds import EVERYBODY, QUIET, run, scenario

REGIONS = {"kind": "tiered", "buyers": 2, "tiers": [8, 12], "carriers": 2, "regions": ["east", "west"]}

FOLLOWED: dict[str, Any] = {"assessment": {"footprints": True}}


def product_footprint(world: Any, p: Any) -> float:
    return float(outcomes()["product_footprint"].series(world, p)["product_footprint"][0])


# --- footprints -----------------------------------------------------------------------------------------


def test_at_rest_the_footprints_of_what_is_sold_are_all_emissions_each_tonne_once() -> None:
    settings = {"packaging_intensity": 1.0, "packaging_reuse": 0.5, "electric_share": 0.3}
    held = [{"kind": "fixed", "quality": 0.4, "abatement": 0.3, "disclosure": 0.2}]
    world, p = run(scenario(QUIET, FOLLOWED, behaviours=held, logistics=settings, months=6))
    assert product_footprint(world, p) * world.sold.sum() == pytest.approx(world.emissions.sum())


def test_goods_bought_elsewhere_are_in_the_footprint_too() -> None:
    held = [{"kind": "fixed", "quality": 0.4, "abatement": 0.3}]
    p = programme_of(scenario(QUIET, FOLLOWED, behaviours=held, risk={"outage_rate": 0.0, "outage_loss": 0.7}), 1, [0])
    struck = np.zeros(p.shape)
    struck[:, p.groups["tier 2"]] = 100.0
    world = opening(p).but(outage_left=struck)
    for _ in range(12):
        world = month(world, p)
    outside = outcomes()["emissions_outside"].series(world, p)["emissions_outside"][0]
    assert outside > 0.05 * world.emissions.sum()
    assert product_footprint(world, p) * world.sold.sum() == pytest.approx(world.emissions.sum() + outside)


def test_a_change_upstream_reaches_the_market_a_tier_a_month() -> None:
    given = scenario(QUIET, FOLLOWED, months=1)
    p = programme_of(given, 1, [0])
    world = opening(p)
    second = p.groups["tier 2"]

    def cleaner(w: Any) -> Any:
        abatement = np.full(p.shape, 0.2)
        abatement[:, second] = 1.0
        return w.but(abatement=abatement)

    def still(w: Any) -> Any:
        return w.but(abatement=np.full(p.shape, 0.2))

    for _ in range(8):
        world = month(world, p, still)
    seen = [product_footprint(world, p)]
    for _ in range(5):
        world = month(world, p, cleaner)
        seen.append(product_footprint(world, p))
    # Two tiers above the sellers: nothing in the first two months, all of it from the third on.
    assert seen[1] == pytest.approx(seen[0])
    assert seen[2] == pytest.approx(seen[0])
    assert seen[3] < 0.99 * seen[0]
    assert seen[4] == pytest.approx(seen[3])


def test_following_footprints_changes_nothing_else() -> None:
    plain, _ = run(scenario(months=4))
    followed, _ = run(scenario(FOLLOWED, months=4))
    assert np.array_equal(plain.profit, followed.profit)
    assert not plain.footprint.any()
    assert followed.footprint.any()


# --- joining --------------------------------------------------------------------------------------------


def test_joining_is_paid_once_in_the_first_month_in_which_data_are_shared() -> None:
    phases = [{"name": "first", "starts": 1, "ends": 3}, {"name": "again", "starts": 5}]
    given = scenario(
        QUIET, information={"kind": "platform", "joining_cost": 7.0, "monthly_cost": 2.0}, programme=phases, months=7
    )
    p = programme_of(given, 1, [0])
    world, paid = opening(p), []
    for _ in range(7):
        world = month(world, p)
        paid.append(-world.ledger.firm["information fee"][0, p.traits.supplier.start])
    assert paid == [0.0, 9.0, 2.0, 0.0, 0.0, 2.0, 2.0]


def test_a_dear_entrance_keeps_firms_out_and_a_member_in() -> None:
    club: dict[str, Any] = {
        "membership": {"voluntary": True, "choose_every": 1, "inertia": 0.0},
        "benefit_sharing": {"kind": "value_added", "excludability": 1.0},
        "programme": EVERYBODY,
        "months": 6,
    }
    shares = {}
    for cost in (0.0, 1e7):
        given = scenario(QUIET, club, information={"kind": "platform", "joining_cost": cost})
        p = programme_of(given, 1, [0])
        nobody = np.zeros(p.shape)
        nobody.ravel()[p.roots] = 1.0
        world = opening(p).but(willing=nobody)
        for _ in range(6):
            world = month(world, p)
        shares[cost] = world.member[:, p.traits.supplier].mean()
        inside = opening(p)
        for _ in range(6):
            inside = month(inside, p)
        # Everybody begins as a member; what joining cost them is sunk.
        assert inside.member[:, p.traits.supplier].mean() > 0.9
    assert shares[0.0] > 0.9
    assert shares[1e7] == 0.0


# --- standards ------------------------------------------------------------------------------------------


def audited(**information: Any) -> tuple[Any, Any]:
    held = [{"kind": "fixed", "quality": 0.5, "abatement": 0.5}]
    return run(
        scenario(
            QUIET,
            network=REGIONS,
            behaviours=held,
            regulator={"kind": "fixed", "rate": 1.0},
            information={"kind": "platform", **information},
            months=2,
        ),
        replications=40,
    )


def test_without_a_unified_standard_regions_rate_apart_and_firms_know_their_own() -> None:
    world, p = audited(standard_gap=0.1)
    east, west = (world.rating[:, p.traits.region == r].mean(axis=1) for r in (0, 1))
    assert (east - west).std() == pytest.approx(0.1 * np.sqrt(2.0), rel=0.3)
    known = believed(world, p)
    chance = known.rated(known.acts, 0.5)[:, p.traits.supplier]
    lenient = np.broadcast_to(p.leniency, p.shape)[:, p.traits.supplier]
    assert np.all((chance > 0.5) == (lenient > 0))
    for settings in ({"standard_gap": 0.1, "unified_standard": True}, {"standard_gap": 0.0}):
        alike, q = audited(**settings)
        east, west = (alike.rating[:, q.traits.region == r].mean(axis=1) for r in (0, 1))
        assert (east - west).std() < 0.03
