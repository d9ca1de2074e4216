"""The yearly import bill, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from onshore.report.charts import AFTER, BEFORE, axis_number, drawn
from onshore.report.numbers import NONE, change, rate, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, Text, cells
from onshore.report.reading import Reading, total

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["bill"]

KINDS = ("all imported", "under the plan")


def bill(reading: Reading) -> Chapter:
    """A chart, its table, and what to see in them."""
    blocks: list[Block] = []
    table = reading["bill"].sort("currency", "year").filter((pl.col("before") != 0) | (pl.col("after") != 0))
    if table.height:
        blocks += [_figure(reading, table), _grid(reading)]
    else:
        blocks.append(Text("Nothing is imported, before or after."))
    blocks += _whole(reading)
    return Chapter("bill", "Import bill, year by year", "Import bill", tuple(blocks))


def _figure(reading: Reading, table: pl.DataFrame) -> Figure:
    scale = scale_of([*table["before"], *table["after"]])
    shown = table.unpivot(["before", "after"], index=["currency", "year"], variable_name="kind", value_name="amount").select(
        "currency", pl.col("year").cast(pl.String), pl.col("kind").replace_strict(dict(zip(("before", "after"), KINDS, strict=True))),
        pl.col("amount") / scale.factor, pl.col("amount").map_elements(scale, return_dtype=pl.String).alias("label"),
    )  # fmt: skip
    wide, narrow = drawn("bill-chart", lambda width: _chart(shown, width))
    see = _see(reading)
    caption = (
        f"Landed imports of the planned parts by the currency they are paid in, {scale.unit(reading.currency)} a year"
    )
    return Figure(
        "bill-figure",
        caption,
        f"Bars in pairs, before and under the plan. {see} The table below has every number.",
        wide,
        narrow,
        see,
    )


def _chart(shown: pl.DataFrame, width: int) -> Drawing:
    """Grey before and coloured after: years side by side, a panel a currency; a single year lies down."""
    import altair as alt

    colour = alt.Color("kind:N", scale=alt.Scale(domain=list(KINDS), range=[BEFORE, AFTER]), sort=list(KINDS))
    years, currencies = (shown[c].unique().sort().to_list() for c in ("year", "currency"))
    if len(years) == 1:
        base = alt.Chart(shown).encode(
            y=alt.Y(
                "currency:N",
                title=None,
                axis=alt.Axis(grid=False, minExtent=44),
                scale=alt.Scale(paddingInner=0.3, paddingOuter=0.1),
            ),
            yOffset=alt.YOffset("kind:N", sort=list(KINDS)),
            x=alt.X("amount:Q", title=None, axis=alt.Axis(labelExpr=axis_number, tickCount=4 if width > 500 else 2)),
        )
        text = base.mark_text(align="left", dx=6).encode(text="label:N")
        return alt.layer(base.mark_bar().encode(color=colour), text).properties(
            width=width - 120, height=62 * len(currencies)
        )
    highest = float(shown["amount"].max() or 0)  # type: ignore[arg-type]
    roomy = width / (2 * len(years)) > 60
    panels = []
    for currency in currencies:  # one scale for all: a panel is as high as its currency needs
        own = float(shown.filter(pl.col("currency") == currency)["amount"].max() or 0)  # type: ignore[arg-type]
        height = max(40.0, 170 * own / highest)
        base = alt.Chart(shown.filter(pl.col("currency") == currency)).encode(
            x=alt.X(
                "year:N",
                title=None,
                axis=alt.Axis(labelAngle=0, grid=False, labelOverlap=True),
                scale=alt.Scale(paddingInner=0.35, paddingOuter=0.2),
            ),
            xOffset=alt.XOffset("kind:N", sort=list(KINDS)),
            y=alt.Y(
                "amount:Q",
                title=None,
                scale=alt.Scale(domain=[0, highest * height / 170]),
                axis=alt.Axis(labelExpr=axis_number, tickCount=max(1, round(height / 42)), minExtent=56, maxExtent=56),
            ),
        )
        layers = [
            base.mark_bar().encode(color=colour),
            *([base.mark_text(dy=-7).encode(text="label:N")] if roomy else []),
        ]
        title = f"paid in {currency}" if len(currencies) > 1 else ""
        panels.append(alt.layer(*layers).properties(width=width - 70, height=height, title=title))
    return alt.vconcat(*panels, spacing=18)


def _see(reading: Reading) -> str:
    """The sentence under the chart: the whole, and the year that moves most."""
    years = reading["bill"].group_by("year").agg(pl.col("before", "after").sum()).sort("year")
    before, after = total(years["before"]), total(years["after"])
    scale = scale_of([before, after])
    whole = f"The bill goes from {scale(before)} to {scale.told(after, reading.currency)} ({change(before, after)})"
    if years.height == 1:
        return f"{whole} {reading.years}."
    best = years.sort(pl.col("before") - pl.col("after"), descending=True).row(0, named=True)
    most = scale_of([best["before"], best["after"]])
    return (
        f"{whole} {reading.years}; the most in {reading.year(best['year'])}, "
        f"from {most(best['before'])} to {most.told(best['after'], reading.currency)}."
    )


def _grid(reading: Reading) -> Grid:
    table = reading["bill"].sort("year", "currency")
    scale = scale_of([*table["before"], *table["after"]])
    own = reading.currency
    in_own = {c: scale_of(table.filter(pl.col("currency") == c)["before_own"]) for c in table["currency"].unique()}
    rows: list[Row] = []
    for row in table.iter_rows(named=True):
        paid, path = in_own[row["currency"]], row["rate_path"]
        rows.append(cells(
            Cell(reading.year(row["year"])), Cell(row["currency"], paid.word), paid(row["before_own"]), paid(row["after_own"]),
            *((rate(row["rate"]), path) if row["currency"] != own else (NONE, NONE)), scale(row["before"]), scale(row["after"]),
            change(row["before"], row["after"]),
        ))  # fmt: skip
    columns = (
        Column("Year", kind="day"), Column("Paid in", kind="words"), Column("Before", "that currency"),
        Column("After", "that currency"), Column("Rate", f"{own} for one"), Column("Its market and day", kind="long"), Column("Before", scale.unit(own)),
        Column("After", scale.unit(own)), Column("Change"),
    )  # fmt: skip
    return Grid("bill-table", "Landed imports, year by year", columns, tuple(rows))


def _whole(reading: Reading) -> list[Block]:
    """Where home production imports inputs, the bill for parts is not the whole of the foreign currency."""
    spent, paid = reading.yearly("foreign_currency"), reading["bill"]
    before, after = total(spent["before"]), total(spent["after"])
    more = after - total(paid["after"])
    if abs(more) <= 1e-9 * max(1.0, abs(before)):
        known = "imported_input_share" in _filled_in(reading)
        said = "" if known else " None is modelled: no offer says what it imports."
        return [Text(f"Imported inputs, royalties and imported tooling add nothing to this bill.{said}", "small")]
    scale = scale_of([before, after, more])
    return [Text(
        f"With imported inputs, royalties and imported tooling ({scale.told(more, reading.currency)}), foreign currency "
        f"goes from {scale(before)} to {scale.told(after, reading.currency)} ({change(before, after)}) {reading.years}."
    )]  # fmt: skip


def _filled_in(reading: Reading) -> list[str]:
    """Columns of `offers` that any offer fills in."""
    offers = reading.programme["offers"]
    return [c for c in offers.columns if offers[c].null_count() < offers.height]
