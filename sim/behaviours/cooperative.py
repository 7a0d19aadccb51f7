"""The first-best benchmark."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from sim.behaviours.base import Behaviour, Efforts, View
from sim.fields import NonNegative
from sim.network.links import Index


class Cooperative(Behaviour):
    """Efforts move uphill on the social payoff: own cost against every effect on others at full value.

    Formula: x + speed x dU*/dx / S, U* with the whole premium of the firm's chains, all failures it
    causes downstream, what its disclosure does for inspections and lorries, and carbon at its social cost; no
    transfers. (Not priced: what partners learn, trust and demand won.)
    Source: the first best of the team problem (Holmstrom 1982; Cornes & Sandler 1996).
    """

    social: ClassVar[bool] = True
    kind: Literal["cooperative"] = "cooperative"
    speed: NonNegative = Field(2.5, description="effort a month for each share of revenue gained per effort (assumed)")

    def decide(self, view: View, cells: Index) -> Efforts:
        now = view.at(view.now(), cells)
        slope = view.at(view.slopes("social"), cells)
        return Efforts(*(x + self.speed * dx for x, dx in zip(now, slope, strict=True)))
