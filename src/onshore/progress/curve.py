"""How each amount grew: its S-curve, at the end of every month."""

from __future__ import annotations

from datetime import date

import polars as pl

from onshore.blueprint.money import Rates
from onshore.blueprint.programme import Programme
from onshore.progress.amounts import counted_shares, delivered
from onshore.progress.declared import CURVE
from onshore.progress.ledger import MEASURE, MEASURES, STAGE, Ledger
from onshore.progress.sums import added, rows_of
from onshore.progress.worth import View, converted, worth_of

__all__ = ["curve"]

KEY = ("measure", "stage")


def curve(
    programme: Programme, ledger: Ledger, shares: pl.DataFrame, rates: Rates, *, as_of: date, views: tuple[View, ...],
    planned: pl.DataFrame | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The table `curve`: programme totals of each measure, stage and view, at every month's end until `as_of`.

    A stage begins with the first time that anybody saw it; before that it is unknown, not nothing. What is planned
    goes on to the day on which its last award is to be signed.
    """
    money = delivered(programme, as_of, rates, views)
    steps = _steps(ledger, shares.filter(pl.col("day") <= as_of))
    paid = money.select("contract", "measure").unique().with_columns(stage=pl.lit("realised", STAGE))
    steps = steps.join(paid, on=["contract", *KEY], how="anti")
    begun = pl.concat([steps["day"], money["day"]]).min()
    schema = CURVE.types
    to_come = [] if planned is None or planned.is_empty() else [_planned(planned, rates, views)]
    if not isinstance(begun, date):
        return _long(to_come, views, schema)
    grid = _month_ends(begun, as_of)
    alone, together = rows_of(steps, worth_of(ledger, rates, views))
    pieces = [_alone(alone, grid, views), _tied(together, grid, views), _flows(money, grid, views)]
    sides = [side for v in views for side in v.sides]
    total = pl.concat([p.select("day", *KEY, *sides) for p in pieces]).group_by("day", *KEY).agg(
        pl.when(pl.col(c).is_null().any()).then(None).otherwise(pl.col(c).sum()).alias(c) for c in sides
    )  # fmt: skip
    return _long([total, *to_come], views, schema)


def _long(
    wide: list[pl.DataFrame], views: tuple[View, ...], schema: dict[str, pl.DataType | type[pl.DataType]]
) -> pl.DataFrame:
    pieces = [
        frame.select("day", *KEY, currency=pl.lit(v.currency), market=pl.lit(v.market), low=v.sides[0], high=v.sides[1])
        for frame in wide
        for v in views
    ]
    empty = pl.DataFrame(schema=schema)
    return pl.concat([empty, *(p.select(list(schema)).cast(schema) for p in pieces)]).sort(CURVE.key)  # type: ignore[arg-type]


def _planned(planned: pl.DataFrame, rates: Rates, views: tuple[View, ...]) -> pl.DataFrame:
    """Awards by the day on which they are to be signed, at the ends of their months."""
    tall = planned.unpivot(list(MEASURES), index=["currency", "day"], variable_name="measure", value_name="amount")
    worth = converted(tall, "amount", rates, views)
    first, last = planned["day"].min(), planned["day"].max()
    grid = _month_ends(first, last)  # type: ignore[arg-type]
    daily = worth.group_by("measure", "day").agg(
        pl.when(pl.col(f"amount|{v.name}").is_null().any()).then(None).otherwise(pl.sum(f"amount|{v.name}")).alias(side)
        for v in views for side in v.sides
    ).sort("day")  # fmt: skip
    running = daily.with_columns(pl.col(s).cum_sum().over("measure") for v in views for s in v.sides)
    return _at(running.with_columns(pl.col("measure").cast(MEASURE), stage=pl.lit("planned", STAGE)), grid)


def _steps(ledger: Ledger, shares: pl.DataFrame) -> pl.DataFrame:
    """By how much the share of each counted contract rose, or fell, on each day that something was seen: `all`."""
    before = pl.col("share").shift(1).over("contract", *KEY).fill_null(0.0)
    rows = counted_shares(ledger, shares).sort("day")
    return rows.with_columns(all=pl.col("share") - before).drop("share")


def _month_ends(first: date, last: date) -> pl.Series:
    ends = pl.date_range(first.replace(day=1), last, "1mo", eager=True).dt.month_end()
    return pl.Series("day", [*ends.filter(ends < last), last])


def _alone(rows: pl.DataFrame, grid: pl.Series, views: tuple[View, ...]) -> pl.DataFrame:
    """Contracts that stand alone: steps are added up by day, then day by day; a sum without a rate stays unknown."""
    sides = [side for v in views for side in v.sides]
    daily = added(rows, rows.clear(), (*KEY, "day"), views).sort("day")
    running = daily.with_columns(
        pl.when(pl.col(c).is_null().cum_max().over(KEY)).then(None).otherwise(pl.col(c).cum_sum().over(KEY)).alias(c)
        for c in sides
    )
    return _at(running, grid)


def _at(running: pl.DataFrame, grid: pl.Series) -> pl.DataFrame:
    """The last row of each measure and stage on or before each day of the grid; none before its first."""
    found = [
        grid.to_frame()
        .join_asof(own.drop(KEY).with_columns(begun=True), on="day")
        .drop_nulls("begun")
        .drop("begun")
        .with_columns(measure=pl.lit(measure, MEASURE), stage=pl.lit(stage, STAGE))
        for (measure, stage), own in running.sort("day").group_by(KEY, maintain_order=True)
    ]
    return pl.concat(found) if found else running.clear()


def _tied(rows: pl.DataFrame, grid: pl.Series, views: tuple[View, ...]) -> pl.DataFrame:
    """Contracts that a rest ties together are taken anew on every day: they are few."""
    until = rows.join(grid.alias("at").to_frame(), how="cross").filter(pl.col("day") <= pl.col("at"))
    return added(until.clear(), until, (*KEY, "at"), views).rename({"at": "day"})


def _flows(money: pl.DataFrame, grid: pl.Series, views: tuple[View, ...]) -> pl.DataFrame:
    """Imports displaced in the twelve months until each day, and contract value delivered by then."""
    names = {f"amount|{v.name}": v for v in views}
    daily = money.group_by("measure", "day").agg(pl.sum(n) for n in names).sort("day")
    running = daily.select(pl.col(n).cum_sum().over("measure") if n in names else n for n in daily.columns)
    running = running.with_columns(stage=pl.lit("realised", STAGE))
    flow = running.filter(pl.col("measure") == "imports_displaced")
    then = _at(flow, grid.dt.offset_by("-1y")).with_columns(pl.col("day").dt.offset_by("1y")).unique("day", keep="last")
    both = _at(running, grid).join(then, on=["day", *KEY], how="left", suffix=" then")
    return both.select(
        "day",
        *KEY,
        *((pl.col(n) - pl.col(f"{n} then").fill_null(0.0)).alias(s) for n, v in names.items() for s in v.sides),
    )
