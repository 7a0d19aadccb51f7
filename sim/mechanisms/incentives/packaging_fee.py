"""A fee on packaging."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.fields import Array, MoneyPerTonne
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive
from sim.traits import Traits


class PackagingFee(Incentive):
    """A firm pays for each tonne of packaging around the goods that it ships; abatement effort saves packaging.

    Formula: -rate x packaging used up (see `[logistics]`: packaging, packaging_saving, packaging_reuse); carriers ship
    in their customers' packaging and pay nothing. Money a month.
    Source: extended producer responsibility (Walls 2006).
    """

    kind: Literal["packaging_fee"] = "packaging_fee"
    neutral: ClassVar[dict[str, Any]] = {"rate": 0.0}
    funded: ClassVar[bool] = False

    rate: MoneyPerTonne = Field(2.0, description="fee for a tonne of packaging (assumed)")

    def concerns(self, traits: Traits) -> Array:
        return traits.producer.astype(float)

    def payment(self, known: Known, acts: Acts) -> Array:
        return -known.packaging(acts, self.rate)
