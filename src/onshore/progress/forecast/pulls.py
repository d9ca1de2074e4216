"""What pulls a target down: each contract that is overdue, or behind the middling curve of its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from onshore.progress.forecast.beliefs import Fit
from onshore.progress.forecast.realisation import median_curve
from onshore.progress.forecast.sampling import Floats
from onshore.progress.forecast.simulation import MONTH, SINGLE, Known, Paths

__all__ = ["Behind", "behind", "pulls_table"]


@dataclass(frozen=True)
class Behind:
    """A contract that is late: its position, why, its last share, what a middling one of its age has, its due day."""

    at: int
    why: str
    share: float
    middling: float
    due: float | None


def behind(known: Known, contracts: pl.DataFrame, found: Fit, as_of: date) -> list[Behind]:
    """The late ones among the contracts drawn one by one (the 100 largest). One without a share is late only if its
    own `due` has passed."""
    last = {int(i): j for j, i in enumerate(known.records.contract)}  # ages rise, so the latest stays
    theta = found.draws.realisation
    due = dict(contracts.select("contract", "due").iter_rows()) if "due" in contracts.columns else {}
    late = []
    for i in np.argsort(-known.amount, kind="stable")[:SINGLE].tolist():
        share = float(known.records.share[last[i]]) if i in last else 0.0
        age = known.records.age[[last[i]]] if i in last else np.array([max(-known.signed[i], 0.0) / MONTH])
        middling = float(np.median(median_curve(theta, age)))
        day = due.get(known.contract[i])
        if day is not None and day < as_of and share < 1:
            late.append(Behind(i, "overdue", share, middling, float((day - as_of).days)))
        elif i in last and share < middling:
            late.append(Behind(i, "behind the middling curve of its age", share, middling, None))
    return late


def pulls_table(
    late: list[Behind],
    known: Known,
    readings: pl.DataFrame,
    amounts: dict[str, Floats],
    paths: Paths,
    found: Fit,
    as_of: date,
) -> pl.DataFrame:
    """contract, why, share, middling, target, reading, amount, probability: what the target gains, on average, were
    the contract on time: on the middling curve, or, with a due day of its own, whole from that day on.

    Each contract is put on time alone, in the same draws; two together gain more than the sum when both are needed.
    """
    K, D = len(found.draws.realisation), len(found.draws.sizes)
    rows = []
    for b in late:
        drawn = paths.share[b.at]
        if b.due is None:
            age = (paths.grid - (0.0 if np.isnan(known.begun[b.at]) else known.begun[b.at])) / MONTH
            on_time = np.repeat(median_curve(found.draws.realisation, age), D // K, axis=0)
        else:
            on_time = np.where(paths.grid >= b.due, 1.0, drawn)
        exposed = known.exposed[b.at]
        more = known.amount[b.at] * (on_time - drawn) * (1 - exposed + exposed * paths.rate)
        gained = {"realised": more, "cumulated": Paths(paths.grid, more, more, more, paths.single, {}).cumulated()}
        for row in readings.filter(pl.col("reading") != "contracted").iter_rows(named=True):
            at = int(np.searchsorted(paths.grid, float((row["due"] - as_of).days)))
            reached, gain = amounts[row["reading"]][:, at], gained[row["reading"]][:, at]
            chance = float((reached + gain >= row["value"]).mean() - (reached >= row["value"]).mean())
            rows.append((known.contract[b.at], b.why, b.share, b.middling, row["target"], row["reading"],
                         float(gain.mean()), chance))  # fmt: skip
    schema = {
        "contract": pl.String, "why": pl.String, "share": pl.Float64, "middling": pl.Float64, "target": pl.String,
        "reading": pl.String, "amount": pl.Float64, "probability": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort(
        ["target", "reading", "amount", "contract"], descending=[False, False, True, False]
    )
