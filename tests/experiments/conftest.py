"""Tiny scenarios."""

from __future__ import annotations

import pytest

from sim.scenario.files import load_data
from sim.scenario.schema import Scenario

TINY = {"months": 6, "network": {"kind": "tiered", "buyers": 1, "tiers": [6, 8]}}


def tiny(name: str, **changes: object) -> Scenario:
    return load_data({**TINY, "name": name, **changes})


@pytest.fixture
def plain() -> Scenario:
    return tiny("plain")


@pytest.fixture
def subsidised() -> Scenario:
    return tiny(
        "subsidised",
        incentives=[{"kind": "abatement_subsidy", "rate": 0.5}, {"kind": "upgrade_grant", "budget": 1.0}],
    )
