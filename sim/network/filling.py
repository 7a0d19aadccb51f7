"""What network data leave out, worked out from the rest: carriers, demand, tiers, order shares, units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sim.draws import slots
from sim.errors import NetworkError
from sim.network.columns import Places, are_positions
from sim.network.network import FIRM_DEFAULTS, SHARE_TOLERANCE, Column, unknown_firm

Index = npt.NDArray[np.int64]


def assign_carriers(
    ids: list[str],
    columns: dict[str, Column],
    named: Column,
    routes: Callable[[Index], list[str]],
    position: dict[str, int],
    places: Sequence[str] | Places,
    extra: int,
) -> tuple[list[str], dict[str, Column], Index]:
    """Give every link a logistics firm: the one named (by identifier, or by position), or one of the network's, spread
    by the link's name."""
    known = np.flatnonzero(columns["role"] == 2).tolist()
    if not known:
        known = list(range(len(ids), len(ids) + extra))
        added = [f"carrier-{k}" for k in range(1, extra + 1)]
        while taken := [k for k, name in enumerate(added) if name in position]:
            for k in taken:
                added[k] = "added-" + added[k]
        ids = ids + added
        columns = {
            k: np.append(v, np.full(extra, 2 if k == "role" else FIRM_DEFAULTS[k], dtype=v.dtype))
            for k, v in columns.items()
        }
    # By name, not by row, so that the order of rows never matters.
    known = sorted(known, key=lambda n: ids[n])
    carrier = _named_carriers(named, ids, position, columns["role"], places)
    free = np.flatnonzero(carrier < 0)
    if len(free):
        picks = slots(routes(free)) % np.uint64(len(known))
        carrier[free] = np.array(known, dtype=np.int64)[picks.astype(np.int64)]
    return ids, columns, carrier


def _named_carriers(
    named: Column, ids: list[str], position: Mapping[str, int], role: Column, places: Sequence[str] | Places
) -> Index:
    """Position of the logistics firm that each link names, -1 where it names none."""
    if are_positions(named):
        carrier = named.astype(np.int64)
    else:
        found = {name: position.get(str(name), len(role)) for name in set(named.tolist()) if name != ""}
        carrier = np.array([found.get(name, -1) for name in named.tolist()], dtype=np.int64)
    wrong = np.flatnonzero((carrier >= 0) & (np.r_[role, 0][carrier] != 2))
    if len(wrong):
        n = int(wrong[0])
        if carrier[n] == len(role):
            raise NetworkError(f"{places[n]}, carrier: {unknown_firm(str(named[n]), position)}")
        name = ids[carrier[n]] if are_positions(named) else named[n]
        raise NetworkError(f"{places[n]}, carrier: {name!r} is not a logistics firm")
    return carrier


def default_demand(role: Column, supplier: Index, source: str) -> Column:
    """Where no demand is given, each manufacturer that sells to nobody sells 1000 t a month to the market."""
    sells = np.zeros(len(role), dtype=bool)
    sells[supplier] = True
    final = (role == 1) & ~sells
    if not final.any():
        raise NetworkError(
            f"{source}: no firm sells to the market; give at least one firm a demand, "
            "or let one manufacturer have no customers"
        )
    return np.where(final, 1000.0, 0.0)


def work_out_tiers(count: int, supplier: Index, customer: Index, final: npt.NDArray[np.bool_]) -> Index:
    """Tier: the fewest links between a firm and a firm that sells to the market (0 there; a firm that
    reaches no market stands one tier beyond the last)."""
    tier = np.where(final, 0, -1)
    depth = 0
    reached = final.copy()
    while True:
        new = np.zeros(count, dtype=bool)
        new[supplier[reached[customer]]] = True
        new &= tier < 0
        if not new.any():
            break
        depth += 1
        tier[new] = depth
        reached = new
    return np.where(tier < 0, depth + 1, tier)


def _runs(customer: Index, group: Index) -> Index:
    """A number for each (customer, input group); links come sorted, so groups are runs."""
    if not len(group):
        return np.zeros(0, dtype=np.int64)
    new = np.r_[True, (customer[1:] != customer[:-1]) | (group[1:] != group[:-1])]
    return np.cumsum(new) - 1


def split_orders(columns: dict[str, Column], customer: Index, kind: Index, place: Callable[[int], str]) -> None:
    """Order shares of each customer's input groups, made to sum to 1. kind: number of each link's input group; place:
    what a link is called in messages."""
    group = _runs(customer, kind)
    share = columns["order_share"]
    members = np.bincount(group)
    missing = np.isnan(share)
    if not missing.all() and missing.any():
        n = int(np.flatnonzero(missing)[0])
        raise NetworkError(f"{place(n)}, order_share: missing, while other links have one; give all or none")
    if missing.any():
        share = 1.0 / members[group]
    total = np.bincount(group, weights=share)
    bad = np.flatnonzero(np.abs(total - 1.0) > SHARE_TOLERANCE)
    if len(bad):
        n = int(np.flatnonzero(group == bad[0])[0])
        raise NetworkError(
            f"{place(n)}, order_share: the shares of this customer's input group "
            f"{columns['input_group'][n]!r} sum to {total[bad[0]]:g}; they must sum to 1"
        )
    columns["order_share"] = share / total[group] if len(share) else share
    columns["group"] = group


def fill_units(
    columns: dict[str, Column],
    supplier: Index,
    customer: Index,
    firms: Mapping[str, Column],
    source: str,
    ids: list[str],
) -> None:
    """Where units per unit are not given, each input group takes an equal part of what the customer
    does not add itself: units = (1 - value added share) price_i / (groups x mean price of the group)."""
    units = columns["units_per_unit"]
    if np.isnan(units).any() and len(units):
        group = columns["group"]
        first = np.r_[0, np.flatnonzero(np.diff(group)) + 1]
        groups = np.bincount(customer[first], minlength=len(ids))
        price = firms["price"]
        mean_price = np.bincount(group, weights=columns["order_share"] * price[supplier])[group]
        bought = (1.0 - firms["value_added_share"]) * price
        units = np.where(np.isnan(units), bought[customer] / (groups[customer] * mean_price), units)
        columns["units_per_unit"] = units
    spent = np.bincount(
        customer,
        weights=units * columns["order_share"] * firms["price"][supplier],
        minlength=len(ids),
    )
    bad = np.flatnonzero(spent >= firms["price"])
    if len(bad):
        i = int(bad[0])
        raise NetworkError(
            f"{source}: firm {ids[i]!r} buys inputs worth {spent[i]:g} for each tonne it sells at "
            f"{firms['price'][i]:g} thousand CNY; inputs must cost less than the product"
        )
