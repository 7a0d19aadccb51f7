"""The tiered family: who buys from whom, and how orders are split."""

from __future__ import annotations

import numpy as np
import pytest

from sim.network.families.tiered import Tiered


def test_every_buyer_finds_every_input_group_and_orders_sum_to_one() -> None:
    network = Tiered(buyers=3, tiers=(60, 90), input_groups=4).build()
    for buyer in range(3):
        row = network.index("anchor" if buyer == 0 else f"buyer-{buyer + 1}")
        groups = set(network.links["input_group"][network.customer == row].tolist())
        assert groups == {f"tier 1 group {n}" for n in range(1, 5)}
    totals = np.bincount(network.links["group"], weights=network.links["order_share"])
    assert totals == pytest.approx(1.0)


def test_orders_are_split_at_random_and_not_equally() -> None:
    network = Tiered(buyers=1, tiers=(400,), input_groups=1, shared=0.0).build()
    share = network.links["order_share"] * network.link_count
    assert share.std() == pytest.approx(1.0, abs=0.2)
    assert share.min() < 0.05


def test_some_suppliers_serve_a_second_buyer() -> None:
    network = Tiered(buyers=4, tiers=(1000,), shared=0.3).build()
    served = np.bincount(network.supplier, minlength=network.size)[network.role("supplier")]
    assert served.max() == 2
    assert (served == 2).mean() == pytest.approx(0.3, abs=0.05)


def test_the_same_parameters_give_the_same_network_and_another_seed_another() -> None:
    one, same, other = (Tiered(tiers=(8, 9), seed=s).build() for s in (1, 1, 2))
    assert np.array_equal(one.links["order_share"], same.links["order_share"])
    assert not np.array_equal(one.links["order_share"], other.links["order_share"])
