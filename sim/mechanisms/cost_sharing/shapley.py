"""Members share costs by the Shapley value."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.fields import Array, Count, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.cost_sharing.pooling import Pooling
from sim.mechanisms.shapley import ChainGame
from sim.network.links import Index
from sim.rules.powers import raised
from sim.rules.shapley import airport_shares


class ShapleyCostSharing(Pooling):
    """The members of a chain share the common part of their costs by the Shapley value of a cost game.

    Formula: a share f of every cost is for a common facility (laboratory, training, data), F_m = f sum_j c_jm; the rest
    is the firm's own. Firm i receives f c_im - s_im F_m. The facility for a coalition T costs, in game `airport`,
    F_m max over T of r_j / max over all of r_j, r the revenue in the chain (a facility sized by the largest need;
    closed form), and in game `scale`, in proportion to (sum over T of c_j)^e (economies of scale; exact up to 12 firms
    in a chain, else sampled). Acts while the chain's root is a member; sums to zero over a chain.
    Source: Shapley 1953; Littlechild & Owen 1973 (airport); Castro, Gomez & Tejada 2009 (sampling).
    """

    kind: Literal["shapley"] = "shapley"
    neutral: ClassVar[dict[str, Any]] = {"common": 0.0}

    game: Literal["airport", "scale"] = Field("airport", description="cost game of the common facility")
    common: Share = Field(0.5, description="f: share of effort cost that is for the common facility (assumed)")
    scale: Share = Field(0.6, description="e: exponent of economies of scale, game `scale` (six-tenths rule)")
    permutations: Count = Field(32, description="orders sampled where a chain has more than 12 firms, game `scale`")

    def payment(self, known: Known, acts: Acts) -> Array:
        member, cost = self.member(known, acts), self.cost(known, acts)
        share = self.airport(known) if self.game == "airport" else self.with_scale(known, cost)
        shared = cost - member * share * (self.others_cost(known) + cost)
        return known.chains.by_firm(known.per_entry(self.common) * shared)

    def standard_error(self, known: Known) -> Array | None:
        if self.game == "airport":
            return None
        game, whole = self._game(known), self._game(known).whole(self.cost(known, known.acts))
        return known.per_entry(self.common) * np.divide(
            game.standard_error(), whole, out=np.zeros_like(whole), where=whole > 0
        )

    def airport(self, known: Known) -> Array:
        """s_im of the airport game, (W*E,): it does not depend on what firms do."""

        def make() -> Array:
            chains = known.chains
            need = known.part * chains.at_firm(known.revenue)
            return airport_shares(chains, need, self.member(known, known.acts))

        return known.once("airport", make)

    def with_scale(self, known: Known, cost: Array) -> Array:
        """s_im of the game with economies of scale, (..., W*E)."""
        game = self._game(known)
        value, whole = game.value(cost), game.whole(cost)
        return np.divide(value, whole, out=np.zeros_like(whole), where=whole > 0)

    def _game(self, known: Known) -> ChainGame:
        def make() -> ChainGame:
            exponent = known.per_entry(self.scale)

            def worth(total: Array, entries: Index) -> Array:
                power = exponent if np.ndim(exponent) == 0 else exponent[entries]
                scaled = raised(np.maximum(total, 0.0), power)
                # 0 to the power of 0 is 1, but nobody needs no facility.
                return scaled if np.all(power > 0) else np.where(total > 0, scaled, 0.0)

            inside = self.cost(known, known.acts)
            return ChainGame(known, inside, np.zeros_like(inside), worth, self.permutations)

        return known.once("cost game", make)
