"""Laws of margins that the firms of a chain set: best replies, books, and what effort is worth by the demand it wins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.errors import ScenarioError
from sim.month.knowing import believed
from sim.month.pricing import stakes
from sim.outcomes.base import outcomes
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.rules.pricing import margins_of_stages
from sim.world import World
from tests.worlds import QUIET, scenario

ELASTICITY, RESPONSE = 0.8, 0.5
MARKET: dict[str, Any] = {"price_elasticity": ELASTICITY, "demand_response": RESPONSE, "awareness": 0.9}
CHAIN: dict[str, Any] = {
    "kind": "listed",
    "firms": [{"id": "m", "demand": 100.0, "price": 50.0}, {"id": "a"}, {"id": "b"}, {"id": "c"}],
    "links": [
        {"supplier": "a", "customer": "m", "input_group": "x", "units_per_unit": 0.6},
        {"supplier": "b", "customer": "m", "input_group": "y", "units_per_unit": 0.3},
        {"supplier": "c", "customer": "a", "units_per_unit": 0.2},
    ],
}
"""m sells; a and b supply it, and c supplies a."""


def lived(months: int, pricing: dict[str, Any], quality: float = 0.4, **more: Any) -> tuple[World, Programme]:
    held = [{"kind": "fixed", "quality": 0.4, "abatement": 0.2}]
    p = programme_of(scenario(QUIET, network=CHAIN, behaviours=held, market=MARKET, pricing=pricing, **more), 1, [0])
    world, firm = opening(p), p.network.index("a")

    def other(chosen: World) -> World:
        efforts = chosen.quality.copy()
        efforts[0, firm] = quality
        return chosen.but(quality=efforts)

    for _ in range(months):
        world = month(world, p, other)
    return world, p


def of_firms(x: np.ndarray, p: Programme) -> dict[str, float]:
    return {name: float(x[0, p.network.index(name)]) for name in ("m", "a", "b", "c")}


@pytest.mark.parametrize("counts", [[3], [1, 1], [2, 3], [1, 2, 1], [2, 1, 2]])
def test_each_margin_is_the_best_reply_to_those_beside_it_given_what_is_added_later(counts: list[int]) -> None:
    stage = np.repeat(np.arange(len(counts))[::-1], counts)
    n = len(stage)
    setting, everybody = np.ones(n), lambda x: np.full_like(x, x.sum())
    own, left = margins_of_stages(setting, stage, everybody, lambda x: x)
    assert own.sum() < 1.0

    def sold(margins: np.ndarray, from_stage: int) -> float:
        """Demand 1 - sum of margins, those of later stages being what is best for them after these."""
        rest = 1.0 - margins[stage >= from_stage].sum()
        for later in range(from_stage - 1, -1, -1):
            rest /= (stage == later).sum() + 1
        return float(rest)

    for firm in range(n):

        def profit(change: float, firm: int = firm) -> float:
            margins = own.copy()
            margins[firm] += change
            return float(margins[firm] * sold(margins, int(stage[firm])))

        best = profit(0.0)
        assert best > max(profit(0.01), profit(-0.01))
        assert (profit(1e-4) - profit(-1e-4)) / 2e-4 == pytest.approx(0.0, abs=1e-9)
        change = np.zeros(n)
        change[firm] = 1e-3
        # A change of demand that comes after a firm has set its margin is shared with those after it.
        assert left[firm] == pytest.approx(np.prod([1.0 / (c + 1) for c in counts[len(counts) - stage[firm] :]]))


def test_who_sets_no_margin_gets_none_and_does_not_count() -> None:
    setting, stage = np.array([1.0, 0.0, 1.0]), np.array([1, 1, 0])
    own, _ = margins_of_stages(setting, stage, lambda x: np.full_like(x, x.sum()), lambda x: x)
    assert own.tolist() == [0.5, 0.0, 0.25]


@pytest.mark.parametrize(
    ("pricing", "parts"),
    [
        ({"kind": "nash"}, {"m": 1 / 5, "a": 1 / 5, "b": 1 / 5, "c": 1 / 5}),
        ({"kind": "leader"}, {"c": 1 / 2, "a": 1 / 6, "b": 1 / 6, "m": 1 / 12}),
        ({"kind": "nash", "applies_to": {"role": "supplier"}}, {"a": 1 / 3, "b": 1 / 3}),
    ],
)
def test_margins_lower_demand_and_are_paid_by_the_market(pricing: dict[str, Any], parts: dict[str, float]) -> None:
    if "applies_to" in pricing:
        pricing = {**pricing, "applies_to": {"role": "supplier", "tier": 1}}
        parts = {"b": 1 / 2}  # a buys in the network itself, and counts as a manufacturer
    world, p = lived(6, pricing)
    theta = 0.5 * 0.4 + 0.5 * 0.2
    carriers = world.chains.by_chain(world.weight * world.chains.at_firm(1.0 - p.traits.producer * np.ones(p.shape)))
    whole = 1.0 + RESPONSE * 0.9 * float(world.index[0, 0])
    assert world.index[0, 0] == pytest.approx(theta)
    assert float(carriers[0, 0]) >= 0.0
    root = p.network.index("m")
    assert world.demand[0, root] == pytest.approx(100.0 * whole * (1.0 - sum(parts.values())))
    booked = of_firms(world.ledger.firm["margins"], p)
    sales = 50.0 * world.sold[0, root]
    for name, part in parts.items():
        assert booked[name] == pytest.approx(part * whole / ELASTICITY * sales)
    assert sum(booked.values()) == pytest.approx(float((world.markup * p.traits.price * world.sold).sum()))
    welfare = outcomes()["welfare"].series(world, p)["welfare"]
    carbon = 0.3 * world.emissions.sum(axis=1)
    spending = -sum(x.sum(axis=1) for x in world.ledger.regulator.values()) if world.ledger.regulator else 0.0
    assert welfare == pytest.approx(world.profit.sum(axis=1) - spending - carbon - sum(booked.values()))


def term(p: Programme, name: str) -> Any:
    return next(t for t in p.private.terms if t.name == name)


@pytest.mark.parametrize(
    "pricing", [{"kind": "leader"}, {"kind": "nash", "applies_to": {"chain": "a", "role": "manufacturer", "tier": 1}}]
)
def test_who_sets_its_margin_first_or_alone_weighs_what_the_books_then_pay(pricing: dict[str, Any]) -> None:
    """a's margin moves too, but at its best a small change of it is worth nothing."""
    if pricing["kind"] == "leader":
        pricing = {"kind": "leader", "applies_to": {"tier": [0, 1]}}
    more, less, now = (lived(8, pricing, quality)[0] for quality in (0.42, 0.38, 0.4))
    _, p = lived(1, pricing)
    firm = p.network.index("a")
    booked = (more.ledger.firm["margins"] - less.ledger.firm["margins"])[0, firm] / 0.04
    known = believed(phases.shocks(now, p), p)
    acts = known.acts.varied("quality", 1e-3)
    both = term(p, "margins").payment(known, acts)[:, 0, firm]
    slope = (both[0] - both[1]) / 2e-3
    assert slope > 0
    if pricing["kind"] == "nash":
        assert slope == pytest.approx(booked, rel=2e-3)
    else:
        # b sets its margin at the same time and takes a part of what a wins: a reckons with m alone, as Nash would.
        assert slope == pytest.approx(1.5 * booked, rel=2e-3)


