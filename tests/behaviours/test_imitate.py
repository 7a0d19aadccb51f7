"""Imitation: whom firms look at, how likely they copy, and what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.month.knowing import believed
from sim.network.neighbours import neighbours_of
from sim.programme import Programme, programme_of
from sim.world import World
from tests.worlds import QUIET, scenario

CLEAR = {"kind": "none", "accuracy_without": 1.0, "noise": 0.0}
LAYERS = {"kind": "random_layered", "tiers": [4, 6, 8], "density": 0.5, "carriers": 1}
COPIES = {"kind": "imitate", "attempts": 1.0, "noise": 0.0}


def before_and_after(
    worlds: int = 40, network: dict[str, Any] = LAYERS, **behaviour: Any
) -> tuple[World, World, Programme]:
    given = scenario(
        QUIET,
        network=network,
        information=CLEAR,
        behaviours=[COPIES | behaviour],
        start={"spread": 0.2},
        # So that nobody copies before there is a profit to look at.
        update={"begins": 1},
    )
    p = programme_of(given, 1, range(worlds))
    world = phases.month(opening(p), p)
    world = phases.shocks(world, p)
    return world, phases.decide(world, p, believed(world, p)), p


def models(before: World, after: World) -> list[list[set[int]]]:
    """For each firm of each world, the firms whose quality effort it has now, if another than before."""
    found = []
    for old, new in zip(before.quality, after.quality, strict=True):
        found.append(
            [set(np.flatnonzero(old == x).tolist()) if x != y else set() for x, y in zip(new, old, strict=True)]
        )
    return found


def test_efforts_are_copied_whole_and_exactly() -> None:
    before, after, _ = before_and_after(partners=0.5)
    copied = 0
    for world, rows in enumerate(models(before, after)):
        for firm, model in enumerate(rows):
            if after.quality[world, firm] != before.quality[world, firm]:
                copied += 1
                assert len(model) >= 1
                same = [j for j in model if before.abatement[world, j] == after.abatement[world, firm]]
                assert any(before.disclosure[world, j] == after.disclosure[world, firm] for j in same)
    assert copied > 100


@pytest.mark.parametrize("kind", ["partners", "role", "tier"])
def test_firms_copy_only_those_they_look_at(kind: str) -> None:
    settings = {"partners": 1.0} if kind == "partners" else {"partners": 0.0, "peers": kind}
    before, after, p = before_and_after(**settings)
    near = neighbours_of(before.links, before.chains, p.network.firms["role"])
    role, tier = p.network.firms["role"], p.network.firms["tier"]
    seen = set()
    for world, rows in enumerate(models(before, after)):
        for firm, model in enumerate(rows):
            if not model or role[firm] == 2:
                continue
            if kind == "partners":
                cells = np.array([world * p.network.size + firm])
                allowed = set((near.partners_of(cells)[0] - world * p.network.size).tolist())
            else:
                alike = (role == role[firm]) & ((tier == tier[firm]) | (kind == "role"))
                allowed = set(np.flatnonzero(alike).tolist())
            assert model & allowed
            seen.add((firm, min(model & allowed)))
    crosses = any(role[i] == role[j] and tier[i] != tier[j] for i, j in seen)
    assert crosses == (kind != "tier")


def test_the_chance_to_copy_is_fermis_by_last_months_profit() -> None:
    pair = {"kind": "complete", "firms": 2, "sellers": "all", "inputs": 0.0, "carriers": 1}
    for selection in (0.0, 60.0):
        before, after, _ = before_and_after(6000, pair, partners=1.0, selection=selection)
        gap = before.profitability[:, 1] - before.profitability[:, 0]
        copied = after.quality[:, 0] == before.quality[:, 1]
        expected = 1.0 / (1.0 + np.exp(-selection * gap))
        if selection:
            assert np.abs(expected - 0.5).mean() > 0.1
        # In fifths of the worlds by how much better the other does.
        for part in np.array_split(np.argsort(gap), 5):
            assert copied[part].mean() == pytest.approx(expected[part].mean(), abs=0.04)
