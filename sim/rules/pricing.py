"""Margins of the firms of a chain under linear demand, as parts of what demand would be without them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.fields import Array
from sim.network.links import Index


def margins_of_stages(
    pricing: Array, stage: Index, by_chain: Callable[[Array], Array], at_chain: Callable[[Array], Array]
) -> tuple[Array, Array]:
    """What each firm of a chain adds to the price, and what is left of a change of demand after those that reply to it.

    pricing: 1 for each entry that sets a margin; stage: highest first; both (entry,). With X the demand that earlier
    stages leave, each of the n firms of a stage adds M = X/((n + 1) e) to the price, its best reply to the others of
    its stage given what later stages will add; they leave X/(n + 1). Gives e M / X0 and the product of 1/(n + 1) over
    later stages, (entry,). One stage is Nash's equilibrium; stages of one firm each are Spengler's (1950).
    """
    own, left_after = np.zeros_like(pricing), np.ones_like(pricing)
    left = np.ones_like(pricing)
    for here in np.unique(stage[pricing > 0])[::-1]:
        now = pricing * (stage == here)
        part = 1.0 / (at_chain(by_chain(now)) + 1.0)
        own = own + now * left * part
        left = left * part
        left_after = np.where(now > 0, left, left_after)
    return own, left / left_after
