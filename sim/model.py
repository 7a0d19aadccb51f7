"""One world as an ordinary Mesa model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mesa
import networkx
import numpy as np

from sim import phases
from sim.agents import Firm, LogisticsFirm, Manufacturer, Regulator, Supplier
from sim.beginning import opening
from sim.errors import UsageError, unknown
from sim.outcomes.base import outcomes
from sim.programme import programme_of
from sim.scenario.files import load_scenario
from sim.scenario.schema import Scenario
from sim.world import World

ROLE_CLASSES: dict[str, type[Firm]] = {
    "supplier": Supplier,
    "manufacturer": Manufacturer,
    "logistics": LogisticsFirm,
}
"""The agent class of each role, unless `agent_classes` names another."""


class SupplyChainModel(mesa.Model):
    """A supply chain under a scenario, one month a step.

    scenario: a Scenario, or the name or path of one. rng: seed (a whole number) or numpy Generator. With a
    whole number, the model is replication `replication` of `sim.run(scenario, seed=rng)`, bit for bit.
    agent_classes: a subclass of Supplier, Manufacturer or LogisticsFirm for a role; a `decide` of its own
    is obeyed for its firms, all others decide by the scenario's behaviours. agent_reporters: attributes of
    firms that the data collector keeps each month (`["quality", "profit"]`); none by default.

    `agents`, `agents_by_type` and `datacollector` are Mesa's; `graph` is the supply network (networkx);
    it changes when suppliers are replaced; `month` counts finished months. Raises UsageError for an unknown role or
    class.
    """

    # Our scenario, not the record that later versions of Mesa keep under this name as a property.
    scenario: Scenario = None  # type: ignore[assignment]

    def __init__(
        self,
        scenario: Scenario | str | Path,
        rng: int | np.random.Generator | None = None,
        *,
        replication: int = 0,
        agent_classes: Mapping[str, type[Firm]] | None = None,
        agent_reporters: Sequence[str] = (),
    ) -> None:
        seed = _seed(rng)
        super().__init__(rng=rng if isinstance(rng, np.random.Generator) else seed)
        self.scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        self.programme = programme_of(self.scenario, seed, [replication])
        self.network = self.programme.network
        self.world: World = opening(self.programme)
        self.regions = self.programme.traits.regions
        self.region_rows = self.programme.traits.region
        self.firms = self._make_firms(agent_classes or {})
        self.regulators = [Regulator(self, row) for row in range(len(self.regions))]
        self._deciding = [f for f in self.firms if type(f).decide is not Firm.decide]
        self.datacollector = mesa.DataCollector(
            model_reporters={name: _reporter(name) for name in self._series()},
            agenttype_reporters={cls: {name: name for name in agent_reporters} for cls in {type(f) for f in self.firms}}
            if agent_reporters
            else None,
        )
        self.running = True

    def step(self) -> None:
        """Simulate one month and collect its data; `running` ends with the scenario's months."""
        self.world = phases.month(self.world, self.programme, self._own_decisions if self._deciding else None)
        self.world.ledger.check(self.world.month - 1)
        self._outcomes = None
        self.datacollector.collect(self)
        self.running = self.month < self.scenario.months

    @property
    def graph(self) -> networkx.MultiDiGraph | networkx.DiGraph:
        """Who supplies whom this month, as a networkx graph with an edge from supplier to customer."""
        links = self.world.links
        return links.once("graph", lambda: self.network.supplied_by(links.supplier, links.distance_km).graph())

    @property
    def month(self) -> int:
        """Months finished."""
        return self.world.month

    @property
    def outcomes(self) -> dict[str, float]:
        """The outcomes of the last month by series name; those that need a second world are left out."""
        if self.month == 0:
            raise UsageError("outcomes: no month has been simulated yet; call step() first")
        if self._outcomes is None:
            self._outcomes = {
                name: float(value[0])
                for outcome in outcomes().values()
                for name, value in outcome.series(self.world, self.programme).items()
            }
        return self._outcomes

    _outcomes: dict[str, float] | None = None

    def firms_at(self, rows: np.ndarray) -> list[Firm]:
        """The firms at these rows, each once, in order of rows."""
        return [self.firms[row] for row in np.unique(rows).tolist()]

    def firm(self, firm_id: str) -> Firm:
        """A firm by its identifier."""
        return self.firms[self.network.index(firm_id)]

    def set_row(self, name: str, row: int, value: float) -> None:
        """Write one firm's value of a state array."""
        array = getattr(self.world, name).copy()
        array[0, row] = value
        self.world = self.world.but(**{name: array})

    def release(self) -> None:
        """Let go of the agents, which Mesa 3.3 otherwise keeps alive with the model after its last use."""
        self.remove_all_agents()
        mesa.Agent._ids.pop(self, None) if hasattr(mesa.Agent, "_ids") else None

    def _own_decisions(self, world: World) -> World:
        self.world = world
        for firm in self._deciding:
            firm.decide()
        return self.world

    def _make_firms(self, classes: Mapping[str, type[Firm]]) -> list[Firm]:
        chosen = dict(ROLE_CLASSES)
        for role, cls in classes.items():
            if role not in chosen:
                raise UsageError(f"agent_classes: {unknown('role', role, chosen)}")
            if not (isinstance(cls, type) and issubclass(cls, chosen[role])):
                raise UsageError(
                    f"agent_classes[{role!r}]: given {cls!r}, allowed is a subclass of {chosen[role].__name__}"
                )
            chosen[role] = cls
        roles = list(ROLE_CLASSES)
        return [chosen[roles[code]](self, row) for row, code in enumerate(self.network.firms["role"].tolist())]

    def _series(self) -> list[str]:
        """Names of the series that every month has, found on a month that is thrown away."""
        month = phases.month(self.world, self.programme)
        return [name for outcome in outcomes().values() for name in outcome.series(month, self.programme)]


def _reporter(name: str) -> Any:
    return lambda model: model.outcomes[name]


def _seed(rng: int | np.random.Generator | None) -> int:
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**63))
    if rng is None:
        return int(np.random.default_rng().integers(2**63))
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)) or rng < 0:
        raise UsageError(f"rng: given {rng!r}, allowed is a whole number of at least 0 or a numpy Generator")
    return int(rng)
