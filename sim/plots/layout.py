"""Where firms stand in a picture of a supply network: tiers as rings, suppliers near their customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.fields import Array
from sim.network.network import ROLES, Network

Index = npt.NDArray[np.int64]

SWEEPS = 12
"""Times that all rings are ordered again by their neighbours; the arrangement with the shortest links is kept."""
SPACING = 0.062
"""Least distance between neighbours on a ring, in radii of the outermost ring; fuller rings are staggered."""
SPREAD = 2.0
"""A firm has at least this part of its even share of the circle, over the number of firms, to itself: a few firms
stand evenly around, many are free to stand near their customers."""
OUTSIDE = 1.0
BELOW = 0.17
TURN = 2 * np.pi


@dataclass(frozen=True, eq=False)
class Places:
    """position: (N, 2), rings within the unit circle; in rows below it, first firms whose goods never reach the
    market (`apart`), then carriers. angle, ring: (N,), ring -1 below. tier: (N,), 0 of firms that sell to the
    market. radii: of the rings, the innermost first."""

    position: Array
    angle: Array
    ring: Index
    tier: Index
    radii: Array
    apart: npt.NDArray[np.bool_]

    def curves(self, network: Network) -> Array:
        """The links of a network of these firms, whoever supplies whom, (link, point, 2)."""
        return _curves(self.position, self.ring, network.supplier, network.customer)


def concentric(network: Network) -> Places:
    """Firms that sell to the market in the middle, a ring for each tier around them, all others below."""
    carrier = network.firms["role"] == ROLES.index("logistics")
    market = (network.firms["demand"] > 0) & ~carrier
    placed = _reaching(network, market)
    tiers = np.where(market, 0, np.maximum(network.firms["tier"], 1)).astype(np.int64)
    levels = np.unique(tiers[placed])
    ring = np.where(placed, np.searchsorted(levels, tiers), -1)
    count = len(levels)
    members = [np.flatnonzero(ring == k) for k in range(count)]
    radii = _radii(members)
    angle = _angles(network, ring, members, radii)
    position = np.zeros((network.size, 2))
    for k, firms in enumerate(members):
        r = _staggered(angle[firms], radii[k], radii)
        position[firms] = np.stack([r * np.cos(angle[firms]), r * np.sin(angle[firms])], axis=1)
    links = np.stack([network.supplier, network.customer])
    in_rings = _curves(position, ring, *links[:, (ring[links] >= 0).all(axis=0)])
    lowest = min(float(position[:, 1].min()), float(in_rings[..., 1].min(initial=0.0)))
    apart = ~placed & ~carrier
    for below in (apart, carrier):
        position[below] = _rows(int(below.sum()), lowest)
        lowest = float(position[below, 1].min(initial=lowest))
    return Places(position, angle, ring, tiers, radii, apart)


def turned(one: Array, other: Array) -> Array:
    """Angle between two directions, 0 to half a turn."""
    apart = np.abs(one - other) % TURN
    return np.minimum(apart, TURN - apart)


def _curves(position: Array, ring: Index, supplier: Index, customer: Index) -> Array:
    """Links as curves, (link, point, 2), that turn while they cross from ring to ring, so they keep out of the middle;
    straight lines to the firms in the middle and to those below; low arches between firms below."""
    start, end = position[supplier], position[customer]
    r0, r1 = np.hypot(*start.T), np.hypot(*end.T)
    a0, a1 = np.arctan2(start[:, 1], start[:, 0]), np.arctan2(end[:, 1], end[:, 0])
    a0, a1 = np.where(r0 > 0, a0, a1), np.where(r1 > 0, a1, a0)
    turn = (a1 - a0 + np.pi) % TURN - np.pi
    s = np.linspace(0.0, 1.0, 48)[:, None]
    smooth = s * s * (3.0 - 2.0 * s)
    r, a = r0 + (r1 - r0) * s, a0 + turn * smooth
    curved = np.stack([r * np.cos(a), r * np.sin(a)], axis=-1)
    straight = start + (end - start) * s[..., None]
    straight[..., 1] += np.where((ring[supplier] < 0) & (ring[customer] < 0), 0.24, 0.0) * s * (1.0 - s)
    bent = (ring[supplier] > 0) & (ring[customer] > 0)
    found: Array = np.where(bent[:, None], curved, straight).transpose(1, 0, 2)
    return found


def _reaching(network: Network, market: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Firms whose goods reach the market, by themselves or through their customers."""
    reached, count = market.copy(), -1
    while count < (count := int(reached.sum())):
        reached[network.supplier[reached[network.customer]]] = True
    return reached


def _radii(members: list[Index]) -> Array:
    """Equal steps but a longer first one; one firm in the middle stands in the centre, several make a small ring."""
    start, first = (0.0, 1.7) if members and len(members[0]) == 1 else (0.7, 1.9)
    steps = np.array([start, *(first + k for k in range(len(members) - 1))])
    return OUTSIDE * steps / max(float(steps[-1]), 1.0)


