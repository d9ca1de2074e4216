"""What the programme's own `uncertainty` says of the numbers that prices rest on, draw by draw, in place of what is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.prices.book import Book
from onshore.prices.markets import Floats

__all__ = ["USED", "Drawn", "Sample", "drawn_of"]

USED = {
    "part_markets": "elasticity", "brands": "quality", "parts": "import_price", "offers": "unit_price", "rates": "quote_per_base",
}  # fmt: skip
"""The column of each table that bands follow where `uncertainty` draws it."""


@dataclass(frozen=True)
class Sample:
    """One draw as tables: `elasticity` by market, `quality` by market and brand, and by part three factors: `landed` and `home`
    on its prices in the currency of each, `rate` on the exchange rate of its own currency. `rate` is that of all other cost
    abroad; None where no rate is drawn."""

    markets: pl.DataFrame
    brands: pl.DataFrame
    parts: pl.DataFrame
    rate: float | None


@dataclass(frozen=True)
class Drawn:
    """D draws of M markets and N brands. NaN in `elasticity` and `rate`: nothing is said, and the assumption of `Assumed` stands."""

    said: tuple[str, ...]  # which columns, as `table.column`
    elasticity: Floats  # (D, M) factors
    rate: Floats  # (D, N) factors
    landed: Floats  # (D, N) factors
    home: Floats  # (D, N) factors
    quality: Floats  # (D, N) the number itself, 0 where a brand has none


def drawn_of(book: Book, said: Sequence[str], markets: frozenset[str], samples: Sequence[Sample]) -> Drawn:
    """The draws in the order of the book's arrays. `markets` are those whose elasticity is drawn; the others' is left to `Assumed`."""
    first = book.markets["elasticity"].cast(pl.Float64).to_numpy()
    theirs = book.markets["market"].is_in(sorted(markets)).to_numpy()
    names, brands = book.markets.select("market"), book.brands.select("market", "brand", "part")
    made: dict[str, list[Floats]] = {name: [] for name in ("elasticity", "rate", "landed", "home", "quality")}
    for one in samples:
        factor = _beside(names, one.markets, ["market"])["elasticity"].cast(pl.Float64).to_numpy() / first
        made["elasticity"].append(np.where(theirs, factor, np.nan))
        quality = _beside(brands, one.brands, ["market", "brand"])["quality"]
        made["quality"].append(quality.cast(pl.Float64).fill_null(0.0).to_numpy())
        of_part = _beside(brands, one.parts, ["part"])
        for name, other in (("landed", 1.0), ("home", 1.0), ("rate", np.nan if one.rate is None else one.rate)):
            made[name].append(of_part[name].fill_null(other).to_numpy())
    return Drawn(tuple(said), **{name: np.array(draws, dtype=np.float64) for name, draws in made.items()})


def _beside(left: pl.DataFrame, right: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return left.join(right, on=keys, how="left", maintain_order="left")
