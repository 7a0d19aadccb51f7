"""What firms know of each other in the plain Mesa model: shared data, what is seen, claims and their verification."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks.plain.agents import Acts, unit

if TYPE_CHECKING:
    from benchmarks.plain.agents import Firm

VERIFIED_BY = {"self_report": 0.0, "third_party": 1.0 / 12.0, "sensors": 0.9}
"""Chance that a report is checked in a month."""

LOGISTIC = math.pi / math.sqrt(3.0)
"""What makes the standard deviation of a logistic error 1."""

# --- whom data reach ------------------------------------------------------------------------------------


def near(firm: Firm, channel: str) -> float:
    """Whether the firm's data reach its direct partners through a channel (1 or 0)."""
    return firm.shared_near if getattr(firm.model.information.channels, channel) else 0.0


def told(firm: Firm, channel: str) -> float:
    """Share of its data that the firm tells its direct partners through a channel."""
    return firm.acts.disclosure * near(firm, channel)


def believed(firm: Firm, shared: float, channel: str) -> float:
    """Whether data that are shared reach others through a channel and are believed (1 or 0)."""
    on = getattr(firm.model.information.channels, channel)
    return shared if on and firm.disbelief <= 0 else 0.0


def share_data(firm: Firm) -> None:
    """The information regime says whose data reach partners and the whole chain."""
    model = firm.model
    sharing = firm.member and model.active(model.information) and firm in model.data_sharers
    kind = model.information.kind
    firm.shared_near = 1.0 if sharing and kind in ("bilateral", "platform") else 0.0
    firm.shared_far = 1.0 if sharing and kind == "platform" else 0.0


# --- what is seen ---------------------------------------------------------------------------------------


def seen(firm: Firm, truth: float, disclosure: float, shared: float, error: float) -> float:
    """alpha truth + (1 - alpha) (prior + error) + (alpha - alpha_without) truth overclaim, with the accuracy
    alpha = without + (with - without) x disclosure x shared."""
    information = firm.model.information
    gained = (information.accuracy_with - information.accuracy_without) * disclosure * shared
    alpha = information.accuracy_without + gained
    return alpha * truth + (1.0 - alpha) * (information.prior + error) + gained * truth * firm.overclaim


def show(firm: Firm) -> None:
    """By which data the firm's green quality is measured, and what is then seen of what it does."""
    firm.shown_near = believed(firm, firm.shared_near, "contribution_measurement")
    firm.shown_far = believed(firm, firm.shared_far, "contribution_measurement")
    firm.observed_now = observed(firm, firm.acts)
    firm.seen_now = seen_by_partners(firm, firm.acts)


def observed(firm: Firm, acts: Acts) -> float:
    """Green quality as the whole chain sees it, never below 0."""
    return max(seen(firm, firm.green_quality(acts), acts.disclosure, firm.shown_far, firm.sight_error), 0.0)


def seen_by_partners(firm: Firm, acts: Acts) -> float:
    """Green quality as direct partners see it."""
    return seen(firm, firm.green_quality(acts), acts.disclosure, firm.shown_near, firm.sight_error)


def efforts_seen(firm: Firm) -> Acts:
    """The efforts that partners match or imitate, in 0..1; disclosure is plain to see."""
    acts, noise = firm.acts, firm.model.information.noise
    quality_z, abatement_z = firm.model.normals("observation")
    shared = believed(firm, firm.shared_near, "conditional_cooperation")
    return Acts(
        unit(seen(firm, acts.quality, acts.disclosure, shared, noise * quality_z[firm.number])),
        unit(seen(firm, acts.abatement, acts.disclosure, shared, noise * abatement_z[firm.number])),
        acts.disclosure,
    )


def exceeds(firm: Firm, value: float, limit: float) -> float:
    """Whether a judged value is found over a limit (1 or 0); the probability of it when deciding."""
    error = firm.model.assessment.measurement_error
    if firm.model.certain:
        return 1.0 if value + error * firm.measurement_error > limit else 0.0
    return probability_below((value - limit) / error)


def probability_below(z: float) -> float:
    """P(Z < z) of a logistic error of standard deviation 1."""
    scaled = z * LOGISTIC
    return 1.0 / (1.0 + math.exp(-scaled)) if scaled > -700.0 else 0.0


def rated(firm: Firm, acts: Acts, bar: float) -> float:
    """Whether the public rating reaches a bar (1 or 0). Deciding, a firm that may be audited counts on the chance that
    an audit of these acts finds so."""
    if firm.audit > 0 and not firm.model.certain:
        return exceeds(firm, firm.green_quality(acts), bar)
    return 1.0 if firm.rating >= bar else 0.0


# --- 2 observe ------------------------------------------------------------------------------------------


def observe(firm: Firm) -> None:
    """What others believe of the firm, and which incentives it may hope for."""
    model = firm.model
    firm.sight_error = 0.0
    show(firm)
    firm.known_green_quality = firm.observed_now
    firm.cost_now = firm.effort_cost(firm.acts)
    firm.penalty = math.prod(instrument.fine_factor(firm) for instrument in model.in_force)
    firm.offers = [offer for offer in model.in_force if offer.reaches(firm, firm.member)]
    firm.seen_acts = efforts_seen(firm)


# --- 6 inspect ------------------------------------------------------------------------------------------


def draw_overclaim(firm: Firm) -> None:
    """Some firms report more than they do, until they are found out."""
    reporting = firm.model.scenario.reporting
    if firm.model.uniform("overclaim")[firm.number] < reporting.overclaim_share:
        firm.overclaim = reporting.overclaim


def verify_report(firm: Firm) -> None:
    """A report that is shared is checked now and then; who is found to overclaim does so no more, and is not believed
    for some months."""
    model = firm.model
    firm.disbelief = max(firm.disbelief - 1, 0)
    reports = max(firm.shared_near, firm.shared_far) * firm.acts.disclosure * firm.revenue > 0
    verification = model.information.verification
    chance = VERIFIED_BY.get(verification, verification)
    firm.exposed = reports and firm.overclaim > 0 and model.uniform("verification")[firm.number] < chance
    if firm.exposed:
        firm.overclaim, firm.disbelief = 0.0, model.scenario.reporting.disbelief_months


def refresh_rating(firm: Firm) -> None:
    """Public ratings close a part of their gap to what disclosed data show."""
    information = firm.model.information
    if information.rating_refresh == 0:
        return
    far = believed(firm, firm.shared_far, "audit_targeting")
    error = information.noise * firm.model.normals("observation")[0][firm.number]
    shown = unit(seen(firm, firm.green_quality(firm.acts), firm.acts.disclosure, far, error))
    firm.rating += information.rating_refresh * firm.acts.disclosure * far * (shown - firm.rating)
