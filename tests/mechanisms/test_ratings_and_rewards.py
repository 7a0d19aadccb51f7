"""Credit colours, green credit, public purchases, traffic and orders that follow green quality."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.fields import Array
from sim.mechanisms.acts import Acts
from sim.month.knowing import audit_rate, believed, true
from sim.programme import Programme, programme_of
from sim.world import World
from tests.worlds import EVERYBODY, QUIET, run, scenario

AUDITED = {"regulator": {"kind": "fixed", "rate": 0.5}}
STILL = {"behaviours": [{"kind": "gradient", "speed": 0.0, "noise": 0.0}]}
STUBBORN = {**STILL, "start": {"warmup": 0, "spread": 0.25}}
"""Efforts differ and stay as they are."""


def with_(*incentives: dict[str, Any]) -> dict[str, Any]:
    return {"incentives": list(incentives)}


def last_two(*parts: dict[str, Any], months: int = 4, worlds: int = 2) -> tuple[World, World, Programme]:
    """The world after the last month but one, and after the last."""
    made = scenario(*parts)
    p = programme_of(made, 1, range(worlds))
    before = after = opening(p)
    for _ in range(months):
        before, after = after, phases.month(after, p)
    return before, after, p


def steps(world: World, green: float, blue: float, yellow: float) -> Array:
    """Colours below blue."""
    return np.select([world.rating >= green, world.rating >= blue, world.rating >= yellow], [-1.0, 0.0, 1.0], 2.0)


# --- credit rating -------------------------------------------------------------------------------------

COLOURS = {"kind": "credit_rating", "green": 0.35, "blue": 0.25, "yellow": 0.15}


def test_colours_set_the_interest_that_firms_pay_to_the_bank() -> None:
    _, world, _ = last_two(STUBBORN, AUDITED, with_({**COLOURS, "interest_step": 0.01, "debt": 0.4}))
    n = steps(world, 0.35, 0.25, 0.15)
    assert set(np.unique(n)) == {-1.0, 0.0, 1.0, 2.0}
    paid = world.ledger.firm["credit_rating"]
    assert paid == pytest.approx(-n * 0.01 / 12.0 * 0.4 * 12.0 * world.revenue)
    assert world.ledger.institution["bank"]["credit_rating"] == pytest.approx(-paid.sum(axis=1))


def test_colours_scale_fines_and_the_chance_of_an_audit_of_the_next_month() -> None:
    fine = {"kind": "standard_and_fine", "fine": 7.0, "cut": 0.3}
    before, world, _ = last_two(STUBBORN, AUDITED, with_(COLOURS | {"fine_step": 2.0}, fine))
    _, plain, _ = last_two(STUBBORN, AUDITED, with_(COLOURS | {"fine_step": 1.0}, fine))
    factor = 2.0 ** steps(before, 0.35, 0.25, 0.15)
    paid = world.ledger.firm["standard_and_fine"]
    assert paid == pytest.approx(plain.ledger.firm["standard_and_fine"] * factor)
    assert len(np.unique(paid[paid < 0])) >= 3
    often, _, p = last_two(STUBBORN, AUDITED, with_(COLOURS | {"audit_step": 1.2}))
    active = often.revenue > 0
    expected = 0.5 * 1.2 ** steps(often, 0.35, 0.25, 0.15)
    assert audit_rate(often, p)[active] == pytest.approx(expected[active])


def test_dearer_loans_for_poor_colours_raise_green_quality_where_firms_are_audited() -> None:
    mild, _ = run(scenario(QUIET, AUDITED, with_(COLOURS | {"interest_step": 0.0}), months=24))
    hard, _ = run(scenario(QUIET, AUDITED, with_(COLOURS | {"interest_step": 0.02}), months=24))
    assert np.all(hard.quality > mild.quality)
    assert np.all(hard.abatement > mild.abatement)
    unseen, _ = run(scenario(QUIET, with_(COLOURS | {"interest_step": 0.02}), months=24))
    none, _ = run(scenario(QUIET, months=24))
    assert np.array_equal(unseen.quality, none.quality)


def test_bars_of_colours_must_be_in_order() -> None:
    from sim.mechanisms.incentives.credit_rating import CreditRating

    with pytest.raises(ValueError, match="green, blue, yellow must not rise"):
        CreditRating(green=0.2, blue=0.3)


# --- green credit --------------------------------------------------------------------------------------

CREDIT = {"kind": "green_credit", "discount": 0.5, "interest": 0.06, "financed": 0.8, "term": 6}
WORTH = 0.5 * 0.06 / 12.0 * 6 * 0.8
"""What the discount is worth until the loan is paid back, for each unit of abatement cost."""


def test_discounted_loans_act_like_cheaper_abatement() -> None:
    """Firms move as if the cost of abatement fell by what the discount is worth over the term."""
    credit, _ = run(scenario(QUIET, with_(CREDIT), months=30))
    cheaper = {"technology": {"abatement_cost": 0.12 * (1.0 - WORTH)}}
    alike, _ = run(scenario(QUIET, cheaper, months=30))
    without, _ = run(scenario(QUIET, months=30))
    assert credit.abatement == pytest.approx(alike.abatement, abs=1e-6)
    assert np.all(credit.abatement > without.abatement)


def test_at_rest_the_bank_bears_the_discount_of_a_whole_term() -> None:
    world, _ = run(scenario(QUIET, with_(CREDIT), months=150))
    cost = 0.5 * world.revenue * world.abatement_cost * world.abatement**2
    assert world.ledger.firm["green_credit"] == pytest.approx(WORTH * cost, rel=1e-5)
    assert world.ledger.institution["bank"]["green_credit"] == pytest.approx(-(WORTH * cost).sum(axis=1), rel=1e-5)
    assert world.memory["green_credit"]["loans"] == pytest.approx(6 * 0.8 * cost, rel=1e-5)


# --- public purchases and traffic -----------------------------------------------------------------------


def test_public_buyers_add_to_the_demand_of_rated_sellers_alone() -> None:
    bought = with_({"kind": "green_procurement", "share": 0.2, "bar": 0.27})
    some_pass = {"network": {"kind": "tiered", "buyers": 6, "tiers": [8, 12], "carriers": 2}}
    before, world, p = last_two(STUBBORN, AUDITED, some_pass, bought)
    _, plain, _ = last_two(STUBBORN, AUDITED, some_pass, {"market": {"demand_response": 0.05}})
    sellers = np.broadcast_to(p.traits.demand > 0, p.shape)
    expected = np.where(before.rating >= 0.27, 1.2, 1.0)[sellers]
    assert set(expected) == {1.0, 1.2}
    assert (world.demand / np.where(sellers, plain.demand, 1.0))[sellers] == pytest.approx(expected)


def test_reserved_demand_raises_the_green_quality_of_sellers_and_of_nobody_else() -> None:
    given = {"months": 12}
    bought, p = run(scenario(QUIET, AUDITED, with_({"kind": "green_procurement", "share": 0.2, "bar": 0.4}), given))
    without, _ = run(scenario(QUIET, AUDITED, given))
    sellers = np.broadcast_to(p.traits.demand > 0, p.shape)
    assert np.all(bought.abatement[sellers] > without.abatement[sellers] + 1e-3)
    assert bought.abatement[~sellers] == pytest.approx(without.abatement[~sellers], abs=1e-6)


def test_listed_products_sell_more_and_pay_for_the_traffic() -> None:
    shown = with_({"kind": "platform_traffic", "boost": 0.1, "fee": 0.05, "bar": 0.25})
    some_pass = {"network": {"kind": "tiered", "buyers": 6, "tiers": [8, 12], "carriers": 2}}
    before, world, p = last_two(STUBBORN, some_pass, shown)
    _, plain, _ = last_two(STUBBORN, some_pass)
    sellers = np.broadcast_to(p.traits.demand > 0, p.shape)
    ratio = (world.demand / np.where(sellers, plain.demand, 1.0))[sellers]
    assert ratio == pytest.approx(1.0 + 0.1 * before.memory["platform_traffic"]["listed"][sellers])
    index = world.chains.to_roots(world.index)[sellers]
    listed = world.memory["platform_traffic"]["listed"][sellers]
    assert 0.0 < listed.mean() < 1.0
    assert index[listed > 0].mean() > index[listed == 0].mean()
    assert listed[index > 0.5].all()
    paid = world.ledger.firm["platform_traffic"]
    sales = np.broadcast_to(p.traits.price * p.traits.demand, p.shape)
    assert paid[sellers] == pytest.approx(-0.05 * 0.1 * sales[sellers] * listed)
    assert world.ledger.institution["platform"]["platform_traffic"] == pytest.approx(-paid.sum(axis=1))
    assert not np.any(paid[~sellers])


@pytest.mark.parametrize("exponent", [1.0, 0.0, -2.0])
def test_a_seller_weighs_its_own_part_of_the_index_that_is_judged(exponent: float) -> None:
    given = scenario(STUBBORN, {"market": {"weakest_link": exponent}}, months=3)
    world, p = run(given)
    known = true(world, p, "measure")
    sellers = np.broadcast_to(p.traits.demand > 0, p.shape)
    assert known.index_of_root(known.acts)[sellers] == pytest.approx(world.chains.to_roots(world.index)[sellers])
    root = int(np.flatnonzero(sellers[0])[0])
    changed = world.quality.copy()
    changed[0, root] += 0.1
    other = true(world.but(quality=changed), p, "measure")
    acts = Acts(changed, world.abatement, world.disclosure, world.member)
    alone = known.index_of_root(acts)[0, root]
    assert alone == pytest.approx(other.index_of_root(other.acts)[0, root])
    assert alone > known.index_of_root(known.acts)[0, root]


def test_a_boost_for_listed_products_raises_the_green_quality_of_their_sellers() -> None:
    shown, p = run(scenario(QUIET, with_({"kind": "platform_traffic", "boost": 0.3}), months=12))
    dear, _ = run(scenario(QUIET, with_({"kind": "platform_traffic", "boost": 0.3, "fee": 0.05}), months=12))
    without, _ = run(scenario(QUIET, months=12))
    sellers = np.broadcast_to(p.traits.demand > 0, p.shape)
    assert np.all(shown.quality[sellers] > dear.quality[sellers])
    assert np.all(dear.quality[sellers] > without.quality[sellers])


def test_nobody_lists_a_product_at_a_fee_that_its_margin_does_not_cover() -> None:
    def after(fee: float) -> World:
        traffic = with_({"kind": "platform_traffic", "boost": 0.3, "bar": 0.05, "fee": fee})
        return run(scenario(QUIET, {"technology": {**QUIET["technology"], "margin": 0.08}}, traffic, months=4))[0]

    without, _ = run(scenario(QUIET, months=4))
    at_margin, dear = after(0.08), after(0.081)
    assert np.array_equal(dear.profit, without.profit)
    assert np.array_equal(dear.quality, without.quality)
    assert not dear.memory["platform_traffic"]["listed"].any()
    assert at_margin.memory["platform_traffic"]["listed"].any()
    assert at_margin.ledger.firm["platform_traffic"].sum() < 0.0


# --- orders --------------------------------------------------------------------------------------------

TOLD = {
    "information": {"kind": "platform", "minimum_disclosure": 1.0, "accuracy_with": 1.0},
    "programme": EVERYBODY,
    "relations": {"review_every": 3},
}


def test_orders_follow_what_is_seen_of_suppliers_and_each_group_keeps_its_sum() -> None:
    _, world, _ = last_two(STUBBORN, TOLD, with_({"kind": "order_reward", "strength": 2.0}), months=3)
    links = world.links
    theta = links.at(links.supplier, 0.5 * (world.quality + world.abatement))
    contract = world.contract_share

    def of_group(x: Array) -> Array:
        return np.bincount(links.group, weights=x, minlength=links.group_count)[links.group]

    weight = np.maximum(1.0 + 2.0 * (theta - of_group(contract * theta)), 0.0)
    assert weight.min() < 0.8
    expected = contract * weight / of_group(contract * weight)
    assert world.order_share == pytest.approx(expected)
    assert of_group(world.order_share) == pytest.approx(1.0)
    _, level, _ = last_two(STUBBORN, {"start": {"warmup": 0, "spread": 0.0}}, TOLD, with_({"kind": "order_reward"}))
    assert level.order_share == pytest.approx(level.contract_share)


def test_however_strong_no_weight_is_negative() -> None:
    _, world, _ = last_two(STUBBORN, TOLD, with_({"kind": "order_reward", "strength": 1000.0}), months=3)
    assert world.order_share.min() == 0.0
    assert np.all(np.isfinite(world.profit))


def test_a_supplier_weighs_what_the_review_would_give_it() -> None:
    """The prospect of a little more effort is the margin on the sales that the next review would move."""
    strength, step = 0.5, 1e-4
    _, world, p = last_two(STUBBORN, TOLD, with_({"kind": "order_reward", "strength": strength}), months=2)
    known, links = believed(world, p), world.links
    reward = p.incentives[0].incentive
    firm = p.network.index("t1-001")
    more = world.quality.copy()
    more[0, firm] += step
    acts = Acts(more, world.abatement, world.disclosure, world.member)
    prospects = [reward.prospect(known, a) for a in (acts, known.acts)]
    assert prospects[0] is not None
    assert prospects[1] is not None
    weighed = (prospects[0] - prospects[1])[0, firm] / step

    def sales(state: World) -> float:
        truth = believed(state, p).remembering({"reached": np.ones(p.shape)})
        share = links.shift(state.contract_share, reward.order_weight(truth, truth.acts))
        return float(links.total(links.supplier, world.order_value * share / world.order_share)[0, firm])

    moved = (sales(world.but(quality=more)) - sales(world)) / step
    assert moved > 0
    assert weighed == pytest.approx(known.technology.margin * moved, rel=0.1)


def test_rewarding_orders_raises_the_green_quality_of_suppliers() -> None:
    rewarded, p = run(scenario(QUIET, TOLD, with_({"kind": "order_reward", "strength": 1.0}), months=12))
    without, _ = run(scenario(QUIET, TOLD, months=12))
    suppliers = p.traits.supplier
    assert np.all(rewarded.quality[:, suppliers] >= without.quality[:, suppliers])
    assert (rewarded.quality - without.quality)[:, suppliers].mean() > 0.01
    carriers = p.traits.logistics
    assert rewarded.quality[:, carriers] == pytest.approx(without.quality[:, carriers], abs=1e-6)


def test_a_loan_is_worth_the_discount_only_while_the_programme_lasts() -> None:
    from sim.mechanisms.incentives.green_credit import GreenCredit

    known = SimpleNamespace(
        month=10,
        revenue=np.ones((1, 1)),
        abatement_cost=np.ones((1, 1)),
        memory={"funded": 1.0, "loans": np.zeros((1, 1))},
    )
    acts = SimpleNamespace(abatement=np.ones((1, 1)))

    def worth(ends: int | None) -> float:
        credit = GreenCredit(term=60, ends=ends)
        return float((credit.payment(known, acts) + credit.prospect(known, acts))[0, 0])  # type: ignore[arg-type]

    month = float(GreenCredit(term=60).payment(known, acts)[0, 0])  # type: ignore[arg-type]
    assert worth(None) == pytest.approx(60 * month)
    assert worth(11) == pytest.approx(month)
    assert worth(13) == pytest.approx(month * (1 + 59 / 60 + (59 / 60) ** 2))
