"""The premium follows the Shapley value."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Count
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.benefit_sharing.contribution import NOTHING, Contribution
from sim.mechanisms.shapley import ChainGame
from sim.mechanisms.sharing_rules import BenefitSharing
from sim.network.links import Index
from sim.rules import market

ADDITIVE = Contribution()


class ShapleySharing(BenefitSharing):
    """Each firm gets the share of the premium that it has in the Shapley value of the chain's observed green quality.

    Formula: phi_im / sum_j phi_jm of the game v(T) = (sum over T of W o^r + sum outside T of W 0^r)^(1/r), o the green
    quality as observed: the chain index if only T makes an effort (0 counts as 1e-6 where r is not above 0), less half
    of h v^2 where the premium saturates. With r = 1 each firm has the same share in the value as in the sum, saturated
    or not, and the rule is that of contribution; else it is exact up to 12 firms in a chain and sampled beyond. W where
    v is nothing.
    Source: Shapley 1953; Castro, Gomez & Tejada 2009 (sampling, see `orders_of`).
    """

    kind: Literal["shapley"] = "shapley"

    permutations: Count = Field(32, description="orders sampled where a chain has more than 12 firms")

    def shares(self, known: Known, acts: Acts) -> Array:
        if market.is_mean(known.entry("weakest_link")):
            return ADDITIVE.shares(known, acts)
        game, own = self._game(known), self._terms(known, acts)
        whole = game.whole(own)
        return np.where(whole > NOTHING, game.value(own) / np.maximum(whole, NOTHING), known.weight)

    def standard_error(self, known: Known) -> Array | None:
        if market.is_mean(known.entry("weakest_link")):
            return None
        game = self._game(known)
        whole = game.whole(self._terms(known, known.acts))
        return np.where(whole > NOTHING, game.standard_error() / np.maximum(whole, NOTHING), 0.0)

    def _terms(self, known: Known, acts: Acts) -> Array:
        """W o^r of each entry, (..., W*E)."""
        observed = known.chains.at_firm(known.observed(acts))
        return known.weight * market.powered(observed, known.entry("weakest_link"))

    def _game(self, known: Known) -> ChainGame:
        def make() -> ChainGame:
            exponent, saturation = known.entry("weakest_link"), known.entry("saturation")

            def worth(total: Array, entries: Index) -> Array:
                r, h = (x if np.ndim(x) == 0 else x[entries] for x in (exponent, saturation))
                index = market.chain_index(total, r)
                return market.saturated(index, index, h) if market.switched_on(h) else index

            idle = known.weight * market.powered(np.zeros(known.chains.count), exponent)
            return ChainGame(known, self._terms(known, known.acts), idle, worth, self.permutations)

        return known.once("benefit game", make)
