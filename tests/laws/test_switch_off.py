"""Each mechanism, behaviour and channel moves its outcome to the side that its formula says: paired worlds with it and
without it, which differ in nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.beginning import opening
from sim.fields import Array
from sim.mechanisms.channels import Channels
from sim.month.knowing import audit_rate
from sim.phases import month
from sim.programme import Programme, programme_of
from sim.rules import effort
from sim.scenario.schema import KINDS, kinds_at
from sim.statistics.paired import difference
from sim.world import World
from tests.worlds import EVERYBODY, scenario

REPLICATIONS = 12

# --- the smallest worlds in which it acts ---------------------------------------------------------------

CALM: dict[str, Any] = {
    "network": {"kind": "tiered", "buyers": 1, "tiers": [4, 3], "carriers": 1, "input_groups": 2},
    "risk": {"outage_rate": 0.0},
    "regulator": {"kind": "none"},
    "start": {"warmup": 0},
    "programme": EVERYBODY,
    "months": 6,
}
"""Eight firms that all take part, without outages and audits; efforts, technology and demand differ by chance."""

AT_REST: dict[str, Any] = {"start": {"warmup": 12}}
AUDITED: dict[str, Any] = {"regulator": {"kind": "fixed", "rate": 0.5}}
FINED: dict[str, Any] = {"incentives": [{"kind": "standard_and_fine", "fine": 200.0}]}
TOLD: dict[str, Any] = {"kind": "platform", "minimum_disclosure": 0.8}
IN_PLAIN_SIGHT: dict[str, Any] = {"information": {"kind": "platform", "accuracy_without": 1.0, "accuracy_with": 1.0}}
BY_CONTRIBUTION: dict[str, Any] = {"benefit_sharing": {"kind": "contribution"}}
BY_VALUE: dict[str, Any] = {"benefit_sharing": {"kind": "value_added"}}
DANGEROUS: dict[str, Any] = {"risk": {"outage_rate": 0.0, "incident_rate": 0.2}}
SAINTS_AND_SINNERS: dict[str, Any] = {
    "behaviours": [
        {"kind": "fixed", "share": 0.5, "quality": 0.9, "abatement": 0.9},
        {"kind": "fixed", "share": 0.5},
    ]
}
NOBODY = [{"name": "later", "starts": 600}]

# --- outcomes, (world,) from the worlds month by month --------------------------------------------------

Course = list[World]
Outcome = Callable[[Course, Programme], Array]


def of(name: str, role: str = "") -> Outcome:
    """Mean of an array of the last month over all firms, or those of a role."""

    def mean(course: Course, p: Programme) -> Array:
        return np.asarray(getattr(course[-1], name))[:, p.network.role(role) if role else slice(None)].mean(axis=1)

    return mean


def theta(world: World, p: Programme) -> Array:
    return effort.green_quality(world.quality, world.abatement, p.scenario.technology.quality_weight)


def green_quality(course: Course, p: Programme) -> Array:
    return theta(course[-1], p).mean(axis=1)


def suppliers_green_quality(course: Course, p: Programme) -> Array:
    return theta(course[-1], p)[:, p.traits.supplier].mean(axis=1)


def tier_1_green_quality(course: Course, p: Programme) -> Array:
    return theta(course[-1], p)[:, p.groups["tier 1"]].mean(axis=1)


def sold(course: Course, p: Programme) -> Array:
    return sum(world.sold.sum(axis=1) for world in course)


def audits(course: Course, p: Programme) -> Array:
    return sum(world.audited.sum(axis=1) for world in course)


def quality_of_audited(course: Course, p: Programme) -> Array:
    return sum((world.audited * theta(world, p)).sum(axis=1) for world in course) / audits(course, p)


def quality_of_targets(course: Course, p: Programme) -> Array:
    """Mean green quality of firms, weighted by their chances of an audit; who is drawn by them is luck."""
    chances = [audit_rate(world, p) for world in course]
    aimed = sum((chance * theta(world, p)).sum(axis=1) for chance, world in zip(chances, course, strict=True))
    return aimed / sum(chance.sum(axis=1) for chance in chances)


def gross_of_audited(course: Course, p: Programme) -> Array:
    return sum((world.audited * world.gross).sum(axis=1) for world in course) / audits(course, p)


def inspections(course: Course, p: Programme) -> Array:
    return -sum(world.ledger.firm["inspection"].sum(axis=1) for world in course)


def suppliers_profit(course: Course, p: Programme) -> Array:
    return sum(world.profit[:, p.traits.supplier].sum(axis=1) for world in course)


def swings(course: Course, p: Programme) -> Array:
    """Standard deviation over the months of a firm's profit per revenue, mean over producers."""
    each = np.stack([world.profitability for world in course]).std(axis=0)
    return each[:, p.traits.producer[0]].mean(axis=1)


