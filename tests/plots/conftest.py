"""Small results to draw: three scenarios on a small network, made once."""

from __future__ import annotations

from typing import Any

import pytest

from sim.plots import Run, run_of
from sim.scenario.files import load_data
from sim.scenario.schema import Scenario
from tests.plots.standin import StandIn, stand_in

SMALL: dict[str, Any] = {
    "months": 10,
    "network": {"kind": "tiered", "buyers": 2, "tiers": [8, 14], "carriers": 3},
}
PROGRAMME: dict[str, Any] = SMALL | {
    "information": {"kind": "platform"},
    "cost_sharing": {"kind": "sponsor", "share": 0.3},
    "benefit_sharing": {"kind": "contribution"},
    "programme": [
        {"name": "the first tier", "starts": 0, "enrols": {"tier": 1}},
        {"name": "the second tier", "starts": 4, "ends": 8, "enrols": {"tier": 2}},
        {"name": "the buyers", "starts": 4, "enrols": {"role": "manufacturer"}},
        {"name": "never reached", "starts": 90},
    ],
}


def made() -> list[Scenario]:
    subsidy = {"incentives": [{"kind": "abatement_subsidy", "rate": 0.5}]}
    parts = {"alone": SMALL, "a-programme-with-all": PROGRAMME | subsidy, "no-incentive": PROGRAMME}
    return [load_data(data).model_copy(update={"name": name}) for name, data in parts.items()]


@pytest.fixture(scope="session")
def results() -> StandIn:
    return stand_in(made(), seed=7, replications=4)


@pytest.fixture(scope="session")
def single() -> StandIn:
    return stand_in(made()[:1], seed=7, replications=1)


@pytest.fixture(scope="session")
def names(results: StandIn) -> list[str]:
    return [s.name for s in results.scenarios]


@pytest.fixture(scope="session")
def run(results: StandIn) -> Run:
    return run_of(results)
