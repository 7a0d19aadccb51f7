"""The first tables: experiments, scenarios, runs, monthly outcomes, ledger totals, last payments."""

revision = "1"
down_revision = None


def upgrade() -> None:
    """Nothing: these tables are those that a database of version 1 has."""
