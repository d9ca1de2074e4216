"""The capacity that the plan takes: machine-hours, modules, ventures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from onshore.report.charts import AFTER, INK, TIGHT, distinct, drawn
from onshore.report.numbers import NONE, count, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, Text, cells, many
from onshore.report.reading import Reading, most, total

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["capacity"]

SHOWN = 24
"""Most rows of the heat-map; the table has the rest."""
FULL = 1 - 1e-6
"""From this share on, no machine-hour is left."""


def capacity(reading: Reading) -> Chapter | None:
    """Machine-hours used, modules ordered, ventures opened; None where none of them is modelled."""
    blocks: list[Block] = []
    hours = reading["hours"].filter((pl.col("used") > 0) | (pl.col("hours") > 0))
    if hours.height:
        blocks += _hours(reading, hours)
    if reading["modules"].height:
        blocks.append(_modules(reading))
    if reading["opened"].height:
        blocks.append(_ventures(reading))
    return Chapter("capacity", "Machine-hours, modules and ventures", "Capacity", tuple(blocks)) if blocks else None


def _hours(reading: Reading, hours: pl.DataFrame) -> list[Block]:
    """How full each maker's family is in each year, the fullest first."""
    pair = ["maker", "family"]
    hours = hours.with_columns(
        share=pl.when(pl.col("hours") > 0).then(pl.col("used") / pl.col("hours")).otherwise(0.0)
    ).with_columns(fullest=pl.col("share").max().over(pair), taken=pl.col("used").sum().over(pair))
    hours = hours.filter(pl.col("taken") > 0).sort("fullest", *pair, "year", descending=[True, False, False, False])
    if not hours.height:
        return [Text("Makers have machine-hours, and no award takes any.")]
    return [_figure(reading, hours), _grid(reading, hours)]


def _figure(reading: Reading, hours: pl.DataFrame) -> Figure:
    rows = hours.unique(["maker", "family"], maintain_order=True, keep="first")
    names = rows.head(SHOWN).select("maker", "family").with_columns(
        name=pl.Series(
            distinct([f"{reading.called('makers', m)}, {f}" for m, f in rows.select("maker", "family").iter_rows()], rows["maker"].to_list())
        ).head(SHOWN)
    )  # fmt: skip
    ordered = reading["modules"].select("maker", "family", year="in_service", more="modules")
    shown = names.join(hours, on=["maker", "family"], how="inner", maintain_order="left").join(
        ordered, on=["maker", "family", "year"], how="left", maintain_order="left"
    ).select(
        "name", pl.col("year").cast(pl.String), "share", (pl.col("share") >= FULL).alias("full"),
        pl.col("share").map_elements(_cell, return_dtype=pl.String).alias("label"),
        more=pl.when(pl.col("more") > 0).then(pl.format("+{}", "more")),
    )  # fmt: skip
    wide, narrow = drawn("hours-chart", lambda width: _chart(shown, width))
    top = hours.sort("share", "year", descending=[True, False], maintain_order=True).row(0, named=True)
    full = hours.filter(pl.col("share") >= FULL)
    cut = f" The {SHOWN} fullest of {count(rows.height)} are drawn." if rows.height > SHOWN else ""
    plus = (
        " A + marks the year from which modules that the plan orders are at work, and how many."
        if shown["more"].count()
        else ""
    )
    orange = (
        f" {many(full.height, 'cell')} in orange {'has' if full.height == 1 else 'have'} no hour left." if full.height else ""
    )  # fmt: skip
    see = (
        f"The fullest is {reading.called('makers', top['maker'])} in {top['family']}, at {percent(top['share'])} in {reading.year(top['year'])}. "
        f"The darker a cell, the fuller; its number is in per cent of the hours there are, modules included.{orange}{plus}{cut}"
    )
    return Figure("hours-figure", "Machine-hours taken, in per cent of those there are", see, wide, narrow, see)


def _cell(share: float) -> str:
    """In per cent; 100 only where nothing is left."""
    return "100" if share >= FULL else f"{min(99.0, 100 * share):.0f}" if share > 0 else ""


