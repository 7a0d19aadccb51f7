"""Laws of a premium that saturates: what customers pay for more green quality falls with what there is of it."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pytest

from benchmarks.plain.model import run_plain
from sim.ensemble import run_block
from sim.month.knowing import true
from tests.worlds import EVERYBODY, QUIET, run, scenario

HELD: dict[str, Any] = {"behaviours": [{"kind": "fixed", "quality": 0.9, "abatement": 0.4}]}
STAR: dict[str, Any] = {
    "kind": "listed",
    "firms": [{"id": "m", "demand": 100.0, "price": 50.0}, {"id": "a"}, {"id": "b"}, {"id": "c"}],
    "links": [{"supplier": s, "customer": "m", "input_group": s, "units_per_unit": 0.3} for s in ("a", "b", "c")],
}


def paid(**market: float) -> tuple[float, float]:
    """The green premium of the month, and the chain index."""
    world, _ = run(scenario(QUIET, HELD, market=market, network=STAR, months=2))
    return float(world.ledger.firm["premium"].sum()), float(world.index[0, 0])


@pytest.mark.parametrize("exponent", [1.0, -2.0])
@pytest.mark.parametrize("saturation", [0.3, 1.0, 2.0])
def test_the_premium_falls_short_by_half_of_h_times_the_square_of_the_index(saturation: float, exponent: float) -> None:
    whole, index = paid(weakest_link=exponent)
    less, same = paid(weakest_link=exponent, saturation=saturation)
    assert same == index
    assert 0.3 < index < 0.9
    assert less == pytest.approx(whole / index * (index - saturation * index**2 / 2))


@pytest.mark.parametrize(("exponent", "saturation"), [(1.0, 0.8), (-1.0, 0.8), (0.5, 0.0)])
def test_shapley_shares_are_those_of_the_game_counted_out(exponent: float, saturation: float) -> None:
    rule = {"kind": "shapley"}
    clear = {"kind": "platform", "accuracy_without": 1.0, "accuracy_with": 1.0, "noise": 0.0}
    given = scenario(
        QUIET,
        {
            "start": {**QUIET["start"], "spread": 0.2, "quality": 0.5},
            "behaviours": [{"kind": "imitate", "attempts": 0.0}],
        },
        market={"weakest_link": exponent, "saturation": saturation},
        network=STAR,
        benefit_sharing=rule,
        information=clear,
        programme=EVERYBODY,
        months=2,
    )
    world, p = run(given)
    known = true(world, p, "measure")
    shares = p.scenario.benefit_sharing.shares(known, known.acts)
    theta, weight = known.chains.at_firm(known.green_quality(known.acts)), known.weight
    n = len(weight)

    def worth(group: tuple[int, ...]) -> float:
        made = np.where(np.isin(np.arange(n), group), theta, 0.0)
        floored = np.maximum(made, 0.0 if exponent > 0 else 1e-6)
        index = (weight * floored**exponent).sum() ** (1 / exponent)
        return float(index - saturation * index**2 / 2)

    value = np.zeros(n)
    for i in range(n):
        others = [j for j in range(n) if j != i]
        for size in range(n):
            chance = factorial(size) * factorial(n - 1 - size) / factorial(n)
            value[i] += chance * sum(worth((*s, i)) - worth(s) for s in combinations(others, size))
    assert np.ptp(theta) > 0.05
    assert shares == pytest.approx(value / value.sum(), abs=1e-5)


def test_the_plain_model_pays_the_same() -> None:
    given = scenario(
        market={"saturation": 0.9}, benefit_sharing={"kind": "contribution"}, programme=EVERYBODY, months=5
    )
    ours, plain = run_block(given, 3, [1]).monthly, run_plain(given, 3, 1)
    for name in ("green_premium", "green_quality"):
        assert ours[name][:, 0] == pytest.approx(np.array(plain[name]), rel=1e-9), name


def test_firms_do_less_for_a_premium_that_saturates() -> None:
    def rest(saturation: float) -> float:
        given = scenario(QUIET, market={"saturation": saturation}, benefit_sharing={"kind": "value_added"}, months=60)
        return float(run(given)[0].quality.mean())

    assert rest(1.0) < rest(0.3) < rest(0.0)
