"""How suppliers stand with their customers."""

from __future__ import annotations

from dataclasses import dataclass

from sim.fields import Array
from sim.network.links import Index


@dataclass(frozen=True, eq=False)
class Standing:
    """Of every link: indicators (7, W*L) in the order of `rules.relations.INDICATORS`; warned (0 or 1); notice and
    transition, months left, (W*L,) each; successor, flat firm index, -1 for none; replaced (1 where the successor took
    over this month). usual: running mean of each firm's green quality, (world, firm)."""

    indicators: Array
    usual: Array
    warned: Array
    notice: Array
    transition: Array
    successor: Index
    replaced: Array
