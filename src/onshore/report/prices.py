"""What the plan does to prices at home: the index with its band, who gains what, what falls and what rises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from onshore.report.charts import AFTER, BINDS, SOFT, TIGHT, drawn
from onshore.report.numbers import NONE, Told, change, count, number, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Points, Row, Text, cells, listed, many
from onshore.report.reading import Reading

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["prices"]

WORDS = {
    "replace": "replace: the same brand at the blended cost",
    "enter": "enter: a home brand beside the imports",
    "barred": "barred: a home brand, and no imports",
}
COLOURS = {"replace": AFTER, "enter": TIGHT, "barred": BINDS}
GAINS = {
    "buyers": "Buyers", "home_makers": "Home owners", "foreign_brands": "Foreign owners", "treasury": "Treasury", "resellers": "Resellers",
}  # fmt: skip
SHOWN = 12
MOVED = 1e-6
"""A cost that moves by a smaller share of itself has no pass-through."""
STILL = 5e-5
"""A market whose index moves by less than this is said to stay."""


def prices(reading: Reading) -> Chapter | None:
    """None where the programme describes no market at home."""
    if not reading.has("part_prices"):
        return None
    rows = reading["part_prices"]
    last = int(rows["year"].max())  # type: ignore[arg-type]
    now = _named(reading, rows.filter(pl.col("year") == last))
    index = reading["price_index"].filter(pl.col("group") == "parts").sort("year")
    blocks: list[Block] = [_lead(reading, last)]
    if index.height:
        blocks += [_figure(reading, index), _index(reading, index)]
    blocks.append(_gains(reading, last))
    blocks += _movers(reading, now)
    blocks += _models(reading, now, last)
    blocks += _set_prices(reading, now, last)
    blocks += _cautions(reading, now)
    return Chapter("prices", "Prices at home", "Prices", tuple(blocks))


def _lead(reading: Reading, last: int) -> Text:
    markets, brands = reading.programme["part_markets"], reading.programme["brands"]
    assumed = sum(_assumed(t) for t in (markets, brands))
    said = (
        f" {percent(assumed / (markets.height + brands.height))} of their rows are marked as assumptions or have no source."
        if assumed
        else ""
    )
    return Text(
        f"What {many(markets.height, 'market')} with {many(brands.height, 'brand')} would charge once the plan’s makers deliver, beside "
        f"every part imported. Demand is calibrated to the prices and units given, sellers choose prices against one another, and the "
        f"plan moves their costs. Demand is {_demands(reading)}. Three readings of what a home maker does, never mixed: {'; '.join(WORDS.values())}.{said}",
        "lead",
    )  # fmt: skip


def _demands(reading: Reading) -> str:
    """`nested logit in 160 markets and logit in 14`."""
    used = (
        reading["part_prices"].unique("market").group_by("demand").len().sort("len", "demand", descending=[True, False])
    )
    return listed(
        [f"{demand} in {many(n, 'market') if i == 0 else number(n)}" for i, (demand, n) in enumerate(used.iter_rows())]
    )


def _assumed(table: pl.DataFrame) -> int:
    """Rows without a source, or marked."""
    marked = pl.col("x_assumption").is_not_null() if "x_assumption" in table.columns else pl.lit(value=False)
    unsourced = pl.col("source").is_null() if "source" in table.columns else pl.lit(value=True)
    return table.filter(marked | unsourced).height


def _named(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    called = reading.programme["part_markets"].select("market", called=pl.col("name").fill_null(pl.col("market")))
    return rows.join(called, on="market", how="left", maintain_order="left")


def _moved(index: float | None) -> str:
    """An index as the change that it is."""
    return NONE if index is None else change(1.0, index)


# the index


def _figure(reading: Reading, index: pl.DataFrame) -> Figure:
    shown = index.with_columns(
        pl.col("year").cast(pl.String), pl.col("reading").replace(WORDS).alias("kind"),
        *((100 * (pl.col(c) - 1)).alias(c) for c in ("fisher", "low", "high")),
    )  # fmt: skip
    wide, narrow = drawn("prices-chart", lambda width: _chart(shown, width))
    ends = {r["reading"]: r for r in index.filter(pl.col("year") == index["year"].max()).iter_rows(named=True)}
    main = ends["replace"]
    band = "" if main["low"] is None else f" ({_moved(main['low'])} to {_moved(main['high'])} in nine draws of ten)"
    see = (
        f"In {reading.year(main['year'])} prices in the {many(main['markets'], 'market')} of parts move by {_moved(main['fisher'])} "
        f"against every part imported{band}. "
    )
    if main["drawn"]:
        see += f"The band draws {main['drawn']} as the programme’s own `uncertainty` says. "
    if "enter" in ends:
        e, b = ends["enter"], ends["barred"]
        see += (
            f"In the {many(e['markets'], 'market')} that a home brand could enter, prices move by {_moved(e['fisher'])} while imports stay, and by "
            f"{_moved(b['fisher'])} if they are barred."
        )  # fmt: skip
    return Figure(
        "prices-figure",
        "Change of the price index of parts (Fisher), %; the shade is the band of the first reading",
        see,
        wide,
        narrow,
        see,
    )


def _chart(shown: pl.DataFrame, width: int) -> Drawing:
    """A line a reading, with a shade for the band."""
    import altair as alt

    kinds = [w for k, w in WORDS.items() if k in shown["reading"].to_list()]
    x = alt.X("year:N", title=None, axis=alt.Axis(labelAngle=0, grid=False), scale=alt.Scale(padding=0.2))
    colour = alt.Color(
        "kind:N", sort=kinds, scale=alt.Scale(domain=kinds, range=[COLOURS[k] for k, w in WORDS.items() if w in kinds]),
        legend=alt.Legend(orient="top", direction="vertical", labelLimit=width - 40, columns=1),
    )  # fmt: skip
    band = shown.filter((pl.col("reading") == "replace") & pl.col("low").is_not_null())
    layers: list[alt.Chart] = [alt.Chart(pl.DataFrame({"y": [0.0]})).mark_rule(color=SOFT).encode(y="y:Q")]
    y = alt.Y(
        "fisher:Q",
        title=None,
        axis=alt.Axis(
            tickCount=5,
            minExtent=40,
            labelExpr="(datum.value == 0 ? '0' : replace(format(datum.value, '+'), '-', '\u2212')) + ' %'",
        ),
    )
    if band.height:
        layers.append(
            alt.Chart(band).mark_area(opacity=0.25, color=AFTER).encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q")
        )
    layers.append(
        alt.Chart(shown.select("year", "kind", "fisher"))
        .mark_line(point=True, strokeWidth=2)
        .encode(x=x, y=y, color=colour)
    )
    return alt.layer(*layers).properties(width=width - 60, height=200)


def _index(reading: Reading, index: pl.DataFrame) -> Grid:
    by = {(r["reading"], r["year"]): r for r in index.iter_rows(named=True)}
    years = index["year"].unique().sort().to_list()
    rows: list[Row] = []
    for y in years:
        main, enter, barred = by["replace", y], by.get(("enter", y)), by.get(("barred", y))
        rows.append(cells(
            Cell(reading.year(y)), _moved(main["laspeyres"]), _moved(main["fisher"]), _moved(main["low"]), _moved(main["high"]), _moved(main["exact"]),
            *(t for r in (enter, barred) for t in ((_moved(r["fisher"]), _moved(r["exact"])) if r else (NONE, NONE))),
        ))  # fmt: skip
    columns = (
        Column("Year", kind="day"), Column("Replace", "Laspeyres"), Column("Replace", "Fisher"), Column("Low", "5 of 100 draws"),
        Column("High", "95 of 100 draws"), Column("Replace", "exact"), Column("Enter", "Fisher"), Column("Enter", "exact"),
        Column("Barred", "Fisher"), Column("Barred", "exact"),
    )  # fmt: skip
    note = (
        "Change against every part imported. Enter and barred count the markets that a home brand could enter. Fisher compares brands sold "
        "before and after; exact is what it costs buyers to be as well off as before, so that a brand that comes or goes counts."
    )
    return Grid("prices-index", "Price index of parts, year by year", columns, tuple(rows), note=note)


# who gains


def _gains(reading: Reading, last: int) -> Grid:
    table = reading["price_index"].filter((pl.col("year") == last) & pl.col("group").is_in(["parts", "products"]))
    scale = scale_of([v for g in (*GAINS, "variety") for v in table[g]])
    unit = scale.unit(reading.currency)
    groups = {"parts": "Parts", "products": "Products they go into"}
    rows = tuple(
        cells(
            Cell(groups[r["group"]], WORDS[r["reading"]]),
            number(r["markets"]),
            *(scale(r[g]) for g in GAINS),
            scale(r["variety"]),
        )
        for r in table.iter_rows(named=True)
        if r["group"] == "parts" or r["reading"] == "replace"
    )
    columns = (
        Column("Markets of", kind="words"), Column("How many"), *(Column(w, unit) for w in GAINS.values()), Column("Of buyers’: variety", unit),
    )  # fmt: skip
    note = (
        "Buyers: what they could give back and be as well off as before. Owners: profits of sellers, by where their owners live. Treasury: duty and tax. "
        "What suppliers of imported inputs earn is not known, and makers earn what their offers hold beyond cost."
    )
    return Grid("prices-gains", f"Who gains what in {reading.year(last)}", columns, rows, note=note)


# what falls and what rises


def _movers(reading: Reading, now: pl.DataFrame) -> list[Block]:
    main = now.filter(pl.col("reading") == "replace")
    falls = main.filter(pl.col("fisher") < 1 - STILL).sort("fisher", "market")
    rises = main.filter(pl.col("fisher") > 1 + STILL).sort("fisher", "market", descending=[True, False])
    passed = main.filter(pl.col("passed_through").is_not_null())["passed_through"]
    said = (
        f"{many(falls.height, 'market')} {_verb(falls.height, 'fall')}, {many(rises.height, 'market')} {_verb(rises.height, 'rise')}, "
        f"{main.height - falls.height - rises.height} {_verb(main.height - falls.height - rises.height, 'stay')}."
    )
    if passed.len():
        low, middle, high = (passed.quantile(q, "nearest") for q in (0.1, 0.5, 0.9))
        said += f" Buyers see {percent(middle)} of a change of cost at the median, {percent(low)} to {percent(high)} in eight markets of ten."
    blocks: list[Block] = [Text(said)]
    if falls.height:
        blocks.append(_markets(reading, "prices-fall", "What falls most, while the brand stays the same", falls))
    if rises.height:
        blocks.append(_markets(reading, "prices-rise", "What rises most, while the brand stays the same", rises))
    barred = now.filter((pl.col("reading") == "barred") & (pl.col("fisher") > 1 + STILL)).sort(
        "fisher", "market", descending=[True, False]
    )
    if barred.height:
        blocks.append(Text(
            f"A maker that is protected can raise prices: were imports barred where a home brand enters, prices of the brands that stay "
            f"would rise in {count(barred.height)} of {many(now.filter(pl.col('reading') == 'barred').height, 'market')}.", "mind",
        ))  # fmt: skip
        blocks.append(_markets(reading, "prices-barred", "What would rise most if imports were barred", barred))
    return blocks


def _verb(number: int, plural: str) -> str:
    return f"{plural}s" if number == 1 else plural


def _markets(reading: Reading, id: str, caption: str, rows: pl.DataFrame) -> Grid:  # noqa: A002
    shown = rows.head(SHOWN)
    each = scale_of([*shown["price_before"], *shown["price_after"]])
    money = scale_of([*shown["buyers"], *shown["home_makers"]])
    told = tuple(
        cells(
            Cell(r["called"], r["market"]), _moved(r["fisher"]), each(r["price_before"]), each(r["price_after"]), r["regime"],
            _moved(r["low"]), _moved(r["high"]), _share(r["passed_through"]), percent(r["home_share_after"]), money(r["buyers"]), money(r["home_makers"]),
        )
        for r in shown.iter_rows(named=True)
    )  # fmt: skip
    unit = money.unit(reading.currency)
    columns = (
        Column("Market", kind="long"), Column("Change", "Fisher"), Column("Before", each.unit(reading.currency)), Column("After", each.unit(reading.currency)),
        Column("Prices are", kind="words"), Column("Low"), Column("High"), Column("Passed on", "of cost"), Column("Made at home", "of units"),
        Column("Buyers gain", unit), Column("Home owners gain", unit),
    )  # fmt: skip
    note = f"The first {SHOWN} of {count(rows.height)}; part_prices.csv has all." if rows.height > SHOWN else ""
    return Grid(id, caption, columns, told, note=note)


def _share(share: float | None) -> str:
    """Pass-through to two figures; a market whose sellers' costs did not move has none."""
    return NONE if share is None else Told(number(share, 2), share)


