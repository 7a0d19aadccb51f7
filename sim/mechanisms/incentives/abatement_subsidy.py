"""A subsidy for each tonne not emitted."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.fields import Array, MoneyPerTonne
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class AbatementSubsidy(Incentive):
    """Pay a firm for each tonne it emits below its baseline.

    Formula: rate x max(0, gross m (a - a0)), a0 the abatement effort the firm began with.
    Source: abatement subsidies (Baumol & Oates 1988).
    """

    kind: Literal["abatement_subsidy"] = "abatement_subsidy"
    neutral: ClassVar[dict[str, Any]] = {"rate": 0.0}

    rate: MoneyPerTonne = Field(0.096, description="money for each tonne (default: China's ETS mean price of 2024)")

    def payment(self, known: Known, acts: Acts) -> Array:
        return self.rate * known.tonnes_below_baseline(acts)
