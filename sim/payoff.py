"""What a firm weighs: the sum of its payments as a function of its own acts, and how it slopes.

Two payoffs share one form. The private payoff holds every payment to the firm; the social payoff holds
every effect of its acts at full value (the first best). Slopes are central differences of the payment
functions themselves, so a mechanism never supplies a derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.mechanisms.acts import Acts
from sim.rules import effort, risk

STEP = 1e-3
"""Step of the central difference: exact for the quadratic terms, error of order 1e-6 in smooth ones."""

THETA_STEP = STEP / 2.0
"""The same for green quality: what a step of one effort makes of it where both weigh the same."""

BEND_STEP = 1e-2
"""Step of a second difference, for which rounding counts more."""

BOTH_AT_ONCE = 20_000
"""Firms of a block up to which an effort a step higher and a step lower are worked out together; of more one after the
other, which takes half the room."""

EFFORTS = ("quality", "abatement", "disclosure")

Payment = Callable[[Known, Acts], Array]


@dataclass(frozen=True)
class Term:
    """One payment of a payoff, with its name in the books. `probe` shows which acts it reads, where the
    payment itself is nothing in some months."""

    name: str
    payment: Payment
    probe: Payment | None = None


def effort_bill(known: Known, acts: Acts) -> Array:
    """Cost of effort, paid outside."""
    return -known.effort_cost(acts)


def disclosure_bill(known: Known, acts: Acts) -> Array:
    """Cost of disclosing, paid outside."""
    return -effort.disclosure_cost(acts.disclosure, known.revenue, known.technology.disclosure_cost)


def scrap_bill(known: Known, acts: Acts) -> Array:
    """Cost of own scrap and rework: c_s S own."""
    return -(known.revenue * known.traits.scrap_cost) * known.own_defects(acts)


def claims_bill(known: Known, acts: Acts) -> Array:
    """What a carrier pays its customers for goods it damages: c_c S damage rate."""
    return -(known.revenue * known.traits.claim_cost) * known.own_defects(acts)


def energy_bill(known: Known, acts: Acts) -> Array:
    """Energy bill: c_e S (1 - saving a), for carriers times the load factor they would have over the one they have."""
    traits = known.traits
    return -(known.revenue * known.energy_load * traits.energy_cost) * (1.0 - traits.energy_saving * acts.abatement)


def liability_bill(known: Known, acts: Acts) -> Array:
    """What the firm bears of the failures that its outgoing defects cause."""
    return -known.failure_liability * known.outgoing_defects(acts)


def hosting_saving(known: Known, acts: Acts) -> Array:
    """What disclosure saves a supplier in being inspected again, less what it is liable for of the defects that
    are then not caught."""
    saved = known.inspection.hosting_cost * known.inspection_saving - known.reliance_liability
    return saved * acts.disclosure


def failure_damage(known: Known, acts: Acts) -> Array:
    """What everybody bears of the failures that the firm's outgoing defects cause."""
    return -known.failure_damage * known.outgoing_defects(acts)


def disclosure_effects(known: Known, acts: Acts) -> Array:
    """What disclosure does for all: inspections saved, less the failures that these inspections would have caught,
    and lorries filled. (What partners learn from it later is not counted.)"""
    inspection = known.inspection
    saved = (inspection.hosting_cost + inspection.inspection_cost) * known.inspection_saving
    return (saved - known.reliance_damage + known.load_saving) * acts.disclosure


def whole_premium(known: Known, acts: Acts) -> Array:
    """Green premium of all chains the firm is in, whoever gets it."""
    return known.chains.by_firm(known.premium(acts))


def climate_damage(known: Known, acts: Acts) -> Array:
    """Own emissions at their social cost."""
    return -known.market.social_cost_of_carbon * known.emissions(acts)


def incident_bill(known: Known, acts: Acts) -> Array:
    """Clean-up after environmental incidents, as expected: rate (1 - cut theta) x cost x S."""
    hazard = known.hazard
    chance = risk.incident_chance(known.green_quality(acts), hazard.incident_rate, hazard.incident_cut)
    return -(hazard.incident_cost * known.revenue) * chance


def packaging_bill(known: Known, acts: Acts) -> Array:
    """Cost of packaging, paid outside."""
    return -known.packaging(acts, known.logistics.packaging_cost)


OWN_TERMS = (
    Term("effort", effort_bill),
    Term("disclosure", disclosure_bill),
    Term("scrap", scrap_bill),
    Term("energy", energy_bill),
)
"""Payments that a firm's acts cause wherever it is: in the private and in the social payoff."""

PRIVATE_TERMS = (
    *OWN_TERMS,
    Term("claims", claims_bill),
    Term("liability", liability_bill),
    Term("hosting", hosting_saving),
)

