"""A platform on which all members share."""

from __future__ import annotations

from typing import Literal

from sim.fields import Array
from sim.mechanisms.regimes import Information
from sim.traits import Traits


class Platform(Information):
    """A member's data reach every other member through a common platform.

    Rule: shared with neighbours = shared with the chain = member. Source: public supply-chain
    information platforms, such as the one of the Shenzhen green supply chain pilot (2014-2016).
    """

    kind: Literal["platform"] = "platform"

    def shared(self, traits: Traits, member: Array) -> tuple[Array, Array]:
        return member, member
