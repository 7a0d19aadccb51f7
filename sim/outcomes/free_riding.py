"""Free-riding: who gets the benefit of the collaboration and who bears its cost."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.outcomes.base import Outcome
from sim.outcomes.quality import active
from sim.programme import Programme
from sim.world import World


def free_riders(world: World, p: Programme) -> Array:
    """1 for each firm whose benefit b > 0 while its net contribution c per benefit is under the threshold
    times that of its chain, (world, firm).

    b: premium received and failures spared by suppliers' efforts. c: cost of efforts and disclosure after
    cost sharing and subsidies. A firm in several chains is held to the mean of them, weighted by its value.
    Where a chain as a whole contributes nothing (subsidies exceed its cost), nobody counts as a free rider.
    """
    chains = world.chains
    benefit, contribution = np.maximum(world.benefit, 0.0), world.contribution
    chain_benefit = chains.by_chain(world.part * chains.at_firm(benefit))
    chain_contribution = chains.by_chain(world.part * chains.at_firm(contribution))
    usual = np.divide(chain_contribution, chain_benefit, out=np.zeros_like(chain_benefit), where=chain_benefit > 0)
    norm = chains.by_firm(world.part * chains.at_chain(usual))
    threshold = p.scenario.assessment.free_rider_threshold
    return np.where((benefit > 0) & (norm > 0) & (contribution < threshold * norm * benefit), 1.0, 0.0)


def counted_riders(world: World, p: Programme) -> tuple[Array, Array]:
    """Free riders and counted firms of the month, (world, firm) of 0 and 1 each, worked out once."""
    return world.once("free riders", lambda: (free_riders(world, p), active(world, p)))


def _share(world: World, p: Programme, firms: slice) -> Array:
    riders, counted = counted_riders(world, p)
    return (riders * counted)[:, firms].sum(axis=1) / np.maximum(counted[:, firms].sum(axis=1), 1.0)


def _everybody(world: World, p: Programme) -> Array:
    return _share(world, p, slice(None))


def _by_tier(world: World, p: Programme) -> dict[str, Array]:
    return {group: _share(world, p, firms) for group, firms in p.groups.items()}


def _by_size(world: World, p: Programme) -> dict[str, Array]:
    riders, counted = counted_riders(world, p)
    small = counted * p.traits.sme
    ridden = {"sme": (riders * small).sum(axis=1), "large": (riders * (counted - small)).sum(axis=1)}
    firms = {"sme": small.sum(axis=1), "large": (counted - small).sum(axis=1)}
    return {size: ridden[size] / np.maximum(firms[size], 1.0) for size in ridden}


def gini_of(benefit: Array, contribution: Array) -> Array:
    """Area between the Lorenz curve of benefit against contribution and the diagonal, times two, (W,): firms in order
    of benefit per contribution, each with the weight of its contribution; 0 when benefit follows contribution."""
    benefit, contribution = np.maximum(benefit, 0.0), np.maximum(contribution, 0.0)
    ratio = np.divide(benefit, contribution, out=np.full_like(benefit, np.inf), where=contribution > 0)
    order = np.argsort(ratio, axis=1)
    gained = np.cumsum(np.take_along_axis(benefit, order, axis=1), axis=1)
    given = np.cumsum(np.take_along_axis(contribution, order, axis=1), axis=1)
    total = np.maximum(gained[:, -1] * given[:, -1], 1e-300)
    step = np.diff(given, axis=1, prepend=0.0)
    before = np.concatenate([np.zeros((len(gained), 1)), gained[:, :-1]], axis=1)
    area = (step * (gained + before)).sum(axis=1) / total
    return np.where(gained[:, -1] * given[:, -1] > 0, 1.0 - area, 0.0)


share = Outcome(
    "free_rider_share", "share", "mean",
    "firms with benefit whose net contribution per benefit is under a threshold (half) of their chain's",
    _everybody, "lower",
)  # fmt: skip
by_size = Outcome("free_rider_share_by_size", "share", "mean", "the same by size of the firm", _by_size, "lower")
by_tier = Outcome("free_rider_share_by_tier", "share", "mean", "the same by role and tier", _by_tier, "lower")
gini = Outcome(
    "benefit_cost_gini", "share", "mean", "inequality of benefit per contribution (Gini)",
    lambda w, p: gini_of(w.benefit, w.contribution), "lower",
)  # fmt: skip
sharing_error = Outcome(
    "shapley_standard_error", "share", "mean",
    "largest standard error of a firm's Shapley share in its chain's premium or cost; 0 where nothing is sampled",
    lambda w, p: w.sharing_error, "lower",
)  # fmt: skip
effort_gap = Outcome(
    "effort_gap", "share", "mean",
    "1 - green quality / green quality of the first best: the same world with every firm cooperative",
    None, "lower",
)  # fmt: skip
first_best = Outcome(
    "first_best_quality", "share", "mean",
    "mean green quality of the first best, which information, training and regulation move too",
    None,
)  # fmt: skip
