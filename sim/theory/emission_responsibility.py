"""Who is responsible for an emission in a supply chain."""

from __future__ import annotations

from typing import ClassVar

import networkx as nx
import numpy as np
from pydantic import Field

from sim.fields import NonNegative, Share
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import Settled, quiet


class EmissionResponsibility(Case):
    """What firm j emits, a_j, is the responsibility of j and of every firm that its goods reach, N_j.

    The Shapley value has them bear it equally: phi_i = sum over the j with i in N_j of a_j/|N_j|. In the engine each
    firm's abatement costs in proportion to a_j, and `responsibility` cost sharing has it borne.
    """

    name: ClassVar[str] = "emission_responsibility"
    title: ClassVar[str] = "Who is responsible for an emission"
    source: ClassVar[str] = "Gopalakrishnan, Granot, Granot, Sosic & Cui 2021"
    formula: ClassVar[str] = (
        "phi_i = sum of a_j/|N_j| over the j with i in N_j, N_j being j and all that its goods reach"
    )
    explains: ClassVar[str] = (
        "A tonne emitted by a supplier serves it and everybody to whom its goods go on. If each of them bears the same "
        "part, every tonne is borne once, nobody is charged for what it has no part in, and the seller has a part in "
        "everything."
    )
    shown: ClassVar = ({}, {"second_customer": 0.0}, {"graph": 7})
    axis: ClassVar[Axis] = Axis(
        "emissions", (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0), (Panel("tonnes borne"),), "tonnes that firm 6 emits", 5
    )

    emissions: tuple[NonNegative, ...] = Field(
        (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), min_length=2, max_length=60, description="a: of each firm, first the seller, t"
    )
    second_customer: Share = Field(0.3, description="chance that a firm supplies another of those before it as well")
    graph: int = Field(3, ge=0, description="seed of who supplies whom")

    def network(self) -> nx.DiGraph[int]:
        """Who supplies whom: every firm supplies one before it, and each other one with the given chance."""
        rng = np.random.default_rng(self.graph)
        graph: nx.DiGraph[int] = nx.DiGraph()
        for j in range(1, len(self.emissions)):
            first = int(rng.integers(j))
            graph.add_edges_from((j, i) for i in range(j) if (rng.random() < self.second_customer) or i == first)
        return graph

    def theory(self) -> dict[str, float]:
        graph = self.network()
        borne = [0.0] * len(self.emissions)
        for j, tonnes in enumerate(self.emissions):
            responsible = {j} | nx.descendants(graph, j)
            for i in responsible:
                borne[i] += tonnes / len(responsible)
        return {f"firm {i + 1}": tonnes for i, tonnes in enumerate(borne)}

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        n = len(self.emissions)
        names = [f"f{i + 1}" for i in range(n)]
        links = [{"supplier": names[j], "customer": names[i], "input_group": names[j]} for j, i in self.network().edges]
        firms = [{"id": name, "role": "supplier", "value_added_share": 0.1} for name in names]
        firms[0] |= {"role": "manufacturer", "demand": 1.0}
        scenario = quiet(
            network={"kind": "listed", "firms": firms, "links": links},
            cost_sharing={"kind": "responsibility"},
            months=1,
        )
        trade = Settled(scenario, seed=seed, abatement={})
        revenue = {name: trade.of(trade.world.revenue, name) for name in names}
        dearest = 2.0 * max(a / revenue[name] for a, name in zip(self.emissions, names, strict=True)) or 1.0
        efforts = {
            name: (2.0 * a / (revenue[name] * dearest)) ** 0.5 for a, name in zip(self.emissions, names, strict=True)
        }
        done = Settled(scenario.replace({"technology.abatement_cost": dearest}), seed=seed, abatement=efforts)
        paid = -done.booked("effort", "cost sharing")
        return {f"firm {i + 1}": Simulated(done.of(paid, name)) for i, name in enumerate(names)}

    def size(self, quantity: str) -> float:
        return max(self.emissions) or 1.0
