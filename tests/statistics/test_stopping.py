"""Stopping when an interval is narrow enough leaves it its confidence; looks are where they were planned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from sim.errors import UsageError
from sim.fields import Array
from sim.statistics.paired import LEVEL, mean
from sim.statistics.stopping import Aim, Look, Stopped, looks, steps

EXPERIMENTS = 3000
CHANCE = 1e-3
"""Probability of missing a bound by chance."""


def at_least_covered(level: float = LEVEL) -> float:
    """Share of the experiments that cover, but for chance, if each does with this probability."""
    return float(stats.binom.ppf(CHANCE, EXPERIMENTS, level) / EXPERIMENTS)


def stopped_at(draw: Callable[[], Array], aim: Aim, at_least: int) -> list[Look]:
    """The last look of many experiments."""
    found = []
    for _ in range(EXPERIMENTS):
        values = draw()
        *_, last = looks(lambda n, values=values: {"a": values[:n]}, aim, at_least, len(values))
        found.append(last)
    return found


@pytest.mark.parametrize("at_least", [5, 10])
@pytest.mark.parametrize("enough", [14, 30])
def test_normal_outcomes_are_covered_as_often_as_said(at_least: int, enough: int) -> None:
    """enough: replications that would do if the standard deviation, 1, were known."""
    draws = np.random.default_rng(at_least * 100 + enough)
    asked = 1.96 / np.sqrt(enough)
    found = stopped_at(lambda: draws.standard_normal(12 * enough), Aim("x", half_width=asked), at_least)
    assert all(look.narrow and look.half_width <= asked for look in found)
    assert np.mean([abs(look.estimate) <= look.half_width for look in found]) >= at_least_covered()
    assert np.mean([abs(look.estimate) <= asked for look in found]) >= at_least_covered()
    assert enough < np.mean([look.replications for look in found]) < 2.5 * enough


def test_a_relative_error_is_not_exceeded_more_often_than_said() -> None:
    draws = np.random.default_rng(5)
    found = stopped_at(lambda: draws.normal(-8.0, 4.0, 600), Aim("x", relative=0.1), 10)
    assert all(look.narrow for look in found)
    assert np.mean([abs(look.estimate + 8.0) <= 0.1 * 8.0 for look in found]) >= at_least_covered()
    assert np.mean([abs(look.estimate + 8.0) <= look.half_width for look in found]) >= at_least_covered()


def test_a_skewed_outcome_is_covered_no_worse_than_by_the_first_look_alone() -> None:
    """Student's interval of a log-normal outcome covers it less often than it says, whoever decides on n."""
    draws = np.random.default_rng(6)
    spread = 0.5
    truth = np.exp(spread**2 / 2)
    asked = 1.96 * truth * np.sqrt(np.expm1(spread**2) / 80)
    found = stopped_at(lambda: np.exp(spread * draws.standard_normal(1000)), Aim("x", half_width=asked), 50)
    assert np.mean([abs(look.estimate - truth) <= asked for look in found]) >= at_least_covered()
    fixed = mean(np.exp(spread * draws.standard_normal((50, EXPERIMENTS))))
    alone = float(((fixed.low <= truth) & (truth <= fixed.high)).mean())
    assert alone < LEVEL
    of_two = stats.norm.isf(CHANCE) * np.sqrt(2 * alone * (1 - alone) / EXPERIMENTS)
    assert np.mean([abs(look.estimate - truth) <= look.half_width for look in found]) >= alone - of_two


def test_the_half_width_is_students_with_a_correction_that_vanishes() -> None:
    values = np.random.default_rng(7).normal(3.0, 1.0, 400)
    for at_least in (5, 50, 400):
        (look, *_) = looks(lambda n: {"a": values[:n]}, Aim("x", half_width=1e-9), at_least, 400)
        half = stats.t.ppf(0.975, at_least - 1) * stats.sem(values[:at_least])
        assert look.half_width == pytest.approx(half * (1 + 2 / at_least), rel=1e-12)
        assert look.estimate == pytest.approx(values[:at_least].mean(), rel=1e-12)
        assert not look.narrow


def test_looks_are_where_they_were_planned_and_end_with_the_budget() -> None:
    assert steps(10, 60) == (10, 15, 23, 35, 53, 60)
    assert steps(5, 5) == (5,)
    values = np.random.default_rng(8).normal(size=60)
    asked: list[int] = []
    found = list(looks(lambda n: asked.append(n) or {"a": values[:n]}, Aim("x", half_width=1e-3), 10, 60))  # type: ignore[func-returns-value]
    assert asked == [look.replications for look in found] == [10, 15, 23, 35, 53, 60]
    assert not Stopped(Aim("x", half_width=1e-3), 60, tuple(found)).reached


def test_all_intervals_must_be_narrow() -> None:
    draws = np.random.default_rng(9)
    wide, narrow = draws.normal(size=200), 0.1 * draws.normal(size=200)
    found = list(looks(lambda n: {"narrow": narrow[:n], "wide": wide[:n]}, Aim("x", half_width=0.3), 10, 200))
    stop = Stopped(Aim("x", half_width=0.3), 200, tuple(found))
    assert stop.reached
    assert [look.narrow for look in found[:2]] == [True, False]
    assert [look.scenario for look in stop.last] == ["narrow", "wide"]
    assert found[-1].replications > 10


def test_missing_replications_do_not_count_and_where_there_is_nothing_it_ends() -> None:
    values = np.random.default_rng(10).normal(size=30)
    holes = np.insert(values, 3, np.nan)
    (with_holes, *_), (without, *_) = (
        list(looks(lambda n, v=v: {"a": v}, Aim("x", half_width=1e-9), 5, 5)) for v in (holes, values)
    )
    assert [with_holes.estimate, with_holes.half_width] == pytest.approx([without.estimate, without.half_width])
    nothing = list(looks(lambda n: {"a": np.full(n, np.nan)}, Aim("x", half_width=1.0), 5, 500))
    assert len(nothing) == 1
    assert not nothing[0].narrow


def test_an_outcome_that_never_varies_is_known_at_the_first_look() -> None:
    for value in (0.0, 0.1):
        found = list(looks(lambda n, value=value: {"a": np.full(n, value)}, Aim("x", relative=0.01), 7, 500))
        assert [(look.replications, look.half_width, look.narrow) for look in found] == [(7, 0.0, True)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "until x: give either half_width or relative"),
        ({"half_width": 1.0, "relative": 0.1}, "until x: give either half_width or relative"),
        ({"half_width": 0.0}, "until x: half_width: given 0.0, allowed is a number above 0"),
        ({"relative": float("nan")}, "until x: relative: given nan, allowed is a number above 0"),
    ],
)
def test_impossible_aims_are_said(options: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Aim("x", **options)


def test_impossible_numbers_of_replications_are_said() -> None:
    with pytest.raises(UsageError, match="first look: given 4, allowed is at least 5"):
        steps(4, 100)
    with pytest.raises(UsageError, match="budget: given 49, allowed is at least the 50 replications of the first look"):
        steps(50, 49)
