"""A grant for those who upgrade their plant."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Money, Share
from sim.known import Known, Memory
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class UpgradeGrant(Incentive):
    """A firm whose abatement effort is judged to pass a threshold gets a lump sum once; the plant it buys
    makes abatement cheaper for good.

    Formula: amount x 1[a > threshold] x (1 - g), g the share of the grant it has had (1 but when a budget
    runs out); from then k_a falls by the share cheaper x g.
    Source: environmental upgrade funds of local governments, as in the Shenzhen pilot (funds go to
    suppliers that act); lump-sum investment grants.
    """

    kind: Literal["upgrade_grant"] = "upgrade_grant"
    neutral: ClassVar[dict[str, Any]] = {"amount": 0.0, "cheaper": 0.0}

    amount: Money = Field(100.0, description="money that an adopter receives once")
    threshold: Share = Field(0.3, description="abatement effort from which a firm counts as upgraded")
    cheaper: Share = Field(0.15, description="share by which the upgrade lowers the cost of abatement (assumed)")

    def payment(self, known: Known, acts: Acts) -> Array:
        return self.amount * self._adopts(known, acts)

    def _adopts(self, known: Known, acts: Acts) -> Array:
        return known.exceeds(acts.abatement, self.threshold) * (1.0 - known.memory["granted"]) * (known.revenue > 0)

    def cost_factor(self, memory: Memory) -> tuple[Array, Array]:
        return np.ones_like(memory["granted"]), 1.0 - self.cheaper * memory["granted"]

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {"granted": np.zeros(shape)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        granted = known.memory["granted"]
        adopted = np.where(paid > 0, known.memory["funded"], 0.0)
        return dict(known.memory) | {"granted": granted + (1.0 - granted) * adopted}
