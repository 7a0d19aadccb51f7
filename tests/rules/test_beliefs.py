"""Chances and expectations under errors of observation and measurement, against draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import logistic, norm

from sim.rules import beliefs
from sim.rules.beliefs import LOGIT


@pytest.mark.parametrize("observed", [0.02, 0.05, 0.14])
@pytest.mark.parametrize("gap", [-0.4, -0.1, 0.0, 0.07, 0.3])
def test_the_chance_of_being_over_is_that_of_a_logistic_and_a_normal_error_together(
    observed: float, gap: float
) -> None:
    scale = 0.05 / LOGIT
    exact, _ = quad(
        lambda z: norm.pdf(z) * logistic.cdf((gap + observed * z) / scale), -9.0, 9.0, points=[-gap / observed]
    )
    assert beliefs.chance_over(np.array([gap]), 0.05, observed) == pytest.approx(exact, rel=0.05, abs=1e-3)


def test_with_one_error_alone_the_chance_is_its_own() -> None:
    gap = np.linspace(-0.5, 0.5, 21)
    assert beliefs.chance_over(gap, 0.05, 0.0) == pytest.approx(logistic.cdf(gap * LOGIT / 0.05), rel=1e-12)
    assert beliefs.chance_over(gap, 1e-9, 0.2) == pytest.approx(norm.cdf(gap / 0.2), abs=2e-4)


def test_the_expected_excess_is_the_mean_over_the_error() -> None:
    for gap in (-0.3, 0.0, 0.2):
        exact, _ = quad(lambda z, g=gap: norm.pdf(z) * max(g + 0.14 * z, 0.0), -9.0, 9.0, points=[-gap / 0.14])
        assert beliefs.expected_excess(np.array([gap]), 0.14) == pytest.approx(exact, rel=1e-6)
    sure = np.array([-np.inf, -2.0, 0.0, 0.4])
    assert beliefs.expected_excess(sure, np.zeros(4)) == pytest.approx([0.0, 0.0, 0.0, 0.4], abs=1e-9)
    assert beliefs.expected_excess(np.array([-np.inf]), 0.2) == 0.0
