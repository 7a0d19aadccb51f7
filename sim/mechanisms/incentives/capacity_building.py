"""Training that makes effort cheaper."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Money, Share
from sim.known import Known, Memory
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class CapacityBuilding(Incentive):
    """Experts train and coach a firm on site; trained firms need less money for the same effort.

    Formula: skill s grows by speed x (1 - s) a month while a firm is trained; k_q and k_a fall by the
    share effect x s. The payer spends `cost` a month on each firm in training; no money goes to the firm.
    Source: supplier development (Krause, Handfield & Tyler 2007); expert coaching in the Shenzhen pilot.
    """

    kind: Literal["capacity_building"] = "capacity_building"
    neutral: ClassVar[dict[str, Any]] = {"effect": 0.0, "cost": 0.0}

    effect: Share = Field(0.15, description="share by which full training lowers effort costs (assumed)")
    speed: Share = Field(0.15, description="share of the remaining skill gap closed in a month (assumed)")
    cost: Money = Field(4.0, description="cost of training a firm for a month (assumed)")

    def payment(self, known: Known, acts: Acts) -> Array:
        return np.zeros_like(known.revenue)

    def administration(self, known: Known, acts: Acts) -> Array:
        return np.ones_like(known.revenue) * self.cost

    def cost_factor(self, memory: Memory) -> tuple[Array, Array]:
        factor = 1.0 - self.effect * memory["skill"]
        return factor, factor

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        return {"skill": np.zeros(shape)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        skill = known.memory["skill"]
        return dict(known.memory) | {"skill": skill + self.speed * known.memory["reached"] * (1.0 - skill)}
