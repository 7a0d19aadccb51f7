"""A tiered supply network around one or more large buyers."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from sim.draws import Draws, slots
from sim.errors import NetworkError
from sim.fields import Array, Count, Kilometres, Share, Tonnes
from sim.network.building import build
from sim.network.families.base import Family
from sim.network.network import Network


class Tiered(Family):
    """Buyers draw on tier 1, tier 1 on tier 2, and so on; the first buyer is the anchor.

    Every supplier of the first tier sells to one buyer, or with probability `shared` to a second
    one as well; a supplier further up sells to `customers_per_supplier` firms of the tier below.
    Suppliers of a tier make `input_groups` kinds of input, which no other tier makes; within a group
    orders are split at random (Dirichlet with equal weights, drawn as exponentials). Distances are
    log-normal around `distance_km`.
    """

    kind: Literal["tiered"] = "tiered"
    buyers: Count = Field(default=1, description="manufacturers that sell to the market; the first is the anchor")
    tiers: tuple[Count, ...] = Field(default=(40, 80), description="number of suppliers in tier 1, tier 2, ...")
    shared: Share = Field(default=0.3, description="share of tier-1 suppliers that serve a second buyer")
    customers_per_supplier: Count = Field(default=2, description="customers of a supplier beyond tier 1")
    input_groups: Count = Field(default=4, description="kinds of input that each tier makes")
    demand: Tonnes = Field(default=10000.0, description="tonnes a month that the anchor sells to the market")
    other_demand: Share = Field(default=0.4, description="demand of each other buyer, as a share of the anchor's")
    distance_km: Kilometres = Field(default=300.0, description="median distance of a link")
    regions: tuple[str, ...] = Field(default=("home",), min_length=1, description="regions, firms spread evenly")

    def build(self) -> Network:
        names = [["anchor", *(f"buyer-{b + 2}" for b in range(self.buyers - 1))]]
        names += [[f"t{t + 1}-{n + 1:03d}" for n in range(count)] for t, count in enumerate(self.tiers)]
        flat = [name for tier in names for name in tier]
        draws = Draws(self.seed, [0], slots(flat))
        start = np.cumsum([0, *(len(tier) for tier in names)])
        pick = draws.uniform("network/customer", 0)[0]
        pairs: list[tuple[int, int]] = []
        for t in range(1, len(names)):
            below, count = len(names[t - 1]), len(names[t])
            for n in range(count):
                j = start[t] + n
                pairs += [(j, start[t - 1] + c) for c in self._customers(t, n, below, pick[j])]
        supplier, customer = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
        input_group = np.zeros(len(flat), dtype=np.int64)
        tier = np.repeat(np.arange(len(names)), [len(each) for each in names])
        for t in range(1, len(names)):
            input_group[start[t] : start[t + 1]] = np.arange(len(names[t])) // self._spread(t) % self.input_groups

        link_names = [f"{flat[j]}>{flat[i]}" for j, i in pairs]
        link_draws = Draws(self.seed, [0], slots(link_names))
        size = -np.log(1.0 - link_draws.uniform("network/share", 0)[0])
        key = customer * self.input_groups + input_group[supplier]
        total = np.bincount(key, weights=size)
        distance = self.distance_km * np.exp(0.5 * link_draws.normal("network/distance", 0)[0])
        return build(
            self._firms(names, draws),
            {
                "supplier": [flat[j] for j in supplier],
                "customer": [flat[i] for i in customer],
                # Each tier makes inputs of its own, so that nobody takes over from a supplier of another tier.
                "input_group": [f"tier {tier[j]} group {input_group[j] + 1}" for j in supplier],
                "order_share": size / total[key],
                "distance_km": distance,
                "carrier": self._carrier_names(link_draws.uniform("network/carrier", 0)[0]),
            },
            source="tiered network",
        )

    def _spread(self, tier: int) -> int:
        """Suppliers in a row that make the same input, so that every buyer sees every group."""
        return self.buyers if tier == 1 else 1

    def _customers(self, tier: int, n: int, below: int, pick: float) -> list[int]:
        first = n % below
        if tier == 1:
            if below == 1 or pick >= self.shared:
                return [first]
            second = int(pick / self.shared * (below - 1))
            return [first, (first + 1 + second) % below]
        count = min(self.customers_per_supplier, below)
        step = 1 + int(pick * (below - 1)) if below > 1 else 1
        return sorted({(first + k * step) % below for k in range(count)})

    def _carrier_names(self, pick: Array) -> list[str]:
        return [f"carrier-{int(u * self.carriers) + 1}" for u in pick]

    def _firms(self, names: list[list[str]], draws: Draws) -> dict[str, Any]:
        flat = [name for tier in names for name in tier]
        carriers = [f"carrier-{c + 1}" for c in range(self.carriers)]
        small = draws.uniform("network/size", 0)[0] < self.sme_share
        suppliers = sum(self.tiers)
        if suppliers < 1:
            raise NetworkError("tiered network: at least one supplier is needed")
        sizes = ["large"] * self.buyers + ["sme" if s else "large" for s in small[self.buyers :]]
        demand = [self.demand] + [self.demand * self.other_demand] * (self.buyers - 1)
        return {
            "id": flat + carriers,
            "role": ["manufacturer"] * self.buyers + ["supplier"] * suppliers + ["logistics"] * self.carriers,
            "tier": [t for t, tier in enumerate(names) for _ in tier] + [0] * self.carriers,
            "region": [self.regions[n % len(self.regions)] for n in range(len(flat) + self.carriers)],
            "size": sizes + ["large"] * self.carriers,
            "anchor": [n == 0 for n in range(len(flat) + self.carriers)],
            "demand": demand + [0.0] * (suppliers + self.carriers),
        }
