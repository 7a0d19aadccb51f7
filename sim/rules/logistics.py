"""Logistics: which routes electric lorries can serve, how fleets renew, packaging, and who stands in for whom."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.fields import Array

Flags = npt.NDArray[np.bool_]


def charging_stops(distance_km: Array, range_km: float) -> Array:
    """max(0, ceil(d / range) - 1): stops to charge on the way, beside those at both ends."""
    return np.maximum(np.ceil(distance_km / range_km) - 1.0, 0.0)


def charging(at_start: float, growth: float, month: int) -> Array | float:
    """min(1, charging + growth x months since the start): public charging built along the roads, in 0..1."""
    return np.minimum(1.0, at_start + growth * max(month, 0))


def electric_on_served_routes(electric: Array, hauled: Array, served: Array) -> Array:
    """min(1, e x hauled / served): electric share on the routes that can be served electrically, where all electric
    lorries go first; 0 where there is none. hauled, served: tonne-km of the carrier in all, and on such routes."""
    spread = np.divide(hauled, served, out=np.zeros_like(hauled), where=served > 0)
    return np.minimum(electric * spread, 1.0)


def renewal(electric: Array, renewed: float, reachable: Array) -> tuple[Array, Array]:
    """Electric share of a fleet of which the share `renewed` retires, if diesel lorries replace it, and if electric
    ones do as long as there are routes for them: e (1 - r), and at most r more, up to the `reachable` share."""
    kept = electric * (1.0 - renewed)
    return kept, kept + np.minimum(renewed, np.maximum(reachable - kept, 0.0))


def packaging(per_tonne: float, shipped: Array, abatement: Array, saving: float) -> Array:
    """per_tonne x shipped (1 - saving a): packaging used, or what it costs, by what a tonne shipped takes of it."""
    return per_tonne * shipped * (1.0 - saving * abatement)


def stand_ins(out: Flags) -> npt.NDArray[np.int64]:
    """Who stands in for each carrier, (world, carrier): the next one in the circle that is not out, its column; itself
    where there is none, or where it is not out."""
    carriers = out.shape[1]
    column = np.arange(carriers)
    found = np.broadcast_to(column, out.shape).copy()
    searching = out.copy()
    for step in range(1, carriers):
        following = (column + step) % carriers
        there = searching & ~out[:, following]
        found = np.where(there, following, found)
        searching = searching & ~there
        if not searching.any():
            break
    return found


def taken_over(lost: Array, share: float, stands_in: Array) -> tuple[Array, Array]:
    """Share of a carrier's haulage that is done, 1 - lost + taken, and the part of it that the stand-in does,
    taken / done, with taken = lost x share where there is a stand-in (`stands_in` 1, else 0)."""
    taken = lost * share * stands_in
    done = 1.0 - lost + taken
    return done, np.divide(taken, done, out=np.zeros_like(done), where=done > 0)
