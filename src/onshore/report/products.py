"""Local content and defects of each product, with every part imported and under the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from onshore.report.charts import AFTER, BEFORE, BINDS, axis_number, distinct, drawn
from onshore.report.numbers import NONE, count, number, percent
from onshore.report.pieces import Block, Chapter, Column, Figure, Grid, Row, Text, cells, listed, many
from onshore.report.reading import Reading, most

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["products"]

SHOWN = 25
"""Most products in the chart; the table has the rest."""
PER = 1000
"""Defective parts are told in this many products."""
LABELS = ("all imported", "under the plan")


def products(reading: Reading) -> Chapter | None:
    """None where neither is modelled."""
    if not reading.has("products_met"):
        return None
    table = reading["products_met"].sort("product", "year")
    known = [m for m in ("content", "defects") if table[f"{m}_after"].count()]
    if not known:
        return None
    blocks: list[Block] = [
        Text(
            "Local content: value added at home, imported inputs and royalties taken off, over the value of the product’s parts and what else is in it."
            if "content" in known
            else "Local content is not modelled."
        )
    ]
    if "defects" not in known:
        blocks.append(Text("Defects are not modelled: no part states any."))
    blocks += [_figure(reading, table, measure) for measure in known]
    blocks.append(_grid(reading, table, known))
    return Chapter("products", "Content and defects, product by product", "Products", tuple(blocks))


def _figure(reading: Reading, table: pl.DataFrame, measure: str) -> Figure:
    """The last year in which each is built: a grey dot before, a dark one after."""
    columns = {"before": f"{measure}_before", "after": f"{measure}_after"}
    last = (
        table.drop_nulls(list(columns.values())).filter(pl.col("units") > 0).group_by("product").last()
        .select("product", "year", *(pl.col(c).alias(name) for name, c in columns.items())).sort("after", "product", descending=[measure == "content", False])
    )  # fmt: skip
    year = reading.settings.last_year
    floors = _floors(reading, year) if measure == "content" else {}
    names = distinct([reading.called("products", p) for p in last["product"]], last["product"].to_list())
    factor = 1 if measure == "content" else PER
    shown = last.select(
        pl.Series("name", names), pl.col("before") * factor, pl.col("after") * factor,
        pl.Series("floor", [floors.get(p) for p in last["product"]], dtype=pl.Float64),
        pl.col("after").map_elements(percent if measure == "content" else _defects, return_dtype=pl.String).alias("label"),
    ).head(SHOWN)  # fmt: skip
    wide, narrow = drawn(f"{measure}-chart", lambda width: _chart(shown, width, measure))
    cut = f" The first {SHOWN} of {count(last.height)} are drawn." if last.height > SHOWN else ""
    moved = last.with_columns(by=pl.col("after") - pl.col("before")).sort("by", "product", descending=[True, False])
    up, down = (moved.filter(pl.col("by") * sign > 1e-9) for sign in (1, -1))
    said = f"{many(up.height, 'product')} of {count(last.height)} rise{'s' if up.height == 1 else ''} and {count(down.height) if down.height else 'none'} fall{'s' if down.height == 1 else ''}."
    if moved.height:
        most = moved.row(0 if up.height else -1, named=True)
        form = percent if measure == "content" else _defects
        said += f" The most: {reading.called('products', most['product'])}, from {form(most['before'])} to {form(most['after'])}."
    line = " A red stroke is a floor that the plan has to reach." if shown["floor"].count() else ""
    see = f"{said[:1].upper()}{said[1:]} Grey: all imported; dark: under the plan, with its figure.{line}{cut}"
    what = "Local content" if measure == "content" else f"Defective parts in {count(PER)} products"
    return Figure(f"{measure}-figure", f"{what}, before and after, in {reading.year(year)}", see, wide, narrow, see)


def _floors(reading: Reading, year: int) -> dict[str, float]:
    """The floor of a product's content in a year, where a limit sets one."""
    floors: dict[str, float] = {}
    rows = reading["limits_met"].filter(
        (pl.col("measure") == "local_content") & (pl.col("scope") == "product") & (pl.col("sense") == "at_least")
    )
    for product, years, value in rows.select("scope_key", "years", "value").iter_rows():
        ends = [int(y) for y in str(years).split("-")]
        if ends[0] <= year <= ends[-1]:
            floors[product] = max(value, floors.get(product, 0.0))
    return floors


def _chart(shown: pl.DataFrame, width: int, measure: str) -> Drawing:
    import altair as alt

    labels, ends = (170, 70) if width > 500 else (112, 58)
    across = width - labels - ends
    axis = alt.Axis(grid=False, labelLimit=0.84 * labels, minExtent=labels, maxExtent=labels)
    y = alt.Y("name:N", sort=shown["name"].to_list(), title=None, axis=axis)
    few = 5 if width > 500 else 3
    ticks = (
        alt.Axis(tickCount=few, format=".0%")
        if measure == "content"
        else alt.Axis(tickCount=few, labelExpr=axis_number)
    )
    scale = alt.Scale(zero=False, nice=True, padding=8)
    base = alt.Chart(shown).encode(y=y)

    def at(column: str) -> alt.X:
        return alt.X(f"{column}:Q", title=None, scale=scale, axis=ticks)

    link = base.mark_rule(color=BEFORE, strokeWidth=2).encode(x=at("before"), x2="after:Q")
    dots = [
        base.mark_point(filled=True, size=70, opacity=1, color=c).encode(x=at(n))
        for n, c in (("before", BEFORE), ("after", AFTER))
    ]
    text = base.mark_text(align="right", fontWeight="bold").encode(x=alt.value(across + ends - 4), text="label:N")
    layers: list[alt.Chart] = [link, *dots, text]
    if shown["floor"].count():
        layers.append(
            base.transform_filter("isValid(datum.floor)")
            .mark_tick(color=BINDS, thickness=2.5, height=15)
            .encode(x=at("floor"))
        )
    return alt.layer(*layers).properties(width=across, height=24 * shown.height)


def _defects(share: float | None) -> str:
    """Defective parts in so many products; three figures."""
    return NONE if share is None else number(PER * share, 1 if PER * share < 100 else 0)


def _grid(reading: Reading, table: pl.DataFrame, known: list[str]) -> Grid:
    form = {"content": percent, "defects": _defects}
    pairs = [f"{m}_{when}" for m in known for when in ("before", "after")]
    shown, left = most(table, "products_met")
    rows: list[Row] = [
        cells(reading.name("products", r["product"]), reading.year(r["year"]), count(r["units"]), *(form[p.split("_")[0]](r[p]) for p in pairs))
        for r in shown.iter_rows(named=True)
    ]  # fmt: skip
    titles = {"content": "Content", "defects": "Defective parts"}
    unit = {"content": "", "defects": f", in {count(PER)}"}
    columns = (
        Column("Product", kind="words"), Column("Year", kind="day"), Column("Built", "units"),
        *(Column(titles[m], f"{when}{unit[m]}") for m in known for when in LABELS),
    )  # fmt: skip
    return Grid(
        "products-table",
        f"{listed([titles[m] for m in known]).capitalize()} of each product",
        columns,
        tuple(rows),
        note=left,
    )
