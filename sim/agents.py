"""The Mesa agents: handles whose properties read and write their row of the model's arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from sim.network.network import SIZES

if TYPE_CHECKING:
    from sim.model import SupplyChainModel


class Row:
    """A property that reads and writes one firm's value in an array of the world; `limits` bound writes."""

    def __init__(self, name: str, doc: str, limits: tuple[float, float] | None = None, writable: bool = True) -> None:
        self.name, self.limits, self.writable = name, limits, writable
        self.__doc__ = doc

    def __get__(self, firm: Firm | None, owner: type | None = None) -> Any:
        if firm is None:
            return self
        return float(getattr(firm.model.world, self.name)[0, firm.row])

    def __set__(self, firm: Firm, value: float) -> None:
        if not self.writable:
            raise AttributeError(f"{self.name} follows from the month; it cannot be set")
        if self.limits is not None and not self.limits[0] <= value <= self.limits[1]:
            raise ValueError(f"{self.name}: given {value!r}, allowed is {self.limits[0]:g} to {self.limits[1]:g}")
        firm.model.set_row(self.name, firm.row, float(value))


class Firm(mesa.Agent):
    """A firm of the network. Its state is a row of the model's arrays; the properties are windows on it."""

    model: SupplyChainModel

    quality = Row("quality", "Quality effort, 0..1.", (0.0, 1.0))
    abatement = Row("abatement", "Abatement effort, 0..1.", (0.0, 1.0))
    disclosure = Row("disclosure", "Share of its data that it discloses, 0..1.", (0.0, 1.0))
    rating = Row("rating", "Public rating, 0..1.", (0.0, 1.0))
    experience = Row("experience", "Cumulative abatement K, in years of full effort.", (0.0, float("inf")))
    member = Row("member", "1 if it takes part in the collaboration this month, else 0.", writable=False)
    volume = Row("volume", "Tonnes made this month.", writable=False)
    revenue = Row("revenue", "Revenue of the month.", writable=False)
    profit = Row("profit", "Profit of the month.", writable=False)
    emissions = Row("emissions", "Tonnes CO2e emitted this month.", writable=False)
    outgoing_defects = Row("outgoing", "Defect rate of what it ships.", writable=False)
    benefit = Row("benefit", "Benefit from the collaboration this month.", writable=False)
    contribution = Row("contribution", "Net cost borne for the collaboration this month.", writable=False)

    def __init__(self, model: SupplyChainModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        firms = model.network.firms
        self.firm_id: str = model.network.ids[row]
        self.name = str(firms["name"][row])
        self.tier = int(firms["tier"][row])
        self.region = str(firms["region"][row])
        self.size = str(firms["size"][row])
        self.anchor = bool(firms["anchor"][row])
        assert self.size in SIZES

    def decide(self) -> None:
        """Choose this month's `quality`, `abatement` and `disclosure` by setting them.

        Called each month after all firms have decided by their behaviour, only where a subclass defines
        it; what it sets replaces what the behaviour chose, and what it leaves stays.
        """

    @property
    def suppliers(self) -> list[Firm]:
        """Firms it buys from."""
        links = self.model.world.links
        return self.model.firms_at(links.supplier[links.customer == self.row])

    @property
    def customers(self) -> list[Firm]:
        """Firms it sells to."""
        links = self.model.world.links
        return self.model.firms_at(links.customer[links.supplier == self.row])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.firm_id}>"


class Supplier(Firm):
    """A firm of tier 1, 2, ..."""


class Manufacturer(Firm):
    """A firm that sells to the market or assembles for one that does; may lead its chain."""


class LogisticsFirm(Firm):
    """A carrier; its efforts are handling quality and a cleaner fleet."""


class Regulator(mesa.Agent):
    """The regulator of a region; its money is an account in the books."""

    model: SupplyChainModel

    def __init__(self, model: SupplyChainModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.region = model.regions[row]

    @property
    def net_spending(self) -> float:
        """Spending less revenue of the last month; 0 before the first."""
        if self.model.month == 0:
            return 0.0
        return -float(sum(a[0, self.row] for a in self.model.world.ledger.regulator.values()))

    @property
    def audits(self) -> int:
        """Firms of the region that were audited last month."""
        return int(self.model.world.audited[0, self.model.region_rows == self.row].sum())

    def __repr__(self) -> str:
        return f"<Regulator {self.region}>"
