"""The odds of a target: a posterior from the record as one date knew it, drawn forward to the target's day.

docs/explanation/odds.md has the model, its priors and how far it is to be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.stats import beta

from onshore.errors import WrongUse
from onshore.progress.forecast.beliefs import beliefs_table, correlations_table, fit
from onshore.progress.forecast.known import check_columns, record_on
from onshore.progress.forecast.priors import Priors
from onshore.progress.forecast.pulls import behind, pulls_table
from onshore.progress.forecast.reference_class import beside
from onshore.progress.forecast.sampling import Floats
from onshore.progress.forecast.simulation import MONTH, Paths, simulate

__all__ = ["Forecast", "forecast"]

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
MEASURES = {
    "imports_displaced": {"signed": "contracted", "annual rate": "realised", "cumulative": "cumulated"},
    "contract_value": {"signed": "contracted", "cumulative": "realised"},
}


@dataclass(frozen=True)
class Forecast:
    """What is forecast on a date, and what it rests on. Every table is a Polars frame.

    fan: date, amount (contracted, realised; cumulated for a yearly flow), q05 ... q95
    chances: a row for each target and each way to read it: probability with the error of drawing, shortfall, run rates
    beliefs: parameter by parameter, prior beside posterior, and whether the record moved it
    correlations: of the posterior of realisation: what the record cannot tell apart
    pulls: contracts that are overdue or behind the middling curve of their age, and what each costs a target
    reference: what became of other countries' projects, beside the same figure of this posterior
    """

    as_of: date
    until: date
    seed: int
    draws: int
    effective: float
    unit: str
    contracts: int
    observed: int
    fan: pl.DataFrame
    chances: pl.DataFrame
    beliefs: pl.DataFrame
    correlations: pl.DataFrame
    pulls: pl.DataFrame
    reference: pl.DataFrame
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """Under its documented names; dates as ISO text."""
        tables = ("fan", "chances", "beliefs", "correlations", "pulls", "reference")
        plain = {n: getattr(self, n) for n in ("seed", "draws", "effective", "unit", "contracts", "observed", "notes")}
        told = {n: getattr(self, n).with_columns(pl.col(pl.Date).cast(pl.String)).to_dicts() for n in tables}
        return {"as_of": self.as_of.isoformat(), "until": self.until.isoformat(), **plain, **told}

    def summary(self) -> str:
        """A page for people."""
        from onshore.progress.forecast.words import odds_in_words

        return odds_in_words(self)


def forecast(
    contracts: pl.DataFrame,
    observed: pl.DataFrame,
    targets: pl.DataFrame,
    *,
    as_of: date,
    first_day: date,
    until: date | None = None,
    seed: int,
    draws: int = 4000,
    priors: Priors | None = None,
    measure: str = "imports_displaced",
    unit: str = "",
    rates: pl.DataFrame | None = None,
) -> Forecast:
    """The odds of `targets`, from `contracts` and `observed` as `as_of` knew them.

    contracts: contract, signed, amount (above 0, in the targets' unit), topmost rows only; optional: published, due,
    started, exposed (0-1 of the amount that is held in another currency, moved with `rates` from `as_of` on).
    observed: contract, as_of, share (0-1 of the contract's amount); optional: published.
    targets: target, due, value; optional: basis (`signed`, `annual rate` or `cumulative`; empty: every reading).
    rates: date, rate (units of the targets' currency for one of the other); without it the priors' drift and
    volatility are drawn, and the result says so.

    `measure` is `imports_displaced` (a yearly flow, which can also be cumulated) or `contract_value` (a stock).
    The same tables, in any order, and seed give the same result. Rows of a later day than `as_of`, or published
    later, are not seen. Raises `WrongUse` for a table that cannot be meant, `TooFewDraws` when the record fits the
    model too badly for its draws to mean anything.
    """
    priors = priors or Priors()
    check_columns("targets", targets)
    if measure not in MEASURES:
        raise WrongUse(f"measure is `{measure}`; it is one of {', '.join(MEASURES)}.")
    until = until or max([as_of, *targets["due"].to_list()])
    if not first_day <= as_of <= until:
        raise WrongUse("A forecast needs first_day, as_of and until in this order.")
    readings = _readings(targets, MEASURES[measure], first_day)
    known = record_on(contracts, observed, as_of)
    draw = np.random.default_rng(seed)
    largest = float(targets["value"].cast(pl.Float64).max()) if targets.height else None  # type: ignore[arg-type]
    found = fit(known, float((first_day - as_of).days), largest, rates, as_of, priors, draws, draw)
    days = sorted({(due - as_of).days for due in readings["due"]})
    grid = _grid((first_day - as_of).days, (until - as_of).days, days)
    late = behind(known, contracts, found, as_of)
    paths = simulate(known, found.draws, grid, draw, watched=np.array([b.at for b in late], dtype=np.int64))
    amounts = {"contracted": paths.contracted, "realised": paths.realised}
    if measure == "imports_displaced":
        amounts["cumulated"] = paths.cumulated()
    notes = list(found.notes)
    return Forecast(
        as_of, until, seed, len(found.draws.sizes), found.realisation.effective, unit, len(known.amount),
        len(np.unique(known.records.contract)),
        fan=_fan(amounts, paths, as_of, until),
        chances=_chances(readings, amounts, paths, as_of, first_day),
        beliefs=beliefs_table(found), correlations=correlations_table(found),
        pulls=pulls_table(late, known, readings, amounts, paths, found, as_of),
        reference=beside(found.draws, draw), notes=notes,
    )  # fmt: skip


def _readings(targets: pl.DataFrame, allowed: dict[str, str], first_day: date) -> pl.DataFrame:
    """A row for each target and each way its words can be taken: target, basis, reading, due, value."""
    if targets["target"].is_duplicated().any():
        raise WrongUse(f"A target stands twice: {targets.filter(targets['target'].is_duplicated())['target'][0]}.")
    rows = []
    for row in targets.sort("target").iter_rows(named=True):
        basis = row.get("basis")
        if basis and basis not in allowed:
            raise WrongUse(
                f"{row['target']}: basis is `{basis}`, which this measure cannot meet; it knows {', '.join(allowed)}."
            )
        if row["due"] < first_day:
            raise WrongUse(f"{row['target']} is due before the programme's first day.")
        for name in [basis] if basis else list(allowed):
            rows.append((row["target"], basis, allowed[name], row["due"], float(row["value"])))
    schema = {"target": pl.String, "basis": pl.String, "reading": pl.String, "due": pl.Date, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _grid(first: int, last: int, days: list[int]) -> Floats:
    """Whole days from the first day to the last: each month counted from today, and the targets' days."""
    last = max([last, *days])
    back = {-round(k * MONTH) for k in range(int(-first / MONTH) + 1)}
    ahead = {round(k * MONTH) for k in range(int(last / MONTH) + 1)}
    return np.array(sorted(back | ahead | {first, last, 0} | set(days)), dtype=np.float64)


def _fan(amounts: dict[str, Floats], paths: Paths, as_of: date, until: date) -> pl.DataFrame:
    last = (until - as_of).days
    at = np.flatnonzero((paths.grid >= 0) & (paths.grid <= last))
    days = [as_of + timedelta(days=int(d)) for d in paths.grid[at]]
    tables = []
    for name, drawn in amounts.items():
        quantiles = np.quantile(drawn[:, at], LEVELS, axis=0)
        columns = {f"q{round(level * 100):02d}": q for level, q in zip(LEVELS, quantiles, strict=True)}
        tables.append(pl.DataFrame({"date": days, "amount": [name] * len(at), **columns}))
    return pl.concat(tables)


def _chances(
    readings: pl.DataFrame, amounts: dict[str, Floats], paths: Paths, as_of: date, first_day: date
) -> pl.DataFrame:
    """`low` and `high`: the 95 % interval (Clopper and Pearson 1934) of what drawing more would find, no more."""
    today = int(np.searchsorted(paths.grid, 0.0))
    so_far = max((as_of - first_day).days, 1) / 365.25
    rows = []
    for row in readings.iter_rows(named=True):
        drawn = amounts[row["reading"]]
        reached = drawn[:, int(np.searchsorted(paths.grid, float((row["due"] - as_of).days)))]
        n, hits = len(reached), int((reached >= row["value"]).sum())
        now = float(np.median(drawn[:, today]))
        left = (row["due"] - as_of).days / 365.25
        needed = max(row["value"] - now, 0.0) / left if left > 0 else None
        rows.append({
            **row, "probability": hits / n,
            "low": float(beta.ppf(0.025, hits, n - hits + 1)) if hits else 0.0,
            "high": float(beta.ppf(0.975, hits + 1, n - hits)) if hits < n else 1.0,
            "expected_shortfall": float(np.maximum(row["value"] - reached, 0).mean()),
            "q05": float(np.quantile(reached, 0.05)), "median": float(np.median(reached)),
            "q95": float(np.quantile(reached, 0.95)),
            "now": now, "run_rate_needed": needed, "run_rate_so_far": now / so_far,
        })  # fmt: skip
    extra = dict.fromkeys(
        ("probability", "low", "high", "expected_shortfall", "q05", "median", "q95", "now", "run_rate_needed",
         "run_rate_so_far"), pl.Float64,
    )  # fmt: skip
    return pl.DataFrame(rows, schema={**readings.schema, **extra}, orient="row")
