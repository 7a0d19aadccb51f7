"""Making goods in the plain Mesa model: orders, output, and the review of suppliers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks.plain.relations import reward
from benchmarks.plain.risk import capacity_left

if TYPE_CHECKING:
    from benchmarks.plain.agents import Firm
    from benchmarks.plain.chains import Link

# --- 4 produce ------------------------------------------------------------------------------------------


def take_orders(firm: Firm) -> None:
    """Orders of the month: inputs for what each customer made last month, as far as somebody hauls them, and the
    market's demand."""
    for link in firm.sells:
        link.ordered = link.requirement * link.customer.volume
        link.ordered_value = link.ordered * firm.price
        link.haulable = link.ordered * link.carrier.done
    firm.orders = firm.demand + sum(link.haulable for link in firm.sells)


def produce(firm: Firm) -> None:
    """Make what is ordered as far as capacity lasts. Everybody gets the same part of the order; what is missing
    a customer buys elsewhere, dearer, and the market does without."""
    firm.volume = min(firm.orders, capacity_left(firm))
    firm.on_time = firm.volume / firm.orders if firm.orders > 0 else 1.0
    for link in firm.sells:
        link.shipped = link.haulable * firm.on_time
        link.value = link.shipped * firm.price
        link.emitted_elsewhere = (link.ordered - link.shipped) * firm.intensity
        link.spot = (link.ordered - link.shipped) * firm.price * (1.0 + firm.model.risk.spot_premium)
    firm.sold = firm.demand * firm.on_time
    firm.revenue = firm.volume * firm.price
    firm.gross = firm.volume * firm.intensity
    firm.own_defects = firm.own_defects_at(firm.acts)
    firm.outgoing = firm.outgoing_at(firm.acts)
    firm.emissions = firm.emissions_at(firm.acts)


# --- 9 review -------------------------------------------------------------------------------------------


def review_suppliers(firm: Firm) -> None:
    """Within each input group, shift orders from the contracted shares as the mechanisms in force weigh them
    together; where a whole group would lose everything, nothing moves."""
    groups: dict[int, list[Link]] = {}
    for link in firm.buys:
        groups.setdefault(link.group, []).append(link)
    for links in groups.values():
        kept = [
            reward(link, links) * math.prod(i.orders_kept(link, links) for i in firm.model.in_force) for link in links
        ]
        weighted = [link.contract_share * part for link, part in zip(links, kept, strict=True)]
        scale = sum(weighted) / sum(link.contract_share for link in links)
        for link in links:
            link.order_share = link.contract_share
        if scale > 0:
            for link, share in zip(links, weighted, strict=True):
                link.order_share = share / scale
