"""Annotated field types: each carries its unit and bounds, so that schemas, error messages and
`sim list` all read them from one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy.typing as npt
from pydantic import Field

Array = npt.NDArray[Any]
"""A float array; (world, firm) unless a docstring says otherwise."""


@dataclass(frozen=True)
class Unit:
    """The unit a number is in, shown in lists, tables and axis labels."""

    name: str


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
Kilometres = Annotated[float, Field(ge=0), Unit("km")]
Month = Annotated[int, Field(ge=0), Unit("month")]
"""A month of the simulation, counted from 0."""
Months = Annotated[int, Field(ge=1), Unit("months")]
Count = Annotated[int, Field(ge=1), Unit("count")]


def describe(model: type) -> list[dict[str, Any]]:
    """The fields of a pydantic model as rows: name, unit, bounds, default, description."""
    rows = []
    for name, field in model.model_fields.items():  # type: ignore[attr-defined]
        unit = next((m.name for m in field.metadata if isinstance(m, Unit)), "")
        bounds: dict[str, float] = {}
        for m in field.metadata:
            for key in ("ge", "gt", "le", "lt"):
                if (value := getattr(m, key, None)) is not None:
                    bounds[key] = value
        required = field.is_required()
        rows.append(
            {
                "name": name,
                "unit": unit,
                "bounds": _interval(bounds),
                "required": required,
                "default": None if required else field.get_default(call_default_factory=True),
                "description": field.description or "",
            }
        )
    return rows


def _interval(bounds: dict[str, float]) -> str:
    """Bounds in the usual notation: `[0, 1]`, `(0, inf)`; empty when there are none."""
    if not bounds:
        return ""
    low = f"[{bounds['ge']:g}" if "ge" in bounds else f"({bounds['gt']:g}" if "gt" in bounds else "(-inf"
    high = f"{bounds['le']:g}]" if "le" in bounds else f"{bounds['lt']:g})" if "lt" in bounds else "inf)"
    return f"{low}, {high}"
