"""Who pays for cleaning a river."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from sim.fields import Money
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import Settled, line, quiet


class RiverSharing(Case):
    """Cleaning stretch j of a river costs c_j, stretches in the order of the flow, a firm at each.

    Local responsibility: each pays its own c_i. Upstream equal sharing: all at or above a stretch pay the same for it,
    x_i = sum over j >= i of c_j/j. In the engine responsibility flows from the seller up the chain to its suppliers, as
    orders do: firm 1 sells to the market, firm 2 supplies it, and so on; each abates at a given cost, borne under
    `none` and `responsibility` cost sharing.
    """

    name: ClassVar[str] = "river_sharing"
    title: ClassVar[str] = "Who pays for cleaning a river"
    source: ClassVar[str] = "Ni & Wang 2007"
    formula: ClassVar[str] = "own x_i = c_i; shared x_i = sum over j >= i of c_j/j"
    explains: ClassVar[str] = (
        "Either each pays for its own stretch, or each stretch is paid equally by all whose doing reaches it. In a "
        "supply chain that is everybody downstream of a supplier, for whom it works: the seller shares in every cost."
    )
    shown: ClassVar = ({}, {"costs": (0.0, 0.0, 9.0)})
    axis: ClassVar[Axis] = Axis(
        "costs",
        (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0),
        (Panel("paid where costs are shared, kCNY", ("firm 1, shared", "firm 2, shared", "firm 3, shared")),),
        "cost at firm 3, kCNY",
        2,
    )

    costs: tuple[Money, ...] = Field(
        (6.0, 3.0, 9.0), min_length=2, max_length=60, description="c: cost at each firm, first the seller"
    )

    def theory(self) -> dict[str, float]:
        costs = self.costs
        local = {f"firm {i}, own": cost for i, cost in enumerate(costs, 1)}
        n = len(costs)
        shared = {f"firm {i}, shared": sum(costs[j - 1] / j for j in range(i, n + 1)) for i in range(1, n + 1)}
        return local | shared

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        n = len(self.costs)
        revenues = [float(n - k) for k in range(n)]
        # The coefficient at which the dearest cost takes full effort.
        dearest = 2.0 * max(cost / each for cost, each in zip(self.costs, revenues, strict=True)) or 1.0
        efforts = {f"f{k + 1}": (2.0 * self.costs[k] / (revenues[k] * dearest)) ** 0.5 for k in range(n)}
        found: dict[str, Simulated] = {}
        for words, rule in (("own", "none"), ("shared", "responsibility")):
            scenario = quiet(
                {"technology": {"abatement_cost": dearest}},
                network=line(revenues),
                cost_sharing={"kind": rule},
                months=1,
            )
            done = Settled(scenario, seed=seed, abatement=efforts)
            paid = -done.booked("effort", "cost sharing")
            found |= {f"firm {k + 1}, {words}": Simulated(done.of(paid, f"f{k + 1}")) for k in range(n)}
        return found

    def size(self, quantity: str) -> float:
        return max(self.costs) or 1.0
