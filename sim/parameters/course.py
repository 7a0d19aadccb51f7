"""How a run begins, who decides when, how outcomes are judged."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from sim.fields import (
    Count,
    Month,
    NonNegative,
    Positive,
    Share,
)
from sim.parameters.base import Section


class Update(Section):
    """Who decides when within a month."""

    schedule: Literal["simultaneous", "sequential", "colour_classes", "sublattice", "single"] = Field(
        "simultaneous",
        description="all at once; one after the other in an order drawn each month; in classes of a colouring of "
        "the links, so that no two partners decide at once; only one class a month, drawn, of firms that are far "
        "enough apart; or only one firm of each world a month, drawn",
    )
    distance: Count = Field(
        3,
        description="links within which only one firm decides a month, for sublattice; 3: no two that weigh a "
        "partner's profit against theirs, where profits depend on partners' groups",
    )
    begins: Month = Field(0, description="month from which firms decide at all; until then efforts stay as they begin")


class Start(Section):
    """Efforts before the first month, and the months firms then have to come to rest without any mechanism."""

    warmup: int = Field(
        12, ge=0, description="months before the first, not recorded, in which no mechanism or programme acts (assumed)"
    )

    quality: Share = Field(0.27, description="mean quality effort (near where firms rest alone)")
    abatement: Share = Field(0.16, description="mean abatement effort (near where firms rest alone)")
    disclosure: Share = Field(0.1, description="mean disclosure (assumed)")
    spread: NonNegative = Field(0.08, description="standard deviation between firms (assumed)")
    cooperators: Share | tuple[Share, ...] | None = Field(
        None,
        description="share of firms, drawn, that begin with full quality effort, the others with none: of "
        "manufacturers, of the suppliers of each tier and of carriers, or a list of one for each of these; around the "
        "mean if not given",
    )


class Assessment(Section):
    """How outcomes are judged."""

    free_rider_threshold: Share = Field(
        0.5, description="a firm free-rides below this multiple of its chain's net contribution per benefit"
    )
    counterfactual: bool = Field(
        False,
        description="whether every world is run without its incentives too: windfall, additionality, leakage",
    )
    by: tuple[Literal["role", "tier", "size", "region"], ...] = Field(
        (), description="groups of firms that outcomes are told by as well; by role too, if by anything"
    )
    footprints: bool = Field(False, description="whether the upstream footprint of what firms make is followed")

    @field_validator("by")
    @classmethod
    def _each_once(cls, by: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(by))

    first_best: bool = Field(
        True,
        description="whether the first best runs beside every world, for effort_gap and first_best_quality: twice the "
        "time",
    )
    measurement_error: Positive = Field(
        0.05, description="standard error of an audited emission ratio or a judged green quality (assumed)"
    )
