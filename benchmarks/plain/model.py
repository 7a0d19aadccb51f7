"""The model of this laboratory as an ordinary Mesa tutorial would write it: an independent check, and a slow one.

One object for each firm, plain Python numbers, one method for each phase of the month. It shares with the
laboratory the scenario files, the built network and the random draws, and nothing of the rules: every formula
is written here a second time. On the same draws both must agree; `tests/test_plain_mesa.py` holds them to it,
and `benchmarks/speed.py` measures one against the other.

It knows the mechanisms of the shipped scenarios and some more, of every family: information `none`, `bilateral`,
`platform`; cost sharing `none`, `equal`, `sponsor`; benefit sharing `retain`, `value_added`, `contribution`; risk
sharing `none`, `mutual_pool`; regulator `none`, `fixed`, `risk_based`; the incentives of `rewards.INSTRUMENTS`;
behaviours `gradient`, `conditional`, `imitate`, `reinforce`, `fixed` and `cooperative`, all at once; and the sections
that have no kinds.
"""

from __future__ import annotations

from typing import Any

import mesa

from benchmarks.plain import (
    behaviours,
    books,
    freight,
    information,
    markets,
    payoffs,
    quality,
    relations,
    risk,
    trade,
)
from benchmarks.plain.agents import Acts, unit
from benchmarks.plain.chains import set_orders
from benchmarks.plain.outcomes import outcomes_of, worth_of_incentives
from benchmarks.plain.setting import PlainSetting
from benchmarks.plain.sharing import BENEFIT_RULES, COST_RULES, RISK_RULES
from sim.scenario.schema import Scenario

NO_EFFORT = 1e-6
"""A first best of no more green quality than this leaves no gap."""

AT_REST = 1e-15
"""Relative change below which defects and failure costs count as settled before the first month."""


class PlainModel(PlainSetting):
    """One world. `step` is a month; `history` holds its outcomes, a dictionary for each month."""

    def __init__(self, scenario: Scenario, seed: int = 1, replication: int = 0) -> None:
        super().__init__(scenario, seed, replication)
        self.history: list[dict[str, float]] = []
        self._come_to_rest()
        self._warm_up()

    # --- before the first month ------------------------------------------------------------------------

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
            information.draw_overclaim(firm)
        set_orders(self.links, self.chains, self.firms)
        for firm, tonnes in self._usual_volumes().items():
            firm.volume, firm.capacity = tonnes, tonnes * firm.capacity_ratio
        self._produce()
        self._ship()
        self._settle_defects()
        relations.compare_prices(self)
        relations.meet(self)

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
        self._befall()
        self._observe()
        self.all_firms.do(payoffs.choose_membership)
        self.all_firms.do(payoffs.hear)
        self.carriers.do(freight.renew_fleet)
        self.all_firms.do(behaviours.decide)
        self.all_firms.do(behaviours.act)
        self._produce()
        self._ship()
        self.all_firms.do(information.verify_report)
        self._inspect()
        self.regulators.do("inspect_firms")
        self._settle()
        self.all_firms.do(books.learn)
        if relations.scored(self):
            relations.assess(self)
            relations.move_on(self)
        if (self.month + 1) % self.scenario.relations.review_every == 0:
            self._review()

    def _adopt_rules(self) -> None:
        """The mechanisms that apply this month."""
        self.certain = False
        scenario = self.scenario
        self.benefit_rule = self._rule(scenario.benefit_sharing, BENEFIT_RULES)
        self.excludability = scenario.benefit_sharing.excludability
        self.cost_rule = self._rule(scenario.cost_sharing, COST_RULES)
        self.risk_rule = self._rule(scenario.risk_sharing, RISK_RULES)
        self.in_force = [instrument for instrument in self.instruments if instrument.in_force(self.month)]

    def _rule(self, rule: Any, rules: dict[str, Any]) -> Any:
        return rules[rule.kind](rule) if rule.kind in rules and self.active(rule) else None

    def _befall(self) -> None:
        """Disruptions and demand, by what firms told last month; then who takes part, and whose data are shared."""
        self.all_firms.do(risk.suffer_shocks)
        self.regulators.do("suspend_policy")
        self.all_firms.do(markets.meet_demand)
        self.all_firms.do(payoffs.enrol)
        self.all_firms.do(information.share_data)

    def _observe(self) -> None:
        self.regulators.do("plan_audits")
        self.all_firms.do(information.observe)
        for instrument in self.in_force:
            instrument.survey()
        if relations.scored(self):
            relations.survey_groups(self)
        self._survey_chains()

    def _survey_chains(self) -> None:
        for chain in self.chains:
            chain.survey()

    def _produce(self) -> None:
        self.carriers.do(freight.relieve)
        self.carriers.do(freight.plan_rides)
        self.all_firms.do(trade.take_orders)
        self.all_firms.do(trade.produce)

    def _ship(self) -> None:
        self.carriers.do(freight.load_lorries)
        self.carriers.do(freight.haul)

    def _inspect(self) -> None:
        self.all_firms.do(quality.inspect_deliveries)
        self.all_firms.do(quality.accept)
        self.all_firms.do(quality.trace_failures)
        self.all_firms.do(quality.take_blame)

    def _settle(self) -> None:
        """All payments; the regulators' receipts are kept payment by payment, negative where they pay."""
        self.certain, self.penalties = True, 0.0
        self.public_receipts = [-self.scenario.regulator.audit_cost * sum(r.audits for r in self.regulators)]
        self.all_firms.do(books.come_to_light)
        self._survey_chains()
        for instrument in self.instruments:
            instrument.settle(self.month)
        self.regulators.do("remember")
        self.all_firms.do(books.settle)
        self.public_receipts.append(self.penalties)
        for chain in self.chains:
            chain.index = self.rooted(chain.total)

    def _review(self) -> None:
        """Customers weigh their suppliers anew, judging them with a fresh error."""
        errors = self.logistic_draws("review")
        for firm in self.firms:
            firm.measurement_error = errors[firm.number]
        self.all_firms.do(trade.review_suppliers)
        relations.warn(self)
        set_orders(self.links, self.chains, self.firms)


def run_plain(scenario: Scenario, seed: int = 1, replication: int = 0) -> dict[str, list[float]]:
    """Monthly series of every outcome of one world, with its first best (the same world, every firm cooperative,
    neither cost, premium nor risk shared) and the effort gap to it; if asked for, beside the same world without its
    incentives."""
    series = _run(scenario, seed, replication)
    best = _run(scenario.first_best(), seed, replication)["green_quality"]
    pairs = zip(series["green_quality"], best, strict=True)
    series["effort_gap"] = [1.0 - own / first if first > NO_EFFORT else 0.0 for own, first in pairs]
    series["first_best_quality"] = best
    return series


def _run(scenario: Scenario, seed: int, replication: int) -> dict[str, list[float]]:
    model = PlainModel(scenario, seed, replication)
    anyway = PlainModel(scenario.without_incentives(), seed, replication) if scenario.assessed_against_none else None
    for _ in range(scenario.months):
        model.step()
        if anyway is not None:
            anyway.step()
            model.history[-1] |= worth_of_incentives(model, anyway)
    for each in (model, anyway):
        if each is not None:
            each.release()
    return {name: [month[name] for month in model.history] for name in model.history[0]}
