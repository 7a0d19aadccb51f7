"""Double entry: every payment has a name, a payer, a payee and an amount, and the books balance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.errors import RunError
from sim.fields import Array
from sim.network.links import Index

INSTITUTIONS = ("market", "bank", "platform", "outside", "pool")
"""Accounts beside the firms and the regulators. `pool` only clears payments among firms."""

BOOKED = (
    "sales", "goods", "spot", "freight", "claims", "operations", "inspection", "hosting", "returns", "warranty",
    "liability", "reductions", "effort", "disclosure", "scrap", "energy", "premium", "cost sharing", "audits",
    "information fee", "storage", "margins",
    "overclaim penalty", "incidents", "risk sharing", "settlement", "qualification", "fleet", "packaging",
    "complementarity", "local benefit", "local cost", "group cost", "group return",
)  # fmt: skip
"""Names that the books themselves use; no incentive may be called so."""

BALANCE = 1e-9
"""How far the accounts of a month may miss zero, relative to what was paid."""


class Ledger:
    """One month's books of a block of worlds.

    Accounts: each firm (world, firm), the regulator of each region (world, region), and the
    institutions (world,). Payer and payee are booked separately, so that a payment that does not
    arrive, or arrives twice, shows as an imbalance.
    """

    def __init__(self, worlds: int, firms: int, region: Index, regions: int) -> None:
        self.worlds, self.firms, self.regions = worlds, firms, regions
        self._flat_region = (np.arange(worlds)[:, None] * regions + region[None, :]).ravel()
        self.firm: dict[str, Array] = {}
        self.regulator: dict[str, Array] = {}
        self.institution: dict[str, dict[str, Array]] = {}
        self._profit: Array | None = None
        self._from_regulators: list[Array] = []

    def firms_receive(self, name: str, amount: Array, payer: str) -> None:
        """Each firm receives `amount` (world, firm) from an institution, or from the regulator of its
        region; negative amounts are paid to it."""
        if amount.shape != (self.worlds, self.firms):
            amount = np.broadcast_to(amount, (self.worlds, self.firms))
        self._add(self.firm, name, amount)
        self._profit = None
        if payer == "regulator":
            self._add(self.regulator, name, -self.by_region(amount))
            self._from_regulators.append(amount)
        else:
            self._book(payer, name, -amount.sum(axis=1))

    def firms_pay(self, name: str, amount: Array, payee: str) -> None:
        """Each firm pays `amount` (world, firm) to an institution or its regulator."""
        self.firms_receive(name, -amount, payee)

    def between(self, name: str, amount: Array, payer: Index, payee: Index) -> None:
        """Firm pays firm along links: amount (W*L,), ends as flat firm indices."""
        size = self.worlds * self.firms
        received = np.bincount(payee, weights=amount, minlength=size).reshape(self.worlds, self.firms)
        paid = np.bincount(payer, weights=amount, minlength=size).reshape(self.worlds, self.firms)
        self._add(self.firm, name, received - paid)
        self._profit = None

    def regulators_pay(self, name: str, amount: Array, payee: str) -> None:
        """The regulator of each firm's region pays `amount` (world, firm), on the firm's account but not to
        it, to an institution."""
        self._add(self.regulator, name, -self.by_region(amount))
        self._book(payee, name, amount.sum(axis=1))

    def by_region(self, amount: Array) -> Array:
        """(world, firm) summed to (world, region)."""
        if self.regions == 1:
            return amount.sum(axis=1, keepdims=True)
        flat = np.ascontiguousarray(amount).ravel()
        return np.bincount(self._flat_region, weights=flat, minlength=self.worlds * self.regions).reshape(
            self.worlds, self.regions
        )

    def profit(self, names: Sequence[str] | None = None) -> Array:
        """What each firm received less what it paid, (world, firm), in all or by the named payments."""
        if names is None and self._profit is not None:
            return self._profit
        total = np.zeros((self.worlds, self.firms))
        for name, amount in self.firm.items():
            if names is None or name in names:
                total = total + amount
        if names is None:
            self._profit = total
        return total

    def from_regulators(self) -> Array:
        """What each firm received from regulators less what it paid them, (world, firm)."""
        return sum(self._from_regulators, np.zeros((self.worlds, self.firms)))

    def public(self) -> tuple[Array, Array]:
        """Spending and revenue of the regulators, each (world,)."""
        spending, revenue = np.zeros(self.worlds), np.zeros(self.worlds)
        for amount in self.regulator.values():
            net = amount.sum(axis=1)
            spending = spending - np.minimum(net, 0.0)
            revenue = revenue + np.maximum(net, 0.0)
        return spending, revenue

    def turnover(self) -> Array:
        """What firms, regulators and institutions paid and received in the month, each payment at its size: the
        measure of an imbalance, (world,)."""
        firms = (np.abs(a).sum(axis=1) for a in (*self.firm.values(), *self.regulator.values()))
        return sum(firms, self._of_institutions())

    def _of_institutions(self) -> Array:
        """The part of the turnover that institutions have, (world,)."""
        entries = (np.abs(a) for account in self.institution.values() for a in account.values())
        return sum(entries, np.ones(self.worlds))

    def imbalance(self) -> Array:
        """Sum over all accounts, relative to the month's payments, (world,)."""
        return self._missing() / self.turnover()

    def _missing(self) -> Array:
        """By how much the sum over all accounts misses zero, (world,)."""
        total = self.profit().sum(axis=1)
        total = sum((a.sum(axis=1) for a in self.regulator.values()), total)
        for account in self.institution.values():
            total = sum(account.values(), total)
        return np.abs(total)

    def check(self, month: int) -> None:
        """Raise RunError if the accounts of any world do not sum to zero, or the pool keeps money."""
        missing = np.maximum(self._missing(), self._left())
        # What is little beside a part of the payments is little beside all of them, which take longer to sum up.
        if np.all(missing <= BALANCE * self._of_institutions()):
            return
        off = missing / self.turnover()
        if not np.all(off <= BALANCE):
            world = int(np.argmax(~(off <= BALANCE)))
            raise RunError(f"month {month}, world {world}: the books miss zero by {off[world]:.3g} of what was paid")

    def pool_left(self) -> Array:
        """What stays in the clearing account, relative to the month's payments, (world,)."""
        return self._left() / self.turnover()

    def _left(self) -> Array:
        return np.abs(sum(self.institution.get("pool", {}).values(), np.zeros(self.worlds)))

    def _book(self, account: str, name: str, amount: Array) -> None:
        if account not in INSTITUTIONS:
            raise RunError(f"payment {name!r}: no account {account!r} (known: regulator, {', '.join(INSTITUTIONS)})")
        self._add(self.institution.setdefault(account, {}), name, amount)

    @staticmethod
    def _add(books: dict[str, Array], name: str, amount: Array) -> None:
        books[name] = books[name] + amount if name in books else amount
