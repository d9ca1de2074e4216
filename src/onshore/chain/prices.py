"""What a plan does to prices: the plan's costs handed to the markets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from onshore.blueprint.calendar import middle
from onshore.blueprint.declared import TABLES
from onshore.blueprint.money import Rates
from onshore.blueprint.needs import content_of_products
from onshore.blueprint.programme import Programme, read
from onshore.blueprint.uncertain import named
from onshore.chain.said import PROGRESS
from onshore.errors import WrongUse
from onshore.report import write_report
from onshore.sourcing.declared import TABLES as PLAN_TABLES
from onshore.tables.runs import read_run

if TYPE_CHECKING:
    from onshore.prices import Assumed, Book, PriceEffect
    from onshore.prices.drawn import Drawn

__all__ = ["price_and_report", "price_effect"]


def price_effect(
    run: Path | str, *, assumed: Assumed | None = None, progress: Callable[[int, int], None] | None = None
) -> PriceEffect:
    """What the plan of a run does to prices at home, from the run's unit costs and its `part_markets`, `brands` and `owners`.

    `progress` is called with the draws done and all of them. Raises `WrongUse` where the folder is no run of a plan.
    """
    if read_run(Path(run), {}).figures.get("kind") == PROGRESS:
        raise WrongUse(f"{run} holds a report of progress, not a plan. `onshore plan DIR --out RUN` makes one.")
    held = read_run(Path(run), {name: PLAN_TABLES[name] for name in ("unit_costs", "awards")})
    return _prices_of(read(held.input), held["unit_costs"], held["awards"], assumed=assumed, progress=progress)


def price_and_report(
    run: Path | str, *, assumed: Assumed | None = None, progress: Callable[[int, int], None] | None = None
) -> PriceEffect:
    """`price_effect`, with its tables written into the run in place of earlier ones, and the report written again."""
    made = price_effect(run, assumed=assumed, progress=progress)
    for name, frame in made.tables.items():
        frame.write_csv(Path(run) / f"{name}.csv")
    write_report(run)
    return made


def _prices_of(
    programme: Programme, unit_costs: pl.DataFrame, awards: pl.DataFrame, *, assumed: Assumed | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PriceEffect:  # fmt: skip
    """Hand the room of prices its tables: markets in the programme's currency, and what the plan moves."""
    from onshore.prices import effect_on_prices  # compiled when first used

    s = programme.settings
    brands = _brands(programme)
    book = _book(programme, brands) if programme.has("part_markets") else None
    moves = _moves(programme, unit_costs, awards)
    return effect_on_prices(
        book,
        moves,
        _product_moves(programme, moves),
        _groups(programme, brands, awards),
        years=tuple(s.years),
        currency=s.currency,
        calendar=s.calendar,
        assumed=assumed,
        drawn=None if book is None else _drawn_of(programme, book, awards, assumed),
        progress=progress,
    )


def _brands(programme: Programme) -> pl.DataFrame:
    """An imported brand that is a part of the programme and states no duty has the part's."""
    parts = programme["parts"].select("part", part_duty="duty_share")
    duty = pl.when(pl.col("origin") == "import").then(pl.coalesce("duty_share", "part_duty")).otherwise("duty_share")
    beside = programme["brands"].join(parts, on="part", how="left", maintain_order="left")
    return beside.with_columns(duty.alias("duty_share")).drop("part_duty")


def _book(programme: Programme, brands: pl.DataFrame) -> Book:
    """The markets; money of brands and tastes is turned at the rate of the middle of the first programme year."""
    from onshore.prices import book_of

    s, found = programme.settings, Rates(programme["rates"])
    priced = pl.concat([brands["currency"], programme["tastes"]["currency"].drop_nulls()]).unique().sort()
    rates = {c: found.rate(c, s.currency, middle(s.first_year, s.calendar), s.market("purchases")) for c in priced}
    return book_of(
        programme["part_markets"], brands, programme["owners"], {c: r.value for c, r in rates.items() if r is not None},
        buyers=programme["buyers"], tastes=programme["tastes"],
    )  # fmt: skip


def _moves(programme: Programme, unit_costs: pl.DataFrame, awards: pl.DataFrame) -> pl.DataFrame:
    """What a unit of each part costs at home and landed in each year, and which share of it is made at home."""
    inputs = programme["offers"].select("offer", "imported_input_share")
    abroad = (
        awards.join(inputs, on="offer")
        .group_by("part")
        .agg(
            home_currency_share=(pl.col("imported_input_share").fill_null(0.0) * pl.col("units")).sum()
            / pl.col("units").sum()
        )
        .fill_nan(0.0)
    )
    bought = pl.col("units_home") + pl.col("units_imported")
    return unit_costs.join(abroad, on="part", how="left", maintain_order="left").select(
        "part", "year", "home", "home_currency_share", landed="imported",
        home_share=pl.when(bought > 0).then(pl.col("units_home") / bought).otherwise(0.0),
    )  # fmt: skip


