"""Declared tables of the record: contracts, claims about them, lines, what was seen, delivered and paid; rates, prices, markets."""

from onshore.tables.declare import (
    CHOICE, CURRENCY, DATE, INTEGER, KEY, MONEY_, NUMBER, SHARE, TEXT, Column, Table,
)  # fmt: skip

KINDS = (
    "round", "single contract", "subset", "aggregate", "statement", "framework", "programme", "plan", "facility",
    "line opened", "export cooperation",
)  # fmt: skip

SUMS = ("aggregate", "statement", "programme", "plan")
"""Kinds whose `part_of` names their pieces; that of every other kind names the one whole that it is a piece of."""

CONTRACTS = Table(
    "contracts",
    "a signed contract, a round of them, or what was said of them",
    ("contract",),
    (
        Column("contract", KEY, "its key", "C01", required=True),
        Column("name", TEXT, "what people call it", "desk 1"),
        Column("kind", CHOICE, "what kind of row it is; only rounds, and single contracts outside one, are ever added up", "round", required=True, choices=KINDS),
        Column("part_of", TEXT, "the contract it is a piece of; for an aggregate, statement, programme or plan, its pieces joined by `+`", "C04"),
        Column("may_repeat", TEXT, "contracts that it may be another telling of, joined by `+`; it then makes a range, and is never surely added", "C02"),
        Column("subproject", KEY, "the subproject it serves", "desks", refers="subprojects.subproject"),
        Column("buyer", TEXT, "who buys", "SAPCO (IKCO)"),
        Column("counterparties", TEXT, "who makes, in words", "private small and medium parts makers"),
        Column("signed", DATE, "when it was signed; the first day of what is known", "2019-07-20"),
        Column("date_precision", CHOICE, "how exactly that is known", "day", choices=("day", "month", "year")),
        Column("due", DATE, "when all of it should be in series production", "2021-07-20"),
        Column("makers_count", INTEGER, "how many makers", "32", low=0),
        Column("parts_count", INTEGER, "how many parts", "35", low=0),
        Column("value", MONEY_, "its value as published", "7400000000000", low=0),
        Column("value_kind", CHOICE, "what that value is", "contract", choices=("contract", "investment", "development", "statement", "derived")),
        Column("currency", CURRENCY, "the currency of `value`", "IRR"),
        Column("saving_per_year", MONEY_, "imports that it is said to displace a year", "85000000", unit="currency a year", low=0, currency="saving_currency"),
        Column("saving_currency", CURRENCY, "the currency of `saving_per_year`", "EUR"),
        Column("saving_basis", CHOICE, "whether imported inputs are taken off", "gross", choices=("gross", "net", "unknown")),
        Column("published", DATE, "when the figures were printed", "2019-07-20"),
    ),
)

CLAIMS = Table(
    "claims",
    "what another source says of a figure of a contract",
    ("contract", "figure", "amount", "currency"),
    (
        Column("contract", KEY, "the contract", "C12", required=True, refers="contracts.contract"),
        Column("figure", CHOICE, "which figure", "value", required=True, choices=("value", "saving_per_year", "makers_count", "parts_count")),
        Column("amount", NUMBER, "how much that source says", "60000000", required=True, low=0),
        Column("currency", CURRENCY, "the currency, for money", "USD"),
        Column("verdict", CHOICE, "what is held of it: `open` makes a range with the row's own figure, `wrong` is kept for the record alone; `open` when empty", "open", choices=("open", "wrong")),
        Column("published", DATE, "when it was printed", "2019-07-20"),
    ),
)

CONTRACT_LINES = Table(
    "contract_lines",
    "who makes what under a contract; a line of a signed contract is a commitment of the plan",
    ("contract", "maker", "part"),
    (
        Column("contract", KEY, "the contract", "C20", required=True, refers="contracts.contract"),
        Column("maker", KEY, "the maker", "parsian", required=True, refers="makers.maker"),
        Column("part", KEY, "the part", "car-lamp", required=True, refers="parts.part"),
        Column("offer", KEY, "the offer that was signed, where there is more than one", "parsian-lamp", refers="offers.offer"),
        Column("value", MONEY_, "the line's value", "180000000000", low=0),
        Column("currency", CURRENCY, "the currency of `value`", "IRR"),
        Column("share", SHARE, "share of the part's need that was signed", "0.6"),
    ),
)

