"""What there is to choose from, as rows: taken from the code, so that a list is never out of date."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from sim.errors import UsageError, unknown
from sim.experiments.results import BASE_CURRENCY, COST_PER_TONNE
from sim.fields import describe
from sim.outcomes.base import outcomes
from sim.scenario.files import load_scenario, shipped
from sim.scenario.schema import KINDS, Scenario, kinds_at

Row = dict[str, Any]

NOT_MECHANISMS = ("behaviours", "network")
"""Places of a scenario that hold one of many kinds which are not mechanisms."""


def listed(what: str) -> list[Row]:
    """The rows of a list by its name. Raises UsageError for an unknown name."""
    if what not in LISTS:
        raise UsageError(unknown("list", what, LISTS))
    return LISTS[what]()


def overview() -> dict[str, Any]:
    """The shipped scenarios, and the kinds that may stand at each place of a scenario."""
    return {"scenarios": scenarios(), "kinds": {place: list(kinds_at(place)) for place in KINDS}}


def scenarios() -> list[Row]:
    """The shipped scenarios: name, title."""
    return [{"name": name, "title": load_scenario(name).title} for name in shipped()]


def mechanisms() -> list[Row]:
    """Every mechanism by family."""
    return [row for place in KINDS if place not in NOT_MECHANISMS for row in kinds_rows(place)]


def kinds_rows(place: str) -> list[Row]:
    """The kinds at a place of a scenario: rule, source, parameters; `common` are those of the whole family."""
    _, base = KINDS[place]
    rows = []
    for kind, model in kinds_at(place).items():
        rule, source = explained(model)
        parameters = [_plain(p, base) for p in describe(model) if p["name"] != "kind"]
        rows.append({"family": place, "kind": kind, "rule": rule, "source": source, "parameters": parameters})
    return rows


def explained(model: type) -> tuple[str, str]:
    """The rule of a kind, and what it is taken from: the first sentence of its docstring, and what follows
    `Source:`."""
    text = inspect.cleandoc(model.__doc__ or "")
    source = re.search(r"Source:\s*(.*?)(?:\n\s*\n|\n\w+:|\Z)", text, re.DOTALL)
    first = re.split(r"\n\s*\n|\n\w+:|\s+Source:", text, maxsplit=1)[0]
    rule = re.match(r".*?\.(?=\s|$)|.*", " ".join(first.split()))
    return (rule[0] if rule else ""), (" ".join(source[1].split()) if source else "")


def outcome_rows() -> list[Row]:
    """Every outcome: name, unit, how a run's figure follows from its months, which way is better, description."""
    rows = [
        {"name": o.name, "unit": o.unit, "over_time": o.over_time, "better": o.better, "description": o.description}
        for o in outcomes().values()
    ]
    description = "of a comparison: net public cost for each tonne abated, against the reference"
    cost = {"name": COST_PER_TONNE, "unit": f"{BASE_CURRENCY}/t", "over_time": "ratio", "better": "lower"}
    return [*rows, {**cost, "description": description}]


def parameter_rows() -> list[Row]:
    """The numbered assumptions of a scenario, by section."""
    rows = []
    for section, field in Scenario.model_fields.items():
        model = field.annotation
        if section not in KINDS and isinstance(model, type) and issubclass(model, BaseModel):
            rows.append({
                "section": section,
                "rule": explained(model)[0],
                "parameters": [_plain(p) for p in describe(model)],
            })  # fmt: skip
    return rows


def _plain(parameter: Row, base: type[BaseModel] | None = None) -> Row:
    """A parameter as plain data, with a note whether the whole family has it."""
    default = parameter["default"]
    if isinstance(default, BaseModel):
        default = default.model_dump(mode="json", exclude_none=True)
    row = parameter | {"default": default}
    return row if base is None else row | {"common": parameter["name"] in base.model_fields}


LISTS: dict[str, Callable[[], list[Row]]] = {
    "scenarios": scenarios,
    "mechanisms": mechanisms,
    "behaviours": lambda: kinds_rows("behaviours"),
    "networks": lambda: kinds_rows("network"),
    "outcomes": outcome_rows,
    "parameters": parameter_rows,
}
"""What `sim list` can list."""
