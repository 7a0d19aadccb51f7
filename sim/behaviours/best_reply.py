"""Exact best reply."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from sim.behaviours.base import Behaviour, Efforts, View
from sim.fields import Array, Share
from sim.network.links import Index


class BestReply(Behaviour):
    """Efforts move to what pays the firm best, given what it believes of all others.

    Formula: x + damping (argmax over 0..1 of U(x) - x), U the private payoff as believed, a member's disclosure at
    least what is mandated; with `levels` the argmax over so many evenly spaced ones of each effort, for measures that
    are taken or not. With damping 1 exact; its rest points are the Nash equilibria of the payoff game.
    Source: best-reply dynamics (Cournot 1838; Moulin 1986; Monderer & Shapley 1996).
    """

    kind: Literal["best_reply"] = "best_reply"
    damping: Share = Field(1.0, description="share of the way to the best reply moved in a month; 1: all of it")
    levels: int = Field(
        0, ge=0, le=11, description="levels of each effort there are to choose among, 2: all or nothing; 0: any effort"
    )

    @model_validator(mode="after")
    def _levels_are_kept_to(self) -> BestReply:
        if self.levels == 1:
            raise ValueError("levels must be 0 or at least 2, given 1")
        if self.levels and self.damping != 1.0:
            raise ValueError(f"damping must be 1 where there are levels, given {self.damping}")
        return self

    def decide(self, view: View, cells: Index) -> Efforts:
        now, best = view.at(view.now(), cells), view.at(view.best_reply(self.levels), cells)
        if np.all(np.equal(self.damping, 1.0)):
            return best

        def moved(x: Array, to: Array) -> Array:
            return np.where(np.equal(self.damping, 1.0), to, x + self.damping * (to - x))

        return Efforts(*(moved(x, to) for x, to in zip(now, best, strict=True)))