# products at free prices


def _models(reading: Reading, now: pl.DataFrame, last: int) -> list[Block]:
    """What parts go into, where its sellers are free to price it: model by model, also those that the plan does not reach."""
    products = reading.programme["brands"].filter(pl.col("product").is_not_null())
    free = now.filter(
        (pl.col("reading") == "replace")
        & (pl.col("regime") != "administered")
        & pl.col("market").is_in(products["market"].implode())
    )
    sold = reading["brand_prices"].filter(
        (pl.col("reading") == "replace") & (pl.col("year") == last) & pl.col("market").is_in(free["market"].implode()) & pl.col("price_after").is_not_null()
    )  # fmt: skip
    if sold.is_empty():
        return []
    product_of = {
        (market, brand): product for market, brand, product in products.select("market", "brand", "product").iter_rows()
    }
    each, money = scale_of([*sold["price_before"]]), scale_of([*sold["profit_before"], *sold["profit_after"]])
    cost = scale_of([*(sold["cost_after"] - sold["cost_before"])])
    rows = []
    for r in sold.iter_rows(named=True):
        product = product_of.get((r["market"], r["brand"]))
        moved, dearer = r["cost_after"] - r["cost_before"], r["price_after"] - r["price_before"]
        rows.append(cells(
            Cell(r["brand"]) if product is None else reading.name("products", product), each(r["price_before"]), each(r["price_after"]),
            change(r["price_before"], r["price_after"]), cost(moved), _share(dearer / moved if abs(moved) > MOVED * r["cost_before"] else None),
            number(r["units_before"]), number(r["units_after"]), money(r["profit_before"]), money(r["profit_after"]),
        ))  # fmt: skip
    own = reading.currency
    columns = (
        Column("Sold", kind="words"), Column("Before", each.unit(own)), Column("After", each.unit(own)), Column("Change"), Column("Cost moves by", cost.unit(own)),
        Column("Passed on", "of its cost"), Column("Units before"), Column("Units after"), Column("Sellers’ profit, before", money.unit(own)),
        Column("Sellers’ profit, after", money.unit(own)),
    )  # fmt: skip
    note = "A seller passes on more or less than the change of its own cost, as rivals’ costs move too and as its demand bends; above 1 it is a property of the form of demand, not a finding."
    return [Grid("prices-models", f"Products at free prices in {reading.year(last)}", columns, tuple(rows), note=note)]


