"""Which firms a mechanism applies to, and a phase of a programme enrols."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from sim.fields import Array, Share
from sim.network.links import Links
from sim.network.network import ROLES
from sim.traits import Traits

ANCHOR = "anchor"
"""As a chain: the chains of all chain leaders, whatever their identifiers."""


class Filter(BaseModel):
    """Which firms a mechanism applies to; what is not said does not restrict."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    role: Literal["supplier", "manufacturer", "logistics"] | None = Field(None, description="role of the firm")
    tier: int | tuple[int, ...] | None = Field(
        None, description="tier of the firm, or several: links between it and a firm that sells to the market"
    )
    region: str | None = Field(None, description="region of the firm")
    size: Literal["sme", "large"] | None = Field(None, description="size of the firm")
    chain: str | None = Field(
        None,
        description="firms in the chain of this firm, by its identifier; `anchor`: of the chain leaders; whose goods "
        "reach it in the month, and the carriers of these goods",
    )
    anchor: bool | None = Field(None, description="whether the firm is a chain leader")
    member: bool | None = Field(None, description="whether the firm takes part in the collaboration")
    rating: Share | None = Field(None, description="lowest public rating of the firm")

    @property
    def everybody(self) -> bool:
        """Whether nothing restricts."""
        return all(value is None for value in vars(self).values())

    def firms(self, traits: Traits, links: Links) -> Array:
        """1 for each firm that all but membership and rating let through, on the links of the month: (1, firm), or
        (world, firm) where a chain is named."""
        return self.on(links, self.attributes(traits), traits)

    def attributes(self, traits: Traits) -> Array:
        """1 for each firm that the fixed attributes let through, (1, firm)."""
        network = traits.network
        mask = np.ones(network.size, dtype=bool)
        if self.role is not None:
            mask &= network.firms["role"] == ROLES.index(self.role)
        if self.tier is not None:
            mask &= np.isin(traits.tier, self.tier) & traits.producer[0]
        if self.region is not None:
            mask &= network.firms["region"] == self.region
        if self.size is not None:
            mask &= network.firms["size"] == self.size
        if self.anchor is not None:
            mask &= traits.anchor[0] == self.anchor
        return mask[None, :].astype(float)

    def on(self, links: Links, firms: Array, traits: Traits) -> Array:
        """Of these firms those in the chain that is named, on these links; all of them where none is."""
        root = self.chain
        if root is None:
            return firms
        return firms * links.once(f"in chain {root}", lambda: _in_chain(links, traits, root))

    def today(self, member: Array, rating: Array) -> Array | None:
        """1 for each firm that membership and rating let through this month; None if they do not restrict."""
        let: Array | None = None
        if self.member is not None:
            let = member if self.member else 1.0 - member
        if self.rating is not None:
            rated = np.where(rating >= self.rating, 1.0, 0.0)
            let = rated if let is None else let * rated
        return let


def _in_chain(links: Links, traits: Traits, root: str) -> Array:
    """1 for each firm from which goods reach `root` (or a chain leader), for it, and for the carriers of these goods,
    (world, firm)."""
    roots = np.zeros((links.worlds, links.firms), dtype=bool)
    if root == ANCHOR:
        roots |= traits.anchor[0]
    else:
        roots[:, traits.network.index(root)] = True
    return links.upstream_of(roots.ravel()).reshape(roots.shape).astype(float)
