"""The market of the plain Mesa model: prices, labels, awareness and demand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.plain.agents import Firm
    from benchmarks.plain.chains import Chain


def label_accuracy(chain: Chain) -> float:
    """Part of true green quality that labels convey: less where the chain shares little of its data."""
    market = chain.model.market
    if market.label_sharing == 0:
        return market.label_accuracy
    shared = 0.0
    for firm, place in chain.places.items():
        far = firm.shared_far if firm.disbelief <= 0 else 0.0
        shared += place.weight * firm.acts.disclosure * far
    return market.label_accuracy * (1.0 - market.label_sharing * (1.0 - shared))


def win_customers(chain: Chain) -> None:
    """What labels showed last month makes more customers look, from the second month on."""
    if chain.model.month > 0:
        shown = label_accuracy(chain) * chain.index
        chain.awareness += chain.model.market.awareness_growth * shown * (1.0 - chain.awareness)


def raise_price(firm: Firm) -> None:
    """The seller passes a part of what its efforts cost it on each unit of sales."""
    q, a = firm.acts.quality, firm.acts.abatement
    half = 0.5 * firm.quality_cost * q * q + 0.5 * firm.abatement_cost * a * a
    firm.price_rise = firm.model.market.pass_through * (half - firm.model.technology.synergy * q * a)


def meet_demand(firm: Firm) -> None:
    """D = D0 x noise x max(0, 1 + b Q_seen - e rise), less the share that a slump takes."""
    chain, market, risk = firm.product, firm.model.market, firm.model.risk
    if chain is None:
        return
    win_customers(chain)
    raise_price(firm)
    visible = chain.awareness * label_accuracy(chain) * chain.index
    dearer = market.price_elasticity * firm.price_rise
    firm.appetite = max(1.0 + market.demand_response * visible - dearer, 0.0)
    lost = risk.demand_shock_depth * min(firm.slump_left, 1.0)
    firm.demand = firm.usual_demand * demand_noise(firm) * firm.appetite * (1.0 - lost)


def demand_noise(firm: Firm) -> float:
    """This month's factor on demand, exp(sigma z - sigma^2 / 2)."""
    sigma = firm.model.market.demand_noise
    return math.exp(sigma * firm.model.normals("demand")[0][firm.number] - 0.5 * sigma * sigma)
