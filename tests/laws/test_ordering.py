"""Laws of orders that fill stocks up to a target, and of demand that remembers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from sim.beginning import opening
from sim.errors import ScenarioError
from sim.fields import Array
from sim.outcomes.base import outcomes
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.rules import market
from sim.world import World
from tests.worlds import QUIET, SMALL, scenario

UP_TO: dict[str, Any] = {"policy": "order_up_to", "lead_months": 2.0, "average_months": 4}
ROUGH: dict[str, Any] = {
    "market": {"demand_noise": 0.4},
    "risk": {"outage_rate": 0.1, "outage_loss": 0.9},
    "relations": {"review_every": 2},
}
"""Demand jumps, suppliers fail."""


def worlds(months: int, ordering: dict[str, Any], *parts: dict[str, Any]) -> tuple[list[World], Programme]:
    p = programme_of(scenario(QUIET, *parts, ordering=ordering), 1, range(2))
    seen = [opening(p)]
    for _ in range(months):
        seen.append(month(seen[-1], p))
    return seen, p


def at_customers(world: World, x: Array) -> Array:
    return world.links.at(world.links.customer, x)


@pytest.mark.parametrize("forecast", ["own", "shared"])
def test_what_comes_in_is_used_or_added_to_stock(forecast: str) -> None:
    seen, _ = worlds(24, {**UP_TO, "forecast": forecast, "lead_months": 1.0, "safety_months": 0.0}, ROUGH)
    bought_elsewhere = 0.0
    for before, after in pairwise(seen):
        came = after.shipped + after.missing + after.short
        gone = at_customers(after, after.volume + after.stock - before.stock)
        # Order shares of the month before: a review comes at its end.
        assert came == pytest.approx(before.requirement * gone, rel=1e-9, abs=1e-6)
        assert after.stock.min() >= 0.0
        assert (after.shipped + after.missing).min() >= 0.0
        bought_elsewhere += after.short.sum()
    assert bought_elsewhere > 0


def test_a_firm_expects_what_was_asked_of_it_not_what_it_could_make() -> None:
    seen, _ = worlds(12, UP_TO, ROUGH)
    for before, after in pairwise(seen):
        asked = np.divide(after.volume, after.on_time, out=np.zeros_like(after.volume), where=after.on_time > 0)
        known = after.on_time > 0
        assert after.recent[known, -1] == pytest.approx(asked[known])
        assert np.array_equal(after.recent[..., :-1], before.recent[..., 1:])
        assert after.forecast == pytest.approx(after.recent.mean(axis=2))
    assert min(w.on_time.min() for w in seen) < 0.9


def test_what_stock_lacks_is_bought_elsewhere_at_its_price_and_emissions_and_stock_costs_storage() -> None:
    ordering = {**UP_TO, "safety_months": 0.0, "holding_cost": 0.03}
    seen, p = worlds(8, ordering, ROUGH)
    world = next(w for w in seen[1:] if w.short.sum() > 0)
    links = world.links
    price = links.at(links.supplier, np.broadcast_to(p.traits.price, p.shape))
    paid = links.total(links.customer, 1.2 * price * (world.missing + world.short))
    assert -world.ledger.firm["spot"] == pytest.approx(paid)
    stored = 0.03 * world.stock * links.total(links.customer, world.requirement * price)
    assert -world.ledger.firm["storage"] == pytest.approx(stored)
    assert stored.sum() > 0
    outside = outcomes()["emissions_outside"].series(world, p)["emissions_outside"]
    assert outside == pytest.approx(links.by_world((world.missing + world.short) * world.missing_intensity))
    held = outcomes()["input_stock"].series(world, p)
    assert sum(held.values()) == pytest.approx(stored.sum(axis=1) / 0.03)
    ordered = outcomes()["inputs_ordered"].series(world, p)
    assert sum(ordered.values()) == pytest.approx(links.by_world(world.shipped + world.missing))
    assert not outcomes()["input_stock"].series(*plain())


def plain() -> tuple[World, Programme]:
    seen, p = worlds(1, {})
    return seen[-1], p


@pytest.mark.parametrize("forecast", ["own", "shared"])
@pytest.mark.parametrize("safety", [0.5, 1.0])
def test_where_demand_stands_still_orders_are_what_is_used(forecast: str, safety: float) -> None:
    filling, p = worlds(6, {**UP_TO, "forecast": forecast, "safety_months": safety})
    passing, _ = worlds(6, {})
    for full, empty in zip(filling[1:], passing[1:], strict=True):
        assert full.volume == pytest.approx(empty.volume, rel=1e-12)
        assert full.profit == pytest.approx(empty.profit, rel=1e-9)
        assert full.stock == pytest.approx((2.0 + safety - 1.0) * full.usual_volume)
        assert not full.short.any()
    assert p.scenario.ordering.holding_stock


def test_after_a_month_of_higher_demand_stock_is_filled_up_and_run_down_again() -> None:
    """A pulse d: the seller orders (1 + L/p) d for it, and L/p d less when the pulse leaves the average."""
    p = programme_of(scenario(QUIET, ordering={**UP_TO, "lead_months": 3.0, "average_months": 5}), 1, [0])
    world, root = month(opening(p), p), p.network.index("anchor")
    usual = float(world.volume[0, root])
    # As if 10 % more had been asked for and made.
    volume, recent, stock = world.volume.copy(), world.recent.copy(), world.stock.copy()
    volume[0, root], recent[0, root, -1] = 1.1 * usual, 1.1 * usual
    stock[0, root] -= 0.1 * usual
    world = world.but(volume=volume, recent=recent, stock=stock, forecast=recent.mean(axis=2))
    needs = world.links.total(world.links.customer, world.requirement)[0, root] * usual
    rise = []
    for _ in range(8):
        world = month(world, p)
        ordered = world.links.total(world.links.customer, world.shipped + world.missing)[0, root]
        rise.append(ordered / needs - 1.0)
    assert rise == pytest.approx([0.1 * (1 + 3 / 5), 0.0, 0.0, 0.0, 0.0, -0.1 * 3 / 5, 0.0, 0.0], abs=1e-12)


def swings(ordering: dict[str, Any]) -> list[float]:
    """Standard deviation of what manufacturers and tier 1 order, relative to its mean."""
    seen, p = worlds(60, ordering, {"market": {"demand_noise": 0.03}})
    series = [outcomes()["inputs_ordered"].series(world, p) for world in seen[12:]]
    assert list(series[0]) == ["inputs_ordered:manufacturers", "inputs_ordered:tier 1", "inputs_ordered:tier 2"]
    return [
        float(
            np.mean(
                np.std([s[f"inputs_ordered:{group}"] for s in series], axis=0) / series[0][f"inputs_ordered:{group}"]
            )
        )
        for group in ("manufacturers", "tier 1")
    ]


def test_orders_swing_more_up_the_chain_and_less_where_forecasts_are_shared() -> None:
    own, shared = swings(UP_TO), swings({**UP_TO, "forecast": "shared"})
    assert own[0] == pytest.approx(shared[0])
    assert own[0] < shared[1] < own[1]
    longer = swings({**UP_TO, "average_months": 8})
    assert longer[1] < own[1]


def test_a_stock_that_cannot_last_a_month_is_refused() -> None:
    with pytest.raises(ScenarioError, match="sum to at least 1"):
        scenario(ordering={"policy": "order_up_to", "lead_months": 0.5, "safety_months": 0.4})


# demand


@pytest.mark.parametrize("memory", [-0.6, 0.0, 0.8])
def test_demand_has_the_memory_and_the_spread_it_is_given(memory: float) -> None:
    given = scenario(QUIET, market={"demand_noise": 0.2, "demand_memory": memory}, network={**SMALL, "buyers": 1})
    p = programme_of(given, 1, range(300))
    world, series = opening(p), []
    for _ in range(14):
        world = month(world, p)
        series.append(np.log(world.demand.ravel()[p.roots]))
    z = (np.array(series) - np.log(p.traits.demand.max()) + 0.02) / 0.2
    error = 1.0 / np.sqrt(300 * 14 * (1 - abs(memory)) / (1 + abs(memory)))
    assert z.mean() == pytest.approx(0.0, abs=4 * error)
    assert z[0].var() == pytest.approx(1.0, abs=0.35)
    assert z.var() == pytest.approx(1.0, abs=0.15)
    for lag in (1, 3):
        assert np.mean(z[lag:] * z[:-lag]) == pytest.approx(memory**lag, abs=0.09)


def test_noise_keeps_its_spread_whatever_the_memory() -> None:
    rng = np.random.default_rng(1)
    z, fresh = rng.normal(size=(2, 200_000))
    for memory in (-0.9, 0.3, 0.99):
        assert market.remembered(z, fresh, memory).std() == pytest.approx(1.0, abs=0.01)
    assert np.array_equal(market.remembered(z, fresh, 0.0), fresh)
