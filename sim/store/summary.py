"""Means of cases over their replications, worked out by the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import CTE, Connection, and_, func, literal, select, union_all

from sim.errors import StoreError, unknown
from sim.store import tables
from sim.store.tables import FINISHED, ExperimentPoint, ExperimentScenario, Run
from sim.store.writing import Lot

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
"""Confidence of the intervals."""

COLUMNS = ("position", "outcome", "unit", "runs", "mean", "deviation", "low", "high")


def cases_of(connection: Connection, experiment: int) -> CTE:
    """The cases of an experiment: its points, or its scenarios if it has none. position, fingerprint."""
    point, member = ExperimentPoint, ExperimentScenario
    has_points = connection.scalar(select(point.position).where(point.experiment_id == experiment).limit(1))
    table: type[ExperimentPoint] | type[ExperimentScenario] = member if has_points is None else point
    query = select(table.position, table.fingerprint).where(table.experiment_id == experiment)
    return query.cte("cases")


def cases_given(fingerprints: Sequence[str]) -> CTE:
    """Cases named one by one. position, fingerprint."""
    rows = [
        select(literal(n).label("position"), literal(fingerprint).label("fingerprint"))
        for n, fingerprint in enumerate(fingerprints)
    ]
    return union_all(*rows).cte("cases")


def summary(connection: Connection, lot: Lot, cases: CTE, replications: int, outcomes: Sequence[str]) -> pd.DataFrame:
    """position, outcome, unit, runs, mean, deviation (standard, between replications), low and high (the ends of the
    95 % interval of the mean, Student's t), a row for each case and outcome that has any run.

    Squares are summed about the mean, so that nothing cancels where figures are large and alike.
    """
    import pandas as pd
    from scipy.special import stdtrit

    if connection.dialect.name == "postgresql":
        # Until it has counted its rows the server takes every table for small, and would compare each with each.
        connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
    ids = _outcomes(connection, outcomes)
    figure = tables.Figure
    values = (
        select(cases.c.position, figure.outcome_id, figure.value)
        .select_from(cases)
        .join(Run, and_(Run.fingerprint == cases.c.fingerprint, lot.are(FINISHED), Run.replication < replications))
        .join(figure, and_(figure.run_id == Run.id, figure.outcome_id.in_(list(ids))))
        .cte("figures")
    )
    group = (values.c.position, values.c.outcome_id)
    means = (
        select(*group, func.count().label("runs"), func.avg(values.c.value).label("mean")).group_by(*group).cte("means")
    )
    off = values.c.value - means.c.mean
    query = (
        select(means.c.position, means.c.outcome_id, means.c.runs, means.c.mean, func.sum(off * off).label("squares"))
        .join(values, and_(values.c.position == means.c.position, values.c.outcome_id == means.c.outcome_id))
        .group_by(means.c.position, means.c.outcome_id, means.c.runs, means.c.mean)
        .order_by(means.c.position)
    )
    rows = np.array([tuple(row) for row in connection.execute(query)], dtype=np.float64).reshape(-1, 5)
    position, outcome, runs, mean, squares = rows.T
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = np.where(runs > 1, np.sqrt(squares / (runs - 1)), np.nan)
        half = stdtrit(runs - 1, 0.5 + LEVEL / 2) * deviation / np.sqrt(runs)
    named = [ids[int(i)] for i in outcome]
    return pd.DataFrame(
        {
            "position": position.astype(np.int64), "outcome": [name for name, _ in named],
            "unit": [unit for _, unit in named], "runs": runs.astype(np.int64), "mean": mean, "deviation": deviation,
            "low": mean - half, "high": mean + half,
        },
        columns=list(COLUMNS),
    )  # fmt: skip


def _outcomes(connection: Connection, names: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Name and unit of outcomes by id, in the order asked for."""
    known = {o.name: (o.id, o.unit) for o in connection.execute(select(tables.Outcome))}
    strange = next((name for name in names if name not in known), None)
    if strange is not None and known:
        raise StoreError(unknown("outcome", strange, known))
    return {known[name][0]: (name, known[name][1]) for name in names if name in known}
