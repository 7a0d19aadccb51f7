"""Who decides when within a month."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim import deciding, phases
from sim.beginning import opening
from sim.errors import ScenarioError
from sim.knowing import believed
from sim.network.links import links_of
from sim.network.neighbours import neighbours_of
from sim.programme import Programme, programme_of
from sim.turns import Turn, colours, one_by_one, turns_of
from sim.world import World
from tests.laws.test_isolation import BUSY, STATE, same
from tests.worlds import run, scenario

LEARNERS = [
    {"kind": "gradient", "share": 0.3},
    {"kind": "conditional", "share": 0.3},
    {"kind": "imitate", "share": 0.2},
    {"kind": "reinforce", "share": 0.1},
    {"kind": "best_reply", "share": 0.1},
]


def busy(schedule: str, **more: Any) -> Any:
    given = {**BUSY, "months": 3, "start": {"warmup": 2}, "behaviours": LEARNERS}
    return scenario(given, update={"schedule": schedule}, **more)


def begun(schedule: str, worlds: int = 2) -> tuple[World, Programme]:
    p = programme_of(busy(schedule), 1, range(worlds))
    return phases.shocks(opening(p), p), p


def followers(p: Programme) -> list[np.ndarray]:
    return [cells for _, cells in p.behaviours]


def test_nobody_has_the_colour_of_a_partner_and_few_colours_do() -> None:
    p = programme_of(busy("colour_classes"), 1, [0])
    links = links_of(p.network, 1)
    colour = colours(links)
    assert np.all(colour[p.network.supplier] != colour[p.network.customer])
    assert colour.max() <= np.bincount(np.concatenate([p.network.supplier, p.network.customer])).max()
    assert len(turns_of("colour_classes", links, followers(p))) == colour.max() + 1 >= 2


@pytest.mark.parametrize("schedule", ["simultaneous", "sequential", "colour_classes"])
def test_every_firm_decides_once_a_month_by_its_own_behaviour(schedule: str) -> None:
    p = programme_of(busy(schedule), 1, range(3))
    turns = turns_of(schedule, links_of(p.network, 3), followers(p)) or list(one_by_one(p.draws, 4, followers(p)))
    for n, cells in enumerate(followers(p)):
        asked = np.concatenate([turn.cells[n] for turn in turns])
        assert np.array_equal(np.sort(asked), cells)
    assert np.array_equal(sum(turn.deciding * np.ones(p.shape) for turn in turns), np.ones(p.shape))


def test_the_order_of_firms_is_drawn_anew_in_every_world_and_month() -> None:
    p = programme_of(busy("sequential"), 1, range(3))

    def order(month: int) -> np.ndarray:
        return np.array([np.flatnonzero(t.deciding.ravel()) for t in one_by_one(p.draws, month, followers(p))]).T

    first, later = order(0), order(1)
    assert len({tuple(row % p.shape[1]) for row in (*first, *later)}) == 6
    assert np.array_equal(first, order(0))


@pytest.mark.parametrize("schedule", ["sequential", "colour_classes"])
def test_in_turns_is_the_same_as_asking_all_again_and_heeding_those_whose_turn_it_is(schedule: str) -> None:
    world, p = begun(schedule)
    at_once = replace(p, scenario=p.scenario.replace({"update.schedule": "simultaneous"}))
    together = replace(world.links, _kept={})
    expected = world
    for turn in turns_of(schedule, world.links, followers(p)) or one_by_one(p.draws, world.month, followers(p)):
        asked = phases.decide(expected.but(links=together), at_once, believed(expected, p))
        heeded = turn.deciding > 0
        memory = tuple(
            {name: np.where(heeded.reshape(*p.shape, *[1] * (new.ndim - 2)), new, old[name]) for name, new in m.items()}
            for m, old in zip(asked.behaviour_memory, expected.behaviour_memory, strict=True)
            for old in [dict(old)]
        )
        efforts = {
            name: np.where(heeded, getattr(asked, name), getattr(expected, name))
            for name in ("quality", "abatement", "disclosure")
        }
        expected = expected.but(**efforts, behaviour_memory=memory)
    decided = phases.decide(world, p, believed(world, p))
    for name in ("quality", "abatement", "disclosure"):
        assert np.array_equal(getattr(decided, name), getattr(expected, name)), name
    for mine, theirs in zip(decided.behaviour_memory, expected.behaviour_memory, strict=True):
        assert all(np.array_equal(mine[name], theirs[name]) for name in theirs)
    assert not np.array_equal(
        decided.quality, phases.decide(world.but(links=together), at_once, believed(world, p)).quality
    )


def test_one_class_of_all_is_deciding_at_once_bit_for_bit() -> None:
    world, p = begun("simultaneous")
    everybody = {"turns": (Turn(tuple(followers(p)), np.ones(p.shape)),)}
    marked = world.but(links=replace(world.links, _kept=everybody))
    a, b = (phases.decide(w, p, believed(w, p)) for w in (world, marked))
    for name in ("quality", "abatement", "disclosure"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name


@pytest.mark.parametrize("schedule", ["sequential", "colour_classes"])
def test_in_turns_one_world_equals_its_row(schedule: str) -> None:
    given = busy(schedule)
    many, _ = run(given, replications=3)
    alone, _ = run(given)
    for name in STATE:
        assert np.array_equal(getattr(many, name)[:1], getattr(alone, name)), name


def test_a_mandate_binds_a_firm_when_its_turn_comes() -> None:
    given = busy("colour_classes", information={"kind": "platform", "minimum_disclosure": 0.9})
    p = programme_of(given, 1, [0])
    world = phases.shocks(opening(p), p)
    before = world.disclosure
    first = turns_of("colour_classes", world.links, followers(p))[0]
    after = deciding.move(world, p, believed(world, p), first)
    asked = first.deciding > 0
    assert before.max() < 0.9
    assert np.all(after.disclosure[asked & (world.shared_near > 0)] >= 0.9)
    assert np.array_equal(after.disclosure[~asked], before[~asked])


def test_lists_of_partners_are_kept_for_those_who_decide_together_every_month_only() -> None:
    for schedule, lists in (("colour_classes", True), ("sequential", False)):
        world, p = begun(schedule)
        near = neighbours_of(world.links, world.chains, p.network.firms["role"])
        assert bool(near._lists) == lists


def test_a_schedule_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ScenarioError, match="update.schedule: given .random., allowed is .simultaneous. or"):
        busy("random")


def test_the_schedule_matters_only_while_firms_look_at_each_other() -> None:
    fixed = [{"kind": "fixed", "quality": 0.3}]
    worlds = [
        run(scenario({**BUSY, "months": 4, "behaviours": fixed}, update={"schedule": s}))[0]
        for s in ("simultaneous", "sequential", "colour_classes")
    ]
    same(worlds[0], worlds[1])
    same(worlds[0], worlds[2])
