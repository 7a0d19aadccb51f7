"""Reinforcement learning."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sim.behaviours.base import Behaviour, Efforts, View
from sim.fields import Array, Positive, Share, Unit
from sim.network.links import Index

EFFORTS = ("quality", "abatement")


class Reinforce(Behaviour):
    """A firm plays levels of effort the oftener the better it did with them; its disclosure stays as it is.

    Formula: level k = 0 .. K - 1 of quality, and apart from it of abatement, stands for effort k / (K - 1) and is
    played with probability p_k / sum p. A month later p_k becomes max(floor x strength, (1 - forgetting) p_k + e_k R),
    R = (profit per revenue - aspiration) / scale, e = 1 - experimentation for the level played and half of
    experimentation for each neighbour (what would fall off the end stays with the level played); the aspiration then
    moves toward the profit per revenue. Source: Roth & Erev 1995; moving aspiration: Erev, Bereby-Meyer & Roth 1999.
    """

    kind: Literal["reinforce"] = "reinforce"
    levels: Annotated[int, Unit("count")] = Field(6, ge=2, le=101, description="levels of each effort, K (assumed)")
    strength: Positive = Field(1.0, description="propensity of each level at the start (assumed)")
    forgetting: Share = Field(0.02, description="share of the propensities forgotten in a month (assumed)")
    experimentation: Share = Field(0.1, description="share of a reward that goes to the neighbouring levels (assumed)")
    scale: Positive = Field(0.01, description="profit per revenue above aspiration that is a reward of 1 (assumed)")
    aspiration_speed: Share = Field(
        0.1, description="share of the gap to profit that aspiration closes a month (assumed)"
    )
    floor: Share = Field(0.01, description="least propensity of a level, share of the first one (assumed)")

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        first = {name: np.ones((*shape, self.levels)) * _by_level(self.strength) for name in EFFORTS}
        return first | {"aspiration": np.zeros(shape), "months": np.zeros(shape)}

    def remember(self, view: View, cells: Index) -> dict[str, Array]:
        memory = {name: x.copy() for name, x in view.memory.items()}
        profit = view.profitability.ravel()[cells]
        aspiration, months = (memory[name].ravel() for name in ("aspiration", "months"))
        # What it got before it first played a level tells nothing; the first profit is the first aspiration.
        aim = np.where(months[cells] < 2.0, profit, aspiration[cells])
        reward = (profit - aim) / self.scale
        now = view.at(view.now(), cells)
        for name in EFFORTS:
            propensity = memory[name].reshape(-1, self.levels)
            played = self._nearest(getattr(now, name))
            kept = (1.0 - _by_level(self.forgetting)) * propensity[cells]
            learnt = kept + self._spread(played) * reward[:, None]
            propensity[cells] = np.maximum(learnt, _by_level(self.floor * self.strength))
        aspiration[cells] = aim + self.aspiration_speed * (profit - aim)
        months[cells] += 1.0
        return memory

    def decide(self, view: View, cells: Index) -> Efforts:
        now = view.at(view.now(), cells)
        chosen = []
        for name in EFFORTS:
            below = np.cumsum(view.memory[name].reshape(-1, self.levels)[cells], axis=1)
            luck = view.draws.uniform(f"reinforce/{name}", view.month, cells) * below[:, -1]
            level = np.minimum((luck[:, None] >= below).sum(axis=1), self.levels - 1)
            chosen.append(level / (self.levels - 1))
        return Efforts(chosen[0], chosen[1], now.disclosure)

    def _nearest(self, efforts: Array) -> Index:
        return np.rint(efforts * (self.levels - 1)).astype(np.int64)

    def _spread(self, played: Index) -> Array:
        """Share of the reward that goes to each level, (firm, level)."""
        level, mine = np.arange(self.levels), played[:, None]
        neighbours = np.abs(level - mine) == 1
        half = _by_level(0.5 * self.experimentation)
        return np.where(level == mine, 1.0 - half * neighbours.sum(axis=1, keepdims=True), half * neighbours)


def _by_level(parameter: Array | float) -> Array:
    """A parameter with an axis for levels."""
    return np.asarray(parameter)[..., None]
