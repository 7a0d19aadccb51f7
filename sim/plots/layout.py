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
OUTSIDE = 1.0
BELOW = 0.17
TURN = 2 * np.pi


@dataclass(frozen=True, eq=False)
class Places:
    """position: (N, 2), rings within the unit circle, carriers in rows below it. angle, ring: (N,), ring -1
    for carriers. radii: of the rings, the innermost first."""

    position: Array
    angle: Array
    ring: Index
    radii: Array


def concentric(network: Network) -> Places:
    """Firms that sell to the market in the middle, a ring for each tier around them, carriers below."""
    carrier = network.firms["role"] == ROLES.index("logistics")
    tiers = np.where(carrier, -1, network.firms["tier"]).astype(np.int64)
    levels = np.unique(tiers[~carrier])
    ring = np.where(carrier, -1, np.searchsorted(levels, tiers))
    count = len(levels)
    members = [np.flatnonzero(ring == k) for k in range(count)]
    radii = _radii(members)
    angle = _angles(network, ring, members, radii)
    position = np.zeros((network.size, 2))
    for k, firms in enumerate(members):
        r = _staggered(angle[firms], radii[k], radii)
        position[firms] = np.stack([r * np.cos(angle[firms]), r * np.sin(angle[firms])], axis=1)
    position[carrier] = _rows(int(carrier.sum()), float(position[:, 1].min()))
    return Places(position, angle, ring, radii)


def turned(one: Array, other: Array) -> Array:
    """Angle between two directions, 0 to half a turn."""
    apart = np.abs(one - other) % TURN
    return np.minimum(apart, TURN - apart)


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
    off_centre = (radii[ring[ends[0]]] > 0) & (radii[ring[ends[1]]] > 0)
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
    gap = min(TURN / len(firms), 1.15 * SPACING / radius)
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
    """Places of the carriers: rows of at most twenty below the lowest firm."""
    if not count:
        return np.zeros((0, 2))
    wide = min(count, 20)
    row, column = np.divmod(np.arange(count), wide)
    in_row = np.minimum(count - row * wide, wide)
    x = (column - (in_row - 1) / 2) * 0.1
    return np.stack([x, lowest - BELOW - row * 0.1], axis=1)
