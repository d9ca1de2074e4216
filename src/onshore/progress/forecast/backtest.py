"""What would have been forecast on earlier days, with what was published by then, beside what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from onshore.progress.forecast.beliefs import Fit, fit
from onshore.progress.forecast.known import record_on, seen_on
from onshore.progress.forecast.priors import Priors
from onshore.progress.forecast.realisation import grown
from onshore.progress.forecast.sampling import Floats
from onshore.progress.forecast.simulation import MONTH, Known, latent, simulate

__all__ = ["ENOUGH", "Backtest", "backtest"]

ENOUGH = 20  # outcomes, each forecast once: fewer say nothing of coverage
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
SCHEMA = {
    "made": pl.Date, "what": pl.String, "contract": pl.String, "day": pl.Date, "outcome": pl.Float64,
    **{f"q{round(level * 100):02d}": pl.Float64 for level in LEVELS}, "below": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Backtest:
    """`forecasts`: a row for each day it was made and outcome: made, what (`share` of a contract, `contracted` in
    sum), contract, day, outcome, q05 ... q95, below (the share of draws below the outcome).

    `outcomes` counts what was forecast, once each however often. `covered_50` and `covered_90` are None below twenty;
    from there on they count each outcome at its last forecast.
    """

    forecasts: pl.DataFrame
    outcomes: int
    covered_50: float | None
    covered_90: float | None

    def summary(self) -> str:
        """In a sentence or two."""
        told = f"{self.forecasts.height} forecasts of {self.outcomes} outcomes."
        if self.covered_90 is None:
            return f"{told} Fewer than {ENOUGH} outcomes: no coverage is claimed."
        return f"{told} The middle 50 % held {self.covered_50:.0%} of them and the middle 90 % {self.covered_90:.0%}."

    def as_dict(self) -> dict[str, object]:
        """Under its documented names."""
        table = self.forecasts.with_columns(pl.col(pl.Date).cast(pl.String)).to_dicts()
        return {
            "outcomes": self.outcomes,
            "covered_50": self.covered_50,
            "covered_90": self.covered_90,
            "forecasts": table,
        }


def backtest(
    contracts: pl.DataFrame, observed: pl.DataFrame, dates: list[date], *, first_day: date, seed: int,
    largest: float | None = None, draws: int = 2000, priors: Priors | None = None,
) -> Backtest:  # fmt: skip
    """Forecast on each of `dates` and compare with what the tables tell of later days.

    On each day only rows that had happened and were `published` by then are seen. It then forecasts every later share
    of a contract it knew (with the error of a published share), and what is contracted in sum on each later date of
    `dates`. `largest` is the largest target, as the prior of a contract's size needs it.
    """
    rows: list[tuple[object, ...]] = []
    for n, made in enumerate(sorted(dates)):
        draw = np.random.default_rng([seed, n])
        known = record_on(contracts, observed, made)
        found = fit(known, float((first_day - made).days), largest, None, made, priors or Priors(), draws, draw)
        rows += _shares(known, observed, found, made, draw)
        later = [d for d in sorted(dates) if d > made]
        rows += _sums(contracts, known, found, made, later, first_day, draw)
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    last = table.sort("made").group_by("what", "contract", "day", maintain_order=True).last()
    enough = last.height >= ENOUGH
    inside = [last["below"].is_between(low, 1 - low).mean() if enough else None for low in (0.25, 0.05)]
    return Backtest(table, last.height, *inside)  # type: ignore[arg-type]


def _row(made: date, what: str, contract: str | None, day: date, outcome: float, drawn: Floats) -> tuple[object, ...]:
    tied = np.isclose(drawn, outcome, rtol=1e-9, atol=1e-12)
    below = float(((drawn < outcome) & ~tied).mean() + tied.mean() / 2)
    return made, what, contract, day, outcome, *(float(q) for q in np.quantile(drawn, LEVELS)), below


def _shares(
    known: Known, observed: pl.DataFrame, found: Fit, made: date, draw: np.random.Generator
) -> list[tuple[object, ...]]:
    at = {name: i for i, name in enumerate(known.contract)}
    later = observed.filter((pl.col("as_of") > made) & pl.col("contract").is_in(known.contract)).sort(
        "contract", "as_of"
    )
    if not later.height:
        return []
    wanted = np.unique([at[c] for c in later["contract"]])
    reach, log_pace = latent(known, wanted, found.draws, draw)
    R = len(reach) // len(found.draws.realisation)
    theta = np.repeat(found.draws.realisation, R, axis=0)
    rows = []
    for contract, day, share in later.select("contract", "as_of", "share").iter_rows():
        j = int(np.searchsorted(wanted, at[contract]))
        begun = known.begun[at[contract]]
        wait = np.exp(found.draws.delay) * draw.standard_exponential(len(theta)) * MONTH
        age = ((day - made).days - (wait if np.isnan(begun) else begun)) / MONTH
        drawn = reach[:, j] * grown(np.asarray(age), log_pace[:, j], np.exp(theta[:, 4]))
        drawn = np.clip(drawn + np.exp(theta[:, 5]) * draw.standard_normal(len(theta)), 0, 1)
        rows.append(_row(made, "share", contract, day, share, drawn))
    return rows


def _sums(
    contracts: pl.DataFrame,
    known: Known,
    found: Fit,
    made: date,
    later: list[date],
    first_day: date,
    draw: np.random.Generator,
) -> list[tuple[object, ...]]:
    if not later:
        return []
    grid = np.array([(first_day - made).days, 0, *((d - made).days for d in later)], dtype=np.float64)
    grid = np.unique(grid)
    drawn = simulate(known, found.draws, grid, draw).contracted
    rows = []
    for day in later:
        total = float(
            seen_on(contracts.drop("published", strict=False), "signed", day)["amount"].cast(pl.Float64).sum()
        )
        at = int(np.searchsorted(grid, float((day - made).days)))
        rows.append(_row(made, "contracted", None, day, total, drawn[:, at]))
    return rows
