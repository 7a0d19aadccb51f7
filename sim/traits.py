"""What does not change about firms during a run: their technology, prices, places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.draws import Draws
from sim.errors import NetworkError
from sim.fields import Array, above_zero
from sim.network.network import ROLES, Network
from sim.parameters import Logistics, Technology


@dataclass(frozen=True, eq=False)
class Traits:
    """Constant attributes of firms, (world, firm) or (1, firm) where worlds do not differ.

    Money per tonne: price, value_added. Shares of revenue: quality_cost, abatement_cost (the cost
    coefficients k), operations, energy_cost. Tonnes CO2e per tonne made, its packaging included: intensity.
    """

    network: Network
    supplier: slice
    manufacturer: slice
    logistics: slice
    regions: tuple[str, ...]
    region: np.ndarray
    tier: np.ndarray
    sme: np.ndarray
    anchor: np.ndarray
    producer: np.ndarray
    price: Array
    value_added: Array
    value_added_share: Array
    demand: Array
    capacity_ratio: Array
    quality_cost: Array
    abatement_cost: Array
    intensity: Array
    abatable: Array
    defect_rate: Array
    scrap_cost: Array
    claim_cost: Array
    energy_cost: Array
    energy_saving: Array
    operations: Array


def traits_of(network: Network, technology: Technology, logistics: Logistics, draws: Draws) -> Traits:
    """The firms' traits: effort costs and emission intensity differ between firms and replications
    by log-normal factors of mean 1; carriers have a carrier's technology."""
    firms = network.firms
    carrier = (firms["role"] == ROLES.index("logistics"))[None, :]
    sme = (firms["size"] == "sme")[None, :]
    sigma = technology.heterogeneity
    cost_z, intensity_z = draws.normals("technology", 0)
    quality_z = draws.normal("technology/quality", 0)

    def spread(z: Array) -> Array:
        return np.exp(sigma * z - 0.5 * sigma * sigma)

    size_factor = np.where(sme, technology.sme_cost_factor, 1.0)
    price = firms["price"][None, :]
    bought = np.bincount(
        network.customer,
        weights=network.links["units_per_unit"] * network.links["order_share"] * firms["price"][network.supplier],
        minlength=network.size,
    )
    bought_share = bought[None, :] / price
    energy = np.where(carrier, logistics.fuel_cost, technology.energy_cost)
    defect_rate = np.where(carrier, logistics.damage_rate, technology.defect_rate)
    scrap = np.where(carrier, 0.0, technology.scrap_cost)
    claim = np.where(carrier, logistics.claim_cost, 0.0)
    operations = 1.0 - technology.margin - bought_share - energy - (scrap + claim) * defect_rate
    if np.any(operations < 0):
        world, firm = (int(place[0]) for place in np.nonzero(operations < 0))
        if carrier[0, firm]:
            margin, fuel, claims = (
                float(np.ravel(x)[world if np.ndim(x) else 0])
                for x in (technology.margin, logistics.fuel_cost, logistics.claim_cost * logistics.damage_rate)
            )
            raise NetworkError(
                f"{network.source}: carrier {network.ids[firm]!r} is left less than nothing of its freight by margin "
                f"({margin:g}), logistics.fuel_cost ({fuel:g}) and logistics.claim_cost x damage_rate ({claims:g}); "
                "together they may be 1 at most"
            )
        raise NetworkError(
            f"{network.source}: firm {network.ids[firm]!r} spends {np.max(bought_share[:, firm]):.3g} of its "
            "revenue on inputs of the network, which leaves less than its margin, energy and scrap; "
            "lower units_per_unit or the suppliers' prices"
        )
    intensity = technology.emission_intensity * price * spread(intensity_z) * firms["intensity_factor"] * ~carrier
    abatable = np.where(carrier, logistics.abatable_share, technology.abatable_share)
    if above_zero(logistics.packaging_intensity):
        packed = logistics.packaging_intensity * logistics.packaging_used * ~carrier
        saved = intensity * abatable + packed * logistics.packaging_saving
        # Of the emissions of a firm's own process and of its packaging together.
        intensity = intensity + packed
        shared = np.divide(saved, intensity, out=np.zeros_like(intensity), where=intensity > 0)
        abatable = np.where(carrier | ~np.greater(logistics.packaging_intensity, 0.0), abatable, shared)
    return Traits(
        network=network,
        supplier=network.role("supplier"),
        manufacturer=network.role("manufacturer"),
        logistics=network.role("logistics"),
        regions=network.regions,
        region=np.searchsorted(network.regions, firms["region"].astype(str)),
        tier=firms["tier"],
        sme=sme,
        anchor=firms["anchor"].astype(bool)[None, :],
        producer=~carrier,
        price=price,
        value_added=np.minimum(firms["value_added_share"][None, :], 1.0 - bought_share) * price * ~carrier,
        value_added_share=firms["value_added_share"][None, :],
        demand=firms["demand"][None, :],
        capacity_ratio=firms["capacity_ratio"][None, :],
        quality_cost=technology.quality_cost * size_factor * spread(quality_z) * firms["quality_cost_factor"],
        abatement_cost=technology.abatement_cost * size_factor * spread(cost_z) * firms["abatement_cost_factor"],
        intensity=intensity,
        abatable=abatable,
        defect_rate=defect_rate,
        scrap_cost=scrap,
        claim_cost=claim,
        energy_cost=energy,
        energy_saving=np.where(carrier, logistics.fuel_saving, technology.energy_saving),
        operations=operations,
    )
