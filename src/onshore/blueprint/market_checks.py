"""Faults between the tables of markets at home: `part_markets`, `brands`, `owners`.

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
