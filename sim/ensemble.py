"""Many worlds at once: a block of replications of a scenario as one array program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sim import phases
from sim.beginning import opening
from sim.errors import RunError
from sim.fields import Array
from sim.outcomes.base import outcomes
from sim.outcomes.groups import asked, groups_of
from sim.programme import Programme, programme_of
from sim.rules.effort import green_quality
from sim.scenario.schema import Scenario
from sim.scenario.varied import is_varied
from sim.world import World

CACHE_FIRMS = 20_000
"""Firms (of all worlds together) in a block, about 100 worlds of 200: from there on `make bench` finds the speed nearly
level, and smaller blocks save more often and share out better among processes."""

EFFORT_GAP, FIRST_BEST = "effort_gap", "first_best_quality"
"""Outcomes that need the first best, a second world beside each."""

AS_HIGH = 1e-3
"""An effort counts as no higher than without the incentives if it is not higher by this much."""

LEAST_BEST = 1e-6
"""A first best of less green quality than this leaves no gap to speak of."""


@dataclass(frozen=True, eq=False)
class Block:
    """What came of a block of replications.

    monthly: series by name, (months, W). ledger: net receipts over the run by (payment, account), (W,),
    accounts being roles of firms, `regulator` and the institutions. last_paid: for each payment with a
    budget, the last month in which it paid, (W,), -1 for never. world: how the worlds stand at the end.
    """

    replications: tuple[int, ...]
    monthly: Mapping[str, Array]
    ledger: Mapping[tuple[str, str], Array]
    last_paid: Mapping[str, Array]
    world: World
    programme: Programme


def run_block(
    scenario: Scenario, seed: int, replications: Sequence[int], *, check: bool = True, benchmark: bool = True
) -> Block:
    """Run a scenario for each replication, and its first best beside it if `benchmark` and if the scenario asks for it.

    Each world may have a scenario of its own, see `sim.scenario.varied`: then there is a row for each replication.
    check: verify every month that the books balance (RunError if not). A world's numbers are the same
    whatever other worlds run beside it.
    """
    p = programme_of(scenario, seed, replications)
    # Held in a list, from which a month takes it: nothing else keeps last month's arrays while the month is made.
    now = [opening(p)]
    recorder = Recorder(p, scenario.months)
    anyway = Anyway(scenario, seed, replications) if scenario.assessed_against_none else None
    for t in range(scenario.months):
        now.append(phases.month(now.pop(), p))
        if check:
            now[0].ledger.check(t)
        recorder.record(now[0], t)
        if anyway is not None:
            anyway.record(now[0], p)
    monthly = recorder.monthly | (anyway.monthly if anyway is not None else {})
    if benchmark and scenario.assessment.first_best:
        first_best = best_of(scenario.first_best(), seed, tuple(replications))
        monthly[FIRST_BEST] = first_best["green_quality"]
        for name, best in first_best.items():
            monthly[name.replace("green_quality", EFFORT_GAP, 1)] = effort_gap(monthly[name], best)
    for name, series in monthly.items():
        if not np.all(np.isfinite(series)):
            t, w = (int(k[0]) for k in np.nonzero(~np.isfinite(series)))
            raise RunError(f"{name} is not a number in month {t} of replication {replications[w]}")
    return Block(tuple(replications), monthly, recorder.ledger, recorder.last_paid, now[0], p)


def best_of(cooperative: Scenario, seed: int, replications: tuple[int, ...]) -> Mapping[str, Array]:
    """See `first_best_quality`; that of a scenario with columns is not kept, as these cannot be compared."""
    measure = first_best_quality.__wrapped__ if is_varied(cooperative) else first_best_quality
    return measure(cooperative, seed, replications)


@lru_cache(maxsize=8)
def first_best_quality(cooperative: Scenario, seed: int, replications: tuple[int, ...]) -> Mapping[str, Array]:
    """Mean green quality of worlds in which all firms are cooperative, over all and over the groups asked for, by the
    name of the series, (months, W) each. Scenarios that differ in who pays for what share their first best, so it is
    kept."""
    p = programme_of(cooperative, seed, replications)
    world = opening(p)
    measured = [outcomes()["green_quality"], *(outcomes()[f"green_quality_by_{d}"] for d in asked(p))]
    best: dict[str, list[Array]] = {}
    for _ in range(cooperative.months):
        world = phases.month(world, p)
        for outcome in measured:
            for name, value in outcome.series(world, p).items():
                best.setdefault(name, []).append(value)
    kept = {name: np.stack(months) for name, months in best.items()}
    for series in kept.values():
        series.flags.writeable = False
    return kept


def effort_gap(quality: Array, best: Array) -> Array:
    """1 - green quality / green quality of the first best; 0 where the first best has none."""
    return 1.0 - np.divide(quality, best, out=np.ones_like(best), where=best > LEAST_BEST)


class Anyway:
    """Beside each world the same without its incentives: who would have done as much anyway, and was paid for it; and
    what became of the emissions of firms that no incentive reaches."""

    def __init__(self, scenario: Scenario, seed: int, replications: Sequence[int]) -> None:
        self._programme = programme_of(scenario.without_incentives(), seed, replications)
        self._world = opening(self._programme)
        self._series: dict[str, list[Array]] = {}

    def record(self, world: World, p: Programme) -> None:
        """Live the month without incentives, and compare."""
        self.live()
        found = self._windfall(world, p) | self._additionality(world, p) | self._leakage(world, p)
        for name, value in found.items():
            self._series.setdefault(name, []).append(value)

    def live(self) -> None:
        """Live the month without incentives."""
        self._world = phases.month(self._world, self._programme)

    @property
    def monthly(self) -> dict[str, Array]:
        """The series so far, (months, W) each."""
        return {name: np.stack(months) for name, months in self._series.items()}

    def windfall(self, world: World, p: Programme) -> Array:
        """Support of each firm whose green quality is no higher than without incentives, (world, firm)."""
        weight = p.scenario.technology.quality_weight
        theta = green_quality(world.quality, world.abatement, weight)
        without = green_quality(self._world.quality, self._world.abatement, weight)
        return world.support * (without >= theta - AS_HIGH)

    def _windfall(self, world: World, p: Programme) -> dict[str, Array]:
        of_firm = self.windfall(world, p)
        windfall = of_firm.sum(axis=1)
        by_group = {
            f"windfall_by_{dimension}:{group}": value
            for dimension in asked(p)
            for group, value in groups_of(p, dimension).sums(of_firm).items()
        }
        return {"windfall": windfall, "windfall_share": _part(windfall, world.support.sum(axis=1))} | by_group

    def _additionality(self, world: World, p: Programme) -> dict[str, Array]:
        potential = world.gross * p.traits.abatable * (world.support > 0)
        claimed = (potential * np.maximum(world.abatement - world.baseline_abatement, 0.0)).sum(axis=1)
        floor = np.maximum(self._world.abatement, world.baseline_abatement)
        additional = (potential * np.maximum(world.abatement - floor, 0.0)).sum(axis=1)
        return {"additionality": _part(additional, claimed)}

    def _leakage(self, world: World, p: Programme) -> dict[str, Array]:
        reached = in_reach(world, p)
        fall = self._world.emissions - world.emissions
        elsewhere = outcomes()["emissions_outside"].series
        outside = elsewhere(world, p)["emissions_outside"]
        rise = outside - elsewhere(self._world, self._programme)["emissions_outside"]
        return {
            "abated_in_reach": (fall * reached).sum(axis=1),
            "leakage": rise - (fall * (1.0 - reached)).sum(axis=1),
        }


def in_reach(world: World, p: Programme) -> Array:
    """1 for each firm that some incentive reaches this month, (world, firm): the incentive is running, concerns firms
    of its kind (members, if it is for members) and lets the firm through, and its budget is not spent. An interruption
    of policy leaves reach as it is."""
    reached = np.zeros(p.shape)
    for force in p.incentives:
        # The month is over, so the world is one ahead, and partners may have been replaced at its end.
        if force.incentive.active(world.month - 1):
            today = force.incentive.applies_to.today(world.member, world.rating)
            firms = force.firms(p.traits, world.links)
            firms = firms if today is None else firms * today
            if force.incentive.for_members:
                firms = firms * world.member
            concerned = force.incentive.concerns(p.traits)
            firms = firms if concerned is None else firms * concerned
            reached = np.maximum(reached, firms * (world.memory[force.name]["funded"] > 0))
    return reached


def _part(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


class Recorder:
    """Keeps the monthly outcomes and the totals of the books."""

    def __init__(self, p: Programme, months: int) -> None:
        self.p, self.months = p, months
        self.monthly: dict[str, Array] = {}
        self._firms: dict[str, Array] = {}
        self._others: dict[tuple[str, str], Array] = {}
        self.last_paid = {f.name: np.full(p.worlds, -1.0) for f in p.incentives if f.incentive.budget is not None}

        self._spent = {name: np.zeros(p.worlds) for name in self.last_paid}

    def record(self, world: World, t: int) -> None:
        """Take down a month."""
        for outcome in outcomes().values():
            for name, value in outcome.series(world, self.p).items():
                if name not in self.monthly:
                    self.monthly[name] = np.zeros((self.months, self.p.worlds))
                self.monthly[name][t] = value
        self._books(world, t)

    def _books(self, world: World, t: int) -> None:
        books = world.ledger
        for name, amount in books.firm.items():
            self._firms[name] = self._firms[name] + amount if name in self._firms else amount
        for name, amount in books.regulator.items():
            self._add(name, "regulator", amount.sum(axis=1))
        for account, entries in books.institution.items():
            for name, amount in entries.items():
                self._add(name, account, amount)
        for name, last in self.last_paid.items():
            spent = world.memory[name]["spent"][:, 0]
            self.last_paid[name] = np.where(spent > self._spent[name], float(t), last)
            self._spent[name] = spent

    def _add(self, name: str, account: str, amount: Array) -> None:
        key = (name, account)
        self._others[key] = self._others[key] + amount if key in self._others else amount

    @property
    def ledger(self) -> dict[tuple[str, str], Array]:
        """Net receipts so far by (payment, account), (W,); firms by role."""
        by_role = {name: self.p.by_role(amount) for name, amount in self._firms.items()}
        firms = {(name, role): x[:, n] for name, x in by_role.items() for n, role in enumerate(self.p.roles)}
        return firms | self._others


def worlds_per_block(firms: int) -> int:
    """How many worlds run together so that their arrays stay in cache."""
    return max(1, CACHE_FIRMS // max(firms, 1))
