"""What a scenario is, as `sim check` tells it: in figures and names, and in what it differs from the defaults."""

from __future__ import annotations

import json
from typing import Any, get_origin

from pydantic import BaseModel

from sim.network.families.listed import Listed
from sim.network.network import Network
from sim.scenario.files import network_of
from sim.scenario.schema import KINDS, Imported, Scenario
from sim.terminal.figures import counted
from sim.terminal.listing import Row, table_of
from sim.terminal.words import FIXED, aligned, indented, shown


def checked(path: str, scenario: Scenario) -> str:
    """What a valid scenario is."""
    row = facts(scenario)
    kinds = {place: ", ".join(kinds) or "none" for place, kinds in row["mechanisms"].items()}
    kinds["behaviours"] = ", ".join(_behaviour(**b) for b in row["behaviours"])
    changes = ", ".join(f"{where} = {_toml(value)}".replace(" ", FIXED) for where, value in row["differs"].items())
    pairs = [
        ("name", row["name"]),
        ("title", row["title"]),
        ("fingerprint", row["fingerprint"]),
        ("months", str(row["months"])),
        ("network", _size(**{key: row[key] for key in ("firms", "carriers_added", "links")})),
        *kinds.items(),
        ("programme", ", ".join(row["programme"]) or "none"),
    ]
    last = f"differs from the defaults: {changes}" if changes else "all parameters are at their defaults"
    return "\n".join([f"{path}: valid", *aligned(pairs), *indented(last, 2)])


def facts(scenario: Scenario) -> Row:
    """A scenario in figures and names; firms: with the carriers that were added, as its data have none."""
    network = scenario.build_network()
    mechanisms = {}
    for place in KINDS:
        if place != "network":
            value = getattr(scenario, place)
            mechanisms[place] = [m.kind for m in (value if isinstance(value, tuple) else (value,))]
    return {
        "name": scenario.name,
        "title": scenario.title,
        "fingerprint": scenario.fingerprint,
        "months": scenario.months,
        "firms": network.size,
        "carriers_added": _carriers_added(scenario, network),
        "links": network.link_count,
        "mechanisms": mechanisms,
        "behaviours": [
            {"kind": kind, "role": b.role, "share": b.share}
            for kind, b in zip(mechanisms["behaviours"], scenario.behaviours, strict=True)
        ],
        "programme": [phase.name for phase in scenario.programme],
        "differs": differing(scenario),
    }


def differing(scenario: Scenario) -> dict[str, Any]:
    """The parameters that are not at their defaults, by path, as plain data; kinds and their parameters apart."""
    found: dict[str, Any] = {}
    for section, field in Scenario.model_fields.items():
        model = table_of(field.annotation)
        if section not in KINDS and model is not None and get_origin(field.annotation) is not tuple:
            found |= _differing(section, getattr(scenario, section).model_dump(mode="json"), model())
    return found


def _differing(path: str, given: dict[str, Any], default: BaseModel) -> dict[str, Any]:
    found: dict[str, Any] = {}
    usual = default.model_dump(mode="json")
    for name, value in given.items():
        inner = getattr(default, name)
        if isinstance(inner, BaseModel):
            found |= _differing(f"{path}.{name}", value, inner)
        elif value != usual[name]:
            found[f"{path}.{name}"] = value
    return found


def _carriers_added(scenario: Scenario, network: Network) -> int:
    """How many carriers a network of own data was given because its data have none: with more to be given, such
    a network is larger."""
    if not isinstance(scenario.network, (Imported, Listed)):
        return 0
    more = network_of(scenario.network.model_copy(update={"carriers": scenario.network.carriers + 1}))
    return scenario.network.carriers if more.size > network.size else 0


def _size(firms: int, carriers_added: int, links: int) -> str:
    added = [counted(carriers_added, "carrier") + " added"] if carriers_added else []
    return ", ".join([counted(firms - carriers_added, "firm"), *added, counted(links, "link")])


def _behaviour(kind: str, role: str | None, share: float) -> str:
    """A kind with the role and the share of its firms that decide so, unless all firms do."""
    of = [*([role] if role else []), *([f"{shown(100.0 * share)}{FIXED}%"] if share != 1.0 else [])]
    return f"{kind} ({', '.join(of)})" if of else kind


def _toml(value: Any) -> str:
    """A value as a scenario file has it."""
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else shown(value)
