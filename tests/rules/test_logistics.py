"""The rules of logistics, each by itself."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules import logistics


def test_a_stop_to_charge_is_made_after_each_full_range_but_the_last() -> None:
    stops = logistics.charging_stops(np.array([0.0, 299.0, 300.0, 301.0, 600.0, 601.0]), 300.0)
    assert stops.tolist() == [0.0, 0.0, 0.0, 1.0, 1.0, 2.0]


def test_charging_grows_from_the_first_month_until_it_is_everywhere() -> None:
    grown = [logistics.charging(0.2, 0.3, month) for month in (-5, 0, 1, 2, 3, 9)]
    assert grown == pytest.approx([0.2, 0.2, 0.5, 0.8, 1.0, 1.0])


def test_electric_lorries_go_to_routes_that_they_can_serve_first() -> None:
    electric, hauled, served = np.array([0.2, 0.2, 0.2, 0.0]), np.full(4, 10.0), np.array([10.0, 4.0, 1.0, 0.0])
    on_them = logistics.electric_on_served_routes(electric, hauled, served)
    assert on_them == pytest.approx([0.2, 0.5, 1.0, 0.0])
    assert on_them[0] == 0.2


def test_no_more_electric_lorries_are_bought_than_have_routes() -> None:
    electric, reachable = np.array([0.0, 0.5, 0.5, 1.0]), np.array([1.0, 1.0, 0.48, 0.2])
    kept, bought = logistics.renewal(electric, 0.1, reachable)
    assert kept == pytest.approx([0.0, 0.45, 0.45, 0.9])
    assert bought == pytest.approx([0.1, 0.55, 0.48, 0.9])


def test_packaging_falls_with_effort() -> None:
    used = logistics.packaging(0.05, np.array([100.0, 100.0]), np.array([0.0, 0.5]), 0.2)
    assert used == pytest.approx([5.0, 4.5])


def test_the_next_carrier_that_is_not_out_stands_in() -> None:
    out = np.array(
        [
            [False, False, False, False],
            [True, False, False, False],
            [False, False, True, True],
            [True, True, False, True],
            [True, True, True, True],
        ]
    )
    found = logistics.stand_ins(out)
    assert found.tolist() == [[0, 1, 2, 3], [1, 1, 2, 3], [0, 1, 0, 0], [2, 2, 2, 2], [0, 1, 2, 3]]
    assert logistics.stand_ins(np.array([[True]])).tolist() == [[0]]


def test_what_is_taken_over_is_done_by_somebody() -> None:
    lost, there = np.array([0.0, 0.5, 0.5, 1.0, 1.0]), np.array([1.0, 1.0, 0.0, 1.0, 0.0])
    done, part = logistics.taken_over(lost, 0.6, there)
    assert done == pytest.approx([1.0, 0.8, 0.5, 0.6, 0.0])
    assert part * done == pytest.approx([0.0, 0.3, 0.0, 0.6, 0.0])
    assert (1.0 - part) * done == pytest.approx([1.0, 0.5, 0.5, 0.0, 0.0])
