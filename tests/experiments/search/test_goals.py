"""Objectives and constraints of a search: what they say of a candidate, and how sure it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sim.experiments.search.goals import Constraint, Objective
from sim.fields import Array
from sim.statistics.robust import over_points, rank_of

DIRECTIONS: tuple[Any, ...] = ("lower", "higher")
DRAWS = 2000
"""Samples of a known process; a share that should be 95 % is then known to about half a point."""


def constraint(**given: Any) -> Constraint:
    return Constraint(outcome="emissions", **given)


def sampled(means: list[float], replications: int = 6, shared: float = 0.5) -> Array:
    """(draw, point, replication): normal around the means, points correlated as by common random numbers."""
    rng = np.random.default_rng(3)
    common = rng.normal(size=(DRAWS, 1, replications))
    own = rng.normal(size=(DRAWS, len(means), replications))
    return np.array(means)[:, None] + shared * common + (1 - shared) * own


@pytest.mark.parametrize(("how", "quantile"), [("mean", None), ("worst", None), ("quantile", 0.5), ("quantile", 0.25)])
@pytest.mark.parametrize("means", [[0.0], [0.0, 0.0, 0.0, 0.0], [-2.0, -1.0, 0.0, 0.1]])
@pytest.mark.parametrize("shared", [0.0, 0.5])
def test_bounds_hold_as_often_as_they_say(how: Any, quantile: float, means: list[float], shared: float) -> None:
    """Whether points have random numbers in common or not."""
    rank = rank_of(quantile or 1.0, len(means))
    true = np.mean(means) if how == "mean" else sorted(means)[rank - 1]
    found = [over_points(values, how, quantile, 0.9) for values in sampled(means, shared=shared)]
    three_errors = 3 * np.sqrt(0.9 * 0.1 / DRAWS)
    assert np.mean([true <= f.high for f in found]) > 0.9 - three_errors
    assert np.mean([true >= f.low for f in found]) > 0.9 - three_errors


def test_a_bound_on_one_mean_is_no_wider_than_it_says() -> None:
    found = [over_points(values, "worst", None, 0.9) for values in sampled([0.0])]
    assert np.mean([f.high >= 0 for f in found]) < 0.9 + 3 * np.sqrt(0.9 * 0.1 / DRAWS)


def test_a_quantile_is_what_a_share_of_the_points_does_not_exceed() -> None:
    values = np.array([[3.0, 3.0], [1.0, 1.0], [4.0, 4.0], [2.0, 2.0]])
    assert [over_points(values, "quantile", q, 0.5).value for q in (0.25, 0.26, 0.5, 0.75, 0.76)] == [1, 2, 2, 3, 4]
    assert over_points(values, "worst", None, 0.5).value == 4.0
    assert over_points(values, "mean", None, 0.5).value == 2.5


def test_a_limit_that_is_the_mean_is_met_as_often_as_the_confidence_leaves() -> None:
    """With the limit at the true mean the bound lies on the right side in a share of 1 - confidence."""
    limit = constraint(at_most=0.0, confidence=0.9)
    met = np.mean([limit.of({"emissions": values}, {}).met for values in sampled([0.0])])
    assert met == pytest.approx(0.1, abs=3 * np.sqrt(0.9 * 0.1 / DRAWS))


def test_changes_are_paired_with_the_base() -> None:
    """The base and the candidate move together, so a fall of 1 is sure although both vary by 100."""
    rng = np.random.default_rng(1)
    base = 1000.0 + 100.0 * rng.normal(size=(1, 5))
    tried = {"emissions": base - 1.0 + 0.1 * rng.normal(size=(1, 5))}
    assert constraint(change_at_most=-0.5).of(tried, {"emissions": base}).met
    assert not constraint(change_at_least=-0.5).of(tried, {"emissions": base}).met
    assert not constraint(at_most=float(base.mean()) - 0.5).of(tried, {"emissions": base}).met


def test_a_relative_change_is_of_the_mean_of_the_base_at_the_same_point() -> None:
    base = np.array([[100.0, 110.0], [-200.0, -180.0]])
    tried = {"emissions": np.array([[84.0, 84.0], [-228.0, -228.0]])}
    each = [
        constraint(change_at_most="-10%", confidence=0.5).of(
            {"emissions": tried["emissions"][[n]]}, {"emissions": base[[n]]}
        )
        for n in range(2)
    ]
    assert [c.value for c in each] == pytest.approx([84 / 105 - 1, -38 / 190])
    assert all(c.met and c.bound == c.value for c in each)
    both = constraint(change_at_most="-20.5%", confidence=0.5).of(tried, {"emissions": base})
    assert not both.met
    assert both.margin == pytest.approx(0.205 - 0.2)


def test_the_bound_of_a_relative_change_holds_as_often_as_it_says() -> None:
    """The base's mean is an estimate too, and the bound takes that in."""
    rng = np.random.default_rng(8)
    base = 10.0 + 3.0 * rng.normal(size=(DRAWS, 1, 6))
    tried = 8.0 + 0.8 * (base - 10.0) + 1.0 * rng.normal(size=(DRAWS, 1, 6))
    limit = constraint(change_at_most="-20%", confidence=0.9)
    met = np.mean([limit.of({"emissions": x}, {"emissions": b}).met for x, b in zip(tried, base, strict=True)])
    assert met == pytest.approx(0.1, abs=3 * np.sqrt(0.9 * 0.1 / DRAWS))


