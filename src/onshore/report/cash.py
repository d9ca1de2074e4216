"""What the buyer pays the makers, what it owes them, and public money, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from onshore.report.charts import AFTER, BEFORE, TIGHT, axis_number, bars, distinct, drawn
from onshore.report.numbers import NONE, percent, scale_of
from onshore.report.pieces import Block, Chapter, Column, Figure, Grid, Row, Text, cells, many
from onshore.report.reading import Reading, most, total

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["cash"]

SHOWN = 12
"""Most makers in the chart; the table has the rest."""
YEARS = 8
"""Up to this many years, the table of makers has a column for each."""
KINDS = {"delivered": "delivered", "received": "paid for", "public": "public money"}


def cash(reading: Reading) -> Chapter | None:
    """None where no maker delivers and no public money flows."""
    public = reading.yearly("public_money").select("year", public="after")
    if not reading.has("cash"):
        if not total(public["public"]):
            return None
        return Chapter("cash", "Public money, year by year", "Public money", (_public(reading, public),))
    table = reading["cash"]
    years = public.join(
        table.group_by("year").agg(pl.col("delivered", "received", "owed", "tooling", "grants").sum()), on="year", how="left"
    ).with_columns(pl.exclude("year").fill_null(0.0)).sort("year")  # fmt: skip
    blocks: list[Block] = [
        Text(
            "What makers deliver and what they are paid differ by the terms of payment: days of credit leave the maker waiting, prepayments "
            "put it ahead. What production costs the maker is not known here, so this is not its profit."
        ),
        _figure(reading, years), _by_year(reading, years),
    ]  # fmt: skip
    peaks = _peaks(table)
    if peaks.filter(pl.col("most") > 0).height > 1:
        blocks.append(_owed(reading, peaks))
    blocks.append(_by_maker(reading, table, peaks))
    return Chapter("cash", "Makers’ cash and public money, year by year", "Makers’ cash", tuple(blocks))


def _public(reading: Reading, public: pl.DataFrame) -> Grid:
    scale = scale_of(public["public"])
    rows = tuple(cells(reading.year(year), scale(value)) for year, value in public.iter_rows())
    columns = (Column("Year", kind="day"), Column("Public money", scale.unit(reading.currency)))
    return Grid(
        "cash-by-year",
        "Grants, and tooling that the state pays",
        columns,
        rows,
        ("All years", scale(total(public["public"]))),
    )


def _figure(reading: Reading, years: pl.DataFrame) -> Figure:
    kinds = [k for k in KINDS if k != "public" or total(years["public"])]
    scale = scale_of([v for k in kinds for v in years[k]])
    shown = years.unpivot(kinds, index="year", variable_name="kind", value_name="amount").select(
        pl.col("year").cast(pl.String), pl.col("kind").replace(KINDS), pl.col("amount") / scale.factor
    )
    wide, narrow = drawn("cash-chart", lambda width: _chart(shown, [KINDS[k] for k in kinds], width))
    owed = years.sort("owed", "year", descending=[True, False]).row(0, named=True)
    ahead = years.filter(pl.col("received") > pl.col("delivered"))["year"].to_list()
    told = scale_of([owed["owed"]])
    see = (
        f"At the end of {reading.year(owed['year'])} the buyer owes its makers the most, {told.told(owed['owed'], reading.currency)}. "
        if owed["owed"] > 0
        else "The buyer never owes at a year’s end. "
    )
    if ahead:
        see += f"It pays more than is delivered in {', '.join(reading.year(y) for y in ahead)}: prepayments, or the debt of the year before. "
    money = total(years["public"])
    see += (
        f"Public money is {scale_of([money]).told(money, reading.currency)} in all."
        if money
        else "No public money is spent."
    )
    caption = f"What all makers deliver, what is paid for it, and public money, {scale.unit(reading.currency)} a year"
    return Figure("cash-figure", caption, see, wide, narrow, see)


def _chart(shown: pl.DataFrame, kinds: list[str], width: int) -> Drawing:
    """Bars side by side, a group for a year."""
    import altair as alt

    scale = alt.Scale(domain=kinds, range=[BEFORE, AFTER, TIGHT][: len(kinds)])
    legend = alt.Legend(columnPadding=36 if width > 500 else 10)
    return alt.Chart(shown).mark_bar(cornerRadiusEnd=0).encode(
        x=alt.X("year:N", title=None, axis=alt.Axis(labelAngle=0, grid=False, labelOverlap=True), scale=alt.Scale(paddingInner=0.35, paddingOuter=0.2)),
        xOffset=alt.XOffset("kind:N", sort=kinds), color=alt.Color("kind:N", scale=scale, sort=kinds, legend=legend),
        y=alt.Y("amount:Q", title=None, axis=alt.Axis(labelExpr=axis_number, tickCount=4, minExtent=56, maxExtent=56)),
    ).properties(width=width - 70, height=170)  # fmt: skip


def _by_year(reading: Reading, years: pl.DataFrame) -> Grid:
    amounts = ("delivered", "received", "owed", "tooling", "grants", "public")
    scale = scale_of([v for a in amounts for v in years[a]])
    rows: list[Row] = [
        cells(reading.year(r["year"]), *(scale(r[a]) for a in amounts)) for r in years.iter_rows(named=True)
    ]
    unit = scale.unit(reading.currency)
    columns = (
        Column("Year", kind="day"), Column("Delivered", unit), Column("Paid by the buyer", unit),
        Column("Owed at its end", unit), Column("Tooling the makers pay", unit), Column("Grants", unit), Column("Public money", unit),
    )  # fmt: skip
    whole = ("All years", *(NONE if a == "owed" else scale(total(years[a])) for a in amounts))
    return Grid(
        "cash-by-year", "All makers, year by year", columns, tuple(rows), whole,
        note="Public money is grants and tooling that the state pays, so grants are in it. Owed is a stock at the year’s end; below nothing, the buyer has paid ahead.",
    )  # fmt: skip


def _peaks(table: pl.DataFrame) -> pl.DataFrame:
    """A row a maker: what it is owed at most at a year's end, and sums over the years; the most owed first."""
    return (
        table.sort("maker", "year").group_by("maker", maintain_order=True)
        .agg(pl.col("owed").max().alias("most"), pl.col("year").get(pl.col("owed").arg_max()).alias("when"), pl.col("delivered", "received", "tooling", "grants").sum())
        .sort("most", "maker", descending=[True, False])
    )  # fmt: skip