def outages(course: Course, p: Programme) -> Array:
    return sum(np.minimum(world.outage_left, 1.0).sum(axis=1) for world in course)


def load(course: Course, p: Programme) -> Array:
    return course[-1].links.by_world(course[-1].load) / (course[-1].links.count / p.worlds)


# --- the table --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """place, kind: what is switched. on, off: what differs. world: what both have. sign: the side predicted."""

    place: str
    kind: str
    outcome: Outcome
    sign: int
    reason: str
    on: dict[str, Any]
    off: dict[str, Any]
    world: tuple[dict[str, Any], ...] = ()

    def __str__(self) -> str:
        return f"{self.place}-{self.kind}-{getattr(self.outcome, '__name__', '')}"


def incentive(kind: str, outcome: Outcome, sign: int, reason: str, *world: dict[str, Any], **settings: Any) -> Row:
    on = {"incentives": [{"kind": kind, **settings}]}
    return Row("incentives", kind, outcome, sign, reason, on, {"incentives": []}, world)


def rule(
    place: str, kind: str, outcome: Outcome, sign: int, reason: str, *world: dict[str, Any], **settings: Any
) -> Row:
    """A sharing rule or an information regime against none of its family."""
    return Row(place, kind, outcome, sign, reason, {place: {"kind": kind, **settings}}, {}, world)


def audited(
    kind: str, outcome: Outcome, sign: int, reason: str, off: dict[str, Any], *world: dict[str, Any], **settings: Any
) -> Row:
    on = {"regulator": {"kind": kind, **settings}}
    return Row("regulator", kind, outcome, sign, reason, on, {"regulator": off}, world)


def behaviour(
    kind: str, outcome: Outcome, sign: int, reason: str, off: dict[str, Any], *world: dict[str, Any], **settings: Any
) -> Row:
    on = {"behaviours": [{"kind": kind, **settings}]}
    return Row("behaviours", kind, outcome, sign, reason, on, {"behaviours": [off]}, world)


def channel(name: str, outcome: Outcome, sign: int, reason: str, *world: dict[str, Any], **settings: Any) -> Row:
    information = {**TOLD, **settings}
    off = {"information": {**information, "channels": {name: False}}}
    return Row("channels", name, outcome, sign, reason, {"information": information}, off, world)


ABATEMENT, QUALITY = of("abatement"), of("quality")
SUPPLIERS_ABATEMENT = of("abatement", "supplier")

INCENTIVES = [
    incentive("abatement_subsidy", ABATEMENT, +1, "a tonne below the baseline is worth the rate", rate=0.3),
    incentive("buyer_mandate", tier_1_green_quality, +1, "orders lost x P(seen < bar) falls with green quality"),
    incentive("cap_and_trade", ABATEMENT, +1, "the cap binds, so a tonne emitted costs its price"),
    incentive("capacity_building", QUALITY, +1, "k falls by effect x skill, so the same gain buys more effort",
              AT_REST, effect=0.4, speed=0.5),
    incentive("carbon_tax", ABATEMENT, +1, "a tonne emitted costs the rate", rate=0.3),
    incentive("credit_rating", green_quality, +1, "an audit of better acts gives a colour of cheaper loans", AUDITED),
    incentive("ecological_compensation", suppliers_green_quality, +1, "customers pay for tonnes and defects avoided"),
    incentive("effort_subsidy", green_quality, +1, "effort costs (1 - share) C", AT_REST, share=0.5),
    incentive("green_credit", ABATEMENT, +1, "the discount grows with k a^2 / 2, which is lent",
              AT_REST, discount=1.0, interest=0.1),
    incentive("green_procurement", sold, +1, "rated firms sell (1 + share) x as much", bar=0.01),
    incentive("order_reward", tier_1_green_quality, +1, "orders gained grow with the distance to the mean seen"),
    incentive("packaging_fee", ABATEMENT, +1, "the fee falls by saving x a", rate=20.0),
    incentive("peer_sanction", green_quality, +1, "who is seen below the norm loses severity x trade x shortfall",
              severity=0.5),
    incentive("performance_bond", ABATEMENT, +1, "the deposit is lost with P(breach), which falls with abatement"),
    incentive("platform_traffic", sold, +1, "listed products sell (1 + boost) x as much", bar=0.01),
    incentive("standard_and_fine", ABATEMENT, +1, "fine x audit x P(breach), which falls with abatement", AUDITED,
              fine=200.0),
    incentive("star_index", ABATEMENT, +1, "award x P(score > threshold), which rises with abatement", award=0.2),
    incentive("tournament", green_quality, +1, "prize x P(seen > to beat), which rises with green quality",
              prize=0.5),
    incentive("upgrade_grant", ABATEMENT, +1, "amount x P(a > threshold), then k_a is lower", threshold=0.2),
]  # fmt: skip

