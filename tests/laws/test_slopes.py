"""What a firm weighs is what the books pay: slopes of the payoffs against the change in booked profit and in
welfare when one firm changes one effort for good and everything has come to rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.month.knowing import believed
from sim.outcomes.base import outcomes
from sim.payoff import Payoff, Term
from sim.programme import Programme, programme_of
from sim.scenario.schema import Scenario
from sim.world import World
from tests.worlds import EVERYBODY, QUIET, SMALL, scenario

EFFORTS = {"quality": 0.4, "abatement": 0.3, "disclosure": 0.3}
FIRMS = ("anchor", "t1-001", "t2-005", "carrier-1")

STILL: dict[str, Any] = {
    "network": SMALL,
    "start": {**QUIET["start"], **EFFORTS},
    "behaviours": [{"kind": "cooperative", "speed": 0.0}],
    "relations": {"review_every": 10**4},
}
"""Nobody moves, but what the social payoff needs is kept up."""

SEEN_CLEARLY = {"kind": "platform", "accuracy_without": 1.0, "accuracy_with": 1.0, "noise": 0.0}

CASES: dict[str, dict[str, Any]] = {
    "everybody for itself": {},
    "liability": {"quality": {"liability": 0.5}},
    # Trust held: what quality does through trust to later inspections is not weighed.
    "a platform": {"information": SEEN_CLEARLY, "programme": EVERYBODY, "quality": {"trust_speed": 0.0}},
    "value added and a sponsor": {
        "benefit_sharing": {"kind": "value_added"},
        "cost_sharing": {"kind": "sponsor"},
        "programme": EVERYBODY,
    },
    "packaging that costs and emits": {
        "logistics": {"packaging_cost": 20.0, "packaging_intensity": 10.0, "packaging_reuse": 0.3},
        "incentives": [{"kind": "carbon_tax"}],
    },
    "electric lorries on some routes, and a platform": {
        "logistics": {"electric_share": 0.4, "electric_range_km": 300.0, "electric_fuel_saving": 0.9},
        "information": SEEN_CLEARLY,
        "programme": EVERYBODY,
        "quality": {"trust_speed": 0.0},
    },
    # Without liability: a firm does not weigh that what it may claim of its own suppliers falls as it discloses more.
    "prices reduced for defects found, and a platform": {
        "information": SEEN_CLEARLY,
        "programme": EVERYBODY,
        "quality": {"reduction": 0.9, "trust_speed": 0.0},
    },
    "a premium that saturates, shared by value added": {
        "market": {"saturation": 1.2},
        # What a firm adds depends on what it believes of the others, so all see clearly.
        "information": SEEN_CLEARLY,
        "quality": {"trust_speed": 0.0},
        "benefit_sharing": {"kind": "value_added"},
        "programme": EVERYBODY,
    },
    "partners whose efforts count": {
        "interaction": {
            "complementarity": -0.01,
            "local_benefit": 0.02,
            "group_return": 2.0,
            "group_cost": 0.002,
            "group_size": 3,
        },
        # Seen clearly without being shared, so that sharing moves nothing.
        "information": {"kind": "none", "accuracy_without": 1.0, "noise": 0.0},
    },
    "a tax and a subsidy": {"incentives": [{"kind": "carbon_tax"}, {"kind": "abatement_subsidy", "rate": 0.05}]},
}


def at_rest(given: Scenario, firm: int | None = None, name: str = "", step: float = 0.0) -> tuple[World, Programme]:
    """The world after 40 months in which one firm did a little more of one thing."""
    p = programme_of(given, 1, [0])
    world = opening(p)

    def held(chosen: World) -> World:
        if firm is None:
            return chosen
        value = np.full(p.shape, EFFORTS[name])
        value[0, firm] += step
        return chosen.but(**{name: value})

    for _ in range(40):
        world = phases.month(world, p, held)
    return world, p


@pytest.mark.parametrize("case", CASES)
def test_slopes_are_what_the_books_and_welfare_say(case: str) -> None:
    given = scenario(QUIET, STILL, CASES[case])
    world, p = at_rest(given)
    known = believed(phases.shocks(world, p), p)
    private, social = p.private.slopes(known), p.social.slopes(known)
    welfare = outcomes()["welfare"].measure
    for firm in (p.network.index(f) for f in FIRMS):
        revenue = known.revenue[0, firm]
        for name in EFFORTS:
            more, less = (at_rest(given, firm, name, step)[0] for step in (0.02, -0.02))
            booked = (more.profit - less.profit)[0, firm] / 0.04
            whole = float((np.asarray(welfare(more, p)) - np.asarray(welfare(less, p)))[0]) / 0.04
            at = (case, p.network.ids[firm], name)
            assert private[name][0, firm] / revenue == pytest.approx(booked / revenue, abs=4e-4), at
            assert social[name][0, firm] / revenue == pytest.approx(whole / revenue, abs=6e-4), at


def test_a_payment_that_reads_green_quality_and_an_effort_counts_each_once() -> None:
    world, p = at_rest(scenario(QUIET, STILL))
    known = believed(world, p)

    def mixed(known: Known, acts: Acts) -> Array:
        return known.revenue * (acts.quality + known.green_quality(acts))

    slopes = Payoff([Term("mixed", mixed)]).slopes(known)
    assert slopes["quality"] == pytest.approx(1.5 * known.revenue)
    assert slopes["abatement"] == pytest.approx(0.5 * known.revenue)


def test_terms_of_one_name_do_not_hide_each_other() -> None:
    world, p = at_rest(scenario(QUIET, STILL))
    known = believed(world, p)
    by_quality = Term("same", lambda known, acts: known.revenue * acts.quality)
    by_abatement = Term("same", lambda known, acts: known.revenue * acts.abatement)
    slopes = Payoff([by_quality, by_abatement]).slopes(known)
    assert slopes["quality"] == pytest.approx(known.revenue)
    assert slopes["abatement"] == pytest.approx(known.revenue)
