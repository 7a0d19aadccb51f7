"""What firms do in a month: the argument of every payment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sim.fields import Array

NAMES = ("quality", "abatement", "disclosure", "member")


class Acts:
    """The acts of every firm, each (..., world, firm): quality effort, abatement effort, disclosure
    and membership (0 or 1).

    A payment evaluated on acts answers, for each firm: what does it get if it alone does this and all
    others do what is known of them. Leading axes hold variations of a firm's own acts. Values derived
    from the acts (green quality, cost, emissions) are kept, as many payments ask for the same.
    """

    __slots__ = ("_derived", "_values", "read")

    def __init__(self, quality: Array, abatement: Array, disclosure: Array, member: Array) -> None:
        self._values = {"quality": quality, "abatement": abatement, "disclosure": disclosure, "member": member}
        self._derived: dict[str, Array] = {}
        self.read: set[str] = set()

    @property
    def quality(self) -> Array:
        self.read.add("quality")
        return self._values["quality"]

    @property
    def abatement(self) -> Array:
        self.read.add("abatement")
        return self._values["abatement"]

    @property
    def disclosure(self) -> Array:
        self.read.add("disclosure")
        return self._values["disclosure"]

    @property
    def member(self) -> Array:
        self.read.add("member")
        return self._values["member"]

    def derived(self, name: str, make: Callable[[], Array]) -> Array:
        """A value worked out once for these acts."""
        if name not in self._derived:
            self._derived[name] = make()
        return self._derived[name]

    def varied(self, name: str, step: float, theta: Array | None = None) -> Acts:
        """The same acts with one of them a step higher (row 0) and a step lower (row 1); with green quality held
        at `theta` if that is given."""
        value = self._values[name]
        both = np.empty((2, *value.shape))
        both[0], both[1] = value + step, value - step
        varied = Acts(**(self._values | {name: both}))
        if theta is not None:
            varied._derived["theta"] = theta
        return varied

    def sides(self) -> Iterator[Acts]:
        """Of varied acts the higher ones, then the lower ones."""
        for row in (0, 1):
            side = Acts(**{name: x[row] if x.ndim == 3 else x for name, x in self._values.items()})
            side._derived = {name: x[row] if x.ndim == 3 else x for name, x in self._derived.items()}
            yield side

    def varied_green_quality(self, theta: Array, step: float) -> Acts:
        """The same acts with their green quality a step higher (row 0) and a step lower (row 1)."""
        varied = self.fresh()
        both = np.empty((2, *theta.shape))
        both[0], both[1] = theta + step, theta - step
        varied._derived["theta"] = both
        return varied

    def green_quality(self, make: Callable[[Array, Array], Array]) -> Array:
        """Green quality of the acts, `make(quality, abatement)`; reading it is noted as such."""
        self.read.add("green_quality")
        return self.derived("theta", lambda: make(self._values["quality"], self._values["abatement"]))

    def with_member(self, member: Array) -> Acts:
        """The same acts with another membership."""
        return Acts(**(self._values | {"member": member}))

    def fresh(self) -> Acts:
        """The same acts with nothing read or derived yet."""
        return Acts(**self._values)
