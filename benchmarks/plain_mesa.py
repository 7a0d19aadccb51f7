"""The model of this laboratory as an ordinary Mesa tutorial would write it: an independent check, and a slow one.

One object for each firm, plain Python numbers, one method for each phase of the month. It shares with the
laboratory the scenario files, the built network and the random draws, and nothing of the rules: every formula
is written here a second time. On the same draws both must agree; `tests/test_plain_mesa.py` holds them to it,
and `benchmarks/speed.py` measures one against the other.

It knows the mechanisms of the shipped scenarios: information `none`, `bilateral`, `platform`; cost sharing
`none`, `equal`, `sponsor`; benefit sharing `retain`, `value_added`, `contribution`; regulator `none`, `fixed`;
the incentives of `plain_instruments.INSTRUMENTS`; behaviours `gradient`, `conditional`, `imitate`, `fixed` and
`cooperative`.
"""

from __future__ import annotations

import math
from typing import Any

import mesa

from benchmarks.plain_agents import Acts, Carrier, Firm, Manufacturer, Regulator, Supplier, unit
from benchmarks.plain_chains import Chain, Link, set_orders
from benchmarks.plain_instruments import BENEFIT_RULES, COST_RULES, INSTRUMENTS, Instrument, Terms, matching
from benchmarks.plain_outcomes import outcomes_of
from sim.draws import Draws, slots
from sim.network.network import Network
from sim.scenario.schema import Scenario

ROLES: tuple[type[Firm], ...] = (Supplier, Manufacturer, Carrier)
"""Classes by the network's role codes."""

NO_EFFORT = 1e-6
"""A first best of no more green quality than this leaves no gap."""

AT_REST = 1e-15
"""Relative change below which defects and failure costs count as settled before the first month."""


