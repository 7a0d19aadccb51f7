"""Learning by reinforcement."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.behaviours.base import View
from sim.behaviours.reinforce import EFFORTS, Reinforce
from sim.fields import Array
from sim.month.knowing import believed
from sim.network.neighbours import neighbours_of
from sim.programme import Programme, programme_of
from sim.world import World
from tests.worlds import NO_STAKES, QUIET, run, scenario


def view_of(world: World, p: Programme, profitability: Array, memory: dict[str, Array]) -> View:
    near = neighbours_of(world.links, world.chains, p.network.firms["role"])
    least = np.zeros(p.shape)
    known = believed(world, p)
    return View(known, p.draws, world.month, p.private, p.social, profitability, near, world.observation, least, memory)


def begun(**parameters: Any) -> tuple[Reinforce, World, Programme]:
    p = programme_of(scenario(QUIET, behaviours=[{"kind": "reinforce", **parameters}]), 1, [0])
    return Reinforce(**parameters), opening(p), p


def worth(stake: float) -> dict[str, Any]:
    """A world in which full quality effort saves `stake` of revenue, and abatement saves nothing."""
    free = {"energy_saving": 0.0, "synergy": 0.0, "sme_cost_factor": 1.0, "scrap_cost": stake / (0.05 * 0.8)}
    return {**NO_STAKES, "technology": {**NO_STAKES["technology"], **free}}


def mean_levels(stake: float, months: int = 200, **parameters: Any) -> dict[str, Array]:
    """The mean level that trading suppliers have come to choose of each effort."""
    learners = [{"kind": "reinforce", **parameters}]
    world, p = run(scenario(QUIET, worth(stake), behaviours=learners, months=months), replications=4)
    suppliers = p.traits.supplier
    found = {}
    for name in EFFORTS:
        propensity = world.behaviour_memory[0][name][:, suppliers][world.revenue[:, suppliers] > 0]
        levels = np.linspace(0.0, 1.0, propensity.shape[-1])
        found[name] = (propensity * levels).sum(axis=1) / propensity.sum(axis=1)
    return found


def test_in_a_world_at_rest_a_firm_learns_the_effort_that_pays_and_drops_the_one_that_does_not() -> None:
    learnt = mean_levels(0.16)
    assert np.mean(learnt["quality"] > 0.75) > 0.9
    assert np.mean(learnt["abatement"] < 0.25) > 0.9
    unlearnt = mean_levels(0.0)
    assert np.mean(unlearnt["quality"] < 0.25) > 0.9


def test_without_rewards_worth_the_name_nothing_is_learnt() -> None:
    learnt = mean_levels(0.16, months=50, scale=1e9)
    assert learnt["quality"] == pytest.approx(0.5, abs=1e-6)
    assert learnt["abatement"] == pytest.approx(0.5, abs=1e-6)


def test_a_reward_goes_to_the_level_played_and_in_part_to_its_neighbours() -> None:
    rule, world, p = begun(levels=5, forgetting=0.1, experimentation=0.2, scale=0.02, aspiration_speed=0.25)
    played = np.zeros(p.shape)
    played[0, :3] = 0.5, 0.0, 1.0
    world = world.but(quality=played, abatement=np.zeros(p.shape))
    memory = rule.blank(p.shape) | {"months": np.full(p.shape, 5.0), "aspiration": np.full(p.shape, 0.05)}
    after = rule.remember(view_of(world, p, np.full(p.shape, 0.07), memory), np.arange(3))
    assert after["quality"][0, 0] == pytest.approx([0.9, 1.0, 1.7, 1.0, 0.9])
    assert after["quality"][0, 1] == pytest.approx([1.8, 1.0, 0.9, 0.9, 0.9])
    assert after["quality"][0, 2] == pytest.approx([0.9, 0.9, 0.9, 1.0, 1.8])
    assert after["abatement"][0, :3] == pytest.approx(np.tile([1.8, 1.0, 0.9, 0.9, 0.9], (3, 1)))
    assert after["aspiration"][0, :3] == pytest.approx(0.055)


def test_less_than_aspired_to_makes_a_level_rarer_but_never_gives_it_up() -> None:
    rule, world, p = begun(levels=5, forgetting=0.0, experimentation=0.0, scale=0.02, floor=0.05)
    memory = rule.blank(p.shape) | {"months": np.full(p.shape, 5.0), "aspiration": np.full(p.shape, 0.05)}
    world = world.but(quality=np.zeros(p.shape), abatement=np.zeros(p.shape))
    for profit, left in ((0.04, 0.5), (-0.5, 0.05)):
        after = rule.remember(view_of(world, p, np.full(p.shape, profit), memory), np.arange(2))
        assert after["quality"][0, 0] == pytest.approx([left, 1.0, 1.0, 1.0, 1.0])


def test_the_first_profit_of_its_own_levels_is_what_a_firm_aspires_to() -> None:
    rule, world, p = begun()
    memory = rule.blank(p.shape)
    for profit in (0.3, 0.04):
        memory = rule.remember(view_of(world, p, np.full(p.shape, profit), memory), np.arange(4))
        assert memory["quality"][0, :4] == pytest.approx(np.full((4, 6), memory["quality"][0, 0, 0]))
        assert memory["aspiration"][0, :4] == pytest.approx(profit)


def test_only_those_who_are_asked_learn_and_nothing_is_written_to() -> None:
    rule, world, p = begun()
    memory = rule.blank(p.shape) | {"months": np.full(p.shape, 5.0)}
    before = {name: x.copy() for name, x in memory.items()}
    after = rule.remember(view_of(world, p, np.full(p.shape, 0.1), memory), np.array([2, 5]))
    for name, x in memory.items():
        assert np.array_equal(x, before[name])
        changed = (after[name] != x).reshape(p.shape[1], -1).any(axis=1)
        assert np.flatnonzero(changed).tolist() == [2, 5], name


def test_levels_are_played_in_proportion_to_their_propensities() -> None:
    rule, world, p = begun(levels=3)
    memory = rule.blank(p.shape)
    memory["quality"] = np.broadcast_to([1.0, 3.0, 4.0], (*p.shape, 3)).copy()
    view = view_of(world, p, np.zeros(p.shape), memory)
    cells, count = np.arange(p.shape[1]), np.zeros(3)
    for month in range(400):
        view.month = month
        count += np.bincount((rule.decide(view, cells).quality * 2).astype(int), minlength=3)
    assert count / count.sum() == pytest.approx([0.125, 0.375, 0.5], abs=0.02)


def test_what_a_firm_plays_hangs_on_its_own_stream_and_not_on_who_else_learns() -> None:
    everybody, _ = run(scenario(QUIET, behaviours=[{"kind": "reinforce", "scale": 1e9}], months=3))
    half = [{"kind": "fixed", "share": 0.5}, {"kind": "reinforce", "scale": 1e9, "share": 0.5}]
    mixed, p = run(scenario(QUIET, behaviours=half, months=3))
    learners = p.behaviours[1][1]
    assert np.array_equal(mixed.quality.ravel()[learners], everybody.quality.ravel()[learners])
    assert len(np.unique(everybody.quality)) == 6


def test_a_behaviour_that_remembers_nothing_has_no_memory_and_others_keep_theirs_apart() -> None:
    learners = [
        {"kind": "gradient", "role": "manufacturer"},
        {"kind": "reinforce", "role": "supplier"},
        {"kind": "reinforce", "role": "logistics", "levels": 3},
    ]
    world, p = run(scenario(QUIET, behaviours=learners, months=2))
    assert [sorted(m) for m in world.behaviour_memory] == [[], *[["abatement", "aspiration", "months", "quality"]] * 2]
    assert [m["quality"].shape[-1] for m in world.behaviour_memory[1:]] == [6, 3]
    for (_, cells), memory in zip(p.behaviours[1:], world.behaviour_memory[1:], strict=True):
        assert np.array_equal(np.flatnonzero(memory["months"]), cells)
        assert np.all(memory["months"].ravel()[cells] == 2.0)
    after = phases.decide(world, p, believed(world, p))
    assert np.all(world.behaviour_memory[1]["months"] <= 2.0)
    assert after.behaviour_memory[1]["months"].max() == 3.0
