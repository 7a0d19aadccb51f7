"""What there is to choose from, as rows: taken from the code, so that a list is never out of date."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Callable
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from sim.errors import UsageError, nearest
from sim.experiments.policy import COST_PER_TONNE, LEAKAGE_RATE
from sim.experiments.results import BASE_CURRENCY
from sim.fields import describe
from sim.mechanisms.base import Mechanism
from sim.outcomes.base import outcomes
from sim.scenario.files import load_scenario, shipped
from sim.scenario.schema import KINDS, Scenario, kinds_at

Row = dict[str, Any]

NOT_MECHANISMS = ("behaviours", "network")
"""Places of a scenario that hold one of many kinds which are not mechanisms."""

TOP = "top"
"""In place of a section: the top of the file."""


def listed(what: str) -> list[Row]:
    """The rows of a list by its name; or the kinds, section, outcome and case of this name.

    Raises UsageError for an unknown name.
    """
    if what in LISTS:
        return LISTS[what]()
    entries = [(row[key], row) for list_, key in NAMED_BY.items() for row in LISTS[list_]()]
    if found := [row for name, row in entries if name == what]:
        return found
    guess = nearest(what, [*LISTS, *(name for name, _ in entries)])
    hint = f"; did you mean {guess!r}?" if guess else ""
    known = f"{', '.join(sorted(LISTS))}, and the name of a kind, section, outcome or case"
    raise UsageError(f"unknown list {what!r}{hint} (known: {known})")


def overview() -> dict[str, Any]:
    """The shipped scenarios, and the kinds that may stand at each place of a scenario."""
    return {"scenarios": scenarios(), "kinds": {place: list(kinds_at(place)) for place in KINDS}}


def scenarios() -> list[Row]:
    """The shipped scenarios: name, title."""
    return [{"name": name, "title": load_scenario(name).title} for name in shipped()]


def experiments() -> list[Row]:
    """The shipped experiments: name, title."""
    from sim.experiments.files import shipped as shipped_experiments

    return [
        {"name": name, "title": tomllib.loads(path.read_text(encoding="utf-8"))["title"]}
        for name, path in shipped_experiments().items()
    ]


def mechanisms() -> list[Row]:
    """Every mechanism by family."""
    return [row for place in KINDS if place not in NOT_MECHANISMS for row in kinds_rows(place)]


def kinds_rows(place: str) -> list[Row]:
    """The kinds at a place of a scenario: rule, source, parameters; `common` are those that all kinds there have,
    `everywhere` those that all mechanisms have."""
    taken = {kind: _taken(model) for kind, model in kinds_at(place).items()}
    common = set.intersection(*({p["name"] for p in parameters} for parameters in taken.values()))
    common &= set(KINDS[place][1].model_fields)
    rows = []
    for kind, model in kinds_at(place).items():
        rule, source = explained(model)
        everywhere = set(Mechanism.model_fields) if issubclass(model, Mechanism) else set()
        parameters = [p | {"common": p["name"] in common, "everywhere": p["name"] in everywhere} for p in taken[kind]]
        rows.append({"family": place, "kind": kind, "rule": rule, "source": source, "parameters": parameters})
    return rows


def _taken(model: type[BaseModel]) -> list[Row]:
    """The parameters that a kind takes, its own before those that it inherits; one that pays out nothing takes no
    budget."""
    refused = {"kind"} if getattr(model, "funded", True) else {"kind", "budget"}
    inherited = {name for base in model.__bases__ for name in getattr(base, "model_fields", ())}
    taken = [p for p in parameters_of(model) if p["name"] not in refused]
    return sorted(taken, key=lambda p: p["name"] in inherited)


def explained(model: type) -> tuple[str, str]:
    """The rule of a kind, and what it is taken from: the first sentence of its docstring, and what follows
    `Source:` to the next heading, a word with a capital letter and a colon at the beginning of a line."""
    text = inspect.cleandoc(model.__doc__ or "")
    source = re.search(r"Source:\s*(.*?)(?:\n\s*\n|\n[A-Z]\w*:|\Z)", text, re.DOTALL)
    first = re.split(r"\n\s*\n|\n[A-Z]\w*:|\s+Source:", text, maxsplit=1)[0]
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
    leaked = "leakage for each tonne abated in reach, both over the run, if [assessment] counterfactual"
    leakage = {"name": LEAKAGE_RATE, "unit": "share", "over_time": "ratio", "better": "lower", "description": leaked}
    return [*rows, {**cost, "description": description}, leakage]


def case_rows() -> list[Row]:
    """The published results that the simulator is held against: name, title, source, formula, what each says,
    parameters."""
    from sim.theory import cases

    return [
        {
            "case": name,
            "title": case.title,
            "source": case.source,
            "formula": case.formula,
            "rule": case.explains,
            "parameters": parameters_of(case),
        }
        for name, case in cases().items()
    ]


def parameter_rows() -> list[Row]:
    """The assumptions of a scenario by section, and the keys at the top of its file."""
    rows = []
    top = []
    for name, field in Scenario.model_fields.items():
        model = table_of(field.annotation)
        if name in KINDS:
            continue
        if model is None:
            top.append(name)
            continue
        rule, source = explained(model)
        many = get_origin(field.annotation) is tuple
        rows.append({
            "section": name, "many": many, "rule": rule, "source": source, "parameters": parameters_of(model)
        })  # fmt: skip
    keys = [p for p in parameters_of(Scenario) if p["name"] in top]
    first = {"section": TOP, "many": False, "rule": "Above all tables.", "source": "", "parameters": keys}
    return [first, *rows]


def parameters_of(model: type[BaseModel]) -> list[Row]:
    """The fields of a model as plain data; those of a table in a table are its `fields`."""
    rows = []
    for row in describe(model):
        table = table_of(model.model_fields[row["name"]].annotation)
        default = row["default"]
        if isinstance(default, BaseModel):
            row = row | {"default": default.model_dump(mode="json", exclude_none=True)}
        rows.append(row if table is None else row | {"fields": parameters_of(table)})
    return rows


def table_of(annotation: Any) -> type[BaseModel] | None:
    """The model of a table, or of the tables in a list; None for what is no table, and for one of many kinds."""
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


LISTS: dict[str, Callable[[], list[Row]]] = {
    "scenarios": scenarios,
    "experiments": experiments,
    "mechanisms": mechanisms,
    "behaviours": lambda: kinds_rows("behaviours"),
    "networks": lambda: kinds_rows("network"),
    "outcomes": outcome_rows,
    "parameters": parameter_rows,
    "cases": case_rows,
}
"""What `sim list` can list."""

NAMED_BY = {
    "mechanisms": "kind",
    "behaviours": "kind",
    "networks": "kind",
    "parameters": "section",
    "outcomes": "name",
    "cases": "case",
}
"""Lists whose entries can be asked for one by one, with what names an entry."""
