"""What varies, where its points lie, and what is said of values that a scenario does not take."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from sim.errors import UsageError
from sim.experiments.axes import Choice, Range
from sim.experiments.space import Sampling, Space, crossed, in_order, label, space_of
from sim.scenario.schema import Scenario
from tests.experiments.conftest import tiny


def space(**given: Any) -> Space:
    return space_of("levers", given, "x.toml")


def taken(of: Space, method: str, points: int | None = None, seed: int = 1, stream: int = 0) -> list[dict[str, Any]]:
    return of.taken(Sampling(method=method, points=points), seed, stream, "x.toml")  # type: ignore[arg-type]


def test_a_grid_is_every_combination_of_values_once() -> None:
    of = space(a={"low": 0.0, "high": 1.0, "steps": 5}, b=["x", "y", True], c={"low": 2, "high": 4, "whole": True})
    points = taken(of, "grid")
    assert len(points) == 5 * 3 * 3
    assert [tuple(p.values()) for p in points] == list(
        product((0.0, 0.25, 0.5, 0.75, 1.0), ("x", "y", True), (2, 3, 4))
    )


def test_steps_of_a_grid_are_written_as_somebody_would_write_them() -> None:
    assert Range(low=0.0, high=0.4, steps=5).values == (0.0, 0.1, 0.2, 0.3, 0.4)
    assert Range(low=0.01, high=100.0, steps=5, log=True).values == (0.01, 0.1, 1.0, 10.0, 100.0)
    assert Range(low=1, high=10, steps=4, whole=True).values == (1, 4, 7, 10)
    assert Range(low=1, high=3, steps=9, whole=True).values == (1, 2, 3)


@pytest.mark.parametrize("points", [7, 32])
def test_a_latin_hypercube_has_one_point_in_each_stripe_of_each_axis(points: int) -> None:
    of = space(a={"low": 10.0, "high": 20.0}, b={"low": 1e-3, "high": 1e3, "log": True}, c={"low": -1.0, "high": 0.0})
    found = taken(of, "lhs", points)
    units = {
        "a": [(p["a"] - 10.0) / 10.0 for p in found],
        "b": [(np.log10(p["b"]) + 3.0) / 6.0 for p in found],
        "c": [p["c"] + 1.0 for p in found],
    }
    for unit in units.values():
        assert sorted(int(u * points) for u in unit) == list(range(points))


def test_a_sobol_sequence_halves_every_pair_of_axes_evenly() -> None:
    of = space(a={"low": 0.0, "high": 1.0}, b={"low": 0.0, "high": 1.0}, c={"low": 0.0, "high": 1.0})
    found = taken(of, "sobol", 64)
    for one, other in (("a", "b"), ("a", "c"), ("b", "c")):
        quarters = [(p[one] >= 0.5, p[other] >= 0.5) for p in found]
        assert {q: quarters.count(q) for q in set(quarters)} == dict.fromkeys(product((True, False), repeat=2), 16)


def test_values_of_a_list_and_whole_numbers_are_equally_likely() -> None:
    of = space(a=["x", "y", "z", "w"], b={"low": 3, "high": 6, "whole": True})
    found = taken(of, "sobol", 64)
    assert {v: sum(p["a"] == v for p in found) for v in "xyzw"} == dict.fromkeys("xyzw", 16)
    assert {v: sum(p["b"] == v for p in found) for v in (3, 4, 5, 6)} == dict.fromkeys((3, 4, 5, 6), 16)


def test_both_ends_of_a_unit_axis_are_values() -> None:
    ends = np.array([0.0, 1.0])
    assert Range(low=2.0, high=5.0).at(ends) == [2.0, 5.0]
    assert Range(low=2, high=5, whole=True).at(ends) == [2, 5]
    assert Range(low=1e-3, high=10.0, log=True).at(ends) == [1e-3, 10.0]
    assert Range(low=1, high=1000, log=True, whole=True).at(ends) == [1, 1000]
    assert Choice(("x", "y")).at(ends) == ["x", "y"]


def test_points_follow_from_the_seed_and_differ_between_levers_and_uncertainties() -> None:
    of = space(a={"low": 0.0, "high": 1.0}, b={"low": 0.0, "high": 1.0})
    for method in ("lhs", "sobol"):
        assert taken(of, method, 8) == taken(of, method, 8)
        assert taken(of, method, 8) != taken(of, method, 8, seed=2)
        assert taken(of, method, 8) != taken(of, method, 8, stream=1)


def test_every_lever_meets_the_same_uncertainties() -> None:
    levers, uncertain = [{"a": 1}, {"a": 2}], [{"b": 1}, {"b": 2}, {"b": 3}]
    points = crossed(levers, uncertain)
    assert len(points) == 6
    assert [{"b": p["b"]} for p in points if p["a"] == 1] == [{"b": p["b"]} for p in points if p["a"] == 2] == uncertain


def test_kinds_are_changed_before_their_parameters_and_tables_before_what_is_in_them() -> None:
    given = {"x.rate": 1, "x.kind": "k", "x": {}, "a.b.c": 1, "y": 2}
    assert list(in_order(given)) == ["x", "y", "x.kind", "x.rate", "a.b.c"]


def test_paths_may_be_written_without_quotes() -> None:
    quoted = space_of("levers", {"a.b": [1, 2], "a.c": {"low": 0.0, "high": 1.0}}, "")
    bare = space_of("levers", {"a": {"b": [1, 2], "c": {"low": 0.0, "high": 1.0}}}, "")
    assert quoted == bare


def test_a_path_is_there_once_however_it_is_written() -> None:
    with pytest.raises(UsageError, match="is there twice, with quotes and without"):
        space_of("levers", {"market.premium": [0.1], "market": {"premium": [0.2]}}, "x.toml")


def test_values_stay_within_a_range_with_more_digits_than_they_have() -> None:
    axis = Range(low=0.6666666666666666, high=0.7777777777777777, steps=3)
    # Rounded to 12 digits the first would be more than the least value, and the last more than the largest.
    assert max(axis.values or ()) <= axis.high
    assert max(axis.at(np.array([0.0, 1.0]))) <= axis.high


def test_places_of_values_are_even_steps_from_the_first_to_the_last() -> None:
    unit = np.array([0.0, 0.4, 0.6, 1.0])
    assert Range(low=2.0, high=4.0).placed(unit).tolist() == unit.tolist()
    assert Range(low=2, high=3, whole=True).placed(unit).tolist() == [0.0, 0.0, 1.0, 1.0]
    assert Range(low=1, high=100, whole=True, log=True).placed(np.array([0.0, 1.0])).tolist() == [0.0, 1.0]
    assert Choice(("a", "b", "c")).placed(unit).tolist() == [0.0, 0.5, 0.5, 1.0]


def test_labels_are_short() -> None:
    assert label({"a": 1 / 3, "b": True, "c": [1, {"kind": "x"}]}) == 'a=0.3333, b=true, c=[1, {"kind": "x"}]'


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a.b": 3}, r'x.toml, levers."a.b": given 3, allowed is a list of values, or a range'),
        ({"a": []}, r"x.toml, levers.a: the list is empty"),
        ({"a": [1, 2, 1]}, r"levers.a: 1 is listed twice"),
        ({"a": {"low": 1.0, "high": 2.0, "hihg": 2.0}}, r"levers.a, hihg: unknown key 'hihg'; did you mean 'high'?"),
        ({"a": {}}, r"levers.a, low: missing; allowed is a number"),
        ({"a": {"low": 1.0}}, r"levers.a, high: missing; allowed is a number"),
        ({"a": {"low": "x", "high": 2.0}}, r"levers.a, low: given 'x', allowed is a number"),
        ({"a": {"low": 2.0, "high": 1.0}}, r"levers.a: low must be below high, given 2 and 1"),
        ({"a": {"low": 0.0, "high": 1.0, "log": True}}, r"low: given 0, allowed with log = true is a number above 0"),
        ({"a": {"low": 0.5, "high": 2.0, "whole": True}}, r"must be whole numbers with whole = true, given 0.5 and 2"),
        ({"a": {"low": 0.0, "high": 1.0, "steps": 1}}, r"steps: given 1, allowed is 2 or more"),
        (3, r"levers: given 3, allowed is a table of paths"),
    ],
)
def test_what_is_neither_list_nor_range_is_said(given: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        space_of("levers", given, "x.toml")


@pytest.mark.parametrize(
    ("method", "points", "message"),
    [
        ("grid", None, "levers.a: steps is missing; a grid needs"),
        ("grid", 3, "points does not go with a grid"),
        ("lhs", None, "points is missing; 'lhs' needs their number"),
        ("sobol", 100, "given 100, allowed is a power of two, .* nearest are 64 and 128"),
    ],
)
def test_impossible_samples_are_said(method: str, points: int | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        taken(space(a={"low": 0.0, "high": 1.0}), method, points)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({name: {"low": 0, "high": 999, "whole": True} for name in "abc"}, "levers: a grid of 1000000000 points"),
        ({"a": {"low": 0, "high": 1e9, "whole": True}}, "levers.a: steps is missing"),
    ],
)
def test_a_grid_that_is_too_large_is_refused_before_it_is_made(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        taken(space(**given), "grid")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"incentives.0.rte": [1.0]}, r'levers."incentives.0.rte": .*unknown key .rte.; did you mean .rate.'),
        (
            {"incentives.0.rate": {"low": -0.1, "high": 0.1}},
            r"incentives.0.rate: given -0.1, allowed is a number in \[0",
        ),
        ({"information.kind": ["none", "platfrm"]}, r"unknown kind 'platfrm'; did you mean 'platform'"),
        (
            {"months": {"low": 3.5, "high": 9.0}},
            r"given 3.5, allowed is a whole number .*; add whole = true to the range",
        ),
    ],
)
def test_what_a_scenario_does_not_take_is_said_with_its_place(
    subsidised: Scenario, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=f"x.toml, .*{message}"):
        space_of("levers", given, "x.toml").check(subsidised, Space("uncertainties", {}), "x.toml")


def test_a_parameter_of_a_kind_that_a_lever_brings_is_allowed() -> None:
    of = space_of("levers", {"cost_sharing.kind": ["sponsor"], "cost_sharing.share": {"low": 0.0, "high": 1.0}}, "x")
    of.check(tiny("plain"), Space("uncertainties", {}), "x")
