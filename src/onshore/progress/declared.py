"""Declared result tables of the record: what a run may hold beside its plan, and what a progress folder holds."""

from onshore.tables.declare import CURRENCY, DATE, FLAG, INTEGER, KEY, NUMBER, SHARE, TEXT, Column, Table

__all__ = [
    "AMOUNTS", "CHANGES", "CURVE", "ECONOMICS", "FINDINGS", "LEDGER", "ODDS_TABLES", "OVERDUE", "PAYABLES", "PROMISES", "TABLES", "TRACK_TABLES",
]  # fmt: skip

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
        Column(
            "inputs_per_year",
            NUMBER,
            "imported inputs of what its lines make, where every line's offer says",
            unit="saving_currency a year",
        ),
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
            "spent_per_saved_net",
            NUMBER,
            "the same with imported inputs taken off the saving, where they are known and not off already",
            unit="currency for one of saving_currency saved a year",
        ),
        Column(
            "payback_years", NUMBER, "years in which the saving, at that rate, has paid the value back", unit="years"
        ),
    ),
)

AMOUNTS = Table(
    "amounts",
    "one of the four amounts of a measure, in a scope and a currency; no row is ever added to another",
    ("scope", "key", "measure", "stage", "currency", "market"),
    (
        Column("scope", TEXT, "programme, sector, subproject, round (left out where more than 20,000 rows are added up), maker or partner", required=True),
        Column("key", KEY, "which one; `not itemised` is what no line gives to a maker", required=True),
        Column("measure", KEY, "`contract_value`, a stock, or `imports_displaced`, so much a year", required=True),
        Column("stage", KEY, "planned, contracted, in_production or realised", required=True),
        Column("currency", CURRENCY, "the currency", required=True),
        Column("market", KEY, "the market whose rates of each contract's day were used; empty for what is told in that currency itself"),
        Column("low", NUMBER, "the least; empty where a rate is missing", unit="currency"),
        Column("high", NUMBER, "the most: sources that disagree, a currency in dispute, a contract that may be told twice", unit="currency"),
        Column("basis", TEXT, "kinds of value, or whether imported inputs are off the savings, of the contracts behind it"),
        Column("contracts", INTEGER, "contracts behind it"),
        Column("without_figure", INTEGER, "contracts for which no figure is told; they are not in it"),
        Column("unseen", INTEGER, "signed contracts that nobody has seen at this stage; they are not in it"),
    ),
)  # fmt: skip

LEDGER = Table(
    "ledger",
    "a row of `contracts`: what part it plays, and how far it has come",
    ("contract",),
    (
        Column("contract", KEY, "the contract", required=True),
        Column("name", TEXT, "what people call it"),
        Column("kind", TEXT, "what kind of row it is", required=True),
        Column("role", TEXT, "`counted`: a topmost row, which is added up; `piece` of one; `sum` of other rows; `apart`", required=True),
        Column("top", KEY, "the topmost row that it belongs to", required=True),
        Column("doubtful", FLAG, "whether it may be another contract told twice; it is then in the higher total alone", required=True),
        Column("derived", FLAG, "whether a figure of it is only the rest of a sum", required=True),
        Column("sector", KEY, "its sector"),
        Column("subproject", KEY, "its subproject"),
        Column("buyer", TEXT, "who buys"),
        Column("signed", DATE, "when it was signed"),
        Column("due", DATE, "when all of it should be in series production"),
        Column("value", NUMBER, "its own figure as published", unit="currency"),
        Column("value_kind", TEXT, "what that value is"),
        Column("currency", CURRENCY, "the currency of `value`"),
        Column("saving_per_year", NUMBER, "its own figure as published", unit="saving_currency a year"),
        Column("saving_currency", CURRENCY, "the currency of `saving_per_year`"),
        Column("saving_basis", TEXT, "whether imported inputs are taken off"),
        Column("in_production_share", SHARE, "share in series production"),
        Column("in_production_day", DATE, "when that was seen"),
        Column("in_production_how", TEXT, "from what"),
        Column("realised_share", SHARE, "share of the saving realised"),
        Column("realised_day", DATE, "when that was seen"),
        Column("physical_share", SHARE, "physical progress as published; it is not production, and forces nothing"),
        Column("source", TEXT, "where it comes from"),
    ),
)  # fmt: skip

CURVE = Table(
    "curve",
    "an amount of the whole programme at the end of a month, in the summary's currency",
    ("measure", "stage", "currency", "market", "day"),
    (
        Column("day", DATE, "the last day of the month, or the day of the report", required=True),
        Column("measure", KEY, "the measure", required=True),
        Column("stage", KEY, "planned, contracted, in_production or realised", required=True),
        Column("currency", CURRENCY, "the currency", required=True),
        Column("market", KEY, "whose rates", required=True),
        Column("low", NUMBER, "the least", unit="currency"),
        Column("high", NUMBER, "the most", unit="currency"),
    ),
)

