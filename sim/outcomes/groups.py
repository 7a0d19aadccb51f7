"""Groups of firms, and outcomes by them where `[assessment] by` asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.fields import Array
from sim.network.links import Index
from sim.outcomes.base import ROLE_NAMES, Outcome
from sim.outcomes.free_riding import counted_riders, gini_of
from sim.outcomes.quality import active, theta
from sim.programme import Programme
from sim.world import World

DIVIDED = {"role": "by role", "tier": "by role and tier", "size": "by size of the firm", "region": "by region"}
"""What firms may be grouped by, in words."""


@dataclass(frozen=True, eq=False)
class Groups:
    """A division of the firms: every firm is in one group. firms: rows of each group's firms."""

    firms: Mapping[str, Index]

    def sums(self, x: Array) -> dict[str, Array]:
        """Sum over the firms of each group, (W,) each. Every world is summed by itself, so that it does not depend
        on those beside it (a matrix product would)."""
        ordered = x.take(np.concatenate(list(self.firms.values())), axis=1)
        starts = np.cumsum([0, *(len(rows) for rows in self.firms.values())])[:-1]
        totals = np.add.reduceat(ordered, starts, axis=1)
        return {group: totals[:, n] for n, group in enumerate(self.firms)}

    def means(self, x: Array, marked: Array) -> dict[str, Array]:
        """Mean over the marked firms of each group, (W,) each; 0 where there are none."""
        total, count = self.sums(x * marked), self.sums(marked)
        return {group: total[group] / np.maximum(count[group], 1.0) for group in self.firms}


ByWorld = Callable[[World, Programme], Mapping[str, Array]]
ByGroups = Callable[[World, Programme, Groups], Mapping[str, Array]]


def asked(p: Programme) -> tuple[str, ...]:
    """What outcomes are asked for by; by role too, if by anything."""
    by = p.scenario.assessment.by
    return tuple(d for d in DIVIDED if d == "role" or d in by) if by else ()


def groups_of(p: Programme, dimension: str) -> Groups:
    """The groups of firms in one dimension: those that have firms."""
    return p.once(f"groups by {dimension}", lambda: _divided(p, dimension))


def _divided(p: Programme, dimension: str) -> Groups:
    row, traits = np.arange(p.network.size), p.traits
    if dimension == "role":
        found = {ROLE_NAMES[role]: row[p.network.role(role)] for role in p.roles}
    elif dimension == "tier":
        found = {group: row[where] for group, where in p.groups.items()}
    elif dimension == "size":
        found = {"sme": row[traits.sme[0]], "large": row[~traits.sme[0]]}
    else:
        found = {region: row[traits.region == n] for n, region in enumerate(traits.regions)}
    return Groups({group: rows for group, rows in found.items() if len(rows)})


def _measured(dimension: str, by_groups: ByGroups) -> ByWorld:
    """The measure of an outcome by groups: nothing where nobody asks."""

    def measure(world: World, p: Programme) -> Mapping[str, Array]:
        return by_groups(world, p, groups_of(p, dimension)) if dimension in asked(p) else {}

    return measure


def _sums(of_firm: Callable[[World, Programme], Array]) -> ByGroups:
    return lambda world, p, groups: groups.sums(of_firm(world, p))


def _free_riders(world: World, p: Programme, groups: Groups) -> dict[str, Array]:
    return groups.means(*counted_riders(world, p))


def _quality(world: World, p: Programme, groups: Groups) -> dict[str, Array]:
    return groups.means(theta(world, p), active(world, p))


def _gini(world: World, p: Programme, groups: Groups) -> dict[str, Array]:
    return {g: gini_of(world.benefit[:, rows], world.contribution[:, rows]) for g, rows in groups.firms.items()}


BY_GROUP: tuple[tuple[Outcome, ByGroups | None], ...] = (
    (
        Outcome("profit", "kCNY", "sum", "profit of firms", None, "higher"),
        _sums(lambda w, p: w.profit),
    ),
    (
        Outcome("emissions", "t CO2e", "sum", "emissions of firms", None, "lower"),
        _sums(lambda w, p: w.emissions),
    ),
    (
        Outcome("support", "kCNY", "sum", "what incentives pay firms, deposits apart", None),
        _sums(lambda w, p: w.support),
    ),
    (
        Outcome("public_money", "kCNY", "sum", "what firms get from regulators less what they pay them", None),
        _sums(lambda w, p: w.ledger.from_regulators()),
    ),
    (
        Outcome("green_quality", "share", "mean", "mean green quality of firms", None, "higher"),
        _quality,
    ),
    (
        Outcome("effort_gap", "share", "mean", "1 - green quality / green quality of the first best", None, "lower"),
        None,
    ),
    (
        Outcome("free_rider_share", "share", "mean", "free riders among firms", None, "lower"),
        _free_riders,
    ),
    (
        Outcome("benefit_cost_gini", "share", "mean", "inequality of benefit per contribution within", None, "lower"),
        _gini,
    ),
    (
        Outcome("windfall", "kCNY", "sum", "support to firms that would do as much without", None, "lower"),
        None,
    ),
)
"""What may be asked for by groups, with how it is measured; None where it takes a second world."""

ALWAYS = ("profit_by_role", "emissions_by_role", "free_rider_share_by_tier", "free_rider_share_by_size")
"""Outcomes by groups that are there whether asked for or not, and defined elsewhere."""

by_group = tuple(
    replace(
        whole,
        name=f"{whole.name}_by_{dimension}",
        description=f"{whole.description}, {divided}, if asked for by [assessment] by",
        measure=None if by_groups is None else _measured(dimension, by_groups),
    )
    for whole, by_groups in BY_GROUP
    for dimension, divided in DIVIDED.items()
    if f"{whole.name}_by_{dimension}" not in ALWAYS
)
