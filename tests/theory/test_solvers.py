"""The closed forms themselves, against solvers that know nothing of them."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import brentq, minimize, minimize_scalar

from sim.theory import case


def shapley(n: int, worth) -> list[float]:  # type: ignore[no-untyped-def]
    """The mean over all orders of what each player adds to those before it."""
    value = [0.0] * n
    for order in permutations(range(n)):
        for k, player in enumerate(order):
            value[player] += worth(set(order[: k + 1])) - worth(set(order[:k]))
    return [v / factorial(n) for v in value]


def test_the_shares_of_a_facility_are_the_shapley_value_of_its_game() -> None:
    needs = (0.5, 2.0, 3.5, 4.0, 9.0)
    found = case("shapley_airport").at({"needs": needs}).theory()
    assert list(found.values()) == pytest.approx(shapley(5, lambda who: max((needs[i] for i in who), default=0.0)))


def test_shared_upstream_a_river_costs_each_the_shapley_value_of_its_game() -> None:
    costs = (4.0, 0.0, 7.0, 2.0, 5.0)
    found = list(case("river_sharing").at({"costs": costs}).theory().values())
    # What a group must pay for: each stretch that any of them pollutes.
    worth = shapley(5, lambda who: sum(c for j, c in enumerate(costs) if any(i <= j for i in who)))
    assert found[:5] == list(costs)
    assert found[5:] == pytest.approx(worth)


def test_responsibility_for_emissions_is_the_shapley_value_of_its_game() -> None:
    given = case("emission_responsibility").at({"second_customer": 0.4, "graph": 11})
    graph, tonnes = given.network(), given.emissions  # type: ignore[attr-defined]
    reach = [{j} | nx.descendants(graph, j) for j in range(len(tonnes))]
    worth = shapley(6, lambda who: sum(a for j, a in enumerate(tonnes) if reach[j] & who))
    assert list(given.theory().values()) == pytest.approx(worth)


def test_a_team_rests_where_nobody_gains_by_another_effort() -> None:
    n, b, c = 4, 3.0, 5.0
    found = case("teams").at({"firms": n, "benefit": b, "cost": c}).theory()
    reply = minimize_scalar(lambda e: c * e**2 / 2 - b * e / n, bounds=(0, 2), method="bounded").x
    best = minimize(lambda e: np.sum(c * e**2 / 2) - b * np.sum(e), np.zeros(n)).x
    assert found["effort"] == pytest.approx(reply, abs=1e-5)
    assert found["first-best effort"] == pytest.approx(best[0], abs=1e-5)
    welfare = [n * (b * e - c * e**2 / 2) for e in (reply, best[0])]
    assert found["welfare ratio"] == pytest.approx(welfare[0] / welfare[1], abs=1e-5)


@pytest.mark.parametrize("leader", [0.4, 1.0, 6.0])
def test_the_leader_pays_the_share_that_is_best_for_it(leader: float) -> None:
    follower, c = 1.5, 4.0
    found = case("leader_sponsor").at({"leader_benefit": leader, "follower_benefit": follower, "cost": c}).theory()

    def loss(f: float) -> float:
        e = follower / ((1 - f) * c)
        return f * c * e**2 / 2 - leader * e

    share = minimize_scalar(loss, bounds=(0, 0.99), method="bounded", options={"xatol": 1e-9}).x
    assert found["share paid"] == pytest.approx(share, abs=1e-5)
    assert found["effort"] == pytest.approx(follower / ((1 - share) * c), abs=1e-4)


@pytest.mark.parametrize("a", [0.1, 0.4, 0.7])
def test_the_buyer_pays_the_share_of_quality_cost_that_is_best_for_it(a: float) -> None:
    loss, k = 3.0, 8.0
    found = case("quality_cost_share").at({"liability": a, "loss": loss, "cost": k}).theory()

    def bill(f: float) -> float:
        q = min(a * loss / ((1 - f) * k), 1.0)
        return (1 - a) * loss * (1 - q) + f * k * q**2 / 2

    share = minimize_scalar(bill, bounds=(0, 0.97), method="bounded", options={"xatol": 1e-9}).x
    assert found["share paid"] == pytest.approx(share, abs=1e-5)


def test_the_price_of_allowances_is_that_at_which_firms_abate_what_they_must() -> None:
    changes = {"first_cost": [-0.02, -0.05, -0.01], "abated": 100.0}
    trading = case("emissions_trading").at(changes)

    def missing(price: float) -> float:
        at = case("carbon_price").at({"first_cost": changes["first_cost"], "price": price})
        return sum(at.theory().values()) - 100.0

    assert trading.theory()["price"] == pytest.approx(brentq(missing, 0.0, 1.0), abs=1e-9)


def test_trading_costs_the_harmonic_over_the_arithmetic_mean_of_the_slopes() -> None:
    given = case("emissions_trading")()
    found, slope = given.theory(), np.array(given.slope)  # type: ignore[attr-defined]
    standard = found["cost of trading"] + found["saved by trading"]
    assert found["cost of trading"] / standard == pytest.approx(len(slope) / np.sum(1 / slope) / slope.mean())


def test_the_advantage_of_a_price_is_that_of_drawn_cost_shocks() -> None:
    sigma, c, b = 0.1, 0.01, 0.004
    found = case("prices_vs_quantities").at({"shock": sigma, "cost_slope": c, "benefit_slope": b}).theory()
    theta = np.random.default_rng(1).normal(0.0, sigma, 400_000)
    price, best = 1.0, 50.0

    def worth(q: np.ndarray | float) -> np.ndarray:
        benefit = price * (q - best) - b * (q - best) ** 2 / 2
        return benefit - (price + theta) * (q - best) - c * (q - best) ** 2 / 2

    advantage = np.mean(worth(best - theta / c) - worth(best))
    assert found["advantage of the price"] == pytest.approx(advantage, rel=0.02)


def test_learning_takes_the_same_part_off_with_every_doubling() -> None:
    for years in (1, 3, 7):
        (cost,) = case("learning_curve").at({"years": years, "exponent": 0.5}).theory().values()
        assert cost == pytest.approx(2.0 ** (-0.5 * np.log2(1 + years)))


def test_effort_in_a_team_is_the_best_reply_to_itself_where_benefit_saturates() -> None:
    n, a, h, c = 4, 3.0, 0.7, 1.3
    found = case("teams_concave").at({"firms": n, "benefit": a, "saturation": h, "cost": c}).theory()

    def benefit(total: float) -> float:
        return a * total - h * total**2 / 2

    def at_rest(gets) -> float:  # type: ignore[no-untyped-def]
        def off(each: float) -> float:
            others = (n - 1) * each
            reply = minimize_scalar(lambda e: c * e**2 / 2 - gets(e, e + others), bounds=(0, 20), method="bounded")
            return float(reply.x) - each

        return n * float(brentq(off, 1e-6, 10.0))

    assert found["equal shares"] == pytest.approx(at_rest(lambda e, total: benefit(total) / n), rel=1e-4)
    assert found["shares by effort"] == pytest.approx(at_rest(lambda e, total: benefit(total) * e / total), rel=1e-4)
    best = minimize_scalar(lambda e: n * c * e**2 / 2 - benefit(n * e), bounds=(0, 20), method="bounded").x
    assert found["first best"] == pytest.approx(n * best, rel=1e-4)
    efforts = (0.3, 0.8, 0.5)
    value = shapley(3, lambda who: benefit(sum(efforts[i] for i in who)))
    assert value == pytest.approx([benefit(1.6) * e / 1.6 for e in efforts])


def test_in_the_games_of_inspection_each_side_is_indifferent() -> None:
    game = case("inspection_game").at({"gain": 2.0, "fine": 5.0, "cost": 3.0, "harm": 10.0})
    found = game.theory()
    assert found["inspections"] * 5.0 == pytest.approx(2.0)
    assert found["violations"] * 10.0 == pytest.approx(3.0)
    assert found["violations if fines are kept"] * (10.0 + 5.0) == pytest.approx(3.0)
    p1, p2, effort, cost, reduction, failure, part = 0.04, 0.3, 0.7, 1.1, 7.0, 5.0, 0.2
    given = {
        "careful": p1, "careless": p2, "effort_cost": effort, "inspection_cost": cost, "reduction": reduction,
        "failure": failure, "supplier_part": part,
    }  # fmt: skip
    mixed = case("supplier_inspection").at(given).theory()

    def supplier(cares: bool) -> float:
        chance, seen = (p1 if cares else p2), mixed["inspections"]
        return -effort * cares - chance * (seen * reduction + (1 - seen) * part * failure)

    def buyer(inspects: bool) -> float:
        chance = mixed["effort"] * p1 + (1 - mixed["effort"]) * p2
        return chance * reduction - cost if inspects else -chance * (1 - part) * failure

    assert supplier(True) == pytest.approx(supplier(False))
    assert buyer(True) == pytest.approx(buyer(False))


def test_greening_is_what_firms_that_know_each_other_would_do() -> None:
    a, b, beta, cost, unit = 90.0, 1.4, 1.7, 5.0, 11.0
    game = case("greening_stackelberg").at(
        {"market": a, "price": b, "greening": beta, "investment": cost, "unit_cost": unit}
    )
    found = game.theory()

    def best(value, high: float) -> float:  # type: ignore[no-untyped-def]
        return float(
            minimize_scalar(lambda x: -value(x), bounds=(0.0, high), method="bounded", options={"xatol": 1e-10}).x
        )

    def sold(price: float, theta: float) -> float:
        return a - b * price + beta * theta

    def margin(theta: float, other: float) -> float:
        return best(lambda m: m * sold(unit + other + m, theta), 200.0)

    def first(theta: float) -> float:
        return best(lambda w: w * sold(unit + w + margin(theta, w), theta), 200.0)

    def leads(paid: float) -> float:
        def gain(theta: float) -> float:
            w = first(theta)
            return w * sold(unit + w + margin(theta, w), theta) - (1 - paid) * cost * theta**2

        return best(gain, 30.0)

    assert found["one firm"] == pytest.approx(
        best(lambda t: margin(t, 0.0) * sold(unit + margin(t, 0.0), t) - cost * t**2, 30.0), rel=1e-4
    )
    assert found["manufacturer first"] == pytest.approx(leads(0.0), rel=1e-3)
    assert found["manufacturer first, shared"] == pytest.approx(leads(found["share paid"]), rel=1e-3)

    def off(theta: float) -> float:
        each = brentq(lambda m: margin(theta, m) - m, 0.0, 100.0)
        return best(lambda t: each * sold(unit + 2 * each, t) - cost * t**2, 60.0) - theta

    assert found["both at once"] == pytest.approx(brentq(off, 0.0, 30.0), rel=1e-4)


@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_orders_vary_as_those_of_a_chain_that_is_followed_month_by_month(correlation: float) -> None:
    lead, average, months = 2.0, 5, 400_000
    found = case("bullwhip").at({"lead": lead, "average": average, "correlation": correlation}).theory()
    rng, demand = np.random.default_rng(3), np.zeros(months)
    fresh = rng.normal(size=months)
    for t in range(1, months):
        demand[t] = correlation * demand[t - 1] + np.sqrt(1 - correlation**2) * fresh[t]

    def mean(x: np.ndarray) -> np.ndarray:
        return np.convolve(x, np.ones(average) / average)[:months]

    own = shared = demand
    for stage in ("first", "second", "third"):
        own = own + lead * np.diff(mean(own), prepend=0.0)
        shared = shared + lead * np.diff(mean(demand), prepend=0.0)
        assert found[f"{stage}, own"] == pytest.approx(own.var() / demand.var(), rel=0.03)
        assert found[f"{stage}, shared"] == pytest.approx(shared.var() / demand.var(), rel=0.03)


def test_a_practice_spreads_as_its_rates_say() -> None:
    p, q, months = 0.02, 0.07, 25
    found = case("diffusion").at({"innovation": p, "imitation": q, "months": months}).theory()
    steps = 20_000
    share, ring = 0.0, 0.0
    for n in range(steps):
        t = n * months / steps
        share += (1 - share) * (p + q * share) * months / steps
        # In a ring a firm's neighbour has not adopted, given that it has not, with chance e^(-p t).
        ring += (1 - ring) * (p + q * (1 - np.exp(-p * t))) * months / steps
    assert found["everybody linked"] == pytest.approx(share, abs=1e-4)
    assert found["in a ring"] == pytest.approx(ring, abs=1e-4)
