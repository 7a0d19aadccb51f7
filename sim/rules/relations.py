"""How customers judge their suppliers: seven indicators of a link, the score they make, who would do better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.fields import Array
from sim.network.links import Index

INDICATORS = (
    "on-time delivery", "quality pass rate", "cost effectiveness", "innovation", "information sharing",
    "risk management", "continuous improvement",
)  # fmt: skip
"""What a link is judged by, each 0..1, in the order of all arrays of indicators."""


def pass_rate(incoming: Array, tolerated: float) -> Array:
    """max(0, 1 - incoming / tolerated): 1 where nothing is defective, 0 from the tolerated defect rate on."""
    return np.maximum(1.0 - incoming / tolerated, 0.0)


def cost_effectiveness(cost: Array, market: Index) -> Array:
    """cheapest / own: the lowest cost of a delivered tonne of the same input over that of this link, (L,).

    cost: price and freight of a tonne, (L,). market: number of the input (and world) that a link delivers, (L,).
    """
    cheapest = np.full(int(market.max(initial=-1)) + 1, np.inf)
    np.minimum.at(cheapest, market, cost)
    return cheapest[market] / cost


def improvement(theta: Array, usual: Array, scale: float) -> Array:
    """1/2 + 1/2 (theta - usual) / scale, in 0..1: a half for a firm whose green quality stands still."""
    return 0.5 + 0.5 * np.minimum(np.maximum((theta - usual) / scale, -1.0), 1.0)


def closer(before: Array, evidence: Array, speed: float) -> Array:
    """before + speed (evidence - before): a running mean of the evidence."""
    return before + speed * (evidence - before)


def score(indicators: Array, weights: Sequence[float]) -> Array:
    """sum w_k x_k / sum w_k over the seven indicators, (7, L) -> (L,); a weighted sum score (Weber, Current & Benton
    1991)."""
    total = sum(weight * row for weight, row in zip(weights, indicators, strict=True))
    return total / sum(weights)


def best_candidates(
    links: Index,
    least: Array,
    market: Index,
    group: Index,
    level: Index,
    supplier: Index,
    successor: Index,
    score: Array,
    trading: Array,
) -> Index:
    """The supplier of the best score that could take over each of these links, flat firm indices; -1 where nobody may.

    A candidate supplies the same input in the same world (market), trades, does not supply this customer with it nor
    is about to (group; successor, -1 for none), stands further upstream than the customer, so that no goods come to go
    round in a circle, and has at least the score asked for. A firm's score is the mean over its links of this input;
    of equals the first firm is taken.

    links: places of the links, (n,). least: lowest score that will do, (n,). trading: of each firm of all worlds. The
    others for every link, (L,): level counts the links from each supplier (row 0) and each customer (row 1) to the
    market, (2, L).
    """
    firms = len(trading)
    offers, offer = np.unique(market * firms + supplier, return_inverse=True)
    due = successor >= 0
    serves = np.sort(np.concatenate([group * firms + supplier, group[due] * firms + successor[due]]))
    count = np.bincount(offer)
    mean = np.bincount(offer, weights=score) / count
    market_of, firm_of = np.divmod(offers, firms)
    level_of = np.zeros(len(offers), dtype=np.int64)
    level_of[offer] = level[0]
    # Offers of a market in a row, the best first.
    by = np.lexsort((firm_of, -mean, market_of))
    first = np.searchsorted(market_of[by], market[links])
    last = np.searchsorted(market_of[by], market[links], side="right")
    found = np.full(len(links), -1)
    place, left = first.copy(), np.arange(len(links))
    while len(left := left[place[left] < last[left]]):
        now = by[place[left]]
        firm = firm_of[now]
        asked = group[links[left]] * firms + firm
        already = serves[np.minimum(np.searchsorted(serves, asked), len(serves) - 1)] == asked
        enough = mean[now] >= least[left]
        fits = ~already & (level_of[now] > level[1][links[left]]) & trading[firm] & enough
        found[left[fits]] = firm[fits]
        place[left] += 1
        # Who comes after is no better.
        left = left[~fits & enough]
    # Where one customer would take the same firm twice for an input, the second place stays as it is.
    chosen = np.where(found >= 0, group[links] * firms + found, -1 - np.arange(len(links)))
    first = np.zeros(len(links), dtype=bool)
    first[np.unique(chosen, return_index=True)[1]] = True
    return np.where(first, found, -1)


def replaceable(market: Index, group: Index, level: Index, supplier: Index) -> Array:
    """1 for each link whose supplier could be replaced, (L,): by a firm that supplies the same input to somebody
    (market) and not to this customer (group), and stands further upstream than the customer. level: as in
    `best_candidates`."""
    high = int(level.max(initial=0)) + 1

    def above(number: Index, of: Index) -> Array:
        """How many suppliers of each number stand above each level, (number, level)."""
        count = np.bincount(number * high + of, minlength=(int(number.max(initial=-1)) + 1) * high).reshape(-1, high)
        return count[:, ::-1].cumsum(axis=1)[:, ::-1] - count

    firms = int(supplier.max(initial=0)) + 1

    def others(number: Index) -> Index:
        """How many firms that supply under the same number stand upstream of the link's customer, (L,)."""
        each = np.unique(number * firms + supplier, return_index=True)[1]
        return above(number[each], level[0][each])[number, level[1]]

    return np.where(others(market) > others(group), 1.0, 0.0)
