"""Intervals agree with textbook methods; too little data gives no interval, and no warning."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.experiments import paired

X = np.array([3.1, 4.5, 2.2, 5.0, 3.9])
Y = np.array([2.0, 3.9, 1.7, 3.8, 3.1])
NOTHING = np.nan


def test_the_mean_has_students_interval() -> None:
    found = paired.mean(X)
    low, high = stats.t.interval(0.95, len(X) - 1, loc=X.mean(), scale=stats.sem(X))
    assert [found.value, found.low, found.high] == pytest.approx([X.mean(), low, high], rel=1e-12)


def test_the_paired_difference_has_the_interval_of_the_paired_t_test() -> None:
    found = paired.difference(X, Y)
    interval = stats.ttest_rel(X, Y).confidence_interval(0.95)
    assert [found.low, found.high] == pytest.approx([interval.low, interval.high], rel=1e-12)
    assert found.value == pytest.approx((X - Y).mean(), rel=1e-12)
    expected = (X.var(ddof=1) + Y.var(ddof=1)) / (X - Y).var(ddof=1)
    assert found.variance_ratio == pytest.approx(expected, rel=1e-12)


def test_columns_are_independent_of_each_other() -> None:
    both = paired.mean(np.stack([X, Y], axis=1))
    assert both.high.tolist() == pytest.approx([float(paired.mean(X).high), float(paired.mean(Y).high)], rel=1e-15)


def test_missing_replications_do_not_count() -> None:
    holes = np.insert(X, 2, NOTHING)
    assert paired.mean(holes).high == pytest.approx(float(paired.mean(X).high), rel=1e-12)
    other = np.insert(Y, 2, 7.0)
    assert paired.difference(holes, other).low == pytest.approx(float(paired.difference(X, Y).low), rel=1e-12)


def test_one_replication_has_a_mean_and_no_interval() -> None:
    found = paired.mean(np.array([[2.0, 3.0]]))
    assert found.value.tolist() == [2.0, 3.0]
    assert np.isnan([found.low, found.high]).all()
    change = paired.difference(np.array([2.0]), np.array([1.5]))
    assert change.value == 0.5
    assert np.isnan([change.low, change.high, change.variance_ratio]).all()


def test_no_replication_has_nothing() -> None:
    found = paired.mean(np.array([[NOTHING], [NOTHING]]))
    assert np.isnan([found.value, found.low, found.high]).all()


def test_equal_replications_differ_by_nothing_for_certain() -> None:
    found = paired.difference(X, X)
    assert [found.value, found.low, found.high] == [0.0, 0.0, 0.0]
    assert found.variance_ratio == np.inf


def test_the_ratio_of_means_has_the_jackknife_interval() -> None:
    cost, tonnes = np.array([10.0, 12.0, 17.0]), np.array([4.0, 5.0, 6.0])
    left_out = np.array([29 / 11, 27 / 10, 22 / 9])
    error = np.sqrt(2 / 3 * ((left_out - left_out.mean()) ** 2).sum())
    half = stats.t.ppf(0.975, 2) * error
    found = paired.ratio_of_means(cost, tonnes)
    assert [found.value, found.low, found.high] == pytest.approx([39 / 15, 39 / 15 - half, 39 / 15 + half], rel=1e-12)


@pytest.mark.parametrize(
    "tonnes",
    [
        [0.0, 0.0, 0.0],
        [-4.0, -5.0, -6.0],
        [9.0, -5.0, 3.0],
        [NOTHING, NOTHING, 5.0],
    ],
)
def test_there_is_no_ratio_to_what_is_not_clearly_positive(tonnes: list[float]) -> None:
    found = paired.ratio_of_means(np.array([1.0, 2.0, 3.0]), np.array(tonnes))
    assert np.isnan([found.value, found.low, found.high]).all()
