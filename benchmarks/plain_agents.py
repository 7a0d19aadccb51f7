"""The agents of the plain Mesa model: suppliers, manufacturers and carriers, and a regulator for each region.

Each phase of the month is one method that every agent of a kind carries out before the next phase begins.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import mesa

from benchmarks.plain_chains import Chain, Link, Place
from benchmarks.plain_instruments import Instrument, probability_below

if TYPE_CHECKING:
    from benchmarks.plain_mesa import PlainModel

STEP = 1e-3
"""How much higher and lower a firm tries its own effort to see which way its payoff slopes."""


class Acts(NamedTuple):
    """What a firm does in a month, each in 0..1."""

    quality: float
    abatement: float
    disclosure: float


def unit(x: float) -> float:
    """x cut to 0..1."""
    return min(max(x, 0.0), 1.0)


class Firm(mesa.Agent):
    """A firm with its technology, trade, beliefs and books of the month."""

    role = "firm"

    def __init__(self, model: PlainModel, number: int, data: dict[str, Any]) -> None:
        super().__init__(model)
        self.model: PlainModel = model
        self.number = number
        self.name: str = data["id"]
        self.tier: int = data["tier"]
        self.region: str = data["region"]
        self.size: str = data["size"]
        self.anchor: bool = data["anchor"]
        self.price: float = data["price"]
        self.usual_demand: float = data["demand"]
        self.capacity_ratio: float = data["capacity_ratio"]
        self.value_added_share: float = data["value_added_share"]
        self.buys: list[Link] = []
        self.sells: list[Link] = []
        self.hauls: list[Link] = []
        self.places: list[Place] = []
        self.partners: list[Firm] = []
        self.peers: list[Firm] = []
        self.product: Chain | None = None
        self.behaviour: Any = None
        self.offers: list[Instrument] = []
        self._start()

    def _start(self) -> None:
        """Nothing has happened yet."""
        self.member = False
        self.shared_near = self.shared_far = 0.0
        self.outage_left = 0.0
        self.on_time = 1.0
        self.volume = self.sold = self.revenue = 0.0
        self.demand = self.usual_demand
        self.gross = self.emissions = 0.0
        self.energy_load = 1.0
        self.own_defects = self.outgoing = self.accepted = 0.0
        self.inspection_saving = self.load_saving = 0.0
        self.liability = self.damage = 0.0
        self.relied_liability = self.relied_damage = 0.0
        self.experience = 0.0
        self.audit = 0.0
        self.audited = False
        self.sight_error = self.measurement_error = 0.0
        self.support = self.profit = self.profitability = self.benefit = self.contribution = 0.0

    def equip(self) -> None:
        """Technology: effort costs and emission intensity spread around their means, exp(s z - s^2 / 2); what is
        left of the price after margin, inputs, energy, scrap and claims goes to other operations."""
        technology, z = self.model.technology, self._draw_of
        size = technology.sme_cost_factor if self.size == "sme" else 1.0
        self.first_quality_cost = technology.quality_cost * size * self._spread(z("technology/quality"))
        cost_z, intensity_z = (both[self.number] for both in self.model.normals("technology"))
        self.first_abatement_cost = technology.abatement_cost * size * self._spread(cost_z)
        self.quality_cost, self.abatement_cost = self.first_quality_cost, self.first_abatement_cost
        self._equip(intensity_z)
        bought = sum(k.units_per_unit * k.contract_share * k.supplier.price for k in self.buys) / self.price
        spoiled = (self.scrap_cost + self.claim_cost) * self.defect_rate
        self.operations = 1.0 - (technology.margin + bought + self.energy_cost + spoiled)
        self.value_added = self._value_added(bought)

    def _spread(self, z: float) -> float:
        sigma = self.model.technology.heterogeneity
        return math.exp(sigma * z - 0.5 * sigma * sigma)

    def _draw_of(self, stream: str) -> float:
        return self.model.normals(stream)[0][self.number]

    def _equip(self, intensity_z: float) -> None:
        raise NotImplementedError

    def _value_added(self, bought: float) -> float:
        """Value added for each tonne made."""
        raise NotImplementedError

    # --- what its acts do and cost --------------------------------------------------------------------

    def green_quality(self, acts: Acts) -> float:
        """theta = w q + (1 - w) a."""
        weight = self.model.technology.quality_weight
        return weight * acts.quality + (1.0 - weight) * acts.abatement

    def accuracy(self, disclosure: float, shared: float) -> float:
        """Accuracy of what others see: without + (with - without) x disclosure x shared."""
        information = self.model.information
        return information.accuracy_without + (
            (information.accuracy_with - information.accuracy_without) * disclosure * shared
        )

    def seen(self, truth: float, sharp: float, error: float) -> float:
        """sharp x truth + (1 - sharp) (prior + error)."""
        return sharp * truth + (1.0 - sharp) * (self.model.information.prior + error)

    def observed(self, acts: Acts) -> float:
        """Green quality as the whole chain sees it, never below 0."""
        sharp = self.accuracy(acts.disclosure, self.shared_far)
        return max(self.seen(self.green_quality(acts), sharp, self.sight_error), 0.0)

    def seen_by_partners(self, acts: Acts) -> float:
        """Green quality as direct partners see it."""
        return self.seen(self.green_quality(acts), self.accuracy(acts.disclosure, self.shared_near), self.sight_error)

    def exceeds(self, value: float, limit: float) -> float:
        """Whether a judged value is found over a limit (1 or 0); the probability of it when deciding."""
        error = self.model.assessment.measurement_error
        if self.model.certain:
            return 1.0 if value + error * self.measurement_error > limit else 0.0
        return probability_below((value - limit) / error)

    def effort_cost(self, acts: Acts) -> float:
        """C = S (k_q q^2 / 2 + k_a a^2 / 2 - g q a)."""
        q, a = acts.quality, acts.abatement
        half = 0.5 * self.quality_cost * q * q + 0.5 * self.abatement_cost * a * a
        return self.revenue * (half - self.model.technology.synergy * q * a)

    def disclosure_cost(self, acts: Acts) -> float:
        """S k_d d^2 / 2."""
        return self.revenue * 0.5 * self.model.technology.disclosure_cost * acts.disclosure**2

    def own_defects_at(self, acts: Acts) -> float:
        """d0 (1 - e q): share of output that the firm's own process spoils."""
        return self.defect_rate * (1.0 - self.model.technology.defect_cut * acts.quality)

    def outgoing_at(self, acts: Acts) -> float:
        """own + (1 - own) x defect rate of accepted inputs."""
        own = self.own_defects_at(acts)
        return own + (1.0 - own) * self.accepted

    def scrap_cost_at(self, acts: Acts) -> float:
        """c_s S own."""
        return self.scrap_cost * self.revenue * self.own_defects_at(acts)

    def claims_at(self, acts: Acts) -> float:
        """c_c S own: what a carrier owes its customers for the goods it damages."""
        return self.claim_cost * self.revenue * self.own_defects_at(acts)

    def energy_cost_at(self, acts: Acts) -> float:
        """c_e S (1 - saving a), for carriers by how full their lorries are."""
        return self.energy_cost * self.revenue * self.energy_load * (1.0 - self.energy_saving * acts.abatement)

    def emissions_at(self, acts: Acts) -> float:
        """gross (1 - m a), tonnes CO2e."""
        return self.gross * (1.0 - self.abatable * acts.abatement)

    def own_costs(self, acts: Acts) -> float:
        """What the acts cost the firm and give to nobody in the model."""
        return (
            self.effort_cost(acts) + self.disclosure_cost(acts) + self.scrap_cost_at(acts) + self.energy_cost_at(acts)
        )

    # --- payoffs -------------------------------------------------------------------------------------------

    def payoff(self, acts: Acts) -> float:
        """All payments to the firm that depend on its acts, as it expects them to be. Disclosing, it is inspected
        less, and is liable for the defects that pass for it."""
        disclosing = self.model.quality.hosting_cost * self.inspection_saving - self.relied_liability
        failures = self.liability * self.outgoing_at(acts) + self.claims_at(acts)
        offers = sum(offer.weighed(self, acts) for offer in self.offers)
        shared = self.premium_received(acts) + self.costs_shared(acts)
        return shared + offers + disclosing * acts.disclosure - failures - self.own_costs(acts)

    def social_payoff(self, acts: Acts) -> float:
        """Every effect of the acts at its full value to everybody; what one firm pays another (claims, liability)
        is nothing to all together. Disclosing spares inspections on both sides and fills lorries, and lets
        defects pass."""
        quality, market = self.model.quality, self.model.market
        theta = self.green_quality(acts)
        premium = sum(place.chain.premium_if(place, theta) for place in self.places)
        inspections = (quality.hosting_cost + quality.inspection_cost) * self.inspection_saving
        disclosing = (inspections - self.relied_damage + self.load_saving) * acts.disclosure
        failures = self.damage * self.outgoing_at(acts)
        climate = market.social_cost_of_carbon * self.emissions_at(acts)
        return premium + disclosing - failures - climate - self.own_costs(acts)

    def premium_received(self, acts: Acts) -> float:
        """The firm's part of its chains' green premium.

        A root also keeps what those outside the collaboration may not enjoy; a firm outside loses that part.
        """
        rule, theta = self.model.benefit_rule, self.green_quality(acts)
        received = 0.0
        for place in self.places:
            chain = place.chain
            if rule is None:
                if place.is_root:
                    received += chain.premium_if(place, theta)
                continue
            share = rule.share(place, acts)
            if place.is_root:
                share += (1.0 - share) * chain.kept_by_root
            else:
                share *= place.let_in
            received += share * chain.premium_if(place, theta)
        return received

    def costs_shared(self, acts: Acts) -> float:
        """What the firm receives from its chains' cost sharing (negative: pays)."""
        rule = self.model.cost_rule
        if rule is None:
            return 0.0
        cost = self.effort_cost(acts)
        return sum(rule.received(place, cost) for place in self.places)

    def uphill(self, payoff: Callable[[Acts], float]) -> Acts:
        """Slope of a payoff in each of the firm's acts, per unit of its revenue."""
        if self.revenue <= 0:
            return Acts(0.0, 0.0, 0.0)
        now = self.acts

        def slope(higher: Acts, lower: Acts) -> float:
            return (payoff(higher) - payoff(lower)) / (2.0 * STEP * self.revenue)

        return Acts(
            slope(now._replace(quality=now.quality + STEP), now._replace(quality=now.quality - STEP)),
            slope(now._replace(abatement=now.abatement + STEP), now._replace(abatement=now.abatement - STEP)),
            slope(now._replace(disclosure=now.disclosure + STEP), now._replace(disclosure=now.disclosure - STEP)),
        )

    # --- 1 shocks ------------------------------------------------------------------------------------------

    def suffer_shocks(self) -> None:
        """An outage starts or ends; the market's demand moves."""
        model, risk, market = self.model, self.model.risk, self.model.market
        if self.outage_left <= 0 and model.uniform("outage")[self.number] < risk.outage_rate:
            self.outage_left = risk.outage_months
        else:
            self.outage_left = max(self.outage_left - 1, 0)
        if self.product is not None:
            seen = market.awareness * market.label_accuracy * self.product.index
            sigma = market.demand_noise
            noise = math.exp(sigma * model.normals("demand")[0][self.number] - 0.5 * sigma * sigma)
            self.demand = self.usual_demand * noise * (1.0 + market.demand_response * seen)

    def enrol(self) -> None:
        """The programme's running phases decide who takes part, the information regime who shares data."""
        month, model = self.model.month, self.model
        self.member = any(
            phase.starts <= month and (phase.ends is None or month < phase.ends) and self in firms
            for phase, firms in model.phases
        )
        sharing = self.member and model.active(model.information) and self in model.data_sharers
        kind = model.information.kind
        self.shared_near = 1.0 if sharing and kind in ("bilateral", "platform") else 0.0
        self.shared_far = 1.0 if sharing and kind == "platform" else 0.0

    # --- 2 observe -----------------------------------------------------------------------------------------

    def observe(self) -> None:
        """What others believe of the firm, how likely it is to be audited, which incentives it may hope for."""
        self.sight_error = 0.0
        self.audit = self.model.audit_rate(self)
        self.observed_now = self.observed(self.acts)
        self.known_green_quality = self.observed_now
        self.cost_now = self.effort_cost(self.acts)
        self.offers = [offer for offer in self.model.running if offer.reaches(self)]
        sharp = self.accuracy(self.acts.disclosure, self.shared_near)
        noise = self.model.information.noise
        quality_z, abatement_z = self.model.normals("observation")
        self.seen_acts = Acts(
            unit(self.seen(self.acts.quality, sharp, noise * quality_z[self.number])),
            unit(self.seen(self.acts.abatement, sharp, noise * abatement_z[self.number])),
            self.acts.disclosure,
        )

    # --- 3 decide ------------------------------------------------------------------------------------------

    def decide(self) -> None:
        """Plan the month by the firm's way of deciding; a member discloses at least what is mandated."""
        wanted = getattr(self, f"decide_{self.behaviour.kind}")(self.behaviour)
        floor = self.model.information.minimum_disclosure * max(self.shared_near, self.shared_far)
        self.plan = Acts(unit(wanted.quality), unit(wanted.abatement), max(unit(wanted.disclosure), floor))

    def act(self) -> None:
        """Do what was planned, now that all have planned."""
        self.acts = self.plan

    def decide_gradient(self, rule: Any) -> Acts:
        """Better reply: x + speed x dU/dx / S + noise x z."""
        slope, now = self.uphill(self.payoff), self.acts
        quality_z, abatement_z = self.model.normals("gradient")
        return Acts(
            now.quality + rule.speed * slope.quality + rule.noise * quality_z[self.number],
            now.abatement + rule.speed * slope.abatement + rule.noise * abatement_z[self.number],
            now.disclosure + rule.speed * slope.disclosure,
        )

    def decide_cooperative(self, rule: Any) -> Acts:
        """First best: x + speed x dU*/dx / S."""
        slope, now = self.uphill(self.social_payoff), self.acts
        return Acts(*(x + rule.speed * dx for x, dx in zip(now, slope, strict=True)))

    def decide_fixed(self, rule: Any) -> Acts:
        """The same every month."""
        return Acts(rule.quality, rule.abatement, rule.disclosure)

    def decide_conditional(self, rule: Any) -> Acts:
        """x + speed (max(0, match x mean effort seen of partners - bias) - x)."""
        if not self.partners:
            return self.acts
        count = len(self.partners)

        def toward(mine: float, total: float) -> float:
            return mine + rule.speed * (max(rule.match * total / count - rule.bias, 0.0) - mine)

        totals = [sum(efforts) for efforts in zip(*(partner.seen_acts for partner in self.partners), strict=True)]
        return Acts(*(toward(mine, total) for mine, total in zip(self.acts, totals, strict=True)))

    def decide_imitate(self, rule: Any) -> Acts:
        """Look at a partner or a peer now and then; copy it with probability 1 / (1 + exp(-s (p_j - p_i)))."""
        model, i = self.model, self.number
        look = model.uniform("imitate/look")[i]
        partner_first = self.partners and look < rule.partners * rule.attempts
        choice = self.partners if partner_first else self.peers or self.partners
        if look >= rule.attempts or not choice:
            return self.acts
        other = choice[int(model.uniform("imitate/pick")[i] * len(choice))]
        if other is self:
            return self.acts
        gap = other.profitability - self.profitability
        if model.uniform("imitate/adopt")[i] >= 1.0 / (1.0 + math.exp(min(-rule.selection * gap, 500.0))):
            return self.acts
        quality_z, abatement_z = model.normals("imitate/noise")
        seen = other.seen_acts
        return Acts(
            seen.quality + rule.noise * quality_z[i], seen.abatement + rule.noise * abatement_z[i], seen.disclosure
        )

    # --- 4 produce -----------------------------------------------------------------------------------------

    def take_orders(self) -> None:
        """Orders of the month: inputs for what each customer made last month, and the market's demand."""
        for link in self.sells:
            link.ordered = link.requirement * link.customer.volume
        self.orders = self.demand + sum(link.ordered for link in self.sells)

    def produce(self) -> None:
        """Make what is ordered as far as capacity lasts. Everybody gets the same part of the order; what is missing
        a customer buys elsewhere, dearer, and the market does without."""
        lost = self.model.risk.outage_loss if self.outage_left > 0 else 0.0
        self.volume = min(self.orders, self.capacity * (1.0 - lost))
        self.on_time = self.volume / self.orders if self.orders > 0 else 1.0
        for link in self.sells:
            link.shipped = link.ordered * self.on_time
            link.value = link.shipped * self.price
            link.spot = (link.ordered - link.shipped) * self.price * (1.0 + self.model.risk.spot_premium)
        self.sold = self.demand * self.on_time
        self.revenue = self.volume * self.price
        self.gross = self.volume * self.intensity
        self.own_defects = self.own_defects_at(self.acts)
        self.outgoing = self.outgoing_at(self.acts)
        self.emissions = self.emissions_at(self.acts)

    # --- 6 inspect -----------------------------------------------------------------------------------------

    def inspect_deliveries(self) -> None:
        """Inspect what comes in, less where the supplier is trusted and tells; accept what is not found."""
        quality = self.model.quality
        self.accepted_next = 0.0
        for link in self.buys:
            told = link.supplier.acts.disclosure * link.supplier.shared_near
            link.intensity = quality.inspection * (1.0 - link.trust * told * link.recognised)
            link.catch = quality.detection * link.intensity
            link.incoming = link.supplier.outgoing + link.carrier.own_defects
            self.accepted_next += link.input_share * link.incoming * (1.0 - link.catch)

    def accept(self) -> None:
        """What was accepted goes into next month's output; note what disclosure would save in inspections and in
        lorries."""
        self.accepted = self.accepted_next
        self.inspection_saving = self.load_saving = 0.0
        if self.shared_near:
            spared = sum(link.value * link.trust for link in self.sells if link.recognised)
            self.inspection_saving = self.model.quality.inspection * spared * self.shared_near
            self.load_saving = sum(link.load_saving for link in self.sells + self.buys) * self.shared_near

    def onward_cost(self, link: Link, cost_of_defects: float) -> float:
        """Cost at the firm for each unit of defect rate that it accepts on a link: its own output becomes defective,
        at the cost that a unit of that has."""
        return link.input_share * (1.0 - self.own_defects) * cost_of_defects

    def failure_cost(self, link: Link, cost_of_defects: float) -> float:
        """Cost at the firm for each unit of defect rate that arrives on a link: what is caught is returned, the
        rest goes on."""
        returned = self.model.quality.return_cost * link.value
        return link.catch * returned + (1.0 - link.catch) * self.onward_cost(link, cost_of_defects)

    def relied_cost(self, link: Link, cost_of_defects: float, defects: float) -> float:
        """Cost at the firm for each unit of its supplier's disclosure: defects that the spared inspections would
        have found go on instead of being returned."""
        if not link.recognised:
            return 0.0
        quality = self.model.quality
        unfound = quality.detection * quality.inspection * link.trust * defects
        return unfound * (self.onward_cost(link, cost_of_defects) - quality.return_cost * link.value)

    def trace_failures(self) -> None:
        """What a unit of the firm's outgoing defect rate, and of its disclosure, costs itself, by what it cost its
        customers last month: one tier further each month. Its contracts make it liable for a share."""
        quality = self.model.quality
        self.warranty = quality.warranty_cost * self.price * self.sold
        self.liability_next, self.relied_liability = self.warranty, 0.0
        if quality.liability > 0:
            for link in self.sells:
                customer = link.customer
                link.claim = quality.liability * customer.failure_cost(link, customer.liability)
                self.liability_next += link.claim
                relied = customer.relied_cost(link, customer.liability, self.outgoing) * self.shared_near
                self.relied_liability += quality.liability * relied
        if self.model.cooperation:
            self.trace_damage()

    def trace_damage(self) -> None:
        """The same for everybody; nobody asks for it where no firm cooperates."""
        self.damage_next, self.relied_damage = self.warranty, 0.0
        for link in self.sells:
            customer = link.customer
            self.damage_next += customer.failure_cost(link, customer.damage)
            self.relied_damage += customer.relied_cost(link, customer.damage, link.incoming) * self.shared_near
        for link in self.hauls:
            self.damage_next += link.customer.failure_cost(link, link.customer.damage)

    def take_blame(self) -> None:
        """From now on these are the costs."""
        self.liability = self.liability_next
        if self.model.cooperation:
            self.damage = self.damage_next

    # --- 7 settle ------------------------------------------------------------------------------------------

    def come_to_light(self) -> None:
        """At settlement beliefs give way to deeds, judged with this month's errors."""
        self.sight_error = self.model.information.noise * self.model.normals("observation")[0][self.number]
        self.measurement_error = self.model.logistic_draws("measure")[self.number]
        self.audit = 1.0 if self.audited else 0.0
        self.observed_now = self.observed(self.acts)
        self.known_green_quality = self.green_quality(self.acts)
        self.cost_now = self.effort_cost(self.acts)
        self.profit = self.support = 0.0

    def receive(self, money: float, support: float = 0.0) -> None:
        """Book a payment of an incentive."""
        self.profit += money
        self.support += support

    def settle(self) -> None:
        """All other payments of the month, and what the collaboration gave and took."""
        model, acts = self.model, self.acts
        premium, shared = self.premium_received(acts), self.costs_shared(acts)
        fee = model.information.monthly_cost * max(self.shared_near, self.shared_far) if self.revenue > 0 else 0.0
        self.premium = premium
        self.profit += self.trade() + premium + shared - fee - self.own_costs(acts)
        self.profitability = self.profit / self.revenue if self.revenue > 0 else 0.0
        self.benefit = premium + self.failures_spared()
        self.contribution = self.effort_cost(acts) + self.disclosure_cost(acts) - self.support - shared

    def trade(self) -> float:
        """Sales less goods, what is bought elsewhere, freight, operations, inspections, returns, warranty, liability
        and claims. A carrier owes a customer claims for what it damages of the customer's goods."""
        quality, fare = self.model.quality, self.model.logistics.fare
        sales = self.price * self.sold
        balance = sales * (1.0 - quality.warranty_cost * self.outgoing) - self.operations * self.revenue
        for link in self.sells:
            balance += link.value * (1.0 - quality.hosting_cost * link.intensity) - link.claim * self.outgoing
        for link in self.buys:
            inspection = quality.inspection_cost * link.intensity
            returns = quality.return_cost * link.incoming * link.catch
            carrier = link.carrier
            balance -= link.value * (1.0 + inspection + returns) + link.spot
            balance -= fare * link.tonne_km * (1.0 - carrier.claim_cost * carrier.own_defects)
            balance += link.claim * link.supplier.outgoing
        for link in self.hauls:
            balance += fare * link.tonne_km * (1.0 - self.claim_cost * self.own_defects)
        return balance

    def failures_spared(self) -> float:
        """What the suppliers' quality efforts spare the firm: d0 e q of each delivery at the part of the cost of a
        defect that suppliers are not liable for."""
        spared = sum(
            self.failure_cost(link, self.liability) * (link.supplier.defect_rate - link.supplier.own_defects)
            for link in self.buys
        )
        return (1.0 - self.model.quality.liability) * spared

    # --- 8 learn -------------------------------------------------------------------------------------------

    def learn(self) -> None:
        """Experience makes abatement cheaper (Wright's law), mechanisms may make effort cheaper, trust follows
        the quality that arrives."""
        technology, quality = self.model.technology, self.model.quality
        told = sum(p.acts.disclosure * p.shared_near * p.acts.abatement for p in self.partners)
        spilled = technology.spillover * told / max(len(self.partners), 1)
        self.experience += (self.acts.abatement + spilled) / 12.0
        self.quality_cost = self.first_quality_cost
        self.abatement_cost = self.first_abatement_cost * (1.0 + self.experience) ** -technology.learning_exponent
        for instrument in self.model.instruments:
            quality_factor, abatement_factor = instrument.cost_factors(self)
            self.quality_cost *= quality_factor
            self.abatement_cost *= abatement_factor
        for link in self.buys:
            evidence = max(1.0 - link.incoming / quality.tolerated, 0.0)
            link.trust += quality.trust_speed * (evidence - link.trust)

    # --- 9 review ------------------------------------------------------------------------------------------

    def review_suppliers(self) -> None:
        """Within each input group, shift orders from the contracted shares as the mechanisms in force weigh them
        together; where a whole group would lose everything, nothing moves."""
        groups: dict[int, list[Link]] = {}
        for link in self.buys:
            link.order_share = link.contract_share
            groups.setdefault(link.group, []).append(link)
        for links in groups.values():
            kept = [math.prod(instrument.orders_kept(link) for instrument in self.model.running) for link in links]
            weighted = [link.order_share * part for link, part in zip(links, kept, strict=True)]
            scale = sum(weighted) / sum(link.order_share for link in links)
            if scale > 0:
                for link, share in zip(links, weighted, strict=True):
                    link.order_share = share / scale