PROMISES = Table(
    "promises",
    "a target beside one amount, on its due day or the day of the report, whichever is first",
    ("target", "measure", "stage", "market"),
    (
        Column("target", KEY, "the target", required=True),
        Column("promised", TEXT, "in its own words", required=True),
        Column("scope", KEY, "for what", required=True),
        Column("due", DATE, "by when"),
        Column("value", NUMBER, "how much", required=True, unit="currency"),
        Column("currency", CURRENCY, "the currency", required=True),
        Column("basis", TEXT, "how it is counted, as far as that is said"),
        Column("measure", KEY, "the measure it is held against", required=True),
        Column("stage", KEY, "the amount it is held against", required=True),
        Column("market", KEY, "whose rates", required=True),
        Column("day", DATE, "the day of the amount", required=True),
        Column("low", NUMBER, "the least", unit="currency"),
        Column("high", NUMBER, "the most", unit="currency"),
        Column("share_low", NUMBER, "the least over the target"),
        Column("share_high", NUMBER, "the most over the target"),
        Column("months_left", NUMBER, "until it is due; 0 when that day has passed", unit="months"),
        Column("a_month_so_far", NUMBER, "the middle of the amount over the months since the first signing", unit="currency"),
        Column("a_month_needed", NUMBER, "what is lacking over the months left; empty when none is left", unit="currency"),
    ),
)  # fmt: skip

OVERDUE = Table(
    "overdue",
    "a contract past its due day that is not all in production, and what that keeps from the programme",
    ("contract", "measure", "currency", "market"),
    (
        Column("contract", KEY, "the contract", required=True),
        Column("due", DATE, "when it was due", required=True),
        Column("months_late", NUMBER, "since then", required=True, unit="months"),
        Column(
            "share", SHARE, "share in production; empty when nobody has seen it, and then nothing is counted as there"
        ),
        Column("measure", KEY, "the measure", required=True),
        Column("currency", CURRENCY, "the currency", required=True),
        Column("market", KEY, "whose rates", required=True),
        Column("low", NUMBER, "the least that is lacking", unit="currency"),
        Column("high", NUMBER, "the most that is lacking", unit="currency"),
    ),
)

PAYABLES = Table(
    "payables",
    "what a payer owes a payee and has not paid in time",
    ("payer", "payee", "currency"),
    (
        Column("payer", TEXT, "who owes; empty where the record does not say"),
        Column("payee", TEXT, "who is owed", required=True),
        Column("currency", CURRENCY, "the currency", required=True),
        Column("payments", INTEGER, "payments fallen due", required=True),
        Column("due", NUMBER, "their sum", required=True, unit="currency"),
        Column("overdue", NUMBER, "of it unpaid on the day", required=True, unit="currency"),
        Column("overdue_payments", INTEGER, "how many", required=True),
        Column("oldest_due", DATE, "the oldest unpaid one"),
        Column("days_overdue", NUMBER, "how long, on average weighted by amount", unit="days"),
        Column("days_late_when_paid", NUMBER, "how late the paid ones came, on average weighted by amount; before its day counts below 0", unit="days"),
    ),
)  # fmt: skip

FINDINGS = Table(
    "findings",
    "something about the record that a reader should know",
    ("kind", "place", "cause"),
    (
        Column("kind", KEY, "its name in the catalogue of findings", required=True),
        Column("place", TEXT, "table, row and column", required=True),
        Column("cause", TEXT, "what it is", required=True),
        Column("remedy", TEXT, "what to do"),
    ),
)

CHANGES = Table(
    "changes",
    "something that is otherwise than in an earlier report",
    ("what", "key"),
    (
        Column("what", TEXT, "amount, contract, a share, or finding", required=True),
        Column("key", TEXT, "which", required=True),
        Column("before", TEXT, "what stood there"),
        Column("after", TEXT, "what stands there now"),
    ),
)

_OF = (
    Column("measure", KEY, "the measure that is forecast", required=True),
    Column("currency", CURRENCY, "its currency", required=True),
    Column("scope", KEY, "whose contracts: `programme`, or a sector with contracts of its own", required=True),
)
_BAND = tuple(
    Column(f"q{q:02}", NUMBER, f"{q} in 100 draws are below it", required=True, unit="currency")
    for q in (5, 10, 25, 50, 75, 90, 95)
)

FAN = Table(
    "fan",
    "how an amount may go on, on a day to come",
    ("measure", "currency", "scope", "amount", "date"),
    (*_OF, Column("date", DATE, "the day", required=True), Column("amount", KEY, "contracted, realised, or cumulated: realised in sum since the first day", required=True), *_BAND),
)  # fmt: skip