# set prices


def _set_prices(reading: Reading, now: pl.DataFrame, last: int) -> list[Block]:
    """Where an authority sets prices, what moves is the margin, the rationing and what is paid beside the list."""
    markets = now.filter((pl.col("reading") == "replace") & (pl.col("regime") == "administered"))["market"]
    brands = reading["brand_prices"].filter(
        (pl.col("reading") == "replace")
        & (pl.col("year") == last)
        & pl.col("market").is_in(markets.to_list())
        & pl.col("price_after").is_not_null()
    )
    if brands.is_empty():
        return []
    products = dict(reading.programme["products"].select("product", "name").iter_rows())
    each = scale_of([*brands["list_before"], *brands["price_before"]])
    cost = scale_of([*(brands["cost_after"] - brands["cost_before"])])
    money = scale_of([*brands["profit_before"], *brands["profit_after"]])
    rows = tuple(
        cells(
            Cell(products.get(r["brand"]) or r["brand"], r["brand"]), each(r["list_after"]), each(r["price_before"]), each(r["price_after"]),
            cost(r["cost_after"] - r["cost_before"]), money(r["profit_before"]), money(r["profit_after"]),
        )
        for r in brands.iter_rows(named=True)
    )  # fmt: skip
    own = reading.currency
    columns = (
        Column("Sold", kind="words"), Column("List price", each.unit(own)), Column("Buyers pay, before", each.unit(own)), Column("Buyers pay, after", each.unit(own)),
        Column("Cost moves by", cost.unit(own)), Column("Sellers’ profit, before", money.unit(own)), Column("Sellers’ profit, after", money.unit(own)),
    )  # fmt: skip
    why = Text(
        "Prices that an authority sets do not answer to cost. What the plan saves there widens its seller’s margin; buyers pay what they paid, and "
        "where the list price is rationed the difference to the parallel price goes to whoever gets hold of the product first."
    )
    return [why, Grid("prices-set", f"Administered prices in {reading.year(last)}", columns, rows)]