class Producer(Firm):
    """A firm that makes goods."""

    def _equip(self, intensity_z: float) -> None:
        technology = self.model.technology
        self.intensity = technology.emission_intensity * self.price * self._spread(intensity_z)
        self.abatable, self.defect_rate = technology.abatable_share, technology.defect_rate
        self.scrap_cost, self.claim_cost = technology.scrap_cost, 0.0
        self.energy_cost = technology.energy_cost
        self.energy_saving = technology.energy_saving

    def _value_added(self, bought: float) -> float:
        return min(self.value_added_share, 1.0 - bought) * self.price


class Supplier(Producer):
    """A firm that supplies others."""

    role = "supplier"


class Manufacturer(Producer):
    """A firm that assembles; it may lead a chain and set the bar for its suppliers."""

    role = "manufacturer"


class Carrier(Firm):
    """A logistics firm; its quality is careful handling, its abatement a better fleet and driving."""

    role = "logistics"

    def _equip(self, intensity_z: float) -> None:
        logistics = self.model.logistics
        self.intensity = 0.0
        self.abatable, self.defect_rate = logistics.abatable_share, logistics.damage_rate
        self.scrap_cost, self.claim_cost = 0.0, logistics.claim_cost
        self.energy_cost = logistics.fuel_cost
        self.energy_saving = logistics.fuel_saving

    def _value_added(self, bought: float) -> float:
        return 0.0

    # --- 5 ship --------------------------------------------------------------------------------------------

    def haul(self) -> None:
        """Haul what is shipped; information shared by both ends fills the lorries:
        load = base + (best - base) x mean of what the ends tell. Cost goes with 1 / load, so a unit more told at
        one end saves the cost x (best - base) / 2 / load."""
        logistics = self.model.logistics
        fleet = 1.0 - logistics.electric_share * logistics.electric_saving
        hauled = burnt = 0.0
        for link in self.hauls:
            told = [end.acts.disclosure * end.shared_near for end in (link.supplier, link.customer)]
            link.load = logistics.base_load + (logistics.best_load - logistics.base_load) * 0.5 * sum(told)
            link.tonne_km = link.shipped * link.distance_km
            hauled += link.tonne_km
            burnt += link.tonne_km / link.load
            if self.model.cooperation:
                saved = 0.5 * (logistics.best_load - logistics.base_load) / link.load
                link.load_saving = saved * self.cost_of_lorries(link.tonne_km / link.load)
        self.gross += burnt * logistics.intensity * fleet
        self.revenue += logistics.fare * hauled
        self.energy_load = logistics.base_load * burnt / hauled if hauled > 0 else 1.0
        self.emissions = self.emissions_at(self.acts)

    def cost_of_lorries(self, lorry_km: float) -> float:
        """Fuel and climate damage of lorries driven, in tonne-km they could have hauled when full."""
        logistics, abatement = self.model.logistics, self.acts.abatement
        fleet = 1.0 - logistics.electric_share * logistics.electric_saving
        fuel = logistics.fare * logistics.fuel_cost * logistics.base_load * (1.0 - logistics.fuel_saving * abatement)
        tonnes = logistics.intensity * fleet * (1.0 - logistics.abatable_share * abatement)
        return lorry_km * (fuel + self.model.market.social_cost_of_carbon * tonnes)


class Regulator(mesa.Agent):
    """The regulator of a region: audits firms at random and rates those it audits."""

    def __init__(self, model: PlainModel, firms: list[Firm]) -> None:
        super().__init__(model)
        self.model: PlainModel = model
        self.firms = firms

    def inspect_firms(self) -> None:
        """Audit each firm with its probability; an audited firm's rating is its green quality as measured."""
        model = self.model
        luck, error = model.uniform("audit"), model.normals("rating")[0]
        audits = 0
        for firm in self.firms:
            firm.audited = luck[firm.number] < model.audit_rate(firm)
            if firm.audited:
                audits += 1
                measured = firm.green_quality(firm.acts) + model.assessment.measurement_error * error[firm.number]
                firm.rating = unit(measured)
        self.audits = audits
