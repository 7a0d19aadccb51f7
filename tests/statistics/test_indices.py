"""Sensitivity indices against functions whose indices are known in closed form."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim.fields import Array
from sim.statistics.indices import Index, MorrisDesign, SobolDesign, elementary_effects

NAMES = ("x1", "x2", "x3")
A, B = 7.0, 0.1


def ishigami(unit: Array) -> Array:
    """sin x1 + a sin^2 x2 + b x3^4 sin x1 on (-pi, pi)^3 (Ishigami & Homma 1990)."""
    x1, x2, x3 = np.moveaxis((2.0 * unit - 1.0) * np.pi, -1, 0)
    return np.sin(x1) + A * np.sin(x2) ** 2 + B * x3**4 * np.sin(x1)


def known() -> dict[tuple[str, ...], dict[str, float]]:
    """Its indices."""
    v1 = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
    v2 = A**2 / 8.0
    v13 = B**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    v = v1 + v2 + v13
    return {
        ("x1",): {"S1": v1 / v, "ST": (v1 + v13) / v},
        ("x2",): {"S1": v2 / v, "ST": v2 / v},
        ("x3",): {"S1": 0.0, "ST": v13 / v},
        ("x1", "x2"): {"S2": 0.0},
        ("x1", "x3"): {"S2": v13 / v},
        ("x2", "x3"): {"S2": 0.0},
    }


def by_name(found: list[Index]) -> dict[tuple[tuple[str, ...], str], Index]:
    return {(i.parameter, i.index): i for i in found}


@pytest.mark.parametrize("second_order", [False, True])
def test_sobol_indices_of_the_ishigami_function_are_the_known_ones(second_order: bool) -> None:
    design = SobolDesign(NAMES, 2048, second_order, seed=1)
    found = by_name(design.indices(ishigami(design.unit)))
    expected = {(p, i): value for p, of in known().items() for i, value in of.items() if second_order or i != "S2"}
    assert set(found) == set(expected)
    for key, value in expected.items():
        assert found[key].value == pytest.approx(value, abs=0.02), key
        assert found[key].low <= found[key].value <= found[key].high
        assert found[key].high - found[key].low < 0.3


def test_intervals_cover_the_known_indices_about_as_often_as_they_say() -> None:
    covered = []
    for seed in range(30):
        design = SobolDesign(NAMES, 256, False, seed)
        found = by_name(design.indices(ishigami(design.unit)))
        covered += [
            found[p, i].low <= value <= found[p, i].high
            for p, of in known().items()
            for i, value in of.items()
            if i != "S2"
        ]
    assert np.mean(covered) >= 0.9


def test_of_a_sum_the_indices_are_the_squared_weights_and_nothing_interacts() -> None:
    weights = np.array([3.0, 2.0, 1.0])
    design = SobolDesign(NAMES, 1024, True, seed=3)
    found = by_name(design.indices(design.unit @ weights))
    for n, name in enumerate(NAMES):
        expected = weights[n] ** 2 / (weights**2).sum()
        assert found[(name,), "S1"].value == pytest.approx(expected, abs=0.01)
        assert found[(name,), "ST"].value == pytest.approx(expected, abs=0.01)
    assert all(abs(i.value) < 0.02 for i in found.values() if i.index == "S2")


def test_morris_finds_the_slopes_of_a_sum_and_no_spread() -> None:
    weights = np.array([3.0, -2.0, 0.0])
    design = MorrisDesign(NAMES, 10, 4, seed=1)
    found = by_name(design.indices(5.0 + design.unit @ weights))
    for n, name in enumerate(NAMES):
        assert found[(name,), "mu"].value == pytest.approx(weights[n])
        assert found[(name,), "mu_star"].value == pytest.approx(abs(weights[n]))
        assert found[(name,), "sigma"].value == pytest.approx(0.0, abs=1e-9)
        assert found[(name,), "mu"].low == pytest.approx(found[(name,), "mu"].high)


def test_morris_tells_a_curve_by_its_spread() -> None:
    design = MorrisDesign(NAMES, 200, 4, seed=1)
    found = by_name(design.indices(design.unit[:, 0] * design.unit[:, 1]))
    # The effect of x1 is x2, on average 1/2 over the levels 0, 1/3, 2/3, 1, with standard deviation sqrt(5)/6.
    mu, sigma = found[("x1",), "mu"], found[("x1",), "sigma"]
    assert mu.low < 0.5 < mu.high
    assert sigma.value == pytest.approx(np.sqrt(5.0) / 6.0, abs=0.03)
    assert found[("x3",), "mu_star"].value == 0.0


def test_intervals_of_morris_cover_the_known_mean_and_spread_about_as_often_as_they_say() -> None:
    covered = []
    for seed in range(60):
        design = MorrisDesign(NAMES[:2], 40, 4, seed)
        found = by_name(design.indices(design.unit[:, 0] * design.unit[:, 1]))
        for index, value in (("mu", 0.5), ("mu_star", 0.5), ("sigma", np.sqrt(5.0) / 6.0)):
            covered.append(found[("x1",), index].low <= value <= found[("x1",), index].high)
    assert 0.88 <= np.mean(covered) <= 0.99


def test_elementary_effects_are_those_of_salib() -> None:
    design = MorrisDesign(NAMES, 50, 6, seed=2)
    values = ishigami(design.unit)
    effects = elementary_effects(design.unit.reshape(50, 4, 3), values.reshape(50, 4))
    found = by_name(design.indices(values))
    for n, name in enumerate(NAMES):
        assert found[(name,), "mu"].value == pytest.approx(effects[:, n].mean())
        assert found[(name,), "mu_star"].value == pytest.approx(np.abs(effects[:, n]).mean())
        assert found[(name,), "sigma"].value == pytest.approx(effects[:, n].std(ddof=1))


@pytest.mark.parametrize("design", [SobolDesign(NAMES, 64, False, 1), MorrisDesign(NAMES, 8, 4, 1)])
def test_what_does_not_vary_has_no_indices(design: SobolDesign | MorrisDesign) -> None:
    assert design.indices(np.full(len(design.unit), 0.3)) == []
    assert design.indices(1e6 + 1e-9 * design.unit[:, 0]) == []
    assert design.indices(np.full(len(design.unit), np.nan)) == []


def test_a_missing_value_costs_its_group_of_sobol_points_and_nothing_else() -> None:
    design = SobolDesign(NAMES, 64, False, 1)
    values = ishigami(design.unit)
    rest = np.delete(values.reshape(64, 5), [0, 3], axis=0).ravel()
    values[[3, 17]] = np.nan
    assert design.whole(values).tolist() == [n not in (0, 3) for n in range(64)]
    assert design.indices(values) == SobolDesign(NAMES, 62, False, 1).indices(rest)


def test_a_missing_value_costs_its_trajectory_and_nothing_else() -> None:
    design = MorrisDesign(NAMES, 20, 4, 1)
    values = ishigami(design.unit)
    effects = elementary_effects(design.unit.reshape(20, 4, 3), values.reshape(20, 4))
    values[[3, 17]] = np.nan
    found = by_name(design.indices(values))
    for n, name in enumerate(NAMES):
        assert found[(name,), "mu"].value == pytest.approx(np.delete(effects[:, n], [0, 4]).mean())


def test_designs_follow_from_the_seed_and_zero_is_one() -> None:
    for kind in (lambda seed: SobolDesign(NAMES, 8, False, seed), lambda seed: MorrisDesign(NAMES, 4, 4, seed)):
        designs = [kind(seed) for seed in (0, 0, 1, 2**40)]
        assert np.array_equal(designs[0].unit, designs[1].unit)
        assert designs[0].indices(ishigami(designs[0].unit)) == designs[1].indices(ishigami(designs[1].unit))
        assert all(not np.array_equal(a.unit, b.unit) for a, b in pairwise(designs[1:]))
