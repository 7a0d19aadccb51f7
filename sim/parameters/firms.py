"""What effort costs a firm, and what it does."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.fields import (
    NonNegative,
    Positive,
    Share,
    TonnesPerMoney,
)
from sim.parameters.base import Section


class Technology(Section):
    """What effort costs a firm and what it does."""

    quality_weight: Share = Field(0.5, description="weight of quality effort in green quality, w_q (assumed)")
    quality_cost: Positive = Field(
        0.08, description="k_q: full quality effort costs half of this, as a share of revenue (assumed)"
    )
    abatement_cost: Positive = Field(
        0.12, description="k_a: full abatement costs half of this, as a share of revenue (assumed)"
    )
    effort_base: Literal["revenue", "plant"] = Field(
        "revenue", description="what effort costs a share of: the month's revenue, or that at usual demand"
    )
    synergy: NonNegative = Field(0.01, description="g: what doing both at once saves, share of revenue (assumed)")
    disclosure_cost: Positive = Field(
        0.004, description="full disclosure costs half of this, as a share of revenue (assumed)"
    )
    sme_cost_factor: Positive = Field(1.5, description="effort costs of small and medium firms, multiple (assumed)")
    heterogeneity: NonNegative = Field(
        0.15,
        le=1.0,
        description="log standard deviation of effort costs and of intensity between firms (assumed)",
    )
    learning_exponent: NonNegative = Field(
        0.32,
        description="l in k_a (1 + K)^-l; 0.32: 20 % cheaper per doubling (Wright 1936; 15-25 % for clean technology)",
    )
    spillover: Share = Field(0.2, description="share of a partner's disclosed abatement that adds to own K (assumed)")
    defect_rate: Share = Field(0.05, description="d0: defects of a firm that makes no quality effort (assumed)")
    defect_cut: Share = Field(0.8, description="e_q: share of own defects that full quality effort removes (assumed)")
    scrap_cost: NonNegative = Field(0.6, description="cost of own scrap and rework, per unit of value (assumed)")
    energy_cost: Share = Field(0.1, description="energy bill as a share of revenue (assumed)")
    energy_saving: Share = Field(0.2, description="share of the energy bill that full abatement saves (assumed)")
    emission_intensity: TonnesPerMoney = Field(0.15, description="scope 1 and 2 emissions of revenue (assumed)")
    abatable_share: Share = Field(0.6, description="m: share of own emissions that full abatement removes (assumed)")
    scope1_share: Share = Field(0.4, description="direct part of own emissions; the rest is bought energy (assumed)")
    margin: Share = Field(
        0.08, description="margin without effort, before freight, inspection, returns and warranty (assumed)"
    )
