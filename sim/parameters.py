"""The numbered assumptions of a scenario, a section each, with unit, bounds, default and source.

Defaults marked *assumed* have no published figure behind them; all of them belong in a sensitivity
analysis. Together they put the marginal values a firm weighs on one scale (shares of its revenue per unit of
effort), so that choices are interior and no instrument wins by its units: full quality effort costs 4 %
and full abatement 6 % of revenue, own scrap saved is worth 2.4 %, own energy 2 %, a green premium 6 % of the
final revenue, the 2024 price of China's emissions trading 0.9 %.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim.fields import (
    Count,
    Distance,
    MoneyPerTonne,
    MoneyPerTonneKm,
    Month,
    Months,
    NonNegative,
    Positive,
    Share,
    TonnesPerMoney,
    TonnesPerTonne,
    TonnesPerTonneKm,
    Unit,
    above_zero,
)


class Section(BaseModel):
    """A table of a scenario: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Technology(Section):
    """What effort costs a firm and what it does."""

    quality_weight: Share = Field(0.5, description="weight of quality effort in green quality, w_q (assumed)")
    quality_cost: Positive = Field(
        0.08, description="k_q: full quality effort costs half of this, as a share of revenue (assumed)"
    )
    abatement_cost: Positive = Field(
        0.12, description="k_a: full abatement costs half of this, as a share of revenue (assumed)"
    )
    effort_base: Literal["revenue", "plant"] = Field(
        "revenue", description="what effort costs a share of: the month's revenue, or that at usual demand"
    )
    synergy: NonNegative = Field(0.01, description="g: what doing both at once saves, share of revenue (assumed)")
    disclosure_cost: Positive = Field(
        0.004, description="full disclosure costs half of this, as a share of revenue (assumed)"
    )
    sme_cost_factor: Positive = Field(1.5, description="effort costs of small and medium firms, multiple (assumed)")
    heterogeneity: NonNegative = Field(
        0.15,
        le=1.0,
        description="log standard deviation of effort costs and of intensity between firms (assumed)",
    )
    learning_exponent: NonNegative = Field(
        0.32,
        description="l in k_a (1 + K)^-l; 0.32: 20 % cheaper per doubling (Wright 1936; 15-25 % for clean technology)",
    )
    spillover: Share = Field(0.2, description="share of a partner's disclosed abatement that adds to own K (assumed)")
    defect_rate: Share = Field(0.05, description="d0: defects of a firm that makes no quality effort (assumed)")
    defect_cut: Share = Field(0.8, description="e_q: share of own defects that full quality effort removes (assumed)")
    scrap_cost: NonNegative = Field(0.6, description="cost of own scrap and rework, per unit of value (assumed)")
    energy_cost: Share = Field(0.1, description="energy bill as a share of revenue (assumed)")
    energy_saving: Share = Field(0.2, description="share of the energy bill that full abatement saves (assumed)")
    emission_intensity: TonnesPerMoney = Field(0.15, description="scope 1 and 2 emissions of revenue (assumed)")
    abatable_share: Share = Field(0.6, description="m: share of own emissions that full abatement removes (assumed)")
    scope1_share: Share = Field(0.4, description="direct part of own emissions; the rest is bought energy (assumed)")
    margin: Share = Field(
        0.08, description="margin without effort, before freight, inspection, returns and warranty (assumed)"
    )


class Market(Section):
    """What customers see and pay for."""

    premium: Share = Field(
        0.1, description="price premium at full visible green quality (PwC 2024: 9.7 % stated; revealed may be half)"
    )
    awareness: Share = Field(0.6, description="share of customers who look at green quality (assumed)")
    label_accuracy: Share = Field(1.0, description="part of true green quality that labels convey (assumed)")
    demand_response: NonNegative = Field(0.05, description="b: demand gained at full visible quality, share (assumed)")
    demand_noise: NonNegative = Field(0.03, description="log standard deviation of monthly demand (assumed)")
    demand_memory: float = Field(
        0.0, gt=-1.0, lt=1.0, description="rho: correlation of a month's demand noise with the last month's, AR(1)"
    )
    price_elasticity: NonNegative = Field(
        0.0, description="e: demand lost for a price rise by the whole price, share; 0: customers take any (assumed)"
    )
    pass_through: Share = Field(
        0.0, description="share of a seller's effort cost per unit of sales that it adds to its price (assumed)"
    )
    label_sharing: Share = Field(
        0.0, description="part of label accuracy lost in a chain that shares no data with its whole (assumed)"
    )
    awareness_growth: Share = Field(
        0.0,
        description="chance a month that labels of a chain index of 1 win over a customer who did not look (assumed)",
    )
    weakest_link: float = Field(
        1.0,
        ge=-20.0,
        le=1.0,
        description="r of the chain index (sum W theta^r)^(1/r): 1 mean, lower toward the weakest link",
    )
    saturation: NonNegative = Field(
        0.0,
        le=2.0,
        description="h: the premium is that of an index of Q - h Q^2/2; 0: customers pay as much for the last part of "
        "green quality as for the first; above 1 they pay less for full quality than for less",
    )
    social_cost_of_carbon: MoneyPerTonne = Field(
        0.3, description="what a tonne costs society, used by the first best and welfare (assumed: 300 CNY/t)"
    )


