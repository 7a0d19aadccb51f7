"""The channels by which shared data act, each with a switch of its own."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Channels(BaseModel):
    """What shared data act on; a channel that is off works as if nobody shared, the others as before."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    contribution_measurement: bool = Field(
        True, description="contributions, and suppliers held against a buyer's bar, are judged by shared data"
    )
    conditional_cooperation: bool = Field(
        True, description="who matches or imitates others, or gains by their efforts, sees their shared data"
    )
    duplicate_inspections: bool = Field(True, description="buyers who are told inspect less")
    load_factor: bool = Field(True, description="lorries are filled by shared route data")
    early_warning: bool = Field(True, description="outages are shorter where partners share (risk.early_warning)")
    audit_targeting: bool = Field(True, description="ratings, by which audits aim, follow shared data (rating_refresh)")
    technology_spillover: bool = Field(True, description="firms learn from abatement that partners disclose")
