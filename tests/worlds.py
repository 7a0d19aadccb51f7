"""Small worlds for tests, made here: quiet ones without any noise, and the networks they stand on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sim.beginning import opening
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.scenario.files import load_data
from sim.scenario.schema import Scenario
from sim.world import World

QUIET: dict[str, Any] = {
    "technology": {"heterogeneity": 0.0, "learning_exponent": 0.0},
    "market": {"demand_noise": 0.0, "demand_response": 0.0},
    "risk": {"outage_rate": 0.0},
    "start": {"warmup": 0, "spread": 0.0},
    "behaviours": [{"kind": "gradient", "noise": 0.0}],
    "regulator": {"kind": "none"},
}
"""Nothing is drawn, nobody differs, nothing is learnt: what is left is the payoff game."""

NO_STAKES: dict[str, Any] = {
    "technology": {**QUIET["technology"], "scrap_cost": 0.0, "energy_saving": 0.0, "synergy": 0.0},
    "quality": {"return_cost": 0.0, "warranty_cost": 0.0, "hosting_cost": 0.0, "inspection_cost": 0.0},
    "logistics": {"fare": 0.0, "claim_cost": 0.0, "fuel_saving": 0.0},
    "market": {**QUIET["market"], "social_cost_of_carbon": 0.0},
}
"""Effort brings nothing but the green premium."""

SMALL: dict[str, Any] = {"kind": "tiered", "buyers": 2, "tiers": [8, 12], "carriers": 2}

EVERYBODY = [{"name": "all", "starts": 0}]


def scenario(*parts: dict[str, Any], **more: Any) -> Scenario:
    """A scenario from parts laid over each other, table by table, on a small tiered network."""
    data: dict[str, Any] = {"network": dict(SMALL)}
    for part in (*parts, more):
        for key, value in part.items():
            old = data.get(key)
            mergeable = isinstance(old, dict) and isinstance(value, dict) and "kind" not in value and key != "network"
            data[key] = {**old, **value} if mergeable else value
    if "extends" in data and data["network"] == SMALL:
        del data["network"]
    return load_data(data)


def run(given: Scenario, seed: int = 1, replications: int = 1) -> tuple[World, Programme]:
    """The world after the scenario's months."""
    programme = programme_of(given, seed, range(replications))
    world = opening(programme)
    for _ in range(given.months):
        world = month(world, programme)
    return world, programme


def tables(folder: Path, firms: str, links: str) -> dict[str, Any]:
    """A network table for a scenario, from the text of two CSV files."""
    (folder / "firms.csv").write_text(firms, encoding="utf-8")
    (folder / "links.csv").write_text(links, encoding="utf-8")
    path = folder / "network.toml"
    path.write_text('[network]\nfirms = "firms.csv"\nlinks = "links.csv"\ncarriers = 1\n', encoding="utf-8")
    return {"extends": str(path)}


def of_firm(world: World, programme: Programme, name: str, firm: str, replication: int = 0) -> float:
    """One firm's value of a state array."""
    return float(np.asarray(getattr(world, name))[replication, programme.network.index(firm)])
