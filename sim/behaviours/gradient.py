"""Bounded-rational better reply."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.behaviours.base import Behaviour, Efforts, View
from sim.fields import NonNegative
from sim.network.links import Index


class Gradient(Behaviour):
    """Efforts move uphill on the firm's own payoff, plus noise.

    Formula: x + speed x dU/dx / S + noise x z for both efforts, no noise for disclosure; S revenue.
    Its rest points without noise are the Nash equilibria of the payoff game.
    Source: gradient adjustment (Arrow & Hurwicz 1960; Bischi & Naimzada 2000).
    """

    kind: Literal["gradient"] = "gradient"
    speed: NonNegative = Field(2.5, description="effort a month for each share of revenue gained per effort (assumed)")
    noise: NonNegative = Field(0.01, description="standard error of the step (assumed)")

    def decide(self, view: View, cells: Index) -> Efforts:
        now = view.at(view.now(), cells)
        slope = view.at(view.slopes("private"), cells)
        z_quality, z_abatement = view.draws.normals("gradient", view.month, cells)
        return Efforts(
            now.quality + self.speed * slope.quality + self.noise * z_quality,
            now.abatement + self.speed * slope.abatement + self.noise * z_abatement,
            now.disclosure + self.speed * slope.disclosure,
        )
