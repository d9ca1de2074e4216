"""`on.track`: where a programme stands on a day, from what its record said by then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from onshore.blueprint.money import ECB, Rates
from onshore.blueprint.programme import Programme
from onshore.errors import Finding, WrongUse
from onshore.progress.amounts import amounts
from onshore.progress.curve import curve
from onshore.progress.declared import FINDINGS, LEDGER, TRACK_TABLES
from onshore.progress.economics import contract_economics
from onshore.progress.faults import faults, short
from onshore.progress.ledger import Ledger, ledger_of
from onshore.progress.payables import payables
from onshore.progress.promises import compared, overdue, promises
from onshore.progress.seen import shares_of, shares_on
from onshore.progress.worth import views_of
from onshore.tables.currencies import CURRENCIES
from onshore.tables.words import nearest

__all__ = ["Track", "known_on", "last_day", "markets_of", "track", "with_codes"]

Row = dict[str, Any]
STAGES = ("planned", "contracted", "in_production", "realised")


@dataclass(frozen=True)
class Track:
    """Where a programme stands on `as_of`. Amounts of different stages or measures are never added.

    `market` and `currency` are those of the summary; the tables have every market and currency. `programme` is what was
    known by the day.
    """

    programme: Programme
    as_of: date
    currency: str
    market: str
    findings: tuple[Finding, ...]
    tables: dict[str, pl.DataFrame]

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    def amount(
        self, measure: str, stage: str, scope: str = "programme", key: str = "programme", currency: str | None = None,
        market: str | None = None,
    ) -> Row | None:  # fmt: skip
        """One row of `amounts`, in the summary's currency and market unless others are named; None where there is none."""
        found = self["amounts"].filter(
            (pl.col("measure") == measure) & (pl.col("stage") == stage) & (pl.col("scope") == scope) & (pl.col("key") == key)
            & (pl.col("currency") == (currency or self.currency)) & (pl.col("market") == (market or self.market))
        )  # fmt: skip
        return found.row(0, named=True) if found.height else None

    def as_dict(self) -> dict[str, object]:
        """For ``--json``, under the names of docs/reference/commands.md."""
        rows = self["amounts"].filter(pl.col("scope") == "programme").drop("scope", "key")
        return {
            "programme": self.programme.settings.name,
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            "market": self.market,
            "amounts": rows.to_dicts(),
            "promises": self["promises"].to_dicts(),
            "overdue": self["overdue"].to_dicts(),
            "payables": self["payables"].to_dicts(),
            "findings": [f.as_dict() for f in self.findings],
        }

    def summary(self) -> str:
        """The four amounts of each measure, the targets, and how many findings there are."""
        counted = self["ledger"].filter(pl.col("role") == "counted").height
        lines = [
            f"{self.programme.settings.name}, as of {self.as_of}: {counted} of {self['ledger'].height} rows are added up",
            f"In {self.currency} at the {self.market} rate of each contract's day; no amount is ever added to another.",
            f"  {'':<22}{'contract value':>36}{'imports displaced a year':>36}",
        ]
        for stage in STAGES:
            told = [self._told(self.amount(m, stage)) for m in ("contract_value", "imports_displaced")]
            lines.append(f"  {stage.replace('_', ' '):<22}{told[0]:>36}{told[1]:>36}")
        lines += [
            self._seen(stage) for stage in ("in_production", "realised") if self.amount("imports_displaced", stage)
        ]
        for row in self._headline_promises():
            lines.append(
                f"  target {row['target']}, {row['promised']} ({row['scope']}): {short(row['value'], row['currency'])} by {row['due']}; "
                f"{row['stage'].replace('_', ' ')} {self._told(row, row['currency'])}, {row['share_low']:.1%} to {row['share_high']:.1%}"
            )
        owed = (
            self["payables"].filter(pl.col("overdue") > 0).group_by("currency").agg(pl.sum("overdue")).sort("currency")
        )
        lines += [f"  overdue payments: {short(amount, currency)}" for currency, amount in owed.iter_rows()]
        late = self["overdue"]["contract"].n_unique()
        lines += [f"  contracts past their day: {late}"] if late else []
        return "\n".join([*lines, f"  findings about the record: {len(self.findings)}"])

    def _seen(self, stage: str) -> str:
        row = self.amount("imports_displaced", stage) or {}
        words = stage.replace("_", " ")
        return f"  {words}: seen of {row['contracts']} contracts; of {row['unseen']} more nobody has said"

    def _told(self, row: Row | None, currency: str | None = None) -> str:
        if row is None:
            return "not known"
        low, high = row["low"], row["high"]
        if low is None or high is None:
            return "a rate is missing"
        most = short(high, currency)
        return most if short(low, None) == short(high, None) else f"{short(low, currency)} to {short(high, None)}"

    def _headline_promises(self) -> list[Row]:
        """Each target that is due last, in the summary's market, beside what is contracted."""
        table = self["promises"].filter((pl.col("market") == self.market) & (pl.col("stage") == "contracted"))
        return table.sort("value", descending=True).head(4).to_dicts()