SHARING = [
    rule("cost_sharing", "benefit", suppliers_green_quality, +1,
         "by value added a member bears the share W of its cost", AT_REST, BY_VALUE),
    rule("cost_sharing", "equal", suppliers_green_quality, +1, "a member bears 1/n of its cost", AT_REST),
    rule("cost_sharing", "nash_bargaining", suppliers_green_quality, +1,
         "1/n of what a supplier adds to the premium is its own, which the root kept", AT_REST, {"months": 24}),
    rule("cost_sharing", "responsibility", SUPPLIERS_ABATEMENT, +1,
         "those downstream bear their parts of what abatement costs", AT_REST),
    rule("cost_sharing", "revenue", suppliers_green_quality, +1,
         "a member bears its share in revenue of its cost", AT_REST),
    rule("cost_sharing", "shapley", suppliers_green_quality, +1,
         "of the common part f of its cost a member bears its share alone", AT_REST),
    rule("cost_sharing", "sponsor", suppliers_green_quality, +1, "the root pays f of a supplier's cost", AT_REST),
    rule("benefit_sharing", "contribution", suppliers_green_quality, +1,
         "a supplier gets W o / sum W o of the premium, which the root kept"),
    rule("benefit_sharing", "equal", suppliers_green_quality, +1, "a supplier gets 1/n of what it adds to the premium"),
    rule("benefit_sharing", "revenue_sharing", suppliers_green_quality, +1,
         "a supplier gets its part of f of what it adds to the premium"),
    rule("benefit_sharing", "shapley", suppliers_green_quality, +1,
         "a supplier gets its marginal contributions to the premium, mean over orders",
         {"market": {"weakest_link": -1.0}}),
    rule("benefit_sharing", "value_added", suppliers_green_quality, +1,
         "a supplier gets W of what it adds to the premium"),
    rule("risk_sharing", "anchor_insures", suppliers_profit, +1, "the root pays f of the suppliers' losses", DANGEROUS),
    rule("risk_sharing", "anchor_insures", suppliers_green_quality, -1,
         "an insured loss is one that a firm has less reason to avoid", DANGEROUS, share=1.0),
    rule("risk_sharing", "mutual_pool", swings, -1, "who loses more than its premium is paid by those who lose less",
         DANGEROUS, {"months": 24}, premium=0.2),
    rule("risk_sharing", "mutual_pool", green_quality, -1,
         "an insured loss is one that a firm has less reason to avoid", DANGEROUS, premium=0.2),
]  # fmt: skip

SHARED = {"minimum_disclosure": 0.8}
REGIMES = [
    rule("information", "bilateral", inspections, -1, "buyers who are told inspect less by trust x d", **SHARED),
    rule("information", "platform", suppliers_green_quality, +1,
         "contributions are seen at a higher accuracy, so effort pays more", BY_CONTRIBUTION, **SHARED),
    rule("information", "public", inspections, -1, "what outsiders disclose reaches their buyers too",
         {"programme": NOBODY}, **SHARED),
    rule("information", "tiered", tier_1_green_quality, +1,
         "tier 1 is within reach: its contributions are seen at a higher accuracy", BY_CONTRIBUTION, reach=1, **SHARED),
    channel("contribution_measurement", suppliers_green_quality, +1,
            "contributions are seen at a higher accuracy, so effort pays more", BY_CONTRIBUTION),
    channel("conditional_cooperation", green_quality, +1, "effort above the prior is seen as what it is, and matched",
            {"behaviours": [{"kind": "conditional"}], "start": {"warmup": 0, "quality": 0.8, "abatement": 0.8}}),
    channel("duplicate_inspections", inspections, -1, "buyers who are told inspect less by trust x d"),
    channel("load_factor", load, +1, "the load factor rises from base to best with the data shared on the route"),
    channel("early_warning", outages, -1, "outages last months x (1 - early_warning x mean of d of partners)",
            {"risk": {"outage_rate": 0.2, "outage_months": 6, "early_warning": 1.0}}),
    channel("audit_targeting", quality_of_targets, -1, "ratings follow what is disclosed, and audits poor ratings",
            SAINTS_AND_SINNERS, {"regulator": {"kind": "risk_based", "capacity": 1, "breach_weight": 0.0}},
            rating_refresh=0.5),
    channel("technology_spillover", of("abatement_cost"), -1, "what partners disclose adds to own experience",
            {"technology": {"spillover": 1.0}}),
]  # fmt: skip

