"""Relations in the plain Mesa model: customers score their suppliers, reward, warn, leave and replace them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import networkx as nx

from benchmarks.plain.information import probability_below

if TYPE_CHECKING:
    from benchmarks.plain.agents import Acts, Firm
    from benchmarks.plain.chains import Link
    from benchmarks.plain.model import PlainModel

PASSED, TOLD = 1, 4
"""Indicators that follow at once from what a supplier does this month."""


def scored(model: PlainModel) -> bool:
    """Whether indicators of links are kept."""
    rule = model.scenario.relations
    return rule.assessed or rule.reward > 0 or rule.warn_below > 0


def levels_of(firms: Iterable[Firm], links: Iterable[Link]) -> dict[Firm, int]:
    """Links on the longest way to the end of the chains, firms that supply each other in a circle counting as one."""
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from(firms)
    graph.add_edges_from((link.supplier, link.customer) for link in links)
    circles = nx.condensation(graph)
    level: dict[int, int] = {}
    for circle in reversed(list(nx.topological_sort(circles))):
        level[circle] = max((level[onward] + 1 for onward in circles.successors(circle)), default=0)
    return {firm: level[circle] for firm, circle in circles.graph["mapping"].items()}


# --- indicators -----------------------------------------------------------------------------------------


def evidence(link: Link) -> list[float]:
    """What the month says of a link, seven numbers in 0..1."""
    supplier, model = link.supplier, link.supplier.model
    rise = supplier.green_quality(supplier.acts) - supplier.usual_green_quality
    improved = min(max(rise / model.scenario.relations.improvement_scale, -1.0), 1.0)
    learnt = 1.0 - supplier.abatement_cost / supplier.first_abatement_cost
    return [
        link.shipped / link.ordered if link.ordered > 0 else 1.0,
        passes(link, link.incoming),
        link.cost_effectiveness,
        min(max(learnt, 0.0), 1.0),
        supplier.acts.disclosure * supplier.shared_near,
        1.0 - max(min(supplier.outage_left, 1.0), float(supplier.incident)),
        0.5 + 0.5 * improved,
    ]


def passes(link: Link, incoming: float) -> float:
    """1 where nothing is defective, 0 from the tolerated defect rate on."""
    return max(1.0 - incoming / link.customer.model.quality.tolerated, 0.0)


def compare_prices(model: PlainModel) -> None:
    """Cheapest price with freight of a tonne of an input over that of each link."""
    costs = {link: link.supplier.price + model.logistics.fare * link.distance_km for link in model.links}
    cheapest: dict[str, float] = {}
    for link, cost in costs.items():
        cheapest[link.input] = min(cost, cheapest.get(link.input, cost))
    for link, cost in costs.items():
        link.cost_effectiveness = cheapest[link.input] / cost


def judge(link: Link, indicators: list[float]) -> None:
    """Give a link these indicators; its score is their weighted mean."""
    weights = link.customer.model.score_weights
    link.indicators = indicators
    link.score = sum(weight * x for weight, x in zip(weights, indicators, strict=True)) / sum(weights)


def mean_score(group: list[Link]) -> float:
    """Mean score of an input group, by order share."""
    return sum(link.order_share * link.score for link in group)


def meet(model: PlainModel) -> None:
    """Links are assessed for the first time."""
    for firm in model.firms:
        firm.usual_green_quality = firm.green_quality(firm.acts)
    for link in model.links:
        judge(link, evidence(link))


def assess(model: PlainModel) -> None:
    """Indicators follow the month's evidence, and so does what counts as usual."""
    speed = model.scenario.relations.speed
    for link in model.links:
        seen = evidence(link)
        judge(link, [x + speed * (new - x) for x, new in zip(link.indicators, seen, strict=True)])
    for firm in model.firms:
        firm.usual_green_quality += speed * (firm.green_quality(firm.acts) - firm.usual_green_quality)


# --- what a supplier weighs -----------------------------------------------------------------------------


def survey_groups(model: PlainModel) -> None:
    """Scores as they are before firms decide: what a supplier's own acts do not move, and its rivals' mean."""
    weights = model.score_weights
    for link in model.links:
        moved = weights[PASSED] * link.indicators[PASSED] + weights[TOLD] * link.indicators[TOLD]
        link.score_of_rest = link.score - moved / sum(weights)
        link.mean_score = mean_score(link.rivals)


