"""Declared tables of how parts are sold at home: markets, the brands in them, and who owns the sellers."""

from onshore.tables.declare import (
    CHOICE, CURRENCY, KEY, MONEY_, NUMBER, SHARE, TEXT, Column, Table,
)  # fmt: skip

PART_MARKETS = Table(
    "part_markets",
    "a market at home in which brands of one part, or models of a product, are sold side by side",
    ("market",),
    (
        Column("market", KEY, "its key", "turbocharger-spares", required=True),
        Column("name", TEXT, "what people call it", "Turbochargers, spare"),
        Column("level", CHOICE, "where in the trade its prices are seen", "wholesale", required=True, choices=("contract", "producer", "wholesale", "retail")),
        Column("trade_margin_share", SHARE, "what the trade adds from there to the last buyer, as a share of the price seen; not modelled when empty", "0.25", high=10),
        Column("regime", CHOICE, "how its prices are set: by the sellers, in a contract, or by an authority", "free", required=True, choices=("free", "negotiated", "administered")),
        Column("indexed_share", SHARE, "negotiated: share of a change of cost that the contract passes on", "0.8"),
        Column("demand", CHOICE, "how buyers choose", "logit", required=True, choices=("logit", "nested logit", "ces", "linear", "random coefficients")),
        Column("outside_share", SHARE, "share of those who could buy (ces: of what could be spent) that buys none of the brands", "0.3", required=True),
        Column("elasticity", NUMBER, "by how many per cent all units fall when all prices rise by one; empty where a brand states its cost or margin instead, and for random coefficients", "0.8", above=0),
        Column("nesting", SHARE, "nested logit: how close brands of one nest are, 0 not closer than others, near 1 almost the same", "0.4"),
    ),
)

BRANDS = Table(
    "brands",
    "what is sold in a market: an imported brand, a home maker's, a venture's",
    ("market", "brand"),
    (
        Column("market", KEY, "the market", "turbocharger-spares", required=True, refers="part_markets.market"),
        Column("brand", KEY, "its key", "garrett", required=True),
        Column("seller", KEY, "who sets its price; brands of one seller are priced together", "garrett", required=True),
        Column("origin", CHOICE, "where it is made", "import", required=True, choices=("home", "import")),
        Column("part", KEY, "the part of the programme that it is: its cost follows the plan", "turbocharger", refers="parts.part"),
        Column("product", KEY, "the product that it is: its cost follows that of its parts", "dena-plus", refers="products.product"),
        Column("price", MONEY_, "what it costs, at the market's level, tax included; the list price where it is set", "310", required=True, unit="currency per unit", low=0),
        Column("parallel_price", MONEY_, "what buyers pay in the end where a set price is rationed", "420", unit="currency per unit", low=0),
        Column("currency", CURRENCY, "the currency of the row's money", "EUR", required=True),
        Column("units", NUMBER, "units sold a year", "12000", required=True, unit="units a year", above=0),
        Column("cost", MONEY_, "what a unit costs its seller, duty included; or", "240", unit="currency per unit", low=0),
        Column("margin_share", SHARE, "what its seller earns, as a share of the price without tax", "0.2"),
        Column("duty_share", SHARE, "customs duty as a fraction of the landed cost", "0.15", high=10),
        Column("tax_share", SHARE, "tax on the seller's price", "0.09", high=10),
        Column("currency_share", SHARE, "share of its cost that is paid in foreign currency; its cost does not follow rates when empty", "1"),
        Column("annual_max", NUMBER, "most units a year; no limit when empty", "20000", unit="units a year", above=0),
        Column("nest", KEY, "nested logit: the group of brands it is closest to", "original"),
        Column("quality", NUMBER, "what buyers pay more for it than for a plain one that sells as well; judges what an entrant is worth to them", "20", unit="currency per unit"),
    ),
)

OWNERS = Table(
    "owners",
    "who owns a seller; one without a row is its own owner, at home where its brand is made at home",
    ("seller", "owner"),
    (
        Column("seller", KEY, "the seller, as in `brands`", "fcaes", required=True),
        Column("owner", KEY, "who owns a part of it", "faurecia", required=True),
        Column("profit_share", SHARE, "share of its profit", "0.5", required=True),
        Column("control_share", SHARE, "share of the say over its prices; the same as of profit when empty", "0.5"),
        Column("residence", CHOICE, "where the owner lives", "foreign", required=True, choices=("home", "foreign")),
    ),
)

BUYERS = Table(
    "buyers",
    "random coefficients: a buyer who stands for many; its draws are columns of numbers whose names begin with `x_`",
    ("market", "buyer"),
    (
        Column("market", KEY, "the market", "cars-free", required=True, refers="part_markets.market"),
        Column("buyer", KEY, "its key", "17", required=True),
        Column("weight", SHARE, "share of all who could buy that it stands for", "0.04", required=True, above=0),
    ),
)

TASTES = Table(
    "tastes",
    "random coefficients: how a characteristic is felt, `coefficient` times the buyer's draw",
    ("market", "characteristic", "draw"),
    (
        Column("market", KEY, "the market", "cars-free", required=True, refers="part_markets.market"),
        Column("characteristic", KEY, "a column `x_...` of `brands`, or `price`, or `constant` for any brand at all", "x_size", required=True),
        Column("draw", KEY, "a column `x_...` of `buyers`; empty where all feel the same", "x_likes_size"),
        Column("coefficient", NUMBER, "utility a unit of the characteristic, a unit of the draw", "0.7", required=True),
        Column("currency", CURRENCY, "`price`: the money of the unit", "EUR"),
    ),
)

TABLES = (PART_MARKETS, BRANDS, OWNERS, BUYERS, TASTES)
