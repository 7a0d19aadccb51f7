"""Exact results hold at whatever parameters they allow, not only at those that are shown."""

from __future__ import annotations

from typing import Any

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


STRATEGIES: dict[str, SearchStrategy[dict[str, Any]]] = {
    "carbon_price": priced(),
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
    "river_sharing": st.fixed_dictionaries({"costs": st.lists(st.floats(0.0, 100.0), min_size=2, max_size=MOST)}),
    "shapley_airport": rising(),
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
