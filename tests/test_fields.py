"""Bounds of fields: each is said once, and what is said is what is kept to."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from sim import parameters
from sim.fields import Share, limits
from sim.scenario.schema import KINDS, Scenario, kinds_at
from sim.theory.base import cases


def models() -> list[type[BaseModel]]:
    kinds = [kind for place in KINDS for kind in kinds_at(place).values()]
    sections = [getattr(parameters, name) for name in parameters.__all__]
    return [Scenario, *sections, *kinds, *cases().values()]


def test_no_field_is_bounded_twice_from_one_side() -> None:
    """A bound given beside a type that has one is not kept to: the type's is."""
    twice = []
    for model in models():
        for name, field in model.model_fields.items():
            keys = [
                key for m in field.metadata for key in ("ge", "gt", "le", "lt") if getattr(m, key, None) is not None
            ]
            if len(keys) != len(set(keys)):
                twice.append((model.__name__, name, keys))
    assert len(models()) > 60
    assert twice == []


def test_limits_are_the_tightest_of_what_is_said() -> None:
    class Some(BaseModel):
        share: Share

    assert limits(Some.model_fields["share"]) == ("share", "[0, 1]")
    with pytest.raises(ValueError, match="less than or equal to 1"):
        Some(share=1.5)
