"""Declared result tables of prices: what a run holds where its programme has markets at home."""

from onshore.tables.declare import DATE, FLAG, INTEGER, KEY, NUMBER, SHARE, TEXT, YEAR, Column, Table

__all__ = ["BRAND_PRICES", "PART_PRICES", "PRICE_INDEX", "TABLES", "UNPRICED"]

_MONEY = "programme currency a year"
_EACH = "programme currency per unit"


def _gains() -> tuple[Column, ...]:
    return (
        Column("buyers", NUMBER, "what buyers gain (compensating variation)", unit=_MONEY),
        Column("variety", NUMBER, "of that, by brands that come or go", unit=_MONEY),
        Column("home_makers", NUMBER, "what profits gain whose owners live at home", unit=_MONEY),
        Column("foreign_brands", NUMBER, "what profits gain whose owners live abroad", unit=_MONEY),
        Column("treasury", NUMBER, "what duty and tax gain", unit=_MONEY),
        Column("resellers", NUMBER, "what is gained by selling on above a set price", unit=_MONEY),
    )


PART_PRICES = Table(
    "part_prices",
    "a market at home in a year, with every part imported and under the plan, in one reading of what the plan does",
    ("reading", "market", "year"),
    (
        Column("reading", KEY, "replace: the same brand at the blended cost; enter: a home brand beside the imports; barred: the same without them", required=True),
        Column("market", KEY, "the market", required=True),
        Column("year", YEAR, "the programme year", required=True),
        Column("regime", TEXT, "free, negotiated or administered", required=True),
        Column("demand", TEXT, "how its buyers choose: logit, nested logit, ces, linear or random coefficients", required=True),
        Column("part", KEY, "the imported part that is sold there and that the plan makes at home, if there is one"),
        Column("starts", DATE, "first day on which it is made at home by the plan"),
        Column("state", TEXT, "solved, rescued (by continuation) or flagged", required=True),
        Column("why", TEXT, "why it is flagged, or what to be careful about"),
        Column("price_before", NUMBER, "mean price of the brands, weighted by units before", unit=_EACH),
        Column("price_after", NUMBER, "the same basket after", unit=_EACH),
        Column("retail_before", NUMBER, "with what the trade adds to it; empty where that is not modelled", unit=_EACH),
        Column("retail_after", NUMBER, "the same after", unit=_EACH),
        Column("laspeyres", NUMBER, "price index of the market, weights before; 1 is no change"),
        Column("fisher", NUMBER, "price index, weights before and after"),
        Column("exact", NUMBER, "index of what it costs to be as well off as before, variety counted"),
        Column("exact_prices", NUMBER, "the same, variety left out"),
        Column("low", NUMBER, "`fisher` at the 5th percentile of the draws"),
        Column("high", NUMBER, "`fisher` at the 95th percentile of the draws"),
        Column("cost_change", NUMBER, "what the plan adds to a unit of its brand", unit=_EACH),
        Column("passed_through", NUMBER, "rise of what the old basket costs buyers over the rise of what it costs sellers", unit="share"),
        Column("pass_through", NUMBER, "before the change: rise of the mean price for one more on every cost", unit="share"),
        Column("units_before", NUMBER, "sold a year", unit="units"),
        Column("units_after", NUMBER, "sold a year", unit="units"),
        Column("home_share_before", SHARE, "of them made at home"),
        Column("home_share_after", SHARE, "of them made at home"),
        *_gains(),
        Column("implied_taste", NUMBER, "enter: appeal of the home brand at which buyers would choose as the plan has it, over the appeal assumed, in money", unit=_EACH),
        Column("residual", NUMBER, "largest first-order condition left", unit=_EACH),
        Column("tempted", FLAG, "whether a firm could gain by moving alone"),
        Column("jump", FLAG, "whether a price moved by over 12 % beyond what its own cost moved by"),
        Column("negative_cost", FLAG, "whether the cost of a brand is below nothing, as implied or under the plan"),
    ),
)  # fmt: skip

BRAND_PRICES = Table(
    "brand_prices",
    "a brand in a year, with every part imported and under the plan",
    ("reading", "market", "brand", "year"),
    (
        Column("reading", KEY, "the reading", required=True),
        Column("market", KEY, "the market", required=True),
        Column("brand", KEY, "the brand; `(home entrant)` for a maker's own", required=True),
        Column("year", YEAR, "the programme year", required=True),
        Column("cost_before", NUMBER, "what a unit costs its seller", unit=_EACH),
        Column("cost_after", NUMBER, "the same after", unit=_EACH),
        Column("price_before", NUMBER, "what buyers pay", unit=_EACH),
        Column("price_after", NUMBER, "what buyers pay", unit=_EACH),
        Column("list_before", NUMBER, "the price that is set, where one is", unit=_EACH),
        Column("list_after", NUMBER, "the price that is set, where one is", unit=_EACH),
        Column("units_before", NUMBER, "sold a year", unit="units"),
        Column("units_after", NUMBER, "sold a year", unit="units"),
        Column("profit_before", NUMBER, "its seller's", unit=_MONEY),
        Column("profit_after", NUMBER, "its seller's", unit=_MONEY),
    ),
)  # fmt: skip

PRICE_INDEX = Table(
    "price_index",
    "price index of a group of markets in a year, under the plan over every part imported",
    ("reading", "group", "year"),
    (
        Column("reading", KEY, "the reading", required=True),
        Column("group", KEY, "`parts`: every market of a part; a sector; `products`: what parts go into", required=True),
        Column("year", YEAR, "the programme year", required=True),
        Column("markets", INTEGER, "markets in it", required=True),
        Column("flagged", INTEGER, "markets that it leaves out: no equilibrium", required=True),
        Column("laspeyres", NUMBER, "weights before; 1 is no change"),
        Column("fisher", NUMBER, "weights before and after"),
        Column("exact", NUMBER, "what it costs to be as well off as before, variety counted"),
        Column("exact_prices", NUMBER, "the same, variety left out"),
        Column("low", NUMBER, "`fisher` at the 5th percentile of the draws"),
        Column("high", NUMBER, "`fisher` at the 95th percentile of the draws"),
        Column("drawn", TEXT, "what the draws take from `uncertainty`; the rest, or all of it where empty, is assumed"),
        *_gains(),
    ),
)  # fmt: skip

UNPRICED = Table(
    "unpriced",
    "a part that the plan makes at home and whose prices are not computed",
    ("item",),
    (
        Column("item", KEY, "the part", required=True),
        Column("why", TEXT, "why not", required=True),
    ),
)

TABLES: dict[str, Table] = {t.name: t for t in (PART_PRICES, BRAND_PRICES, PRICE_INDEX, UNPRICED)}
