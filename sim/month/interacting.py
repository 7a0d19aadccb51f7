"""What firms get by their partners' quality efforts, beside what goes through trade: terms of payoffs, and the books.

Firms know their own efforts, and those of partners as they see them (channel `conditional_cooperation`): exactly where
accuracy is 1. In the social payoff what a firm does for its partners counts in full.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from sim.fields import Array
from sim.known import Known
from sim.ledger import Ledger
from sim.mechanisms.acts import Acts
from sim.parameters import Interaction
from sim.payoff import Term
from sim.rules import interaction as rules

Worth = Callable[[Interaction, Known, Acts], Array]
"""What the acts are worth under some settings, money a month, (..., world, firm)."""


def efforts(known: Known) -> Array:
    """Quality effort of every firm as its partners see it, (world, firm); in truth as it is."""

    def make() -> Array:
        acts = known.acts
        if known.certain:
            return acts.quality
        near = known.through(known.channels.conditional_cooperation, known.believed_near)
        return np.minimum(np.maximum(known.as_seen(acts.quality, acts.disclosure, near, 0.0), 0.0), 1.0)

    return known.once("efforts of partners", make)


def around(known: Known) -> Array:
    """Sum of the partners' efforts, (world, firm)."""
    return known.once("efforts around", lambda: rules.of_partners(efforts(known), known.links))


# --- efforts that are worth more, or less, together -----------------------------------------------------


def complementarity(settings: Interaction, known: Known, acts: Acts) -> Array:
    """phi S q x sum of the partners' efforts (Ballester, Calvo-Armengol & Zenou 2006)."""
    return (settings.complementarity * known.revenue * around(known)) * acts.quality


def whole_complementarity(settings: Interaction, known: Known, acts: Acts) -> Array:
    """The same with what it is worth to partners: phi q sum over partners of (S_i + S_j) q_j."""

    def make() -> Array:
        theirs = rules.of_partners(known.revenue * efforts(known), known.links)
        return known.revenue * around(known) + theirs

    return (settings.complementarity * known.once("complements", make)) * acts.quality


# --- local public goods ---------------------------------------------------------------------------------


def local_benefit(settings: Interaction, known: Known, acts: Acts) -> Array:
    """beta S (2x - x^2/2), x own effort and that of partners, at most 2; for producers (Bramoulle & Kranton 2007)."""
    worth = settings.local_benefit * known.revenue * known.traits.producer
    return worth * rules.local_good(acts.quality + around(known))


def local_cost(settings: Interaction, known: Known, acts: Acts) -> Array:
    """What own effort for it costs: beta S q. So a firm wants 1 in all, whoever does it."""
    return -(settings.local_benefit * known.revenue * known.traits.producer) * acts.quality


def whole_local_benefit(settings: Interaction, known: Known, acts: Acts) -> Array:
    """The same with what it is worth to partners, whose good has the firm's effort in it."""
    links, seen = known.links, efforts(known)
    firm, partner = links.pairs()
    worth = links.at(partner, settings.local_benefit * known.revenue * known.traits.producer)
    have = links.at(partner, seen + around(known))
    theirs = worth * rules.local_good(have + links.at(firm, acts.quality - seen))
    rows = theirs.reshape(-1, theirs.shape[-1])
    total = np.stack([links.total(firm, row) for row in rows]).reshape(*theirs.shape[:-1], *seen.shape)
    return local_benefit(settings, known, acts) + total


# --- public goods in groups -----------------------------------------------------------------------------


def _groups(settings: Interaction, known: Known) -> rules.Groups:
    return rules.groups(known.links, settings.group_size)


def put(settings: Interaction, known: Known, quality: Array) -> Array:
    """What a firm puts into each group that it is in: c S q."""
    return (settings.group_cost * known.revenue) * quality


def group_cost(settings: Interaction, known: Known, acts: Acts) -> Array:
    """What a firm puts into all groups that it is in."""
    return -_groups(settings, known).count * put(settings, known, acts.quality)


def group_return(settings: Interaction, known: Known, acts: Acts) -> Array:
    """r x its equal share of the pot of each group that it is in (Szolnoki, Perc & Szabo 2009)."""
    groups = _groups(settings, known)
    others = known.once(
        "put by others",
        lambda: rules.shared_by_others(put(settings, known, efforts(known)), known.links, groups),
    )
    return settings.group_return * (others + groups.part * put(settings, known, acts.quality))


def whole_group_return(settings: Interaction, known: Known, acts: Acts) -> Array:
    """r x what the firm puts into groups, whoever gets it."""
    return settings.group_return * _groups(settings, known).count * put(settings, known, acts.quality)


# --- payoffs and books ----------------------------------------------------------------------------------


def private_terms(settings: Interaction) -> list[Term]:
    """What a firm gets; nothing where there is no interaction."""
    return _terms(settings, complementarity, local_benefit, group_return)


def social_terms(settings: Interaction) -> list[Term]:
    """What a firm and its partners get by what it does."""
    return _terms(settings, whole_complementarity, whole_local_benefit, whole_group_return)


def _terms(settings: Interaction, joint: Worth, benefit: Worth, returned: Worth) -> list[Term]:
    """The terms that are switched on; what effort costs is the same in both payoffs."""
    on: list[tuple[str, Worth]] = []
    if settings.complementary:
        on += [("complementarity", joint)]
    if settings.local:
        on += [("local cost", local_cost), ("local benefit", benefit)]
    if settings.grouped:
        on += [("group cost", group_cost), ("group return", returned)]
    return [Term(name, partial(worth, settings)) for name, worth in on]


def interacted(settings: Interaction, known: Known, ledger: Ledger) -> None:
    """Book what each firm gets; it comes from outside and goes there."""
    for term in private_terms(settings):
        ledger.firms_receive(term.name, term.payment(known, known.acts), "outside")
