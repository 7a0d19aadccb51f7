"""The Shapley value of a game among the firms of each chain, as sharing rules ask for it."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.network.links import Index
from sim.rules import shapley
from sim.rules.shapley import Coalitions, Worth


class ChainGame:
    """A game among the firms of each chain; the worth of a coalition follows from a total.

    inside, outside: (W*E,) what each entry adds to the total in and out of the coalition. worth: of a total at
    entries. permutations: orders sampled where a chain has more than 12 firms.
    """

    def __init__(self, known: Known, inside: Array, outside: Array, worth: Worth, permutations: int) -> None:
        self.known, self.worth, self.permutations = known, worth, permutations
        self.inside, self.outside = inside, outside
        chains = known.chains
        self.games: list[Coalitions] = shapley.coalitions(chains, inside, outside, self._orders)
        self.others = shapley.total_of_others(chains, inside)
        self.without = shapley.expected_worth(self.games, outside, worth)
        self.all: Index = np.arange(chains.count)
        self.nobody = worth(chains.at_chain(chains.by_chain(outside)), self.all)

    def value(self, own: Array) -> Array:
        """Shapley value of each entry's firm if it adds `own`, (..., W*E)."""
        return shapley.expected_worth(self.games, own, self.worth) - self.without

    def whole(self, own: Array) -> Array:
        """Worth of the whole chain less that of nobody, if the entry's firm adds `own`, (..., W*E)."""
        return self.worth(self.others + own, self.all) - self.nobody

    def standard_error(self) -> Array:
        """Standard error of the values as known, (W*E,)."""
        return shapley.standard_error(self.games, self.inside, self.outside, self.worth)

    def _orders(self) -> Index:
        known, count = self.known, self.permutations
        return known.chains.once(f"orders {count}", lambda: shapley.orders_of(known.chains, known.drawn, count))
