"""What a published result is, how it is checked, and how all of them are found."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sim.errors import UsageError, unknown
from sim.fields import element, in_words, limits

Effort = Literal["quick", "full"]
"""How much is simulated: `quick` stops at a coarser answer where the answer is sampled."""

EXACT = 1e-6
"""How far a result without chance in it may miss the theory, in units of the quantity's natural size."""

SHARE = 0.02
"""How far a sampled share may miss the theory at least."""

WIDEST = 0.05
"""How far it may miss it at most, however few replications there were."""

STANDARD_ERRORS = 3.0
"""Standard errors that a sampled figure may be off."""


class Simulated(NamedTuple):
    """What the simulator says of a quantity, and the standard error of that (0: nothing is drawn)."""

    value: float
    standard_error: float = 0.0


@dataclass(frozen=True)
class Panel:
    """A panel of a case's plot: what its vertical axis says, and the quantities in it, all if none are named."""

    label: str
    quantities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Axis:
    """How a case is drawn: a parameter, its values, the panels, and what the horizontal axis says (the description of
    the parameter, if nothing else). element: which element of the parameter takes the values, where it is a list."""

    parameter: str
    values: tuple[Any, ...]
    panels: tuple[Panel, ...]
    label: str = ""
    element: int | None = None


@dataclass(frozen=True)
class Check:
    """One quantity of a case at one set of parameters, by theory and by simulation."""

    case: str
    quantity: str
    parameters: Mapping[str, Any]
    theory: float
    simulation: float
    standard_error: float
    tolerance: float

    @property
    def error(self) -> float:
        """By how much the simulation misses the theory."""
        return self.simulation - self.theory

    @property
    def passed(self) -> bool:
        """Whether that is within the tolerance; what is not a number never is."""
        return bool(abs(self.error) <= self.tolerance)

    @property
    def row(self) -> dict[str, Any]:
        """As plain data."""
        names = ("case", "quantity", "parameters", "theory", "simulation", "standard_error", "tolerance", "passed")
        return {name: getattr(self, name) for name in names}