@pytest.mark.parametrize(("robust", "met"), [("worst", False), ("mean", True), ("quantile", True)])
def test_a_constraint_is_met_at_every_point_or_as_asked(robust: Any, met: bool) -> None:
    values = np.array([[1.0, 1.1], [2.0, 2.1], [3.0, 6.0]])
    limit = constraint(at_most=4.0, robust=robust, confidence=0.5, quantile=0.6 if robust == "quantile" else None)
    assert limit.of({"emissions": values}, {}).met is met


@pytest.mark.parametrize("how", ["mean", "worst"])
def test_a_replication_that_the_base_lacks_does_not_count(how: Any) -> None:
    rng = np.random.default_rng(4)
    base, tried = 10.0 + rng.normal(size=(2, 6)), 8.0 + rng.normal(size=(2, 6))
    lacking = base.copy()
    lacking[1, 3] = np.nan
    limit = constraint(change_at_most="-5%", robust=how)
    found = limit.of({"emissions": tried[1:]}, {"emissions": lacking[1:]})
    there = [0, 1, 2, 4, 5]
    assert found == limit.of({"emissions": tried[1:, there]}, {"emissions": base[1:, there]})
    assert np.isfinite(limit.of({"emissions": tried}, {"emissions": lacking}).bound)


def test_what_should_be_high_is_bounded_from_below() -> None:
    values = np.array([[1.0, 2.0, 3.0]])
    found = constraint(at_least=1.9, confidence=0.9).of({"emissions": values}, {})
    assert found.value == 2.0
    assert found.bound == pytest.approx(2.0 - 1.885618 / np.sqrt(3))
    assert not found.met


def test_without_a_spread_nothing_is_sure() -> None:
    one = {"emissions": np.array([[1.0]])}
    assert not constraint(at_most=5.0).of(one, {}).met
    assert constraint(at_most=5.0, confidence=0.5).of(one, {}).met


def test_the_worst_of_what_should_be_high_is_the_lowest() -> None:
    values = {"profit": np.array([[1.0, 1.0], [5.0, 5.0], [3.0, 3.0]])}
    assert Objective(outcome="profit", direction="higher", robust="worst").of(values).value == 1.0
    assert Objective(outcome="profit", direction="lower", robust="worst").of(values).value == 5.0
    most = Objective(outcome="profit", direction="higher", robust="quantile", quantile=0.6)
    assert most.of(values).value == 3.0


def test_the_interval_of_what_should_be_high_is_the_same_as_of_what_should_be_low() -> None:
    values = {"profit": np.array([[1.0, 2.0, 4.0], [3.0, 4.0, 9.0]])}
    low, high = (Objective(outcome="profit", direction=d).of(values) for d in DIRECTIONS)
    assert low == high
    assert low.low < low.value < low.high


def test_regret_is_the_largest_loss_against_the_best_at_a_point() -> None:
    values = {"profit": np.array([[4.0, 4.0], [5.0, 7.0]])}
    best = -np.array([[9.0, 9.0], [8.0, 8.0]])
    regret = Objective(outcome="profit", direction="higher", robust="regret")
    assert regret.of(values, best).value == 5.0
    assert regret.lower


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "give one of"),
        ({"at_most": 1.0, "at_least": 0.0}, "at_most and at_least"),
        ({"change_at_most": "a fifth"}, "percentage"),
        ({"at_most": 1.0, "robust": "quantile"}, "quantile: missing"),
        ({"at_most": 1.0, "quantile": 0.5}, "goes with robust = quantile"),
        ({"at_most": 1.0, "confidence": 1.0}, "less than 1"),
    ],
)
def test_constraints_that_make_no_sense_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        constraint(**given)


def test_an_unknown_outcome_names_the_nearest() -> None:
    with pytest.raises(ValidationError, match="did you mean 'emissions'"):
        Objective(outcome="emision")
