"""Checking network data and filling in what is missing: from columns to a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.draws import slots
from sim.errors import NetworkError, unknown
from sim.network.network import ROLES, SIZES, Column, Network, unknown_firm

FIRM_DEFAULTS: dict[str, Any] = {
    "name": "",
    "role": None,
    "tier": -1,
    "region": "home",
    "industry": "general",
    "size": "large",
    "anchor": False,
    "price": 20.0,
    "demand": 0.0,
    "capacity_ratio": 1.3,
    "value_added_share": 0.5,
}
"""Firm attributes and what they are when the data do not say (-1: worked out from the links).

Units: price thousand CNY per tonne of output; demand tonnes per month sold to the market; capacity
as a multiple of the volume at rest; value added as a share of revenue. All assumed."""

LINK_DEFAULTS: dict[str, Any] = {
    "input_group": "inputs",
    "order_share": np.nan,
    "units_per_unit": np.nan,
    "distance_km": 300.0,
    "carrier": "",
}
"""Link attributes; a missing order share means an equal split, missing units per unit an equal part
of what the customer spends on inputs."""

SHARE_TOLERANCE = 1e-4
"""Order shares may miss 1 by this much (published tables are rounded); they are then made exact."""


def build(
    firms: Mapping[str, Sequence[Any]],
    links: Mapping[str, Sequence[Any]],
    *,
    source: str,
    firm_places: Sequence[str] | None = None,
    link_places: Sequence[str] | None = None,
    carriers: int = 1,
) -> Network:
    """Check the columns, fill in what is missing, put everything in canonical order.

    firms: columns `id` and any of FIRM_DEFAULTS; links: `supplier`, `customer` and any of
    LINK_DEFAULTS. `*_places` name each row in messages. `carriers` logistics firms are added when the
    data have none. Raises NetworkError naming file and row.
    """
    ids = [str(i) for i in firms["id"]]
    count, link_count = len(ids), len(links["supplier"])
    firm_at = firm_places or [f"{source}, firm {n + 1}" for n in range(count)]
    link_at = link_places or [f"{source}, link {n + 1}" for n in range(link_count)]
    for what, number in (("links", link_count), ("firms", count)):
        if not number:
            raise NetworkError(f"{source}: the network has no {what}; at least one is needed")
    position = _unique(ids, firm_at)

    columns = {k: _column(firms.get(k), v, count) for k, v in FIRM_DEFAULTS.items()}
    link_columns = {k: _column(links.get(k), v, link_count) for k, v in LINK_DEFAULTS.items()}
    _check_firms(columns, firm_at)
    supplier = _ends(links["supplier"], position, "supplier", link_at)
    customer = _ends(links["customer"], position, "customer", link_at)
    columns["role"] = _roles(columns["role"], ids, customer, firm_at)
    ends = zip(links["supplier"], links["customer"], link_columns["input_group"], strict=True)
    routes = [f"{j}>{i}>{group}" for j, i, group in ends]
    ids, columns, carrier = _carriers(ids, columns, link_columns["carrier"], routes, position, link_at, carriers)
    del link_columns["carrier"]
    _check_links(ids, columns["role"], supplier, customer, link_columns, link_at)
    columns["name"] = np.where(columns["name"] == "", np.array(ids, dtype=object), columns["name"])
    if not np.any(columns["demand"] > 0):
        columns["demand"] = _default_demand(columns["role"], supplier, source)
    if not np.any(columns["anchor"]):
        columns["anchor"] = (columns["role"] == 1) & (columns["demand"] > 0)
    tiers = _tiers(len(ids), supplier, customer, columns["demand"] > 0)
    given = columns["tier"].astype(np.int64)
    columns["tier"] = np.where(columns["role"] == 2, 0, np.where(given < 0, tiers, given))

    order = np.lexsort((np.array(ids), columns["tier"], columns["role"]))
    place = np.empty(len(ids), dtype=np.int64)
    place[order] = np.arange(len(ids))
    supplier, customer, carrier = place[supplier], place[customer], place[carrier]
    ids = [ids[i] for i in order]
    columns = {k: v[order] for k, v in columns.items()}
    by = np.lexsort((np.array(ids)[supplier], link_columns["input_group"].astype(str), customer))
    supplier, customer, carrier = supplier[by], customer[by], carrier[by]
    link_columns = {k: v[by] for k, v in link_columns.items()}
    _shares(link_columns, customer, [link_at[n] for n in by])
    _units(link_columns, supplier, customer, columns, source, ids)
    return Network(tuple(ids), columns, supplier, customer, carrier, link_columns, source)


def _column(values: Sequence[Any] | None, default: Any, count: int) -> Column:
    kind: Any = object if default is None or isinstance(default, str) else type(default)
    if values is None:
        return np.full(count, default, dtype=kind)
    filled = [default if v is None or v == "" else v for v in values]
    return np.array(filled, dtype=kind)


def _unique(ids: list[str], places: Sequence[str]) -> dict[str, int]:
    position: dict[str, int] = {}
    for n, firm in enumerate(ids):
        if firm in position:
            raise NetworkError(
                f"{places[n]}: duplicate firm {firm!r}, first given at {places[position[firm]]}; "
                "every firm_id must be different"
            )
        position[firm] = n
    return position


def _ends(names: Sequence[Any], position: dict[str, int], side: str, places: Sequence[str]) -> npt.NDArray[np.int64]:
    ends = np.empty(len(names), dtype=np.int64)
    for n, name in enumerate(names):
        found = position.get(str(name))
        if found is None:
            raise NetworkError(f"{places[n]}, {side}: {unknown_firm(str(name), position)}")
        ends[n] = found
    return ends


def _check_firms(columns: Mapping[str, Column], places: Sequence[str]) -> None:
    limits: dict[str, tuple[str, Callable[[Column], Any]]] = {
        "price": ("above 0", lambda v: v > 0),
        "demand": ("at least 0", lambda v: v >= 0),
        "capacity_ratio": ("at least 1", lambda v: v >= 1),
        "value_added_share": ("above 0 and at most 1", lambda v: (v > 0) & (v <= 1)),
    }
    for name, (allowed, holds) in limits.items():
        bad = np.flatnonzero(~(holds(columns[name]) & np.isfinite(columns[name])))
        if len(bad):
            n = int(bad[0])
            raise NetworkError(f"{places[n]}, {name}: given {columns[name][n]:g}, allowed is {allowed}")
    for n, size in enumerate(columns["size"]):
        if size not in SIZES:
            raise NetworkError(f"{places[n]}, size: {unknown('size', str(size), SIZES)}")


def _roles(given: Column, ids: list[str], customer: npt.NDArray[np.int64], places: Sequence[str]) -> Column:
    """Role codes; a firm whose role is not given is a manufacturer if it buys, else a supplier."""
    buys = np.zeros(len(ids), dtype=bool)
    buys[customer] = True
    codes = np.empty(len(ids), dtype=np.int64)
    for n, role in enumerate(given):
        if role is not None and role not in ROLES:
            raise NetworkError(f"{places[n]}, role: {unknown('role', str(role), ROLES)}")
        codes[n] = ROLES.index(role) if role is not None else (1 if buys[n] else 0)
    return codes


def _carriers(
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


def _check_links(
    ids: list[str],
    role: Column,
    supplier: npt.NDArray[np.int64],
    customer: npt.NDArray[np.int64],
    columns: Mapping[str, Column],
    places: Sequence[str],
) -> None:
    seen: dict[tuple[int, int, str], int] = {}
    for n, (j, i, group) in enumerate(zip(supplier.tolist(), customer.tolist(), columns["input_group"], strict=True)):
        if j == i:
            raise NetworkError(f"{places[n]}: firm {ids[j]!r} supplies itself; supplier and customer must differ")
        for end in (j, i):
            if role[end] == 2:
                raise NetworkError(
                    f"{places[n]}: {ids[end]!r} is a logistics firm; it carries links (column carrier), "
                    "it is not an end of one"
                )
        key = (j, i, str(group))
        if key in seen:
            raise NetworkError(
                f"{places[n]}: duplicate link {ids[j]!r} -> {ids[i]!r} in input group {group!r}, "
                f"first given at {places[seen[key]]}; add the shares up into one row"
            )
        seen[key] = n
    for name, low, high in (("order_share", 0.0, 1.0), ("units_per_unit", 0.0, np.inf), ("distance_km", 0.0, np.inf)):
        values = columns[name]
        bad = np.flatnonzero((values < low) | (values > high + SHARE_TOLERANCE) | np.isinf(values))
        if len(bad):
            n = int(bad[0])
            allowed = "from 0 to 1" if high == 1 else "at least 0"
            raise NetworkError(f"{places[n]}, {name}: given {values[n]:g}, allowed is {allowed}")


def _default_demand(role: Column, supplier: npt.NDArray[np.int64], source: str) -> Column:
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


def _tiers(
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


def _shares(columns: dict[str, Column], customer: npt.NDArray[np.int64], places: Sequence[str]) -> None:
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


def _units(
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
