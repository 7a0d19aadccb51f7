"""Lists and checks as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from sim.scenario.schema import KINDS, Scenario
from sim.terminal.listing import LISTS, Row

WIDTH = 110


def overview(found: dict[str, Any]) -> str:
    """Scenarios with titles, then the places of a scenario with their kinds."""
    lines = ["Scenarios", *_aligned([(s["name"], s["title"]) for s in found["scenarios"]]), ""]
    lines += ["Kinds", *_aligned([(place, ", ".join(kinds)) for place, kinds in found["kinds"].items()]), ""]
    lines.append(f"More: sim list {' | '.join(LISTS)}")
    return "\n".join(lines)


def listed(rows: Sequence[Row]) -> str:
    """The rows of a list, in the form that suits them."""
    if rows and "kind" in rows[0]:
        return "\n".join(_kinds(rows))
    if rows and "section" in rows[0]:
        return "\n".join(_sections(rows))
    if rows and "over_time" in rows[0]:
        return "\n".join(_aligned([(r["name"], f"{r['unit']}, {r['over_time']}: {r['description']}") for r in rows]))
    return "\n".join(_aligned([(r["name"], r["title"]) for r in rows]))


def checked(path: str, scenario: Scenario) -> str:
    """What a valid scenario is."""
    row = facts(scenario)
    mechanisms = [(place, ", ".join(kinds) or "none") for place, kinds in row["mechanisms"].items()]
    return "\n".join(
        [
            f"{path}: valid",
            *_aligned(
                [
                    ("name", row["name"]),
                    ("title", row["title"]),
                    ("fingerprint", row["fingerprint"]),
                    ("months", str(row["months"])),
                    ("network", f"{row['firms']} firms, {row['links']} links"),
                    *mechanisms,
                    ("programme", ", ".join(row["programme"]) or "none"),
                ]
            ),
        ]
    )


def facts(scenario: Scenario) -> Row:
    """A scenario in figures and names."""
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
        "links": network.link_count,
        "mechanisms": mechanisms,
        "programme": [phase.name for phase in scenario.programme],
    }


def _kinds(rows: Sequence[Row]) -> Iterator[str]:
    for family in dict.fromkeys(r["family"] for r in rows):
        yield family
        members = [r for r in rows if r["family"] == family]
        shared = {p["name"]: p for r in members for p in r["parameters"] if p["common"]}
        for row in members:
            yield f"  {row['kind']}"
            yield from _wrapped(row["rule"], 4)
            if row["source"]:
                yield from _wrapped(f"Source: {row['source']}", 4)
            yield from _parameters([p for p in row["parameters"] if not p["common"]], 6)
        if shared:
            yield "  all of them also take"
            yield from _parameters(list(shared.values()), 6)
        yield ""


def _sections(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield f"[{row['section']}] {row['rule']}"
        yield from _parameters(row["parameters"], 2)
        yield ""


def _parameters(parameters: Sequence[Row], indent: int) -> Iterator[str]:
    for p in parameters:
        default = "required" if p["required"] else f"default {_shown(p['default'])}"
        facts = [default, f"in {p['bounds']}" if p["bounds"] else "", "" if p["unit"] in ("", "1") else p["unit"]]
        text = f"{p['name']}: {p['description']} ({', '.join(f for f in facts if f)})"
        yield from _wrapped(text, indent)


def _shown(default: Any) -> str:
    if default is None or default == {}:
        return "none"
    return str(default).lower() if isinstance(default, bool) else str(default)


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))


def _aligned(pairs: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in pairs), default=0)
    return [f"  {name:<{width}}  {text}".rstrip() for name, text in pairs]
