"""What theory says of best replies: where they lie, when updating at once cycles, and what cures it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from sim import phases
from sim.beginning import opening
from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.payoff import Payoff, Term
from sim.programme import Programme, programme_of
from tests.laws.test_public_goods import line, star
from tests.worlds import EVERYBODY, NO_STAKES, QUIET, run, scenario, tables

BEST_REPLY = {"kind": "best_reply"}
Game = Callable[[Known, Acts], Array]


@pytest.mark.parametrize("shape", [star, line])
@pytest.mark.parametrize("n", [2, 3, 5])
def test_with_equal_shares_the_best_reply_of_the_first_month_is_the_first_best_over_n(
    tmp_path: Path, shape: Any, n: int
) -> None:
    game = scenario(
        QUIET,
        NO_STAKES,
        tables(tmp_path, *shape(n)),
        market={"premium": 0.05},
        benefit_sharing={"kind": "value_added"},
        programme=EVERYBODY,
        behaviours=[BEST_REPLY],
        months=1,
    )
    alone, _ = run(game)
    together, _ = run(game.replace({"months": 120, "behaviours": [{"kind": "cooperative", "speed": 6.0}]}))
    assert np.all(together.quality[0, :n] > 0.01)
    assert alone.quality[0, :n] * n == pytest.approx(together.quality[0, :n], abs=1e-6)
    assert alone.abatement[0, :n] * n == pytest.approx(together.abatement[0, :n], abs=1e-6)


def played(
    folder: Path, network: tuple[str, str], game: Game, months: int, **changes: Any
) -> tuple[list[Array], Programme]:
    """Quality efforts, month by month, of firms that play a game of their own and care for nothing else."""
    given = scenario(
        QUIET,
        tables(folder, *network),
        **{"behaviours": [BEST_REPLY], "start": {"quality": 0.0, "abatement": 0.0, "disclosure": 0.0}} | changes,
    )
    p = replace(programme_of(given, 1, [0, 1]), private=Payoff([Term("game", game)]))
    world, efforts = opening(p), []
    for _ in range(months):
        world = phases.month(world, p)
        efforts.append(world.quality)
    return efforts, p


def team(steepness: float, others: Callable[[Array], Array]) -> Game:
    """U / S = G - h G^2/2 - e^2/2 (and a cost of all else), G the sum of the efforts of all: marginal benefit falls
    by h for each unit of effort, marginal cost rises by 1."""

    def payoff(known: Known, acts: Acts) -> Array:
        own = acts.quality
        total = own + others(known.acts.quality)
        idle = acts.abatement**2 + acts.disclosure**2
        return known.revenue * (total - 0.5 * steepness * total**2 - 0.5 * own**2 - idle)

    return payoff


def of_all_others(quality: Array) -> Array:
    """The efforts of the other producers; the carrier, the last, does not play."""
    return quality[:, :-1].sum(axis=1, keepdims=True) - quality


N = 5


def movement(efforts: list[Array]) -> float:
    return float(np.abs(efforts[-1] - efforts[-2])[:, :N].max())


def team_played(folder: Path, steepness: float, months: int, **changes: Any) -> list[Array]:
    return played(folder, star(N), team(steepness, of_all_others), months, **changes)[0]


def test_best_replies_at_once_settle_where_benefit_is_less_steep_than_cost_over_n_less_2(tmp_path: Path) -> None:
    steepness = 0.85 / (N - 2)
    efforts = team_played(tmp_path, steepness, 140)
    assert movement(efforts) < 1e-6
    assert efforts[-1][:, :N] == pytest.approx(1.0 / (1.0 + N * steepness), abs=1e-6)


STEEP = 2.0 / (N - 2)


def test_best_replies_at_once_cycle_where_benefit_is_steeper_than_that(tmp_path: Path) -> None:
    efforts = team_played(tmp_path, STEEP, 60)
    assert movement(efforts) > 0.3
    assert np.array_equal(efforts[-1][:, :N].round(9), efforts[-3][:, :N].round(9))


def test_damping_cures_the_cycle(tmp_path: Path) -> None:
    efforts = team_played(tmp_path, STEEP, 80, behaviours=[{**BEST_REPLY, "damping": 0.5}])
    assert movement(efforts) < 1e-9
    assert efforts[-1][:, :N] == pytest.approx(1.0 / (1.0 + N * STEEP), abs=1e-9)


def test_deciding_one_after_the_other_cures_the_cycle(tmp_path: Path) -> None:
    efforts = team_played(tmp_path, STEEP, 25, update={"schedule": "sequential"})
    assert movement(efforts) < 1e-9
    assert efforts[-1][:, :N] == pytest.approx(1.0 / (1.0 + N * STEEP), abs=1e-9)


def local(known: Known, acts: Acts) -> Array:
    """U / S = -(e + sum of the partners' e - e*)^2/2: the best reply is max(0, e* - sum of the partners' efforts)
    (Bramoulle & Kranton 2007)."""
    links = known.links
    near = links.total(links.customer, links.at(links.supplier, known.acts.quality))
    near = near + links.total(links.supplier, links.at(links.customer, known.acts.quality))
    return known.revenue * (-0.5 * (acts.quality + near - 0.8) ** 2 - acts.abatement**2 - acts.disclosure**2)


@pytest.mark.parametrize("network", [line(5), star(5), line(2)], ids=["line", "star", "pair"])
@pytest.mark.parametrize("schedule", ["sequential", "colour_classes"])
def test_of_a_local_public_good_in_turns_specialists_on_a_maximal_independent_set_remain(
    tmp_path: Path, network: tuple[str, str], schedule: str
) -> None:
    efforts, p = played(tmp_path, network, local, 3, update={"schedule": schedule})
    graph = nx.Graph(zip(p.network.supplier.tolist(), p.network.customer.tolist(), strict=True))
    for world in efforts[-1]:
        specialists = {i for i in graph if world[i] > 0.4}
        assert world[sorted(specialists)] == pytest.approx(0.8, abs=1e-9)
        assert nx.is_dominating_set(graph, specialists)
        assert not graph.subgraph(specialists).edges
        assert world[sorted(set(graph) - specialists)] == pytest.approx(0.0, abs=1e-9)
    assert efforts[-1] == pytest.approx(efforts[-2], abs=1e-9)


def test_at_once_the_same_firms_all_give_and_all_stop_by_turns(tmp_path: Path) -> None:
    efforts, _ = played(tmp_path, line(5), local, 4)
    assert [x[0, :5].round(9).tolist() for x in efforts] == [[0.8] * 5, [0.0] * 5] * 2