# cautions


def _cautions(reading: Reading, now: pl.DataFrame) -> list[Block]:
    tests = (
        ("state", "flagged", "no equilibrium was found, or the market could not be calibrated; it is in no index"),
        ("tempted", True, "a firm could gain by moving alone, although first-order conditions hold"),
        ("jump", True, "a price moves by more than 12 % beyond what its own cost moves by"),
        ("negative_cost", True, "a seller’s cost is below nothing, as implied by its price or under the plan"),
    )
    points = []
    for column, value, words in tests:
        hit = now.filter(pl.col(column) == value)
        if hit.height:
            where = {r: hit.filter(pl.col("reading") == r)["called"].to_list() for r in WORDS}
            points += [
                f"{r}: in {many(len(names), 'market')} {words} ({listed(names, 4)})."
                for r, names in where.items()
                if names
            ]
    found = now.group_by("state").len().sort("state")
    states = listed([f"{n} {s}" for s, n in found.iter_rows()])
    blocks: list[Block] = [Text(f"Equilibria of the last year, all readings: {states}.", "small")]
    if points:
        blocks.append(Points(tuple(points)))
    missing = reading["unpriced"]["item"].to_list() if reading.has("unpriced") else []
    if missing:
        names = [reading.called("parts", p) for p in missing]
        blocks.append(
            Text(
                f"Made at home under the plan, but without market data, so nothing is said of their prices: {listed(names, 30)}.",
                "small",
            )
        )
    return blocks
