"""Sharing the cost of a facility that is as large as its largest user needs."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator

from sim.fields import Positive
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import Settled, line, quiet


class ShapleyAirport(Case):
    """A facility for a group of firms costs what its largest user alone would need, c_1 < c_2 < ... < c_n.

    The Shapley value has each step paid equally by all who need it: phi_i = sum over k <= i of (c_k - c_(k-1))/(n - k +
    1). In the engine needs are revenues in a chain, and the facility is paid by `shapley` cost sharing of the `airport`
    game.
    """

    name: ClassVar[str] = "shapley_airport"
    title: ClassVar[str] = "Sharing a facility as large as its largest user needs"
    source: ClassVar[str] = "Littlechild & Owen 1973"
    formula: ClassVar[str] = "phi_i = sum over k <= i of (c_k - c_(k-1))/(n - k + 1)"
    explains: ClassVar[str] = (
        "A laboratory or a runway must serve its largest user. It is fair that all pay equally for the part that even "
        "the smallest needs, all but the smallest for the next part, and so on: nobody pays for what only others need."
    )
    shown: ClassVar = ({}, {"needs": (1.0, 2.0, 30.0)})
    axis: ClassVar[Axis] = Axis(
        "needs", (1.01, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 2.99), (Panel("paid, kCNY"),), "what user 2 needs", 1
    )

    needs: tuple[Positive, ...] = Field(
        (1.0, 2.0, 3.0, 6.0), min_length=2, max_length=60, description="c: what each user alone would need, rising"
    )

    @model_validator(mode="after")
    def _rising(self) -> ShapleyAirport:
        for smaller, larger in zip(self.needs, self.needs[1:], strict=False):
            if larger <= smaller:
                raise ValueError(f"needs: given {larger:g} after {smaller:g}, allowed is a list that rises")
        return self

    def theory(self) -> dict[str, float]:
        paid, before, share = {}, 0.0, 0.0
        n = len(self.needs)
        for k, cost in enumerate(self.needs):
            share += (cost - before) / (n - k)
            paid[f"user {k + 1}"], before = share, cost
        return paid

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        costs = self.needs
        scenario = quiet(
            network=line(costs[::-1]),
            cost_sharing={"kind": "shapley", "game": "airport", "common": 1.0},
            behaviours=[{"kind": "fixed", "quality": 0.5}],
            months=1,
        )
        done = Settled(scenario, seed=seed)
        paid = -done.booked("effort", "cost sharing")
        whole, n = paid.sum(), len(costs)
        return {f"user {k + 1}": Simulated(done.of(paid, f"f{n - k}") / whole * costs[-1]) for k in range(n)}

    def size(self, quantity: str) -> float:
        return self.needs[-1]
