"""The highest point of a function of a few variables within bounds, found by evaluations alone.

Everything is worked out element by element, for any number of firms at once, in a number of rounds that does not depend
on them. Points are arrays (variable, ...); a function takes many of them, (point, variable, ...), and gives
(point, ...).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, product

import numpy as np

from sim.fields import Array

Function = Callable[[Array], Array]

STEP = 1e-3
"""Step of the differences: exact for quadratic functions, error of order 1e-6 in smooth ones."""

SHORTENED = (1.0, 0.5, 0.25, 0.0625)
"""Shares of a step that are tried."""

ROUNDING = 1e-13
"""Difference of two values, relative to 1 and their size, that says nothing."""

FLAT = 1e-12
"""Curvature below which a function counts as straight."""


def highest(
    function: Function, start: Array, low: Array, high: Array, grid: Sequence[Sequence[float]], rounds: int
) -> Array:
    """Where a function is highest between `low` and `high`, from the better of `start` and a grid of points.

    Rule: in each round the quadratic form through 13 points (for three variables) is climbed to its highest point in
    the box (Newton's step, whatever the curvature), and the best share of that step is taken, so that no round leads
    down. Exact in one round where the function is quadratic. `grid`: levels of each variable as shares of its range.
    Where the function is flat the start stays. Source: Newton's method with projection (Bertsekas 1982).
    """
    point = best_of(function, np.minimum(np.maximum(start, low), high), low, high, grid)
    for _ in range(rounds):
        point = _shortened(function, point, _newton(function, point, low, high))
    return point


def best_of(function: Function, start: Array, low: Array, high: Array, grid: Sequence[Sequence[float]]) -> Array:
    """The best point of a grid over the box, or the start if none is better."""
    point, value = start, function(start[None])[0]
    for first in grid[0]:
        shares = np.array(list(product((first,), *grid[1:])))
        points = low + shares.reshape(*shares.shape, *([1] * (start.ndim - 1))) * (high - low)
        candidate, found = _highest_of(points, function(points))
        better = found > value + ROUNDING * (1.0 + np.abs(value))
        point, value = np.where(better, candidate, point), np.where(better, found, value)
    return point


def best_level(function: Function, now: Array, low: Array, high: Array, levels: int) -> Array:
    """The best point of an even grid over the box with so many levels of each variable; of equals the one next to
    now."""
    shares = tuple(np.linspace(0.0, 1.0, levels).tolist())
    width = high - low
    place = np.divide(now - low, width, out=np.zeros_like(width), where=width > 0)
    nearest = low + np.rint(place * (levels - 1)) / (levels - 1) * width
    return best_of(function, nearest, low, high, (shares,) * len(now))


def _highest_of(points: Array, values: Array) -> tuple[Array, Array]:
    """Of many points the one of the highest value, the first of equals, and its value."""
    best = values.argmax(axis=0)[None]
    return np.take_along_axis(points, best[:, None], axis=0)[0], np.take_along_axis(values, best, axis=0)[0]


def derivatives(function: Function, centre: Array) -> tuple[list[Array], list[list[Array]]]:
    """Slopes and curvatures at a point, by central differences; exact for a quadratic function."""
    n = len(centre)
    unit = np.eye(n).reshape(n, n, *([1] * (centre.ndim - 1))) * STEP
    pairs = list(combinations(range(n), 2))
    steps = [np.zeros_like(unit[0]), *unit, *(-unit)]
    steps += [sign * (unit[i] + unit[j]) for i, j in pairs for sign in (1.0, -1.0)]
    values = function(np.stack([centre + step for step in steps]))
    here, up, down, across = values[0], values[1 : n + 1], values[n + 1 : 2 * n + 1], values[2 * n + 1 :]
    slope = [(up[i] - down[i]) / (2.0 * STEP) for i in range(n)]
    bend = [[(up[i] - 2.0 * here + down[i]) / STEP**2] * n for i in range(n)]
    for k, (i, j) in enumerate(pairs):
        both = (across[2 * k] + across[2 * k + 1] - 2.0 * here) / STEP**2
        bend[i][j] = bend[j][i] = 0.5 * (both - bend[i][i] - bend[j][j])
    return slope, bend


def _newton(function: Function, point: Array, low: Array, high: Array) -> Array:
    """The highest point in the box of the quadratic form through the function around a point."""
    # Inside the bounds by a step, so that the function is not asked beyond them.
    centre = np.minimum(np.maximum(point, low + STEP), high - STEP)
    slope, bend = derivatives(function, centre)
    return centre + highest_quadratic(slope, bend, low - centre, high - centre, point - centre)


def highest_quadratic(
    slope: Sequence[Array], bend: Sequence[Sequence[Array]], low: Array, high: Array, start: Array
) -> Array:
    """Where g s + s H s / 2 is highest in a box: on one of its faces, edges or corners or within, each tried where the
    form is level along it; `start` if none is better."""
    n = len(slope)
    candidates = [start]
    for ends in sorted(product((None, 0, 1), repeat=n), key=lambda face: n - face.count(None)):
        free = [i for i in range(n) if ends[i] is None]
        held = [j for j in range(n) if j not in free]
        s: list[Array] = [high[i] if ends[i] else low[i] for i in range(n)]
        right = [-(slope[i] + sum((bend[i][j] * s[j] for j in held), np.zeros_like(slope[i]))) for i in free]
        for i, value in zip(free, _solved([[bend[i][j] for j in free] for i in free], right), strict=True):
            s[i] = np.minimum(np.maximum(value, low[i]), high[i])
        candidates.append(np.stack(s))
    points = np.stack(candidates)
    height = np.zeros((len(points), *slope[0].shape))
    for i in range(n):
        bent = sum((bend[i][j] * points[:, j] for j in range(n)), np.zeros_like(height))
        height = height + points[:, i] * (slope[i] + 0.5 * bent)
    return _highest_of(points, height)[0]


def _solved(matrix: list[list[Array]], right: list[Array]) -> list[Array]:
    """x with M x = right for a small symmetric M, by elimination; 0 along what is flat."""
    n = len(right)
    inverse = []
    for k in range(n):
        pivot = matrix[k][k]
        inverse.append(np.divide(1.0, pivot, out=np.zeros_like(pivot), where=np.abs(pivot) > FLAT))
        for i in range(k + 1, n):
            factor = matrix[i][k] * inverse[k]
            right[i] = right[i] - factor * right[k]
            for j in range(k + 1, n):
                matrix[i][j] = matrix[i][j] - factor * matrix[k][j]
    x: list[Array] = [np.zeros_like(r) for r in right]
    for k in reversed(range(n)):
        rest = right[k]
        for j in range(k + 1, n):
            rest = rest - matrix[k][j] * x[j]
        x[k] = rest * inverse[k]
    return x


def _shortened(function: Function, point: Array, target: Array) -> Array:
    """The best of the point and some shares of the step to the target; all of it unless less is truly better."""
    points = np.stack([point, *(point + share * (target - point) for share in SHORTENED[1:]), target])
    values = function(points)
    best, most = points[-1], values[-1]
    for candidate, found in zip(points[:-1], values[:-1], strict=True):
        better = found > most + ROUNDING * (1.0 + np.abs(most))
        best, most = np.where(better, candidate, best), np.where(better, found, most)
    return best
