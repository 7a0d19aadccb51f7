"""What is wrong with a scenario, in words: file, place, given, allowed, and the nearest known name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from sim.errors import unknown
from sim.fields import describe
from sim.scenario.schema import KINDS, Enrolment, Scenario, kinds_at


def explain(error: ErrorDetails, data: dict[str, Any], file: str) -> str:
    """One sentence for one pydantic error: file, place, given, allowed, nearest known name."""
    place, model = _place(error["loc"], data)
    kind, context = error["type"], error.get("ctx", {})
    at = f"{file}, {place}" if place else file
    last = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        return f"{at}: {unknown('key', last, model.model_fields if model else ())}"
    if kind == "union_tag_invalid":
        return f"{at}.kind: {unknown('kind', str(context['tag']), _tags(context))}"
    if kind == "union_tag_not_found":
        return f"{at}.kind: missing; allowed are {', '.join(_known_kinds(error['loc']))}"
    if kind == "missing":
        return f"{at}: missing; {_allowed(model, last)}"
    if kind == "literal_error":
        expected = str(context["expected"])
        return f"{at}: given {error['input']!r}, allowed are {expected}"
    if kind == "value_error":
        return f"{at}: {context['error']}"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"{at}: given {error['input']!r}, allowed is a table"
    return f"{at}: given {error['input']!r}, {_allowed(model, last) or error['msg'].lower()}"


def _tags(context: Mapping[str, Any]) -> list[str]:
    return [t.strip().strip("'") for t in str(context["expected_tags"]).split(",")]


def _known_kinds(location: Sequence[int | str]) -> list[str]:
    return list(kinds_at(str(location[0]))) if location and location[0] in KINDS else []


def _place(location: Sequence[int | str], data: dict[str, Any]) -> tuple[str, type[BaseModel] | None]:
    """Path in the file (`incentives[0].rate`) and the model that has the last part as a field."""
    model: type[BaseModel] | None = Scenario
    path = ""
    here: Any = data
    for n, part in enumerate(location):
        if isinstance(part, int):
            path += f"[{part}]"
            here = here[part] if isinstance(here, (list, tuple)) and part < len(here) else None
            continue
        if isinstance(here, dict) and part not in here and here.get("kind") == part:
            model = kinds_at(str(location[0])).get(part)
            continue
        if n and isinstance(location[n - 1], str | int):
            model = _inside(model, location[:n])
        path += f".{part}" if path else part
        here = here.get(part) if isinstance(here, dict) else None
    return path, model


def _inside(model: type[BaseModel] | None, location: Sequence[int | str]) -> type[BaseModel] | None:
    """The model of a field's own fields, where the last named part of the location is a section."""
    named = next((p for p in reversed(location) if isinstance(p, str)), None)
    if model is None or named is None or named not in model.model_fields:
        return model
    if named == "programme":
        return Enrolment
    annotation = model.model_fields[named].annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else model


def _allowed(model: type[BaseModel] | None, name: str) -> str:
    """What a field takes: type, bounds and unit."""
    if model is None or name not in model.model_fields:
        return ""
    row = next(r for r in describe(model) if r["name"] == name)
    annotation = str(model.model_fields[name].annotation)
    words = {"float": "a number", "int": "a whole number", "bool": "true or false", "str": "text"}
    kind = next((text for key, text in words.items() if key in annotation), "a table or list")
    unit = f" ({row['unit']})" if row["unit"] not in ("", "1") else ""
    bounds = f" in {row['bounds']}" if row["bounds"] else ""
    return f"allowed is {kind}{bounds}{unit}"