class PlainModel(mesa.Model):
    """One world. `step` is a month; `history` holds its outcomes, a dictionary for each month."""

    scenario: Any = None  # ours, not the record that later versions of Mesa keep under this name

    def __init__(self, scenario: Scenario, seed: int = 1, replication: int = 0) -> None:
        super().__init__(rng=seed)
        self.scenario = scenario
        self.technology, self.market = scenario.technology, scenario.market
        self.quality, self.logistics, self.risk = scenario.quality, scenario.logistics, scenario.risk
        self.assessment, self.information = scenario.assessment, scenario.information
        self.month = 0
        self.certain = False
        self.history: list[dict[str, float]] = []
        self.public_receipts: list[float] = []
        network = scenario.build_network()
        self.draws = Draws(seed, [replication], slots(network.ids))
        self._drawn: dict[str, Any] = {}
        self._build_firms(network)
        self._build_links(network)
        self.chains = [Chain(self, firm) for firm in self.firms if firm.usual_demand > 0]
        self.phases = [(phase, matching(self.firms, phase.enrols, self)) for phase in scenario.phases]
        self.data_sharers = matching(self.firms, self.information.applies_to, self)
        self.cost_terms = Terms(scenario.cost_sharing.applies_to, self)
        self.benefit_terms = Terms(scenario.benefit_sharing.applies_to, self)
        self.audit_terms = Terms(scenario.regulator.applies_to, self)
        self.cooperation = any(rule.kind == "cooperative" for rule in scenario.behaviours)
        self.instruments: list[Instrument] = [INSTRUMENTS[rule.kind](rule, self) for rule in scenario.incentives]
        self.running: list[Instrument] = []
        self._acquaint()
        self._assign_behaviours()
        self._come_to_rest()
        self._warm_up()

    # --- setting up ------------------------------------------------------------------------------------

    def _build_firms(self, network: Network) -> None:
        columns = {name: column.tolist() for name, column in network.firms.items()}
        self.firms: list[Firm] = []
        for number, name in enumerate(network.ids):
            data = {key: column[number] for key, column in columns.items()} | {"id": name}
            self.firms.append(ROLES[data["role"]](self, number, data))
        regions = sorted({firm.region for firm in self.firms})
        for region in regions:
            Regulator(self, [firm for firm in self.firms if firm.region == region])
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
                recognised=self.information.unified_standard or seller.region == buyer.region,
                trust=self.quality.trust,
            )
            self.links.append(link)
            seller.sells.append(link)
            buyer.buys.append(link)
            link.carrier.hauls.append(link)

    def _acquaint(self) -> None:
        """Partners are the other ends of a firm's links; peers the firms of its role that are in some chain."""
        for firm in self.firms:
            firm.partners = [link.customer for link in firm.sells] + [link.supplier for link in firm.buys]
            if firm.places:
                firm.peers = [other for other in self.firms if other.role == firm.role and other.places]

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

    def _come_to_rest(self) -> None:
        """The month before the first: efforts where firms rest alone, trade as if it had long been so."""
        start = self.scenario.start
        quality_z, abatement_z = self.normals("start")
        disclosure_z = self.normals("start/disclosure")[0]
        for firm in self.firms:
            i = firm.number
            firm.acts = Acts(
                unit(start.quality + start.spread * quality_z[i]),
                unit(start.abatement + start.spread * abatement_z[i]),
                unit(start.disclosure + start.spread * disclosure_z[i]),
            )
            firm.equip()
            firm.baseline_abatement = firm.acts.abatement
            firm.rating = firm.green_quality(firm.acts)
        set_orders(self.links, self.chains, self.firms)
        for chain in self.chains:
            for firm, tonnes in chain.rest_volumes().items():
                firm.volume += tonnes
        for firm in self.firms:
            firm.capacity = firm.volume * firm.capacity_ratio
        self._produce()
        self._ship()
        self._settle_defects()

    def _settle_defects(self) -> None:
        """Let defects go down the chain and failure costs up until nothing changes."""
        while True:
            before = [(firm.accepted, firm.damage, firm.liability) for firm in self.firms]
            self._inspect()
            for firm in self.firms:
                firm.outgoing = firm.outgoing_at(firm.acts)
            after = [(firm.accepted, firm.damage, firm.liability) for firm in self.firms]
            pairs = (pair for old, new in zip(before, after, strict=True) for pair in zip(old, new, strict=True))
            if all(abs(x - y) <= AT_REST * abs(y) for x, y in pairs):
                break

    def _warm_up(self) -> None:
        """Months in which nothing acts yet; where they leave the firms is the baseline of subsidies."""
        for month in range(-self.scenario.start.warmup, 0):
            self.month = month
            self._live_a_month()
        self.month = 0
        for firm in self.firms:
            firm.baseline_abatement = firm.acts.abatement

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

    def active(self, rule: Any) -> bool:
        """Whether a mechanism applies this month."""
        return rule.starts <= self.month and (rule.ends is None or self.month < rule.ends)

    def audit_rate(self, firm: Firm) -> float:
        """Probability that a firm is audited this month; one that does no business is not there to be audited."""
        regulator = self.scenario.regulator
        if regulator.kind == "none" or not self.active(regulator) or firm.revenue <= 0:
            return 0.0
        return regulator.rate if self.audit_terms.admit(firm) else 0.0

    def powered(self, green_quality: float) -> float:
        """theta^r, the summand of the chain index; ln theta for r = 0."""
        r = self.market.weakest_link
        if r == 1.0:
            return green_quality
        floored = max(green_quality, 1e-6)
        return math.log(floored) if r == 0.0 else floored**r

    def rooted(self, total: float) -> float:
        """(sum W theta^r)^(1/r), the mean for r = 1; for r = 0 its limit, the geometric mean exp(sum W ln theta)."""
        r = self.market.weakest_link
        if r == 1.0:
            return total
        return math.exp(total) if r == 0.0 else total ** (1.0 / r)

    # --- the month -----------------------------------------------------------------------------------------

    def step(self) -> None:
        """A month, with its outcomes taken down."""
        self._live_a_month()
        self.history.append(outcomes_of(self))
        self.month += 1

    def release(self) -> None:
        """Let go of the agents, which Mesa 3.3 otherwise keeps alive with the model."""
        self.remove_all_agents()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def _live_a_month(self) -> None:
        """The phases in order; every firm finishes one before any begins the next."""
        self._drawn.clear()
        self._adopt_rules()
        self.all_firms.do("suffer_shocks")
        self.all_firms.do("enrol")
        self.all_firms.do("observe")
        self._survey_chains()
        self.all_firms.do("decide")
        self.all_firms.do("act")
        self._produce()
        self._ship()
        self._inspect()
        self.regulators.do("inspect_firms")
        self._settle()
        self.all_firms.do("learn")
        if (self.month + 1) % self.scenario.relations.review_every == 0:
            self._review()

    def _adopt_rules(self) -> None:
        """The mechanisms that apply this month."""
        self.certain = False
        benefit, cost = self.scenario.benefit_sharing, self.scenario.cost_sharing
        self.benefit_rule = BENEFIT_RULES[benefit.kind]() if self._shares(benefit, BENEFIT_RULES) else None
        self.excludability = benefit.excludability
        self.cost_rule = COST_RULES[cost.kind](cost) if self._shares(cost, COST_RULES) else None
        self.running = [instrument for instrument in self.instruments if instrument.in_force(self.month)]

    def _shares(self, rule: Any, rules: dict[str, Any]) -> bool:
        return rule.kind in rules and self.active(rule)

    def _survey_chains(self) -> None:
        for chain in self.chains:
            chain.survey()

    def _produce(self) -> None:
        self.all_firms.do("take_orders")
        self.all_firms.do("produce")

    def _ship(self) -> None:
        self.carriers.do("haul")

    def _inspect(self) -> None:
        self.all_firms.do("inspect_deliveries")
        self.all_firms.do("accept")
        self.all_firms.do("trace_failures")
        self.all_firms.do("take_blame")

    def _settle(self) -> None:
        """All payments; the regulators' receipts are kept payment by payment, negative where they pay."""
        self.certain = True
        self.public_receipts = [-self.scenario.regulator.audit_cost * sum(r.audits for r in self.regulators)]
        self.all_firms.do("come_to_light")
        self._survey_chains()
        for instrument in self.instruments:
            instrument.settle(self.month)
        self.all_firms.do("settle")
        for chain in self.chains:
            chain.index = self.rooted(chain.total)

    def _review(self) -> None:
        """Customers weigh their suppliers anew, judging them with a fresh error."""
        errors = self.logistic_draws("review")
        for firm in self.firms:
            firm.measurement_error = errors[firm.number]
        self.all_firms.do("review_suppliers")
        set_orders(self.links, self.chains, self.firms)


def run_plain(scenario: Scenario, seed: int = 1, replication: int = 0) -> dict[str, list[float]]:
    """Monthly series of every outcome of one world, with its first best (the same world, every firm cooperative,
    neither cost nor premium shared) and the effort gap to it."""
    series = _run(scenario, seed, replication)
    best = _run(scenario.first_best(), seed, replication)["green_quality"]
    pairs = zip(series["green_quality"], best, strict=True)
    series["effort_gap"] = [1.0 - own / first if first > NO_EFFORT else 0.0 for own, first in pairs]
    series["first_best_quality"] = best
    return series


def _run(scenario: Scenario, seed: int, replication: int) -> dict[str, list[float]]:
    model = PlainModel(scenario, seed, replication)
    for _ in range(scenario.months):
        model.step()
    model.release()
    return {name: [month[name] for month in model.history] for name in model.history[0]}
