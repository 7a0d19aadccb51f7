"""What firms believe of each other."""

from __future__ import annotations

from sim.fields import Array


def accuracy(without: float, with_sharing: float, disclosure: Array, shared: Array) -> Array:
    """Accuracy of what others see of a firm: without + (with - without) x disclosure x shared (0 or 1)."""
    return without + (with_sharing - without) * disclosure * shared


def seen(truth: Array, accuracy: Array, prior: float, noise: Array | float) -> Array:
    """What others see: accuracy x truth + (1 - accuracy) (prior + noise)."""
    return accuracy * truth + (1.0 - accuracy) * (prior + noise)


def overclaimed(truth: Array, accuracy: Array, without: float, overclaim: Array) -> Array:
    """What is seen too much of a firm whose data say truth x (1 + overclaim): (accuracy - without) x truth x overclaim,
    as only what shared data add to accuracy rests on its report."""
    return (accuracy - without) * truth * overclaim
