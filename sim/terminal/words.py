"""Lists as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

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
    lines = ["Scenarios", *aligned([(s["name"], s["title"]) for s in found["scenarios"]]), ""]
    lines += ["Kinds", *aligned([(place, ", ".join(kinds)) for place, kinds in found["kinds"].items()]), ""]
    lines += indented(f"More: sim list {' | '.join(LISTS)} | NAME, as in sim list carbon_tax", 0)
    return "\n".join(lines)


def listed(rows: Sequence[Row]) -> str:
    """The rows of a list, each in the form that suits it."""
    lines: list[str] = []
    for key, form in FORMS.items():
        of_form = [row for row in rows if next(k for k in FORMS if k in row) == key]
        lines += form(of_form) if of_form else ()
    return "\n".join(lines)


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
            yield "  all of them also take" if len(members) > 1 else "  as all of its family, it also takes"
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
        yield from indented(f"Formula: {row['formula']}", 2)
        yield from _parameters(row["parameters"], 4)
        yield ""


def _outcomes(rows: Sequence[Row]) -> list[str]:
    return aligned([(r["name"], f"{r['unit']}, {r['over_time']}: {r['description']}") for r in rows])


def _titles(rows: Sequence[Row]) -> list[str]:
    return aligned([(r["name"], r["title"]) for r in rows])


def _about(row: Row, indent: int) -> Iterator[str]:
    """Rule and source."""
    yield from indented(row["rule"], indent)
    if row["source"]:
        yield from indented(f"Source: {row['source']}", indent)


def _parameters(parameters: Sequence[Row], indent: int) -> Iterator[str]:
    """Each with what it takes, its default and what it means; those of a table further in."""
    for p in parameters:
        default = "required" if p["required"] else f"default {shown(p['default'])}"
        facts = [_takes(p), *([] if "fields" in p else [default])]
        yield from indented(f"{p['name']} ({', '.join(facts)}): {p['description']}", indent)
        yield from _parameters(p.get("fields", []), indent + 4)


def _takes(p: Row) -> str:
    """What a parameter takes: number or unit and bounds, and the options that can be named."""
    if "fields" in p:
        return "list of tables" if p["type"] == "a list" else "table"
    options = ", ".join(shown(option) for option in p["choices"])
    options = " or ".join(options.rsplit(", ", 1))
    kind = str(p["type"]).removeprefix("a ").replace(" a ", " ")
    if not (p["bounds"] or p["unit"]):
        return options or kind
    number = p["unit"] if p["unit"] not in ("", "1") else kind if kind == "whole number" else "number"
    # A line never breaks within an interval or a unit.
    number = f"{number} in {p['bounds']}".replace(" ", FIXED) if p["bounds"] else number.replace(" ", FIXED)
    listed = f"list of {number}" if p["type"] == "a list" else number
    return f"{listed}, or {options}" if options else listed


def shown(value: Any) -> str:
    """A value as a scenario file has it, to four digits."""
    if value is None or value in ({}, "", ()):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(shown(v) for v in value)}]".replace(" ", FIXED)
    if isinstance(value, float):
        return f"{value:.4g}" if not value.is_integer() else f"{value:.0f}"
    return str(value)


def _width() -> int:
    """Characters in a line of text: those of the terminal, but not so many that it is hard to read."""
    return min(width(), WIDEST)


def indented(text: str, indent: int) -> list[str]:
    first, later = " " * indent, " " * (indent + 2)
    lines = textwrap.wrap(
        text, _width(), initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(FIXED, " ") for line in lines]


def aligned(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Names, and beside them texts in as many lines as they need."""
    beside = max((len(name) for name, _ in pairs), default=0) + 4
    lines = []
    for name, text in pairs:
        first, *more = _beside(text, beside)
        lines += [f"  {name:<{beside - 4}}  {first}".rstrip(), *(" " * beside + line for line in more)]
    return lines


def _beside(text: str, beside: int) -> list[str]:
    space = max(_width() - beside, NARROWEST)
    lines = textwrap.wrap(text, space, break_long_words=False, break_on_hyphens=False) or [""]
    return [line.replace(FIXED, " ") for line in lines]


FORMS: dict[str, Callable[[Sequence[Row]], Iterable[str]]] = {
    "kind": _kinds,
    "case": _cases,
    "section": _sections,
    "over_time": _outcomes,
    "title": _titles,
}
"""How rows are written, by the first of these keys that they have."""
