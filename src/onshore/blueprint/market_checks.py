"""Faults between the tables of markets at home: `part_markets`, `brands`, `owners`, `buyers`, `tastes`.

A market whose prices and shares no demand could have produced is no fault of a cell: it is flagged with its reason when
prices are computed.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from onshore.blueprint.settings import Settings
from onshore.errors import Finding, finding
from onshore.tables.words import nearest

__all__ = ["market_checks"]

Tables = dict[str, pl.DataFrame]


def market_checks(settings: Settings, tables: Tables) -> Iterator[Finding]:
    """Markets without brands, brands that say two things at once, owners that are not the whole."""
    markets, brands = tables["part_markets"], tables["brands"]
    regime = dict(markets.select("market", "regime").iter_rows())
    sold = set(brands["market"])
    for row, market, how, indexed in markets.select("row", "market", "regime", "indexed_share").iter_rows():
        if market not in sold:
            yield finding("no_brands", "part_markets", row, "market", market)
        if how == "negotiated" and indexed is None:
            yield finding("no_indexed_share", "part_markets", row, "indexed_share", market)
    columns = ("row", "market", "part", "product", "cost", "margin_share", "parallel_price")
    for row, market, part, product, cost, margin, parallel in brands.select(columns).iter_rows():
        if part is not None and product is not None:
            yield finding("part_and_product", "brands", row, "product", product)
        if cost is not None and margin is not None:
            yield finding("cost_and_margin", "brands", row, "margin_share", margin)
        if parallel is not None and regime.get(market) == "free":
            yield finding("parallel_of_free", "brands", row, "parallel_price", market)
    yield from _owners(tables)
    yield from _differing(tables)


def _owners(tables: Tables) -> Iterator[Finding]:
    sellers = set(tables["brands"]["seller"])
    owners = tables["owners"].with_columns(pl.col("control_share").fill_null(pl.col("profit_share")))
    for row, seller in owners.select("row", "seller").iter_rows():
        if seller not in sellers:
            yield finding("idle_owner", "owners", row, "seller", seller, nearest=nearest(seller, sellers))
    sums = owners.group_by("seller", maintain_order=True).agg(pl.first("row"), pl.sum("profit_share", "control_share"))
    for seller, row, profit, control in sums.iter_rows():
        for what, total in (("profit", profit), ("control", control)):
            if abs(total - 1.0) > 1e-6:
                yield finding("owners_not_whole", "owners", row, f"{what}_share", seller, what=what, sum=f"{total:g}")


def _differing(tables: Tables) -> Iterator[Finding]:
    """Markets of random coefficients: who their buyers are, what they feel, and that nothing says it a second time."""
    markets, brands, buyers, tastes = (tables[t] for t in ("part_markets", "brands", "buyers", "tastes"))
    differ = markets.filter(pl.col("demand") == "random coefficients")
    for name in ("buyers", "tastes"):
        idle = tables[name].filter(~pl.col("market").is_in(differ["market"].implode()))
        for market, row in idle.group_by("market", maintain_order=True).agg(pl.first("row")).iter_rows():
            yield finding("idle_tastes", name, row, "market", market)
    for row, market, regime, elasticity in differ.select("row", "market", "regime", "elasticity").iter_rows():
        mine = pl.col("market") == market
        if elasticity is not None:
            yield finding("price_felt_twice", "part_markets", row, "elasticity", market)
        sold, theirs, felt = brands.filter(mine), buyers.filter(mine), tastes.filter(mine)
        for column in ("cost", "margin_share") if regime == "free" else ():
            for at in sold.filter(pl.col(column).is_not_null())["row"]:
                yield finding("price_felt_twice", "brands", at, column, market)
        if theirs.is_empty():
            yield finding("no_buyers", "part_markets", row, "market", market)
            continue
        if not felt["characteristic"].is_in(["price"]).any():
            yield finding("no_price_taste", "part_markets", row, "market", market)
        whole = float(theirs["weight"].to_numpy().sum())
        if abs(whole - 1.0) > 1e-6:
            yield finding("buyers_not_whole", "buyers", theirs["row"][0], "weight", market, sum=f"{whole:g}")
        yield from _felt(market, sold, theirs, felt)


def _felt(market: str, sold: pl.DataFrame, theirs: pl.DataFrame, felt: pl.DataFrame) -> Iterator[Finding]:
    """Each characteristic and each draw is a column of numbers, and nobody likes to pay."""
    bad, seen = False, set()
    for row, name, draw, currency in felt.select("row", "characteristic", "draw", "currency").iter_rows():
        if name == "price" and currency is None:
            yield finding("missing_currency", "tastes", row, "currency", money="coefficient")
        wanted = [("brands", sold, "characteristic", name)] if name not in ("price", "constant") else []
        wanted += [("buyers", theirs, "draw", draw)] if draw is not None else []
        for table, rows, column, named in wanted:
            known = [c for c in rows.columns if c.startswith("x_")]
            if named not in known:
                bad = True
                hint = nearest(named, known)
                yield finding(
                    "unknown_reference", "tastes", row, column, named, target=f"the columns x_ of {table}", nearest=hint
                )
                continue
            if (table, named) in seen:
                continue
            seen.add((table, named))
            numbers = rows[named].cast(pl.Float64, strict=False)
            for at, text in (
                rows.filter(numbers.is_null() | ~numbers.is_finite().fill_null(False)).select("row", named).iter_rows()
            ):
                bad = True
                what = {"meaning": f"tastes of {market} name it"} if text is None else {"example": "1.2"}
                yield finding("missing_value" if text is None else "not_a_number", table, at, named, text, **what)
    if bad or not felt["characteristic"].is_in(["price"]).any():
        return
    alpha = pl.repeat(0.0, theirs.height, eager=True)
    for draw, coefficient in felt.filter(pl.col("characteristic") == "price").select("draw", "coefficient").iter_rows():
        alpha += coefficient * (1.0 if draw is None else theirs[draw].cast(pl.Float64))
    for row, buyer in theirs.filter(alpha >= 0).select("row", "buyer").iter_rows():
        yield finding("likes_to_pay", "buyers", row, "buyer", buyer, market=market)
