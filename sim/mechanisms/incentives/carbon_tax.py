"""A tax on each tonne emitted."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.fields import Array, MoneyPerTonne
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class CarbonTax(Incentive):
    """A firm pays for each tonne it emits; the regulator receives it.

    Formula: -rate x emissions. Source: Pigou 1920.
    """

    kind: Literal["carbon_tax"] = "carbon_tax"
    neutral: ClassVar[dict[str, Any]] = {"rate": 0.0}
    funded: ClassVar[bool] = False

    rate: MoneyPerTonne = Field(0.096, description="tax on a tonne (default: China's ETS mean price of 2024)")

    def payment(self, known: Known, acts: Acts) -> Array:
        return -self.rate * known.emissions(acts)
