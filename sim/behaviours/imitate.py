"""Imitation of the more successful."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from sim.behaviours.base import Behaviour, Efforts, View
from sim.fields import NonNegative, Share


class Imitate(Behaviour):
    """A firm looks at a partner or a peer at random and copies what it sees of it, the likelier the better
    the other does.

    Formula: copy with probability 1 / (1 + exp(-selection (p_j - p_i))), p profit per revenue of last
    month; the model j is a partner with probability `partners`, else a firm of the same role in
    the network's chains; a copied effort has a small error.
    Source: Fermi pairwise comparison (Blume 1993; Szabo & Toke 1998; Traulsen, Nowak & Pacheco 2006).
    """

    kind: Literal["imitate"] = "imitate"
    selection: NonNegative = Field(50.0, description="strength of selection s, per unit of profit per revenue (assumed)")
    partners: Share = Field(0.5, description="chance to look at a partner and not at a peer (assumed)")
    attempts: Share = Field(0.2, description="chance to look at all in a month (assumed)")
    noise: NonNegative = Field(0.01, description="standard error of a copied effort (assumed)")

    def decide(self, view: View) -> Efforts:
        now, seen, month, near = view.now(), view.seen(), view.month, view.neighbours
        shape = now.quality.shape
        look = view.draws.uniform("imitate/look", month)
        pick = view.draws.uniform("imitate/pick", month).ravel()
        count, peer_count = near.count, near.peer_count
        use_partner = ((look / max(self.attempts, 1e-12) < self.partners).ravel() & (count > 0)) | (peer_count == 0)
        partner = near.partner[_slot(near.start, count, pick, len(near.partner))] if len(near.partner) else near.peer_start * 0
        peer = near.peer[_slot(near.peer_start, peer_count, pick, len(near.peer))] if len(near.peer) else partner
        model = np.where(use_partner, partner, peer)
        able = np.where(use_partner, count, peer_count).reshape(shape) > 0

        profit = view.profitability
        gap = profit.ravel()[model].reshape(shape) - profit
        adopt = 1.0 / (1.0 + np.exp(np.minimum(-self.selection * gap, 500.0)))
        copies = (view.draws.uniform("imitate/adopt", month) < adopt) & (look < self.attempts) & able
        z_quality, z_abatement = view.draws.normals("imitate/noise", month)

        def copy(mine: np.ndarray, theirs: np.ndarray, error: np.ndarray | float) -> np.ndarray:
            return np.where(copies, theirs.ravel()[model].reshape(shape) + error, mine)

        return Efforts(
            copy(now.quality, seen.quality, self.noise * z_quality),
            copy(now.abatement, seen.abatement, self.noise * z_abatement),
            copy(now.disclosure, seen.disclosure, 0.0),
        )


def _slot(start: np.ndarray, count: np.ndarray, pick: np.ndarray, size: int) -> np.ndarray:
    """The picked one of each firm's list, as a position in the flat list."""
    return np.minimum(start + (pick * count).astype(np.int64), size - 1)
