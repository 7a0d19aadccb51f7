"""The exact best reply to the payoff as believed."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.errors import ScenarioError
from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.month import deciding
from sim.month.knowing import believed
from sim.payoff import Payoff, Term
from sim.programme import Programme, programme_of
from sim.rules import boxed
from sim.world import World
from tests.laws.test_isolation import BUSY
from tests.worlds import QUIET, run, scenario

BEST = [{"kind": "best_reply"}]

RULES: dict[str, dict[str, Any]] = {
    "plain": {},
    "everything": {k: v for k, v in BUSY.items() if k != "behaviours"},
    "weakest link": {"market": {"weakest_link": -3.0}, "benefit_sharing": {"kind": "value_added"}},
}


def morning(*parts: dict[str, Any], **more: Any) -> tuple[World, Programme, Known]:
    p = programme_of(scenario(*parts, **{"behaviours": BEST, **more}), 1, range(2))
    world = phases.shocks(opening(p), p)
    return world, p, believed(world, p)


def per_revenue(p: Programme, known: Known, quality: Array, abatement: Array, disclosure: Array) -> Array:
    value = p.private.value(known, Acts(quality, abatement, disclosure, known.acts.member))
    return np.divide(value, known.revenue, out=np.zeros_like(value), where=known.revenue > 0)


@pytest.mark.parametrize("rules", RULES)
def test_no_effort_pays_a_firm_better_than_its_best_reply(rules: str) -> None:
    world, p, known = morning(RULES[rules])
    best = phases.decide(world, p, known)
    most = per_revenue(p, known, best.quality, best.abatement, best.disclosure)
    least = deciding.least_disclosure(world, p)
    levels = np.linspace(0.0, 1.0, 7)
    for q, a, d in product(levels, levels, (0.0, 0.2, 0.5, 0.8, 1.0)):
        other = per_revenue(p, known, np.full(p.shape, q), np.full(p.shape, a), np.maximum(least, d))
        assert np.all(other <= most + 1e-9), (q, a, d)


@pytest.mark.parametrize("rules", ["plain", "weakest link"])
def test_at_a_best_reply_no_slope_is_left_but_outward_ones(rules: str) -> None:
    world, p, known = morning(RULES[rules])
    best = phases.decide(world, p, known)
    trading = known.revenue > 0
    for name in ("quality", "abatement"):
        step = {n: getattr(best, n) for n in ("quality", "abatement", "disclosure")}
        up, down = (per_revenue(p, known, **(step | {name: step[name] + h})) for h in (1e-4, -1e-4))
        slope, effort = (up - down) / 2e-4, step[name]
        within = trading & (effort > 1e-3) & (effort < 1.0 - 1e-3)
        assert within.sum() > 10, name
        assert np.abs(slope[within]).max() < 1e-6, name


def test_the_reply_to_a_quadratic_payoff_is_exact() -> None:
    """With U / S = b q + c a - 0.04 q^2 - 0.06 a^2 + 0.01 q a - 0.002 (d - 0.4)^2 the reply solves two linear
    equations."""
    rng = np.random.default_rng(1)
    world, p, _ = morning(QUIET)
    b, c = rng.uniform(0.005, 0.12, p.shape), rng.uniform(0.005, 0.09, p.shape)

    def payoff(known: Known, acts: Acts) -> Array:
        q, a, d = acts.quality, acts.abatement, acts.disclosure
        return known.revenue * (b * q + c * a - 0.04 * q**2 - 0.06 * a**2 + 0.01 * q * a - 0.002 * (d - 0.4) ** 2)

    p = replace(p, private=Payoff([Term("made up", payoff)]))
    known = believed(world, p)
    best = phases.decide(world, p, known)
    trading = known.revenue > 0
    determinant = 0.08 * 0.12 - 0.01**2
    quality, abatement = (0.12 * b + 0.01 * c) / determinant, (0.08 * c + 0.01 * b) / determinant
    inside = trading & (quality < 1.0) & (abatement < 1.0)
    assert inside.sum() > 10
    assert best.quality[inside] == pytest.approx(quality[inside], abs=1e-9)
    assert best.abatement[inside] == pytest.approx(abatement[inside], abs=1e-9)
    assert best.disclosure[trading] == pytest.approx(0.4, abs=1e-9)
    alone = (c + 0.01) / 0.12
    full = trading & (b - 0.08 + 0.01 * alone > 1e-4) & (alone < 1.0)
    assert full.sum() > 5
    assert np.all(best.quality[full] == 1.0)
    assert best.abatement[full] == pytest.approx(alone[full], abs=1e-9)


def test_damping_is_the_share_of_the_way_moved() -> None:
    world, p, known = morning(QUIET)
    best = phases.decide(world, p, known)
    for damping in (0.0, 0.3):
        behind, q, _ = morning(QUIET, behaviours=[{"kind": "best_reply", "damping": damping}])
        moved = phases.decide(behind, q, known)
        expected = world.quality + damping * (best.quality - world.quality)
        assert moved.quality == pytest.approx(expected, abs=1e-15)
    assert np.abs(best.quality - world.quality).max() > 0.01


def test_a_firm_without_revenue_stays_as_it_is() -> None:
    world, p, _ = morning(QUIET)
    idle = np.zeros(p.shape, dtype=bool)
    idle[:, 3] = True
    world = world.but(revenue=np.where(idle, 0.0, world.revenue))
    best = phases.decide(world, p, believed(world, p))
    assert not np.any((best.quality == world.quality) & ~idle)
    for name in ("quality", "abatement", "disclosure"):
        assert np.array_equal(getattr(best, name)[idle], getattr(world, name)[idle])


def test_the_other_efforts_reply_to_the_disclosure_that_is_mandated() -> None:
    """A payoff in which quality is worth as much as one discloses."""

    def payoff(known: Known, acts: Acts) -> Array:
        q, a, d = acts.quality, acts.abatement, acts.disclosure
        return known.revenue * (0.1 * q * d - 0.1 * q**2 - a**2 - d**2)

    world, p, _ = morning(QUIET, information={"kind": "platform", "minimum_disclosure": 0.8})
    p = replace(p, private=Payoff([Term("made up", payoff)]))
    best = phases.decide(world, p, believed(world, p))
    bound = (world.shared_near > 0) & (world.revenue > 0)
    assert best.disclosure[bound] == pytest.approx(0.8, abs=1e-12)
    assert best.quality[bound] == pytest.approx(0.4, abs=1e-9)


def test_exact_and_gradual_replies_come_to_rest_at_the_same_efforts() -> None:
    at_once, _ = run(scenario(QUIET, behaviours=BEST, months=10))
    gradual, _ = run(scenario(QUIET, months=250))
    trading = at_once.revenue > 0
    assert at_once.quality[trading] == pytest.approx(gradual.quality[trading], abs=1e-6)
    assert at_once.abatement[trading] == pytest.approx(gradual.abatement[trading], abs=1e-6)


@pytest.mark.parametrize("levels", [2, 3, 6])
@pytest.mark.parametrize("rules", ["plain", "everything"])
def test_with_levels_the_reply_is_the_best_of_them(rules: str, levels: int) -> None:
    world, p, known = morning(RULES[rules], behaviours=[{"kind": "best_reply", "levels": levels}])
    best = phases.decide(world, p, known)
    most = per_revenue(p, known, best.quality, best.abatement, best.disclosure)
    least = deciding.least_disclosure(world, p)
    steps = np.linspace(0.0, 1.0, levels)
    for q, a, d in product(steps, repeat=3):
        told = least + d * (1.0 - least)
        other = per_revenue(p, known, np.full(p.shape, q), np.full(p.shape, a), told)
        assert np.all(other <= most + 1e-12), (q, a, d)
    for chosen, low in ((best.quality, 0.0), (best.abatement, 0.0), (best.disclosure, least)):
        place = (chosen - low) / (1.0 - low) * (levels - 1)
        assert np.allclose(place, np.rint(place), atol=1e-9)
    assert len(np.unique(best.abatement)) > 1 or levels == 2


def test_of_levels_that_pay_the_same_a_firm_takes_the_one_next_to_what_it_does() -> None:
    def flat(points: Array) -> Array:
        return np.zeros(points[:, 0].shape)

    now = np.array([[0.3, 0.8], [0.2, 0.1], [0.5, 1.0]])
    low = np.array([[0.0, 0.0], [0.0, 0.0], [0.4, 1.0]])
    found = boxed.best_level(flat, now, low, np.ones_like(now), 3)
    assert found.tolist() == [[0.5, 1.0], [0.0, 0.0], [0.4, 1.0]]


@pytest.mark.parametrize(
    ("settings", "words"), [({"levels": 1}, "at least 2"), ({"levels": 3, "damping": 0.5}, "must be 1")]
)
def test_levels_that_mean_nothing_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        scenario(behaviours=[{"kind": "best_reply", **settings}])
