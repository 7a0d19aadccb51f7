"""Defects along the chain, inspection between firms, and who bears what failures cost."""

from __future__ import annotations

import numpy as np

from sim.fields import Array


def own_defects(quality: Array, defect_rate: Array, defect_cut: float) -> Array:
    """own = d0 (1 - e_q q): share of output that a firm's own process spoils."""
    return defect_rate * (1.0 - defect_cut * quality)


def outgoing_defects(own: Array, accepted: Array) -> Array:
    """outgoing = own + (1 - own) accepted, accepted the defect rate of inputs that inspection let through."""
    return own + (1.0 - own) * accepted


def inspection_intensity(base: float | Array, trust: Array, disclosed: Array, recognised: Array) -> Array:
    """Share of lots a buyer inspects again: base (1 - trust x disclosure x recognised standard), per link."""
    return base * (1.0 - trust * disclosed * recognised)


def worth_of_finding(
    value: Array,
    incoming: Array,
    outgoing: Array,
    onward: Array,
    return_cost: float,
    liability: float,
    reduction: float,
) -> Array:
    """What it is worth to a customer that all defects of a delivery are found, money on each link:
    (incoming - liability outgoing) (onward - c_r value) + reduction value outgoing. The failure that is spared down the
    chain less what it costs to return them, as far as the supplier is not liable for it; and the reduction of the
    price.
    """
    spared = onward - return_cost * value
    return (incoming - liability * outgoing) * spared + reduction * value * outgoing


def inspected_after(base: Array, brought: Array, cost: float, speed: float) -> Array:
    """I + speed (g - c) / (|g| + c) in 0..1: more is inspected while inspecting brings in more (g) than it costs (c),
    each for a unit of value."""
    stake = np.abs(brought) + cost
    pays = np.divide(brought - cost, stake, out=np.zeros_like(stake), where=stake > 0)
    return np.minimum(np.maximum(base + speed * pays, 0.0), 1.0)


def trust_after(trust: Array, incoming: Array, tolerated: float, speed: float) -> Array:
    """Trust closes part of its gap to the month's evidence, 1 - incoming / tolerated, in 0..1."""
    evidence = np.maximum(1.0 - incoming / tolerated, 0.0)
    return trust + speed * (evidence - trust)


def onward_cost(input_share: Array, customer_own: Array, customer_marginal: Array) -> Array:
    """Cost on a link of a unit of defect rate that is not caught, because it makes the customer's own output
    defective: share (1 - own) x customer's marginal cost of its outgoing defects."""
    return input_share * (1.0 - customer_own) * customer_marginal


def failure_cost(value: Array, catch: Array, onward: Array, return_cost: float) -> Array:
    """Cost on a link for each unit of incoming defect rate: what is caught is returned, the rest goes on:
    catch c_r value + (1 - catch) onward."""
    return catch * (return_cost * value) + (1.0 - catch) * onward
