"""A network written into the scenario itself, firm by firm and link by link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim.fields import Distance, NonNegative, Positive, Share, Tonnes
from sim.network.building import build
from sim.network.families.base import Family
from sim.network.network import Network


class Row(BaseModel):
    """A firm or a link: what is left out takes its default."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Firm(Row):
    """A firm of the network."""

    id: str = Field(min_length=1, description="identifier, different for every firm")
    role: Literal["supplier", "manufacturer", "logistics"] | None = Field(
        None, description="manufacturer if it buys in the network, else supplier, if not given"
    )
    region: str | None = Field(None, description="region, `home` if not given")
    size: Literal["sme", "large"] | None = Field(None, description="size, large if not given")
    price: Positive | None = Field(None, description="thousand CNY for a tonne of output, 20 if not given")
    demand: Tonnes | None = Field(None, description="tonnes a month sold to the market")
    value_added_share: Share | None = Field(
        None, gt=0, description="value added as a share of revenue, 0.5 if not given"
    )
    quality_cost_factor: Positive | None = Field(None, description="multiple of the technology's quality cost")
    abatement_cost_factor: Positive | None = Field(None, description="multiple of the technology's abatement cost")
    intensity_factor: NonNegative | None = Field(None, description="multiple of the technology's emission intensity")


class Link(Row):
    """A link of the network, from supplier to customer."""

    supplier: str = Field(description="identifier of the firm that delivers")
    customer: str = Field(description="identifier of the firm that buys")
    input_group: str | None = Field(
        None, description="inputs of one group replace each other; all the same if not given"
    )
    order_share: Share | None = Field(None, description="share of the customer's orders in the group")
    units_per_unit: NonNegative | None = Field(None, description="tonnes of input for a tonne of the customer's output")
    distance_km: Distance | None = Field(None, description="length of the way, 300 if not given")
    carrier: str | None = Field(None, description="identifier of a logistics firm")


class Listed(Family):
    """The firms and links that the scenario lists, for small networks that need no files.

    Rule: a table for each firm and each link, with the columns of an imported network. Carriers are added where no firm
    is one. Nothing is drawn, so `seed` and `sme_share` change nothing.
    """

    kind: Literal["listed"] = "listed"
    carriers: int = Field(default=1, ge=1, description="logistics firms added where none is listed")
    firms: tuple[Firm, ...] = Field(description="the firms")
    links: tuple[Link, ...] = Field(description="the links")

    def build(self) -> Network:
        firms, links = _columns(Firm, self.firms), _columns(Link, self.links)
        return build(firms, links, source="listed network", carriers=self.carriers)


def _columns(kind: type[Row], rows: Sequence[Row]) -> dict[str, list[Any]]:
    """The rows by column; an empty cell takes its default."""
    return {name: [getattr(row, name) for row in rows] for name in kind.model_fields}
