"""Effects of things that are on or off, from what came of all their combinations.

A combination is a number whose bit i says whether thing i is on, so that values of k things are arrays (2^k, ...), all
off first. A set of things is such a number, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from sim.fields import Array


def things(combination: int) -> Iterator[int]:
    """The things in a set, in order."""
    return (n for n in range(combination.bit_length()) if combination >> n & 1)


def others_off(values: Array) -> Array:
    """What the things of each set do only together, while all others are off, (2^k, ...): the sum over its subsets T of
    (-1)^(|S| - |T|) y(T), the Moebius transform. In the place of the empty set: the value with all off. Over all other
    sets they sum to the difference between all on and all off."""
    found = np.array(values, dtype=float)
    for bit in _bits(values):
        on = (np.arange(len(values)) & bit) > 0
        found[on] -= found[~on]
    return found


def on_average(values: Array) -> Array:
    """The same differences for each set, averaged over all settings of the other things, (2^k, ...): the effects of a
    factorial experiment (Yates 1937). In the place of the empty set: the mean of all values."""
    found = np.array(values, dtype=float)
    for bit in _bits(values):
        on = (np.arange(len(values)) & bit) > 0
        high, low = found[on], found[~on]
        found[on], found[~on] = high - low, (high + low) / 2.0
    return found


def shares(values: Array) -> Array:
    """What each thing contributes to the difference between all on and all off, (k, ...): its Shapley value (1953), the
    difference it makes averaged over all orders in which the things can be switched on. What things do only together is
    shared equally among them."""
    together = others_off(values)
    count = _count(values)
    found = np.zeros((count, *values.shape[1:]))
    for combination in range(1, len(values)):
        members = list(things(combination))
        for n in members:
            found[n] += together[combination] / len(members)
    return found


def _count(values: Array) -> int:
    return int(math.log2(len(values)))


def _bits(values: Array) -> list[int]:
    return [1 << n for n in range(_count(values))]