def track(
    programme: Programme, *, as_of: date | None = None, market: str | None = None, currency: str | None = None,
    planned: pl.DataFrame | None = None,
) -> Track:  # fmt: skip
    """Where a programme stands: the ledger, the four amounts, the S-curves, the targets, what is overdue and owed.

    Parameters
    ----------
    as_of
        The day. Only what was signed, printed and seen by then counts; the last day on which anything was observed when None.
    market, currency
        Of the summary: a market of `rates` (the programme's own when None), and a currency (that in which most savings are
        told when None). The tables have all of them.
    planned
        Awards of a plan: part, maker, partner, contract_value, imports_displaced (a year), currency, day (of signing).

    Raises
    ------
    WrongUse
        The programme has no contracts by that day, or there is no such market or currency.

    How rows are added up: docs/how-to/read-the-record.md. What is not known: docs/explanation/what-we-do-not-model.md.
    """
    if not isinstance(programme, Programme):
        raise WrongUse(f"track takes a programme, not {programme!r}. Read it first: on.track(on.read(...)).")
    if not programme.has("contracts"):
        raise WrongUse("The programme has no contracts, so there is nothing to track. Fill in `contracts`.")
    as_of = as_of or last_day(programme)
    known = with_codes(known_on(programme, as_of))
    markets = markets_of(programme)
    market = market or programme.settings.rate_market
    if market not in markets:
        raise WrongUse(
            f"`{market}` is not a market of `rates`.{nearest(market, markets)} There are: {', '.join(markets)}."
        )
    if known["contracts"].is_empty():
        raise WrongUse(
            f"Nothing was signed and printed by {as_of}. The last day on which anything was seen is {last_day(programme)}."
        )
    if currency is not None and currency not in CURRENCIES:
        raise WrongUse(f"`{currency}` is not a currency.{nearest(currency, CURRENCIES)}")
    ledger, rates = ledger_of(known), Rates(programme["rates"])
    shares = shares_of(known, ledger)
    currencies = _currencies(known, ledger)
    currency = currency or _main_currency(ledger, programme.settings.currency)
    if currency not in currencies:
        currencies = sorted({*currencies, currency})
    views = views_of(currencies, markets)
    found = faults(known, ledger, rates, markets)
    tables = {
        "ledger": _ledger_table(known, ledger, shares, as_of),
        "amounts": amounts(known, ledger, shares, rates, as_of=as_of, views=views, planned=planned),
        "curve": curve(known, ledger, shares, rates, as_of=as_of, views=views_of([currency], markets), planned=planned),
        "promises": promises(known, ledger, shares, rates, as_of=as_of, markets=markets),
        "overdue": overdue(known, ledger, shares, rates, as_of=as_of, currencies=currencies, markets=markets),
        "payables": payables(known, as_of=as_of),
        "economics": contract_economics(known),
        "findings": pl.DataFrame(
            [(f.kind, f.place, f.cause, f.remedy) for f in found],
            schema=FINDINGS.types, orient="row",
        ),
    }  # fmt: skip
    return Track(known, as_of, currency, market, found, {name: tables[name] for name in TRACK_TABLES})


