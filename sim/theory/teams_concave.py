"""Free-riding and overdoing in a team whose benefit is worth less the more there is of it."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from sim.fields import Count, Positive
from sim.theory.base import Axis, Case, Effort, Panel, Simulated
from sim.theory.engine import Settled, Table, quiet, star

CLEAR: Table = {"kind": "platform", "accuracy_without": 1.0, "accuracy_with": 1.0, "noise": 0.0}
"""Everybody sees what everybody does."""

RULES: dict[str, Table] = {
    "equal shares": {"kind": "revenue_sharing", "share": 1.0},
    "shares by effort": {"kind": "contribution"},
    "Shapley shares": {"kind": "shapley"},
}


class TeamsConcave(Case):
    """n firms share a benefit aG - hG²/2 of the sum G of their efforts e, each of which costs c e²/2.

    Together G* = n a/(c + n h). Each for itself with equal shares G = a/(c + h), whatever n. With shares by effort G =
    2 n a/(2c + h (n + 1)), more than G* wherever n > 1 and h > 0. The Shapley value of v(S) = B(G of S) is the share by
    effort. In the engine the benefit is a green premium that saturates, of a chain whose seller hands all of it on.
    """

    name: ClassVar[str] = "teams_concave"
    title: ClassVar[str] = "Free-riding and overdoing where benefit saturates"
    source: ClassVar[str] = "Holmstrom 1982; Cornes & Sandler 1996; Sen 1966 (shares by effort)"
    formula: ClassVar[str] = (
        "best G = na/(c + nh); equal shares G = a/(c + h); shares by effort G = 2na/(2c + h(n + 1))"
    )
    explains: ClassVar[str] = (
        "Equal shares bring the same total effort however many share, while the best total rises with their number. "
        "Shares by effort bring too much, since each firm's effort also wins it a part of what the others earn."
    )
    shown: ClassVar = ({}, {"firms": 2}, {"firms": 20}, {"firms": 8, "benefit": 30.0, "saturation": 4.0, "cost": 5.0})
    axis: ClassVar[Axis] = Axis("firms", (1, 2, 3, 4, 6, 8, 10, 14, 20), (Panel("sum of efforts"),))

    firms: Count = Field(5, le=200, description="firms in the team")
    benefit: Positive = Field(1.0, description="a: benefit of the first unit of effort, money")
    saturation: Positive = Field(0.2, description="h: by how much less each further unit brings, money")
    cost: Positive = Field(1.0, description="c: effort e costs c e²/2, money")

    def theory(self) -> dict[str, float]:
        n, a, h, c = self.firms, self.benefit, self.saturation, self.cost
        by_effort = 2 * n * a / (2 * c + h * (n + 1))
        return {
            "first best": n * a / (c + n * h),
            "equal shares": a / (c + h),
            "shares by effort": by_effort,
            "Shapley shares": by_effort,
        }

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        n, h, c = self.firms, self.saturation, self.cost
        # A step of the gradient ends where the slope of the payoff is nothing if its speed is one over the bend there.
        together = self._total({"kind": "cooperative", "speed": 1.0 / (1.0 + n * h / c)}, "equal shares", seed)
        return {
            "first best": together,
            "equal shares": self._each_for_itself("equal shares", h / n / (c + h / n), seed),
            "shares by effort": self._each_for_itself("shares by effort", 0.5 * h / (c + h), seed),
            "Shapley shares": self._each_for_itself("Shapley shares", 0.5 * h / (c + h), seed),
        }

    def size(self, quantity: str) -> float:
        return self._unit * self.firms

    def _each_for_itself(self, rule: str, slope: float, seed: int) -> Simulated:
        """slope: by how much a firm's best reply falls with each other firm's effort. All replying at once would chase
        each other; moving this part of the way they meet."""
        damping = 1.0 / (1.0 + (self.firms - 1) * slope)
        return self._total({"kind": "best_reply", "damping": damping}, rule, seed)

    @property
    def _unit(self) -> float:
        """Effort of the theory that full effort of the engine stands for: above all that is done, and so low that the
        benefit of full effort by all is not below 0."""
        most = max(self.theory().values()) / self.firms
        return 0.5 * (most + min(2.0 * most, 2.0 * self.benefit / (self.saturation * self.firms)))

    def _total(self, behaviour: Table, rule: str, seed: int) -> Simulated:
        n, unit = self.firms, self._unit
        # With k_q = 1 a firm's revenue is the cost coefficient of its effort.
        revenue, benefit = self.cost * unit**2, n * self.benefit * unit
        price = 2.0 * max(n * revenue, benefit)
        market: dict[str, Any] = {"premium": benefit / price, "saturation": self.saturation * n * unit / self.benefit}
        scenario = quiet(
            {"technology": {"quality_cost": 1.0}, "market": market},
            # From here no first reply is beyond full effort or below none.
            start={"quality": 0.5 if rule == "equal shares" else 1.0},
            network=star([revenue] * n, price),
            information=CLEAR,
            benefit_sharing=RULES[rule],
            behaviours=[behaviour],
            months=4,
        )
        done = Settled(scenario, seed=seed)
        return Simulated(sum(done.quality(f"f{k + 1}") for k in range(n)) * unit)
