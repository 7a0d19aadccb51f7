"""What shared data do: who is told what through which channel, early warning, ratings; and who overclaims."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.fields import Array, above_zero
from sim.programme import Programme
from sim.rules import beliefs, effort
from sim.world import World


def near_through(world: World, on: bool) -> Array:
    """1 for each firm whose data reach its direct partners through a channel that is on; 0 through one that is off."""
    return world.shared_near if on else np.zeros_like(world.shared_near)


def told(world: World, on: bool) -> Array:
    """Share of its data that each firm tells its direct partners through a channel: d near."""
    return world.disclosure * near_through(world, on)


def partners_mean(x: Array, world: World) -> Array:
    """Mean of a firm value over suppliers and customers, link by link, (world, firm); 0 without partners."""
    links = world.links
    total = links.total(links.customer, links.at(links.supplier, x))
    total = total + links.total(links.supplier, links.at(links.customer, x))
    return total / np.maximum(links.partners(), 1.0)


def outage_months(world: World, p: Programme) -> Any:
    """How long an outage lasts that strikes now: months (1 - early_warning x mean over partners of d near), by what
    was told last month. A part of a month counts as such."""
    risk = p.scenario.risk
    months = float(risk.outage_months)
    if not (p.scenario.information.channels.early_warning and above_zero(risk.early_warning)):
        return months
    return months * (1.0 - risk.early_warning * partners_mean(told(world, True), world))


def shown_ratings(world: World, p: Programme) -> Array:
    """Public ratings as disclosed data move them: rating + refresh x d far (seen - rating); a copy."""
    information = p.scenario.information
    if not (information.channels.audit_targeting and above_zero(information.rating_refresh)):
        return world.rating.copy()
    _, far = believed_shares(world, p)
    theta = effort.green_quality(world.quality, world.abatement, p.scenario.technology.quality_weight)
    sharp = beliefs.accuracy(information.accuracy_without, information.accuracy_with, world.disclosure, far)
    seen = beliefs.seen(theta, sharp, information.prior, world.observation[0])
    seen = seen + beliefs.overclaimed(theta, sharp, information.accuracy_without, world.overclaim)
    pull = information.rating_refresh * world.disclosure * far
    return world.rating + pull * (np.minimum(np.maximum(seen, 0.0), 1.0) - world.rating)


# --- overclaiming ---------------------------------------------------------------------------------------


def overclaims(p: Programme) -> Array:
    """By how much each firm overclaims until it is found out, as a share of its green quality, (world, firm)."""
    reporting = p.scenario.reporting
    if not reporting.overclaiming:
        return np.zeros(p.shape)
    return np.where(p.draws.uniform("overclaim", 0) < reporting.overclaim_share, reporting.overclaim, 0.0)


def verified(world: World, p: Programme) -> World:
    """Reports are checked; who is found to overclaim does so no more, and is not believed for some months."""
    reporting = p.scenario.reporting
    if not reporting.overclaiming:
        return world
    reports = (np.maximum(world.shared_near, world.shared_far) * world.disclosure * world.revenue) > 0
    checked = p.draws.uniform("verification", world.month) < p.scenario.information.checked
    exposed = reports & checked & (world.overclaim > 0)
    return world.but(
        exposed=exposed.astype(float),
        overclaim=np.where(exposed, 0.0, world.overclaim),
        disbelief=np.where(exposed, float(reporting.disbelief_months), np.maximum(world.disbelief - 1.0, 0.0)),
    )


def believed_shares(world: World, p: Programme) -> tuple[Array, Array]:
    """Whether a firm's data reach direct partners, and the whole chain, and are believed."""
    if not p.scenario.reporting.overclaiming:
        return world.shared_near, world.shared_far
    believed = world.disbelief <= 0
    return world.shared_near * believed, world.shared_far * believed
