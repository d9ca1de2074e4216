"""Declared tables of who can make it: makers, capacity, partners, ventures, offers and what they use."""

from onshore.tables.declare import (
    CHOICE, CURRENCY, DATE, INTEGER, KEY, MONEY_, NUMBER, NUMBERS, SHARE, TEXT, YEAR, Column, Table,
)  # fmt: skip

MAKERS = Table(
    "makers",
    "a domestic maker",
    ("maker",),
    (
        Column("maker", KEY, "its key", "crouse", required=True),
        Column("name", TEXT, "what people call it", "Crouse"),
        Column("region", TEXT, "where it works", "Tehran"),
        Column("size", CHOICE, "its size", "large", choices=("micro", "small", "medium", "large")),
        Column("owner_group", TEXT, "the group that owns it; a cap on one owner counts all its makers", "Crouse"),
        Column("jobs", NUMBER, "people it employs today", "20000", unit="jobs", low=0),
    ),
)

CAPACITY = Table(
    "capacity",
    "a maker's machine-hours in a process family and year, and what one more module adds and costs",
    ("maker", "family", "year"),
    (
        Column("maker", KEY, "the maker", "crouse", required=True, refers="makers.maker"),
        Column("family", KEY, "the process family, as in `parts`", "electronics", required=True),
        Column("year", YEAR, "the programme year", "1399", required=True),
        Column("hours", NUMBER, "machine-hours free for the programme", "52000", required=True, unit="hours a year", low=0),
        Column("module_hours", NUMBER, "machine-hours that one module coming into service in this year adds, every year from then", "8000", unit="hours a year", low=0),
        Column("module_cost", MONEY_, "what that module costs", "900000", low=0),
        Column("currency", CURRENCY, "the currency of `module_cost`", "EUR"),
        Column("modules_max", INTEGER, "most modules that may be in service in this year; none when empty", "2", unit="modules", low=0, high=1_000_000),
        Column("module_lead_years", INTEGER, "whole years from ordering to service; 0 when empty", "1", unit="years", low=0, high=50),
    ),
)

PARTNERS = Table(
    "partners",
    "a foreign firm",
    ("partner",),
    (
        Column("partner", KEY, "its key", "faurecia", required=True),
        Column("name", TEXT, "what people call it", "Faurecia"),
        Column("country", TEXT, "where it is from", "France"),
        Column("partner_group", TEXT, "those who would leave together", "EU"),
    ),
)

VENTURES = Table(
    "ventures",
    "a deal offered between a maker and a partner",
    ("venture",),
    (
        Column("venture", KEY, "its key", "fcaes", required=True),
        Column("maker", KEY, "the domestic side", "maad", required=True, refers="makers.maker"),
        Column("partner", KEY, "the foreign side", "faurecia", required=True, refers="partners.partner"),
        Column("opens", DATE, "first day on which it can make parts; the programme's first day when empty", "2020-03-20"),
        Column("partner_share", SHARE, "the partner's share of the equity", "0.5"),
        Column("set_up_cost", MONEY_, "what opening it costs, once", "4000000", low=0),
        Column("currency", CURRENCY, "the currency of `set_up_cost`", "EUR"),
        Column("royalty_share", SHARE, "royalty as a fraction of the price of what it makes, paid abroad out of the price", "0.03"),
        Column("years", NUMBER, "how long the royalty runs from the opening; to the end when empty", "5", unit="years", above=0),
        Column("exit_group", TEXT, "ventures that would end together", "EU-sanctions"),
    ),
)

OFFERS = Table(
    "offers",
    "what a maker, alone or in a venture, offers for a part",
    ("offer",),
    (
        Column("offer", KEY, "its key", "crouse-ecu-1", required=True),
        Column("part", KEY, "the part", "ecu", required=True, refers="parts.part"),
        Column("maker", KEY, "the maker", "crouse", required=True, refers="makers.maker"),
        Column("venture", KEY, "the venture it is made in, if any", "", refers="ventures.venture"),
        Column("unit_price", MONEY_, "price asked at the factory gate, tooling excluded", "96.40", required=True, unit="currency per unit", low=0),
        Column("currency", CURRENCY, "the currency of all money in the row", "EUR", required=True),
        Column("price_indexation", NUMBER, "real yearly change of the price; -0.02 falls 2 % a year, none when empty", "-0.02", unit="share a year", above=-1, high=1),
        Column("annual_max", NUMBER, "most units a year at full rate", "40000", required=True, unit="units a year", low=0),
        Column("minimum_units", NUMBER, "fewest units a year, at full rate, that it is worth making", "5000", unit="units a year", low=0),
        Column("lead_time_months", NUMBER, "from signing to the first good unit", "14", required=True, unit="months", low=0, high=600),
        Column("ramp", NUMBERS, "share of the full rate in the first, second ... twelve months; the last one holds on; full at once when empty", "0.4; 0.75; 1"),
        Column("term_years", NUMBER, "how long the contract runs from the start; to the programme's end when empty", "5", unit="years", above=0, high=100),
        Column("progress_ratio", NUMBER, "price of a unit after each doubling of the cumulated units, as a share of it before; 1 when empty", "0.9", above=0.5, high=1),
        Column("experience_units", NUMBER, "units of the part it has made before; required where `progress_ratio` is below 1", "20000", unit="units", above=0),
        Column("tooling_cost", MONEY_, "moulds, dies and fixtures, once", "1200000", required=True, low=0),
        Column("tooling_paid_by", CHOICE, "who pays it; `buyer` when empty", "buyer", choices=("buyer", "maker", "public")),
        Column("tooling_imported_share", SHARE, "share of the tooling that is paid abroad; none when empty", "0.4"),
        Column("prepayment_share", SHARE, "share of the first year's value paid at signing", "0.25"),
        Column("payment_days", NUMBER, "days from delivery to payment", "90", unit="days", low=0, high=3650),
        Column("public_support", MONEY_, "grant that the state adds to the maker's investment, once", "100000", low=0),
        Column("guaranteed_units", NUMBER, "units a year that the buyer must take; the planned ones when empty", "20000", unit="units a year", low=0),
        Column("imported_input_share", SHARE, "share of the price that pays for imported inputs; none when empty", "0.35"),
        Column("hours_per_unit", NUMBER, "machine-hours of the part's family that one unit takes", "0.15", unit="hours per unit", low=0),
        Column("defects_ppm", NUMBER, "defective units in a million", "250", unit="parts per million", low=0, high=1_000_000),
        Column("valid_until", DATE, "last day on which it can be signed", "2020-12-31"),
    ),
)

USES = Table(
    "uses",
    "how much of one more measure (jobs, energy, land, any resource) an offer takes",
    ("offer", "measure", "year"),
    (
        Column("offer", KEY, "the offer", "crouse-ecu-1", required=True, refers="offers.offer"),
        Column("measure", KEY, "the measure, under a name that the programme chooses", "jobs", required=True),
        Column("year", YEAR, "the programme year in which it counts; the award's first year of production when empty", "1399"),
        Column("amount", NUMBER, "how much", "45", required=True, low=0),
        Column("unit", TEXT, "its unit", "jobs"),
        Column("per", CHOICE, "for the award as a whole, each unit made, or each year of production; `award` when empty", "award", choices=("award", "unit", "year")),
    ),
)

TABLES = (MAKERS, CAPACITY, PARTNERS, VENTURES, OFFERS, USES)
