"""The regulators of the plain Mesa model: whom they audit, what they remember, how firms are rated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from benchmarks.plain.agents import unit
from benchmarks.plain.information import refresh_rating
from benchmarks.plain.instruments import breach_of

if TYPE_CHECKING:
    from benchmarks.plain.agents import Firm
    from benchmarks.plain.model import PlainModel

NEXT_TO_NOTHING = 1e-12
"""Part of the audits, of an even share, for firms for whose audit nothing speaks."""


NEARLY = 1e-6
"""Chances that sum to a whole number but for this are meant to."""


class Regulator(mesa.Agent):
    """The regulator of a region: audits firms and rates those it audits."""

    def __init__(self, model: PlainModel, region: str, firms: list[Firm]) -> None:
        super().__init__(model)
        self.region = region
        self.model: PlainModel = model
        self.firms = firms
        self.audits = 0
        self.policy_left = 0.0
        self.records: dict[Firm, float] = dict.fromkeys(firms, 0.0)

    def suspend_policy(self) -> None:
        """Public policy is interrupted, or still is."""
        risk = self.model.risk
        if risk.policy_shock_rate == 0:
            return
        luck = self.model.draw_of_region(self.region, "policy-shock")
        struck = self.policy_left <= 0 and luck < risk.policy_shock_rate
        self.policy_left = risk.policy_shock_months if struck else max(self.policy_left - 1.0, 0.0)
        for firm in self.firms:
            firm.in_force = 1.0 - risk.policy_shock_depth * min(self.policy_left, 1.0)

    def plan_audits(self) -> None:
        """The chance of every firm to be audited this month."""
        rule = self.model.scenario.regulator
        for firm in self.firms:
            firm.audit = 0.0
        if rule.kind == "none" or not self.model.active(rule):
            return
        fit = {firm: self.factor(firm) for firm in self.firms if self.may_audit(firm)}
        if rule.kind == "fixed":
            for firm, factor in fit.items():
                firm.audit = min(rule.rate * factor, 1.0)
        elif fit:
            for firm, chance in chances(self.weights(fit), rule.capacity).items():
                firm.audit = chance

    def may_audit(self, firm: Firm) -> bool:
        """A firm that does no business is not there to be audited."""
        return firm.revenue > 0 and self.model.audit_terms.admit(firm, firm.member)

    def factor(self, firm: Firm) -> float:
        """What the incentives in force do to the chance."""
        return math.prod(instrument.audit_factor(firm) for instrument in self.model.in_force)

    def weights(self, fit: dict[Firm, float]) -> dict[Firm, float]:
        """Each firm's part of the audits: one part is the same for all, the other follows a score of poor ratings and
        breaches found."""
        rule = self.model.scenario.regulator
        score = {
            firm: factor * ((1.0 - rule.breach_weight) * (1.0 - firm.rating) + rule.breach_weight * self.records[firm])
            for firm, factor in fit.items()
        }
        all_fit, all_scores = sum(fit.values()), sum(score.values())
        weights = {}
        for firm, factor in fit.items():
            even = factor / all_fit
            scored = score[firm] / all_scores if all_scores > 0 else even
            weights[firm] = rule.random_share * even + (1.0 - rule.random_share) * scored + NEXT_TO_NOTHING * even
        return weights

    def inspect_firms(self) -> None:
        """Audit, and rate; an audited firm's rating is its green quality as measured."""
        model = self.model
        error = model.normals("rating")[0]
        drawn = self.draw()
        self.audits = 0
        for firm in self.firms:
            firm.audited = firm in drawn
            refresh_rating(firm)
            if firm.audited:
                self.audits += 1
                measured = firm.green_quality(firm.acts) + model.assessment.measurement_error * error[firm.number]
                firm.rating = unit(measured)

    def draw(self) -> set[Firm]:
        """The firms that are audited: each by its own luck, or where the number of audits is limited exactly as many,
        by marks at a distance of one on a row in which each firm takes up as much room as its chance."""
        model, luck = self.model, self.model.uniform("audit")
        if model.scenario.regulator.kind == "fixed":
            return {firm for firm in self.firms if luck[firm.number] < firm.audit}
        row = sorted((firm for firm in self.firms if firm.audit > 0), key=lambda firm: luck[firm.number])
        if not row:
            return set()
        total = math.fsum(firm.audit for firm in row)
        length = round(total) if abs(total - round(total)) < NEARLY else total
        name = self.region if len(model.regulators) > 1 else ""
        mark, at, drawn = model.draw_of_region(name, "audit start"), 0.0, set()
        for firm in row:
            at += firm.audit * length / total
            if mark < at:
                drawn.add(firm)
                mark += 1.0
        return drawn

    def remember(self) -> None:
        """A breach found is remembered, and fades."""
        rule = self.model.scenario.regulator
        if rule.kind != "risk_based" or not self.model.active(rule):
            return
        for firm in self.firms:
            faded = self.records[firm] * (1.0 - rule.fading)
            self.records[firm] = breach_of(firm, firm.acts, rule.cut) if firm.audited else faded


def chances(weights: dict[Firm, float], capacity: float) -> dict[Firm, float]:
    """Chances in proportion to weights that sum to the capacity, nobody's above 1: whoever would have more is audited
    for certain, and the others share what is left."""
    certain: set[Firm] = set()
    while True:
        rest = {firm: weight for firm, weight in weights.items() if firm not in certain}
        if not rest:
            return dict.fromkeys(weights, 1.0)
        scale = (capacity - len(certain)) / sum(rest.values())
        more = {firm for firm, weight in rest.items() if scale * weight > 1.0}
        if not more:
            return {firm: 1.0 if firm in certain else scale * weights[firm] for firm in weights}
        certain |= more
