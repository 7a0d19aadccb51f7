"""A practice that spreads by word of mouth."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from math import exp
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from sim.beginning import opening
from sim.fields import Array, Unit
from sim.phases import month
from sim.programme import programme_of
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import Table, quiet
from sim.theory.sampling import sampled

FIRMS = 60
"""Firms that it spreads among. The theory is that of endlessly many firms in endlessly short steps; with these and
months it is off by less than 0.01 at the rates allowed."""

BLOCK = 16
"""Worlds run at once."""

FIRST = 512
"""Replications of a full check to begin with."""

GRAPHS: dict[str, tuple[tuple[int, int], ...]] = {
    "everybody linked": tuple(combinations(range(FIRMS), 2)),
    "in a ring": (*((k, k + 1) for k in range(FIRMS - 1)), (0, FIRMS - 1)),
}
"""Who is whose partner."""


class Diffusion(Case):
    """A firm that has not adopted does so at a rate p + q x share of its partners that have.

    Where everybody is everybody's partner the share of adopters is (1 - e^(-(p + q)t))/(1 + (q/p) e^(-(p + q)t)),
    Bass's curve; in a ring 1 - exp(-(p + q)t + q (1 - e^(-pt))/p). In the engine they join a collaboration that
    spreads, p and q being its innovation and imitation, by the month.
    """

    name: ClassVar[str] = "diffusion"
    title: ClassVar[str] = "A practice that spreads by word of mouth"
    source: ClassVar[str] = "Bass 1969; Fibich & Gibori 2010"
    formula: ClassVar[str] = (
        "all linked (1 - e^(-(p+q)t))/(1 + (q/p) e^(-(p+q)t)); ring 1 - exp(-(p+q)t + q(1 - e^(-pt))/p)"
    )
    explains: ClassVar[str] = (
        "Some firms adopt a practice by themselves, others because their partners have. Where all deal with all it "
        "spreads along an S-shaped curve; where each has two partners only, more slowly, as its neighbours soon "
        "have all adopted."
    )
    shown: ClassVar = ({}, {"months": 12, "imitation": 0.08}, {"months": 36, "innovation": 0.015, "imitation": 0.03})
    axis: ClassVar[Axis] = Axis(
        "months",
        (4, 8, 12, 16, 20, 24, 30, 36, 42, 48),
        (Panel("share of firms that have joined"),),
        label="months since the start",
    )
    sampled: ClassVar[bool] = True

    innovation: Annotated[float, Field(ge=0.01, le=0.04), Unit("share")] = Field(
        0.02, description="p: chance a month to adopt by oneself"
    )
    imitation: Annotated[float, Field(ge=0, le=0.1), Unit("share")] = Field(
        0.06, description="q: what is added to it if all partners have; at most 4 p"
    )
    months: Annotated[int, Field(ge=1, le=120), Unit("months")] = Field(24, description="t: months since the start")

    @model_validator(mode="after")
    def _not_left_to_the_first(self) -> Diffusion:
        # Where nearly all is imitation, all hangs on when the first of few firms adopts.
        most = 4.0 * self.innovation
        if self.imitation > most:
            raise ValueError(f"imitation: given {self.imitation:g}, allowed is at most 4 x innovation ({most:g})")
        return self

    def theory(self) -> dict[str, float]:
        p, q, t = self.innovation, self.imitation, self.months
        left = exp(-(p + q) * t)
        return {
            "everybody linked": (1 - left) / (1 + q / p * left),
            "in a ring": 1 - left * exp(q * (1 - exp(-p * t)) / p),
        }

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        first = FIRST if effort == "full" else FIRST // 16
        found: dict[str, Simulated] = {}
        for graph in GRAPHS:
            found |= sampled(lambda some, graph=graph: {graph: self._joined(graph, seed, some)}, effort, first=first)  # type: ignore[misc]
        return found

    def _joined(self, graph: str, seed: int, replications: range) -> Array:
        """Share of the firms that are members after the months, in each replication."""
        scenario = quiet(
            network=partners(GRAPHS[graph]),
            membership={"innovation": self.innovation, "imitation": self.imitation},
            programme=[{"name": "everybody is invited"}],
            behaviours=[{"kind": "fixed"}],
            months=self.months + 1,
        )
        shares = []
        for block in range(0, len(replications), BLOCK):
            p = programme_of(scenario, seed, replications[block : block + BLOCK])
            world = opening(p)
            for _ in range(scenario.months):
                world = month(world, p)
            shares.append(world.member[:, p.traits.supplier].mean(axis=1))
        return np.concatenate(shares)


def partners(pairs: Iterable[tuple[int, int]]) -> Table:
    """A network in which these firms deal with each other; the firm that sells to the market stands apart."""
    firms: list[dict[str, Any]] = [{"id": f"f{k + 1}", "role": "supplier"} for k in range(FIRMS)]
    links = [
        {"supplier": f"f{i + 1}", "customer": f"f{j + 1}", "input_group": f"f{i + 1}", "units_per_unit": 0.1 / FIRMS}
        for i, j in pairs
    ]
    return {
        "kind": "listed",
        "firms": [{"id": "seller", "role": "manufacturer", "demand": 1.0}, *firms],
        "links": links,
    }
