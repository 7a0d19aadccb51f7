"""Who decides when within a month."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from sim import phases, turns
from sim.beginning import opening
from sim.errors import ScenarioError
from sim.month import deciding
from sim.month.knowing import believed
from sim.network.links import links_of
from sim.network.neighbours import neighbours_of
from sim.programme import Programme, programme_of
from sim.turns import Turn, colours, one_by_one, turns_in, turns_of
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
    taken = turns_of(schedule, links_of(p.network, 3), followers(p)) or list(one_by_one(p.draws, 4, followers(p)))
    for n, cells in enumerate(followers(p)):
        asked = np.concatenate([turn.cells[n] for turn in taken])
        assert np.array_equal(np.sort(asked), cells)
    assert np.array_equal(sum(turn.deciding * np.ones(p.shape) for turn in taken), np.ones(p.shape))


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
    for schedule, lists in (("colour_classes", True), ("sequential", False), ("sublattice", False), ("single", False)):
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


# --- schedules by which only some decide in a month -----------------------------------------------------

LATTICE = {"kind": "lattice", "rows": 8, "columns": 8, "sellers": "all", "inputs": 0.0, "carriers": 1}


def months_of(update: dict[str, Any], months: int, **more: Any) -> list[np.ndarray]:
    """Who decides in each month, (world, firm), on a lattice."""
    p = programme_of(scenario(network=LATTICE, update=update, **more), 1, range(2))
    links = links_of(p.network, 2)
    found = []
    for t in range(months):
        turns = list(turns_in(t, p.scenario.update, p.draws, links, followers(p)))
        assert len(turns) == 1
        (turn,) = turns
        asked = np.sort(np.concatenate(turn.cells))
        assert np.array_equal(asked, np.flatnonzero(turn.deciding))
        found.append(np.asarray(turn.deciding))
    return found


def hops() -> np.ndarray:
    """Links between any two producers of the lattice, by row of the network."""
    network = scenario(network=LATTICE).build_network()
    graph: nx.Graph = nx.Graph(zip(network.supplier.tolist(), network.customer.tolist(), strict=True))
    return np.array([[nx.shortest_path_length(graph, i, j) for j in range(64)] for i in range(64)])


@pytest.mark.parametrize("distance", [1, 2, 3])
def test_in_a_sublattice_no_two_firms_within_its_distance_decide_and_each_class_takes_its_turn(distance: int) -> None:
    far = hops()
    classes = set()
    decided = months_of({"schedule": "sublattice", "distance": distance}, 60)
    for world in (0, 1):
        for each in decided:
            together = np.flatnonzero(each[world, :64])
            between = far[np.ix_(together, together)]
            assert between[~np.eye(len(together), dtype=bool)].min(initial=99) > distance
            classes.add(tuple(together.tolist()))
    assert np.array_equal(np.sum([np.eye(64)[list(c)].sum(axis=0) for c in classes], axis=0), np.ones(64))
    # Two and eight are the fewest; greedily never more than the firms within the distance, and one.
    assert len(classes) <= {1: 2, 2: 13, 3: 8}[distance]
    assert any(not np.array_equal(each[0], each[1]) for each in decided)


def test_by_single_one_firm_of_each_world_decides_and_all_are_as_likely() -> None:
    decided = months_of({"schedule": "single"}, 3000)
    assert all(np.array_equal(each.sum(axis=1), [1.0, 1.0]) for each in decided)
    often = np.sum(decided, axis=0)
    assert often.min() > 20
    assert often.max() < 90
    assert any(not np.array_equal(each[0], each[1]) for each in decided)


@pytest.mark.parametrize("schedule", ["simultaneous", "sequential", "colour_classes", "sublattice", "single"])
def test_until_firms_begin_to_decide_efforts_stay_as_they_were(schedule: str) -> None:
    given = busy(schedule).replace({"update.begins": 2, "months": 3})
    p = programme_of(given, 1, [0, 1])
    first = opening(p)
    efforts = [first]
    for _ in range(3):
        efforts.append(phases.month(efforts[-1], p))
    for name in ("quality", "abatement"):
        before, *early, last = (getattr(world, name) for world in efforts)
        for later in early:
            assert np.array_equal(later, before)
        moved = last != before
        assert moved.any()
        if schedule == "single":
            assert moved.sum(axis=1).max() <= 1
        # What is mandated is disclosed all the same.
        sharing = efforts[1].shared_near > 0
        assert efforts[1].disclosure[sharing].min() >= given.information.minimum_disclosure


@pytest.mark.parametrize("schedule", ["sublattice", "single"])
def test_of_some_deciding_one_world_equals_its_row(schedule: str) -> None:
    given = busy(schedule, relations={"warn_below": 0.0}).replace({"months": 6})
    many, _ = run(given, replications=3)
    alone, _ = run(given)
    for name in STATE:
        assert np.array_equal(getattr(many, name)[:1], getattr(alone, name)), name


@pytest.mark.parametrize("schedule", ["sublattice", "single"])
def test_whose_turn_it_is_not_stays(schedule: str) -> None:
    world, p = begun(schedule)
    (turn,) = turns_in(world.month, p.scenario.update, p.draws, world.links, followers(p))
    decided = phases.decide(world, p, believed(world, p))
    asked = turn.deciding > 0
    assert np.array_equal(decided.quality[~asked], world.quality[~asked])
    assert not np.array_equal(decided.quality[asked], world.quality[asked])


def test_worlds_that_keep_their_links_are_not_coloured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    p = programme_of(busy("colour_classes"), 1, [0])
    links, coloured = links_of(p.network, 3), []
    real = turns._coloured

    def counted(*given: Any) -> np.ndarray:
        coloured.append(given)
        return real(*given)

    monkeypatch.setattr(turns, "_coloured", counted)
    first = colours(links)
    assert len(coloured) == 1
    supplier = links.supplier.copy()
    count = len(supplier) // 3
    # One link of the second world gets the supplier of another one.
    supplier[count] = supplier[2 * count - 1]
    changed = links.supplied_by(supplier, links.distance_km)
    again = colours(changed)
    assert len(coloured) == 2
    assert np.array_equal(first[: links.firms], again[: links.firms])
    assert np.all(again[changed.supplier] != again[changed.customer])
