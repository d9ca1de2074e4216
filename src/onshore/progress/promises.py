"""Targets beside what was reached, and what contracts past their day keep from the programme."""

from __future__ import annotations

from datetime import date

import polars as pl

from onshore.blueprint.money import Rates
from onshore.blueprint.programme import Programme
from onshore.progress.amounts import amounts
from onshore.progress.declared import OVERDUE, PROMISES
from onshore.progress.ledger import MEASURE, MEASURES, Ledger
from onshore.progress.seen import shares_on
from onshore.progress.sums import added, rows_of
from onshore.progress.worth import views_of, worth_of

__all__ = ["compared", "overdue", "promises"]

DAYS_A_MONTH = 365.25 / 12
BASES = {"contract_value": ("signed",), "imports_displaced": ("annual rate",)}
"""What a target has to be counted by to be held against a measure; one whose basis nobody says is held against it too."""


def compared(targets: pl.DataFrame) -> pl.DataFrame:
    """Targets that can be held against an amount of the record: money, of a measure, counted as that measure is.

    A running sum over years is neither a stock of contracts nor a yearly flow, and is held against nothing.
    """
    fits = pl.any_horizontal(
        (pl.col("counts") == measure) & (pl.col("basis").is_null() | pl.col("basis").is_in(bases))
        for measure, bases in BASES.items()
    )
    return targets.filter(pl.col("currency").is_not_null() & fits)


def promises(
    programme: Programme, ledger: Ledger, shares: pl.DataFrame, rates: Rates, *, as_of: date, markets: tuple[str, ...]
) -> pl.DataFrame:
    """The table `promises`: each target beside the amounts of its measure, on its due day or on `as_of`.

    A target is never held against a sum of two amounts, and amounts are never added to make one look nearer.
    """
    targets = compared(programme["targets"]).with_columns(day=pl.min_horizontal("due", pl.lit(as_of)).fill_null(as_of))
    schema = PROMISES.types
    if targets.is_empty():
        return pl.DataFrame(schema=schema)
    views = views_of(sorted(targets["currency"].unique()), markets)
    reached = [
        amounts(programme, ledger, shares, rates, as_of=day, views=views, scopes=("programme", "sector")).with_columns(
            day=pl.lit(day)
        )
        for day in targets["day"].unique().sort()
    ]
    begun = ledger.contracts.filter(pl.col("role") == "counted")["signed"].min()
    so_far = (
        pl.lit(None, pl.Float64) if begun is None else (pl.col("day") - pl.lit(begun)).dt.total_days() / DAYS_A_MONTH
    )
    place = pl.when(pl.col("scope") == "programme").then(pl.lit("programme")).otherwise(pl.lit("sector"))
    left = pl.max_horizontal(pl.lit(0.0), (pl.col("due") - pl.col("day")).dt.total_days() / DAYS_A_MONTH)
    middle = (pl.col("low") + pl.col("high")) / 2
    held = targets.with_columns(level=place).join(
        pl.concat(reached).rename({"scope": "level"}).drop_nulls("market"),
        left_on=["day", "level", "scope", "counts", "currency"],
        right_on=["day", "level", "key", "measure", "currency"],
    )
    return (
        held.with_columns(measure_words="measure", measure="counts", months_left=left)
        .with_columns(
            promised="measure_words",
            share_low=pl.col("low") / pl.col("value"),
            share_high=pl.col("high") / pl.col("value"),
            a_month_so_far=pl.when(so_far > 0).then(middle / so_far),
            a_month_needed=pl.when(pl.col("months_left") > 0).then(
                pl.max_horizontal(pl.lit(0.0), pl.col("value") - middle) / pl.col("months_left")
            ),
        )
        .select(list(schema))
        .sort(PROMISES.key)
    )


def overdue(
    programme: Programme, ledger: Ledger, shares: pl.DataFrame, rates: Rates, *, as_of: date, currencies: list[str], markets: tuple[str, ...]
) -> pl.DataFrame:  # fmt: skip
    """The table `overdue`: counted contracts past `due` that are not all in production, and what is lacking of each.

    Where nobody has seen production, all of the contract is lacking: an office that knows better says so in
    `observations`.
    """
    late = ledger.contracts.filter(
        (pl.col("role") == "counted") & (pl.col("due") < as_of) & pl.col("signed").is_not_null()
    )
    schema = OVERDUE.types
    if late.is_empty():
        return pl.DataFrame(schema=schema)
    seen = shares_on(shares, as_of).filter(pl.col("stage") == "in_production").select("contract", "measure", "share")
    lacking = (
        late.select("contract", "due", "doubtful")
        .join(pl.DataFrame({"measure": list(MEASURES)}, schema={"measure": MEASURE}), how="cross")
        .join(seen, on=["contract", "measure"], how="left")
        .with_columns(all=1.0 - pl.col("share").fill_null(0.0))
        .filter(pl.col("all") > 0)
    )
    if lacking.is_empty():
        return pl.DataFrame(schema=schema)
    views = views_of(currencies, markets)
    group = ("contract", "measure", "due", "share")
    wide = added(*rows_of(lacking, worth_of(ledger, rates, views)), group, views)
    long = pl.concat(
        wide.select(*group, currency=pl.lit(v.currency), market=pl.lit(v.market), low=v.sides[0], high=v.sides[1])
        for v in views
    )
    months = (pl.lit(as_of) - pl.col("due")).dt.total_days() / DAYS_A_MONTH
    return long.with_columns(months_late=months).select(list(schema)).cast(schema).sort(OVERDUE.key)  # type: ignore[arg-type]
