"""Everything that is known: of efforts, of chains, and what acts cost, emit and let fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.fields import Array
from sim.known.chains import InChains
from sim.mechanisms.acts import Acts
from sim.rules import effort, emissions, logistics, quality


@dataclass(eq=False, kw_only=True)
class Known(InChains):
    """What is known in a month, for payments and behaviours to ask; `Facts` lists what else it holds.

    premium_rule: how the green premium is shared, see premium_part. cost_rule: what others pay each firm of its effort
    cost, see borne_cost; None where costs are never shared. loss_rule: what disruptions cost each firm, see losses;
    None where nobody asks. custom_rule: what a supplier expects of its customers' reviews, see custom. margin_rule:
    what a firm expects of its margins, see margins.
    """

    premium_rule: Callable[[Known, Acts], Array]
    cost_rule: Callable[[Known, Acts], Array | None] | None = None
    loss_rule: Callable[[Known, Acts], Array] | None = None
    custom_rule: Callable[[Known, Acts], Array] | None = None
    margin_rule: Callable[[Known, Acts], Array] | None = None

    def effort_cost(self, acts: Acts) -> Array:
        """C of the acts, money a month."""
        return acts.derived(
            "effort_cost",
            lambda: effort.effort_cost(
                acts.quality,
                acts.abatement,
                self.revenue if self.plant is None else self.plant,
                self.quality_cost,
                self.abatement_cost,
                self.technology.synergy,
            ),
        )

    def borne_cost(self, acts: Acts) -> Array:
        """What a firm bears of effort cost: its own, less what others pay of it by cost sharing, and what it pays of
        theirs; (..., world, firm). Over a chain the same as what its efforts cost."""
        cost = self.effort_cost(acts)
        shared = None if self.cost_rule is None else self.cost_rule(self, acts)
        return cost if shared is None else np.maximum(cost - shared, 0.0)

    def premium_part(self, acts: Acts) -> Array:
        """Part of the chain's green premium that each entry's firm receives, (..., W*E); sums to 1 over a chain."""
        return acts.derived("premium_part", lambda: self.premium_rule(self, acts))

    def emissions(self, acts: Acts) -> Array:
        """Tonnes CO2e a firm emits in the month (a carrier: by the transport it does)."""
        return acts.derived(
            "emissions", lambda: emissions.own_emissions(self.gross, acts.abatement, self.traits.abatable)
        )

    def tonnes_below_baseline(self, acts: Acts) -> Array:
        """Tonnes a firm emits less than with the abatement effort it began with; never below 0."""
        saved = self.gross * self.traits.abatable * (acts.abatement - self.baseline_abatement)
        return np.maximum(saved, 0.0)

    def packaging(self, acts: Acts, rate: float = 1.0) -> Array:
        """Tonnes of packaging that each producer uses up around what it ships in the month, to customers and to the
        market, or money at a rate for each."""
        settings = self.logistics
        shipped = np.where(self.traits.producer, self.revenue / self.traits.price, 0.0)
        return logistics.packaging(rate * settings.packaging_used, shipped, acts.abatement, settings.packaging_saving)

    def own_defects(self, acts: Acts) -> Array:
        """Defect rate of a firm's own process (a carrier: goods it damages)."""
        return acts.derived(
            "own_defects",
            lambda: quality.own_defects(acts.quality, self.traits.defect_rate, self.technology.defect_cut),
        )

    def outgoing_defects(self, acts: Acts) -> Array:
        """Defect rate of what a firm ships."""
        return quality.outgoing_defects(self.own_defects(acts), self.accepted)

    def losses(self, acts: Acts) -> Array:
        """Loss of each firm by outages and incidents, money a month: of this month in truth, when deciding as expected
        at the acts; (..., world, firm)."""
        rule = self.loss_rule
        return np.zeros_like(self.revenue) if rule is None else acts.derived("losses", lambda: rule(self, acts))

    def custom(self, acts: Acts) -> Array:
        """Money a month that each firm expects of its customers' reviews at the acts, (..., world, firm)."""
        rule = self.custom_rule
        return np.zeros_like(self.revenue) if rule is None else rule(self, acts)

    def margins(self, acts: Acts) -> Array:
        """What its margins would bring each firm, money a month, (..., world, firm)."""
        rule = self.margin_rule
        return np.zeros_like(self.revenue) if rule is None else rule(self, acts)
