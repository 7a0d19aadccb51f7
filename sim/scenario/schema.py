"""What a scenario is: a network, firms that decide, mechanisms, a programme and the assumptions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, SerializeAsAny, model_validator
from pydantic_core import core_schema

from sim import parameters
from sim.behaviours.base import Behaviour
from sim.discovery import kind_of, kinds, source_of
from sim.fields import Month, Months
from sim.ledger import BOOKED
from sim.mechanisms.base import Incentive
from sim.mechanisms.filter import Filter
from sim.mechanisms.regimes import Information
from sim.mechanisms.regulator import Regulator
from sim.mechanisms.sharing_rules import BenefitSharing, CostSharing, RiskSharing
from sim.network.families.base import Family
from sim.network.network import ROLES, Network

MODEL_VERSION = "2"
"""Changes whenever the same scenario and seed would give other numbers; part of every run's key."""


UNCOUNTED = ("name", "title", "title_zh", "description", "description_zh", "sources")
"""What moves no number of a run."""

KINDS: dict[str, tuple[str, type[BaseModel]]] = {
    "information": ("sim.mechanisms.information", Information),
    "cost_sharing": ("sim.mechanisms.cost_sharing", CostSharing),
    "benefit_sharing": ("sim.mechanisms.benefit_sharing", BenefitSharing),
    "risk_sharing": ("sim.mechanisms.risk_sharing", RiskSharing),
    "incentives": ("sim.mechanisms.incentives", Incentive),
    "regulator": ("sim.mechanisms.regulation", Regulator),
    "behaviours": ("sim.behaviours", Behaviour),
    "network": ("sim.network.families", Family),
}
"""Every place of a scenario that holds one of many kinds: where these are found and what they are."""


def kinds_at(place: str) -> dict[str, type[Any]]:
    """The kinds that may stand at a place of a scenario, by name."""
    found = kinds(*KINDS[place])
    return found | {"imported": Imported} if place == "network" else found


class Imported(parameters.Section):
    """A network read from files (a `links` table, with or without `firms`) or one `graph` file."""

    kind: Literal["imported"] = "imported"
    links: str | None = Field(None, description="CSV of links: supplier, customer, ...")
    firms: str | None = Field(None, description="CSV of firms: firm_id, role, ...")
    graph: str | None = Field(None, description="GraphML or node-link JSON")
    carriers: int = Field(6, ge=1, description="logistics firms added when the data have none")
    digest: str = Field("", description="fingerprint of the files' contents, worked out when they are read")

    @model_validator(mode="after")
    def _one_source(self) -> Imported:
        if (self.links is None) == (self.graph is None):
            raise ValueError("give either links (with or without firms) or graph")
        if self.firms is not None and self.links is None:
            raise ValueError("firms goes with links, not with graph")
        return self


class OneOf:
    """Annotation: one of the discovered kinds of a family, told apart by `kind`."""

    def __init__(self, place: str) -> None:
        self.place = place

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        choices = {kind: handler.generate_schema(c) for kind, c in kinds_at(self.place).items()}
        return core_schema.tagged_union_schema(choices, discriminator="kind")


AnyInformation = Annotated[Information, OneOf("information")]
AnyCostSharing = Annotated[CostSharing, OneOf("cost_sharing")]
AnyBenefitSharing = Annotated[BenefitSharing, OneOf("benefit_sharing")]
AnyRiskSharing = Annotated[RiskSharing, OneOf("risk_sharing")]
AnyIncentive = Annotated[Incentive, OneOf("incentives")]
AnyRegulator = Annotated[Regulator, OneOf("regulator")]
AnyBehaviour = Annotated[Behaviour, OneOf("behaviours")]
AnyNetwork = Annotated[Family | Imported, OneOf("network")]


class Enrolment(parameters.Section):
    """A phase of a programme: the firms it enrols take part while it lasts."""

    name: str = Field(description="name of the phase")
    enrols: Filter = Field(default_factory=Filter, description="firms that take part")
    starts: Month = Field(0, description="first month")
    ends: Month | None = Field(None, description="first month in which it is over")

    @model_validator(mode="after")
    def _ends_after_start(self) -> Enrolment:
        if self.ends is not None and self.ends <= self.starts:
            raise ValueError(f"ends must come after starts ({self.starts}), given {self.ends}")
        if self.enrols.member is not None or self.enrols.rating is not None:
            raise ValueError("a phase enrols by fixed attributes; member and rating cannot be asked for")
        return self


