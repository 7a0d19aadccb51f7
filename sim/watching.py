"""What a payment looks at, found out by watching it once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.known import Known
from sim.mechanisms.acts import Acts


class _Watched(Known):
    """Known facts that take down which of them are asked for."""

    def __getattribute__(self, name: str) -> Any:
        # A copy has nothing yet while it is made.
        names = object.__getattribute__(self, "__dict__").get("_asked_for")
        if names is not None:
            names.add(name)
        return object.__getattribute__(self, name)


def asked_for(known: Known, payment: Callable[[Known, Acts], Any]) -> frozenset[str]:
    """Names of the known facts that a payment asks for, by whatever way it gets at them."""
    names: set[str] = set()
    watched = object.__new__(_Watched)
    acts = known.acts.fresh()
    # Nothing worked out before, behind which a fact could hide.
    object.__setattr__(watched, "__dict__", known.__dict__ | {"acts": acts, "_derived": {}, "_asked_for": names})
    payment(watched, acts)
    return frozenset(names)
