"""The highest point in a box, against answers known otherwise."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sim.fields import Array
from sim.rules import boxed

ONE = ((0.5,), (0.5,), (0.5,))
NO_GRID: tuple[tuple[float, ...], ...] = ((), (), ())
COARSE = ((0.0, 0.5, 1.0),) * 3


def quadratic(peak: Array, bend: Array) -> boxed.Function:
    """-(x - peak)' B (x - peak) / 2 of points (point, variable, case)."""

    def value(points: Array) -> Array:
        gap = points - peak
        total = np.zeros((len(points), points.shape[-1]))
        for i, j in product(range(3), repeat=2):
            total = total - 0.5 * gap[:, i] * bend[i, j] * gap[:, j]
        return total

    return value


def concave(seed: int, cases: int) -> tuple[Array, Array]:
    """Peaks in and out of the unit box, and positive definite B of sizes as different as those of payoffs."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(3, 3, cases))
    bend = np.einsum("ikc,jkc->ijc", factor, factor) + 0.3 * np.eye(3)[:, :, None]
    size = np.array([0.3, 0.35, 0.06])
    return rng.uniform(-0.3, 1.3, (3, cases)), bend * size[:, None, None] * size[None, :, None]


def test_one_round_finds_the_peak_of_a_quadratic_within_the_box() -> None:
    _, bend = concave(1, 50)
    peak = np.random.default_rng(2).uniform(0.01, 0.99, (3, 50))
    start, low = np.full((3, 50), 0.9), np.zeros((3, 50))
    found = boxed.highest(quadratic(peak, bend), start, low, np.ones_like(low), ONE, 1)
    assert found == pytest.approx(peak, abs=1e-5)
    again = boxed.highest(quadratic(peak, bend), start, low, np.ones_like(low), ONE, 2)
    assert again == pytest.approx(peak, abs=1e-9)


def test_at_the_bounds_of_the_box_a_concave_quadratic_slopes_outward_and_nowhere_else() -> None:
    peak, bend = concave(3, 400)
    low = np.zeros((3, 400))
    found = boxed.highest(quadratic(peak, bend), low, low, np.ones_like(low), ONE, 3)
    slope = -np.einsum("ijc,jc->ic", bend, found - peak)
    within = (found > 0.0) & (found < 1.0)
    assert np.abs(slope[within]).max() < 1e-9
    assert slope[found == 0.0].max() < 1e-9
    assert slope[found == 1.0].min() > -1e-9
    assert within.mean() < 0.9


def test_a_quadratic_that_bends_upward_is_climbed_to_the_best_corner_edge_or_face() -> None:
    rng = np.random.default_rng(4)
    peak, bend = rng.uniform(0.0, 1.0, (3, 60)), rng.normal(size=(3, 3, 60))
    bend = bend + bend.swapaxes(0, 1)
    value = quadratic(peak, bend)
    low = np.zeros((3, 60))
    found = boxed.highest(value, low + 0.4, low, np.ones_like(low), ONE, 3)
    levels = np.linspace(0.0, 1.0, 21)
    everywhere = np.array(list(product(levels, repeat=3)))[:, :, None] * np.ones(60)
    assert np.all(value(found[None])[0] >= value(everywhere).max(axis=0) - 1e-9)


def test_the_higher_of_two_peaks_is_found_from_the_foot_of_the_lower_one() -> None:
    def peaks(points: Array) -> Array:
        x = points[:, 0]
        rest = ((points[:, 1:] - 0.3) ** 2).sum(axis=1)
        return np.exp(-((x - 0.1) ** 2) / 0.02) + 1.5 * np.exp(-((x - 0.95) ** 2) / 0.02) - rest

    low = np.zeros((3, 2))
    found = boxed.highest(peaks, np.full((3, 2), 0.1), low, np.ones_like(low), COARSE, 6)
    assert found[0] == pytest.approx(0.95, abs=1e-4)
    assert found[1:] == pytest.approx(0.3, abs=1e-6)


def test_no_round_leads_down_where_a_function_is_nothing_like_a_quadratic() -> None:
    def kinked(points: Array) -> Array:
        return -np.abs(points - 0.37).sum(axis=1) + 0.2 * np.sin(40.0 * points[:, 0])

    low = np.zeros((3, 5))
    point = np.random.default_rng(5).uniform(0.0, 1.0, (3, 5))
    value = kinked(point[None])[0]
    for _ in range(6):
        point = boxed.highest(kinked, point, low, np.ones_like(low), NO_GRID, 1)
        assert np.all(kinked(point[None])[0] >= value - 1e-12)
        value = kinked(point[None])[0]


def test_where_the_function_is_flat_the_start_stays() -> None:
    start, low = np.array([[0.0, 0.3], [1.0, 0.4], [0.2, 0.0]]), np.zeros((3, 2))
    found = boxed.highest(lambda points: np.zeros((len(points), 2)), start, low, np.ones_like(low), COARSE, 3)
    assert np.array_equal(found, start)


def test_a_lower_bound_is_kept() -> None:
    peak, bend = np.full((3, 4), 0.2), np.eye(3)[:, :, None] * np.ones(4)
    low = np.zeros((3, 4))
    low[2] = [0.0, 0.5, 0.9995, 1.0]
    found = boxed.highest(quadratic(peak, bend), np.zeros((3, 4)), low, np.ones_like(low), ONE, 2)
    assert found[2] == pytest.approx([0.2, 0.5, 0.9995, 1.0], abs=1e-12)
    assert found[:2] == pytest.approx(0.2, abs=1e-9)