class Case(BaseModel):
    """A published result. The fields are its parameters, with the values shown first as defaults.

    `theory` gives each quantity by the closed form, or by a solver that knows nothing of this package; `simulate` by
    the engine, configured like any scenario. name, title: as listed. source: author and year. formula: the closed
    form in a line, letters as in the descriptions of the parameters. explains: what it says, for a reader who knows
    supply chains. shown: changes of the defaults, a row of the table each. axis: what its plot shows. sampled: whether
    the quantities are shares that are estimated from replications.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    source: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    explains: ClassVar[str] = ""
    shown: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    axis: ClassVar[Axis]
    sampled: ClassVar[bool] = False

    def theory(self) -> dict[str, float]:
        """Each quantity as the theory has it."""
        raise TypeError(f"{type(self).__name__} must define theory()")

    def simulate(self, seed: int, effort: Effort) -> dict[str, Simulated]:
        """Each quantity as the simulator has it."""
        raise TypeError(f"{type(self).__name__} must define simulate()")

    def size(self, quantity: str) -> float:
        """Natural size of a quantity that is not sampled, by which its error is measured: 1 for efforts and shares; a
        case whose quantities are money or tonnes says what is large among them."""
        return 1.0

    def tolerance(self, quantity: str, simulated: Simulated) -> float:
        """By how much the simulation of a quantity may miss the theory."""
        if not self.sampled:
            return EXACT * self.size(quantity)
        return min(max(SHARE, STANDARD_ERRORS * simulated.standard_error), WIDEST)

    def checks(self, seed: int = 1, effort: Effort = "full") -> list[Check]:
        """Theory against simulation, a row for each quantity."""
        theory, simulated = self.theory(), self.simulate(seed, effort)
        if list(theory) != list(simulated):
            raise TypeError(f"{self.name}: theory gives {list(theory)}, the simulation {list(simulated)}")
        parameters = self.model_dump(mode="json")
        return [
            Check(
                case=self.name,
                quantity=quantity,
                parameters=parameters,
                theory=float(expected),
                # Adding 0 makes -0 to 0.
                simulation=float(simulated[quantity].value) + 0.0,
                standard_error=float(simulated[quantity].standard_error),
                tolerance=self.tolerance(quantity, simulated[quantity]),
            )
            for quantity, expected in theory.items()
        ]

    @classmethod
    def check(cls, *, seed: int = 1, effort: Effort = "full", **parameters: Any) -> list[Check]:
        """Theory against simulation at these parameters, the others as shown first. Raises UsageError for a parameter
        that the case does not have or a value that it does not allow."""
        return cls.at(parameters).checks(seed, effort)

    def along(self, value: Any) -> Case:
        """The case with the parameter of its axis at a value."""
        name, place = self.axis.parameter, self.axis.element
        if place is not None:
            before = getattr(self, name)
            value = (*before[:place], value, *before[place + 1 :])
        return type(self).at(dict(self) | {name: value})

    @property
    def on_axis(self) -> Any:
        """Its own value of the parameter of its axis."""
        value, place = getattr(self, self.axis.parameter), self.axis.element
        return value if place is None else value[place]

    @property
    def axis_label(self) -> str:
        """What the horizontal axis of its plot says."""
        field = type(self).model_fields[self.axis.parameter]
        unit = limits(field)[0]
        # Without the letter that stands for it in formulas.
        words = (field.description or self.axis.parameter).split(": ", 1)[-1]
        return self.axis.label or (f"{words}, {unit}" if unit not in ("", "1", "share", "count") else words)

    @classmethod
    def at(cls, parameters: Mapping[str, Any]) -> Case:
        """The case at these parameters; see `check`."""
        given = {name: tuple(x) if isinstance(x, list) else x for name, x in parameters.items()}
        try:
            return cls(**given)
        except ValidationError as error:
            raise UsageError(f"{cls.name}{_explained(cls, error.errors())}") from None


@cache
def cases() -> dict[str, type[Case]]:
    """Every case defined in a module of this folder, by name, sorted."""
    folder = importlib.import_module("sim.theory")
    found: dict[str, type[Case]] = {}
    for info in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"sim.theory.{info.name}")
        for value in vars(module).values():
            if (
                inspect.isclass(value)
                and value.__module__ == module.__name__
                and issubclass(value, Case)
                and value.name
            ):
                found[value.name] = value
    return dict(sorted(found.items()))


def case(name: str) -> type[Case]:
    """A case by its name. Raises UsageError for an unknown one."""
    if name not in cases():
        raise UsageError(unknown("case", name, cases()))
    return cases()[name]


def _explained(model: type[Case], errors: Sequence[ErrorDetails]) -> str:
    """What is said of the first mistake after the name of the case: place, given, allowed, nearest."""
    error = errors[0]
    kind, place = error["type"], ".".join(str(part) for part in error["loc"])
    if kind == "extra_forbidden":
        return f": {unknown('parameter', place, model.model_fields)}"
    if kind == "value_error":
        return f", {error['ctx']['error']}"
    field = model.model_fields[str(error["loc"][0])]
    if kind in ("too_short", "too_long"):
        bound = "at least {min_length}" if kind == "too_short" else "at most {max_length}"
        words = f"a list of {bound.format(**error['ctx'])} values"
        return f", {place}: given {error['ctx']['actual_length']} values, allowed is {words}"
    return f", {place}: given {error['input']!r}, allowed is {_allowed(field, within=len(error['loc']) > 1)}"


def _allowed(field: FieldInfo, within: bool) -> str:
    """What a parameter takes, or each element `within` a list: type, bounds and unit."""
    inner = element(field)
    unit, bounds = limits(inner or field)
    annotation = field.annotation if inner is None else inner.annotation
    words = in_words(annotation) if inner is None or within else f"a list, each {in_words(annotation)}"
    return f"{words}{f' in {bounds}' if bounds else ''}{f' ({unit})' if unit not in ('', '1') else ''}"
