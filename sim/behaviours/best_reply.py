"""Exact best reply."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.behaviours.base import Behaviour, Efforts, View
from sim.fields import Share
from sim.network.links import Index


class BestReply(Behaviour):
    """Efforts move to what pays the firm best, given what it believes of all others.

    Formula: x + damping (argmax over 0..1 of U(x) - x), U the private payoff as believed, a member's disclosure at
    least what is mandated. With damping 1 exact; its rest points are the Nash equilibria of the payoff game.
    Source: best-reply dynamics (Cournot 1838; Moulin 1986; Monderer & Shapley 1996).
    """

    kind: Literal["best_reply"] = "best_reply"
    damping: Share = Field(1.0, description="share of the way to the best reply moved in a month; 1: all of it")

    def decide(self, view: View, cells: Index) -> Efforts:
        now, best = view.at(view.now(), cells), view.at(view.best_reply(), cells)
        if self.damping == 1.0:
            return best
        return Efforts(*(x + self.damping * (to - x) for x, to in zip(now, best, strict=True)))
