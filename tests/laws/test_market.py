"""Laws of the market: prices, demand and consumer surplus, labels that live on shared data, awareness that grows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.plain.model import run_plain
from sim import phases
from sim.beginning import opening
from sim.ensemble import run_block
from sim.fields import Array
from sim.month.knowing import believed
from sim.outcomes.base import outcomes
from sim.programme import Programme, programme_of
from sim.rules import market
from sim.world import World
from tests.worlds import EVERYBODY, QUIET, run, scenario

HELD: dict[str, Any] = {"behaviours": [{"kind": "fixed", "quality": 0.6, "abatement": 0.5, "disclosure": 0.4}]}
"""Everybody does the same for good."""

THETA = 0.55
UNIT_COST = 0.5 * 0.08 * 0.6**2 + 0.5 * 0.12 * 0.5**2 - 0.01 * 0.6 * 0.5
"""C / S of a large firm that is held so."""

PLATFORM = {"kind": "platform"}
NOBODY = [{"name": "later", "starts": 90}]


def after(months: int, *parts: dict[str, Any], **settings: float) -> tuple[World, Programme]:
    """A quiet world of firms held to their efforts, with these settings of the market."""
    return run(scenario(QUIET, HELD, {"market": settings}, *parts, months=months))


def roots(x: Array, p: Programme) -> Array:
    """Firm values of the sellers of world 0."""
    return x.ravel()[p.roots[: len(p.roots) // p.worlds]]


def measured(name: str, world: World, p: Programme) -> float:
    measure = outcomes()[name].measure
    assert measure is not None
    return float(np.asarray(measure(world, p))[0])


# prices


@pytest.mark.parametrize("elasticity", [0.5, 2.0])
def test_demand_falls_by_the_elasticity_times_the_price_rise(elasticity: float) -> None:
    world, p = after(3, pass_through=0.8, price_elasticity=elasticity)
    rise = 0.8 * UNIT_COST
    assert roots(world.price_rise, p) == pytest.approx(rise)
    usual = roots(np.broadcast_to(p.traits.demand, p.shape), p)
    assert roots(world.demand, p) == pytest.approx(usual * (1.0 - elasticity * rise))


def test_demand_is_not_below_0_however_high_the_price() -> None:
    world, p = after(6, pass_through=1.0, price_elasticity=1e3)
    assert not world.demand.any()
    assert np.isfinite(world.profit).all()
    assert measured("consumer_surplus", world, p) == 0.0


def test_sellers_receive_what_they_add_to_the_price_and_welfare_counts_it_as_a_transfer() -> None:
    (alone, p), (passing, p_passing) = after(3), after(3, pass_through=0.5)
    gained = passing.profit - alone.profit
    assert roots(gained, p) == pytest.approx(0.5 * UNIT_COST * roots(p.traits.price * alone.sold, p))
    assert gained.sum() == pytest.approx(roots(gained, p).sum())
    passing.ledger.check(2)
    assert measured("welfare", passing, p_passing) == pytest.approx(measured("welfare", alone, p), rel=1e-12)


# consumer surplus


def test_consumer_surplus_is_the_triangle_under_linear_demand() -> None:
    response, elasticity = 0.2, 1.5
    world, p = after(3, demand_response=response, price_elasticity=elasticity, pass_through=0.5)
    demand, usual = roots(world.demand, p), roots(np.broadcast_to(p.traits.demand, p.shape), p)
    price = roots(np.broadcast_to(p.traits.price, p.shape), p)
    assert roots(world.sold, p) == pytest.approx(demand)  # nobody goes without
    wanted = 1.0 + response * 0.6 * THETA - elasticity * 0.5 * UNIT_COST
    assert demand == pytest.approx(usual * wanted)
    triangle = (demand / 2 * demand / (elasticity * usual) * price).sum()
    assert measured("consumer_surplus", world, p) == pytest.approx(triangle)


def test_a_price_rise_costs_customers_what_they_pay_more_to_first_order() -> None:
    sales, elasticity, step = np.ones((1, 1)), 0.7, 1e-5

    def surplus(rise: float) -> float:
        wanted = market.appetite(np.zeros((1, 1)), 0.0, np.full((1, 1), rise), elasticity)
        return float(market.consumer_surplus(sales * wanted, wanted, elasticity).sum())

    assert (surplus(0.1 + step) - surplus(0.1 - step)) / (2 * step) == pytest.approx(-(1.0 - elasticity * 0.1))


def test_customers_who_go_without_have_no_surplus() -> None:
    short = {"risk": {"outage_rate": 1.0, "outage_loss": 0.75}}
    (whole, p), (rationed, p_rationed) = after(1, price_elasticity=1.0), after(1, short, price_elasticity=1.0)
    served = rationed.sold.sum() / whole.sold.sum()
    assert served < 0.5
    sales = [roots(p.traits.price * world.sold, p).sum() for world in (whole, rationed)]
    expected = measured("consumer_surplus", whole, p) * sales[1] / sales[0]
    assert measured("consumer_surplus", rationed, p_rationed) == pytest.approx(expected)


def test_there_is_no_surplus_where_customers_take_any_price() -> None:
    world, p = after(2)
    assert measured("consumer_surplus", world, p) == 0.0
    both = market.consumer_surplus(np.ones((2, 1)), np.ones((2, 1)), np.array([[0.0], [2.0]]))  # type: ignore[arg-type]
    assert both.tolist() == [[0.0], [0.25]]


def test_the_plain_model_finds_the_same_surplus() -> None:
    given = scenario(market={"price_elasticity": 0.8}, months=6)
    ours = run_block(given, 3, [2]).monthly["consumer_surplus"][:, 0]
    assert ours == pytest.approx(np.array(run_plain(given, 3, 2)["consumer_surplus"]), rel=1e-9)
    assert ours.min() > 0


# labels


@pytest.mark.parametrize(
    ("programme", "disclosed"), [(NOBODY, 0.0), (EVERYBODY, 0.4)], ids=["nobody shares", "all share"]
)
def test_labels_convey_more_of_a_chain_that_shares_its_data(programme: list[Any], disclosed: float) -> None:
    shared = {"information": {**PLATFORM, "minimum_disclosure": 0.0}, "programme": programme}
    settings = {"demand_response": 0.5, "label_accuracy": 0.9}
    (full, p), (partial, p_partial) = after(4, shared, **settings), after(4, shared, **settings, label_sharing=0.75)
    conveyed = 1.0 - 0.75 * (1.0 - disclosed)
    worth, less_worth = believed(full, p).pool, believed(partial, p_partial).pool
    sold, less_sold = full.chains.at_root(full.sold), partial.chains.at_root(partial.sold)
    assert less_worth / less_sold == pytest.approx(conveyed * worth / sold)
    assert roots(partial.appetite, p) - 1.0 == pytest.approx(conveyed * (roots(full.appetite, p) - 1.0))
    assert measured("green_premium", partial, p_partial) < 0.8 * measured("green_premium", full, p)


def test_labels_weigh_the_data_of_firms_by_their_value_added() -> None:
    sharing = {"information": {**PLATFORM, "minimum_disclosure": 0.0}, "programme": EVERYBODY}
    only_suppliers = [
        {"kind": "fixed", "quality": 0.6, "abatement": 0.5, "disclosure": 1.0, "role": "supplier"},
        {"kind": "fixed", "quality": 0.6, "abatement": 0.5, "disclosure": 0.0, "role": "manufacturer"},
        {"kind": "fixed", "quality": 0.6, "abatement": 0.5, "disclosure": 0.0, "role": "logistics"},
    ]
    world, p = after(2, sharing, {"behaviours": only_suppliers}, demand_response=0.5, label_sharing=1.0)
    suppliers = np.zeros(p.shape)
    suppliers[:, p.traits.supplier] = 1.0
    entries = world.chains.at_firm(suppliers)
    weight = world.chains.by_chain(world.weight * entries)[0]
    assert np.all((weight > 0.1) & (weight < 0.9))
    assert roots(world.appetite, p) == pytest.approx(1.0 + 0.5 * 0.6 * weight * THETA)


# awareness


def test_awareness_grows_with_what_labels_show_and_to_its_ceiling() -> None:
    p = programme_of(
        scenario(QUIET, HELD, {"start": {"warmup": 3}}, market={"awareness_growth": 0.5, "awareness": 0.2}), 1, [0]
    )
    world = opening(p)
    assert np.all(world.awareness == 0.2)  # nothing has happened yet
    before = world.awareness
    for month in range(60):
        world = phases.month(world, p)
        expected = 1.0 - 0.8 * (1.0 - 0.5 * THETA) ** month
        assert world.awareness == pytest.approx(np.full_like(before, expected))
        assert np.all((world.awareness >= before) & (world.awareness <= 1.0))
        before = world.awareness
    assert world.awareness == pytest.approx(1.0, abs=1e-6)


def test_aware_customers_pay_a_higher_premium_and_labels_that_say_less_win_fewer() -> None:
    (still, p), (grown, _) = after(12), after(12, awareness_growth=0.2)
    ratio = float(grown.awareness.mean()) / 0.6
    assert ratio > 1.2
    assert measured("green_premium", grown, p) == pytest.approx(ratio * measured("green_premium", still, p))
    dull, _ = after(12, awareness_growth=0.2, label_accuracy=0.5)
    assert np.all(dull.awareness < grown.awareness)


# off by default


@pytest.mark.parametrize(
    "name", ["price_elasticity", "awareness_growth", "label_sharing", "pass_through", "saturation", "demand_memory"]
)
def test_a_world_where_a_setting_is_0_is_bit_for_bit_one_without_it(name: str) -> None:
    """Also beside a world in which it is not: settings may differ from world to world."""
    given = scenario(months=4, market={"pass_through": 0.5} if name == "price_elasticity" else {})
    alone, _ = run(given, replications=2)
    p = programme_of(given, 1, range(2))
    varied = given.market.model_copy(update={name: np.array([[0.0], [0.3]])})
    object.__setattr__(p, "scenario", p.scenario.model_copy(update={"market": varied}))
    world = opening(p)
    for _ in range(given.months):
        world = phases.month(world, p)
    for array in ("demand", "profit", "quality", "index", "sold"):
        assert np.array_equal(getattr(world, array)[0], getattr(alone, array)[0]), array
    assert not np.array_equal(world.profit[1], alone.profit[1])
