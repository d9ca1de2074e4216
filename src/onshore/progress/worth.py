"""What told figures are worth in other currencies: each at the rate of its own day, in each named market."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from onshore.blueprint.money import Rates
from onshore.progress.ledger import Ledger

__all__ = ["View", "Worth", "converted", "views_of", "worth_of"]

MEMBERS = ("counts", "disputed currency")
"""Standings of told figures that make a contract's range."""


@dataclass(frozen=True)
class View:
    """A currency in which amounts are shown, at one market's rates; without a market, only what is told in it."""

    currency: str
    market: str = ""

    @property
    def name(self) -> str:
        return f"{self.currency}|{self.market}"

    @property
    def sides(self) -> tuple[str, str]:
        """Its two columns."""
        return f"low|{self.name}", f"high|{self.name}"


class Worth(NamedTuple):
    """Ranges in every view, `low|view` and `high|view`.

    own
        A row a contract and measure that has a figure.
    rests
        A row a contract, measure and `term` of the sum whose rest it is: the term's share of it, with its sign.
    """

    own: pl.DataFrame
    rests: pl.DataFrame


def views_of(currencies: list[str], markets: tuple[str, ...]) -> tuple[View, ...]:
    """Every currency in every market, in their order."""
    return tuple(View(c, m) for c in currencies for m in markets)


def converted(frame: pl.DataFrame, amount: str, rates: Rates, views: tuple[View, ...]) -> pl.DataFrame:
    """The frame with a column `amount|view` for each view; null where the market has no rate of that day or before it.

    It needs the columns `currency` and `day`. A pair is looked up once for each day that occurs; a sum in its own
    currency is never touched, whatever the market. In a view without a market every other currency is null.
    """
    pairs = frame.select("currency", "day").drop_nulls("currency").unique().sort("currency", "day", nulls_last=True)
    table = pairs.with_columns(
        pl.Series(view.name, [_rate(rates, c, view, day) for c, day in pairs.iter_rows()], dtype=pl.Float64)
        for view in views
    )
    joined = frame.join(table, on=["currency", "day"], how="left", nulls_equal=True, maintain_order="left")
    return joined.select(frame.columns + [(pl.col(amount) * pl.col(v.name)).alias(f"{amount}|{v.name}") for v in views])


def _rate(rates: Rates, currency: str, view: View, day: object) -> float | None:
    if currency == view.currency:
        return 1.0
    if day is None or not view.market:
        return None
    found = rates.rate(currency, view.currency, day, view.market)  # type: ignore[arg-type]
    return None if found is None else found.value


def worth_of(ledger: Ledger, rates: Rates, views: tuple[View, ...]) -> Worth:
    """Every contract's range, and the terms of those that are known only as the rest of a sum."""
    return Worth(_own(ledger.told, rates, views), _rests(ledger, rates, views))


def _own(told: pl.DataFrame, rates: Rates, views: tuple[View, ...]) -> pl.DataFrame:
    """The least and the most that is told of each contract and measure.

    Sources that disagree, and a currency in dispute, make the range; a slip of ten and a claim held to be wrong do not. In
    a view without a market a dispute about the currency is not one about the amount: what the row tells stands there.
    """
    members = told.filter(pl.col("standing").is_in(MEMBERS))
    every = converted(members, "amount", rates, views)
    disputed = pl.col("standing") == "disputed currency"
    mine = [
        pl.col(f"amount|{v.name}") if v.market else pl.when(disputed).then(None).otherwise(f"amount|{v.name}")
        for v in views
    ]
    return every.group_by("contract", "measure").agg(
        *(m.min().alias(v.sides[0]) for m, v in zip(mine, views, strict=True)),
        *(m.max().alias(v.sides[1]) for m, v in zip(mine, views, strict=True)),
    )


def _rests(ledger: Ledger, rates: Rates, views: tuple[View, ...]) -> pl.DataFrame:
    """What is known only as the rest of a sum: contract, measure, term, and the term's share of it in every view.

    Terms meet in the currency of the sum, each at the rate of its own day; the difference is then worth what it is on the
    day on which the contract itself was signed.
    """
    columns = [side for v in views for side in v.sides]
    sums = ledger.told.filter((pl.col("said_by") == "row") & (pl.col("standing") == "counts"))
    met = (
        ledger.forms.join(
            ledger.forms.filter(pl.col("coefficient") > 0).select("contract", "measure", total="term"),
            on=["contract", "measure"],
        )
        .join(sums.select("measure", "currency", total="contract"), on=["total", "measure"])
        .join(ledger.contracts.select("contract", day="signed"), on="contract")
        .with_columns(one="coefficient")
    )
    if met.is_empty():
        empty = met.select("contract", "measure", "term")
        return empty.with_columns(pl.lit(None, pl.Float64).alias(c) for c in columns)
    told = ledger.told.join(met.select("measure", contract="term").unique(), on=["contract", "measure"])
    meeting = tuple(
        View(c, m) for c in sorted(met["currency"].unique()) for m in dict.fromkeys(v.market for v in views)
    )
    inside = _own(told, rates, meeting).rename({"contract": "term"})
    rows = converted(met, "one", rates, views).join(inside, on=["term", "measure"], how="left")
    chosen = [
        pl.coalesce(
            pl.when(pl.col("currency") == m.currency).then(pl.col(m.sides[i])) for m in meeting if m.market == v.market
        )
        * pl.col(f"one|{v.name}")
        for v in views
        for i in (0, 1)
    ]
    return rows.select("contract", "measure", "term", *(c.alias(name) for c, name in zip(chosen, columns, strict=True)))
