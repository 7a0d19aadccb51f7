"""A tiered supply network around one or more large buyers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from sim.draws import Draws, slots
from sim.errors import NetworkError
from sim.fields import Count, Kilometres, Share, Tonnes
from sim.network.building import build
from sim.network.columns import Index
from sim.network.families.base import Family
from sim.network.network import Network

AT_ONCE = 100_000
"""Links whose names are made at a time."""


class Tiered(Family):
    """Buyers draw on tier 1, tier 1 on tier 2, and so on; the first buyer is the anchor.

    Every supplier of the first tier sells to one buyer, or with probability `shared` to a second
    one as well; a supplier further up sells to `customers_per_supplier` firms of the tier below.
    Suppliers of a tier make `input_groups` kinds of input, which no other tier makes; within a group
    orders are split at random (Dirichlet with equal weights, drawn as exponentials). Distances are
    log-normal around `distance_km`.

    In `clusters`, firms of neighbouring numbers, all this happens within the cluster; a share `across` of suppliers
    serves one more firm anywhere. Firms of many buyers are in few chains only if trade is clustered, as it is (by
    industry and region: Fujiwara & Aoyama 2010), and the work of a month grows with the firms of all chains together.
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
    clusters: Count = Field(
        default=1,
        description="industrial clusters within which firms trade, buyers, tiers and carriers shared out evenly",
    )
    across: Share = Field(
        default=0.0,
        description="share of suppliers that serve one more firm of the tier below, of any cluster (assumed)",
    )

    @model_validator(mode="after")
    def _somebody_in_every_cluster(self) -> Tiered:
        fewest = min(self.buyers, *self.tiers) if self.tiers else self.buyers
        if self.clusters > max(fewest, 1):
            raise ValueError(
                f"clusters: given {self.clusters}, but the smallest tier has {fewest} firms; every cluster needs one"
            )
        return self

    def build(self) -> Network:
        if sum(self.tiers) < 1:
            raise NetworkError("tiered network: at least one supplier is needed")
        counts = np.array([self.buyers, *self.tiers])
        names = ["anchor", *(f"buyer-{b + 2}" for b in range(self.buyers - 1))]
        names += [f"t{t + 1}-{n + 1:03d}" for t, count in enumerate(self.tiers) for n in range(count)]
        draws = Draws(self.seed, [0], slots(names))
        tier = np.repeat(np.arange(len(counts)), counts)
        number = np.arange(len(names)) - np.repeat(np.cumsum(counts) - counts, counts)
        cluster, place = self._clusters(number, counts[tier])
        # Within its cluster, suppliers in a row of tier 1 make the same input, so that every buyer sees every group.
        buyers = np.diff(self._firsts(np.arange(self.clusters + 1), self.buyers))[cluster]
        input_group = place // np.where(tier == 1, buyers, 1) % self.input_groups
        pairs = [self._links(t, counts, cluster, place, draws) for t in range(1, len(counts))]
        supplier, customer = (np.concatenate(side) for side in zip(*pairs, strict=True))
        links = self._link_columns(names, supplier, customer, tier, input_group, cluster)
        return build(self._firms(names, tier, draws), links, source="tiered network", carriers=self.carriers)

    def _link_columns(
        self, names: list[str], supplier: Index, customer: Index, tier: Index, input_group: Index, cluster: Index
    ) -> dict[str, Any]:
        """Who supplies whom with what, over which way and by whom, one row for each link."""
        link_draws = Draws(self.seed, [0], slots(_link_names(names, supplier, customer)))
        size = -np.log(1.0 - link_draws.uniform("network/share", 0)[0])
        key = customer * self.input_groups + input_group[supplier]
        total = np.bincount(key, weights=size)
        distance = self.distance_km * np.exp(0.5 * link_draws.normal("network/distance", 0)[0])
        pick = link_draws.uniform("network/carrier", 0)[0]
        # Each tier makes inputs of its own, so that nobody takes over from a supplier of another tier.
        kinds = self.input_groups
        inputs = [f"tier {t} group {g + 1}" for t in range(len(self.tiers) + 1) for g in range(kinds)]
        return {
            "supplier": supplier,
            "customer": customer,
            "input_group": np.array(inputs, dtype=object)[tier[supplier] * kinds + input_group[supplier]],
            "order_share": size / total[key],
            "distance_km": distance,
            "carrier": len(names) + ((cluster[supplier] + pick) * self.carriers / self.clusters).astype(np.int64),
        }

    def _firsts(self, clusters: Index, count: Index | int) -> Index:
        """Number of the first firm of each cluster in a tier of `count` firms."""
        return -(-clusters * count // self.clusters)

    def _clusters(self, number: Index, count: Index) -> tuple[Index, Index]:
        """Cluster of each firm, by its number in its tier, and its number within the cluster."""
        cluster = number * self.clusters // count
        return cluster, number - self._firsts(cluster, count)

    def _links(self, tier: int, counts: Index, cluster: Index, place: Index, draws: Draws) -> tuple[Index, Index]:
        """Suppliers of a tier and their customers in the tier below, by position, one for each link."""
        start = int(counts[:tier].sum())
        firms = np.arange(start, start + counts[tier])
        pick = draws.uniform("network/customer", 0)[0][firms]
        own = cluster[firms]
        first = self._firsts(own, counts[tier - 1])
        below = self._firsts(own + 1, counts[tier - 1]) - first
        at = place[firms] % below
        if tier == 1:
            twice = (below > 1) & (pick < self.shared)
            second = (np.where(twice, pick, 0.0) / (self.shared or 1.0) * (below - 1)).astype(np.int64)
            chosen = np.stack([at, np.where(twice, (at + 1 + second) % below, at)], axis=1)
        else:
            step = 1 + (pick * (below - 1)).astype(np.int64)
            turns = np.minimum(np.arange(self.customers_per_supplier), below[:, None] - 1)
            chosen = (at[:, None] + turns * step[:, None]) % below[:, None]
        chosen += first[:, None]
        if self.across > 0:
            luck = draws.uniform("network/across", 0)[0][firms]
            anywhere = (luck / self.across * counts[tier - 1]).astype(np.int64)
            chosen = np.column_stack([chosen, np.where(luck < self.across, anywhere, chosen[:, 0])])
        chosen.sort(axis=1)
        new = np.ones(chosen.shape, dtype=bool)
        new[:, 1:] = chosen[:, 1:] != chosen[:, :-1]
        return np.repeat(firms, new.sum(axis=1)), chosen[new] + (start - int(counts[tier - 1]))

    def _firms(self, names: list[str], tier: Index, draws: Draws) -> dict[str, Any]:
        count, carriers = len(names), self.carriers
        small = draws.uniform("network/size", 0)[0] < self.sme_share
        role = np.where(tier == 0, "manufacturer", "supplier").astype(object)
        size = np.where(small & (tier > 0), "sme", "large").astype(object)
        demand = np.zeros(count + carriers)
        demand[: self.buyers] = self.demand * self.other_demand
        demand[0] = self.demand
        return {
            "id": names + [f"carrier-{c + 1}" for c in range(carriers)],
            "role": np.append(role, np.full(carriers, "logistics", dtype=object)),
            "tier": np.append(tier, np.zeros(carriers, dtype=np.int64)),
            "region": np.array(self.regions, dtype=object)[np.arange(count + carriers) % len(self.regions)],
            "size": np.append(size, np.full(carriers, "large", dtype=object)),
            "anchor": np.arange(count + carriers) == 0,
            "demand": demand,
        }


def _link_names(names: list[str], supplier: Index, customer: Index) -> Iterator[str]:
    """`supplier>customer` of each link; a part of the links at a time, so that few names are there at once."""
    for low in range(0, len(supplier), AT_ONCE):
        part = slice(low, low + AT_ONCE)
        for j, i in zip(supplier[part].tolist(), customer[part].tolist(), strict=True):
            yield f"{names[j]}>{names[i]}"