AT_RANDOM = {"kind": "random", "capacity": 2}
REGULATORS = [
    audited("fixed", ABATEMENT, +1, "a fine is to be feared at the rate of audits", {"kind": "none"}, FINED, rate=0.5),
    audited("none", ABATEMENT, -1, "no fine is to be feared", {"kind": "fixed", "rate": 0.5}, FINED),
    audited("random", ABATEMENT, +1, "a fine is to be feared at capacity / firms", {"kind": "none"}, FINED),
    audited("adaptive", audits, +1, "all violate, more than aimed at, so the rate rises", {"kind": "fixed", "rate": 0.1},
            {"months": 24}, rate=0.1, cut=0.99),
    audited("best_reply", audits, +1, "every audit avoids more harm than it costs, so the rate rises",
            {"kind": "fixed", "rate": 0.1}, {"months": 24}, rate=0.1, cut=0.99),
    audited("risk_based", quality_of_audited, -1, "chances grow with 1 - rating", AT_RANDOM, SAINTS_AND_SINNERS,
            {"months": 24}, capacity=2, random_share=0.0),
    audited("complaint_led", gross_of_audited, +1, "chances grow with the harm of tonnes emitted", AT_RANDOM,
            {"months": 24}, capacity=2, random_share=0.0, defect_harm=0.0),
]  # fmt: skip

UPHILL = {"start": {"warmup": 0, "quality": 0.0, "abatement": 0.0, "spread": 0.02}}
STEADY = {"kind": "fixed", "quality": 0.27, "abatement": 0.16, "disclosure": 0.1}
DECIDING = [
    behaviour("best_reply", green_quality, +1, "from idleness it is at the peak in a month, gradient on its way",
              {"kind": "gradient"}, UPHILL, {"months": 1}),
    behaviour("conditional", green_quality, -1, "each keeps its bias below the mean of all, which so falls", STEADY,
              IN_PLAIN_SIGHT, bias=0.05),
    behaviour("cooperative", green_quality, +1, "what others gain counts in full", {"kind": "gradient"}),
    behaviour("fixed", green_quality, -1, "a free rider does nothing", {"kind": "gradient"}),
    behaviour("gradient", green_quality, +1, "from idleness the payoff rises with own scrap and energy saved",
              {"kind": "fixed"}, UPHILL),
    behaviour("imitate", green_quality, -1,
              "effort above the peak of the payoff costs profit, and the more profitable are copied",
              {"kind": "imitate", "attempts": 0.0}, IN_PLAIN_SIGHT,
              {"technology": {"heterogeneity": 0.0, "sme_cost_factor": 1.0}, "months": 24,
               "start": {"warmup": 0, "quality": 0.8, "abatement": 0.8, "spread": 0.15}},
              attempts=0.5, selection=2000.0, noise=0.0, partners=0.0),
    behaviour("reinforce", green_quality, +1, "at first all levels are as likely: one half, above where gradient rests",
              {"kind": "gradient"}, {"months": 2}),
]  # fmt: skip

TABLE = [*INCENTIVES, *SHARING, *REGIMES, *REGULATORS, *DECIDING]

ABSENT = {
    ("information", "none"), ("cost_sharing", "none"), ("benefit_sharing", "retain"), ("risk_sharing", "none")
}  # fmt: skip
"""Kinds that are the absence of their family."""


def test_every_kind_and_every_channel_has_a_row() -> None:
    kinds = {(place, kind) for place in KINDS if place != "network" for kind in kinds_at(place)}
    channels = {("channels", name) for name in Channels.model_fields}
    assert {(row.place, row.kind) for row in TABLE} | ABSENT == kinds | channels


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_it_moves_its_outcome_to_the_side_that_its_formula_says(row: Row) -> None:
    on, off = (measured(row, given) for given in (row.on, row.off))
    found = difference(on, off)
    assert row.sign * found.value > 0, (row.reason, float(found.value))
    assert min(row.sign * found.low, row.sign * found.high) > 0, (row.reason, float(found.low), float(found.high))


@pytest.mark.parametrize(("place", "kind"), sorted(ABSENT))
def test_a_kind_that_is_the_absence_of_its_family_is_what_is_there_if_nothing_is_said(place: str, kind: str) -> None:
    assert scenario(CALM, **{place: {"kind": kind}}).canonical == scenario(CALM).canonical


def measured(row: Row, given: dict[str, Any]) -> Array:
    course, p = run(json.dumps([CALM, *row.world, given]))
    return np.asarray(row.outcome(course, p))


@cache
def run(parts: str) -> tuple[Course, Programme]:
    """The worlds month by month; what several rows compare with is run once."""
    given = scenario(*json.loads(parts))
    p = programme_of(given, 1, range(REPLICATIONS))
    world, course = opening(p), []
    for _ in range(given.months):
        world = month(world, p)
        course.append(world)
    return course, p
