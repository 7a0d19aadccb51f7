"""What network data leave out, worked out from the rest: carriers, demand, tiers, order shares, units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sim.draws import slots
from sim.errors import NetworkError
from sim.network.network import FIRM_DEFAULTS, SHARE_TOLERANCE, Column, unknown_firm


def assign_carriers(
    ids: list[str],
    columns: dict[str, Column],
    named: Column,
    routes: Sequence[str],
    position: dict[str, int],
    places: Sequence[str],
    extra: int,
) -> tuple[list[str], dict[str, Column], npt.NDArray[np.int64]]:
    """Give every link a logistics firm: the one named, or one of the network's, spread by the link's name."""
    known = [n for n in range(len(ids)) if columns["role"][n] == 2]
    if not known:
        known = list(range(len(ids), len(ids) + extra))
        for k in range(1, extra + 1):
            name = f"carrier-{k}"
            while name in position:
                name = "added-" + name
            ids = [*ids, name]
        columns = {
            k: np.append(v, np.full(extra, 2 if k == "role" else FIRM_DEFAULTS[k], dtype=v.dtype))
            for k, v in columns.items()
        }
    # By name, not by row, so that the order of rows never matters.
    known = sorted(known, key=lambda n: ids[n])
    picks = slots(routes) % np.uint64(len(known))
    carrier = np.array([known[k] for k in picks.tolist()], dtype=np.int64)
    for n, name in enumerate(named):
        if name == "":
            continue
        found = position.get(str(name))
        if found is None:
            raise NetworkError(f"{places[n]}, carrier: {unknown_firm(str(name), position)}")
        if columns["role"][found] != 2:
            raise NetworkError(f"{places[n]}, carrier: {name!r} is not a logistics firm")
        carrier[n] = found
    return ids, columns, carrier


def default_demand(role: Column, supplier: npt.NDArray[np.int64], source: str) -> Column:
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


def work_out_tiers(
    count: int, supplier: npt.NDArray[np.int64], customer: npt.NDArray[np.int64], final: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
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


def _groups(columns: Mapping[str, Column], customer: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """A number for each (customer, input group); links come sorted, so groups are runs."""
    group = columns["input_group"].astype(str)
    if not len(group):
        return np.zeros(0, dtype=np.int64)
    new = np.r_[True, (customer[1:] != customer[:-1]) | (group[1:] != group[:-1])]
    return np.cumsum(new) - 1


def split_orders(columns: dict[str, Column], customer: npt.NDArray[np.int64], places: Sequence[str]) -> None:
    group = _groups(columns, customer)
    share = columns["order_share"]
    members = np.bincount(group)
    missing = np.isnan(share)
    if not missing.all() and missing.any():
        n = int(np.flatnonzero(missing)[0])
        raise NetworkError(f"{places[n]}, order_share: missing, while other links have one; give all or none")
    if missing.any():
        share = 1.0 / members[group]
    total = np.bincount(group, weights=share)
    bad = np.flatnonzero(np.abs(total - 1.0) > SHARE_TOLERANCE)
    if len(bad):
        n = int(np.flatnonzero(group == bad[0])[0])
        raise NetworkError(
            f"{places[n]}, order_share: the shares of this customer's input group "
            f"{columns['input_group'][n]!r} sum to {total[bad[0]]:g}; they must sum to 1"
        )
    columns["order_share"] = share / total[group] if len(share) else share
    columns["group"] = group


def fill_units(
    columns: dict[str, Column],
    supplier: npt.NDArray[np.int64],
    customer: npt.NDArray[np.int64],
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
