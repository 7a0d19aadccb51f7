"""The state of many worlds: arrays (world, firm), link arrays flat over all worlds; never changed in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.fields import Array
from sim.known import Memory
from sim.ledger import Ledger
from sim.network.chains import Chains
from sim.network.links import Links
from sim.standing import Standing


class World:
    """What a block of worlds looks like between two phases. `but` gives a changed copy; arrays are never
    written to.

    Who trades with whom: links, chains; standing (of suppliers with customers, where they are assessed).
    Efforts: quality, abatement, disclosure, member (of those enrolled, the willing who have heard of it),
    heard.
    Trade: volume (t made), usual_volume (at usual demand), order_share, contract_share, requirement (t of input per t
    of output), input_share, shipped, missing (ordered and not delivered) and their value (order_value, missing_value),
    missing_intensity (gross emissions of a tonne of who did not deliver), sold, revenue, demand, on_time, outage_left;
    where firms hold inputs: stock and forecast (both in tonnes of their output), recent (what it rests on, (world,
    firm, month)), short (tonnes bought elsewhere because stock ran out); demand_noise (of this month, standard normal);
    slump_left (months left of a demand shock), incident (1 where one happened this month).
    Carriers: electric (share of the fleet), electric_km (tonne-km by electric lorries), served_km (tonne-km on routes
    that electric lorries can serve), hauled (share of what is ordered of a carrier that somebody hauls), backup
    (column of the firm that stands in for it), backup_part (share of its haulage that this one does).
    Quality: own_defects, outgoing, incoming, accepted, trust, intensity, catch; where buyers choose, inspecting
    (share of lots inspected of who tells nothing) and inspection_return (what it is learnt to bring, share of value);
    claim, liability, damage (money for each unit of defect rate); inspection_saving, reliance_damage,
    reliance_liability, load_saving (money for each unit of disclosure).
    Climate: footprint (t CO2e for a tonne, with all inputs), gross, emissions, load, tonne_km, energy_load.
    Chains: weight, part, index.
    Market: awareness (world, chain), appetite (demand for each unit of usual demand), price_rise (share of the price);
    where firms set margins, margin (of each firm in each chain, (W*E,)) and their sum markup, shares of the usual
    price, and unpriced (appetite without them).
    Beliefs: connected (1 once its data have been shared), observation (this month's errors of what is seen of quality
    and of abatement), shared_near, shared_far; overclaim (by how much the data overstate what the firm does), exposed
    (found out this month), disbelief (months in which its data will not be believed).
    Learning: experience, quality_cost, abatement_cost, rating, audit_plan (chance of an audit this month), audited,
    memory, regulator_memory, behaviour_memory.
    Books: ledger, profit, profitability, benefit, contribution, support, sharing_error (of shares that are sampled,
    (world,)).
    """

    month: int
    links: Links
    chains: Chains
    standing: Standing
    usual_volume: Array
    quality: Array
    abatement: Array
    disclosure: Array
    member: Array
    willing: Array
    heard: Array
    baseline_abatement: Array
    capacity: Array
    volume: Array
    order_share: Array
    contract_share: Array
    requirement: Array
    input_share: Array
    missing: Array
    stock: Array
    forecast: Array
    recent: Array
    short: Array
    missing_intensity: Array
    footprint: Array
    missing_value: Array
    electric: Array
    electric_km: Array
    served_km: Array
    backup: Array
    backup_part: Array
    hauled: Array
    shipped: Array
    order_value: Array
    sold: Array
    revenue: Array
    demand: Array
    demand_noise: Array
    awareness: Array
    appetite: Array
    price_rise: Array
    margin: Array
    markup: Array
    unpriced: Array
    own_defects: Array
    outgoing: Array
    accepted: Array
    incoming: Array
    trust: Array
    inspecting: Array
    inspection_return: Array
    intensity: Array
    catch: Array
    claim: Array
    liability: Array
    damage: Array
    inspection_saving: Array
    reliance_damage: Array
    reliance_liability: Array
    load_saving: Array
    gross: Array
    emissions: Array
    load: Array
    tonne_km: Array
    energy_load: Array
    weight: Array
    part: Array
    index: Array
    experience: Array
    quality_cost: Array
    abatement_cost: Array
    rating: Array
    audit_plan: Array
    audited: Array
    outage_left: Array
    slump_left: Array
    policy_left: Array
    incident: Array
    on_time: Array
    observation: tuple[Array, Array]
    overclaim: Array
    exposed: Array
    disbelief: Array
    connected: Array
    shared_near: Array
    shared_far: Array
    benefit: Array
    contribution: Array
    support: Array
    profit: Array
    profitability: Array
    sharing_error: Array
    memory: Mapping[str, Memory]
    regulator_memory: Memory
    behaviour_memory: tuple[Memory, ...]
    ledger: Ledger

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)
        self._once: dict[str, Any] = {}

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """A value worked out once for this world as it stands; a changed copy works it out anew."""
        known = self._once
        if name not in known:
            known[name] = make()
        return known[name]

    def but(self, **changes: Any) -> World:
        """A copy with some arrays exchanged."""
        copy = object.__new__(World)
        copy.__dict__ = self.__dict__ | changes
        copy._once = {}
        return copy
