"""Checking network data and filling in what is missing: from columns to a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.errors import NetworkError, unknown
from sim.network import filling
from sim.network.columns import Ends, Places, are_positions, coded, ends_of
from sim.network.network import (
    FIRM_DEFAULTS,
    LINK_DEFAULTS,
    ROLES,
    SHARE_TOLERANCE,
    SIZES,
    Column,
    Network,
)

Index = npt.NDArray[np.int64]


def build(
    firms: Mapping[str, Sequence[Any] | Column],
    links: Mapping[str, Sequence[Any] | Column],
    *,
    source: str,
    firm_places: Sequence[str] | None = None,
    link_places: Sequence[str] | None = None,
    carriers: int = 1,
) -> Network:
    """Check the columns, fill in what is missing, put everything in canonical order.

    firms: columns `id` and any of FIRM_DEFAULTS; links: `supplier`, `customer` and any of
    LINK_DEFAULTS. Firms are named in links by identifier, or, in a large network, by position: an array of whole
    numbers, -1 where a carrier is not given. `*_places` name each row in messages. `carriers` logistics firms are
    added when the data have none. Raises NetworkError naming file and row.
    """
    ids = [str(i) for i in firms["id"]]
    count, link_count = len(ids), len(links["supplier"])
    firm_at = Places(f"{source}, firm") if firm_places is None else firm_places
    link_at = Places(f"{source}, link") if link_places is None else link_places
    for what, number in (("links", link_count), ("firms", count)):
        if not number:
            raise NetworkError(f"{source}: the network has no {what}; at least one is needed")
    position = _unique(ids, firm_at)

    columns = {k: _column(firms.get(k), v, count) for k, v in FIRM_DEFAULTS.items()}
    link_columns = {k: _column(links.get(k), v, link_count) for k, v in LINK_DEFAULTS.items() if k != "carrier"}
    _check_firms(columns, firm_at)
    supplier = ends_of(links["supplier"], position, "supplier", link_at)
    customer = ends_of(links["customer"], position, "customer", link_at)
    columns["role"] = _roles(columns["role"], ids, customer, firm_at)
    groups, group = coded(link_columns["input_group"])

    def routes(rows: Index) -> list[str]:
        """The name of each of these links."""
        ends = zip(supplier[rows].tolist(), customer[rows].tolist(), group[rows].tolist(), strict=True)
        return [f"{ids[j]}>{ids[i]}>{groups[k]}" for j, i, k in ends]

    hauled_by = links.get("carrier")
    given = hauled_by if are_positions(hauled_by) else _column(hauled_by, LINK_DEFAULTS["carrier"], link_count)
    ids, columns, carrier = filling.assign_carriers(ids, columns, given, routes, position, link_at, carriers)
    _check_links(ids, columns["role"], Ends(supplier, customer, group), groups, link_columns, link_at)
    columns["name"] = np.where(columns["name"] == "", np.array(ids, dtype=object), columns["name"])
    if not np.any(columns["demand"] > 0):
        columns["demand"] = filling.default_demand(columns["role"], supplier, source)
    if not np.any(columns["anchor"]):
        columns["anchor"] = (columns["role"] == 1) & (columns["demand"] > 0)
    tiers = filling.work_out_tiers(len(ids), supplier, customer, columns["demand"] > 0)
    told = columns["tier"].astype(np.int64)
    columns["tier"] = np.where(columns["role"] == 2, 0, np.where(told < 0, tiers, told))

    rank = _ranks(ids)
    order = np.lexsort((rank, columns["tier"], columns["role"]))
    place = np.empty(len(ids), dtype=np.int64)
    place[order] = np.arange(len(ids))
    by = np.lexsort((rank[supplier], group, place[customer]))
    supplier, customer, carrier, group = (x[by] for x in (place[supplier], place[customer], place[carrier], group))
    ids = [ids[i] for i in order.tolist()]
    columns = {k: v[order] for k, v in columns.items()}
    link_columns = {k: v[by] for k, v in link_columns.items()}
    filling.split_orders(link_columns, customer, group, lambda n: link_at[int(by[n])])
    filling.fill_units(link_columns, supplier, customer, columns, source, ids)
    return Network(tuple(ids), columns, supplier, customer, carrier, link_columns, source)


def _column(values: Sequence[Any] | Column | None, default: Any, count: int) -> Column:
    kind: Any = object if default is None or isinstance(default, str) else type(default)
    if values is None:
        return np.full(count, default, dtype=kind)
    if isinstance(values, np.ndarray) and values.dtype.kind in "fib":
        return values.astype(kind, copy=False)
    filled = [default if v is None or v == "" else v for v in values]
    return np.array(filled, dtype=kind)


def _unique(ids: list[str], places: Sequence[str] | Places) -> dict[str, int]:
    """Where each firm stands."""
    position = dict(zip(ids, range(len(ids)), strict=True))
    if len(position) == len(ids):
        return position
    first: dict[str, int] = {}
    for n, firm in enumerate(ids):
        if firm in first:
            raise NetworkError(
                f"{places[n]}: duplicate firm {firm!r}, first given at {places[first[firm]]}; "
                "every firm_id must be different"
            )
        first[firm] = n
    return first


def _ranks(ids: list[str]) -> Index:
    """Place of each firm among all, by identifier."""
    rank = np.empty(len(ids), dtype=np.int64)
    rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return rank


def _check_firms(columns: Mapping[str, Column], places: Sequence[str] | Places) -> None:
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
    known, size = coded(columns["size"])
    wrong = np.flatnonzero(~np.isin(size, [k for k, name in enumerate(known) if name in SIZES]))
    if len(wrong):
        n = int(wrong[0])
        raise NetworkError(f"{places[n]}, size: {unknown('size', str(columns['size'][n]), SIZES)}")


def _roles(given: Column, ids: list[str], customer: Index, places: Sequence[str] | Places) -> Column:
    """Role codes; a firm whose role is not given is a manufacturer if it buys, else a supplier."""
    buys = np.zeros(len(ids), dtype=bool)
    buys[customer] = True
    missing = -1
    code: dict[Any, int] = {None: missing, **{role: n for n, role in enumerate(ROLES)}}
    codes = np.array([code.get(role, -2) for role in given.tolist()], dtype=np.int64)
    wrong = np.flatnonzero(codes < missing)
    if len(wrong):
        n = int(wrong[0])
        raise NetworkError(f"{places[n]}, role: {unknown('role', given[n], ROLES)}")
    return np.where(codes == missing, buys, codes)


def _check_links(
    ids: list[str],
    role: Column,
    ends: Ends,
    groups: Sequence[str],
    columns: Mapping[str, Column],
    places: Sequence[str] | Places,
) -> None:
    supplier, customer = ends.supplier, ends.customer
    carries = np.stack([role[supplier] == 2, role[customer] == 2])
    first = ends.first_alike()
    faulty = np.flatnonzero((supplier == customer) | carries.any(axis=0) | (first < np.arange(len(first))))
    if len(faulty):
        n = int(faulty[0])
        j, i = int(supplier[n]), int(customer[n])
        if j == i:
            raise NetworkError(f"{places[n]}: firm {ids[j]!r} supplies itself; supplier and customer must differ")
        if carries[:, n].any():
            raise NetworkError(
                f"{places[n]}: {ids[j if carries[0, n] else i]!r} is a logistics firm; it carries links (column "
                "carrier), it is not an end of one"
            )
        raise NetworkError(
            f"{places[n]}: duplicate link {ids[j]!r} -> {ids[i]!r} in input group {groups[int(ends.group[n])]!r}, "
            f"first given at {places[int(first[n])]}; add the shares up into one row"
        )
    for name, low, high in (("order_share", 0.0, 1.0), ("units_per_unit", 0.0, np.inf), ("distance_km", 0.0, np.inf)):
        values = columns[name]
        bad = np.flatnonzero((values < low) | (values > high + SHARE_TOLERANCE) | np.isinf(values))
        if len(bad):
            n = int(bad[0])
            allowed = "from 0 to 1" if high == 1 else "at least 0"
            raise NetworkError(f"{places[n]}, {name}: given {values[n]:g}, allowed is {allowed}")
