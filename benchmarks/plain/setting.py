"""What stands before the first month of the plain Mesa model: firms, links, chains, whom rules are for, and draws."""

from __future__ import annotations

import math
from typing import Any

import mesa

from benchmarks.plain import relations
from benchmarks.plain.agents import Carrier, Firm, Manufacturer, Supplier
from benchmarks.plain.chains import Chain, Link, set_orders
from benchmarks.plain.instruments import Instrument
from benchmarks.plain.regulators import Regulator
from benchmarks.plain.rewards import INSTRUMENTS
from benchmarks.plain.sharing import Terms, matching
from sim.draws import Draws, slots
from sim.network.network import Network
from sim.scenario.schema import Scenario

ROLES: tuple[type[Firm], ...] = (Supplier, Manufacturer, Carrier)
"""Classes by the network's role codes."""


class PlainSetting(mesa.Model):
    """Firms, who supplies whom, the rules and whom they are for."""

    scenario: Any = None  # ours, not the record that later versions of Mesa keep under this name

    def __init__(self, scenario: Scenario, seed: int = 1, replication: int = 0) -> None:
        super().__init__(rng=seed)
        self.scenario = scenario
        self.technology, self.market = scenario.technology, scenario.market
        self.quality, self.logistics, self.risk = scenario.quality, scenario.logistics, scenario.risk
        self.assessment, self.information = scenario.assessment, scenario.information
        self.month = 0
        self.certain = False
        self.public_receipts: list[float] = []
        self.penalties = 0.0
        self.in_force: list[Instrument] = []
        self.benefit_rule = self.cost_rule = self.risk_rule = None
        network = scenario.build_network()
        self.draws = Draws(seed, [replication], slots(network.ids))
        self._drawn: dict[str, Any] = {}
        self._build_firms(network)
        self._build_links(network)
        self.score_weights = tuple(scenario.relations.weights.each)
        self.levels = relations.levels_of(self.firms, self.links)
        self.chains = [Chain(self, firm) for firm in self.firms if firm.usual_demand > 0]
        for chain in self.chains:
            chain.gather()
        self._write_terms()
        self.cooperation = any(rule.kind == "cooperative" for rule in scenario.behaviours)
        self.instruments: list[Instrument] = [INSTRUMENTS[rule.kind](rule, self) for rule in scenario.incentives]
        self._acquaint()
        self._assign_behaviours()

    # --- setting up ------------------------------------------------------------------------------------

    def _build_firms(self, network: Network) -> None:
        columns = {name: column.tolist() for name, column in network.firms.items()}
        self.firms: list[Firm] = []
        for number, name in enumerate(network.ids):
            data = {key: column[number] for key, column in columns.items()} | {"id": name}
            self.firms.append(ROLES[data["role"]](self, number, data))
        regions = sorted({firm.region for firm in self.firms})
        for region in regions:
            Regulator(self, region, [firm for firm in self.firms if firm.region == region])
        # The sets that act in the phases; an agent set keeps its order.
        self.all_firms = self.agents.select(lambda agent: isinstance(agent, Firm))
        self.carriers = self.agents.select(agent_type=Carrier)
        self.regulators = self.agents.select(agent_type=Regulator)

    def _build_links(self, network: Network) -> None:
        columns = {name: column.tolist() for name, column in network.links.items()}
        ends = zip(network.supplier.tolist(), network.customer.tolist(), network.carrier.tolist(), strict=True)
        self.links: list[Link] = []
        for n, (supplier, customer, carrier) in enumerate(ends):
            buyer, seller = self.firms[customer], self.firms[supplier]
            link = Link(
                supplier=seller,
                customer=buyer,
                carrier=self.firms[carrier],
                group=columns["group"][n],
                units_per_unit=columns["units_per_unit"][n],
                contract_share=columns["order_share"][n],
                order_share=columns["order_share"][n],
                distance_km=columns["distance_km"][n],
                recognised=True,
                trust=self.quality.trust,
                input=str(columns["input_group"][n]),
            )
            link.recognised = self.recognises(link)
            self.links.append(link)
            seller.sells.append(link)
            buyer.buys.append(link)
            link.carrier.hauls.append(link)
        groups: dict[int, list[Link]] = {}
        for link in self.links:
            link.rivals = groups.setdefault(link.group, [])
            link.rivals.append(link)

    def recognises(self, link: Link) -> bool:
        """Whether the customer accepts the supplier's certificates."""
        return self.information.unified_standard or link.supplier.region == link.customer.region

    def _write_terms(self) -> None:
        """Whom the rules are for."""
        scenario = self.scenario
        self.phases = [(phase, matching(self.firms, phase.enrols, self)) for phase in scenario.phases]
        self.data_sharers = matching(self.firms, self.information.applies_to, self)
        self.cost_terms = Terms(scenario.cost_sharing.applies_to, self)
        self.benefit_terms = Terms(scenario.benefit_sharing.applies_to, self)
        self.risk_terms = Terms(scenario.risk_sharing.applies_to, self)
        self.audit_terms = Terms(scenario.regulator.applies_to, self)

    def follow_links(self, successors: set[Firm]) -> None:
        """What changes when some links have other suppliers; these and all upstream of them build the capacity for the
        custom they gain."""
        for firm in self.firms:
            firm.sells, firm.places = [], []
        for link in self.links:
            link.supplier.sells.append(link)
        for chain in self.chains:
            chain.gather()
        self._write_terms()
        for instrument in self.instruments:
            instrument.terms = Terms(instrument.rule.applies_to, self)
        self._acquaint()
        relations.compare_prices(self)
        set_orders(self.links, self.chains, self.firms)
        building = set(successors)
        while more := {link.supplier for link in self.links if link.customer in building} - building:
            building |= more
        for firm, tonnes in self._usual_volumes().items():
            if firm in building:
                firm.capacity = max(firm.capacity, tonnes * firm.capacity_ratio)

    def _usual_volumes(self) -> dict[Firm, float]:
        """Tonnes a month each firm makes while products sell their usual demand."""
        volumes = dict.fromkeys(self.firms, 0.0)
        for chain in self.chains:
            for firm, tonnes in chain.rest_volumes().items():
                volumes[firm] += tonnes
        return volumes

    def _acquaint(self) -> None:
        """Partners are the other ends of a firm's links; peers the firms of its role that are in some chain."""
        for firm in self.firms:
            firm.partners = [link.customer for link in firm.sells] + [link.supplier for link in firm.buys]
            peers = [other for other in self.firms if other.role == firm.role and other.places]
            firm.peers = peers if firm.places else []

    def _assign_behaviours(self) -> None:
        """Each firm's draw against the cumulated shares of its role's behaviours."""
        luck = self.uniform("behaviour")
        for firm in self.firms:
            below = 0.0
            for behaviour in self.scenario.behaviours:
                if behaviour.role in (None, firm.role):
                    below += behaviour.share
                    firm.behaviour = behaviour
                    if luck[firm.number] < below:
                        break

    # --- draws and rules in force ----------------------------------------------------------------------

    def uniform(self, stream: str) -> list[float]:
        """This month's uniform draws of a stream, one for each firm."""
        if stream not in self._drawn:
            self._drawn[stream] = self.draws.uniform(stream, self.month)[0].tolist()
        return self._drawn[stream]

    def normals(self, stream: str) -> tuple[list[float], list[float]]:
        """This month's pairs of standard normal draws of a stream."""
        if stream not in self._drawn:
            first, second = self.draws.normals(stream, self.month)
            self._drawn[stream] = (first[0].tolist(), second[0].tolist())
        return self._drawn[stream]

    def logistic_draws(self, stream: str) -> list[float]:
        """This month's standard logistic draws of a stream."""
        if stream not in self._drawn:
            self._drawn[stream] = self.draws.logistic(stream, self.month)[0].tolist()
        return self._drawn[stream]

    def draw_of_region(self, region: str, stream: str) -> float:
        """This month's uniform draw of a region."""
        return float(self.draws.uniform_of(region, stream, self.month)[0, 0])

    def active(self, rule: Any) -> bool:
        """Whether a mechanism applies this month."""
        return rule.starts <= self.month and (rule.ends is None or self.month < rule.ends)

    def powered(self, green_quality: float) -> float:
        """theta^r, the summand of the chain index; ln theta for r = 0."""
        r = self.market.weakest_link
        if r == 1.0:
            return green_quality
        floored = max(green_quality, 0.0 if r > 0 else 1e-6)
        return math.log(floored) if r == 0.0 else floored**r

    def rooted(self, total: float) -> float:
        """(sum W theta^r)^(1/r), the mean for r = 1; for r = 0 its limit, the geometric mean exp(sum W ln theta)."""
        r = self.market.weakest_link
        if r == 1.0:
            return total
        return math.exp(total) if r == 0.0 else total ** (1.0 / r)
