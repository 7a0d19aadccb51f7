"""Intervals agree with textbook methods; too little data gives no interval, and no warning."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from sim.statistics import paired

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
    found, whole = paired.difference(holes, other), paired.difference(X, Y)
    assert found.pairs == whole.pairs == len(X)
    for name in ("low", "p", "variance_ratio", "equivalent_replications"):
        assert getattr(found, name) == pytest.approx(float(getattr(whole, name)), rel=1e-12)


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


@pytest.mark.parametrize("shift", [0.3, 1e-3, -2.0])
def test_the_p_value_is_that_of_the_paired_t_test(shift: float) -> None:
    assert paired.difference(X, Y + shift).p == pytest.approx(stats.ttest_rel(X, Y + shift).pvalue, rel=1e-9)
    holes, other = np.insert(X, 2, NOTHING), np.insert(Y + shift, 4, NOTHING)
    dropped = stats.ttest_rel(holes, other, nan_policy="omit").pvalue
    assert paired.difference(holes, other).p == pytest.approx(dropped, rel=1e-9)


def test_an_interval_holds_0_exactly_where_the_test_does_not_reject() -> None:
    draws = np.random.default_rng(3)
    x, y = draws.normal(size=(2, 6, 500))
    for level in (0.95, 0.8):
        found = paired.difference(x + 0.7, y, level)
        outside = (found.low > 0) | (found.high < 0)
        assert 0 < outside.sum() < 500
        assert (outside == (found.p < 1 - level)).all()


@pytest.mark.parametrize(("step", "p", "ratio"), [(0.0, 1.0, np.inf), (0.1, 0.0, np.inf), (-0.1, 0.0, np.inf)])
def test_differences_that_are_all_the_same_leave_nothing_to_estimate(step: float, p: float, ratio: float) -> None:
    x = np.array([3.0, 5.0, 9.0, NOTHING])
    same = paired.difference(np.full(7, step), np.zeros(7))
    assert [same.value, same.low, same.high, same.p] == [step, step, step, p]
    found = paired.difference(x, x - step if step == 0 else x - step * 10)
    assert found.low == found.high == found.value
    assert [found.p, found.variance_ratio, found.equivalent_replications] == [p, ratio, np.inf]


def test_without_two_replications_that_both_have_there_is_no_test() -> None:
    nothing = [NOTHING, NOTHING, NOTHING]
    for x, y in ([1.0, 2.0, NOTHING], [1.5, NOTHING, 3.0]), (nothing, [1.0, 2.0, 3.0]), ([1.0], [2.0]):
        found = paired.difference(np.array(x), np.array(y))
        assert np.isnan([found.p, found.variance_ratio, found.equivalent_replications]).all()
    assert np.isnan(paired.holm(np.array([NOTHING, NOTHING]))).all()


def test_holms_correction_is_closed_testing_with_bonferroni() -> None:
    """Marcus, Peritz and Gabriel (1976): a hypothesis is rejected if every intersection of hypotheses that it is in
    is; each of these is tested by its least p-value times their number."""
    draws = np.random.default_rng(1)
    for size in (1, 2, 3, 5, 6, 6, 6):
        p = draws.uniform(size=size) ** 3
        p[draws.uniform(size=size) < 0.2] = p[0]
        sets = [s for n in range(1, size + 1) for s in combinations(range(size), n)]
        closed = [max(min(1.0, len(s) * min(p[j] for j in s)) for s in sets if i in s) for i in range(size)]
        assert paired.holm(p).tolist() == pytest.approx(closed, rel=1e-12)
        holes = np.insert(p, size // 2, NOTHING)
        assert paired.holm(holes)[np.isfinite(holes)].tolist() == pytest.approx(closed, rel=1e-12)


def test_simultaneous_intervals_leave_out_0_only_where_holm_rejects() -> None:
    draws = np.random.default_rng(4)
    effects = np.linspace(0.0, 2.5, 12)
    both = np.array([[False, False], [False, False]])
    for _ in range(200):
        x, y = draws.normal(size=(2, 8, 12))
        adjusted = paired.holm(paired.difference(x + effects, y).p) < 0.05
        wide = paired.difference(x + effects, y, paired.simultaneous_level(12))
        outside = (wide.low > 0) | (wide.high < 0)
        assert not (outside & ~adjusted).any()
        both[int(outside.any()), int((adjusted & ~outside).any())] = True
    assert both[1].all(), "Holm rejects more, at times, and not always"


@pytest.mark.parametrize("common", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("count", [2, 5, 40])
def test_as_many_independent_replications_have_as_narrow_an_interval_and_one_less_has_not(
    common: float, count: int
) -> None:
    draws = np.random.default_rng(count)
    shared, x, y = draws.normal(size=(3, count))
    x, y = x + common * shared, 0.5 * y + common * shared
    found = paired.difference(x, y)
    sizes = x.var(ddof=1), y.var(ddof=1)

    def half(n: float) -> float:
        """Welch's interval with these variances in samples of n."""
        freedom = sum(sizes) ** 2 / (sizes[0] ** 2 + sizes[1] ** 2) * (n - 1)
        return float(stats.t.ppf(0.975, freedom) * np.sqrt(sum(sizes) / n))

    enough = float(found.equivalent_replications)
    assert enough == int(enough) >= 2
    assert half(enough) <= (found.high - found.low) / 2
    assert enough == 2 or half(enough - 1) > (found.high - found.low) / 2


def test_with_many_replications_the_equivalent_is_their_number_times_the_variance_ratio() -> None:
    draws = np.random.default_rng(9)
    x, y = draws.normal(size=(2, 2000))
    for y_like in (x + 0.3 * y, x + 1e-3 * y):
        found = paired.difference(x, y_like)
        assert found.equivalent_replications == pytest.approx(2000 * found.variance_ratio, rel=2e-3)


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
