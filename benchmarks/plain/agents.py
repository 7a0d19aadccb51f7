"""The agents of the plain Mesa model: suppliers, manufacturers and carriers; what they have and what their acts do.

What they go through in a month stands by topic in the other files, as functions of a firm that every agent of a kind
carries out before the next phase begins.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import mesa

from benchmarks.plain.packaging import packaging, packaging_used

if TYPE_CHECKING:
    from benchmarks.plain.chains import Chain, Link, Place
    from benchmarks.plain.instruments import Instrument
    from benchmarks.plain.model import PlainModel
    from benchmarks.plain.regulators import Regulator


class Acts(NamedTuple):
    """What a firm does in a month, each in 0..1, and whether it is a member."""

    quality: float
    abatement: float
    disclosure: float
    member: bool = False


def unit(x: float) -> float:
    """x cut to 0..1."""
    return min(max(x, 0.0), 1.0)


class Firm(mesa.Agent):
    """A firm with its technology, trade, beliefs and books of the month."""

    role = "firm"

    def __init__(self, model: PlainModel, number: int, data: dict[str, Any]) -> None:
        super().__init__(model)
        self.model: PlainModel = model
        self.number = number
        self.name: str = data["id"]
        self.tier: int = data["tier"]
        self.region: str = data["region"]
        self.size: str = data["size"]
        self.anchor: bool = data["anchor"]
        self.price: float = data["price"]
        self.usual_demand: float = data["demand"]
        self.capacity_ratio: float = data["capacity_ratio"]
        self.value_added_share: float = data["value_added_share"]
        self.buys: list[Link] = []
        self.sells: list[Link] = []
        self.hauls: list[Link] = []
        self.rides: list[tuple[Link, float, float]] = []
        self.electric = 0.0
        self.places: list[Place] = []
        self.partners: list[Firm] = []
        self.peers: list[Firm] = []
        self.product: Chain | None = None
        self.behaviour: Any = None
        self.regulator: Regulator | None = None
        self.offers: list[Instrument] = []
        self._start()

    def _start(self) -> None:
        """Nothing has happened yet."""
        self.member, self.willing, self.heard = False, True, False
        self.shared_near = self.shared_far = self.shown_near = self.shown_far = 0.0
        self.overclaim, self.exposed, self.disbelief = 0.0, False, 0
        self.outage_left = self.slump_left = 0.0
        self.incident = False
        self.on_time = 1.0
        self.volume = self.sold = self.revenue = 0.0
        self.demand = self.usual_demand
        self.appetite, self.price_rise = 1.0, 0.0
        self.gross = self.emissions = 0.0
        self.energy_load = 1.0
        self.own_defects = self.outgoing = self.accepted = 0.0
        self.inspection_saving = self.load_saving = 0.0
        self.liability = self.damage = 0.0
        self.relied_liability = self.relied_damage = 0.0
        self.experience = 0.0
        self.usual_green_quality = 0.0
        self.audit, self.penalty, self.in_force = 0.0, 1.0, 1.0
        self.audited = False
        self.sight_error = self.measurement_error = 0.0
        self.support = self.profit = self.profitability = self.benefit = self.contribution = 0.0
        self.propensities: dict[str, list[float]] = {}
        self.aspiration, self.months_played = 0.0, 0

    def equip(self) -> None:
        """Technology: effort costs and emission intensity spread around their means, exp(s z - s^2 / 2); what is
        left of the price after margin, inputs, energy, scrap and claims goes to other operations."""
        technology, z = self.model.technology, self._draw_of
        size = technology.sme_cost_factor if self.size == "sme" else 1.0
        self.first_quality_cost = technology.quality_cost * size * self._spread(z("technology/quality"))
        cost_z, intensity_z = (both[self.number] for both in self.model.normals("technology"))
        self.first_abatement_cost = technology.abatement_cost * size * self._spread(cost_z)
        self.quality_cost, self.abatement_cost = self.first_quality_cost, self.first_abatement_cost
        self._equip(intensity_z)
        bought = sum(k.units_per_unit * k.contract_share * k.supplier.price for k in self.buys) / self.price
        spoiled = (self.scrap_cost + self.claim_cost) * self.defect_rate
        self.operations = 1.0 - (technology.margin + bought + self.energy_cost + spoiled)
        self.value_added = self._value_added(bought)

    def _spread(self, z: float) -> float:
        sigma = self.model.technology.heterogeneity
        return math.exp(sigma * z - 0.5 * sigma * sigma)

    def _draw_of(self, stream: str) -> float:
        return self.model.normals(stream)[0][self.number]

    def _equip(self, intensity_z: float) -> None:
        raise NotImplementedError

    def _value_added(self, bought: float) -> float:
        """Value added for each tonne made."""
        raise NotImplementedError

    # --- what its acts do and cost --------------------------------------------------------------------

    def green_quality(self, acts: Acts) -> float:
        """theta = w q + (1 - w) a."""
        weight = self.model.technology.quality_weight
        return weight * acts.quality + (1.0 - weight) * acts.abatement

    def effort_cost(self, acts: Acts) -> float:
        """C = S (k_q q^2 / 2 + k_a a^2 / 2 - g q a)."""
        q, a = acts.quality, acts.abatement
        half = 0.5 * self.quality_cost * q * q + 0.5 * self.abatement_cost * a * a
        return self.revenue * (half - self.model.technology.synergy * q * a)

    def disclosure_cost(self, acts: Acts) -> float:
        """S k_d d^2 / 2."""
        return self.revenue * 0.5 * self.model.technology.disclosure_cost * acts.disclosure**2

    def own_defects_at(self, acts: Acts) -> float:
        """d0 (1 - e q): share of output that the firm's own process spoils."""
        return self.defect_rate * (1.0 - self.model.technology.defect_cut * acts.quality)

    def outgoing_at(self, acts: Acts) -> float:
        """own + (1 - own) x defect rate of accepted inputs."""
        own = self.own_defects_at(acts)
        return own + (1.0 - own) * self.accepted

    def scrap_cost_at(self, acts: Acts) -> float:
        """c_s S own."""
        return self.scrap_cost * self.revenue * self.own_defects_at(acts)

    def claims_at(self, acts: Acts) -> float:
        """c_c S own: what a carrier owes its customers for the goods it damages."""
        return self.claim_cost * self.revenue * self.own_defects_at(acts)

    def energy_cost_at(self, acts: Acts) -> float:
        """c_e S (1 - saving a), for carriers by how full their lorries are."""
        return self.energy_cost * self.revenue * self.energy_load * (1.0 - self.energy_saving * acts.abatement)

    def emissions_at(self, acts: Acts) -> float:
        """gross (1 - m a), tonnes CO2e."""
        return self.gross * (1.0 - self.abatable * acts.abatement)

    def own_costs(self, acts: Acts) -> float:
        """What the acts cost the firm and give to nobody in the model."""
        efforts = self.effort_cost(acts) + self.disclosure_cost(acts)
        goods = self.scrap_cost_at(acts) + self.energy_cost_at(acts)
        price = self.model.logistics.packaging_cost
        return efforts + goods + (price * packaging(self, acts) if price > 0 else 0.0)


