"""Results hold at whatever parameters they allow, not only at those that are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from sim.errors import UsageError
from sim.theory import case, cases

EXACT = sorted(name for name, found in cases().items() if not found.sampled)

MOST = 40
"""Firms at most."""

amounts = st.floats(0.01, 100.0)


def anything(name: str) -> SearchStrategy[dict[str, Any]]:
    """Numbers around what is shown first, for a case without a strategy of its own."""
    found: dict[str, SearchStrategy[Any]] = {}
    for field, value in case(name)():
        if isinstance(value, float):
            found[field] = st.floats(0.2 * value, 3.0 * value) if value else st.floats(0.0, 1.0)
        elif isinstance(value, int) and not isinstance(value, bool):
            found[field] = st.integers(1, max(2 * value, 8))
    return st.fixed_dictionaries(found)


@st.composite
def plants(draw: DrawFn) -> dict[str, Any]:
    """Abatement curves of some firms."""
    n = draw(st.integers(1, MOST))
    each = st.floats(0.001, 0.1)
    first = st.floats(-0.1, -0.001) if draw(st.booleans()) else st.just(0.0)
    return {
        "first_cost": draw(st.lists(first, min_size=n, max_size=n)),
        "slope": draw(st.lists(each, min_size=n, max_size=n)),
        "baseline": draw(st.lists(st.floats(10.0, 1000.0), min_size=n, max_size=n)),
    }


@st.composite
def priced(draw: DrawFn) -> dict[str, Any]:
    return draw(plants()) | {"price": draw(st.floats(0.0, 5.0))}


@st.composite
def traded(draw: DrawFn) -> dict[str, Any]:
    """Tonnes to be abated that leave every firm something to do and something to spare."""
    found = draw(plants())
    curves = list(zip(found["first_cost"], found["slope"], found["baseline"], strict=True))
    least = sum(-alpha / gamma for alpha, gamma, _ in curves)
    dearest = min(alpha + gamma * most for alpha, gamma, most in curves)
    most = min(least + dearest * sum(1.0 / gamma for _, gamma, _ in curves), len(curves) * min(found["baseline"]))
    assume(most > 1.01 * least)
    found["abated"] = least + draw(st.floats(0.05, 0.95)) * (most - least)
    found["allocation"] = draw(st.sampled_from(["grandfathered", "benchmarked", "auctioned"]))
    return found


@st.composite
def liable(draw: DrawFn) -> dict[str, Any]:
    loss = draw(amounts)
    return {"loss": loss, "cost": loss * draw(st.floats(1.0, 20.0)), "liability": draw(st.floats(0.06, 1.0))}


@st.composite
def rising(draw: DrawFn) -> dict[str, Any]:
    steps = draw(st.lists(amounts, min_size=2, max_size=MOST))
    return {"needs": [sum(steps[: n + 1]) for n in range(len(steps))]}


@st.composite
def partnered(draw: DrawFn) -> dict[str, Any]:
    """A connected graph of up to 40 firms, and complements as strong as leave efforts a rest point."""
    n = draw(st.integers(3, MOST))
    # Every firm but the first has a partner among those before it; more pairs come on top.
    tree = [(draw(st.integers(1, k - 1)), k) for k in range(2, n + 1)]
    ends = st.integers(1, n)
    more = draw(st.lists(st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1]), max_size=2 * n))
    pairs = {(min(pair), max(pair)) for pair in (*tree, *more)}
    graph = np.zeros((n, n))
    for i, j in pairs:
        graph[i - 1, j - 1] = graph[j - 1, i - 1] = 1.0
    strength = draw(st.floats(0.05, 0.9))
    return {
        "links": [f"{i}-{j}" for i, j in pairs],
        "phi": strength / float(np.linalg.eigvalsh(graph)[-1]),
        "firm": draw(ends),
    }


@st.composite
def greened(draw: DrawFn) -> dict[str, Any]:
    """A market that there is at cost, and greening that comes to rest."""
    price, greening, cost = draw(amounts), draw(amounts), draw(amounts)
    return {
        "price": price,
        "greening": greening,
        "unit_cost": cost,
        "market": price * cost * draw(st.floats(1.05, 20.0)),
        "investment": greening**2 / (2.0 * price) * draw(st.floats(1.0, 20.0)),
    }


STRATEGIES: dict[str, SearchStrategy[dict[str, Any]]] = {
    "carbon_price": priced(),
    "complementarities": partnered(),
    "emission_responsibility": st.fixed_dictionaries({
        "emissions": st.lists(st.floats(0.0, 100.0), min_size=2, max_size=MOST),
        "second_customer": st.floats(0.0, 1.0),
        "graph": st.integers(0, 10_000),
    }),
    "emissions_trading": traded(),
    "leader_sponsor": st.fixed_dictionaries({
        "leader_benefit": amounts, "follower_benefit": st.floats(0.2, 5.0), "cost": amounts,
    }),
    "quality_cost_share": liable(),
    "greening_stackelberg": greened(),
    "river_sharing": st.fixed_dictionaries({"costs": st.lists(st.floats(0.0, 100.0), min_size=2, max_size=MOST)}),
    "shapley_airport": rising(),
    "teams_concave": st.fixed_dictionaries({
        "firms": st.integers(1, MOST), "benefit": amounts, "saturation": amounts, "cost": amounts,
    }),
    "teams": st.fixed_dictionaries({"firms": st.integers(1, MOST), "benefit": amounts, "cost": amounts}),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_an_exact_result_holds_at_any_parameters(name: str) -> None:
    @settings(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(STRATEGIES.get(name, anything(name)))
    def holds(parameters: dict[str, Any]) -> None:
        try:
            at = case(name).at(parameters)
        except UsageError:
            assume(False)
        assert [r for r in at.checks(effort="quick") if not r.passed] == []

    holds()


@pytest.mark.parametrize(("cost", "gain"), [(16.0, 0.8), (16.0, 0.06), (2.2, 0.8)])
def test_the_inspection_game_holds_at_the_bounds_of_what_it_allows(cost: float, gain: float) -> None:
    rows = case("inspection_game").check(effort="quick", cost=cost, gain=gain, harm=20.0, fine=1.0)
    assert [r for r in rows if not r.passed] == []


@pytest.mark.parametrize(("effort_cost", "inspection_cost"), [(0.8, 1.2), (1.58, 1.2)])
def test_a_buyer_and_its_supplier_come_to_rest_wherever_they_may(effort_cost: float, inspection_cost: float) -> None:
    given = case("supplier_inspection").at({"effort_cost": effort_cost, "inspection_cost": inspection_cost})
    assert [r for r in given.checks(effort="quick") if not r.passed] == []
