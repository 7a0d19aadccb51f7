"""What mechanisms among firms share: whom one reaches today, whom each firm trades with, when it is assessed."""

from __future__ import annotations

import numpy as np

from sim.fields import Array, Months
from sim.known import Known
from sim.mechanisms.base import Incentive


def reached(mechanism: Incentive, known: Known) -> Array:
    """1 for each trading firm that a mechanism applies to today, (world, firm): the others, as a firm that weighs
    its own acts knows them."""

    def make() -> Array:
        firms = mechanism.applies_to.firms(known.traits, known.links)
        today = mechanism.applies_to.today(known.acts.member, known.rating)
        return np.where(known.revenue > 0, firms if today is None else firms * today, 0.0)

    return known.once(f"reached by {id(mechanism)}", make)


def over_partners(known: Known, of_partner: Array, of_link: Array) -> Array:
    """Sum over a firm's suppliers and customers, link by link, of a value of the partner times one of the link,
    (world, firm)."""
    links = known.links
    upward = links.total(links.supplier, links.at(links.customer, of_partner) * of_link)
    return upward + links.total(links.customer, links.at(links.supplier, of_partner) * of_link)


def months_left(mechanism: Incentive, every: Months, month: int) -> int:
    """Months to the next assessment, this one counted: 1 in its month. Periods are counted from the start of the
    mechanism; the last one ends with it."""
    left = int(every - (month - mechanism.starts) % every)
    return left if mechanism.ends is None else max(1, min(left, int(mechanism.ends) - month))
