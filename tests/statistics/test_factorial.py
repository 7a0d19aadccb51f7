"""Effects of combinations: what they sum to, and what they are for functions that are known."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from sim.statistics.factorial import on_average, others_off, shares, things

K = 4


@pytest.fixture
def values() -> np.ndarray:
    """Something for every combination of four things, in three replications."""
    return np.random.default_rng(1).normal(size=(2**K, 3))


def subsets(combination: int) -> list[int]:
    return [t for t in range(combination + 1) if t & combination == t]


def test_all_effects_sum_to_the_difference_between_all_on_and_all_off(values: np.ndarray) -> None:
    assert others_off(values)[1:].sum(axis=0) == pytest.approx(values[-1] - values[0])


def test_effects_with_the_others_off_are_the_inclusion_exclusion_sums(values: np.ndarray) -> None:
    found = others_off(values)
    for s in range(2**K):
        signs = {t: (-1) ** (s.bit_count() - t.bit_count()) for t in subsets(s)}
        assert found[s] == pytest.approx(sum(sign * values[t] for t, sign in signs.items()))


def test_average_effects_are_the_same_sums_averaged_over_the_other_things(values: np.ndarray) -> None:
    found = on_average(values)
    for s in range(2**K):
        others = subsets(2**K - 1 - s)
        signs = {t: (-1) ** (s.bit_count() - t.bit_count()) for t in subsets(s)}
        sums = [sum(sign * values[t | o] for t, sign in signs.items()) for o in others]
        assert found[s] == pytest.approx(np.mean(sums, axis=0))


def test_things_that_only_add_have_no_interactions_and_each_gets_what_it_adds() -> None:
    adds = np.array([3.0, -1.0, 0.5, 2.0])
    values = np.array([[sum(adds[n] for n in things(c))] for c in range(2**K)]) + 7.0
    for effect in (others_off, on_average):
        found = effect(values)[:, 0]
        for s in range(1, 2**K):
            assert found[s] == pytest.approx(adds[next(things(s))] if s.bit_count() == 1 else 0.0, abs=1e-12)
    assert shares(values)[:, 0] == pytest.approx(adds)


def test_shares_are_the_average_over_all_orders_of_switching_on(values: np.ndarray) -> None:
    expected = np.zeros((K, 3))
    for order in permutations(range(K)):
        on = 0
        for n in order:
            expected[n] += (values[on | 1 << n] - values[on]) / 24
            on |= 1 << n
    assert shares(values) == pytest.approx(expected)
    assert shares(values).sum(axis=0) == pytest.approx(values[-1] - values[0])


def test_inputs_stay_as_they_are(values: np.ndarray) -> None:
    before = values.copy()
    for effect in (others_off, on_average, shares):
        effect(values)
    assert np.array_equal(values, before)