class Quality(Section):
    """Inspection between firms, and what failures cost."""

    inspection: Share = Field(
        0.8, description="share of incoming lots a buyer inspects when it trusts nobody (assumed)"
    )
    inspecting: Literal["trust", "reply"] = Field(
        "trust",
        description="how much a buyer inspects of a supplier that tells it nothing: `inspection` for good, or as "
        "inspecting paid last month, beginning there",
    )
    inspection_learning: Share = Field(
        0.2, description="reply: share of the gap to what inspecting brought this month closed a month (assumed)"
    )
    inspection_speed: NonNegative = Field(
        0.02, description="reply: largest change of the share inspected in a month (assumed)"
    )
    detection: Share = Field(0.6, description="share of defects that an inspection of the lot finds (assumed)")
    inspection_cost: Share = Field(0.005, description="buyer's cost of inspecting, share of lot value (assumed)")
    hosting_cost: Share = Field(0.003, description="supplier's cost of being inspected, share of lot value (assumed)")
    return_cost: NonNegative = Field(0.5, description="cost of a defect caught at the buyer, share of value (assumed)")
    warranty_cost: NonNegative = Field(
        0.5, description="cost of a defect that reaches the market, per unit of value: warranty, goodwill (assumed)"
    )
    liability: Share = Field(
        0.0, description="share of the failure cost it causes downstream that a supplier pays by contract (assumed)"
    )
    reduction: NonNegative = Field(
        0.0, description="what a supplier takes off the price of a defect that its customer finds, share of its value"
    )
    trust: Share = Field(0.5, description="trust in a supplier at the start (assumed)")
    trust_speed: Share = Field(0.2, description="share of the gap to this month's evidence closed a month (assumed)")
    tolerated: Positive = Field(0.1, description="incoming defect rate at which trust is lost altogether (assumed)")

    @property
    def replying(self) -> bool:
        """Whether buyers inspect as it pays."""
        return self.inspecting == "reply"

    @property
    def reducing(self) -> bool:
        """Whether prices are reduced for defects found."""
        return above_zero(self.reduction)