def custom(firm: Firm, acts: Acts) -> float:
    """Money a month that a supplier expects of its customers' reviews if it goes on with these acts."""
    rule = firm.model.scenario.relations
    if firm.model.month < 0 or (rule.warn_below == 0 and rule.reward == 0):
        return 0.0
    weights, expected = firm.model.score_weights, 0.0
    outgoing, tells = firm.outgoing_at(acts), acts.disclosure * firm.shared_near
    for link in firm.sells:
        if link.notice > 0 or link.transition > 0:
            continue
        own = weights[PASSED] * passes(link, outgoing + link.carrier.own_defects) + weights[TOLD] * tells
        to_come = link.score_of_rest + own / sum(weights)
        if rule.warn_below > 0 and others_could(link):
            fails = probability_below((rule.warn_below - to_come) / rule.score_error)
            lost = fails if link.warned else 0.5 * fails * fails
            expected -= link.value * rule.horizon / rule.review_every * lost
        expected += link.value * (1.0 - link.order_share) * rule.reward * (to_come - link.mean_score)
    return firm.model.technology.margin * expected


def others_could(link: Link) -> bool:
    """Whether another firm that makes this input could take the link over."""
    model, taken = link.customer.model, {k.supplier for k in link.rivals}
    offering = (k.supplier for k in model.links if k.input == link.input)
    return any(firm not in taken and model.levels[firm] > model.levels[link.customer] for firm in offering)


# --- reviews --------------------------------------------------------------------------------------------


def reward(link: Link, group: list[Link]) -> float:
    """What becomes of the contracted orders of a supplier at a review, as a factor."""
    strength = link.supplier.model.scenario.relations.reward if link.supplier.model.month >= 0 else 0.0
    return max(1.0 + strength * (link.score - mean_score(group)), 0.0) if strength > 0 else 1.0


def warn(model: PlainModel) -> None:
    """Who scores below the bar is warned, and given notice the next time."""
    rule, errors = model.scenario.relations, model.logistic_draws("review/score")
    if rule.warn_below == 0 or model.month < 0:
        return
    for link in model.links:
        if link.notice > 0 or link.transition > 0:
            continue
        found = link.score + model.scenario.relations.score_error * errors[link.supplier.number]
        below = found < rule.warn_below and link.value > 0
        if below and link.warned:
            link.warned, link.notice = False, rule.notice_months
        else:
            link.warned = below


def move_on(model: PlainModel) -> None:
    """A month of notices and transitions passes; successors are looked for, and take over."""
    if model.scenario.relations.warn_below == 0:
        return
    ending = [link for link in model.links if link.notice == 1]
    ended = [link for link in model.links if link.transition == 1]
    found = successors(model, ending)
    for link in model.links:
        link.replaced = False
        link.notice, link.transition = max(link.notice - 1, 0), max(link.transition - 1, 0)
    for link, successor in found.items():
        link.successor, link.transition = successor, model.scenario.relations.transition_months
    if ended:
        replace(model, ended)


def successors(model: PlainModel, leaving: list[Link]) -> dict[Link, Firm]:
    """The best candidate for each of these links, where there is one that is good enough."""
    found: dict[Link, Firm] = {}
    offers: dict[tuple[str, Firm], list[float]] = defaultdict(list)
    for link in model.links if leaving else ():
        offers[link.input, link.supplier].append(link.score)
    for link in leaving:
        taken = {k.supplier for k in link.rivals} | {k.successor for k in link.rivals}
        best, best_score = None, link.score + model.scenario.relations.better_by
        for (input_, firm), scores in sorted(offers.items(), key=lambda offer: offer[0][1].number):
            mean = math.fsum(scores) / len(scores)
            if input_ != link.input or firm in taken or firm.revenue <= 0:
                continue
            upstream = model.levels[firm] > model.levels[link.customer]
            if upstream and (mean > best_score or (best is None and mean >= best_score)):
                best, best_score = firm, mean
        if best is not None and best not in {found.get(k) for k in link.rivals}:
            found[link] = best
    return found


def replace(model: PlainModel, ended: list[Link]) -> None:
    """Successors take over, at the mean distance of what they deliver already, with their reputation and the trust of a
    newcomer; who gains custom has built the capacity for it."""
    before = {link: list(link.successor.sells) for link in ended if link.successor is not None}
    usual = {}
    for link, deliveries in before.items():
        known = deliveries or [link]
        distance = sum(k.distance_km for k in known) / len(known)
        means = [sum(xs) / len(known) for xs in zip(*(k.indicators for k in known), strict=True)]
        usual[link] = (distance, means)
    for link, (distance, means) in usual.items():
        assert link.successor is not None
        link.supplier, link.successor = link.successor, None
        link.distance_km = distance
        judge(link, means)
        link.trust, link.warned, link.replaced = model.quality.trust, False, True
        link.recognised = model.recognises(link)
    model.follow_links({link.supplier for link in usual})


def settlement(link: Link) -> float:
    """What the customer pays off its supplier with, in the first month of the transition."""
    rule = link.supplier.model.scenario.relations
    return rule.settlement * link.ordered_value if link.transition == rule.transition_months else 0.0


def qualification(link: Link) -> float:
    """What qualifying the successor costs the customer this month."""
    return link.supplier.model.scenario.relations.qualification_cost * link.ordered_value
