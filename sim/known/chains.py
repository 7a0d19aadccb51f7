"""Chains: their green quality and premium, and who takes part in sharing them."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.fields import Array
from sim.known.seen import Seen
from sim.mechanisms.acts import Acts
from sim.rules import market


class InChains(Seen):
    """What is known of chains; an entry is a firm in a chain."""

    def chain_total(self) -> Array:
        """Sum of W theta^r over each chain, at each entry, (W*E,); when deciding, of theta as observed."""
        return self.chains.at_chain(self.once("total of chain", lambda: self.chains.by_chain(self._chain_terms())))

    def _chain_terms(self) -> Array:
        """W theta^r of each entry, (W*E,)."""

        def make() -> Array:
            exponent = self.entry("weakest_link")
            if not self.certain and market.is_mean(exponent):
                return self.observed_parts()
            theta = self.green_quality(self.acts) if self.certain else self.observed(self.acts)
            return self.weight * market.powered(self.chains.at_firm(theta), exponent)

        return self.once("chain_terms", make)

    def observed_parts(self) -> Array:
        """W o of each entry, o the green quality as observed, (W*E,)."""
        return self.once("observed_parts", lambda: self.weight * self.chains.at_firm(self.observed(self.acts)))

    def premium(self, acts: Acts) -> Array:
        """Green premium of the chain V_m at each entry if that entry's firm alone acts so, (..., W*E)."""

        def make() -> Array:
            exponent = self.entry("weakest_link")
            theta = market.powered(self.chains.at_firm(self.green_quality(acts)), exponent)
            if market.is_mean(exponent):
                # In truth this is asked for once, so nothing is kept.
                kept = (lambda name, make: make()) if self.certain else self.once
                of_others = kept("pool of others", lambda: self.pool_at_entries() * self.terms_of_others())
                whole = kept("own pool", lambda: self.pool_at_entries() * self.weight) * theta
                whole += of_others
            else:
                others, pool = (
                    self.once("others_terms", self.terms_of_others),
                    self.once("pool", self.pool_at_entries),
                )
                whole = pool * market.chain_index(others + self.weight * theta, exponent)
            saturation = self.entry("saturation")
            if not market.switched_on(saturation):
                return whole
            others = self.once("others_terms", self.terms_of_others)
            return market.saturated(whole, market.chain_index(others + self.weight * theta, exponent), saturation)

        return acts.derived("premium", make)

    def terms_of_others(self) -> Array:
        """Sum of W theta^r over the others of each entry's chain, (W*E,)."""
        return self.chain_total() - self._chain_terms()

    def pool_at_entries(self) -> Array:
        """Green premium of each entry's chain at chain index 1, (W*E,)."""
        return self.chains.at_chain(self.pool)

    def index(self, acts: Acts) -> Array:
        """Chain index Q_m at each entry if that entry's firm alone acts so, (..., W*E)."""

        def make() -> Array:
            exponent = self.entry("weakest_link")
            theta = market.powered(self.chains.at_firm(self.green_quality(acts)), exponent)
            others = self.once("others_terms", self.terms_of_others)
            return market.chain_index(others + self.weight * theta, exponent)

        return acts.derived("index", make)

    def index_of_root(self, acts: Acts) -> Array:
        """Chain index of each firm that sells to the market if it alone acts so, (..., world, firm); of no meaning
        for others. When deciding, with what is observed of the rest of the chain."""
        exponent, chains = self.market.weakest_link, self.chains
        roots = chains.root_entry

        def at_roots(x: Array, elsewhere: float) -> Array:
            firms = np.full(self.revenue.shape, elsewhere)
            firms.reshape(-1)[chains.roots] = x.take(roots)
            return firms

        others = self.once("others of root", lambda: at_roots(self.chain_total() - self._chain_terms(), 1.0))
        weight = self.once("weight of root", lambda: at_roots(self.weight, 0.0))
        total = others + weight * market.powered(self.green_quality(acts), exponent)
        return market.chain_index(total, exponent)

    def members(self, acts: Acts) -> Array:
        """Membership at each chain entry, (..., W*E)."""
        return self.with_members_of(acts).derived("members", lambda: self.chains.at_firm(acts.member))

    def applies(self, rule: Any) -> Array:
        """1 for each firm that a sharing rule applies to, (world or 1, firm); members or not."""

        def make() -> Array:
            firms = rule.applies_to.firms(self.traits, self.links)
            today = rule.applies_to.today(self.acts.member, self.rating)
            return firms if today is None else firms * today

        return self.once(f"applies {rule.family}", make)

    def taking_part(self, rule: Any, acts: Acts) -> Array:
        """1 at each chain entry whose firm takes part in a sharing rule, (..., W*E): members that it applies to, and
        a root whenever it is a member."""
        if rule.applies_to.everybody:
            return self.members(acts)
        members = self.members(acts)
        part = members * self.chains.at_firm(np.broadcast_to(self.applies(rule), self.revenue.shape))
        part[..., self.chains.root_entry] = members[..., self.chains.root_entry]
        return part

    def collaborating(self) -> Array:
        """1 at each entry of a chain whose root is a member, (W*E,): there is somebody to share with."""
        return self.once("collaborating", lambda: self.chains.at_chain(self.chains.at_root(self.acts.member)))
