"""What is wrong with a scenario, in words: file, place, given, allowed, and the nearest known name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sim.errors import unknown
from sim.fields import element, in_words, limits
from sim.scenario.schema import KINDS, Scenario, kinds_at

MOST = 3
"""Mistakes that one message tells; of more it gives the number."""

LONGEST = 100
"""Characters of a given value that a message repeats."""


@dataclass(frozen=True)
class Place:
    """A place of a scenario, as `--set` writes it (`incentives.0.rate`), and what belongs there: the model that has
    the last name as a field, and the type of the field, or of its element where the path ends in a position."""

    path: str
    model: type[BaseModel] | None
    field: FieldInfo | None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


def explain(errors: Sequence[ErrorDetails], file: str, whole: type[BaseModel] = Scenario) -> str:
    """One line for what pydantic found where a scenario should be, or a `whole` of another kind: file, and for
    each mistake place, given, allowed, nearest known name."""
    told: dict[str, str] = {}
    for error in errors:
        if error["type"] == "too_short" and any(_within(other["loc"], error["loc"]) for other in errors):
            continue  # Entries that are wrong are not counted; what is wrong with them is told.
        place = _place(error["loc"], whole)
        told.setdefault(place.path, _sentence(error, place))
    texts = [f"{path}{text}" if path else text.removeprefix(": ") for path, text in told.items()]
    more = [f"also {len(texts) - MOST} more"] if len(texts) > MOST else []
    joined = "; also ".join(texts[:MOST])
    return "; ".join([f"{file}{', ' if next(iter(told)) else ': '}{joined}", *more])


def _within(location: Sequence[int | str], outer: Sequence[int | str]) -> bool:
    return len(location) > len(outer) and tuple(location[: len(outer)]) == tuple(outer)


def _sentence(error: ErrorDetails, place: Place) -> str:
    """What is said of one mistake after its place."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f": {unknown('key', place.name, place.model.model_fields if place.model else ())}"
    if kind == "union_tag_invalid":
        return f".kind: {unknown('kind', str(context['tag']), _tags(context))}"
    if kind == "union_tag_not_found":
        return f".kind: missing; allowed are {', '.join(kinds_at(str(error['loc'][0])))}"
    if kind == "missing" and place.path == "network":
        return ': missing; write a [network] table, or begin with extends = "baseline"'
    if kind == "missing":
        return f": missing; {_allowed(place)}"
    if kind == "value_error":
        return f": {context['error']}"
    if kind == "tuple_type" and place.path in Scenario.model_fields and _has_tables(place.field):
        return f": given {_given(error['input'])}, allowed is a list of tables: write [[{place.path}]]"
    if kind in ("too_short", "string_too_short"):
        return f": given {_given(error['input'])}, {_allowed(place)} of length {context['min_length']} or more"
    return f": given {_given(error['input'])}, {_allowed(place)}"


def _given(value: Any) -> str:
    """A value as a message repeats it: lists with their own brackets, and not all of a long one."""
    text = repr(list(value)) if isinstance(value, tuple) else repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _tags(context: Mapping[str, Any]) -> list[str]:
    return [t.strip().strip("'") for t in str(context["expected_tags"]).split(",")]


def _place(location: Sequence[int | str], whole: type[BaseModel]) -> Place:
    """Where a mistake is; pydantic's location also names the kind, and the choice between types, on its way."""
    path: list[str] = []
    owner: type[BaseModel] | None = None
    inside: type[BaseModel] | None = whole
    field: FieldInfo | None = None
    for n, part in enumerate(location):
        if isinstance(part, int):
            path.append(str(part))
            field = element(field) if field else None
        elif n and inside is None and len(path) <= 2 and path[0] in KINDS:
            inside = kinds_at(path[0]).get(part)
        elif inside is not None:
            path.append(part)
            owner, field = inside, inside.model_fields.get(part)
            inside = None if n == 0 and part in KINDS else _model(field.annotation) if field else None
    return Place(".".join(path), owner, field)


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model of a table, also of one in a list or one that may be left out."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _model(a)) is not None), None)


def _has_tables(field: FieldInfo | None) -> bool:
    return field is not None and _model(field.annotation) is not None


def _allowed(place: Place) -> str:
    """What a field takes: type, bounds and unit."""
    if place.field is None:
        return "allowed is a table"
    unit, bounds = limits(place.field)
    unit = f" ({unit})" if unit not in ("", "1") else ""
    return f"allowed is {in_words(place.field.annotation)}{f' in {bounds}' if bounds else ''}{unit}"
