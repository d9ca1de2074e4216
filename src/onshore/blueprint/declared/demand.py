"""Declared tables of what is needed: sectors, parts, products, bills of materials, volumes, needs, imports."""

from onshore.tables.declare import (
    CHOICE, CURRENCY, DATE, FLAG, INTEGER, KEY, MONEY_, NUMBER, SHARE, TEXT, YEAR, Column, Table,
)  # fmt: skip

SECTORS = Table(
    "sectors",
    "an industrial sector of the programme",
    ("sector",),
    (
        Column("sector", KEY, "its key", "automotive", required=True),
        Column("name", TEXT, "what people call it", "Car production"),
        Column("owner", TEXT, "who answers for it", "Ministry of Industry"),
    ),
)

SUBPROJECTS = Table(
    "subprojects",
    "a piece of the blueprint in a sector",
    ("subproject",),
    (
        Column("subproject", KEY, "its key", "engine-electronics", required=True),
        Column("sector", KEY, "the sector it belongs to", "automotive", required=True, refers="sectors.sector"),
        Column("name", TEXT, "what people call it", "Engine electronics"),
        Column("parent", KEY, "the larger subproject it is a piece of", "electronics", refers="subprojects.subproject"),
        Column("owner", TEXT, "who answers for it", "Sourcing company"),
        Column("start", DATE, "when work on it begins", "2019-07-20"),
        Column("due", DATE, "when it should be done", "2021-03-20"),
        Column("budget", MONEY_, "money set aside for it", "5000000", low=0),
        Column("currency", CURRENCY, "the currency of `budget`", "EUR"),
        Column("target", TEXT, "what it promises, in words", "35 parts in mass production"),
    ),
)

PARTS = Table(
    "parts",
    "an item that is imported today",
    ("part",),
    (
        Column("part", KEY, "its key", "turbocharger", required=True),
        Column("name", TEXT, "what people call it", "Turbocharger of the 1.7 litre engine"),
        Column("subproject", KEY, "the subproject it belongs to", "engine", refers="subprojects.subproject"),
        Column("hs_code", KEY, "its customs code (Harmonised System)", "841480"),
        Column("family", KEY, "the process family whose machine-hours it takes", "casting"),
        Column("import_price", MONEY_, "what one imported unit costs abroad", "182.50", required=True, unit="currency per unit", low=0),
        Column("currency", CURRENCY, "the currency of `import_price` and `freight`", "EUR", required=True),
        Column("price_date", DATE, "the day of that price", "2019-06-30"),
        Column("incoterm", CHOICE, "what `import_price` includes: CIF and DDP hold freight, EXW and FOB do not", "CIF", choices=("EXW", "FOB", "CIF", "DDP")),
        Column("freight", MONEY_, "freight and insurance of one unit; added when the incoterm is EXW or FOB", "3.20", unit="currency per unit", low=0),
        Column("duty_share", SHARE, "customs duty as a fraction of the landed price; none when empty", "0.05", high=10),
        Column("defects_ppm", NUMBER, "defective units in a million of the imported part", "120", unit="parts per million", low=0, high=1_000_000),
        Column("origin", TEXT, "the country it comes from", "China"),
        Column("importable", FLAG, "whether it can be imported at all; yes when empty", "yes"),
        Column("divisible", FLAG, "whether its need may be mixed over several options in any proportion; no when empty", "no"),
        Column("criticality", CHOICE, "how bad its absence is", "high", choices=("low", "medium", "high")),
        Column("design_rights", TEXT, "who holds the design", "licensed"),
    ),
)

PRODUCTS = Table(
    "products",
    "what the parts go into; a vehicle is one",
    ("product",),
    (
        Column("product", KEY, "its key", "dena-plus", required=True),
        Column("name", TEXT, "what people call it", "Dena+"),
        Column("maker", TEXT, "who builds it", "IKCO"),
        Column("price", MONEY_, "its price to a buyer", "9000", unit="currency per unit", low=0),
        Column("other_value", MONEY_, "value in one unit that is not in its modelled parts, for local content", "4000", unit="currency per unit", low=0),
        Column("other_local_value", MONEY_, "the part of `other_value` that is already local", "3500", unit="currency per unit", low=0),
        Column("currency", CURRENCY, "the currency of the row's money", "EUR"),
    ),
)

BOM = Table(
    "bom",
    "a line of a bill of materials: how many of an item go into one of the item above it",
    ("product", "part"),
    (
        Column("product", KEY, "the product, or the assembly, that is built", "dena-plus", required=True),
        Column("part", KEY, "the part, or the assembly, that goes into it", "turbocharger", required=True),
        Column("quantity", NUMBER, "how many go into one", "1", required=True, unit="units per unit", above=0),
    ),
)

VOLUMES = Table(
    "volumes",
    "how many of a product are built in a year",
    ("product", "year"),
    (
        Column("product", KEY, "the product", "dena-plus", required=True, refers="products.product"),
        Column("year", YEAR, "the programme year; earlier ones are history", "1399", required=True),
        Column("units", NUMBER, "how many are built", "60000", required=True, unit="units a year", low=0),
        Column("kind", CHOICE, "seen or expected", "outlook", choices=("history", "outlook")),
    ),
)

PARC = Table(
    "parc",
    "how many of a product are on the road, by age",
    ("product", "year", "age"),
    (
        Column("product", KEY, "the product", "dena-plus", required=True, refers="products.product"),
        Column("year", INTEGER, "the year of the count, in the programme's calendar", "1398", required=True),
        Column("age", INTEGER, "age of the vehicles in years", "4", required=True, unit="years", low=0, high=100),
        Column("units", NUMBER, "how many there are", "41000", required=True, unit="units", low=0),
    ),
)

NEEDS = Table(
    "needs",
    "how many units of a part are needed in a year, where given outright",
    ("part", "year", "market"),
    (
        Column("part", KEY, "the part", "turbocharger", required=True, refers="parts.part"),
        Column("year", YEAR, "the programme year", "1399", required=True),
        Column("market", CHOICE, "the assembly line or the spare-parts trade; `oem` when empty", "aftermarket", choices=("oem", "aftermarket")),
        Column("units", NUMBER, "how many are needed", "12000", required=True, unit="units a year", low=0),
    ),
)

IMPORTS = Table(
    "imports",
    "a customs line: what was imported under a code from a partner in a year",
    ("code", "partner", "year"),
    (
        Column("code", KEY, "the customs code", "870899", required=True),
        Column("partner", TEXT, "the country it came from; `all` for the world", "China", required=True),
        Column("year", INTEGER, "the year, in the programme's calendar", "1396", required=True),
        Column("value", MONEY_, "the customs value", "2890000000", required=True, low=0),
        Column("currency", CURRENCY, "the currency of `value`", "USD", required=True),
        Column("quantity", NUMBER, "the quantity", "", low=0),
        Column("unit", TEXT, "the unit of `quantity`", "kg"),
    ),
)

TABLES = (SECTORS, SUBPROJECTS, PARTS, PRODUCTS, BOM, VOLUMES, PARC, NEEDS, IMPORTS)
