"""What every generated family is: validated parameters and one way to build the network."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from sim.fields import Count, Share
from sim.network.network import Network


class Family(BaseModel):
    """A recipe for a network. Subclasses name themselves with `kind` and define `build`."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )

    seed: int = Field(default=1, ge=0, description="seed of the graph; the graph is the same in all replications")
    carriers: Count = Field(default=6, description="logistics firms; each link is given one of them")
    sme_share: Share = Field(default=0.6, description="share of suppliers that are small or medium-sized")

    def build(self) -> Network:
        """The network; the same parameters always give the same network."""
        raise TypeError(f"{type(self).__name__} must define build()")
