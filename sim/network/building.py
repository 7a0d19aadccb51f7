"""Checking network data and filling in what is missing: from columns to a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.errors import NetworkError, unknown
from sim.network import filling
from sim.network.network import (
    FIRM_DEFAULTS,
    LINK_DEFAULTS,
    ROLES,
    SHARE_TOLERANCE,
    SIZES,
    Column,
    Network,
    unknown_firm,
)


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
    ids, columns, carrier = filling.assign_carriers(
        ids, columns, link_columns["carrier"], routes, position, link_at, carriers
    )
    del link_columns["carrier"]
    _check_links(ids, columns["role"], supplier, customer, link_columns, link_at)
    columns["name"] = np.where(columns["name"] == "", np.array(ids, dtype=object), columns["name"])
    if not np.any(columns["demand"] > 0):
        columns["demand"] = filling.default_demand(columns["role"], supplier, source)
    if not np.any(columns["anchor"]):
        columns["anchor"] = (columns["role"] == 1) & (columns["demand"] > 0)
    tiers = filling.work_out_tiers(len(ids), supplier, customer, columns["demand"] > 0)
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
    filling.split_orders(link_columns, customer, [link_at[n] for n in by])
    filling.fill_units(link_columns, supplier, customer, columns, source, ids)
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
        "quality_cost_factor": ("above 0", lambda v: v > 0),
        "abatement_cost_factor": ("above 0", lambda v: v > 0),
        "intensity_factor": ("at least 0", lambda v: v >= 0),
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
