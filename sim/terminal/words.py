"""Lists and checks as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from sim.scenario.schema import KINDS, Scenario
from sim.terminal.grid import width
from sim.terminal.listing import LISTS, TOP, Row

WIDEST = 120
"""Characters in a line at most."""
NARROWEST = 30
"""Characters in a line of text beside names at least."""
FIXED = "\u00a0"
"""A space at which no line breaks."""


def overview(found: dict[str, Any]) -> str:
    """Scenarios with titles, then the places of a scenario with their kinds."""
    lines = ["Scenarios", *_aligned([(s["name"], s["title"]) for s in found["scenarios"]]), ""]
    lines += ["Kinds", *_aligned([(place, ", ".join(kinds)) for place, kinds in found["kinds"].items()]), ""]
    lines += _wrapped(f"More: sim list {' | '.join(LISTS)}", 0)
    return "\n".join(lines)


def listed(rows: Sequence[Row]) -> str:
    """The rows of a list, in the form that suits them."""
    if rows and "kind" in rows[0]:
        return "\n".join(_kinds(rows))
    if rows and "case" in rows[0]:
        return "\n".join(_cases(rows))
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
    everywhere: dict[str, Row] = {}
    for family in dict.fromkeys(r["family"] for r in rows):
        yield family
        members = [r for r in rows if r["family"] == family]
        for row in members:
            yield f"  {row['kind']}"
            yield from _about(row, 4)
            yield from _parameters([p for p in row["parameters"] if not p["common"]], 6)
        common = {p["name"]: p for r in members for p in r["parameters"] if p["common"]}
        everywhere |= {name: p for name, p in common.items() if p["everywhere"]}
        shared = [p for p in common.values() if not p["everywhere"]]
        if shared:
            yield "  all of them also take"
            yield from _parameters(shared, 6)
        yield ""
    if everywhere:
        yield "every mechanism also takes"
        yield from _parameters(list(everywhere.values()), 6)


def _sections(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        name = row["section"]
        yield "at the top of the file" if name == TOP else f"[[{name}]]" if row["many"] else f"[{name}]"
        yield from _about(row, 2)
        yield from _parameters(row["parameters"], 4)
        yield ""


def _cases(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield f"{row['case']}: {row['title']}"
        yield from _about(row, 2)
        yield from _parameters(row["parameters"], 4)
        yield ""


def _about(row: Row, indent: int) -> Iterator[str]:
    """Rule and source."""
    yield from _wrapped(row["rule"], indent)
    if row["source"]:
        yield from _wrapped(f"Source: {row['source']}", indent)


def _parameters(parameters: Sequence[Row], indent: int) -> Iterator[str]:
    """Each with what it takes, its default and what it means; those of a table further in."""
    for p in parameters:
        default = "required" if p["required"] else f"default {_shown(p['default'])}"
        facts = [_takes(p), *([] if "fields" in p else [default])]
        yield from _wrapped(f"{p['name']} ({', '.join(facts)}): {p['description']}", indent)
        yield from _parameters(p.get("fields", []), indent + 4)


def _takes(p: Row) -> str:
    """What a parameter takes: number or unit and bounds, and the options that can be named."""
    if "fields" in p:
        return "list of tables" if p["type"] == "a list" else "table"
    options = ", ".join(_shown(option) for option in p["choices"])
    options = " or ".join(options.rsplit(", ", 1))
    kind = str(p["type"]).removeprefix("a ").replace(" a ", " ")
    if not (p["bounds"] or p["unit"]):
        return options or kind
    number = p["unit"] if p["unit"] not in ("", "1") else kind if kind == "whole number" else "number"
    # A line never breaks within an interval or a unit.
    number = f"{number} in {p['bounds']}".replace(" ", FIXED) if p["bounds"] else number.replace(" ", FIXED)
    listed = f"list of {number}" if p["type"] == "a list" else number
    return f"{listed}, or {options}" if options else listed


def _shown(value: Any) -> str:
    """A value as a scenario file has it, to four digits."""
    if value is None or value in ({}, "", ()):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(_shown(v) for v in value)}]".replace(" ", FIXED)
    if isinstance(value, float):
        return f"{value:.4g}" if not value.is_integer() else f"{value:.0f}"
    return str(value)


def _width() -> int:
    """Characters in a line of text: those of the terminal, but not so many that it is hard to read."""
    return min(width(), WIDEST)


def _wrapped(text: str, indent: int) -> list[str]:
    first, later = " " * indent, " " * (indent + 2)
    lines = textwrap.wrap(
        text, _width(), initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(FIXED, " ") for line in lines]


def _aligned(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Names, and beside them texts in as many lines as they need."""
    beside = max((len(name) for name, _ in pairs), default=0) + 4
    lines = []
    for name, text in pairs:
        first, *more = _beside(text, beside)
        lines += [f"  {name:<{beside - 4}}  {first}".rstrip(), *(" " * beside + line for line in more)]
    return lines


def _beside(text: str, beside: int) -> list[str]:
    return textwrap.wrap(text, max(_width() - beside, NARROWEST), break_long_words=False, break_on_hyphens=False) or [
        ""
    ]
