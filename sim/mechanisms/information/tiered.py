"""Sharing along the chain, some links far."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Hops
from sim.mechanisms.regimes import Information
from sim.network.network import Network
from sim.traits import Traits

NO_WAY = np.inf
"""Links between a firm and the market where there is no way."""


class Tiered(Information):
    """A member's data reach its direct partners, and its whole chain if it is at most `reach` links from the market.

    Formula: shared with neighbours = member; shared with the chain = member x 1[0 < reach and links <= reach],
    links being counted along the supply direction to the nearest firm that sells to the market; a carrier is one
    link above the customers it serves. A reach of 0 is `bilateral`; one as long as the chains is `platform` for
    the firms in them. Source: visibility by tier (Carter, Rogers & Choi 2015).
    """

    kind: Literal["tiered"] = "tiered"
    reach: Hops = Field(2, description="links from the market within which data reach the whole chain (assumed)")

    def shared(self, traits: Traits, member: Array) -> tuple[Array, Array]:
        within = (links_to_market(traits.network) <= self.reach) & (np.asarray(self.reach) > 0)
        return member, member * within


@lru_cache(maxsize=64)
def links_to_market(network: Network) -> Array:
    """Links between each firm and the nearest one that sells to the market, (1, firm); `NO_WAY` without a way."""
    links = np.where(network.firms["demand"] > 0, 0.0, NO_WAY)
    for _ in range(network.size):
        nearer = links.copy()
        np.minimum.at(nearer, network.supplier, links[network.customer] + 1.0)
        if np.array_equal(nearer, links):
            break
        links = nearer
    np.minimum.at(links, network.carrier, links[network.customer] + 1.0)
    found: Array = links[None, :]
    found.flags.writeable = False
    return found