CHANCES = Table(
    "chances",
    "a target still to come due, read in one way, and the odds that it is met",
    ("measure", "currency", "scope", "target", "reading"),
    (
        *_OF,
        Column("target", KEY, "the target", required=True),
        Column("basis", TEXT, "how it is counted, as far as that is said"),
        Column("reading", KEY, "the amount that it is taken to count", required=True),
        Column("due", DATE, "by when", required=True),
        Column("value", NUMBER, "how much", required=True, unit="currency"),
        Column("probability", NUMBER, "share of draws in which it is met by its day", required=True),
        Column("low", NUMBER, "what drawing more would find at least, in 95 of 100 cases", required=True),
        Column("high", NUMBER, "and at most", required=True),
        Column("expected_shortfall", NUMBER, "what is lacking on its day, on average; nothing where it is met", required=True, unit="currency"),
        Column("q05", NUMBER, "5 in 100 draws are below it, on that day", required=True, unit="currency"),
        Column("median", NUMBER, "half of them are", required=True, unit="currency"),
        Column("q95", NUMBER, "95 in 100 are", required=True, unit="currency"),
        Column("now", NUMBER, "the amount today", required=True, unit="currency"),
        Column("run_rate_needed", NUMBER, "what is lacking over the years left", unit="currency a year"),
        Column("run_rate_so_far", NUMBER, "the amount today over the years since the first day", required=True, unit="currency a year"),
    ),
)  # fmt: skip

BELIEFS = Table(
    "beliefs",
    "a parameter of the forecast: what was assumed, and what the record made of it",
    ("measure", "currency", "scope", "parameter"),
    (
        *_OF,
        Column("parameter", KEY, "its name in docs/explanation/odds.md", required=True),
        Column("words", TEXT, "what it is", required=True),
        Column("unit", TEXT, "its unit"),
        Column("prior_low", NUMBER, "5 in 100 of the prior are below it", required=True),
        Column("prior_median", NUMBER, "half of it is", required=True),
        Column("prior_high", NUMBER, "95 in 100 are", required=True),
        Column("low", NUMBER, "5 in 100 of the posterior are below it", required=True),
        Column("median", NUMBER, "half of it is", required=True),
        Column("high", NUMBER, "95 in 100 are", required=True),
        Column("width_kept", NUMBER, "the posterior's width over the prior's", required=True),
        Column("said", TEXT, "whether the record said anything", required=True),
    ),
)

PULLS = Table(
    "pulls",
    "a contract that is overdue, or behind the middling curve of its age, and what that costs a target",
    ("measure", "currency", "scope", "contract", "target", "reading"),
    (
        *_OF,
        Column("contract", KEY, "the contract", required=True),
        Column("why", TEXT, "why it is named", required=True),
        Column("share", NUMBER, "share of it that is realised"),
        Column("middling", NUMBER, "share that a middling contract of its age has"),
        Column("target", KEY, "the target", required=True),
        Column("reading", KEY, "the amount that the target is taken to count", required=True),
        Column("amount", NUMBER, "what it would add on the target's day were it on time", required=True, unit="currency"),
        Column("probability", NUMBER, "what that would add to the odds", required=True),
    ),
)  # fmt: skip

REFERENCE = Table(
    "reference",
    "what became of other countries' projects; it stands beside the forecast and moves nothing in it",
    ("measure", "currency", "scope", "country", "what"),
    (
        *_OF,
        Column("country", TEXT, "where", required=True),
        Column("programme", TEXT, "which programme", required=True),
        Column("months", NUMBER, "after how long", required=True, unit="months"),
        Column("what", TEXT, "what was counted", required=True),
        Column("count", INTEGER, "how many", required=True),
        Column("of", INTEGER, "of how many", required=True),
        Column("share", NUMBER, "the share", required=True),
        Column("low", NUMBER, "its 95 % interval, lower end", required=True),
        Column("high", NUMBER, "upper end", required=True),
        Column("ours_what", TEXT, "the figure of this forecast that is nearest to it"),
        Column("ours", NUMBER, "that figure"),
        Column("source", TEXT, "who says so", required=True),
    ),
)

ODDS_TABLES: dict[str, Table] = {t.name: t for t in (FAN, CHANCES, BELIEFS, PULLS, REFERENCE)}
"""Tables of a progress folder where a target is still to come due."""

TRACK_TABLES: dict[str, Table] = {
    t.name: t for t in (LEDGER, AMOUNTS, CURVE, PROMISES, OVERDUE, PAYABLES, ECONOMICS, FINDINGS)
}
"""Tables of a progress folder."""

TABLES: dict[str, Table] = {t.name: t for t in (ECONOMICS,)}
