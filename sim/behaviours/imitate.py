"""Imitation of the more successful."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from sim.behaviours.base import Behaviour, Efforts, View, some
from sim.fields import NonNegative, Share
from sim.network.links import Index

Flags = npt.NDArray[np.bool_]


class Imitate(Behaviour):
    """A firm looks at a partner or a peer at random and copies what it sees of it, the likelier the better
    the other does.

    Formula: copy with probability 1 / (1 + exp(-selection (p_j - p_i))), p profit per revenue of last
    month; the model j, if not itself, is a partner with probability `partners`, else a firm of the same role
    (or role and tier) in the network's chains; a copied effort has a small error.
    Source: Fermi pairwise comparison (Blume 1993; Szabo & Toke 1998; Traulsen, Nowak & Pacheco 2006).
    """

    kind: Literal["imitate"] = "imitate"
    selection: NonNegative = Field(
        50.0, description="strength of selection s, per unit of profit per revenue (assumed)"
    )
    partners: Share = Field(0.5, description="chance to look at a partner and not at a peer (assumed)")
    peers: Literal["role", "tier"] = Field(
        "role", description="who is a peer: firms of the same role, or of the same role and tier"
    )
    attempts: Share = Field(0.2, description="chance to look at all in a month (assumed)")
    noise: NonNegative = Field(0.01, description="standard error of a copied effort (assumed)")

    def decide(self, view: View, cells: Index) -> Efforts:
        month, draws = view.month, view.draws
        chosen = view.at(view.now(), cells)
        look = draws.uniform("imitate/look", month, cells)
        place = np.flatnonzero(look < self.attempts)
        # `look` is uniform below `attempts`; rescaled it decides between partner and peer.
        use_partner = look < self.partners * self.attempts
        model, found = self._model(view, cells[place], use_partner[place])
        place, model = place[found], model[found]

        profit = view.profitability.ravel()
        gap = profit[model] - profit[cells[place]]
        adopt = 1.0 / (1.0 + np.exp(np.minimum(-some(self.selection, place) * gap, 500.0)))
        copies = draws.uniform("imitate/adopt", month, cells[place]) < adopt
        place, model = place[copies], model[copies]
        if not len(place):
            return chosen
        seen, noise = view.at(view.seen(), model), some(self.noise, place)
        z_quality, z_abatement = draws.normals("imitate/noise", month, cells[place])
        chosen.quality[place] = seen.quality + noise * z_quality
        chosen.abatement[place] = seen.abatement + noise * z_abatement
        chosen.disclosure[place] = seen.disclosure
        return chosen

    def _model(self, view: View, cells: Index, partner: Flags) -> tuple[Index, Flags]:
        """Whom each of the looking firms looks at, a partner if it likes to, and whether there is anybody."""
        near = view.neighbours
        pick = view.draws.uniform("imitate/pick", view.month, cells)
        alike = near.peers if self.peers == "role" else view.tier_peers()
        partners, peers = near.count[cells], alike.count[cells]
        use_partner = (partner & (partners > 0)) | (peers == 0)
        count = np.where(use_partner, partners, peers)
        start = np.where(use_partner, near.start[cells], len(near.partner) + alike.start[cells])
        everybody = np.concatenate([near.partner, alike.peer])
        position = start + (pick * count).astype(np.int64)
        model = everybody[np.where(count > 0, position, 0)]
        return model, (count > 0) & (model != cells)