def _owed(reading: Reading, peaks: pl.DataFrame) -> Figure:
    owed = peaks.filter(pl.col("most") > 0)
    scale = scale_of(owed["most"])
    names = distinct([reading.called("makers", m) for m in owed["maker"]], owed["maker"].to_list())
    shown = owed.select(
        pl.Series("name", names), pl.col("most").alias("value"), pl.col("most").map_elements(scale, return_dtype=pl.String).alias("label")
    ).head(SHOWN)  # fmt: skip
    wide, narrow = drawn("owed-chart", lambda width: bars([("", shown)], width))
    top = owed.row(0, named=True)
    share = top["most"] / top["delivered"] if top["delivered"] else None
    cut = f" The first {SHOWN} of {many(owed.height, 'maker')} are drawn." if owed.height > SHOWN else ""
    see = (
        f"{names[0]} waits for the most: {scale.told(top['most'], reading.currency)} at the end of {reading.year(top['when'])}, "
        f"{percent(share)} of all it delivers in the programme. Each bar is a maker’s highest year-end.{cut}"
    )
    return Figure(
        "owed-figure",
        f"What the buyer owes a maker at most at a year’s end, {scale.unit(reading.currency)}",
        see,
        wide,
        narrow,
        see,
    )


def _by_maker(reading: Reading, table: pl.DataFrame, peaks: pl.DataFrame) -> Grid:
    years = table["year"].unique().sort().to_list()
    scale = scale_of([*peaks["delivered"], *peaks["most"]])
    shown, left = most(peaks, "cash")
    table = table.filter(pl.col("maker").is_in(shown["maker"].implode()))
    owed = {(m, y): v for m, y, v in table.select("maker", "year", "owed").iter_rows()}
    unit = scale.unit(reading.currency)
    each = len(years) <= YEARS
    rows: list[Row] = []
    for r in shown.iter_rows(named=True):
        due = [scale(owed.get((r["maker"], y))) for y in years] if each else [scale(r["most"]), reading.year(r["when"])]
        rows.append(cells(
            reading.name("makers", r["maker"]), scale(r["delivered"]), scale(r["received"]), *due, scale(r["tooling"]), scale(r["grants"]),
        ))  # fmt: skip
    ends = (
        [Column(f"Owed at the end of {y}", unit) for y in years]
        if each
        else [Column("Owed at most", unit), Column("At the end of", kind="day")]
    )
    columns = (
        Column("Maker", kind="words"), Column("Delivered", unit), Column("Paid by the buyer", unit), *ends,
        Column("Tooling it pays", unit), Column("Grants", unit),
    )  # fmt: skip
    return Grid(
        "cash-by-maker", f"Each maker {reading.years}, the one that is owed most first", columns, tuple(rows), note=left
    )
