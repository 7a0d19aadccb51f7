"""Worlds firm by firm: one row for each replication, month and firm."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim import phases
from sim.beginning import opening
from sim.ensemble import Anyway, effort_gap, worlds_per_block
from sim.errors import UsageError, unknown
from sim.experiments.designs import AnyScenario, checked, loaded
from sim.fields import Array
from sim.network.network import ROLES, Network
from sim.outcomes.free_riding import counted_riders
from sim.outcomes.quality import theta
from sim.programme import Programme, programme_of
from sim.scenario.schema import Scenario
from sim.world import World

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("replication", "month", "firm")
"""Columns that name a row; they are there in any case."""

ATTRIBUTES = ("name", "role", "tier", "size", "region")
"""What stays as it is all run."""


@dataclass(eq=False)
class Month:
    """The worlds of a block at the end of a month: as they are; with every firm cooperative, and without incentives,
    where a column asks for it."""

    world: World
    programme: Programme
    best: World | None
    best_programme: Programme | None
    anyway: Anyway | None


Measure = Callable[[Month], Array]


def _state(name: str) -> Measure:
    return lambda m: getattr(m.world, name)


def _best(m: Month) -> Array:
    assert m.best is not None
    assert m.best_programme is not None
    return theta(m.best, m.best_programme)


def _windfall(m: Month) -> Array:
    return np.full(m.programme.shape, np.nan) if m.anyway is None else m.anyway.windfall(m.world, m.programme)


def _free_rider(m: Month) -> Array:
    riders, counted = counted_riders(m.world, m.programme)
    return riders * counted


FIGURES: Mapping[str, Measure] = {
    "member": _state("member"),
    "quality": _state("quality"),
    "abatement": _state("abatement"),
    "disclosure": _state("disclosure"),
    "green_quality": lambda m: theta(m.world, m.programme),
    "first_best_quality": _best,
    "effort_gap": lambda m: effort_gap(theta(m.world, m.programme), _best(m)),
    "benefit": _state("benefit"),
    "contribution": _state("contribution"),
    "free_rider": _free_rider,
    "support": _state("support"),
    "windfall": _windfall,
    "public_money": lambda m: m.world.ledger.from_regulators(),
    "revenue": _state("revenue"),
    "profit": _state("profit"),
    "emissions": _state("emissions"),
}
"""What is told of each firm and month, (world, firm), by the name of the column."""

BENCHMARKED = ("first_best_quality", "effort_gap")
"""Columns that need the first best, a second world beside each."""


def firm_panel(
    scenario: AnyScenario,
    seed: int = 1,
    replications: int = 1,
    columns: Sequence[str] | None = None,
    months: int | None = None,
) -> pd.DataFrame:
    """A row for each replication, month and firm of a scenario, the same worlds as of `run` with this seed.

    columns: those wanted beside replication, month and firm; all if not given. Attributes of the firm: name, role,
    tier, size, region. Figures of the month: member, quality, abatement, disclosure, green_quality,
    first_best_quality (of the firm in the world in which all are cooperative), effort_gap, benefit, contribution,
    free_rider (0 or 1), support, windfall (NaN unless the scenario has `[assessment] counterfactual` and incentives),
    public_money (from regulators less to them), revenue, profit, emissions. Money and tonnes of the firms sum to the
    outcomes of the world; means of outcomes are over firms with revenue.
    months: instead of the scenario's own.

    Raises UsageError for an unknown column, and what `run` raises.
    """
    import pandas as pd

    chosen = loaded(scenario, months)
    checked(replications, seed)
    wanted = _wanted(columns)
    network = chosen.build_network()
    step = worlds_per_block(network.size)
    blocks = [range(low, min(low + step, replications)) for low in range(0, replications, step)]
    parts = [_block(chosen, seed, block, [c for c in wanted if c in FIGURES]) for block in blocks]
    shape = (replications, chosen.months, network.size)
    columns_of: dict[str, object] = {
        "replication": np.repeat(np.arange(replications), shape[1] * shape[2]),
        "month": np.tile(np.repeat(np.arange(shape[1]), shape[2]), shape[0]),
        "firm": _repeated(network.ids, shape),
    }
    for name in wanted:
        if name in FIGURES:
            columns_of[name] = np.concatenate([part[name] for part in parts]).ravel()
        else:
            columns_of[name] = _repeated(_attribute(network, name), shape)
    return pd.DataFrame(columns_of)


def _wanted(columns: Sequence[str] | None) -> list[str]:
    """The columns asked for, in the usual order."""
    known = [*ATTRIBUTES, *FIGURES]
    if columns is None:
        return known
    for column in columns:
        if column not in (*KEYS, *known):
            raise UsageError(f"columns: {unknown('column', column, known)}")
    return [name for name in known if name in columns]


def _attribute(network: Network, name: str) -> Sequence[object]:
    values = network.firms[name].tolist()
    return [ROLES[code] for code in values] if name == "role" else values


def _repeated(values: Sequence[object], shape: tuple[int, int, int]) -> object:
    """The firms' values in every month of every replication."""
    kind = object if isinstance(values[0], str) else None
    return np.tile(np.array(values, dtype=kind), shape[0] * shape[1])


def _block(scenario: Scenario, seed: int, replications: range, figures: Sequence[str]) -> dict[str, Array]:
    """The figures of some replications, (replication, month, firm) each."""
    found: dict[str, list[Array]] = {name: [] for name in figures}
    for month in _lived(scenario, seed, replications, figures):
        for name in figures:
            found[name].append(np.broadcast_to(FIGURES[name](month), month.programme.shape))
    # Adding 0 makes -0 to 0, as in what is kept of runs.
    return {name: np.stack(months, axis=1) + 0.0 for name, months in found.items()}


def _lived(scenario: Scenario, seed: int, replications: range, figures: Sequence[str]) -> Iterator[Month]:
    """Every month of these worlds, with the worlds beside them that the figures ask for."""
    p = programme_of(scenario, seed, replications)
    world = opening(p)
    cooperative = programme_of(scenario.first_best(), seed, replications) if set(figures) & set(BENCHMARKED) else None
    best = opening(cooperative) if cooperative is not None else None
    assessed = "windfall" in figures and scenario.assessed_against_none
    anyway = Anyway(scenario, seed, replications) if assessed else None
    for t in range(scenario.months):
        world = phases.month(world, p)
        world.ledger.check(t)
        if best is not None and cooperative is not None:
            best = phases.month(best, cooperative)
        if anyway is not None:
            anyway.live()
        yield Month(world, p, best, cooperative, anyway)
