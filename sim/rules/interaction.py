"""What partners' efforts do for each other: complements, local public goods, public goods played in groups.

Firm arrays are (..., world, firm). Partners are the two ends of a link, each pair once however many links join it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.fields import Array
from sim.network.links import Links


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups of a block of worlds, one around every firm that has partners: the firm, and partners drawn at random
    up to the size of a group, whose payments are the mean over the draws.

    size: firms of each firm's own group, 0 where it has no partners. taken: chance that a partner is in it; both:
    chance that two given partners are both in it. count: groups that each firm is in. part: what it gets back of a
    unit that it puts into each of them, all members sharing equally. All (world, firm).
    """

    size: Array
    taken: Array
    both: Array
    count: Array
    part: Array


def of_partners(x: Array, links: Links) -> Array:
    """Sum of a firm value over the partners of each firm."""
    firm, partner = links.pairs()
    if x.ndim == 2:
        return links.total(firm, links.at(partner, x))
    return np.stack([of_partners(each, links) for each in x])


def groups(links: Links, most: int | None) -> Groups:
    """The groups of at most so many firms."""

    def make() -> Groups:
        one = np.ones((links.worlds, links.firms))
        partners = of_partners(one, links)
        there = partners > 0
        size = np.where(there, 1.0 + partners if most is None else np.minimum(1.0 + partners, float(most)), 0.0)
        taken = np.where(there, (size - 1.0) / np.maximum(partners, 1.0), 0.0)
        both = taken * np.maximum(size - 2.0, 0.0) / np.maximum(partners - 1.0, 1.0)
        share = 1.0 / np.maximum(size, 1.0)
        return Groups(
            size=size,
            taken=taken,
            both=both,
            count=there + of_partners(taken, links),
            part=there * share + of_partners(taken * share, links),
        )

    return links.once(f"groups {most}", make)


def shared_by_others(put: Array, links: Links, groups: Groups) -> Array:
    """What each firm gets of what others put into each of their groups, for each unit returned, (world, firm).

    In its own group of size n: taken (sum of the partners' put) / n. In the group of a partner k: (taken_k put_k +
    both_k (sum of what k's other partners put)) / n_k.
    """
    share = 1.0 / np.maximum(groups.size, 1.0)
    around = of_partners(put, links)
    of_own = groups.taken * share * around
    of_theirs = of_partners(share * (groups.taken * put + groups.both * around), links)
    return of_own + of_theirs - put * of_partners(share * groups.both, links)


def local_good(x: Array) -> Array:
    """Worth of a local public good: 2x - x^2/2, x at most 2. Its slope is 1 at x = 1, so that whoever bears a unit cost
    for each unit wants 1 in all."""
    enough = np.minimum(x, 2.0)
    return 2.0 * enough - 0.5 * enough * enough
