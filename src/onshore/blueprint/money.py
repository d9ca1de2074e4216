"""Exchange rates: what a currency was worth on a day in a named market, and how we know.

A pair that `rates` lacks is taken, in this order, from its inverse, from the European Central Bank's reference
rates (through CurrencyConverter, which ships them), or across one or two other currencies by those same steps.
Rial and toman are different units, ten to one. The last rate published on or before the day is used, and its
own day is kept with it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from currency_converter import CurrencyConverter

__all__ = ["ECB", "Rate", "Rates"]

ECB = "ECB"
RIALS_PER_TOMAN = 10.0


@dataclass(frozen=True)
class Rate:
    """Units of `quote` for one of `base`. `on` is the oldest day among the rates used; `path` says which they were."""

    base: str
    quote: str
    value: float
    on: date
    market: str
    path: str


class Rates:
    """Rates of a programme. Looking one up never guesses: what cannot be reached is None."""

    def __init__(self, table: pl.DataFrame):
        self._series: dict[tuple[str, str, str], tuple[list[date], list[float]]] = {}
        for (base, quote, market), rows in table.sort("date").group_by(
            ["base", "quote", "market"], maintain_order=True
        ):
            self._series[str(base), str(quote), str(market)] = (
                rows["date"].to_list(),
                rows["quote_per_base"].to_list(),
            )
        self._found: dict[tuple[str, str, date, str], Rate | None] = {}

    @property
    def markets(self) -> tuple[str, ...]:
        """Markets named in the table, sorted; `ECB` is always there besides."""
        return tuple(sorted({market for _, _, market in self._series}))

    def rate(self, base: str, quote: str, on: date, market: str) -> Rate | None:
        """The rate of a day in a market, or None when no chain of at most three steps reaches it."""
        key = (base, quote, on, market)
        if key not in self._found:
            self._found[key] = self._search(*key)
        return self._found[key]

    def _search(self, base: str, quote: str, on: date, market: str) -> Rate | None:
        """Breadth first over currencies, so that the shortest chain wins; neighbours in alphabetical order."""
        chains = [Rate(base, base, 1.0, on, market, "same currency")]
        seen = {base}
        for _ in range(4):
            for chain in chains:
                if chain.quote == quote:
                    return chain
            longer = []
            for chain in chains:
                for step in self._steps(chain.quote, quote, on, market):
                    if step.quote not in seen:
                        seen.add(step.quote)
                        longer.append(_join(chain, step))
            chains = longer
        return None

    def _steps(self, base: str, wanted: str, on: date, market: str) -> list[Rate]:
        """Every single step away from `base` on that day, the wanted currency first."""
        steps = []
        for a, b, m in sorted(self._series):
            if m == market and base in (a, b):
                at = self._last(a, b, m, on)
                if at is not None:
                    day, value = at
                    steps.append(
                        Rate(a, b, value, day, m, f"{m} {a}/{b} of {day}")
                        if a == base
                        else Rate(b, a, 1 / value, day, m, f"{m} {a}/{b} of {day}, inverted")
                    )
        if base == "IRT":
            steps.append(Rate("IRT", "IRR", RIALS_PER_TOMAN, on, market, "a toman is ten rials"))
        if base == "IRR":
            steps.append(Rate("IRR", "IRT", 1 / RIALS_PER_TOMAN, on, market, "a toman is ten rials"))
        reached = {s.quote for s in steps}
        for other in sorted({wanted, "EUR", "USD", *(c for a, b, m in self._series if m == market for c in (a, b))}):
            if other != base and other not in reached:
                step = _ecb(base, other, on)
                if step is not None:
                    steps.append(step)
        return sorted(steps, key=lambda s: (s.quote != wanted, s.quote))

    def _last(self, base: str, quote: str, market: str, on: date) -> tuple[date, float] | None:
        days, values = self._series[base, quote, market]
        at = bisect_right(days, on)
        return None if at == 0 else (days[at - 1], values[at - 1])


def _join(first: Rate, second: Rate) -> Rate:
    if first.path == "same currency":
        return second
    path = f"{first.path}; {second.path}"
    return Rate(first.base, second.quote, first.value * second.value, min(first.on, second.on), first.market, path)


@cache
def _converter() -> CurrencyConverter:
    from currency_converter import CurrencyConverter

    return CurrencyConverter()


def _ecb(base: str, quote: str, on: date) -> Rate | None:
    """The ECB's reference rate of the last day on or before `on` that has both currencies."""
    if "IRR" in (base, quote) or "IRT" in (base, quote):
        return None  # the ECB quotes neither; asking would load its whole history for nothing
    from currency_converter import RateNotFoundError

    converter = _converter()
    newest = max(last for _, last in converter.bounds.values())
    day = on
    for currency in (base, quote):
        if currency == "EUR":
            continue
        if currency not in converter.currencies:
            return None
        first, last = converter.bounds[currency]
        if day < first or (last < newest and day > last):
            return None  # not quoted yet, or no longer: an old rate would pass for a new one
        day = min(day, last)
    for back in range(10):  # holidays leave gaps of a few days; a longer one means the currency was not quoted
        try:
            value = converter.convert(1, base, quote, date=date.fromordinal(day.toordinal() - back))
        except (RateNotFoundError, ValueError):
            continue
        used = date.fromordinal(day.toordinal() - back)
        return Rate(base, quote, float(value), used, ECB, f"ECB {base}/{quote} of {used}")
    return None
