"""Powers with an exponent for each world."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.powers import EXACT, raised

BASE = np.random.default_rng(1).uniform(0.0, 3.0, (6, 200))
EXPONENTS = [-20.0, -1.5, -1.0, -0.32, 0.0, 1.0 / 3.0, 0.5, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_a_row_is_raised_as_it_is_alone_to_the_last_digit(exponent: float) -> None:
    each = np.array([exponent, 0.7, 0.5, exponent, -1.0, 2.0])[:, None]
    together = raised(np.maximum(BASE, 1e-3), each)
    for row in (0, 3):
        assert np.array_equal(together[row], raised(np.maximum(BASE, 1e-3), exponent)[row])


def test_nothing_to_the_power_of_less_than_nothing_is_asked_of_no_row_that_has_it_not() -> None:
    base = np.array([[0.0, 4.0], [1.0, 4.0]])
    assert np.array_equal(raised(base, np.array([[0.5], [-1.0]])), [[0.0, 2.0], [1.0, 0.25]])


def test_exponents_with_formulas_of_their_own_are_the_ones_in_which_numbers_and_columns_differ() -> None:
    flat = BASE.ravel() + 0.01
    differ = {e for e in EXPONENTS if not np.array_equal(np.power(flat, e), np.power(flat, np.full(flat.shape, e)))}
    assert differ <= {exponent for exponent, _ in EXACT}
