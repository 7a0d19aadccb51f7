"""What customers see and pay for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.fields import (
    AlikeIn,
    MoneyPerTonne,
    NonNegative,
    Share,
)
from sim.parameters.base import Section

FORM = AlikeIn(lambda exponent: exponent if exponent in (0.0, 1.0) else None)
"""The arithmetic and the geometric mean have formulas of their own, which differ from a power in the last digits."""


class Market(Section):
    """What customers see and pay for."""

    premium: Share = Field(
        0.1, description="price premium at full visible green quality (PwC 2024: 9.7 % stated; revealed may be half)"
    )
    awareness: Share = Field(0.6, description="share of customers who look at green quality (assumed)")
    label_accuracy: Share = Field(1.0, description="part of true green quality that labels convey (assumed)")
    demand_response: NonNegative = Field(0.05, description="b: demand gained at full visible quality, share (assumed)")
    demand_noise: NonNegative = Field(0.03, description="log standard deviation of monthly demand (assumed)")
    demand_memory: float = Field(
        0.0, gt=-1.0, lt=1.0, description="rho: correlation of a month's demand noise with the last month's, AR(1)"
    )
    price_elasticity: NonNegative = Field(
        0.0, description="e: demand lost for a price rise by the whole price, share; 0: customers take any (assumed)"
    )
    pass_through: Share = Field(
        0.0, description="share of a seller's effort cost per unit of sales that it adds to its price (assumed)"
    )
    label_sharing: Share = Field(
        0.0, description="part of label accuracy lost in a chain that shares no data with its whole (assumed)"
    )
    awareness_growth: Share = Field(
        0.0,
        description="chance a month that labels of a chain index of 1 win over a customer who did not look (assumed)",
    )
    weakest_link: Annotated[float, FORM] = Field(
        1.0,
        ge=-20.0,
        le=1.0,
        description="r of the chain index (sum W theta^r)^(1/r): 1 mean, lower toward the weakest link",
    )
    saturation: NonNegative = Field(
        0.0,
        le=2.0,
        description="h: the premium is that of an index of Q - h Q^2/2; 0: customers pay as much for the last part of "
        "green quality as for the first; above 1 they pay less for full quality than for less",
    )
    social_cost_of_carbon: MoneyPerTonne = Field(
        0.3, description="what a tonne costs society, used by the first best and welfare (assumed: 300 CNY/t)"
    )
