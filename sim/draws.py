"""Named random streams: the only file that touches randomness.

A draw is a function of (seed, replication, stream name, month, firm slot) and of nothing else. It does
not depend on other streams, on the mechanisms present, on how many worlds run together, on the
process that runs them or on the order of anything. Two scenarios with the same seed therefore differ
only by what differs in them (common random numbers), exactly and not just in distribution.

The generator is counter based: a slot (64 well-mixed bits of the firm's identifier) is combined with a key and
multiplied by an odd factor, both from seed, replication, stream and month, and goes through the 64-bit finaliser
of SplitMix64 (Steele, Lea & Flood 2014; constants: variant 13 of Stafford 2011). It has no state, so a whole
(world, firm) array is drawn by a dozen vector operations.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sim.errors import UsageError
from sim.fields import Array

Bits = npt.NDArray[np.uint64]
Index = npt.NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S11 = (np.uint64(s) for s in (27, 30, 31, 11))
_ONE, _S12, _S33, _LOW, _SIGN = np.uint64(1), np.uint64(12), np.uint64(33), np.uint64(2**32 - 1), np.uint64(2**32)
_GOLDEN_INT = int(_GOLDEN)
_UNIT, _UNIT_52, _HALF_UNIT, _SHORT_UNIT = 2.0**-53, 2.0**-52, 2.0**-32, 2.0**-31


def _mix(z: Bits) -> Bits:
    """SplitMix64's finaliser: a bijection of 64-bit words that spreads every bit over all."""
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


def _word(text: str) -> int:
    """A stable 64-bit word for a name (Python's own `hash` changes with PYTHONHASHSEED)."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=1024)
def _stream_word(name: str) -> np.uint64:
    return np.uint64(_word(name))


def slots(names: Iterable[str]) -> Bits:
    """The slot of each firm, from its identifier alone, so that adding, removing or reordering
    other firms never changes what a firm draws."""
    words = bytearray()
    for name in names:
        words += hashlib.blake2b(name.encode(), digest_size=8).digest()
    return np.frombuffer(bytes(words), dtype="<u8").astype(np.uint64)


class Draws:
    """The draws of a block of worlds; shape (world, firm), or flat at chosen cells.

    seed: the experiment's seed, the same for all worlds, or one for each.
    replications: the replication number of each world.
    firm_slots: the firms' slots, from `slots`.

    A `cells` argument, flat indices world x firms + firm, draws for these alone: the same numbers as a draw
    for all, taken at the cells.
    """

    def __init__(self, seed: int | Sequence[int], replications: Sequence[int], firm_slots: Bits) -> None:
        seeds = [seed] * len(replications) if isinstance(seed, (int, np.integer)) else list(seed)
        if any(s < 0 for s in seeds) or any(r < 0 for r in replications):
            raise UsageError("seed and replication numbers must be whole numbers of at least 0")
        key = _mix(np.array([s % 2**64 for s in seeds], dtype=np.uint64) + _GOLDEN)
        worlds = _mix(key + np.array(replications, dtype=np.uint64) * _GOLDEN)
        # Worlds of one seed and replication draw the same, which is worked out once for all of them.
        distinct, row = np.unique(worlds, return_inverse=True)
        self._row: Index | None = row if len(distinct) < len(worlds) else None
        self._worlds = (worlds if self._row is None else distinct)[:, None]
        self._slots = firm_slots[None, :]

    def _source(self, stream: str, month: int, cells: Index | None) -> tuple[Bits, Callable[[Array], Array]]:
        """Bits to draw from, and what puts the draws that are made of them in their places."""
        row, firms = self._row, self._slots.shape[1]
        if row is None:
            return self._bits(stream, month, cells), _as_it_is
        if cells is None:
            return self._bits(stream, month, None), lambda drawn: drawn.take(row, axis=0)
        world, firm = np.divmod(cells, firms)
        place = row[world] * firms + firm
        if len(cells) <= len(self._worlds) * firms:
            return self._bits(stream, month, place), _as_it_is
        return self._bits(stream, month, None), lambda drawn: drawn.take(place)

    def _bits(self, stream: str, month: int, cells: Index | None) -> Bits:
        key = _mix(_mix(self._worlds ^ _stream_word(stream)) + np.uint64(month * _GOLDEN_INT % 2**64))
        factor, slot = _mix(key + _GOLDEN) | _ONE, self._slots
        if cells is not None:
            world, firm = np.divmod(cells, slot.shape[1])
            key, factor, slot = key[world, 0], factor[world, 0], slot[0, firm]
        return _mix((slot ^ key) * factor)

    def uniform(self, stream: str, month: int, cells: Index | None = None) -> Array:
        """Uniform on [0, 1), 53 bits."""
        bits, placed = self._source(stream, month, cells)
        return placed((bits >> _S11) * _UNIT)

    def uniform_of(self, name: str, stream: str, month: int) -> Array:
        """Uniform on [0, 1), one draw in each world for something that is no firm, by its name, (world, 1)."""
        own = copy.copy(self)
        own._slots = slots([name])[None, :]
        return own.uniform(stream, month)

    def normals(self, stream: str, month: int, cells: Index | None = None) -> tuple[Array, Array]:
        """Two independent standard normals for each firm (Box & Muller 1958), from the two halves of one word;
        |z| stays below 6.7."""
        bits, placed = self._source(stream, month, cells)
        radius = np.sqrt(-2.0 * np.log(((bits >> _S33) + 0.5) * _SHORT_UNIT))
        # The angle runs over half a turn, where the sine follows from the cosine; its sign is a bit of its own.
        cosine = np.cos((bits & _LOW) * (np.pi * _HALF_UNIT))
        sine = np.sqrt(1.0 - cosine * cosine)
        return placed(radius * cosine), placed(radius * np.where(bits & _SIGN, sine, -sine))

    def normal(self, stream: str, month: int, cells: Index | None = None) -> Array:
        """One standard normal for each firm, the first of `normals`."""
        return self.normals(stream, month, cells)[0]

    def logistic(self, stream: str, month: int, cells: Index | None = None) -> Array:
        """Standard logistic error (mean 0, standard deviation 1): (sqrt(3)/pi) ln(u / (1 - u))."""
        bits, placed = self._source(stream, month, cells)
        u = ((bits >> _S12) + 0.5) * _UNIT_52
        return placed((np.sqrt(3.0) / np.pi) * np.log(u / (1.0 - u)))


def _as_it_is(drawn: Array) -> Array:
    return drawn
