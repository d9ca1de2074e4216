"""Declared result tables of the record: what a run may hold beside its plan."""

from onshore.tables.declare import CURRENCY, DATE, FLAG, KEY, NUMBER, TEXT, Column, Table

__all__ = ["ECONOMICS", "TABLES"]

ECONOMICS = Table(
    "economics",
    "what a signed contract pays for each unit of foreign currency saved a year, beside a market's rate of its day",
    ("contract", "market"),
    (
        Column("contract", KEY, "the contract", required=True),
        Column("name", TEXT, "what people call it"),
        Column(
            "compared", FLAG, "whether it stands in the comparison; rows that do not are shown apart", required=True
        ),
        Column("why_not", TEXT, "why it is not compared, or why a figure is missing"),
        Column("signed", DATE, "when it was signed"),
        Column("value", NUMBER, "its value as published", unit="currency"),
        Column("currency", CURRENCY, "the currency of `value` and `spent_per_saved`"),
        Column("saving_per_year", NUMBER, "imports that it is said to displace a year", unit="saving_currency a year"),
        Column("saving_currency", CURRENCY, "the currency of `saving_per_year`"),
        Column("market", KEY, "the market of the rate; empty where no rate is asked for"),
        Column(
            "rate",
            NUMBER,
            "`currency` for one of `saving_currency` on the day of signing; empty when the market has none",
        ),
        Column("rate_date", DATE, "the day of that rate, on or before the signing"),
        Column("rate_path", TEXT, "where it comes from"),
        Column(
            "spent_per_saved",
            NUMBER,
            "value over saving a year",
            unit="currency for one of saving_currency saved a year",
        ),
        Column(
            "payback_years", NUMBER, "years in which the saving, at that rate, has paid the value back", unit="years"
        ),
    ),
)

TABLES: dict[str, Table] = {t.name: t for t in (ECONOMICS,)}
