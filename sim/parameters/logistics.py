"""Carriers, fleets, packaging."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.fields import (
    SWITCH,
    Distance,
    MoneyPerTonne,
    MoneyPerTonneKm,
    NonNegative,
    Positive,
    Share,
    TonnesPerTonne,
    TonnesPerTonneKm,
    above_zero,
)
from sim.parameters.base import Section


class Logistics(Section):
    """Carriers: load factors, emissions, damage, fares."""

    base_load: Positive = Field(0.6, le=1, description="load factor without shared information (assumed)")
    best_load: Positive = Field(0.8, le=1, description="load factor with all route information shared (assumed)")
    intensity: TonnesPerTonneKm = Field(
        54e-6,
        description="emissions at full load; 90 g/(t km) at a load factor of 0.6 (GLEC, 34-40 t diesel lorry)",
    )
    abatable_share: Share = Field(0.3, description="share of transport emissions full abatement removes (assumed)")
    fare: MoneyPerTonneKm = Field(0.0004, description="freight rate, 0.4 CNY/(t km) (assumed)")
    fuel_cost: Share = Field(0.3, description="fuel bill as a share of freight revenue at base load (assumed)")
    fuel_saving: Share = Field(
        0.067, description="share of the fuel bill that full abatement saves: 2 % of revenue, as elsewhere (assumed)"
    )
    damage_rate: Share = Field(0.01, description="goods damaged in handling without quality effort (assumed)")
    claim_cost: NonNegative = Field(3.0, description="cost of damage to the carrier, per unit of freight (assumed)")
    electric_share: Annotated[Share, SWITCH] = Field(
        0.0, description="share of the fleet that is electric at the start (assumed)"
    )
    electric_saving: Share = Field(
        0.65, description="emissions an electric lorry saves at the grid's factor (ICCT: 65 % less energy)"
    )
    electric_fuel_saving: Share = Field(0.5, description="share of the fuel bill an electric lorry saves (assumed)")
    electric_premium: NonNegative = Field(
        0.18, description="what electric lorries cost more than diesel ones, share of the freight they earn (assumed)"
    )
    electric_range_km: Distance | None = Field(
        None, description="how far electric lorries go without charging on the way; none: as far as they have to"
    )
    charging: Share = Field(0.0, description="public charging along the roads at the start, share of full cover")
    charging_growth: Share = Field(0.0, description="public charging built a month, share of full cover")
    charging_threshold: Share = Field(
        0.5, description="public charging from which routes beyond the range can be served (assumed)"
    )
    fleet_renewal: Annotated[Share, SWITCH] = Field(
        0.0, description="share of a fleet that retires and is replaced in a month"
    )
    packaging: Share = Field(
        0.05, description="tonnes of packaging for a tonne shipped (most of secondary packaging, Chinese e-commerce)"
    )
    packaging_saving: Share = Field(
        0.2, description="share of packaging saved at full abatement effort (smart packing, Chinese e-commerce of 2025)"
    )
    packaging_cost: Annotated[MoneyPerTonne, SWITCH] = Field(
        0.0, description="what a tonne of packaging costs the shipper"
    )
    packaging_intensity: TonnesPerTonne = Field(0.0, description="emissions of making a tonne of packaging")
    packaging_reuse: Share = Field(0.0, description="share of deliveries in packaging that goes back and is used again")
    reuse_trips: Positive = Field(20.0, ge=1, description="trips that reusable packaging lasts (assumed)")
    backup_carrier: Share = Field(0.0, description="share of the haulage lost in an outage that another carrier does")
    backup_premium: NonNegative = Field(0.2, description="what it charges above the usual fare, share (assumed)")

    @property
    def electrified(self) -> bool:
        """Whether there may be electric lorries."""
        return above_zero(self.electric_share) or self.renewing

    @property
    def renewing(self) -> bool:
        """Whether fleets are renewed."""
        return above_zero(self.fleet_renewal)

    @property
    def packaging_used(self) -> float:
        """Tonnes of packaging used up for a tonne shipped, without abatement effort: packaging x (1 - reuse (1 - 1 /
        trips))."""
        return self.packaging * (1.0 - self.packaging_reuse * (1.0 - 1.0 / self.reuse_trips))

    @property
    def return_share(self) -> float:
        """Tonnes of reusable packaging that go back for a tonne shipped."""
        return self.packaging * self.packaging_reuse