class Logistics(Section):
    """Carriers: load factors, emissions, damage, fares."""

    base_load: Positive = Field(0.6, le=1, description="load factor without shared information (assumed)")
    best_load: Positive = Field(0.8, le=1, description="load factor with all route information shared (assumed)")
    intensity: TonnesPerTonneKm = Field(
        54e-6,
        description="emissions at full load; 90 g/(t km) at a load factor of 0.6 (GLEC, 34-40 t diesel lorry)",
    )
    abatable_share: Share = Field(0.3, description="share of transport emissions full abatement removes (assumed)")
    fare: MoneyPerTonneKm = Field(0.0004, description="freight rate, 0.4 CNY/(t km) (assumed)")
    fuel_cost: Share = Field(0.3, description="fuel bill as a share of freight revenue at base load (assumed)")
    fuel_saving: Share = Field(
        0.067, description="share of the fuel bill that full abatement saves: 2 % of revenue, as elsewhere (assumed)"
    )
    damage_rate: Share = Field(0.01, description="goods damaged in handling without quality effort (assumed)")
    claim_cost: NonNegative = Field(3.0, description="cost of damage to the carrier, per unit of freight (assumed)")
    electric_share: Share = Field(0.0, description="share of the fleet that is electric at the start (assumed)")
    electric_saving: Share = Field(
        0.65, description="emissions an electric lorry saves at the grid's factor (ICCT: 65 % less energy)"
    )
    electric_fuel_saving: Share = Field(0.5, description="share of the fuel bill an electric lorry saves (assumed)")
    electric_premium: NonNegative = Field(
        0.18, description="what electric lorries cost more than diesel ones, share of the freight they earn (assumed)"
    )
    electric_range_km: Distance | None = Field(
        None, description="how far electric lorries go without charging on the way; none: as far as they have to"
    )
    charging: Share = Field(0.0, description="public charging along the roads at the start, share of full cover")
    charging_growth: Share = Field(0.0, description="public charging built a month, share of full cover")
    charging_threshold: Share = Field(
        0.5, description="public charging from which routes beyond the range can be served (assumed)"
    )
    fleet_renewal: Share = Field(0.0, description="share of a fleet that retires and is replaced in a month")
    packaging: Share = Field(
        0.05, description="tonnes of packaging for a tonne shipped (most of secondary packaging, Chinese e-commerce)"
    )
    packaging_saving: Share = Field(
        0.2, description="share of packaging saved at full abatement effort (smart packing, Chinese e-commerce of 2025)"
    )
    packaging_cost: MoneyPerTonne = Field(0.0, description="what a tonne of packaging costs the shipper")
    packaging_intensity: TonnesPerTonne = Field(0.0, description="emissions of making a tonne of packaging")
    packaging_reuse: Share = Field(0.0, description="share of deliveries in packaging that goes back and is used again")
    reuse_trips: Positive = Field(20.0, ge=1, description="trips that reusable packaging lasts (assumed)")
    backup_carrier: Share = Field(0.0, description="share of the haulage lost in an outage that another carrier does")
    backup_premium: NonNegative = Field(0.2, description="what it charges above the usual fare, share (assumed)")

    @property
    def electrified(self) -> bool:
        """Whether there may be electric lorries."""
        return self.electric_share > 0 or self.renewing

    @property
    def renewing(self) -> bool:
        """Whether fleets are renewed."""
        return self.fleet_renewal > 0

    @property
    def packaging_used(self) -> float:
        """Tonnes of packaging used up for a tonne shipped, without abatement effort: packaging x (1 - reuse (1 - 1 /
        trips))."""
        return self.packaging * (1.0 - self.packaging_reuse * (1.0 - 1.0 / self.reuse_trips))

    @property
    def return_share(self) -> float:
        """Tonnes of reusable packaging that go back for a tonne shipped."""
        return self.packaging * self.packaging_reuse


class Risk(Section):
    """Disruptions: an outage cuts what a firm can make for some months, and customers buy elsewhere what is missing;
    an incident costs a firm a clean-up; a demand shock cuts what a root can sell; a policy shock suspends what the
    regulator of a region pays and charges."""

    outage_rate: Share = Field(0.005, description="chance a month that a firm is struck (assumed)")
    outage_months: Months = Field(2, description="how long an outage lasts (assumed)")
    outage_loss: Share = Field(0.5, description="share of capacity lost while it lasts (assumed)")
    early_warning: Share = Field(
        0.0, description="share of an outage that warning spares a firm whose partners all share all their data"
    )
    spot_premium: NonNegative = Field(
        0.2, description="what goods cost more than contracted where a supplier does not deliver, share (assumed)"
    )
    backup_share: Share = Field(0.0, description="share of the capacity lost in an outage that a back-up keeps")
    carrier_outage_loss: Share = Field(0.0, description="share of haulage lost while its carrier is under an outage")
    incident_rate: Share = Field(
        0.0, description="chance a month of an environmental incident at a firm without green quality"
    )
    incident_cut: Share = Field(0.8, description="share of incidents that full green quality avoids (assumed)")
    incident_cost: NonNegative = Field(0.5, description="clean-up after an incident, share of revenue (assumed)")
    demand_shock_rate: Share = Field(0.0, description="chance a month that the demand of a final product slumps")
    demand_shock_depth: Share = Field(0.3, description="share of demand lost while the slump lasts (assumed)")
    demand_shock_months: Months = Field(3, description="how long a slump lasts (assumed)")
    policy_shock_rate: Share = Field(0.0, description="chance a month that public policy of a region is interrupted")
    policy_shock_depth: Share = Field(
        1.0, description="share of what regulators pay and charge by incentives that falls away meanwhile (assumed)"
    )
    policy_shock_months: Months = Field(6, description="how long an interruption of policy lasts (assumed)")

    @property
    def incidents(self) -> bool:
        """Whether there are any environmental incidents."""
        return above_zero(self.incident_rate)

    @property
    def demand_shocks(self) -> bool:
        """Whether demand ever slumps."""
        return above_zero(self.demand_shock_rate)

    @property
    def policy_shocks(self) -> bool:
        """Whether public policy is ever interrupted."""
        return above_zero(self.policy_shock_rate)

    @property
    def carriers_fail(self) -> bool:
        """Whether outages of carriers stop goods."""
        return self.carrier_outage_loss > 0

    @property
    def capacity_lost(self) -> float:
        """Share of capacity lost in an outage, what a back-up keeps taken off."""
        return self.outage_loss * (1.0 - self.backup_share)


