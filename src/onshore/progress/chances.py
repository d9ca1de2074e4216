"""`on.odds`: the odds of a programme's targets, from its own record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from onshore.blueprint.calendar import year_start
from onshore.blueprint.money import Rates
from onshore.errors import WrongUse
from onshore.progress.amounts import by_contract
from onshore.progress.declared import ODDS_TABLES
from onshore.progress.faults import short
from onshore.progress.forecast import Forecast, Priors, forecast
from onshore.progress.ledger import MEASURES, ledger_of
from onshore.progress.promises import compared
from onshore.progress.track import Track
from onshore.progress.worth import View

__all__ = ["Odds", "odds"]

LOOK_AHEAD = 365
"""Days beyond the day of the report that a fan reaches where no target is due later."""
HISTORY = 720
"""Days of rates before the day of the report from which drift and volatility are learnt."""


@dataclass(frozen=True)
class Odds:
    """A forecast for each measure, currency and scope in which a target is told; `tables` holds all of them, declared.

    `left_out` says which targets have no odds, and why.
    """

    as_of: date
    market: str
    forecasts: dict[tuple[str, str, str], Forecast]
    left_out: tuple[str, ...]
    tables: dict[str, pl.DataFrame]

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: each forecast under its measure and currency."""
        return {
            "forecasts": [
                {"measure": m, "currency": c, "scope": s, **f.as_dict()} for (m, c, s), f in self.forecasts.items()
            ],
            "left_out": list(self.left_out),
        }

    def summary(self) -> str:
        """Each forecast in words, and what has none."""
        told = [f"{m.replace('_', ' ')} in {c}, {s}\n{f.summary()}" for (m, c, s), f in self.forecasts.items()]
        return "\n\n".join([*told, *self.left_out]) or "No target is still to come due."

    def brief(self) -> str:
        """A line a target, with the odds of each way to read it."""
        lines = []
        for (target,), rows in self["chances"].sort("value", descending=True).group_by(["target"], maintain_order=True):
            said = [
                f"{row['reading']} {'under 0.1%' if row['probability'] < 0.001 else format(row['probability'], '.0%')} "
                f"({short(row['q05'], None)} to {short(row['q95'], None)})"
                for row in rows.iter_rows(named=True)
            ]
            first = rows.row(0, named=True)
            lines.append(
                f"  odds of {target}, {short(first['value'], first['currency'])} by {first['due']}: {', '.join(said)}"
            )
        return "\n".join([*lines, *(f"  {words}" for words in self.left_out)])


def odds(
    made: Track, *, seed: int = 0, draws: int = 4000, until: date | None = None, priors: Priors | None = None
) -> Odds:
    """The probability that each target still to come due is met by its day, with fans, beliefs and what moves them.

    Contracts are the counted rows of `made` at the rates of its market, each in the middle of its range. A contract whose
    figure is told in another currency than the target's moves with that rate from the day of the report on, where the
    target is a flow; a stock of contracts keeps the rate of the day of signing. The same track and seed give the same odds.

    Maths, priors and how far to trust it: docs/explanation/odds.md.
    """
    if not isinstance(made, Track):
        raise WrongUse(f"odds takes what on.track made, not {made!r}: on.odds(on.track(programme)).")
    targets = compared(made.programme["targets"])
    open_ones = targets.filter(pl.col("due") > made.as_of)
    left_out = tuple(_left_out(made, targets))
    forecasts = {}
    for measure in MEASURES:
        for currency in open_ones.filter(pl.col("counts") == measure)["currency"].unique().sort():
            mine = open_ones.filter((pl.col("counts") == measure) & (pl.col("currency") == currency))
            groups, lacking = _by_contracts(_contracts(made, measure, currency), mine)
            if lacking:
                left_out += (f"no odds of {', '.join(lacking)}: no contract in the record counts for them",)
            for scope, (rows, aims) in groups.items():
                forecasts[measure, currency, scope] = forecast(
                    rows.drop("own", "sector"), _observed(made, measure, rows), aims.select("target", "basis", "due", "value"),
                    as_of=made.as_of, first_day=_first_day(made, rows), until=until or _until(made, aims), seed=seed,
                    draws=draws, priors=priors, measure=measure, rates=_rates(made, rows, currency),
                    unit=currency + (" a year" if measure == "imports_displaced" else ""),
                )  # fmt: skip
    return Odds(made.as_of, made.market, forecasts, left_out, _tables(forecasts))


