"""Tradable emission allowances under a falling cap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from sim.fields import Array, MoneyPerTonne, Months, Share
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive
from sim.rules.clearing import clearing_price

LEAST_BEND = 0.25
"""Marginal payoff is taken to fall by at least this share of what effort cost alone makes it fall (assumed)."""


@dataclass(frozen=True, eq=False)
class Cleared:
    """The allowance market of a month, arrays (world, 1) unless said otherwise.

    price: of a tonne. free: (world, firm) allowances given for free. filled: share of what firms offer that finds a
    buyer. bought, sold: shares of purchases from, and of sales to, the regulator. emitted: tonnes to be covered.
    cap: of the month. reached: (world, firm) the firms covered.
    """

    price: Array
    free: Array
    filled: Array
    bought: Array
    sold: Array
    emitted: Array
    cap: Array
    reached: Array


class CapAndTrade(Incentive):
    """Every tonne that a covered firm emits takes an allowance; there are as many as the cap allows, and firms trade
    them at one price.

    Cap: max(cap - decline x years, least) x gross emissions of the covered firms, each in its first month. Firms get
    allowances for free, in proportion to these (`grandfathered`) or to revenue x the mean intensity of producers or
    of carriers (`benchmarked`), or buy them from the regulator (`auctioned`).
    Price: that at which what firms would emit meets the cap and the share 1/horizon of what is banked (with a minus:
    was advanced), within floor..ceiling. At price p a firm would abate until marginal cost = price, all else that it
    weighs included: a + (U' + (p - p0) m gross) / K, in 0..1, with U' and -K the slope and the bend of its payoff in
    abatement a, at last month's price p0 (K in 0.25..1 x S k_a, so that a step in a payoff does not pass for its bend).
    What firms do slowly the price does not ask for again.
    Formula: price x (free allowances + bank - emissions), all at the month's price. Emissions of the month are given,
    so in truth they miss the cap: what is missing the regulator advances, at the price, and withholds it from later
    caps; what is left over buys back what was advanced, and is then banked by its owners, or lapses without
    `banking`. Offers are served in equal proportion. Firms pay each other through the pool, the regulator the rest.
    With `reserve` the regulator sells at the ceiling what is missing beyond the cap, and withholds nothing for it.
    Allowances are conserved: sum of caps + added at the ceiling = emissions + lapsed + balance (banked less advanced).
    While policy of a region is interrupted, the suspended share of its firms' emissions needs no allowances and none
    are issued for it; the rest is traded as ever, and what firms hold they keep.
    Source: Dales 1968; Montgomery 1972 (efficiency whatever the allocation); banking: Rubin 1996; ceiling and
    floor: Roberts & Spence 1976; Burtraw, Palmer & Kahn 2010.
    """

    kind: Literal["cap_and_trade"] = "cap_and_trade"
    neutral: ClassVar[dict[str, Any]] = {"ceiling": 0.0}
    funded: ClassVar[bool] = False
    covers: ClassVar[bool] = True

    cap: Share = Field(0.8, description="first cap, as a share of gross emissions at the start (assumed)")
    decline: Share = Field(
        0.043, description="share of these by which the cap falls each year (default: EU ETS, 2024 to 2027)"
    )
    least: Share = Field(0.6, description="share of these at which the cap stops falling (assumed)")
    allocation: Literal["grandfathered", "benchmarked", "auctioned"] = Field(
        "grandfathered", description="how allowances are handed out"
    )
    banking: bool = Field(False, description="whether allowances that are left over can be kept")
    horizon: Months = Field(12, description="months over which the market uses up what is banked or owed (assumed)")
    ceiling: MoneyPerTonne = Field(1.0, description="highest price of an allowance (assumed)")
    floor: MoneyPerTonne = Field(0.0, description="lowest price of an allowance")
    reserve: bool = Field(False, description="whether allowances beyond the cap are sold at the ceiling")

    @model_validator(mode="after")
    def _floor_below_ceiling(self) -> CapAndTrade:
        if np.any(np.asarray(self.floor) > self.ceiling):
            raise ValueError(f"floor must not be above ceiling ({self.ceiling}), given {self.floor}")
        return self

    def payment(self, known: Known, acts: Acts) -> Array:
        """What firms get from the regulator, or pay it."""
        if not known.certain:
            expected: Array = known.memory["price"] * (self._free(known) - known.emissions(acts))
            return expected
        market, offered, needed = self._positions(known, acts)
        net: Array = market.price * (market.sold * market.filled * offered - market.bought * needed)
        return net

    def transfers(self, known: Known, acts: Acts) -> Mapping[str, Array]:
        """What firms pay each other."""
        if not known.certain:
            return {}
        market, offered, needed = self._positions(known, acts)
        sales, purchases = (1.0 - market.sold) * market.filled * offered, (1.0 - market.bought) * needed
        return {"pool": market.price * (sales - purchases)}

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        figures = {name: np.zeros((shape[0], 1)) for name in ("price", "balance", "cap", "added", "emitted", "lapsed")}
        return figures | {"first_gross": np.zeros(shape), "held": np.zeros(shape)}

    def remember(self, known: Known, acts: Acts, paid: Array) -> dict[str, Array]:
        market, offered, _ = self._positions(known, acts)
        memory = known.memory
        added = self._added(known, market)
        left = memory["balance"] + market.cap + added - market.emitted
        kept = (1.0 - market.filled) * offered + memory["held"] * (1.0 - memory["reached"])
        lapsed = np.zeros_like(left)
        if not self.banking:
            lapsed, left, kept = np.maximum(left, 0.0), np.minimum(left, 0.0), np.zeros_like(kept)
        first = np.where(memory["reached"] > 0, self._first_gross(known), memory["first_gross"])
        figures = {"price": market.price, "cap": market.cap, "added": added, "emitted": market.emitted}
        return dict(memory) | figures | {"balance": left, "lapsed": lapsed, "first_gross": first, "held": kept}

    # --- supply -----------------------------------------------------------------------------------------

    def _first_gross(self, known: Known) -> Array:
        """Gross emissions of each firm in its first month under the cap."""
        first = known.memory["first_gross"]
        return np.where(first > 0, first, known.gross)

    def _cap(self, known: Known) -> Array:
        """Cap of the month on the covered firms, (world, 1)."""
        years = (known.month - self.starts) / 12.0
        covered = self._first_gross(known) * known.memory["reached"]
        cap: Array = np.maximum(self.cap - self.decline * years, np.minimum(self.least, self.cap)) * _sum(covered)
        return cap

    def _added(self, known: Known, market: Cleared) -> Array:
        """Allowances that the regulator sells at the ceiling beyond the cap, (world, 1)."""
        if not self.reserve:
            return np.zeros_like(market.cap)
        still_owed = np.maximum(-known.memory["balance"], 0.0) * (1.0 - 1.0 / self.horizon)
        missing = market.emitted - market.cap - known.memory["balance"] - still_owed
        return np.where(market.price >= self.ceiling, np.maximum(missing, 0.0), 0.0)

    def _free(self, known: Known) -> Array:
        """Allowances that each firm gets for free; what was advanced is withheld first."""
        if self.allocation == "auctioned":
            return np.zeros_like(known.revenue)
        owed = np.maximum(-known.memory["balance"], 0.0)
        issued = np.maximum(self._cap(known) - owed / self.horizon, 0.0)
        claim = self._first_gross(known) if self.allocation == "grandfathered" else self._benchmark(known)
        claim = claim * known.memory["reached"]
        total = _sum(claim)
        return issued * _share(claim, total)

    def _benchmark(self, known: Known) -> Array:
        """What each firm would emit at the mean intensity of covered producers, or carriers."""
        claim = np.zeros_like(known.revenue)
        for kind in (known.traits.producer, ~known.traits.producer):
            some = known.memory["reached"] * kind
            intensity = _share(_sum(known.gross * some), _sum(known.revenue * some))
            claim = claim + intensity * known.revenue * some
        return claim

    # --- the market of a month, in truth ------------------------------------------------------------------

    def _positions(self, known: Known, acts: Acts) -> tuple[Cleared, Array, Array]:
        """The market, and what each firm offers to it and needs from it."""
        market: Cleared = known.once(f"allowances {id(self)}", lambda: self._clear(known))
        if market.reached is not known.memory["reached"]:
            market = self._clear(known)
        over = self._over(known, acts, market.free)
        return market, np.maximum(over, 0.0), np.maximum(-over, 0.0)

    def _over(self, known: Known, acts: Acts, free: Array) -> Array:
        """Allowances that each covered firm has over what it emits."""
        reached = known.memory["reached"]
        return free + known.memory["held"] * reached - known.emissions(acts) * reached

    def _clear(self, known: Known) -> Cleared:
        memory, cap, free = known.memory, self._cap(known), self._free(known)
        over = self._over(known, known.acts, free)
        offered, needed = _sum(np.maximum(over, 0.0)), _sum(np.maximum(-over, 0.0))
        # The regulator sells what is neither given nor held, or buys back what it has advanced.
        own = cap + memory["balance"] - _sum(free) - _sum(memory["held"])
        supply, demand = offered + np.maximum(own, 0.0), needed + np.maximum(-own, 0.0)
        filled = np.minimum(np.divide(demand, supply, out=np.ones_like(supply), where=supply > 0), 1.0)
        net = needed - filled * offered
        return Cleared(
            price=self._price(known, cap + memory["balance"] / self.horizon),
            free=free,
            filled=filled,
            bought=_share(np.maximum(net, 0.0), needed),
            sold=_share(np.maximum(-net, 0.0), filled * offered),
            emitted=_sum(known.emissions(known.acts) * memory["reached"]),
            cap=cap,
            reached=memory["reached"],
        )

    def _price(self, known: Known, supply: Array) -> Array:
        """Price at which firms would emit as much as there are allowances, (world, 1)."""
        assert known.abatement_payoff is not None, "a market is settled on the truth"
        slope, bend = known.once("abatement payoff", known.abatement_payoff)
        gross = known.gross * known.memory["reached"]
        abatable = gross * known.traits.abatable
        steepest = known.revenue * known.abatement_cost
        fall = np.minimum(np.maximum(-bend, LEAST_BEND * steepest), steepest)
        answer = _share(abatable, fall)
        at_zero = known.acts.abatement + _share(slope, fall) - answer * known.memory["price"]
        low, high = (np.zeros_like(supply) + bound for bound in (self.floor, self.ceiling))
        return clearing_price(at_zero, answer, abatable, _sum(gross) - supply, low, high)


def _sum(x: Array) -> Array:
    """Sum over the firms of each world, (world, 1)."""
    total: Array = x.sum(axis=1, keepdims=True)
    return total


def _share(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