def markets_of(programme: Programme) -> tuple[str, ...]:
    """The markets of `rates`, or the ECB alone where there is none."""
    return Rates(programme["rates"]).markets or (ECB,)


DATED = {
    "contracts": pl.coalesce("published", "signed"), "claims": pl.col("published"), "observations": pl.col("as_of"),
    "deliveries": pl.col("delivered"), "payments": pl.col("due"), "targets": pl.col("announced"),
}  # fmt: skip
"""By when a row of each table was known. One without a day was always known."""


def last_day(programme: Programme) -> date:
    """The last day on which somebody looked: of observations, deliveries and payments made; of signings where there is
    none."""
    looked = [programme["observations"]["as_of"], programme["deliveries"]["delivered"], programme["payments"]["paid"]]
    for days in (looked, [programme["contracts"]["signed"]]):
        found = [d for d in (column.max() for column in days) if isinstance(d, date)]
        if found:
            return max(found)
    raise WrongUse("The record has no day in it. Fill in contracts.signed, or name a day with --as-of.")


def known_on(programme: Programme, day: date) -> Programme:
    """The programme with what its record said by a day; what was signed later is not signed, what was paid later is owed."""
    tables = dict(programme.tables)
    for name, known in DATED.items():
        tables[name] = tables[name].filter((known <= day).fill_null(value=True))
    contracts = tables["contracts"]
    tables["contracts"] = contracts.filter((pl.col("signed") <= day).fill_null(value=True))
    paid = pl.when(pl.col("paid") <= day).then("paid").otherwise(None)
    tables["payments"] = tables["payments"].with_columns(paid=paid)
    return replace(programme, tables=tables)


RECORD = ("contracts", "claims", "contract_lines", "observations", "deliveries", "payments")


def with_codes(programme: Programme) -> Programme:
    """Keys of contracts as codes: tables of millions of rows are then joined and grouped in a fraction of the time. What is
    told of a contract that was not known by the day has no code, and goes."""
    key = pl.Enum(programme["contracts"]["contract"])
    coded = pl.col("contract").cast(key, strict=False)
    tables = {name: programme[name].with_columns(coded).drop_nulls("contract") for name in RECORD}
    return replace(programme, tables={**programme.tables, **tables})


def _currencies(programme: Programme, ledger: Ledger) -> list[str]:
    """Those in which contracts and comparable targets are told, and the programme's own."""
    told = {*ledger.told["currency"].drop_nulls(), *compared(programme["targets"])["currency"]}
    return sorted(told | {programme.settings.currency})


def _main_currency(ledger: Ledger, own: str) -> str:
    """The one in which most savings are told; the programme's own where none is."""
    savings = ledger.told.filter(pl.col("measure") == "imports_displaced")["currency"].value_counts()
    found = savings.sort("count", "currency", descending=[True, False])["currency"]
    return str(found[0]) if len(found) else own


def _ledger_table(programme: Programme, ledger: Ledger, shares: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The declared table `ledger`, in the order of `contracts`."""
    now = shares_on(shares, as_of).filter(pl.col("measure") == "imports_displaced")
    seen = {
        stage: now.filter(pl.col("stage") == stage).select(
            "contract", pl.col("share").alias(f"{stage}_share"), pl.col("day").alias(f"{stage}_day"), pl.col("how").alias(f"{stage}_how")
        )
        for stage in ("in_production", "realised")
    }  # fmt: skip
    physical = (
        programme["observations"]
        .filter((pl.col("stage") == "physical progress") & pl.col("part").is_null())
        .group_by("contract")
        .agg(physical_share=pl.col("share").sort_by("as_of").last())
    )
    table = ledger.contracts
    for frame in (*seen.values(), physical):
        table = table.join(frame, on="contract", how="left", maintain_order="left")
    if "source" not in table.columns:
        table = table.with_columns(source=pl.lit(None, pl.String))
    schema = LEDGER.types
    derived = pl.col("contract").is_in(ledger.forms["contract"].implode())
    return table.with_columns(derived=derived).select(list(schema)).cast(schema)  # type: ignore[arg-type]
