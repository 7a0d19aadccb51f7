"""Disruptions, and the stocks and orders that meet them."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from sim.fields import (
    SWITCH,
    Months,
    NonNegative,
    Share,
    above_zero,
)
from sim.parameters.base import Section


class Risk(Section):
    """Disruptions: an outage cuts what a firm can make for some months, and customers buy elsewhere what is missing;
    an incident costs a firm a clean-up; a demand shock cuts what a root can sell; a policy shock suspends what the
    regulator of a region pays and charges."""

    outage_rate: Share = Field(0.005, description="chance a month that a firm is struck (assumed)")
    outage_months: Months = Field(2, description="how long an outage lasts (assumed)")
    outage_loss: Share = Field(0.5, description="share of capacity lost while it lasts (assumed)")
    early_warning: Share = Field(
        0.0, description="share of an outage that warning spares a firm whose partners all share all their data"
    )
    spot_premium: NonNegative = Field(
        0.2, description="what goods cost more than contracted where a supplier does not deliver, share (assumed)"
    )
    backup_share: Share = Field(0.0, description="share of the capacity lost in an outage that a back-up keeps")
    carrier_outage_loss: Share = Field(0.0, description="share of haulage lost while its carrier is under an outage")
    incident_rate: Annotated[Share, SWITCH] = Field(
        0.0, description="chance a month of an environmental incident at a firm without green quality"
    )
    incident_cut: Share = Field(0.8, description="share of incidents that full green quality avoids (assumed)")
    incident_cost: NonNegative = Field(0.5, description="clean-up after an incident, share of revenue (assumed)")
    demand_shock_rate: Share = Field(0.0, description="chance a month that the demand of a final product slumps")
    demand_shock_depth: Share = Field(0.3, description="share of demand lost while the slump lasts (assumed)")
    demand_shock_months: Months = Field(3, description="how long a slump lasts (assumed)")
    policy_shock_rate: Annotated[Share, SWITCH] = Field(
        0.0, description="chance a month that public policy of a region is interrupted"
    )
    policy_shock_depth: Share = Field(
        1.0, description="share of what regulators pay and charge by incentives that falls away meanwhile (assumed)"
    )
    policy_shock_months: Months = Field(6, description="how long an interruption of policy lasts (assumed)")

    @property
    def incidents(self) -> bool:
        """Whether there are any environmental incidents."""
        return above_zero(self.incident_rate)

    @property
    def demand_shocks(self) -> bool:
        """Whether demand ever slumps."""
        return above_zero(self.demand_shock_rate)

    @property
    def policy_shocks(self) -> bool:
        """Whether public policy is ever interrupted."""
        return above_zero(self.policy_shock_rate)

    @property
    def carriers_fail(self) -> bool:
        """Whether outages of carriers stop goods."""
        return above_zero(self.carrier_outage_loss)

    @property
    def capacity_lost(self) -> float:
        """Share of capacity lost in an outage, what a back-up keeps taken off."""
        return self.outage_loss * (1.0 - self.backup_share)


class Ordering(Section):
    """How much firms order of their suppliers: what they used up last month, or what brings a stock of inputs up to a
    target that follows what they expect to be ordered themselves."""

    policy: Literal["pass_on", "order_up_to"] = Field(
        "pass_on", description="inputs of last month's output; or up to a target stock (Chen et al. 2000)"
    )
    forecast: Literal["own", "shared"] = Field(
        "own",
        description="order_up_to, what a month will ask for: the mean of what was ordered of the firm; or of demand in "
        "the market, which customers hand on with their orders",
    )
    average_months: Months = Field(6, description="order_up_to: months of that mean (assumed)")
    lead_months: NonNegative = Field(
        1.0, description="order_up_to, L: months of the forecast that are covered (assumed)"
    )
    safety_months: NonNegative = Field(
        1.0, description="order_up_to: safety stock, months of output at usual demand (assumed)"
    )
    holding_cost: NonNegative = Field(
        0.0, description="order_up_to: storage a month, share of what the inputs in stock cost"
    )

    @model_validator(mode="after")
    def _enough_for_a_month(self) -> Ordering:
        if np.any(np.asarray(self.lead_months) + np.asarray(self.safety_months) < 1):
            raise ValueError("lead_months and safety_months must sum to at least 1: stock is used before it is filled")
        return self

    @property
    def holding_stock(self) -> bool:
        """Whether firms hold stocks of inputs."""
        return self.policy == "order_up_to"
