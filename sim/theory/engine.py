"""How cases configure the engine: quiet scenarios, small networks, and the world that comes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.beginning import opening
from sim.fields import Array
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.scenario.files import load_data
from sim.scenario.schema import Scenario
from sim.world import World

Table = Mapping[str, Any]

BEST_REPLY: Table = {"kind": "best_reply"}

QUIET: Table = {
    "technology": {
        "quality_weight": 1.0,
        "heterogeneity": 0.0,
        "learning_exponent": 0.0,
        "scrap_cost": 0.0,
        "energy_cost": 0.0,
        "energy_saving": 0.0,
        "synergy": 0.0,
        "margin": 0.0,
    },
    "quality": {"return_cost": 0.0, "warranty_cost": 0.0, "hosting_cost": 0.0, "inspection_cost": 0.0},
    "logistics": {"fare": 0.0, "claim_cost": 0.0, "fuel_cost": 0.0, "fuel_saving": 0.0},
    "market": {
        "premium": 0.0,
        "awareness": 1.0,
        "demand_noise": 0.0,
        "demand_response": 0.0,
        "social_cost_of_carbon": 0.0,
    },
    "risk": {"outage_rate": 0.0},
    "start": {"warmup": 0, "spread": 0.0, "quality": 0.0, "abatement": 0.0, "disclosure": 0.0},
    "behaviours": [BEST_REPLY],
    "regulator": {"kind": "none"},
}
"""Nothing is drawn, nobody differs, nothing is learnt, and effort brings nothing: a case switches on what it is
about."""

HAIRLINE = 1e-12
"""Share of value added of a firm that only sells on: it is there, and counts for nothing."""


def quiet(*parts: Table, **more: Any) -> Scenario:
    """A scenario from what a case switches on over `QUIET`, table by table."""
    data: dict[str, Any] = {name: value for name, value in QUIET.items()}
    for part in (*parts, more):
        for name, value in part.items():
            old = data.get(name)
            merges = isinstance(old, Mapping) and isinstance(value, Mapping) and "kind" not in value
            data[name] = {**old, **value} if merges else value  # type: ignore[dict-item]
    return load_data(data, place="case")


def star(revenues: Sequence[float], price: float | None = None, **firms: Sequence[float]) -> Table:
    """A network of one seller to the market and suppliers f1, f2, ... of these revenues a month, all of equal standing;
    the seller (`seller`) adds next to nothing to the product. price: what it sells for in a month, twice what it buys
    for if not given. firms: further columns of the suppliers."""
    rows: list[dict[str, Any]] = [
        {"id": f"f{n + 1}", "role": "supplier", "price": revenue, **{name: x[n] for name, x in firms.items()}}
        for n, revenue in enumerate(revenues)
    ]
    seller = {"id": "seller", "role": "manufacturer", "price": price or 2.0 * sum(revenues), "demand": 1.0}
    links = [
        {"supplier": row["id"], "customer": "seller", "input_group": row["id"], "units_per_unit": 1.0} for row in rows
    ]
    return {
        "kind": "listed",
        "firms": [seller | {"value_added_share": HAIRLINE, "intensity_factor": 0.0}, *rows],
        "links": links,
    }


def line(revenues: Sequence[float]) -> Table:
    """A network in which f1 sells to the market, f2 supplies f1, f3 supplies f2, ...; revenues a month, falling."""
    rows: list[dict[str, Any]] = [
        {"id": f"f{n + 1}", "role": "supplier" if n else "manufacturer", "price": revenue, "demand": 0.0 if n else 1.0}
        for n, revenue in enumerate(revenues)
    ]
    links = [{"supplier": f"f{n + 1}", "customer": f"f{n}", "units_per_unit": 1.0} for n in range(1, len(revenues))]
    return {"kind": "listed", "firms": rows, "links": links}


class Settled:
    """A scenario after its months, one world: efforts, books and tonnes by firm."""

    def __init__(self, scenario: Scenario, *, seed: int = 1, abatement: Mapping[str, float] | None = None) -> None:
        """abatement: efforts that firms are made to take, by identifier, in the place of deciding."""
        self.p: Programme = programme_of(scenario, seed, [0])
        world = opening(self.p)
        self.bills: list[Array] = []
        decided = None if abatement is None else lambda world: world.but(abatement=self.row(abatement))
        for t in range(scenario.months):
            world = month(world, self.p, decided)
            world.ledger.check(t)
            self.bills.append(-self._booked(world, "effort"))
        self.world: World = world

    def row(self, of_firm: Mapping[str, float]) -> Array:
        """Values by identifier as an array (world, firm); 0 for firms not named."""
        values = np.zeros(self.p.shape)
        for name, value in of_firm.items():
            values[0, self.p.network.index(name)] = value
        return values

    def of(self, array: Array, firm: str) -> float:
        """One firm's value."""
        return float(array[0, self.p.network.index(firm)])

    def quality(self, firm: str) -> float:
        """A firm's quality effort."""
        return self.of(self.world.quality, firm)

    def abated(self, firm: str) -> float:
        """Tonnes that a firm avoids in the last month."""
        return self.of(self.world.gross - self.world.emissions, firm)

    def booked(self, *names: str) -> Array:
        """What each firm received less what it paid under these names in the last month, (world, firm)."""
        return sum((self._booked(self.world, name) for name in names), np.zeros(self.p.shape))

    def _booked(self, world: World, name: str) -> Array:
        return world.ledger.firm.get(name, np.zeros(self.p.shape))
