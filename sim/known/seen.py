"""Green quality, and what others see and judge of it."""

from __future__ import annotations

import numpy as np

from sim.fields import Array
from sim.known.facts import Facts
from sim.mechanisms.acts import Acts
from sim.rules import beliefs, effort
from sim.rules.beliefs import LOGIT


class Seen(Facts):
    """Facts, with green quality as it is and as others see it."""

    def green_quality(self, acts: Acts) -> Array:
        """theta of the acts."""
        weight = self.technology.quality_weight
        return acts.green_quality(lambda q, a: effort.green_quality(q, a, weight))

    def observed(self, acts: Acts) -> Array:
        """Green quality as the whole chain sees it, by which contributions are measured; never below 0."""

        def make() -> Array:
            far = self.through(self.channels.contribution_measurement, self.believed_far)
            return np.maximum(self.as_seen(self.green_quality(acts), acts.disclosure, far, self.seen_noise), 0.0)

        return acts.derived("observed", make)

    def seen_by_neighbours(self, acts: Acts) -> Array:
        """Green quality as direct partners see it."""

        def make() -> Array:
            near = self.through(self.channels.contribution_measurement, self.believed_near)
            return self.as_seen(self.green_quality(acts), acts.disclosure, near, self.seen_noise)

        return acts.derived("seen", make)

    def as_seen(self, truth: Array, disclosure: Array, shared: Array, noise: Array | float) -> Array:
        """Green quality, or an effort, as others see it whom the firm's data reach (`shared`, 0 or 1), with what it
        overclaims in these data."""
        sharp = beliefs.accuracy(self.accuracy_without, self.accuracy_with, disclosure, shared)
        seen = beliefs.seen(truth, sharp, self.prior, noise)
        if self.overclaim is None:
            return seen
        return seen + beliefs.overclaimed(truth, sharp, self.accuracy_without, self.overclaim)

    def error_observed(self, acts: Acts) -> Array:
        """Standard error of green quality as the whole chain sees it, of which firms weigh that it will be there."""
        return acts.derived("error observed", lambda: self._seeing_error(acts, self.believed_far))

    def error_seen_by_neighbours(self, acts: Acts) -> Array:
        """Standard error of green quality as direct partners see it."""
        return acts.derived("error seen", lambda: self._seeing_error(acts, self.believed_near))

    def _seeing_error(self, acts: Acts, shared: Array) -> Array:
        """(1 - accuracy) noise, the same of green quality and of an effort, (..., world, firm)."""
        reached = self.through(self.channels.contribution_measurement, shared)
        sharp = beliefs.accuracy(self.accuracy_without, self.accuracy_with, acts.disclosure, reached)
        return (1.0 - sharp) * self.noise

    @staticmethod
    def through(on: bool, shared: Array) -> Array:
        """Whom data reach through a channel: nobody where it is off."""
        return shared if on else np.zeros_like(shared)

    def exceeds(self, value: Array, limit: Array | float, error: Array | None = None) -> Array:
        """Whether a judged value is found over a limit: 0 or 1 in truth, with this month's error of
        measurement; when deciding, its probability 1 / (1 + exp(-(pi / sqrt(3)) (value - limit) / measured)).
        Errors of measurement are logistic with the given standard deviation (McFadden 1974). `error`: standard error
        with which others see the value; when deciding it comes on top, see `beliefs.chance_over`."""
        measured = self.assessment.measurement_error
        if self.measured_noise is not None:
            noise = self.once("measured_noise", self.measured_noise)
            return np.where(value + measured * noise > limit, 1.0, 0.0)
        if error is not None:
            return beliefs.chance_over(value - limit, measured, error)
        return 0.5 + 0.5 * np.tanh((value - limit) * (0.5 * LOGIT / measured))

    def rated(self, acts: Acts, bar: Array | float) -> Array:
        """Whether a firm's public rating reaches a bar: 0 or 1 in truth. When deciding, the chance that an audit of
        these acts finds so, which is what holds from the next audit on; where none is to be feared, the rating as it
        stands."""
        theta = self.green_quality(acts)
        passes = np.where(self.rating >= bar, 1.0, 0.0)
        if self.certain:
            return passes
        return np.where(self.audit > 0, self.exceeds(theta + self.leniency, bar), passes)