def test_in_a_game_of_all_at_once_a_firm_takes_the_margins_of_others_as_given() -> None:
    world, p = lived(6, {"kind": "nash"})
    known = believed(phases.shocks(world, p), p)
    both = term(p, "margins").payment(known, known.acts.varied("quality", 1e-3))
    slope = of_firms((both[0] - both[1]) / 2e-3, p)
    own, left = stakes(world, p)
    assert np.all(left[own > 0] == 1.0)
    weight = of_firms(world.chains.by_firm(world.weight), p)
    margin = of_firms(world.chains.by_firm(world.margin), p)
    for name in slope:
        expected = margin[name] * 50.0 * 100.0 * RESPONSE * 0.9 * weight[name] * 0.5
        assert slope[name] == pytest.approx(expected, rel=1e-6)
    assert own.max() == pytest.approx(0.2)


def test_effort_may_cost_a_share_of_what_is_sold_at_usual_demand() -> None:
    plant = {"technology": {**QUIET["technology"], "effort_base": "plant"}}
    (usual, p), (varying, _) = lived(6, {"kind": "nash"}, **plant), lived(6, {"kind": "nash"})
    root = p.network.index("m")
    cost, less = (-w.ledger.firm["effort"][0, root] for w in (usual, varying))
    assert cost == pytest.approx(less * 100.0 / usual.volume[0, root])
    assert cost > 2.0 * less
    carrier = p.traits.logistics.start
    assert usual.ledger.firm["effort"][0, carrier] == varying.ledger.firm["effort"][0, carrier]


def test_margins_without_customers_who_mind_prices_are_refused() -> None:
    with pytest.raises(ScenarioError, match="price_elasticity above 0"):
        scenario(pricing={"kind": "nash"})
    with pytest.raises(ScenarioError, match="fixed attributes"):
        scenario(pricing={"kind": "nash", "applies_to": {"member": True}}, market={"price_elasticity": 1.0})