def _product_moves(programme: Programme, moves: pl.DataFrame) -> pl.DataFrame:
    """By how much a unit of each product gets dearer in each year, through its bill of materials."""
    dearer = pl.col("home_share") * (pl.col("home").fill_null(0.0) - pl.col("landed"))
    return (
        content_of_products(programme["bom"], programme["parts"])
        .join(moves, on="part")
        .group_by("product", "year")
        .agg(change=(pl.col("quantity") * dearer).sum())
        .sort("product", "year")
    )


def _groups(programme: Programme, brands: pl.DataFrame, awards: pl.DataFrame) -> pl.DataFrame:
    """The sector of each market, and the part of the plan in it with the day its line starts."""
    sectors = programme["parts"].select("part", "subproject").join(
        programme["subprojects"].select("subproject", "sector"), on="subproject", how="left"
    )  # fmt: skip
    begun = awards.group_by("part").agg(starts=pl.col("start").min())
    of_plan = brands.filter(pl.col("origin") == "import").join(begun, on="part").sort("market", "brand")
    return (
        brands.join(sectors, on="part").group_by("market").agg(pl.first("sector"))
        .join(of_plan.group_by("market").agg(pl.first("part", "starts")), on="market", how="left").sort("market")
    )  # fmt: skip


def _drawn_of(programme: Programme, book: Book, awards: pl.DataFrame, assumed: Assumed | None) -> Drawn | None:
    """What `uncertainty` draws of the numbers that prices rest on: the draws of `onshore uncertainty`, of the same seed.

    A part's home price moves by the mean of its offers, weighted by contract value; an exchange rate as that of the middle of the
    first year does, and the rate of a cost whose currency is not known as the mean of the parts' currencies abroad.
    """
    from onshore.prices import Assumed
    from onshore.prices.drawn import USED, Sample, drawn_of
    from onshore.uncertainty.worlds import places_of, world_of

    asked = assumed or Assumed()
    rows = programme["uncertainty"]
    rows = rows.filter(pl.any_horizontal((pl.col("table") == t) & (pl.col("column") == c) for t, c in USED.items()))
    if rows.is_empty() or asked.draws < 1:
        return None
    said = rows.select(pl.concat_str("table", "column", separator=".")).to_series().unique().sort().to_list()
    table, markets, s = TABLES["part_markets"], programme["part_markets"], programme.settings
    keys = rows.filter(pl.col("table") == table.name)["key"].to_list()
    theirs = {m for key in keys for m in markets["market"].filter(named(table, markets, key, USED[table.name]))}
    programme = replace(programme, tables={**programme.tables, "uncertainty": rows})
    # freight is on top of a price only where the incoterm leaves it out
    freight = pl.when(pl.col("incoterm").is_in(["EXW", "FOB"])).then(pl.col("freight")).fill_null(0.0).cast(pl.Float64)
    parts = programme["parts"].select("part", "currency", "freight", "incoterm", old="import_price")
    offers = awards.select("part", "offer", "contract_value").join(
        programme["offers"].select("offer", old="unit_price"), on="offer"
    )
    day, market, moved = middle(s.first_year, s.calendar), s.market("imports"), "rates.quote_per_base" in said
    abroad = sorted(set(parts["currency"].drop_nulls()) - {s.currency})
    before = Rates(programme["rates"])

    def sample(world: Programme) -> Sample:
        after = Rates(world["rates"])
        factors = {s.currency: 1.0}
        for c in abroad:
            old, new = before.rate(c, s.currency, day, market), after.rate(c, s.currency, day, market)
            factors[c] = 1.0 if old is None or new is None else new.value / old.value
        landed = parts.join(world["parts"].select("part", new="import_price"), on="part").select(
            "part", landed=(pl.col("new").cast(pl.Float64) + freight) / (pl.col("old").cast(pl.Float64) + freight),
            rate=pl.col("currency").replace_strict(factors, return_dtype=pl.Float64) if moved else pl.lit(None, pl.Float64),
        )  # fmt: skip
        home = (
            offers.join(world["offers"].select("offer", new="unit_price"), on="offer").group_by("part").agg(
                home=(pl.col("contract_value") * pl.col("new").cast(pl.Float64) / pl.col("old").cast(pl.Float64)).sum() / pl.col("contract_value").sum()
            )
        )  # fmt: skip
        mean = sum(factors[c] for c in abroad) / len(abroad) if abroad else 1.0
        return Sample(
            world["part_markets"].select("market", "elasticity"), world["brands"].select("market", "brand", "quality"),
            landed.join(home, on="part", how="left"), mean if moved else None,
        )  # fmt: skip

    drawn = [p for p in places_of(programme, range(asked.draws)) if p.draw >= 0]
    return drawn_of(
        book, said, frozenset(theirs), [sample(world_of(programme, p, asked.seed).programme) for p in drawn]
    )
