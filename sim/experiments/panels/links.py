"""Worlds link by link: one row for each replication, month and link between firms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import phases
from sim.beginning import opening
from sim.ensemble import worlds_per_block
from sim.errors import UsageError, unknown
from sim.experiments.designs import AnyScenario, checked, loaded
from sim.fields import Array
from sim.month.scoring import score
from sim.programme import Programme, programme_of
from sim.rules.relations import INDICATORS
from sim.scenario.schema import Scenario
from sim.world import World

if TYPE_CHECKING:
    import pandas as pd

Figure = Callable[[World, Programme], Array]


def _state(name: str) -> Figure:
    return lambda world, p: getattr(world, name)


def _indicator(number: int) -> Figure:
    return lambda world, p: world.standing.indicators[number]


def _standing(world: World, p: Programme) -> Array:
    """In words how the supplier stands with the customer."""
    s = world.standing
    states = [s.replaced > 0, s.transition > 0, s.notice > 0, s.warned > 0]
    return np.select(states, ["new", "in transition", "under notice", "warned"], "good")


KEYS = ("replication", "month", "supplier", "customer", "input_group")
"""Columns that name a row; they are there in any case."""

FIGURES: Mapping[str, Figure] = {
    "distance_km": lambda world, p: world.links.distance_km,
    "order_share": _state("order_share"),
    "delivered": _state("order_value"),
    "missing": _state("missing_value"),
    "trust": _state("trust"),
    "inspected": _state("intensity"),
    "load_factor": _state("load"),
}
"""What is told of each link, (W*L,), by the name of the column; money in thousand CNY."""

SCORED: Mapping[str, Figure] = {
    **{name.replace(" ", "_").replace("-", "_"): _indicator(number) for number, name in enumerate(INDICATORS)},
    "score": score,
    "standing": _standing,
}
"""The same, where relations are assessed."""


def link_panel(
    scenario: AnyScenario,
    seed: int = 1,
    replications: int = 1,
    months: int | None = None,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """A row for each replication, month and link of a scenario, the same worlds as of `run` with this seed.

    Columns: replication, month, supplier (at the end of the month: the successor, where one took over), customer,
    input_group, carrier, distance_km, order_share, delivered and missing (value of what was ordered), trust, inspected
    (share of lots), load_factor; where relations are assessed the seven indicators, the score and the standing: good,
    warned, under notice, in transition, or new. months: instead of the scenario's own. columns: those wanted from
    carrier on; all if not given.

    Raises UsageError for an unknown column, and what `run` raises.
    """
    import pandas as pd

    chosen = loaded(scenario, months)
    checked(replications, seed)
    wanted = _wanted(columns, chosen.relations.scored)
    figures = {name: figure for name, figure in {**FIGURES, **SCORED}.items() if name in wanted}
    network = chosen.build_network()
    step = worlds_per_block(network.size)
    found: dict[str, list[Any]] = {}
    for low in range(0, replications, step):
        _lived(chosen, seed, range(low, min(low + step, replications)), figures, found)
    ids, count = np.array(network.ids, dtype=object), network.link_count
    shape = (replications, chosen.months, count)
    of_link = {"customer": ids[network.customer], "input_group": network.links["input_group"]}
    columns_of: dict[str, Any] = {
        "replication": np.repeat(np.arange(replications), shape[1] * count),
        "month": np.tile(np.repeat(np.arange(shape[1]), count), replications),
        "supplier": ids[np.concatenate(found.pop("supplier")).ravel()],
        **{name: np.tile(values, replications * shape[1]) for name, values in of_link.items()},
        **({"carrier": np.tile(ids[network.carrier], replications * shape[1])} if "carrier" in wanted else {}),
        **{name: np.concatenate(blocks).ravel() for name, blocks in found.items()},
    }
    return pd.DataFrame(columns_of)


def _wanted(columns: Sequence[str] | None, scored: bool) -> list[str]:
    """The columns asked for, in the usual order; scores only where relations are assessed."""
    known = ["carrier", *FIGURES, *(SCORED if scored else ())]
    if columns is None:
        return known
    for column in columns:
        if column in SCORED and not scored:
            raise UsageError(f"columns: {column!r} needs relations to be assessed; set relations.assessed to true")
        if column not in (*KEYS, *known):
            raise UsageError(f"columns: {unknown('column', column, known)}")
    return [name for name in known if name in columns]


def _lived(
    scenario: Scenario, seed: int, replications: range, figures: Mapping[str, Figure], found: dict[str, list[Any]]
) -> None:
    """Add the figures of some replications, (replication, month, link) each."""
    p = programme_of(scenario, seed, replications)
    worlds = len(replications)
    block: dict[str, list[Array]] = {name: [] for name in ("supplier", *figures)}
    world = opening(p)
    for t in range(scenario.months):
        world = phases.month(world, p)
        world.ledger.check(t)
        block["supplier"].append((world.links.supplier % world.links.firms).reshape(worlds, -1))
        for name, figure in figures.items():
            block[name].append(np.asarray(figure(world, p)).reshape(worlds, -1))
    for name, months in block.items():
        found.setdefault(name, []).append(np.stack(months, axis=1))
