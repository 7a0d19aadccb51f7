"""Firms that play a game with their partners and copy each other: what such cases have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sim.beginning import opening
from sim.fields import Array
from sim.phases import month
from sim.programme import programme_of
from sim.scenario.schema import Scenario
from sim.theory.engine import Table
from sim.world import World

NOTHING = 1e-9
"""Cost of full effort, share of revenue, where effort is to cost nothing of itself."""

COSTLESS: Table = {"quality_cost": NOTHING, "abatement_cost": NOTHING, "disclosure_cost": NOTHING}

CLEAR: Table = {"kind": "none", "accuracy_without": 1.0, "noise": 0.0}
"""Everybody sees what others do, as it is."""


def alike(kind: str, **more: Any) -> Table:
    """A network family whose firms trade nothing with each other and all sell as much to the market."""
    return {"kind": kind, "sellers": "all", "inputs": 0.0, "demand": 1.0, "price": 1.0, "carriers": 1, **more}


def copying(selection: float, **more: Any) -> Table:
    """Firms that look at another and copy it by Fermi's rule, without error."""
    return {"kind": "imitate", "selection": selection, "noise": 0.0, **more}


def course(scenario: Scenario, seed: int, replications: Sequence[int]) -> Iterator[tuple[World, Array]]:
    """The worlds month by month, as long as anybody asks, each with the quality efforts of its producers."""
    p = programme_of(scenario, seed, replications)
    world = opening(p)
    while True:
        world = month(world, p)
        world.ledger.check(world.month - 1)
        yield world, world.quality[:, p.traits.producer[0]]