class Ordering(Section):
    """How much firms order of their suppliers: what they used up last month, or what brings a stock of inputs up to a
    target that follows what they expect to be ordered themselves."""

    policy: Literal["pass_on", "order_up_to"] = Field(
        "pass_on", description="inputs of last month's output; or up to a target stock (Chen et al. 2000)"
    )
    forecast: Literal["own", "shared"] = Field(
        "own",
        description="order_up_to, what a month will ask for: the mean of what was ordered of the firm; or of demand in "
        "the market, which customers hand on with their orders",
    )
    average_months: Months = Field(6, description="order_up_to: months of that mean (assumed)")
    lead_months: NonNegative = Field(
        1.0, description="order_up_to, L: months of the forecast that are covered (assumed)"
    )
    safety_months: NonNegative = Field(
        1.0, description="order_up_to: safety stock, months of output at usual demand (assumed)"
    )
    holding_cost: NonNegative = Field(
        0.0, description="order_up_to: storage a month, share of what the inputs in stock cost"
    )

    @model_validator(mode="after")
    def _enough_for_a_month(self) -> Ordering:
        if np.any(np.asarray(self.lead_months) + np.asarray(self.safety_months) < 1):
            raise ValueError("lead_months and safety_months must sum to at least 1: stock is used before it is filled")
        return self

    @property
    def holding_stock(self) -> bool:
        """Whether firms hold stocks of inputs."""
        return self.policy == "order_up_to"


class IndicatorWeights(Section):
    """How much each indicator counts in a supplier's score."""

    on_time_delivery: NonNegative = Field(1.0, description="share of what is ordered that is delivered (assumed)")
    quality_pass_rate: NonNegative = Field(1.0, description="defects against the tolerated rate (assumed)")
    cost_effectiveness: NonNegative = Field(1.0, description="cheapest delivered price over its own (assumed)")
    innovation: NonNegative = Field(1.0, description="what it has cut of its cost of abatement (assumed)")
    information_sharing: NonNegative = Field(1.0, description="share of its data that it tells (assumed)")
    risk_management: NonNegative = Field(1.0, description="months without outage or incident (assumed)")
    continuous_improvement: NonNegative = Field(1.0, description="rise of its green quality (assumed)")

    @model_validator(mode="after")
    def _something_counts(self) -> IndicatorWeights:
        if sum(self.each) <= 0:
            raise ValueError("at least one indicator must have a weight above 0")
        return self

    @property
    def each(self) -> tuple[float, ...]:
        """The weights in the order of the indicators."""
        return tuple(float(getattr(self, name)) for name in type(self).model_fields)


class Relations(Section):
    """How buyers review their suppliers: score them, reward, warn, leave and replace them."""

    review_every: Months = Field(6, description="months between reviews (assumed)")
    assessed: bool = Field(
        False, description="whether the seven indicators of every link are kept; always, where a score has consequences"
    )
    weights: IndicatorWeights = Field(
        default_factory=IndicatorWeights, description="how much each indicator counts in the score"
    )
    speed: Share = Field(0.2, description="share of the gap to a month's evidence that an indicator closes (assumed)")
    improvement_scale: Positive = Field(
        0.05, description="rise of green quality above its running mean that counts as full improvement (assumed)"
    )
    reward: NonNegative = Field(
        0.0, description="share of its orders that a supplier gains for each unit of score above its input group's mean"
    )
    warn_below: Share = Field(0.0, description="score below which a supplier is warned, and given notice the next time")
    notice_months: Months = Field(3, description="months of notice, in which the supplier serves on (assumed)")
    better_by: Share = Field(0.05, description="by how much a candidate's score must be above the supplier's (assumed)")
    settlement: NonNegative = Field(
        1.0, description="what a supplier that is left is paid off with, months of its orders (assumed)"
    )
    transition_months: Months = Field(
        3, description="months in which a successor is qualified while the supplier still serves (assumed)"
    )
    qualification_cost: NonNegative = Field(
        0.05, description="cost to the customer of qualifying a successor, share of the orders each month (assumed)"
    )
    horizon: Months = Field(24, description="months of custom that a supplier in danger of losing it weighs (assumed)")

    @property
    def replacing(self) -> bool:
        """Whether any supplier may be warned and replaced."""
        return above_zero(self.warn_below)

    @property
    def rewarding(self) -> bool:
        """Whether orders follow scores."""
        return above_zero(self.reward)

    @property
    def consequential(self) -> bool:
        """Whether anything depends on scores."""
        return self.replacing or self.rewarding

    @property
    def scored(self) -> bool:
        """Whether indicators are kept."""
        return self.assessed or self.consequential


