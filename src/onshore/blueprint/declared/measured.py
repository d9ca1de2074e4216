"""Declared tables that stand alone, each a file of its own: what was observed, and what had been predicted."""

from onshore.tables.declare import DATE, INTEGER, KEY, NUMBER, Column, Table  # fmt: skip

PANEL = Table(
    "panel",
    "a part in a month: the price, or the imports, that was observed",
    ("part", "month"),
    (
        Column("part", KEY, "the part", "car-lamp", required=True),
        Column("month", DATE, "any day of the month", "2019-07-01", required=True),
        Column("value", NUMBER, "what was observed: a price, or imports of the month", "12.5", required=True),
        Column("unit", KEY, "what `value` is in, the same in every row: a currency, units, an index", "EUR", required=True),
        Column("started", DATE, "when the part's line at home started, the same in every row of the part; empty where none has", "2021-03-20"),
        Column("cluster", KEY, "what the part moves with (its maker, its family): errors are clustered by it; in every row or in none, then each part is its own", "lighting"),
    ),
)

PREDICTED = Table(
    "predicted",
    "what had been predicted for a number of months after the start of a line",
    ("months_since",),
    (
        Column("months_since", INTEGER, "months since the start", "12", required=True, low=0),
        Column("effect", NUMBER, "the effect predicted: a share of the price (-0.08 is 8 % lower), or the unit of `value` where it is measured in levels", "-0.08", required=True),
        Column("low", NUMBER, "the lower end of its band", "-0.12"),
        Column("high", NUMBER, "the upper end of its band", "-0.03"),
    ),
)

ALONE: dict[str, Table] = {t.name: t for t in (PANEL, PREDICTED)}
