"""Efforts that are worth more together, and whom a network would miss most."""

from __future__ import annotations

from math import ceil, log, sqrt
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Array, Count, NonNegative
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import Settled, Table, quiet
from sim.theory.playing import CLEAR

LEFT = 1e-11
"""Share of the way to rest that is left when the simulation ends."""

CLOSEST = 0.98
"""How near phi may come to where efforts grow without end, as a share of that."""

TWO_TEAMS = (
    *("1-2", "1-6", "1-7", "1-11"),
    *("2-3", "2-4", "2-5", "2-6", "3-4", "3-5", "3-6", "4-5", "4-6", "5-6"),
    *("7-8", "7-9", "7-10", "7-11", "8-9", "8-10", "8-11", "9-10", "9-11", "10-11"),
)
"""Two teams of five and one firm between them, the network of the paper's figure 1."""

Pair = Annotated[str, Field(pattern=r"^[1-9][0-9]*-[1-9][0-9]*$")]


class Complementarities(Case):
    """Payoff x - x^2/2 + phi x sum of the partners' x. At rest x = (I - phi G)^-1 1, the Katz-Bonacich centrality b; a
    firm that leaves takes b_i^2/m_ii of the total with it (intercentrality, m_ii of that inverse), if phi rho(G) < 1.

    In the engine the first unit of effort is worth the scrap it saves, partners' efforts are complements, and the firm
    that leaves is left out of the network.
    """

    name: ClassVar[str] = "complementarities"
    title: ClassVar[str] = "Efforts that are worth more together"
    source: ClassVar[str] = "Ballester, Calvo-Armengol & Zenou 2006"
    formula: ClassVar[str] = "x = (I - phi G)^-1 1; lost without firm i: x_i²/m_ii, m_ii of that inverse"
    explains: ClassVar[str] = (
        "Where a firm's effort pays better the more its partners do, firms do as much as they are central. Whom the "
        "network would miss most need not be the most central: the firm that ties two teams together may matter more."
    )
    shown: ClassVar = (
        {},
        {"firm": 2},
        {"phi": 0.1},
        {"phi": 0.1, "firm": 2},
        {"phi": 0.45, "links": ("1-2", "2-3", "3-4", "4-5")},
    )
    axis: ClassVar[Axis] = Axis(
        "phi",
        (0.0, 0.03, 0.06, 0.09, 0.12, 0.15, 0.18, 0.2),
        (
            Panel("effort", ("effort of the firm", "highest effort", "lowest effort")),
            Panel("effort of all", ("effort of all", "lost without the firm")),
        ),
    )

    phi: NonNegative = Field(0.2, description="phi: worth of a unit of effort for each unit of a partner's effort")
    firm: Count = Field(1, description="number of the firm that leaves")
    links: tuple[Pair, ...] = Field(
        TWO_TEAMS, min_length=2, description="pairs of firms that are partners, by number, such as 1-2"
    )

    @model_validator(mode="after")
    def _has_a_rest_point(self) -> Complementarities:
        if any(len(set(pair.split("-"))) < 2 for pair in self.links):
            raise ValueError("links: a firm is given as a partner of itself, allowed are pairs of two firms")
        if self.firm not in self._numbers:
            raise ValueError(f"firm: given {self.firm}, allowed is one of {', '.join(map(str, self._numbers))}")
        if not self._without:
            raise ValueError(f"firm: given {self.firm}, without which nobody has a partner; allowed is any other")
        most = CLOSEST / self._radius
        if self.phi > most:
            raise ValueError(f"phi: given {self.phi:g}, allowed is at most {most:.6g} with these links")
        return self

    def theory(self) -> dict[str, float]:
        inverse = np.linalg.inv(np.eye(len(self._numbers)) - self.phi * self._graph)
        central, place = inverse.sum(axis=1), self._numbers.index(self.firm)
        return self._told(central, central[place] ** 2 / inverse[place, place])

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        efforts, without = self._played(self._pairs, seed), self._played(self._without, seed, self.firm)
        found = self._told(efforts, float(efforts.sum() - without.sum()))
        return {name: Simulated(value) for name, value in found.items()}

    def size(self, quantity: str) -> float:
        return max(1.0, self.theory()[quantity])

    def _told(self, efforts: Array, lost: float) -> dict[str, float]:
        return {
            "effort of the firm": float(efforts[self._numbers.index(self.firm)]),
            "highest effort": float(efforts.max()),
            "lowest effort": float(efforts.min()),
            "effort of all": float(efforts.sum()),
            "lost without the firm": lost,
        }

    @property
    def _pairs(self) -> list[tuple[int, int]]:
        """Partners by number, each pair once, the lower number first."""
        ends = (sorted(int(end) for end in pair.split("-")) for pair in self.links)
        return sorted({(low, high) for low, high in ends})

    @property
    def _without(self) -> list[tuple[int, int]]:
        """The pairs that are left when the firm leaves."""
        return [pair for pair in self._pairs if self.firm not in pair]

    @property
    def _numbers(self) -> list[int]:
        return sorted({end for pair in self._pairs for end in pair})

    @property
    def _graph(self) -> Array:
        """1 for partners, (firm, firm)."""
        graph = np.zeros((len(self._numbers),) * 2)
        for low, high in self._pairs:
            i, j = self._numbers.index(low), self._numbers.index(high)
            graph[i, j] = graph[j, i] = 1.0
        return graph

    @property
    def _radius(self) -> float:
        """Spectral radius rho of the graph."""
        return float(np.linalg.eigvalsh(self._graph)[-1])

    def _played(self, pairs: list[tuple[int, int]], seed: int, left_out: int | None = None) -> Array:
        """Efforts at rest, firm by firm."""
        strength = self.phi * self._radius
        numbers = [n for n in self._numbers if n != left_out]
        # x is never above sqrt(n) / (1 - phi rho); this is the effort in the engine that stands for x = 1.
        unit = (1.0 - strength) / sqrt(len(self._numbers))
        done = Settled(
            quiet(
                {"technology": {"quality_cost": 1.0, "scrap_cost": unit, "defect_rate": 1.0, "defect_cut": 1.0}},
                network=_network(numbers, pairs),
                information=CLEAR,
                interaction={"complementarity": self.phi},
                # Where payoff is quadratic, a step of the gradient of speed 1/k is the best reply.
                behaviours=[{"kind": "gradient", "speed": 1.0, "noise": 0.0}],
                months=2 + (ceil(log(LEFT) / log(strength)) if strength > LEFT else 1),
            ),
            seed=seed,
        )
        return np.array([done.quality(f"f{n}") for n in numbers]) / unit


def _network(numbers: list[int], pairs: list[tuple[int, int]]) -> Table:
    """Firms of equal revenue that are partners and trade nothing."""
    return {
        "kind": "listed",
        "firms": [{"id": f"f{n}", "role": "manufacturer", "price": 1.0, "demand": 1.0} for n in numbers],
        "links": [{"supplier": f"f{high}", "customer": f"f{low}", "units_per_unit": 0.0} for low, high in pairs],
    }