class Producer(Firm):
    """A firm that makes goods."""

    def _equip(self, intensity_z: float) -> None:
        technology = self.model.technology
        self.intensity = technology.emission_intensity * self.price * self._spread(intensity_z)
        self.abatable, self.defect_rate = technology.abatable_share, technology.defect_rate
        self.scrap_cost, self.claim_cost = technology.scrap_cost, 0.0
        self.energy_cost = technology.energy_cost
        self.energy_saving = technology.energy_saving
        self._pack()

    def _pack(self) -> None:
        """The emissions of making its packaging count among its own, and fall with the packaging it saves."""
        logistics = self.model.logistics
        packed = logistics.packaging_intensity * packaging_used(self.model)
        saved = self.abatable * self.intensity + logistics.packaging_saving * packed
        self.intensity += packed
        self.abatable = saved / self.intensity

    def _value_added(self, bought: float) -> float:
        return min(self.value_added_share, 1.0 - bought) * self.price


class Supplier(Producer):
    """A firm that supplies others."""

    role = "supplier"


class Manufacturer(Producer):
    """A firm that assembles; it may lead a chain and set the bar for its suppliers."""

    role = "manufacturer"


class Carrier(Firm):
    """A logistics firm; its quality is careful handling, its abatement a better fleet and driving."""

    role = "logistics"

    def _equip(self, intensity_z: float) -> None:
        logistics = self.model.logistics
        self.intensity = 0.0
        self.electric = logistics.electric_share
        self.done, self.stood_in, self.stand_in = 1.0, 0.0, self
        self.abatable, self.defect_rate = logistics.abatable_share, logistics.damage_rate
        self.scrap_cost, self.claim_cost = 0.0, logistics.claim_cost
        self.energy_cost = logistics.fuel_cost
        self.energy_saving = logistics.fuel_saving

    def _value_added(self, bought: float) -> float:
        return 0.0
