"""Declared tables of what is wanted: limits, decisions, targets, scenarios, uncertainty."""

from onshore.tables.declare import (
    CHOICE, CURRENCY, DATE, KEY, NUMBER, TEXT, YEARS, Column, Table,
)  # fmt: skip

SCOPES = (
    "programme", "sector", "subproject", "part", "product", "family", "maker", "owner_group", "region",
    "venture", "partner",
)  # fmt: skip

LIMITS = Table(
    "limits",
    "a limit or target of the plan",
    ("limit",),
    (
        Column("limit", KEY, "its name, the same in the plan, the report and the command line", "tooling-1399", required=True),
        Column("measure", KEY, "what is measured: a measure of the reference page, or one of `uses`", "tooling", required=True),
        Column("scope", CHOICE, "what it is measured over; `programme` when empty", "maker", choices=SCOPES),
        Column("scope_key", KEY, "which one; `*` sets the same limit for each", "crouse"),
        Column("years", YEARS, "over which programme years; all of them when empty", "1399"),
        Column("per", CHOICE, "one bound for the sum of the years, or one for each year; `total` when empty", "total", choices=("total", "year")),
        Column("sense", CHOICE, "which side is bounded", "at_most", required=True, choices=("at_most", "at_least")),
        Column("value", NUMBER, "the bound; a fraction for shares", "2500000", required=True),
        Column("currency", CURRENCY, "the currency of `value`, for measures of money", "EUR"),
        Column("penalty", NUMBER, "what each unit by which it is missed adds to the objective; for a share, each unit of what it is a share of: local value, home purchases, defective units; hard when empty", "1.5", low=0),
    ),
)

DECISIONS = Table(
    "decisions",
    "a part, maker, venture or offer that is forced or forbidden",
    ("what", "key"),
    (
        Column("what", CHOICE, "what is decided on", "offer", required=True, choices=("part", "maker", "venture", "offer")),
        Column("key", KEY, "which one", "crouse-ecu-1", required=True),
        Column("verdict", CHOICE, "forced in or kept out", "forbid", required=True, choices=("force", "forbid")),
        Column("reason", TEXT, "why", "The line has no safety approval.", required=True),
        Column("by", TEXT, "who decided", "Programme board"),
        Column("date", DATE, "when", "2019-07-01"),
    ),
)

TARGETS = Table(
    "targets",
    "a promise to the public",
    ("target",),
    (
        Column("target", KEY, "its key", "t01", required=True),
        Column("measure", TEXT, "what is promised", "imports replaced", required=True),
        Column("counts", CHOICE, "which amount of the record it promises; what is left empty is printed and compared with nothing", "imports_displaced", choices=("contract_value", "imports_displaced")),
        Column("basis", CHOICE, "how it is counted", "annual rate", choices=("signed", "annual rate", "cumulative", "level")),
        Column("scope", KEY, "for what: a sector, or `programme`", "automotive", required=True),
        Column("due", DATE, "by when", "2022-03-20"),
        Column("value", NUMBER, "how much", "1400000000", required=True),
        Column("currency", CURRENCY, "the currency, for money", "USD"),
        Column("unit", TEXT, "the unit, for anything else", "parts"),
        Column("announced", DATE, "when it was announced", "2019-10-01"),
        Column("announced_by", TEXT, "who promised it", "minister"),
    ),
)

SCENARIOS = Table(
    "scenarios",
    "a named change of one cell",
    ("scenario", "table", "key", "column"),
    (
        Column("scenario", KEY, "its name", "weak-rial", required=True),
        Column("table", KEY, "the table that changes", "offers", required=True),
        Column("key", KEY, "the row's key; of a table with several key columns their values in order, joined by commas, `*` for any", "crouse-ecu-1", required=True),
        Column("column", KEY, "the column; that of a maker, offer, venture, partner or group of them for one that fails, which `key` then names", "unit_price", required=True),
        Column("value", TEXT, "the new value; `fails` for one that fails", "101.20", required=True),
    ),
)

UNCERTAINTY = Table(
    "uncertainty",
    "how a cell or a column is drawn",
    ("table", "key", "column"),
    (
        Column("table", KEY, "the table", "offers", required=True),
        Column("key", KEY, "the row's key, as in `scenarios`; `*` for every row, each drawn for itself", "*", required=True),
        Column("column", KEY, "the column, of numbers; or one whose values may fail, as in `scenarios`", "lead_time_months", required=True),
        Column("distribution", CHOICE, "how it is drawn: as a multiple of the value in the table, by bernoulli whether another takes its place", "lognormal", required=True, choices=("normal", "lognormal", "uniform", "triangular", "bernoulli")),
        Column("parameters", TEXT, "its parameters, `name=value` joined by semicolons: sigma (mean); low, high (mode); p and value", "sigma=0.3", required=True),
        Column("group", KEY, "cells of a group are drawn together, from one number", "delays"),
    ),
)

TABLES = (LIMITS, DECISIONS, TARGETS, SCENARIOS, UNCERTAINTY)
