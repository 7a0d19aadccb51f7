"""Which scenarios can be computed together, as one whose numbers are columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.ensemble import run_block
from sim.errors import ScenarioError, UsageError
from sim.scenario.schema import Scenario
from sim.scenario.varied import at_worlds, is_varied, may_vary, skeleton, varied
from tests.worlds import scenario


def given(**changes: Any) -> Scenario:
    incentives = [{"kind": "abatement_subsidy", "rate": 0.1}, {"kind": "effort_subsidy", "budget": 9.0}]
    return scenario({"incentives": incentives, "relations": {"warn_below": 0.3}}).replace(changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"technology.abatement_cost": 0.2},
        {"incentives.0.rate": 0.0},
        {"incentives.1.budget": 10.0},
        {"relations.weights.innovation": 2.0},
        {"relations.warn_below": 0.4},
        {"behaviours.0.speed": 1.0},
        {"regulator.rate": 0.0},
        {"name": "another", "title": "Another"},
    ],
    ids=lambda c: next(iter(c)),
)
def test_scenarios_that_differ_in_numbers_or_names_alone_have_one_skeleton(changes: dict[str, Any]) -> None:
    assert skeleton(given(**changes)) == skeleton(given())


OTHERWISE: list[dict[str, Any]] = [
    {"months": 7},
    {"start.warmup": 3},
    {"relations.assessed": True},
    {"technology.effort_base": "plant"},
    {"incentives.1.budget": None},
    {"incentives.0.budget": 10.0},
    {"regulator.kind": "none"},
    {"network.sme_share": 0.3},
    {"relations.warn_below": 0.0},
    {"market.weakest_link": 0.0},
    {"start.cooperators": [0.5, 0.2]},
    {"incentives.0.label": "subsidy"},
]
"""What makes another skeleton."""


@pytest.mark.parametrize("changes", OTHERWISE, ids=lambda c: next(iter(c)))
def test_what_else_differs_makes_another_skeleton(changes: dict[str, Any]) -> None:
    assert skeleton(given(**changes)) != skeleton(given())


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("technology.abatement_cost", True),
        ("incentives.1.budget", True),
        ("incentives.0.budget", False),
        ("relations.weights.innovation", True),
        ("relations.review_every", False),
        ("network.sme_share", False),
        ("start.cooperators.0", False),
        ("information.verification", False),
        ("technology", False),
        ("incentives.7.rate", False),
        ("nowhere.at_all", False),
    ],
)
def test_numbers_may_vary_but_no_counts_words_lists_or_what_shapes_the_network(path: str, may: bool) -> None:
    assert may_vary(given(**{"start.cooperators": [0.5, 0.2]}), path) is may


def test_what_differs_becomes_a_column_and_comes_back_row_by_row() -> None:
    ones = [
        given(),
        given(**{"technology.margin": 0.05, "incentives.0.rate": 0.3}),
        given(**{"technology.margin": 0.05}),
    ]
    together = varied(ones)
    assert np.array_equal(together.technology.margin, [[0.08], [0.05], [0.05]])
    assert together.technology.abatement_cost == 0.12
    assert is_varied(together)
    for row, one in enumerate(ones):
        assert at_worlds(together, [row]) == one
    some = at_worlds(together, [1, 2])
    assert some.technology.margin == 0.05
    assert np.array_equal(getattr(some.incentives[0], "rate"), [[0.3], [0.1]])  # noqa: B009


def test_scenarios_without_a_difference_are_one_of_them() -> None:
    one = given()
    assert varied([one, given(), given(name="another")]) is one
    assert not is_varied(one)


def test_columns_cannot_be_written_to() -> None:
    together = varied([given(), given(**{"technology.margin": 0.05})])
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(together.technology.margin)[0] = 1.0


@pytest.mark.parametrize("changes", OTHERWISE, ids=lambda c: next(iter(c)))
def test_scenarios_of_two_skeletons_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError, match="differ in more than numbers"):
        varied([given(), given(**changes)])


def test_a_row_too_few_is_refused() -> None:
    together = varied([given(), given(**{"technology.margin": 0.05})])
    with pytest.raises(UsageError, match="for 2 worlds cannot run on 3"):
        run_block(together, 1, range(3))


def test_leaving_out_the_first_best_is_another_scenario_and_not_doing_so_is_none() -> None:
    assert "first_best" not in given().canonical
    assert given(**{"assessment.first_best": True}).fingerprint == given().fingerprint
    assert given(**{"assessment.first_best": False}).fingerprint != given().fingerprint
