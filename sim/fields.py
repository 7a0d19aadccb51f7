"""Annotated field types: each carries its unit and bounds, so that schemas, error messages and
`sim list` all read them from one place."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import inf
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
import numpy.typing as npt
from pydantic import Field
from pydantic.fields import FieldInfo

Array = npt.NDArray[Any]
"""A float array; (world, firm) unless a docstring says otherwise."""


@dataclass(frozen=True)
class Unit:
    """The unit a number is in, shown in lists, tables and axis labels."""

    name: str


@dataclass(frozen=True)
class AlikeIn:
    """What worlds that are computed together must have in common of a number in which they may differ; see
    `sim.scenario.varied`."""

    trait: Callable[[float], Hashable]


SWITCH = AlikeIn(lambda number: number != 0)
"""Of a number that switches something on which is then told of: so a world has the same series and payments whatever
worlds run beside it."""

Share = Annotated[float, Field(ge=0, le=1), Unit("share")]
"""A part of a whole, a probability or an effort, in 0..1."""
Positive = Annotated[float, Field(gt=0), Unit("1")]
NonNegative = Annotated[float, Field(ge=0), Unit("1")]
Money = Annotated[float, Field(ge=0), Unit("kCNY")]
"""Thousand CNY, unless the scenario names another currency."""
MoneyPerTonne = Annotated[float, Field(ge=0), Unit("kCNY/t")]
MoneyPerTonneKm = Annotated[float, Field(ge=0), Unit("kCNY/(t km)")]
Tonnes = Annotated[float, Field(ge=0), Unit("t")]
TonnesPerMoney = Annotated[float, Field(ge=0), Unit("t CO2e/kCNY")]
TonnesPerTonneKm = Annotated[float, Field(ge=0), Unit("t CO2e/(t km)")]
TonnesPerTonne = Annotated[float, Field(ge=0), Unit("t CO2e/t")]
Kilometres = Annotated[float, Field(ge=0), Unit("km")]
Distance = Annotated[float, Field(gt=0), Unit("km")]
Month = Annotated[int, Field(ge=0), Unit("month")]
"""A month of the simulation, counted from 0."""
Months = Annotated[int, Field(ge=1, le=12_000), Unit("months")]
"""A number of months, a thousand years at most."""
Count = Annotated[int, Field(ge=1), Unit("count")]
Hops = Annotated[int, Field(ge=0), Unit("links")]
"""Links between two firms, counted along the supply direction."""
Audits = Annotated[int, Field(ge=0), Unit("audits")]


def above_zero(parameter: Any) -> bool:
    """Whether a parameter is above 0, in some world at least where worlds differ in it."""
    return parameter > 0 if isinstance(parameter, (int, float)) else bool(np.any(np.asarray(parameter) > 0))


def describe(model: type) -> list[dict[str, Any]]:
    """The fields of a pydantic model as rows: name, type in words, the options that can be named, unit and bounds (of
    each element, in a list), default, description."""
    rows = []
    for name, field in model.model_fields.items():  # type: ignore[attr-defined]
        unit, bounds = limits(element(field) or field)
        required = field.is_required()
        rows.append(
            {
                "name": name,
                "type": in_words(field.annotation),
                "choices": options(field.annotation),
                "unit": unit,
                "bounds": bounds,
                "required": required,
                "default": None if required else field.get_default(call_default_factory=True),
                "description": field.description or "",
            }
        )
    return rows


def limits(field: FieldInfo) -> tuple[str, str]:
    """Unit and bounds of a field, also of one that may be left out (`Money | None`) or be a name instead of a number;
    empty where there are none."""
    if get_origin(field.annotation) in (Union, UnionType):
        choices = [c for c in get_args(field.annotation) if c is not NoneType]
        field = FieldInfo.from_annotation(next((c for c in choices if get_origin(c) is Annotated), choices[0]))
    unit = next((m.name for m in field.metadata if isinstance(m, Unit)), "")
    bounds: dict[str, float] = {}
    for m in field.metadata:
        for key in ("ge", "gt", "le", "lt"):
            if (value := getattr(m, key, None)) is not None:
                bounds[key] = value if key not in bounds else (max if key[0] == "g" else min)(value, bounds[key])
    return unit, _interval(bounds)


def element(field: FieldInfo) -> FieldInfo | None:
    """What belongs into a list; None for a field that takes none."""
    choices = [field.annotation, *get_args(field.annotation)]
    found = next((c for c in choices if get_origin(c) is tuple), None)
    return FieldInfo.from_annotation(get_args(found)[0]) if found else None


def options(annotation: Any) -> list[Any]:
    """What can be named in a field, beside numbers and free text; empty where nothing can."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if annotation is bool:
        return [True, False]
    among = get_args(annotation) if get_origin(annotation) in (Union, UnionType, Annotated) else ()
    return [option for choice in among for option in options(choice)]


def in_words(annotation: Any) -> str:
    """A type in words."""
    scalars = {float: "a number", int: "a whole number", bool: "true or false", str: "text"}
    origin, within = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(repr(choice) for choice in within)
    if origin is Annotated:
        return in_words(within[0])
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(in_words(choice) for choice in within if choice is not NoneType))
    return "a list" if origin is tuple else scalars.get(annotation, "a table")


def _interval(bounds: dict[str, float]) -> str:
    """Bounds in the usual notation: `[0, 1]`, `(0, inf)`; empty when there are none."""
    if not bounds:
        return ""
    inner, outer = bounds.get("ge", -inf), bounds.get("gt", -inf)
    low = f"[{inner:g}" if inner > outer else f"({outer:g}"
    inner, outer = bounds.get("le", inf), bounds.get("lt", inf)
    high = f"{inner:g}]" if inner < outer else f"{outer:g})"
    return f"{low}, {high}"
