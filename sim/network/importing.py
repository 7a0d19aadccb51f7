"""Imported networks: CSV tables, GraphML, node-link JSON and networkx graphs, every fault named by
file and row."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import NetworkError, unknown
from sim.network.building import build
from sim.network.network import FIRM_DEFAULTS, LINK_DEFAULTS, Network

if TYPE_CHECKING:
    import networkx

ALIASES = {"country": "region", "id": "firm_id", "from": "supplier", "to": "customer"}
"""Other names a column may have."""

_FIRM_COLUMNS = ("firm_id", *FIRM_DEFAULTS)
_LINK_COLUMNS = ("supplier", "customer", *LINK_DEFAULTS)


def from_tables(links: Path, firms: Path | None = None, *, carriers: int = 1) -> Network:
    """A network from a links table and, if there is one, a firms table (CSV, UTF-8).

    links: supplier, customer, and optionally input_group, order_share, units_per_unit, distance_km,
    carrier. firms: firm_id, and optionally name, role, tier, region (or country), industry, size,
    anchor, price, demand, capacity_ratio, value_added_share, quality_cost_factor, abatement_cost_factor,
    intensity_factor. Without a firms table, the firms are
    those the links name.
    """
    link_rows = _read(links, _LINK_COLUMNS, ("supplier", "customer"))
    link_places = [f"{links.name} row {r['']}" for r in link_rows]
    if firms is None:
        names = dict.fromkeys(r[end] for r in link_rows for end in ("supplier", "customer"))
        firm_columns: dict[str, Sequence[Any]] = {"id": list(names)}
        firm_places = [f"{links.name}, firm {n!r}" for n in names]
    else:
        firm_rows = _read(firms, _FIRM_COLUMNS, ("firm_id",))
        firm_places = [f"{firms.name} row {r['']}" for r in firm_rows]
        firm_columns = {"id": [r["firm_id"] for r in firm_rows]}
        firm_columns |= _typed(firm_rows, FIRM_DEFAULTS, firm_places)
    link_columns: dict[str, Sequence[Any]] = {end: [r[end] for r in link_rows] for end in ("supplier", "customer")}
    link_columns |= _typed(link_rows, LINK_DEFAULTS, link_places)
    return build(
        firm_columns,
        link_columns,
        source=links.name,
        firm_places=firm_places,
        link_places=link_places,
        carriers=carriers,
    )


def from_graph(graph: networkx.Graph, *, source: str = "graph", carriers: int = 1) -> Network:
    """A network from a networkx graph; node and edge attributes have the names of the CSV columns."""
    if not graph.is_directed():
        raise NetworkError(f"{source}: the graph is undirected; edges must go from supplier to customer")
    nodes = [{"": n, **_renamed(data)} for n, data in graph.nodes(data=True)]
    edges = [{"": (j, i), **_renamed(data)} for j, i, data in graph.edges(data=True)]
    firm_places = [f"{source}, node {r['']!r}" for r in nodes]
    link_places = [f"{source}, edge {r[''][0]!r} -> {r[''][1]!r}" for r in edges]
    firm_columns: dict[str, Sequence[Any]] = {"id": [str(r[""]) for r in nodes]}
    firm_columns |= _typed(nodes, FIRM_DEFAULTS, firm_places)
    link_columns: dict[str, Sequence[Any]] = {
        "supplier": [str(r[""][0]) for r in edges],
        "customer": [str(r[""][1]) for r in edges],
    }
    link_columns |= _typed(edges, LINK_DEFAULTS, link_places)
    return build(
        firm_columns,
        link_columns,
        source=source,
        firm_places=firm_places,
        link_places=link_places,
        carriers=carriers,
    )


def from_file(path: Path, *, carriers: int = 1) -> Network:
    """A network from GraphML (`.graphml`) or node-link JSON (`.json`)."""
    import networkx as nx

    if not path.is_file():
        raise NetworkError(f"{path}: no such file")
    try:
        if path.suffix == ".graphml":
            graph = nx.read_graphml(path)
        elif path.suffix == ".json":
            data = json.loads(path.read_text(encoding="utf-8"))
            edges = "links" if isinstance(data, dict) and "links" in data else "edges"
            if not (isinstance(data, dict) and _are_tables(data.get("nodes")) and _are_tables(data.get(edges))):
                raise NetworkError(
                    f"{path.name}: not node-link JSON; allowed is an object with lists of objects, nodes and links"
                )
            graph = nx.node_link_graph(data, edges=edges)
        else:
            raise NetworkError(f"{path.name}: given format {path.suffix!r}, allowed are '.graphml' and '.json'")
    except (OSError, ValueError, KeyError, TypeError, SyntaxError, nx.NetworkXException) as error:
        raise NetworkError(f"{path.name}: not readable as a graph ({error})") from error
    return from_graph(graph, source=path.name, carriers=carriers)


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, dict) for v in value)


def _renamed(data: Mapping[str, Any]) -> dict[str, Any]:
    return {ALIASES.get(k, k): v for k, v in data.items()}


def _read(path: Path, known: Sequence[str], required: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a CSV file, each with its line number under the key ''."""
    if not path.is_file():
        raise NetworkError(f"{path}: no such file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [ALIASES.get(h.strip(), h.strip()) for h in next(reader, [])]
            if not any(header):
                raise NetworkError(
                    f"{path.name}: empty; its first row must name the columns: {', '.join(required)}, ..."
                )
            if len(header) == 1 and (other := next((c for c in ";\t|" if c in header[0]), None)):
                raise NetworkError(f"{path.name} row 1: columns are separated by {other!r}, allowed is a comma")
            for name in header:
                if name not in known:
                    raise NetworkError(f"{path.name} row 1: {unknown('column', name, known)}")
            for name in required:
                if name not in header:
                    raise NetworkError(f"{path.name} row 1: column {name!r} is missing; given are {', '.join(header)}")
            rows = []
            for values in reader:
                if not any(v.strip() for v in values):
                    continue
                if len(values) != len(header):
                    raise NetworkError(
                        f"{path.name} row {reader.line_num}: given {len(values)} values, the header names {len(header)}"
                    )
                row: dict[str, Any] = {k: v.strip() for k, v in zip(header, values, strict=True)}
                for name in required:
                    if not row[name]:
                        raise NetworkError(f"{path.name} row {reader.line_num}, {name}: empty")
                rows.append(row | {"": reader.line_num})
    except UnicodeDecodeError as error:
        raise NetworkError(f"{path.name}: not UTF-8 text ({error})") from error
    except (OSError, csv.Error) as error:
        raise NetworkError(f"{path.name}: not readable ({error})") from error
    return rows


def _typed(
    rows: Sequence[Mapping[str, Any]], defaults: Mapping[str, Any], places: Sequence[str]
) -> dict[str, list[Any]]:
    """The columns present, each value as the type of its default."""
    columns: dict[str, list[Any]] = {}
    for name, default in defaults.items():
        if not any(name in r for r in rows):
            continue
        columns[name] = [
            _value(r.get(name, ""), default, f"{place}, {name}") for r, place in zip(rows, places, strict=True)
        ]
    return columns


def _value(given: Any, default: Any, place: str) -> Any:
    if given is None or given == "":
        return default
    if default is None or isinstance(default, str):
        return str(given)
    if isinstance(default, bool):
        text = str(given).lower()
        if text in ("true", "1", "yes"):
            return True
        if text in ("false", "0", "no"):
            return False
        raise NetworkError(f"{place}: given {given!r}, allowed is true or false")
    try:
        return type(default)(given)
    except (TypeError, ValueError):
        kind = "a whole number" if isinstance(default, int) else "a number"
        raise NetworkError(f"{place}: given {given!r}, allowed is {kind}") from None