def _angles(network: Network, ring: Index, members: list[Index], radii: Array) -> Array:
    """Rings placed from the middle outward near their customers, then swept until links get no shorter."""
    angle = np.zeros(network.size)
    for firms in members:
        angle[firms] = TURN / 4 - np.arange(len(firms)) * TURN / max(len(firms), 1)
    ends = np.concatenate([network.supplier, network.customer]), np.concatenate([network.customer, network.supplier])
    off_centre = np.all([(ring[side] >= 0) & (radii[ring[side]] > 0) for side in ends], axis=0)
    mine, theirs = (side[off_centre] for side in ends)
    inward = ring[theirs] < ring[mine]
    for k, firms in enumerate(members):
        if k > 0:
            angle[firms] = _near(angle, firms, mine, theirs, np.where(inward, 1.0, 0.0), radii[k])

    weight = _weights(mine, inward, network.size)
    best, shortest = angle.copy(), _length(angle, mine, theirs)
    for sweep in range(SWEEPS):
        for k in range(len(members))[:: 1 if sweep % 2 else -1]:
            if radii[k] > 0:
                angle[members[k]] = _near(angle, members[k], mine, theirs, weight, radii[k])
        length = _length(angle, mine, theirs)
        if length < shortest - 1e-12:
            best, shortest = angle.copy(), length
    return best


def _weights(mine: Index, inward: npt.NDArray[np.bool_], size: int) -> Array:
    """What each neighbour weighs: all toward the middle together twice as much as all others together, so
    that a firm with many suppliers stands near its customer and they near it."""
    inner = np.bincount(mine, weights=inward, minlength=size)[mine]
    other = np.bincount(mine, weights=~inward, minlength=size)[mine]
    return np.where(inward, 2.0 / np.maximum(inner, 1.0), 1.0 / np.maximum(other, 1.0))


def _length(angle: Array, mine: Index, theirs: Index) -> float:
    return float(turned(angle[mine], angle[theirs]).sum())


def _near(angle: Array, firms: Index, mine: Index, theirs: Index, weight: Array, radius: float) -> Array:
    """New angles of a ring's firms: in the mean direction of their neighbours, spread so that none overlap."""
    size = len(angle)
    x = np.bincount(mine, weights=weight * np.cos(angle[theirs]), minlength=size)[firms]
    y = np.bincount(mine, weights=weight * np.sin(angle[theirs]), minlength=size)[firms]
    wanted = np.where(np.hypot(x, y) > 1e-9, np.arctan2(y, x), angle[firms]) % TURN
    order = np.lexsort((firms, np.round(wanted, 9)))
    gaps = np.diff(wanted[order], append=wanted[order][:1] + TURN)
    order = np.roll(order, -(int(np.argmax(gaps)) + 1))
    unrolled = wanted[order] + np.where(wanted[order] < wanted[order][0], TURN, 0.0)
    gap = min(TURN / len(firms), max(1.15 * SPACING / radius, SPREAD * TURN / len(firms) ** 2))
    spread = _at_least(unrolled, gap)
    if spread[-1] - spread[0] > TURN - gap + 1e-9:
        even = np.arange(len(firms)) * TURN / len(firms)
        turn = unrolled - even
        spread = even + np.arctan2(np.sin(turn).sum(), np.cos(turn).sum())
    found: Array = np.empty(len(firms))
    found[order] = spread
    return found


def _at_least(wanted: Array, gap: float) -> Array:
    """The nearest positions (least squares) in the same order with at least `gap` between neighbours."""
    step = np.arange(len(wanted)) * gap
    blocks: list[tuple[float, int]] = []
    for value in (wanted - step).tolist():
        mean, count = value, 1
        while blocks and blocks[-1][0] > mean:
            before, n = blocks.pop()
            mean, count = (before * n + mean * count) / (n + count), n + count
        blocks.append((mean, count))
    means: Array = np.array([mean for mean, _ in blocks])
    found: Array = np.repeat(means, [count for _, count in blocks]) + step
    return found


def _staggered(angle: Array, radius: float, radii: Array) -> Array:
    """The radius of each firm of a ring: full rings alternate between up to four circles."""
    step = float(np.diff(radii).min()) if len(radii) > 1 else OUTSIDE
    wanted = len(angle) * SPACING / max(TURN * radius, 1e-9)
    circles = int(np.clip(np.ceil(wanted), 1, 4)) if radius > 0 else 1
    rank = np.empty(len(angle), dtype=np.int64)
    rank[np.argsort(angle, kind="stable")] = np.arange(len(angle))
    from_middle: Array = (rank % circles - (circles - 1) / 2) * min(SPACING * 0.9, 0.5 * step / circles)
    return radius + from_middle


def _rows(count: int, lowest: float) -> Array:
    """Places below the lowest firm, in rows of at most twenty, a few farther apart: there is room for their names."""
    if not count:
        return np.zeros((0, 2))
    wide = min(count, 20)
    row, column = np.divmod(np.arange(count), wide)
    in_row = np.minimum(count - row * wide, wide)
    x = (column - (in_row - 1) / 2) * min(2.0 / wide, 0.35)
    return np.stack([x, lowest - BELOW - row * 0.1], axis=1)