def _by_contracts(
    rows: pl.DataFrame, targets: pl.DataFrame
) -> tuple[dict[str, tuple[pl.DataFrame, pl.DataFrame]], list[str]]:
    """Targets by the contracts that count for them: a sector's are its own. Scopes with the same contracts share a
    forecast, under the name of the widest. Then the targets that no contract counts for."""
    groups: dict[str, tuple[pl.DataFrame, pl.DataFrame]] = {}
    lacking: list[str] = []
    scopes = sorted(targets["scope"].unique(), key=lambda s: (s != "programme", s))
    for scope in scopes:
        held = rows if scope == "programme" else rows.filter(pl.col("sector") == scope)
        aims = targets.filter(pl.col("scope") == scope)
        if held.is_empty():
            lacking += aims["target"].to_list()
            continue
        name = next((n for n, (r, _) in groups.items() if r["contract"].equals(held["contract"])), scope)
        before = groups[name][1] if name in groups else aims.clear()
        groups[name] = (held, pl.concat([before, aims]))
    return groups, lacking


def _left_out(made: Track, targets: pl.DataFrame) -> Iterator[str]:
    past = targets.filter(pl.col("due") <= made.as_of)
    if past.height:
        yield f"no odds of {', '.join(past['target'])}: due by {made.as_of}, so they were met or missed"
    undated = targets.filter(pl.col("due").is_null())
    if undated.height:
        yield f"no odds of {', '.join(undated['target'])}: no day is set"


def _contracts(made: Track, measure: str, currency: str) -> pl.DataFrame:
    """Counted contracts as the forecast wants them; `own` is the currency in which their figure is told."""
    known = made.programme
    worth = by_contract(ledger_of(known), Rates(known["rates"]), View(currency, made.market))
    own = "currency" if measure == "contract_value" else "saving_currency"
    ledger = made["ledger"].select("contract", "sector", "signed", "due", own=own)
    middle = (pl.col("low") + pl.col("high")) / 2
    rows = worth.filter(pl.col("measure") == measure).select(pl.col("contract").cast(pl.String), amount=middle)
    rows = rows.join(ledger, on="contract").filter(pl.col("amount") > 0)
    exposed = (pl.col("own").fill_null(currency) != currency) & pl.lit(measure == "imports_displaced")
    return rows.with_columns(exposed=exposed.cast(pl.Float64)).sort("signed", "contract")


def _observed(made: Track, measure: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Realised shares of these contracts that were published: of the saving for a flow, of what was delivered for a stock."""
    stage = "saving realised" if measure == "imports_displaced" else "delivered"
    seen = made.programme["observations"].filter(
        (pl.col("stage") == stage) & pl.col("share").is_not_null() & pl.col("part").is_null()
    )
    return seen.select(pl.col("contract").cast(pl.String), "as_of", "share").join(rows, on="contract", how="semi")


def _first_day(made: Track, rows: pl.DataFrame) -> date:
    """The programme year in which the first contract was signed."""
    first = rows["signed"].min()
    s = made.programme.settings
    years = [year_start(y, s.calendar) for y in s.years]
    before = [y for y in years if isinstance(first, date) and y <= first]
    return before[-1] if before else first  # type: ignore[return-value]


def _until(made: Track, mine: pl.DataFrame) -> date:
    due = mine["due"].max()
    ahead = made.as_of + timedelta(days=LOOK_AHEAD)
    return max(due, ahead) if isinstance(due, date) else ahead


def _rates(made: Track, rows: pl.DataFrame, currency: str) -> pl.DataFrame | None:
    """Monthly rates of the currency in which most exposed contracts are told; None where none is exposed."""
    exposed = rows.filter(pl.col("exposed") > 0)["own"].value_counts().sort("count", "own", descending=[True, False])
    if exposed.is_empty():
        return None
    own, rates = exposed["own"][0], Rates(made.programme["rates"])
    days = [made.as_of - timedelta(days=d) for d in range(HISTORY, -1, -30)]
    found = [(day, r.value) for day in days if (r := rates.rate(own, currency, day, made.market)) is not None]
    return pl.DataFrame(found, schema={"date": pl.Date, "rate": pl.Float64}, orient="row") if len(found) > 2 else None


def _tables(forecasts: dict[tuple[str, str, str], Forecast]) -> dict[str, pl.DataFrame]:
    """The declared tables, each with the measure and the currency of its forecast."""
    tables = {}
    for name, table in ODDS_TABLES.items():
        schema = table.types
        frames = [
            getattr(made, name)
            .with_columns(measure=pl.lit(measure), currency=pl.lit(currency), scope=pl.lit(scope))
            .select(list(schema))
            .cast(schema)
            for (measure, currency, scope), made in forecasts.items()
        ]
        tables[name] = pl.concat(frames) if frames else pl.DataFrame(schema=schema)
    return tables