OBSERVATIONS = Table(
    "observations",
    "what was seen of a contract on a date",
    ("contract", "as_of", "stage", "part"),
    (
        Column("contract", KEY, "the contract", "C01", required=True, refers="contracts.contract"),
        Column("as_of", DATE, "the day it was seen", "2021-10-20", required=True),
        Column("stage", CHOICE, "what was seen", "saving realised", required=True, choices=("physical progress", "parts in production", "saving realised", "delivered", "stopped")),
        Column("part", KEY, "the part it was seen of; the whole contract when empty", "car-lamp", refers="parts.part"),
        Column("share", SHARE, "how far, as a share of the whole", "0.60"),
        Column("count", INTEGER, "how many, where a count was printed", "24", low=0),
    ),
)

DELIVERIES = Table(
    "deliveries",
    "units of a part that were delivered under a contract",
    ("contract", "part", "maker", "delivered"),
    (
        Column("contract", KEY, "the contract", "C20", required=True, refers="contracts.contract"),
        Column("part", KEY, "the part", "car-lamp", required=True, refers="parts.part"),
        Column("maker", KEY, "the maker", "parsian", required=True, refers="makers.maker"),
        Column("delivered", DATE, "the day of delivery", "2020-11-02", required=True),
        Column("accepted", NUMBER, "units accepted", "1200", required=True, unit="units", low=0),
        Column("rejected", NUMBER, "units sent back", "3", unit="units", low=0),
    ),
)

PAYMENTS = Table(
    "payments",
    "money due, and paid, on a contract",
    ("contract", "due", "payee"),
    (
        Column("contract", KEY, "the contract", "C01", required=True, refers="contracts.contract"),
        Column("due", DATE, "when it is due", "2020-01-20", required=True),
        Column("paid", DATE, "when it was paid; empty while it is owed", "2020-06-02"),
        Column("amount", MONEY_, "how much", "250000000000", required=True, low=0),
        Column("currency", CURRENCY, "the currency", "IRR", required=True),
        Column("payer", TEXT, "who owes", "SAPCO"),
        Column("payee", TEXT, "who is owed", "crouse", required=True),
    ),
)

RATES = Table(
    "rates",
    "an exchange rate of a day in a market",
    ("date", "base", "quote", "market"),
    (
        Column("date", DATE, "the day from which it holds, until the next row of its pair and market", "2019-07-20", required=True),
        Column("base", CURRENCY, "one unit of this", "EUR", required=True),
        Column("quote", CURRENCY, "costs this many of that", "IRR", required=True),
        Column("market", KEY, "the market: official, NIMA, free ...", "free", required=True),
        Column("quote_per_base", NUMBER, "units of `quote` for one of `base`", "131500", required=True, above=0),
    ),
)

PRICES = Table(
    "prices",
    "an observed price or index",
    ("item", "level", "date", "kind"),
    (
        Column("item", KEY, "a part, a product, or any item by name", "SAIPA Pride", required=True),
        Column("level", CHOICE, "where in the trade", "retail", choices=("contract", "producer", "wholesale", "retail", "index")),
        Column("regime", CHOICE, "how it is set", "free", choices=("free", "negotiated", "administered")),
        Column("date", DATE, "when it was seen", "2019-05-02", required=True),
        Column("value", NUMBER, "the price, index or change", "450000000", required=True),
        Column("kind", CHOICE, "what the value is", "price", required=True, choices=("price", "index", "change")),
        Column("currency", CURRENCY, "the currency of a price", "IRR"),
    ),
)

MARKETS = Table(
    "markets",
    "a market abroad for a part or a customs code",
    ("market", "part", "hs_code"),
    (
        Column("market", KEY, "the country", "Iraq", required=True),
        Column("part", KEY, "the part, or", "turbocharger", refers="parts.part"),
        Column("hs_code", KEY, "the customs code", "841480"),
        Column("demand", NUMBER, "units a year", "30000", unit="units a year", low=0),
        Column("price", MONEY_, "price paid there", "170", unit="currency per unit", low=0),
        Column("currency", CURRENCY, "the currency of the row's money", "EUR"),
        Column("duty_share", SHARE, "duty on entry", "0.1", high=10),
        Column("freight", MONEY_, "freight to it", "4", unit="currency per unit", low=0),
    ),
)

TABLES = (CONTRACTS, CLAIMS, CONTRACT_LINES, OBSERVATIONS, DELIVERIES, PAYMENTS, RATES, PRICES, MARKETS)
