"""Who does it where one doing it is enough for all its partners."""

from __future__ import annotations

from itertools import islice
from math import exp, log
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Unit
from sim.network.network import Network
from sim.scenario.schema import Scenario
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import quiet
from sim.theory.playing import CLEAR, COSTLESS, alike, course
from sim.theory.sampling import sampled

ALL = 1e-6
"""By how much an effort may miss nothing or everything; it is cost that keeps it from it."""

FIRMS = 100
"""Firms of the network: so many that the share is within 0.005 of that in a large one."""

GRAPHS_OF_A_SEED = 1_000_000
"""Numbers of graphs that belong to one seed."""


class LocalPublicGood(Case):
    """A firm needs 1 of a good and has what it and its partners do: it does max(0, 1 - sum of the partners' efforts).
    Firms decide one after the other in random order, from nothing. Some end at 1 and the others at 0; those at 1 are
    a maximal independent set. Their share is (1 - e^-2)/2 on a long ring, ln(1 + c)/c on a large random graph of c
    partners each.

    In the engine the good is a local public good of quality efforts, and firms give their best reply in turn.
    """

    name: ClassVar[str] = "local_public_good"
    title: ClassVar[str] = "Specialists and free riders among partners"
    source: ClassVar[str] = "Bramoulle & Kranton 2007; Flory 1939; McDiarmid 1984"
    formula: ClassVar[str] = (
        "share of specialists (1 - e^-2)/2 in a ring, ln(1 + c)/c in a random graph of c partners each"
    )
    explains: ClassVar[str] = (
        "Where what one firm does (an audit, a treatment plant, a test) serves its partners as well, a few end up "
        "doing all of it and their partners none. The more partners firms have, the fewer do it."
    )
    shown: ClassVar = ({}, {"mean_partners": 1.0}, {"graph": "ring"})
    sampled: ClassVar[bool] = True
    axis: ClassVar[Axis] = Axis("mean_partners", (0.5, 1.0, 2.0, 4.0, 6.0), (Panel("share of all firms, or runs"),))

    graph: Literal["random", "ring"] = Field("random", description="the network: random partners, or a ring")
    mean_partners: Annotated[float, Field(ge=0.1, le=6.0), Unit("1")] = Field(
        4.0, description="c: partners of a firm on average, in the random network"
    )

    def theory(self) -> dict[str, float]:
        c = self.mean_partners
        share = (1.0 - exp(-2.0)) / 2.0 if self.graph == "ring" else log(1.0 + c) / c
        return {"specialists": share, "runs that end at specialists": 1.0}

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        def on_a_ring(replications: range) -> dict[str, Array]:
            return self._ended(self._scenario({"kind": "ring", "firms": FIRMS}), seed, replications)

        def on_graphs(replications: range) -> dict[str, Array]:
            # A graph of its own for each replication.
            each = [
                self._ended(
                    self._scenario(
                        {
                            "kind": "random",
                            "firms": FIRMS,
                            "mean_partners": self.mean_partners,
                            "seed": seed * GRAPHS_OF_A_SEED + r,
                        }
                    ),
                    seed,
                    range(r, r + 1),
                )
                for r in replications
            ]
            return {name: np.concatenate([found[name] for found in each]) for name in each[0]}

        if self.graph == "ring":
            return sampled(on_a_ring, effort)
        return sampled(on_graphs, effort)

    def _scenario(self, network: dict[str, object]) -> Scenario:
        return quiet(
            {"technology": COSTLESS},
            network=alike(**network),  # type: ignore[arg-type]
            information=CLEAR,
            interaction={"local_benefit": 1.0},
            update={"schedule": "sequential"},
            # Where payoff is quadratic, a step of the gradient of speed 1/k is the best reply.
            behaviours=[{"kind": "gradient", "speed": 1.0, "noise": 0.0}],
            months=1,
        )

    def _ended(self, scenario: Scenario, seed: int, replications: range) -> dict[str, Array]:
        """After every firm has had its turn: the share at 1, and whether these are a maximal independent set."""
        ((_, efforts),) = islice(course(scenario, seed, replications), 1)
        network = scenario.build_network()
        right = np.array([_specialised(network, each) for each in efforts])
        return {"specialists": (efforts > 0.5).mean(axis=1), "runs that end at specialists": right.astype(float)}


def _specialised(network: Network, efforts: Array) -> bool:
    """Whether every firm does all or nothing, no two partners do it, and nobody who does not is without one who
    does."""
    import networkx as nx

    graph: nx.Graph = nx.Graph(zip(network.supplier.tolist(), network.customer.tolist(), strict=True))
    graph.add_nodes_from(range(len(efforts)))
    doing = set(np.flatnonzero(efforts > 0.5).tolist())
    whole = np.abs(efforts - np.round(efforts)).max() < ALL
    return bool(whole) and not graph.subgraph(doing).edges and nx.is_dominating_set(graph, doing)
