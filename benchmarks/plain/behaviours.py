"""How the firms of the plain Mesa model decide."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.plain.agents import Acts, unit
from benchmarks.plain.payoffs import payoff, social_payoff, uphill

if TYPE_CHECKING:
    from benchmarks.plain.agents import Firm

# --- 3 decide -------------------------------------------------------------------------------------------


def decide(firm: Firm) -> None:
    """Plan the month by the firm's way of deciding; a member discloses at least what is mandated."""
    wanted = BEHAVIOURS[firm.behaviour.kind](firm, firm.behaviour)
    floor = firm.model.information.minimum_disclosure * max(firm.shared_near, firm.shared_far)
    disclosure = max(unit(wanted.disclosure), floor)
    firm.plan = Acts(unit(wanted.quality), unit(wanted.abatement), disclosure, firm.member)


def act(firm: Firm) -> None:
    """Do what was planned, now that all have planned."""
    firm.acts = firm.plan


def gradient(firm: Firm, rule: Any) -> Acts:
    """Better reply: x + speed x dU/dx / S + noise x z."""
    slope, now = uphill(firm, payoff), firm.acts
    quality_z, abatement_z = firm.model.normals("gradient")
    return Acts(
        now.quality + rule.speed * slope.quality + rule.noise * quality_z[firm.number],
        now.abatement + rule.speed * slope.abatement + rule.noise * abatement_z[firm.number],
        now.disclosure + rule.speed * slope.disclosure,
    )


def cooperative(firm: Firm, rule: Any) -> Acts:
    """First best: x + speed x dU*/dx / S."""
    slope, now = uphill(firm, social_payoff), firm.acts
    return Acts(*(x + rule.speed * dx for x, dx in zip(now[:3], slope[:3], strict=True)))


def fixed(firm: Firm, rule: Any) -> Acts:
    """The same every month."""
    return Acts(rule.quality, rule.abatement, rule.disclosure)


def conditional(firm: Firm, rule: Any) -> Acts:
    """x + speed (max(0, match x mean effort seen of partners - bias) - x)."""
    if not firm.partners:
        return firm.acts
    count = len(firm.partners)

    def toward(mine: float, total: float) -> float:
        return mine + rule.speed * (max(rule.match * total / count - rule.bias, 0.0) - mine)

    totals = [sum(efforts) for efforts in zip(*(partner.seen_acts[:3] for partner in firm.partners), strict=True)]
    return Acts(*(toward(mine, total) for mine, total in zip(firm.acts[:3], totals, strict=True)))


def imitate(firm: Firm, rule: Any) -> Acts:
    """Look at a partner or a peer now and then; copy it with probability 1 / (1 + exp(-s (p_j - p_i)))."""
    model, i = firm.model, firm.number
    look = model.uniform("imitate/look")[i]
    partner_first = firm.partners and look < rule.partners * rule.attempts
    choice = firm.partners if partner_first else firm.peers or firm.partners
    if look >= rule.attempts or not choice:
        return firm.acts
    other = choice[int(model.uniform("imitate/pick")[i] * len(choice))]
    if other is firm:
        return firm.acts
    gap = other.profitability - firm.profitability
    if model.uniform("imitate/adopt")[i] >= 1.0 / (1.0 + math.exp(min(-rule.selection * gap, 500.0))):
        return firm.acts
    quality_z, abatement_z = model.normals("imitate/noise")
    seen = other.seen_acts
    return Acts(seen.quality + rule.noise * quality_z[i], seen.abatement + rule.noise * abatement_z[i], seen.disclosure)


def reinforce(firm: Firm, rule: Any) -> Acts:
    """Play levels of effort the oftener the better it did with them; disclosure stays."""
    for effort, played in (("quality", firm.acts.quality), ("abatement", firm.acts.abatement)):
        if effort not in firm.propensities:
            firm.propensities[effort] = [rule.strength] * rule.levels
        learn_of(firm, rule, firm.propensities[effort], round(played * (rule.levels - 1)))
    firm.aspiration = aim(firm) + rule.aspiration_speed * (firm.profitability - aim(firm))
    firm.months_played += 1
    efforts = [draw_level(firm, effort) / (rule.levels - 1) for effort in ("quality", "abatement")]
    return Acts(efforts[0], efforts[1], firm.acts.disclosure)


def aim(firm: Firm) -> float:
    """Profit per revenue that the firm aspires to; at first, what it gets."""
    return firm.aspiration if firm.months_played >= 2 else firm.profitability


def learn_of(firm: Firm, rule: Any, propensity: list[float], played: int) -> None:
    """Reward the level played last month and, a little, its neighbours; what would fall off the end stays with the
    level played."""
    reward = (firm.profitability - aim(firm)) / rule.scale
    neighbours = [level for level in (played - 1, played + 1) if 0 <= level < rule.levels]
    for level in range(rule.levels):
        part = 0.0
        if level == played:
            part = 1.0 - 0.5 * rule.experimentation * len(neighbours)
        elif level in neighbours:
            part = 0.5 * rule.experimentation
        learnt = (1.0 - rule.forgetting) * propensity[level] + part * reward
        propensity[level] = max(learnt, rule.floor * rule.strength)


def draw_level(firm: Firm, effort: str) -> int:
    """A level, with chances in proportion to the propensities."""
    propensity = firm.propensities[effort]
    left = firm.model.uniform(f"reinforce/{effort}")[firm.number] * sum(propensity)
    for level, chance in enumerate(propensity):
        left -= chance
        if left < 0:
            return level
    return len(propensity) - 1


BEHAVIOURS: dict[str, Callable[..., Acts]] = {
    "gradient": gradient,
    "conditional": conditional,
    "cooperative": cooperative,
    "fixed": fixed,
    "imitate": imitate,
    "reinforce": reinforce,
}