SOCIAL_TERMS = (
    *OWN_TERMS,
    Term("failures", failure_damage),
    Term("disclosure effects", disclosure_effects),
    Term("premium", whole_premium),
    Term("climate", climate_damage),
)


def custom(known: Known, acts: Acts) -> Array:
    """Custom that the firm expects to win or lose by its customers' reviews; nothing is booked."""
    return known.custom(acts)


CUSTOM_TERM = Term("custom", custom)
"""In the private payoff where customers' scores have consequences."""


def margins_earned(known: Known, acts: Acts) -> Array:
    """What the firm's margins would bring it."""
    return known.margins(acts)


MARGIN_TERM = Term("margins", margins_earned)
"""In the private payoff where firms set margins."""

INCIDENT_TERM = Term("incidents", incident_bill)
"""In the private and in the social payoff where there are incidents."""


PACKAGING_TERM = Term("packaging", packaging_bill)
"""In both payoffs where packaging costs."""


class Payoff:
    """A sum of terms. Which acts each term reads is found out by watching it once: a payment must look at the same
    acts in every month."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = tuple(terms)
        self._reads: tuple[frozenset[str], ...] | None = None

    def value(self, known: Known, acts: Acts) -> Array:
        """Payoff of each firm at its acts, money a month, (..., world, firm)."""
        return sum((t.payment(known, acts) for t in self.terms), np.zeros_like(known.revenue))

    def membership_gain(self, known: Known) -> Array:
        """What each firm gets more as a member than outside, at its efforts, money a month, (world, firm)."""
        in_and_out = np.zeros((2, *known.revenue.shape))
        in_and_out[0] = 1.0
        return 2.0 * self._slope(known, "member", known.acts.with_member(in_and_out), 1.0)

    def slopes(self, known: Known) -> dict[str, Array]:
        """dU/d(effort) for each effort at the known acts, money a month, (world, firm).

        What terms read of the two efforts through green quality theta is varied in theta, once for both, with the
        efforts held, and the efforts with theta held: dU/dq = partial_q U + w_q partial_theta U, and so for a. (At
        other weights than one half this differs from varying the efforts themselves by what the two steps differ
        in the smooth terms, of order 1e-6.)
        """
        acts, weight = known.acts, known.technology.quality_weight
        theta = known.green_quality(acts)
        slopes = {name: self._slope(known, name, acts.varied(name, STEP, theta), STEP) for name in EFFORTS}
        by_theta = self._slope(known, "green_quality", acts.varied_green_quality(theta, THETA_STEP), THETA_STEP)
        slopes["quality"] = slopes["quality"] + weight * by_theta
        slopes["abatement"] = slopes["abatement"] + (1.0 - weight) * by_theta
        return slopes

    def bend(self, known: Known, name: str) -> tuple[Array, Array]:
        """Slope dU/d(effort) and second derivative in one effort at the known acts, money a month, each (world, firm):
        by the same differences over a wider step."""
        varied = known.acts.varied(name, BEND_STEP)
        more, here, less = (np.zeros_like(known.revenue) for _ in range(3))
        for term, reads in zip(self.terms, self.reads(known), strict=True):
            if name in reads or "green_quality" in reads:
                both = np.broadcast_to(term.payment(known, varied), (2, *known.revenue.shape))
                more, less, here = more + both[0], less + both[1], here + term.payment(known, known.acts)
        return (more - less) / (2.0 * BEND_STEP), (more - 2.0 * here + less) / (BEND_STEP * BEND_STEP)

    def _slope(self, known: Known, name: str, varied: Acts, step: float) -> Array:
        """Central difference of the terms that read `name`, (world, firm)."""
        terms = [term for term, reads in zip(self.terms, self.reads(known), strict=True) if name in reads]
        if not terms:
            return np.zeros_like(known.revenue)
        if known.revenue.size > BOTH_AT_ONCE:
            more, less = (self._sum(terms, known, side) for side in varied.sides())
        else:
            more, less = np.broadcast_to(self._sum(terms, known, varied), (2, *known.revenue.shape))
        return (more - less) / (2.0 * step)

    @staticmethod
    def _sum(terms: Sequence[Term], known: Known, acts: Acts) -> Array:
        """Sum of some terms at these acts, (..., world, firm)."""
        total = np.zeros((1, 1))
        for term in terms:
            total = total + term.payment(known, acts)
        return total

    def reads(self, known: Known) -> tuple[frozenset[str], ...]:
        """Which acts each term reads."""
        if self._reads is None:
            found = []
            for term in self.terms:
                acts = known.acts.fresh()
                (term.probe or term.payment)(known, acts)
                found.append(frozenset(acts.read))
            self._reads = tuple(found)
        return self._reads
