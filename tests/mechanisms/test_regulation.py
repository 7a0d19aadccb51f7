"""Regulators: how many audits, at whom, what they learn; and what the inspection game says comes of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.beginning import opening
from sim.mechanisms.oversight import breaches, by_region, chances, systematic
from sim.mechanisms.regulation.adaptive import AdaptiveAudits
from sim.mechanisms.regulation.best_reply import BestReplyAudits
from sim.mechanisms.regulation.complaint_led import ComplaintLedAudits
from sim.mechanisms.regulation.random import RandomAudits
from sim.mechanisms.regulation.risk_based import RiskBasedAudits
from sim.mechanisms.regulator import Sites
from sim.month.knowing import audit_rate, true
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.rules import beliefs, quality
from sim.world import World
from tests.worlds import QUIET, run, scenario, tables

TWO_REGIONS = {"kind": "tiered", "buyers": 2, "tiers": [20, 30], "carriers": 2, "regions": ["east", "west"]}
ONE_TIER = {"kind": "tiered", "buyers": 1, "tiers": [40], "carriers": 1, "sme_share": 0.0}
SUPPLIERS = {"applies_to": {"role": "supplier"}}
FIXED_EFFORTS = {"behaviours": [{"kind": "imitate", "attempts": 0.0}], "start": {"warmup": 0, "spread": 0.15}}
"""Everybody stays at the effort it began with, some over the limit and some under."""

TARGETING = ("risk_based", "complaint_led")
LEARNING = ("adaptive", "best_reply")


def worlds(regulator: dict[str, Any], months: int, count: int = 2, **more: Any) -> tuple[list[World], Programme]:
    """The worlds after each month, the opening first."""
    given = scenario(QUIET, **{"network": TWO_REGIONS, **more}, regulator=regulator)
    p = programme_of(given, 1, range(count))
    seen = [opening(p)]
    for _ in range(months):
        seen.append(month(seen[-1], p))
    return seen, p


def sites(p: Programme, rating: np.ndarray, fit: np.ndarray | None = None, **memory: np.ndarray) -> Sites:
    return Sites(p.traits, rating, memory, lambda: np.ones(p.shape) if fit is None else fit)


def found(world: World, p: Programme, cut: float = 0.1) -> np.ndarray:
    """Breaches that the audits of the month just past found."""
    return breaches(true(world.but(month=world.month - 1), p, "measure"), cut)


# --- so many audits ---------------------------------------------------------------------------------------


def test_chances_are_in_proportion_up_to_one_and_sum_to_the_number() -> None:
    weight = np.array([[8.0, 1.0, 2.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    assert chances(weight, 2) == pytest.approx(np.array([[1.0, 0.25, 0.5, 0.0, 0.25], [0.4] * 5]))
    assert np.array_equal(chances(weight, 4), [[1.0, 1.0, 1.0, 0.0, 1.0], [0.8] * 5])
    assert np.array_equal(chances(weight, 9), np.where(weight > 0, 1.0, 0.0))
    assert np.array_equal(chances(weight, 0), np.zeros((2, 5)))


def test_chances_of_a_world_are_its_row_bit_for_bit() -> None:
    weight = np.random.default_rng(1).exponential(size=(7, 61))
    for row in range(7):
        assert np.array_equal(chances(weight, 17)[row : row + 1], chances(weight[row : row + 1], 17))


def test_random_audits_are_a_fixed_number_in_every_region_and_month() -> None:
    seen, p = worlds({"kind": "random", "capacity": 4}, 6)
    luck = [p.draws.uniform("audit", t) for t in range(6)]
    for world, drawn in zip(seen[1:], luck, strict=True):
        assert np.array_equal(by_region(world.audited, p.traits, False), np.full((2, 2), 4.0))
        for region in (0, 1):
            here = (p.traits.region == region) & (world.revenue[0] > 0)
            assert drawn[0, here & (world.audited[0] > 0)].max() < drawn[0, here & (world.audited[0] == 0)].min()


def test_random_audits_reach_all_firms_of_a_region_that_has_fewer_than_the_capacity() -> None:
    seen, _ = worlds({"kind": "random", "capacity": 100}, 1)
    assert np.array_equal(seen[-1].audited, np.where(seen[-1].revenue > 0, 1.0, 0.0))


def test_firms_believe_in_random_audits_as_often_as_they_happen() -> None:
    seen, p = worlds({"kind": "random", "capacity": 5}, 80, count=3)
    believed = audit_rate(seen[-1], p)
    happened = np.mean([w.audited for w in seen[1:]], axis=(0, 1))
    error = np.sqrt(believed * (1 - believed) / 240)[0]
    assert np.all(np.abs(happened - believed[0]) <= 4.5 * error)
    assert by_region(believed, p.traits, False) == pytest.approx(5.0)


def test_mechanisms_that_raise_a_chance_move_random_audits_and_do_not_add_any() -> None:
    _, p = worlds({"kind": "random"}, 0)
    rule, fit = RandomAudits(capacity=6), np.ones(p.shape)
    fit[:, ::4] = 3.0
    rate = rule.audit_rate(sites(p, np.ones(p.shape), fit))
    assert rate[0, 0] == pytest.approx(3.0 * rate[0, 2])
    audited = [rule.drawn(rate, p.draws.uniform("audit", t), p.traits, lambda _: rate) for t in range(400)]
    assert np.array_equal(by_region(audited[0], p.traits, False), np.full((2, 2), 6.0))
    assert np.mean(audited, axis=(0, 1)) == pytest.approx(rate[0], abs=0.07)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("kind", TARGETING)
def test_targeting_rules_expect_as_many_audits_as_random_ones(kind: str, shared: bool) -> None:
    seen, p = worlds({"kind": kind, "capacity": 5, "data_shared": shared}, 8, **FIXED_EFFORTS)
    random, _ = worlds({"kind": "random", "capacity": 5}, 1)
    assert random[-1].audited.sum(axis=1) == pytest.approx(10.0)
    for world in seen:
        rate = audit_rate(world, p)
        assert 0.0 <= rate.min() <= rate.max() <= 1.0
        assert rate.sum(axis=1) == pytest.approx(10.0)
        if not shared:
            assert by_region(rate, p.traits, False) == pytest.approx(5.0)
    assert np.std(audit_rate(seen[-1], p)[0, seen[-1].revenue[0] > 0]) > 0.02


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("kind", TARGETING)
def test_targeting_rules_audit_exactly_as_many_as_they_have_inspectors_for(kind: str, shared: bool) -> None:
    seen, p = worlds({"kind": kind, "capacity": 5, "data_shared": shared}, 12, count=3, **FIXED_EFFORTS)
    for world in seen[1:]:
        assert np.array_equal(world.audited.sum(axis=1), np.full(3, 10.0))
        if not shared:
            assert np.array_equal(by_region(world.audited, p.traits, False), np.full((3, 2), 5.0))
    many, p = worlds({"kind": kind, "capacity": 1000, "data_shared": shared}, 1, **FIXED_EFFORTS)
    assert np.array_equal(many[-1].audited, np.where(many[-1].revenue > 0, 1.0, 0.0))


@pytest.mark.parametrize("shared", [False, True])
def test_firms_are_audited_with_the_chances_that_they_weigh(shared: bool) -> None:
    _, p = worlds({"kind": "none"}, 0, count=3)
    rule = RiskBasedAudits(capacity=6, random_share=0.1, breach_weight=0.5, data_shared=shared)
    rating = p.draws.uniform("rating of a test", 0)
    record = np.where(p.draws.uniform("record of a test", 0) < 0.2, 1.0, 0.0)
    rate = rule.audit_rate(sites(p, rating, record=record))
    months = 4000
    audited = sum(
        rule.drawn(rate, p.draws.uniform("audit", t), p.traits, lambda name, t=t: p.draws.uniform_of(name, "start", t))
        for t in range(months)
    )
    error = np.sqrt(rate * (1.0 - rate) / months)
    assert np.all(np.abs(audited / months - rate) <= 4.5 * error + 1e-9)
    assert rate.max() > 2.0 * rate.min()


def test_systematic_draws_keep_their_number_and_take_who_is_certain() -> None:
    rng = np.random.default_rng(5)
    for number in (0, 1, 3, 8):
        chance = chances(rng.exponential(size=(200, 9)) ** 3, number)
        drawn = systematic(chance, rng.random((200, 9)), rng.random((200, 1)))
        assert np.array_equal(drawn.sum(axis=1), np.full(200, float(number)))
        assert np.all(drawn[chance == 1.0] == 1.0)
        assert np.all(drawn[chance == 0.0] == 0.0)
    loose = np.full((4000, 3), 0.5)
    drawn = systematic(loose, rng.random(loose.shape), rng.random((4000, 1))).sum(axis=1)
    assert set(drawn) == {1.0, 2.0}
    assert drawn.mean() == pytest.approx(1.5, abs=0.03)


def test_no_pair_of_firms_is_never_audited_together() -> None:
    """Their order is random, so neighbours in a file are no special pair."""
    rng = np.random.default_rng(6)
    chance = np.full((3000, 6), 0.5)
    drawn = systematic(chance, rng.random(chance.shape), rng.random((3000, 1)))
    together = (drawn.T @ drawn) / 3000
    assert together[~np.eye(6, dtype=bool)] == pytest.approx(0.2, abs=0.04)


# --- at whom ----------------------------------------------------------------------------------------------


def test_chances_follow_ratings_and_records() -> None:
    _, p = worlds({"kind": "none"}, 0)
    rating, record = np.full(p.shape, 0.5), np.zeros(p.shape)
    rating[:, 3], record[:, 7] = 0.75, 1.0
    by_rating = RiskBasedAudits(capacity=2, random_share=0.0, breach_weight=0.0)
    rate = by_rating.audit_rate(sites(p, rating, record=record))
    assert rate[0, 5] == pytest.approx(2.0 * rate[0, 3])
    assert rate[0, 7] == rate[0, 5]
    rate = RiskBasedAudits(capacity=2, random_share=0.0).audit_rate(sites(p, rating, record=record))
    assert rate[0, 7] == pytest.approx(3.0 * rate[0, 5])
    even = RiskBasedAudits(capacity=2, random_share=1.0).audit_rate(sites(p, rating, record=record))
    assert even[0, p.traits.region == 0] == pytest.approx(2.0 / (p.traits.region == 0).sum())


def test_a_breach_stands_in_the_record_until_an_audit_finds_none_and_fades() -> None:
    seen, p = worlds({"kind": "risk_based", "capacity": 8, "fading": 0.25}, 10, **FIXED_EFFORTS)
    for before, after in pairwise(seen):
        expected = np.where(after.audited > 0, found(after, p), 0.75 * before.regulator_memory["record"])
        assert np.array_equal(after.regulator_memory["record"], expected)
    assert len(np.unique(seen[-1].regulator_memory["record"])) > 3


def test_risk_based_audits_find_more_breaches_than_random_ones() -> None:
    def hits(regulator: dict[str, Any]) -> np.ndarray:
        seen, p = worlds({"capacity": 5, **regulator}, 30, count=8, **FIXED_EFFORTS)
        return sum(found(w, p).sum(axis=1) for w in seen[1:]) / sum(w.audited.sum(axis=1) for w in seen[1:])

    gained = hits({"kind": "risk_based", "random_share": 0.0}) - hits({"kind": "random"})
    assert gained.mean() > 3.0 * gained.std(ddof=1) / np.sqrt(8)
    assert gained.mean() > 0.05


def test_complaints_are_what_customers_and_neighbours_suffered() -> None:
    rule = {"kind": "complaint_led", "data_shared": True, "defect_harm": 0.4, "emission_harm": 0.2}
    seen, p = worlds(rule, 3)
    w, info = seen[-1], p.scenario.information
    sharp = beliefs.accuracy(info.accuracy_without, info.accuracy_with, w.disclosure, w.shared_near)
    abatement = beliefs.seen(w.abatement, sharp, info.prior, w.observation[0])
    emitted = w.gross * (1.0 - p.traits.abatable * np.minimum(np.maximum(abatement, 0.0), 1.0))
    outgoing = quality.outgoing_defects(w.own_defects, w.accepted)
    assert w.regulator_memory["complaints"] == pytest.approx(0.4 * outgoing * w.revenue + 0.2 * emitted)


def test_chances_are_in_proportion_to_complaints() -> None:
    _, p = worlds({"kind": "none"}, 0)
    complaints = np.ones(p.shape)
    complaints[:, 4] = 3.0
    rule = ComplaintLedAudits(capacity=2, random_share=0.0)
    rate = rule.audit_rate(sites(p, np.ones(p.shape), complaints=complaints))
    assert rate[0, 4] == pytest.approx(3.0 * rate[0, 2])
    unheard = rule.audit_rate(sites(p, np.ones(p.shape), complaints=0.0 * complaints))
    assert unheard[0, 4] == pytest.approx(unheard[0, 2])


REGIONS = """firm_id,role,region,demand
m,manufacturer,home,500
p,supplier,home,
q,supplier,abroad,
r,supplier,abroad,
"""
ABROAD = "supplier,customer,input_group,order_share\np,m,a,0.5\nq,m,a,0.5\nr,q,x,1\n"


def test_without_shared_data_customers_in_other_regions_are_not_heard(tmp_path: Path) -> None:
    rule = {"kind": "complaint_led", "emission_harm": 0.0}
    heard = {}
    for shared in (False, True):
        given = scenario(
            {k: v for k, v in QUIET.items() if k != "network"},
            tables(tmp_path, REGIONS, ABROAD),
            network={},
            regulator={**rule, "data_shared": shared},
            months=2,
        )
        world, p = run(given)
        heard[shared] = world.regulator_memory["complaints"][0]
    at = p.network.index
    assert heard[False][at("q")] == pytest.approx(0.0, abs=1e-9)
    assert heard[True][at("q")] > 0
    for firm in ("m", "p", "r"):
        assert heard[False][at(firm)] == pytest.approx(heard[True][at(firm)])


@pytest.mark.parametrize("kind", TARGETING)
def test_regions_that_share_data_send_inspectors_where_the_trouble_is(kind: str) -> None:
    """Poor firms are all in one region: without shared data half of the inspectors look at good ones."""
    _, p = worlds({"kind": "none"}, 0)
    poor = np.broadcast_to((p.traits.region == 1) & (np.arange(p.shape[1]) % 3 == 0), p.shape)
    rating, trouble = np.where(poor, 0.1, 0.9), np.where(poor, 1.0, 0.05)
    rule = {"risk_based": RiskBasedAudits, "complaint_led": ComplaintLedAudits}[kind]
    apart, together = (
        (rule(capacity=3, data_shared=s).audit_rate(sites(p, rating, record=0 * trouble, complaints=trouble)) * poor)
        for s in (False, True)
    )
    assert together.sum() > 1.3 * apart.sum()


# --- what they learn --------------------------------------------------------------------------------------


def game(regulator: dict[str, Any], fine: float, months: int = 300) -> tuple[float, float, float]:
    """Mean rate of audits, share of violators found in the months with audits, and share of all that violate, over
    the second half of the months."""
    seen, p = worlds(
        {**regulator, **SUPPLIERS},
        months,
        count=4,
        network=ONE_TIER,
        incentives=[{"kind": "standard_and_fine", "fine": fine}],
    )
    rates, shares, violating = [], [], []
    for world in seen[months // 2 :]:
        audits, breached = world.audited.sum(axis=1), found(world, p).sum(axis=1)
        rates.append(audits.mean() / 40.0)
        shares += (breached[audits > 0] / audits[audits > 0]).tolist()
        violating.append(found(world.but(audited=np.ones(p.shape)), p)[:, p.traits.supplier].mean())
    return float(np.mean(rates)), float(np.mean(shares)), float(np.mean(violating))


FREE = {"least": 0.001, "most": 1.0}


@pytest.mark.parametrize("start", [0.005, 0.2])
def test_adaptive_audits_reach_their_target_from_both_sides(start: float) -> None:
    _, share, violating = game({"kind": "adaptive", "target": 0.25, "rate": start, "gain": 0.03, **FREE}, fine=10.0)
    assert share == pytest.approx(0.25, abs=0.04)
    assert violating == pytest.approx(0.25, abs=0.06)


def test_a_stricter_target_brings_more_audits_and_fewer_violations() -> None:
    lax = game({"kind": "adaptive", "target": 0.3, "rate": 0.05, **FREE}, fine=10.0)
    strict = game({"kind": "adaptive", "target": 0.2, "rate": 0.05, **FREE}, fine=10.0)
    assert strict[0] > 1.5 * lax[0]
    assert strict[2] < lax[2] - 0.04


def test_in_the_inspection_game_a_higher_fine_lowers_inspection_and_not_violation() -> None:
    """Tsebelis 1990. Violations rest where an inspection pays, at audit cost / harm = 0.25; against fixed audits the
    same fine deters."""
    tsebelis = {"kind": "best_reply", "fine_weight": 0.0, "harm": 20.0, "audit_cost": 5.0, "rate": 0.05, **FREE}
    low, high = game(tsebelis, fine=6.0), game(tsebelis, fine=24.0)
    assert high[0] < 0.5 * low[0]
    for outcome in (low, high):
        assert outcome[1] == pytest.approx(0.25, abs=0.04)
    assert high[2] == pytest.approx(low[2], abs=0.04)
    fixed = {"kind": "fixed", "rate": 0.1}
    assert game(fixed, fine=24.0, months=60)[2] < game(fixed, fine=6.0, months=60)[2] - 0.04


def test_a_regulator_that_keeps_the_fines_holds_violations_lower() -> None:
    """Violations rest at audit cost / (harm + fine), so here a higher fine does deter."""
    keeps = {"kind": "best_reply", "fine_weight": 1.0, "harm": 20.0, "audit_cost": 5.0, "rate": 0.2, **FREE}
    _, share, _ = game(keeps, fine=6.0)
    assert share == pytest.approx(5.0 / 26.0, abs=0.04)
    assert game(keeps, fine=12.0)[2] < game({**keeps, "fine_weight": 0.0}, fine=12.0)[2] - 0.05


def test_what_an_audit_brings_in_is_the_fine_it_causes() -> None:
    """Fines that run without an audit (open cases) are not its return."""
    rule = {"kind": "best_reply", "harm": 3.0, "learning": 1.0, "rate": 0.3}
    fine = {"kind": "standard_and_fine", "form": "escalating", "fine": 0.5}
    seen, p = worlds(rule, 6, **FIXED_EFFORTS, incentives=[fine])
    running = 0
    for before, after in pairwise(seen):
        already = before.memory["standard_and_fine"]["open"] > 0
        running += int((already & (after.audited > 0) & (found(after, p) > 0)).sum())
        brought = 3.0 * found(after, p) + np.where(already, 0.0, 0.5 * 30.0) * found(after, p)
        mean = by_region(brought, p.traits, False) / by_region(after.audited, p.traits, False)
        assert after.regulator_memory["expected"] == pytest.approx(mean)
    assert running > 0


def test_regions_learn_from_each_other_only_if_they_share_data() -> None:
    for kind in LEARNING:
        apart, _ = worlds({"kind": kind, "rate": 0.2}, 8, **FIXED_EFFORTS)
        together, _ = worlds({"kind": kind, "rate": 0.2, "data_shared": True}, 8, **FIXED_EFFORTS)
        rates = together[-1].regulator_memory["rate"]
        assert np.array_equal(rates[:, 0], rates[:, 1]), kind
        assert np.all(np.diff(apart[-1].regulator_memory["rate"], axis=1) != 0), kind


@pytest.mark.parametrize("shared", [False, True])
def test_adaptive_rates_move_by_how_far_the_share_found_is_off_target(shared: bool) -> None:
    rule = {"kind": "adaptive", "rate": 0.2, "gain": 0.1, "target": 0.3, "most": 0.24, "data_shared": shared}
    seen, p = worlds(rule, 8, **FIXED_EFFORTS)
    for before, after in pairwise(seen):
        share = by_region(found(after, p), p.traits, shared) / by_region(after.audited, p.traits, shared)
        expected = np.clip(before.regulator_memory["rate"] + 0.1 * (share - 0.3), 0.005, 0.24)
        assert after.regulator_memory["rate"] == pytest.approx(expected)
    assert len(np.unique([w.regulator_memory["rate"] for w in seen])) > 5


def test_an_estimate_from_all_regions_is_the_better_one() -> None:
    """Rates that follow the few audits of one region scatter more between worlds."""

    def scatter(shared: bool) -> float:
        rule = {"kind": "adaptive", "rate": 0.1, "gain": 0.02, "target": 0.5, "data_shared": shared, **FREE}
        seen, _ = worlds(rule, 12, count=12, **FIXED_EFFORTS)
        return float(seen[-1].regulator_memory["rate"].std(axis=0).mean())

    assert scatter(True) < 0.9 * scatter(False)


# --- switched off -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("still", [{"kind": "adaptive", "gain": 0.0}, {"kind": "best_reply", "speed": 0.0}])
def test_a_regulator_that_does_not_adapt_is_a_fixed_one_bit_for_bit(still: dict[str, Any]) -> None:
    fine = {"incentives": [{"kind": "standard_and_fine"}]}
    adapting, _ = worlds({**still, "rate": 0.2}, 6, **fine)
    fixed, _ = worlds({"kind": "fixed", "rate": 0.2}, 6, **fine)
    for name in ("audited", "quality", "abatement", "profit", "rating"):
        assert np.array_equal(getattr(adapting[-1], name), getattr(fixed[-1], name)), name


@pytest.mark.parametrize("kind", ["random", *TARGETING])
def test_no_capacity_is_no_regulator_bit_for_bit(kind: str) -> None:
    fine = {"incentives": [{"kind": "standard_and_fine"}]}
    without, _ = worlds({"kind": "none"}, 4, **fine)
    idle, _ = worlds({"kind": kind, "capacity": 0}, 4, **fine)
    for name in ("audited", "quality", "abatement", "profit", "rating"):
        assert np.array_equal(getattr(idle[-1], name), getattr(without[-1], name)), name


@pytest.mark.parametrize("kind", ["random", *TARGETING, *LEARNING])
def test_audits_with_fines_raise_abatement(kind: str) -> None:
    fine = {"incentives": [{"kind": "standard_and_fine", "fine": 20.0}]}
    often = {"capacity": 12} if kind not in LEARNING else {"rate": 0.4}
    audited, _ = worlds({"kind": kind, **often}, 12, **fine)
    without, _ = worlds({"kind": "none"}, 12, **fine)
    assert np.all(audited[-1].abatement.mean(axis=1) > without[-1].abatement.mean(axis=1) + 0.02)


def test_regulators_that_need_no_memory_have_none_and_those_not_yet_begun_learn_nothing() -> None:
    for kind in ("fixed", "none", "random"):
        assert worlds({"kind": kind}, 1)[0][-1].regulator_memory == {}
    seen, _ = worlds({"kind": "risk_based", "capacity": 8, "starts": 3}, 5, **FIXED_EFFORTS)
    assert all(w.audited.sum() == 0 and not w.regulator_memory["record"].any() for w in seen[:4])
    assert seen[-1].regulator_memory["record"].any()
    seen, _ = worlds({"kind": "complaint_led", "starts": 3}, 4)
    assert not seen[3].regulator_memory["complaints"].any()
    assert seen[4].regulator_memory["complaints"].any()


@pytest.mark.parametrize("rule", [AdaptiveAudits, BestReplyAudits])
def test_a_rate_outside_its_bounds_is_refused(rule: type[AdaptiveAudits] | type[BestReplyAudits]) -> None:
    with pytest.raises(ValueError, match=r"rate must lie in least..most \(0.1..0.5\), given 0.05"):
        rule(rate=0.05, least=0.1)
