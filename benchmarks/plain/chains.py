"""Links and product chains of the plain Mesa model: who supplies whom, and who adds what to which product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.plain.markets import label_accuracy

if TYPE_CHECKING:
    from benchmarks.plain.agents import Firm
    from benchmarks.plain.model import PlainModel
    from benchmarks.plain.sharing import Terms

NEGLIGIBLE = 1e-16
"""Orders below this share of what a firm already makes for a chain are not followed further upstream."""


@dataclass(eq=False, slots=True)
class Link:
    """Goods that go from a supplier to a customer on a carrier's lorries.

    rivals: the links of the customer's input group. requirement: tonnes of this input for one tonne of the customer's
    output. input_share: its share of all the customer's inputs. ordered, haulable, shipped: tonnes of the month.
    value: what is shipped, at the supplier's price. spot: what the customer pays elsewhere for what is not shipped.
    electric_km, served_km: tonne-km by electric lorries, and that they could do. load_saving: money a unit of
    disclosure at either end saves in lorries. intensity: share of lots inspected again. catch: share of defects found.
    incoming: defect rate on arrival. claim: what the supplier owes for each unit of its defect rate.
    cost_effectiveness, indicators, score: how the customer judges its supplier. score_of_rest, mean_score: of what the
    supplier does not move now, and of its input group. notice, transition: months left; after these the successor
    delivers.
    """

    supplier: Firm
    customer: Firm
    carrier: Firm
    group: int
    units_per_unit: float
    contract_share: float
    distance_km: float
    recognised: bool
    trust: float
    input: str = ""
    rivals: list[Link] = field(default_factory=list)
    order_share: float = 0.0
    requirement: float = 0.0
    input_share: float = 0.0
    ordered: float = 0.0
    ordered_value: float = 0.0
    emitted_elsewhere: float = 0.0
    haulable: float = 0.0
    shipped: float = 0.0
    value: float = 0.0
    spot: float = 0.0
    load: float = 1.0
    tonne_km: float = 0.0
    load_saving: float = 0.0
    electric_km: float = 0.0
    served_km: float = 0.0
    intensity: float = 0.0
    catch: float = 0.0
    incoming: float = 0.0
    claim: float = 0.0
    cost_effectiveness: float = 1.0
    indicators: list[float] = field(default_factory=list)
    score: float = 0.0
    score_of_rest: float = 0.0
    mean_score: float = 0.0
    warned: bool = False
    notice: int = 0
    transition: int = 0
    successor: Firm | None = None
    replaced: bool = False


@dataclass(eq=False, slots=True)
class Place:
    """A firm's place in a chain.

    value: what the firm adds to the chain's product, money a month. weight: its share of all that is added to
    the product. part: the share of the firm's own value that goes into this product. term: weight x green
    quality as others know it. measured: weight x observed green quality. pools, enjoys, insures: whether the firm,
    as a member, takes part in sharing costs, the premium and losses. shared_cost: the cost it brings in. insurance,
    loss: what it puts into the pool for losses, and the loss that it may claim.
    """

    chain: Chain
    firm: Firm
    is_root: bool
    value: float = 0.0
    weight: float = 0.0
    part: float = 0.0
    term: float = 0.0
    measured: float = 0.0
    pools: bool = False
    enjoys: bool = False
    insures: bool = False
    shared_cost: float = 0.0
    insurance: float = 0.0
    loss: float = 0.0


class Chain:
    """A product: the firm that sells it to the market (the root), all firms upstream of it, and their carriers."""

    def __init__(self, model: PlainModel, root: Firm) -> None:
        self.model, self.root = model, root
        self.index = 0.0
        self.awareness: float = model.market.awareness
        root.product = self

    def gather(self) -> None:
        """Find who is in the chain."""
        makers = upstream_of(self.root)
        self.links = [link for link in self.model.links if link.customer in makers]
        members = makers | {link.carrier for link in self.links}
        ordered = sorted(members, key=lambda firm: firm.number)
        self.places = {firm: Place(self, firm, firm is self.root) for firm in ordered}
        for firm, place in self.places.items():
            firm.places.append(place)

    def rest_volumes(self) -> dict[Firm, float]:
        """Tonnes a month each firm makes for the product when the root sells its usual demand: the order goes
        upstream in waves, requirement x tonnes at each link, until nothing is left of it."""
        volume: dict[Firm, float] = defaultdict(float)
        wave = {self.root: self.root.usual_demand}
        while wave:
            orders: dict[Firm, float] = defaultdict(float)
            for customer, tonnes in wave.items():
                volume[customer] += tonnes
                for link in customer.buys:
                    orders[link.supplier] += link.requirement * tonnes
            wave = {firm: tonnes for firm, tonnes in orders.items() if tonnes > NEGLIGIBLE * volume[firm]}
        return volume

    def weigh(self) -> None:
        """Chain weights W: each firm's share of the value added to the product. A producer adds value to each
        tonne it makes, a carrier to each tonne it hauls."""
        volume = self.rest_volumes()
        logistics = self.model.logistics
        fare = logistics.fare * (1.0 + logistics.packaging * logistics.packaging_reuse)
        for firm, place in self.places.items():
            place.value = volume.get(firm, 0.0) * firm.value_added
        for link in self.links:
            freight = fare * link.distance_km * link.requirement * volume.get(link.customer, 0.0)
            self.places[link.carrier].value += freight * link.carrier.value_added_share
        total = sum(place.value for place in self.places.values())
        for place in self.places.values():
            place.weight = place.value / total

    # --- what is known of the chain this month --------------------------------------------------------

    def survey(self) -> None:
        """Add up what is known of the members: beliefs while firms decide, the truth when they settle."""
        model = self.model
        visible = self.awareness * label_accuracy(self)
        self.pool = model.market.premium * visible * self.root.price * self.root.sold
        self.collaborates = self.root.member
        for firm, place in self.places.items():
            place.term = place.weight * model.powered(firm.known_green_quality)
            place.measured = place.weight * firm.observed_now
            place.pools = self.takes_part(place, model.cost_terms)
            place.enjoys = self.takes_part(place, model.benefit_terms)
            place.shared_cost = place.part * firm.cost_now if firm.member and place.pools else 0.0
            if model.risk_rule is not None:
                place.insures = self.takes_part(place, model.risk_terms)
                place.insurance = model.risk_rule.insurance(place, firm.member)
                place.loss = model.risk_rule.loss(place, firm.acts)
        self.total = sum(place.term for place in self.places.values())
        self.measured = sum(place.measured for place in self.places.values())
        self.members = sum(firm.member and place.pools for firm, place in self.places.items())
        self.shared_cost = sum(place.shared_cost for place in self.places.values())
        self.supported_cost = self.shared_cost - self.places[self.root].shared_cost
        self.insurance = sum(place.insurance for place in self.places.values())
        self.losses = sum(place.loss for place in self.places.values())
        self.kept_by_root = self._kept_by_root()

    def _kept_by_root(self) -> float:
        """Share of the others' premium that the root keeps because they do not take part."""
        rule = self.model.benefit_rule
        if rule is None:
            return 1.0
        due = lost = 0.0
        for place in self.places.values():
            if not place.is_root:
                share = rule.usual(place)
                due += share
                lost += share * (1.0 - self.let_in(place, place.firm.member))
        return lost / due if due > 0 else 0.0

    def takes_part(self, place: Place, terms: Terms) -> bool:
        """Whether a firm, as a member, takes part in a sharing rule of the chain: one that the rule applies to, and the
        root in any case; nobody unless the root is a member."""
        return self.collaborates and (place.is_root or terms.admit(place.firm, place.firm.member))

    def let_in(self, place: Place, member: bool) -> float:
        """Share of its premium that a firm may enjoy, if it is a member or not: all if it takes part, else what cannot
        be kept from it."""
        if not self.collaborates:
            return 0.0
        return 1.0 if member and place.enjoys else 1.0 - self.model.excludability

    def premium_if(self, place: Place, green_quality: float) -> float:
        """V = pool x (sum W theta^r)^(1/r) if this one firm had this green quality, the others what is known."""
        model = self.model
        total = self.total - place.term + place.weight * model.powered(green_quality)
        index = model.rooted(total)
        return self.pool * (index - 0.5 * model.market.saturation * index * index)


def upstream_of(root: Firm) -> set[Firm]:
    """The firm and everybody whose goods reach it."""
    found, ahead = {root}, [root]
    while ahead:
        for link in ahead.pop().buys:
            if link.supplier not in found:
                found.add(link.supplier)
                ahead.append(link.supplier)
    return found


def set_orders(links: Iterable[Link], chains: Iterable[Chain], firms: Iterable[Firm]) -> None:
    """What follows from order shares: requirements, shares of inputs, chain weights, parts of a firm's value."""
    bought: dict[Firm, float] = defaultdict(float)
    for link in links:
        link.requirement = link.units_per_unit * link.order_share
        bought[link.customer] += link.requirement
    for link in links:
        link.input_share = link.requirement / bought[link.customer] if bought[link.customer] > 0 else 0.0
    for chain in chains:
        chain.weigh()
    for firm in firms:
        value = sum(place.value for place in firm.places)
        for place in firm.places:
            place.part = place.value / value if value > 0 else 0.0