class Membership(Section):
    """Whether firms that the programme enrols take part, choose to, or have to hear of it first."""

    voluntary: bool = Field(False, description="whether enrolled firms, chain leaders apart, join and leave as it pays")
    choose_every: Months = Field(3, description="months between a firm's choices (assumed)")
    inertia: Share = Field(0.001, description="share of revenue that a change must be worth a month (assumed)")
    payback: Months = Field(12, description="months in which the cost of joining must come back (assumed)")
    innovation: Share = Field(
        0.0,
        description="p: chance a month that a firm outside hears of it by itself; where q = 0 too, all know at first",
    )
    imitation: Share = Field(
        0.0, description="q: what is added to that chance if all its partners are members; else their share of it"
    )

    @model_validator(mode="after")
    def _chance_at_most_one(self) -> Membership:
        if np.any(np.asarray(self.innovation) + np.asarray(self.imitation) > 1):
            raise ValueError("innovation and imitation must sum to at most 1")
        return self

    @property
    def spreading(self) -> bool:
        """Whether firms have to hear of it before they take part."""
        return above_zero(self.innovation) or above_zero(self.imitation)


class Reporting(Section):
    """Whether firms report more than they do."""

    overclaim: NonNegative = Field(
        0.0, description="by how much a firm that overclaims reports above its green quality, share of it"
    )
    overclaim_share: Share = Field(0.0, description="share of firms that overclaim, drawn for each firm")
    penalty: Share = Field(0.01, description="share of a month's revenue paid when found to overclaim (assumed)")
    disbelief_months: Months = Field(
        12, description="months in which the data of a firm found to overclaim are not believed (assumed)"
    )

    @property
    def overclaiming(self) -> bool:
        """Whether any firm may overclaim."""
        return above_zero(self.overclaim * self.overclaim_share)


class Interaction(Section):
    """What partners' quality efforts do for each other, beside what goes through trade; all of it off at 0."""

    complementarity: Annotated[float, Unit("1")] = Field(
        0.0,
        description="phi: worth of a firm's effort for each unit of a partner's effort, share of its revenue; below 0 "
        "where they stand in for each other",
    )
    local_benefit: NonNegative = Field(
        0.0, description="beta: worth of a local public good, share of revenue, and what own effort for it costs"
    )
    group_return: NonNegative = Field(
        0.0, description="r: what a group gets for each unit that its members put in, shared equally by them"
    )
    group_cost: NonNegative = Field(
        0.0, description="c: what full effort puts into each group of a firm, share of its revenue; 0: no groups"
    )
    group_size: Annotated[int, Field(ge=2), Unit("count")] | None = Field(
        None,
        description="firms of a group: a firm and partners drawn at random, payments being the mean over draws; all "
        "partners if not given",
    )

    @property
    def grouped(self) -> bool:
        """Whether there are groups."""
        return above_zero(self.group_cost)

    @property
    def complementary(self) -> bool:
        """Whether partners' efforts are worth more, or less, together."""
        return bool(np.any(np.asarray(self.complementarity) != 0))

    @property
    def local(self) -> bool:
        """Whether there is a local public good."""
        return above_zero(self.local_benefit)


class Update(Section):
    """Who decides when within a month."""

    schedule: Literal["simultaneous", "sequential", "colour_classes", "sublattice", "single"] = Field(
        "simultaneous",
        description="all at once; one after the other in an order drawn each month; in classes of a colouring of "
        "the links, so that no two partners decide at once; only one class a month, drawn, of firms that are far "
        "enough apart; or only one firm of each world a month, drawn",
    )
    distance: Count = Field(
        3, description="links within which only one firm decides a month, for sublattice; 3: no two that weigh a "
        "partner's profit against theirs, where profits depend on partners' groups"
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

    measurement_error: Positive = Field(
        0.05, description="standard error of an audited emission ratio or a judged green quality (assumed)"
    )