class Pricing(parameters.Section):
    """Whether the firms of a chain set margins above usual prices: all at once, each the best reply to the others'
    (Nash); or the highest tier first, reckoning with what those after it will add (Spengler 1950)."""

    kind: Literal["none", "nash", "leader"] = Field(
        "none", description="who sets a margin before whom, if anybody does"
    )
    applies_to: Filter = Field(default_factory=Filter, description="producers that set a margin")

    @model_validator(mode="after")
    def _fixed_attributes(self) -> Pricing:
        if self.applies_to.member is not None or self.applies_to.rating is not None:
            raise ValueError("applies_to: who sets a margin is told by fixed attributes, not by member or rating")
        return self

    @property
    def on(self) -> bool:
        """Whether anybody sets a margin."""
        return self.kind != "none"


def canonical_json(data: Any) -> str:
    """Plain data as JSON in the one form that fingerprints are taken of."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint_of(canonical: str) -> str:
    """The fingerprint of a scenario in its canonical form."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def _default_behaviours() -> tuple[Any, ...]:
    from sim.behaviours.gradient import Gradient

    return (Gradient(),)


def _default(kind: str, place: str) -> Any:
    return kinds_at(place)[kind]()


class Scenario(BaseModel):
    """Everything a run depends on but seed and replication. Frozen; `replace` makes a changed copy."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    name: str = Field("unnamed", description="name, from the file's if not given")
    title: str = Field("", description="what it is, in a few words")
    title_zh: str = Field("", description="the same in Chinese")
    description: str = Field("", description="what it shows and what it leaves out")
    description_zh: str = Field("", description="the same in Chinese")
    sources: tuple[str, ...] = Field((), description="where its rules and figures come from")
    currency: str = Field("kCNY", description="unit of money: thousand CNY unless named otherwise")
    months: Months = Field(36, description="months simulated")

    network: SerializeAsAny[AnyNetwork] = Field(description="the supply network")
    behaviours: tuple[SerializeAsAny[AnyBehaviour], ...] = Field(
        default_factory=_default_behaviours, min_length=1, description="how firms decide, mixed by share within roles"
    )
    information: SerializeAsAny[AnyInformation] = Field(default_factory=lambda: _default("none", "information"))
    cost_sharing: SerializeAsAny[AnyCostSharing] = Field(default_factory=lambda: _default("none", "cost_sharing"))
    benefit_sharing: SerializeAsAny[AnyBenefitSharing] = Field(
        default_factory=lambda: _default("retain", "benefit_sharing")
    )
    risk_sharing: SerializeAsAny[AnyRiskSharing] = Field(default_factory=lambda: _default("none", "risk_sharing"))
    incentives: tuple[SerializeAsAny[AnyIncentive], ...] = Field((), description="any number, in any combination")
    regulator: SerializeAsAny[AnyRegulator] = Field(default_factory=lambda: _default("fixed", "regulator"))
    programme: tuple[Enrolment, ...] = Field(
        (), description="phases: who takes part, when; without any, everybody takes part from the start"
    )

    technology: parameters.Technology = Field(default_factory=parameters.Technology)
    market: parameters.Market = Field(default_factory=parameters.Market)
    quality: parameters.Quality = Field(default_factory=parameters.Quality)
    logistics: parameters.Logistics = Field(default_factory=parameters.Logistics)
    risk: parameters.Risk = Field(default_factory=parameters.Risk)
    pricing: Pricing = Field(default_factory=Pricing)
    ordering: parameters.Ordering = Field(default_factory=parameters.Ordering)
    relations: parameters.Relations = Field(default_factory=parameters.Relations)
    membership: parameters.Membership = Field(default_factory=parameters.Membership)
    reporting: parameters.Reporting = Field(default_factory=parameters.Reporting)
    interaction: parameters.Interaction = Field(default_factory=parameters.Interaction)
    update: parameters.Update = Field(default_factory=parameters.Update)
    start: parameters.Start = Field(default_factory=parameters.Start)
    assessment: parameters.Assessment = Field(default_factory=parameters.Assessment)

    @model_validator(mode="after")
    def _shares_of_behaviours(self) -> Scenario:
        for role in ROLES:
            total = sum(b.share for b in self.behaviours if b.role in (None, role))
            if abs(total - 1.0) > 1e-9:
                raise ValueError(f"behaviours: the shares of role {role!r} sum to {total:g}; they must sum to 1")
        for n, incentive in enumerate(self.incentives):
            if incentive.label in BOOKED:
                raise ValueError(f"incentives.{n}.label: {incentive.label!r} is a name of the books; choose another")
        if self.pricing.on and not self.market.price_elasticity > 0:
            raise ValueError("pricing: margins need customers who mind prices; set market.price_elasticity above 0")
        if self.logistics.best_load < self.logistics.base_load:
            given = f"given {self.logistics.best_load:g} and {self.logistics.base_load:g}"
            raise ValueError(f"logistics: best_load must be at least base_load, {given}")
        return self

    @property
    def fingerprint(self) -> str:
        """Hash of everything that can move a number, the source of plug-ins included: names and texts do not count."""
        return fingerprint_of(self.canonical)

    @property
    def canonical(self) -> str:
        """The resolved scenario as canonical JSON, without names and texts."""
        data = self.model_dump(mode="json", exclude=set(UNCOUNTED))
        if self.assessment.first_best:
            # So that scenarios from before there was a choice keep their fingerprints.
            del data["assessment"]["first_best"]
        if isinstance(self.network, Imported):
            data["network"] = {"kind": "imported", "carriers": self.network.carriers, "digest": self.network.digest}
        used: list[Any] = [self.information, self.cost_sharing, self.benefit_sharing, self.regulator, self.network]
        used += [self.risk_sharing, *self.incentives, *self.behaviours]
        plugins = {kind_of(type(m)): source for m in used if (source := source_of(type(m))) is not None}
        if plugins:
            data["plugins"] = plugins
        return canonical_json(data)

    @property
    def collaborates(self) -> bool:
        """Whether there is anything to take part in: data, cost, benefit or risk shared, a members' incentive."""
        rules = (self.information, self.cost_sharing, self.benefit_sharing, self.risk_sharing)
        shared = [kind_of(type(m)) for m in rules] != ["none", "none", "retain", "none"]
        return shared or any(i.applies_to.member or i.for_members for i in self.incentives)

    @property
    def phases(self) -> tuple[Enrolment, ...]:
        """The phases of the programme; without any, everybody takes part from the start in what there is."""
        return self.programme or ((Enrolment(name="everybody"),) if self.collaborates else ())

    def build_network(self) -> Network:
        """The supply network of this scenario."""
        from sim.scenario.files import network_of

        return network_of(self.network)

    def replace(self, changes: Mapping[str, Any]) -> Scenario:
        """A copy with values changed by path: `{"incentives.0.rate": 0.1, "months": 24}`.

        Raises ScenarioError naming the path, what was given and what is allowed.
        """
        from sim.scenario.changing import changed

        return changed(self, changes)

    @property
    def assessed_against_none(self) -> bool:
        """Whether windfall and additionality are asked for, and there are incentives to assess."""
        return self.assessment.counterfactual and bool(self.incentives)

    def without_incentives(self) -> Scenario:
        """The same world without its incentives: what firms would have done anyway."""
        return self.model_copy(update={"incentives": (), "programme": self.phases})

    def first_best(self) -> Scenario:
        """The same world with every firm cooperative: the benchmark that efforts are measured against.

        How cost, benefit and risk are shared does not move cooperative firms, so nothing is shared there."""
        from sim.behaviours.cooperative import Cooperative

        alone = {
            "cost_sharing": _default("none", "cost_sharing"),
            "benefit_sharing": _default("retain", "benefit_sharing"),
            "risk_sharing": _default("none", "risk_sharing"),
            "programme": self.phases,
        }
        texts = ("title", "title_zh", "description", "description_zh")
        nameless = {"name": "first best", "sources": (), **dict.fromkeys(texts, "")}
        return self.model_copy(update={"behaviours": (Cooperative(),), **alone, **nameless})
