"""An incentive as a scenario has it: whom it reaches, what it pays within its budget and while policy is in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.fields import Array
from sim.known import Known, Memory
from sim.mechanisms.acts import Acts
from sim.mechanisms.base import Incentive
from sim.network.links import Links
from sim.traits import Traits
from sim.watching import asked_for


@dataclass(frozen=True, eq=False)
class InForce:
    """An incentive of a scenario with its name in the books; attributes: 1 for each firm whose fixed attributes it lets
    through, (1, firm)."""

    incentive: Incentive
    name: str
    attributes: Array
    _looked_at: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def looks_at(self, names: frozenset[str], known: Known) -> bool:
        """Whether what a firm weighs of it depends on any of these known facts. It is watched once: a payment must
        look at the same facts in every month."""
        if "facts" not in self._looked_at:
            self._looked_at["facts"] = asked_for(known, self.probe)
        return bool(self._looked_at["facts"] & names)

    def firms(self, traits: Traits, links: Links) -> Array:
        """1 for each firm that it can reach on these links, (1 or world, firm)."""
        return self.incentive.applies_to.on(links, self.attributes, traits)

    def reach(self, known: Known, acts: Acts) -> Array:
        """1 for each firm that it applies to this month."""
        today = self.incentive.applies_to.today(acts.member, known.rating)
        firms = self.firms(known.traits, known.links)
        return firms if today is None else firms * today

    def reached(self, amount: Array, known: Known, acts: Acts) -> Array:
        """Money of those that it applies to this month, (..., world, firm); 0 for others."""
        return amount if self.for_everybody else amount * self.reach(known, acts)

    @cached_property
    def for_everybody(self) -> bool:
        """Whether nothing restricts it."""
        return self.incentive.applies_to.everybody

    def payment(self, known: Known, acts: Acts) -> Array:
        """Money each firm receives, within the budget and as far as the regulator's policy is in force; nothing
        before it starts or after it ends."""
        if not self.incentive.active(known.month):
            return np.zeros_like(known.revenue)
        known = known.remembering(self.memory(known))
        due = self.reached(self.incentive.payment(known, acts), known, acts)
        if self.incentive.budget is not None:
            due = np.where(due > 0, due * known.memory["funded"], due)
        due = self.in_force(due, self.incentive.payer, known)
        for account, amount in self.incentive.transfers(known, acts).items():
            due = due + self.in_force(self.reached(amount, known, acts), account, known)
        return due

    def in_force(self, amount: Array, account: str, known: Known) -> Array:
        """Money from or to an account, (..., world, firm): all of it, but of the regulator's what an interruption of
        policy leaves in force."""
        return amount if known.in_force is None or account != "regulator" else amount * known.in_force

    def weighed(self, known: Known, acts: Acts) -> Array:
        """What a firm weighs when it decides: the payment and what else the mechanism means for it."""
        if not self.incentive.active(known.month):
            return np.zeros_like(known.revenue)
        money = self.payment(known, acts)
        known = known.remembering(self.memory(known))
        prospect = self.incentive.prospect(known, acts)
        if prospect is None:
            return money
        expected = self.reached(prospect, known, acts)
        return money + (self.in_force(expected, "regulator", known) if self.incentive.promises else expected)

    def probe(self, known: Known, acts: Acts) -> Array:
        """The same in any month, to see which acts are read."""
        known = known.remembering(self.memory(known))
        known.watched = True
        self.incentive.prospect(known, acts)
        self.incentive.transfers(known, acts)
        return self.incentive.payment(known, acts) * self.reach(known, acts)

    def memory(self, known: Known) -> Memory:
        """What this mechanism remembers, out of what all remember."""
        return known.memories[self.name]

    def blank(self, shape: tuple[int, int]) -> dict[str, Array]:
        """Memory before the first month: nothing spent, the whole budget there, nobody reached."""
        budget = np.inf if self.incentive.budget is None else self.incentive.budget
        paid = np.where(np.equal(budget, 0.0), 0.0, np.ones((shape[0], 1)))
        common = {"spent": np.zeros((shape[0], 1)), "funded": paid, "reached": np.zeros(shape)}
        return common | self.incentive.blank(shape)
