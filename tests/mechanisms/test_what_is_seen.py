"""What a firm weighs of how others see it is what it is then paid on average: the noise of observation counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.fields import Array
from sim.month.knowing import believed, true
from sim.programme import Programme, programme_of
from sim.world import World
from tests.worlds import EVERYBODY, QUIET, scenario

HELD: dict[str, Any] = {
    "behaviours": [{"kind": "fixed", "quality": 0.2, "abatement": 0.2, "disclosure": 0.3}],
    "start": {"warmup": 0, "spread": 0.0, "quality": 0.2, "abatement": 0.2, "disclosure": 0.3},
    "information": {"kind": "platform"},
    "programme": EVERYBODY,
}
"""Nobody moves, and with the usual noise nobody is seen well."""

WORLDS, MONTHS = 40, 24


def held(incentive: dict[str, Any], **more: Any) -> tuple[World, Programme]:
    """Many worlds in which nobody moves, some months on."""
    p = programme_of(scenario(QUIET, HELD, {"incentives": [incentive]}, more), 1, range(WORLDS))
    world = opening(p)
    for _ in range(3):
        world = phases.month(world, p)
    return world, p


def weighed_and_paid(incentive: dict[str, Any], **more: Any) -> tuple[Array, Array]:
    """What firms weigh and what they get, means over worlds and months."""
    world, p = held(incentive, **more)
    weighed, paid = [], []
    for _ in range(MONTHS):
        known = phases.observe(phases.shocks(world, p), p)
        weighed.append(p.incentives[0].weighed(known, known.acts))
        world = phases.month(world, p)
        paid.append(world.ledger.firm[p.incentives[0].name])
    return np.mean(weighed, axis=(0, 1)), np.mean(paid, axis=(0, 1))


@pytest.mark.parametrize("winners", [2, 8])
def test_chances_to_win_a_tournament_add_up_to_the_prizes_that_are_won(winners: int) -> None:
    given = {"kind": "tournament", "winners": winners}
    weighed, paid = weighed_and_paid(given)
    assert weighed.sum() == pytest.approx(paid.sum(), rel=0.05)


def test_members_count_on_the_sanctions_that_they_will_meet() -> None:
    weighed, paid = weighed_and_paid({"kind": "peer_sanction"})
    assert paid.sum() < 0.0
    assert weighed.sum() == pytest.approx(paid.sum(), rel=0.03)


@pytest.mark.parametrize("bar", [0.1, 0.35])
def test_suppliers_count_on_the_orders_that_a_mandate_will_take(bar: float) -> None:
    world, p = held({"kind": "buyer_mandate", "bar": bar})
    mandate = p.scenario.incentives[0]
    known = believed(world, p)
    expected = mandate._below(known, known.acts)[:, p.traits.supplier].mean()  # type: ignore[attr-defined]
    found = []
    for month in range(3, 3 + MONTHS):
        seen = phases.shocks(world.but(month=month), p)
        truth = true(seen, p, "review")
        found.append(mandate._below(truth, truth.acts)[:, p.traits.supplier].mean())  # type: ignore[attr-defined]
    assert 0.02 < expected < 0.98
    assert np.mean(found) == pytest.approx(expected, abs=0.01)


def test_stars_that_are_counted_on_are_those_that_are_given() -> None:
    given = {"kind": "star_index", "every": 1, "environment": 1.0, "energy": 0.0, "carbon": 0.0}
    world, p = held(given)
    stars, known = [], phases.observe(phases.shocks(world, p), p)
    own = known.remembering({**world.memory["star_index"], "funded": 1.0})
    expected = p.scenario.incentives[0]._stars(own, own.acts).mean()  # type: ignore[attr-defined]
    for _ in range(MONTHS):
        world = phases.month(world, p)
        stars.append(world.memory["star_index"]["stars"][:, (world.revenue > 0)[0]].mean())
    assert np.mean(stars) == pytest.approx(expected, rel=0.03)
