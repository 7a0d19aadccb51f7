"""Laws of the incentives by which firms hold each other, or themselves, to something: peer sanctions, bonds and
ecological compensation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.errors import ScenarioError
from sim.programme import Programme, programme_of
from sim.scenario.schema import Scenario
from sim.world import World
from tests.worlds import EVERYBODY, QUIET, SMALL, run, scenario

CLEAR = {"kind": "platform", "accuracy_without": 1.0, "accuracy_with": 1.0, "noise": 0.0}
MIXED = [
    {"kind": "fixed", "quality": 0.1, "abatement": 0.1, "disclosure": 0.5, "share": 0.5},
    {"kind": "fixed", "quality": 0.5, "abatement": 0.5, "disclosure": 0.5, "share": 0.5},
]


def after(given: Scenario, months: int) -> tuple[World, Programme]:
    p = programme_of(given, 1, [0])
    world = opening(p)
    for _ in range(months):
        world = phases.month(world, p)
        world.ledger.check(world.month - 1)
    return world, p


# peer_sanction


def peers(**more: object) -> dict[str, Any]:
    return {"incentives": [{"kind": "peer_sanction", **more}], "information": CLEAR, "programme": EVERYBODY}


def test_punishing_costs_a_third_of_what_it_does_and_all_of_it_is_lost() -> None:
    free, _ = after(scenario(QUIET, peers(cost_ratio=0.0), behaviours=MIXED), 3)
    dear, _ = after(scenario(QUIET, peers(), behaviours=MIXED), 3)
    impact, both = free.ledger.firm["peer_sanction"][0], dear.ledger.firm["peer_sanction"][0]
    assert impact.sum() < 0
    assert (both - impact).sum() == pytest.approx(impact.sum() / 3.0)
    assert dear.ledger.institution["outside"]["peer_sanction"][0] == pytest.approx(-both.sum())


def test_a_member_loses_by_how_far_it_is_below_the_mean_of_its_partners_in_proportion_to_trade() -> None:
    world, p = after(scenario(QUIET, peers(cost_ratio=0.0, severity=0.2), behaviours=MIXED), 3)
    theta, network = 0.5 * (world.quality + world.abatement)[0], p.network
    lost = world.ledger.firm["peer_sanction"][0]
    punished = 0
    for firm in np.flatnonzero(p.traits.producer[0] & (world.revenue[0] > 0)):
        ends = [(network.supplier, network.customer), (network.customer, network.supplier)]
        partners = np.concatenate([theirs[mine == firm] for mine, theirs in ends])
        trade = sum(world.order_value[mine == firm].sum() for mine, _ in ends)
        # Partners that do not trade do not punish, and are nobody's norm.
        partners = partners[world.revenue[0, partners] > 0]
        shortfall = max(0.0, theta[partners].mean() - theta[firm])
        assert lost[firm] == pytest.approx(-0.2 * trade * shortfall, abs=1e-9)
        punished += shortfall > 0
    assert 3 < punished < 20


def test_who_is_not_a_member_neither_punishes_nor_is_punished() -> None:
    only_suppliers = [{"name": "suppliers", "starts": 0, "enrols": {"tier": 2}}]
    world, p = after(scenario(QUIET, peers() | {"programme": only_suppliers}, behaviours=MIXED), 3)
    assert not world.ledger.firm["peer_sanction"].any()
    world, p = after(scenario(QUIET, peers(), behaviours=MIXED), 3)
    assert not world.ledger.firm["peer_sanction"][0, p.traits.logistics].any()


def test_sanctions_lift_those_who_do_less_than_their_partners() -> None:
    willing = [
        {"kind": "fixed", "quality": 0.8, "abatement": 0.8, "disclosure": 0.5, "role": "manufacturer"},
        {"kind": "gradient", "noise": 0.0, "role": "supplier"},
        {"kind": "gradient", "noise": 0.0, "role": "logistics"},
    ]
    without, p = after(scenario(QUIET, peers(severity=0.0), behaviours=willing), 12)
    with_it, _ = after(scenario(QUIET, peers(), behaviours=willing), 12)
    first = np.flatnonzero((p.traits.tier == 1) & (p.network.firms["role"] == 0) & (without.revenue[0] > 0))
    assert np.all(with_it.quality[0, first] > without.quality[0, first] + 0.01)


# performance_bond


def bond(**more: object) -> dict[str, Any]:
    table = {"kind": "performance_bond", "deposit": 0.1, "cut": 0.3, "every": 3, **more}
    return {"incentives": [table], "assessment": {"measurement_error": 1e-9}}


def doing(abatement: float) -> dict[str, Any]:
    return {"behaviours": [{"kind": "fixed", "abatement": abatement}]}


def bonds(given: Scenario) -> tuple[np.ndarray, np.ndarray, Programme, World]:
    """Net receipts of firms by the bond and of regulators, month by month."""
    p = programme_of(given, 1, [0])
    world, firms, public = opening(p), [], []
    for _ in range(given.months):
        world = phases.month(world, p)
        world.ledger.check(world.month - 1)
        firms.append(world.ledger.firm["performance_bond"][0])
        public.append(world.ledger.regulator.get("performance_bond", np.zeros((1, 1)))[0].sum())
    return np.array(firms), np.array(public), p, world


def test_a_bond_fully_returned_to_the_compliant_costs_them_nothing() -> None:
    paid, public, _, world = bonds(scenario(bond(cut=0.1), doing(1.0), months=9))
    assert np.all(paid[::3][:, world.revenue[0] > 0] < 0)
    assert np.array_equal(paid.reshape(3, 3, -1).sum(axis=1), np.zeros((3, paid.shape[1])))
    assert not public.any()
    assert not world.memory["performance_bond"]["held"].any()


@pytest.mark.parametrize("forfeit", [0.4, 1.0])
def test_a_bond_in_breach_goes_to_the_regulator_in_the_share_forfeited(forfeit: float) -> None:
    paid, public, _, world = bonds(scenario(QUIET, bond(forfeit=forfeit), doing(0.0), months=6))
    placed = paid[0]
    assert placed == pytest.approx(-0.1 * world.revenue[0])
    assert paid[:3].sum(axis=0) == pytest.approx(forfeit * placed, abs=1e-9)
    assert public == pytest.approx([0, 0, -forfeit * placed.sum()] * 2)


def test_with_a_period_of_one_month_only_the_forfeit_moves() -> None:
    paid, _, _, world = bonds(scenario(QUIET, bond(every=1, forfeit=0.5), doing(0.0), months=1))
    assert paid[0] == pytest.approx(-0.05 * world.revenue[0])
    paid, _, _, _ = bonds(scenario(QUIET, bond(cut=0.1, every=1), doing(1.0), months=1))
    assert not paid.any()


def test_a_bond_that_ends_within_a_period_is_settled_in_its_last_month() -> None:
    given = scenario(bond(cut=0.1, ends=5), doing(1.0), months=5)
    paid, _, _, world = bonds(given)
    assert np.array_equal(paid.sum(axis=0), np.zeros(paid.shape[1]))
    assert np.all(paid[4][world.revenue[0] > 0] > 0)


@pytest.mark.parametrize(("last", "met"), [(0.8, False), (1.0, True)])
def test_the_standard_of_a_bond_is_held_against_the_whole_period(last: float, met: bool) -> None:
    """A cut of 0.3 of what is abatable to 0.6 asks for a mean effort of 0.5."""
    p = programme_of(scenario(QUIET, bond()), 1, [0])
    world, total = opening(p), np.zeros(p.shape)
    for effort in (0.3, 0.3, last):
        world = phases.month(world, p, lambda w, e=effort: w.but(abatement=np.full(p.shape, e)))  # type: ignore[misc]
        total = total + world.ledger.firm["performance_bond"]
    producers = p.traits.producer[0] & (world.revenue[0] > 0)
    assert np.all((total[0, producers] == 0.0) == met)


def test_a_months_abatement_is_weighed_alike_in_every_month_before_the_bond_returns() -> None:
    held = {**doing(0.4), "start": {"abatement": 0.4}}
    given = scenario(QUIET, bond(every=4), held, assessment={"measurement_error": 0.1})
    slopes = []
    for months in range(4):
        world, p = after(given, months)
        known = phases.observe(phases.shocks(world, p), p)
        both = p.incentives[0].weighed(known, known.acts.varied("abatement", 1e-4))
        slopes.append(((both[0] - both[1]) / 2e-4)[0, p.traits.producer[0] & (known.revenue[0] > 0)])
    assert slopes[0].min() > 0
    for later in slopes[1:]:
        assert later == pytest.approx(slopes[0], rel=1e-6)


def test_a_bond_raises_abatement_and_its_return_is_no_support() -> None:
    near = {"assessment": {"measurement_error": 0.2}}
    plain, p = run(scenario(QUIET, bond(deposit=0.0), near, months=12))
    bonded, _ = run(scenario(QUIET, bond(), near, months=12))
    producers = p.traits.producer[0] & (plain.revenue[0] > 0)
    assert np.all(bonded.abatement[0, producers] > plain.abatement[0, producers])
    books = bonded.ledger.firm
    assert bonded.contribution == pytest.approx(-books["effort"] - books["disclosure"])


def test_bonds_and_compensation_have_no_budget() -> None:
    for kind in ("performance_bond", "ecological_compensation"):
        with pytest.raises(ScenarioError, match="pays out nothing of its own"):
            scenario(incentives=[{"kind": kind, "budget": 10.0}])


# ecological_compensation


def compensation(**more: object) -> dict[str, Any]:
    return {"incentives": [{"kind": "ecological_compensation", **more}]}


TWO_REGIONS = {"network": {**SMALL, "regions": ["up", "down"]}}


@pytest.mark.parametrize("network", [{}, TWO_REGIONS], ids=["one region", "two regions"])
def test_compensation_is_paid_among_firms_alone_and_sums_to_zero(network: dict[str, Any]) -> None:
    for months in (1, 4):
        world, _ = after(scenario(network, compensation(), behaviours=MIXED), months)
        paid = world.ledger.firm["ecological_compensation"][0]
        assert np.abs(paid).sum() > 0.1
        assert abs(paid.sum()) < 1e-9 * np.abs(paid).sum()


def test_each_link_over_the_boundary_pays_for_what_is_below_the_reference() -> None:
    prices = {"carbon_price": 0.2, "defect_price": 0.5, "reference": 0.85, "tolerated": 0.03}
    world, p = after(scenario(QUIET, TWO_REGIONS, compensation(**prices), behaviours=MIXED), 3)
    expected, network = np.zeros(p.network.size), p.network
    outgoing = world.own_defects + (1.0 - world.own_defects) * world.accepted
    crossing = 0
    for link, value in enumerate(world.order_value):
        j, i = network.supplier[link], network.customer[link]
        if network.firms["region"][j] != network.firms["region"][i]:
            saved = 0.85 * world.gross[0, j] - world.emissions[0, j]
            amount = 0.2 * value / world.revenue[0, j] * saved + 0.5 * value * (0.03 - outgoing[0, j])
            expected[j] += amount
            expected[i] -= amount
            crossing += 1
    assert 0 < crossing < network.link_count
    assert world.ledger.firm["ecological_compensation"][0] == pytest.approx(expected)


def test_a_filter_leaves_out_links_to_firms_outside_it_and_the_sum_is_still_zero() -> None:
    given = scenario(compensation(applies_to={"size": "sme"}), behaviours=MIXED)
    world, p = after(given, 3)
    paid = world.ledger.firm["ecological_compensation"][0]
    assert not paid[~p.traits.sme[0]].any()
    assert abs(paid.sum()) <= 1e-9 * np.abs(paid).sum()


@pytest.mark.parametrize(("price", "effort"), [("carbon_price", "abatement"), ("defect_price", "quality")])
def test_compensation_raises_the_effort_that_it_prices_in_those_who_supply(price: str, effort: str) -> None:
    none = {"carbon_price": 0.0, "defect_price": 0.0}
    without, p = run(scenario(QUIET, compensation(**none), months=12))
    with_it, _ = run(scenario(QUIET, compensation(**none | {price: 0.5}), months=12))
    moved = (getattr(with_it, effort) - getattr(without, effort))[0]
    trading = without.revenue[0] > 0
    least = moved[p.traits.supplier][trading[p.traits.supplier]].min()
    assert least > 0.01
    assert np.abs(moved[p.traits.manufacturer]).max() < 0.1 * least