def _chart(shown: pl.DataFrame, width: int) -> Drawing:
    """A row for a maker and family, a column for a year."""
    import altair as alt

    labels = 250 if width > 500 else 122
    across = width - labels - 6
    cell = across / shown["year"].n_unique()
    names = shown["name"].unique(maintain_order=True)
    axis = alt.Axis(grid=False, labelLimit=0.84 * labels, minExtent=labels, maxExtent=labels)
    years = alt.Axis(orient="top", labelAngle=0, grid=False, labelOverlap=True)
    base = alt.Chart(shown).encode(
        y=alt.Y("name:N", sort=names.to_list(), title=None, axis=axis, scale=alt.Scale(padding=0)),
        x=alt.X("year:O", title=None, axis=years, scale=alt.Scale(padding=0)),
    )
    tint = alt.Color("share:Q", scale=alt.Scale(domain=[0, 1], range=["#eff4f5", AFTER]), legend=None)
    colour = alt.when("datum.full").then(alt.value(TIGHT)).otherwise(tint)
    ink = alt.when("datum.share > 0.55 && !datum.full").then(alt.value("#fff")).otherwise(alt.value(INK))
    layers: list[alt.Chart] = [base.mark_rect(stroke="#fff", strokeWidth=1.5, cornerRadius=0).encode(color=colour)]
    if cell > 26:
        layers.append(base.mark_text(fontSize=11).encode(text="label:N", color=ink))
    if shown["more"].count():
        plus = base.transform_filter("isValid(datum.more)").mark_text(
            fontSize=11, fontWeight="bold", align="right", dx=cell / 2 - 4, dy=0
        )
        layers.append(plus.encode(text="more:N", color=ink))
    return alt.layer(*layers).properties(width=across, height=24 * len(names))


def _grid(reading: Reading, hours: pl.DataFrame) -> Grid:
    shown, left = most(hours, "hours")
    rows: list[Row] = [
        cells(reading.name("makers", maker), Cell(family), reading.year(year), count(round(there)), count(round(taken)), percent(taken / there) if there else NONE)
        for maker, family, year, there, taken in shown.sort("maker", "family", "year").select("maker", "family", "year", "hours", "used").iter_rows()
    ]  # fmt: skip
    columns = (
        Column("Maker", kind="words"), Column("Family", kind="words"), Column("Year", kind="day"), Column("There are", "hours"),
        Column("Taken", "hours"), Column("Of them"),
    )  # fmt: skip
    return Grid(
        "hours-table",
        "Machine-hours of the makers that the plan uses",
        columns,
        tuple(rows),
        note=left and f"The fullest. {left}",
    )


def _modules(reading: Reading) -> Grid:
    table = reading["modules"].sort("ordered", "maker", "family")
    shown, left = most(table, "modules")
    scale = scale_of([*table["cost"], total(table["cost"])])
    rows = tuple(
        cells(reading.name("makers", r["maker"]), r["family"], reading.year(r["ordered"]), reading.year(r["in_service"]), count(r["modules"]), count(round(r["hours"])), scale(r["cost"]))
        for r in shown.iter_rows(named=True)
    )  # fmt: skip
    columns = (
        Column("Maker", kind="words"), Column("Family", kind="words"), Column("Ordered", kind="words"), Column("In service", kind="words"),
        Column("Modules"), Column("They add", "hours a year"), Column("Cost", scale.unit(reading.currency)),
    )  # fmt: skip
    whole = ("All modules", "", "", "", count(total(table["modules"])), "", scale(total(table["cost"])))
    return Grid(
        "modules-table",
        "Modules of capacity that the plan orders",
        columns,
        rows,
        whole if table.height > 1 else None,
        left,
    )


def _ventures(reading: Reading) -> Grid:
    table, left = most(reading["opened"], "opened")
    scale = scale_of(table["set_up_cost"])
    rows = tuple(
        cells(
            r["venture"],
            reading.name("makers", r["maker"]),
            reading.name("partners", r["partner"]),
            many(r["awards"], "award"),
            scale(r["set_up_cost"]),
        )
        for r in table.iter_rows(named=True)
    )
    columns = (
        Column("Venture", kind="words"), Column("Domestic side", kind="words"), Column("Foreign side", kind="words"),
        Column("Made in it", kind="words"), Column("Set-up", scale.unit(reading.currency)),
    )  # fmt: skip
    return Grid("ventures-table", "Ventures that the plan opens", columns, rows, note=left)
