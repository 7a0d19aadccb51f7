"""A fee on packaging."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, MoneyPerTonne, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive


class PackagingFee(Incentive):
    """A firm pays for each tonne of packaging around the goods that it ships; abatement effort saves packaging.

    Formula: -rate x tonnes shipped x packaging x (1 - saving x a); carriers ship in their customers' packaging and
    pay nothing. Money a month.
    Source: extended producer responsibility (Walls 2006); secondary packaging of under 5 % and 20 % of material
    saved by smart packing: figures for Chinese e-commerce logistics of 2025.
    """

    kind: Literal["packaging_fee"] = "packaging_fee"
    neutral: ClassVar[dict[str, Any]] = {"rate": 0.0}
    funded: ClassVar[bool] = False

    rate: MoneyPerTonne = Field(2.0, description="fee for a tonne of packaging (assumed)")
    packaging: Share = Field(
        0.05, description="tonnes of packaging for a tonne shipped (default: upper bound of secondary packaging)"
    )
    saving: Share = Field(0.2, description="share of packaging saved at full abatement effort (smart packing)")

    def payment(self, known: Known, acts: Acts) -> Array:
        return -self.rate * self.packaging * self._shipped(known) * (1.0 - self.saving * acts.abatement)

    def _shipped(self, known: Known) -> Array:
        """Tonnes that each producer ships in the month, to customers and to the market."""
        return np.where(known.traits.producer, known.revenue / known.traits.price, 0.0)
