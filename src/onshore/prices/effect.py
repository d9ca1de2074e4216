"""What a plan does to prices at home: each market before and after, year by year, in three readings, with bands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from onshore.prices.book import Book
from onshore.prices.declared import BRAND_PRICES, PART_PRICES, PRICE_INDEX, UNPRICED
from onshore.prices.drawn import Drawn
from onshore.prices.markets import Floats, pick
from onshore.prices.rows import Bands, Labels, brand_rows, index_rows, market_rows, typed, unpriced
from onshore.prices.story import READINGS, Assumed, Moves, Story

__all__ = ["READINGS", "Assumed", "PriceEffect", "effect_on_prices"]

AT_ONCE = 20_000
"""Products that are drawn in one batch, more or less: some megabytes, and often enough for progress to be seen."""


@dataclass(frozen=True)
class PriceEffect:
    """The tables of `prices.declared`, by name, and the sentences that say what they add up to.

    `on.measure_effect(panel, run=...)` takes one, and holds what was measured afterwards against it.
    """

    tables: dict[str, pl.DataFrame]
    currency: str
    assumed: Assumed
    calendar: str = "gregorian"
    said: tuple[str, ...] = ()
    """The columns, as `table.column`, that the bands draw as the programme's `uncertainty` says."""

    def summary(self) -> str:
        """The index of the last year with its band, what falls and rises, who gains, what could not be computed."""
        prices, index = self.tables["part_prices"], self.tables["price_index"]
        if prices.is_empty():
            return "No market at home is described: add `part_markets` and `brands` (`onshore tables brands`)."
        last = int(prices["year"].to_list()[-1])  # rows come year by year
        main = prices.filter((pl.col("reading") == "replace") & (pl.col("year") == last))
        lines = []
        for group, r in [
            (r["group"], r)
            for r in index.filter((pl.col("reading") == "replace") & (pl.col("year") == last)).iter_rows(named=True)
        ]:
            if group in ("parts", "products"):
                band = (
                    "" if r["low"] is None else f" ({_percent(r['low'])} to {_percent(r['high'])} in nine draws of ten)"
                )
                lines.append(f"Prices of {group} in {last}: {_percent(r['fisher'])}{band}, {r['markets']} markets")
                gains = ", ".join(
                    f"{w.replace('_', ' ')} {r[w]:+,.0f}"
                    for w in ("buyers", "home_makers", "foreign_brands", "treasury", "resellers")
                )
                lines.append(f"  {self.currency} a year: {gains}")
        falls = main.filter(pl.col("fisher") < 1 - 1e-9).height
        rises = main.filter(pl.col("fisher") > 1 + 1e-9).height
        lines.append(f"{falls} markets fall, {rises} rise, {main.height - falls - rises} stay or are flagged")
        barred = prices.filter((pl.col("reading") == "barred") & (pl.col("year") == last))
        if barred.height:
            up = barred.filter(pl.col("exact") > 1 + 1e-9).height
            lines.append(f"Were imports barred, {up} of {barred.height} markets would leave buyers worse off")
        states = main.group_by("state").len().sort("state")
        lines.append("Equilibria: " + ", ".join(f"{n} {state}" for state, n in states.iter_rows()))
        lines.append("Demand: " + ", ".join(f"{n} {demand}" for demand, n in self.demands.items()))
        if self.said:
            lines.append(f"Bands draw {', '.join(self.said)} as `uncertainty` says, and the rest as assumed")
        missing = self.tables["unpriced"].height
        if missing:
            lines.append(
                f"{missing} parts that the plan makes at home have no market data; nothing is said of their prices"
            )
        return "\n".join(lines)

    @property
    def demands(self) -> dict[str, int]:
        """How many markets each form of demand was used in."""
        rows = self.tables["part_prices"].filter(pl.col("reading") == "replace").unique("market")
        return dict(rows.group_by("demand").len().sort("demand").iter_rows())

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: the index, the markets of the last year, and the parts without data."""
        prices = self.tables["part_prices"]
        last = prices["year"].max() if prices.height else None
        return {
            "currency": self.currency,
            "draws": self.assumed.draws,
            "seed": self.assumed.seed,
            "demands": self.demands,
            "drawn": list(self.said),
            "index": self.tables["price_index"].to_dicts(),
            "markets": prices.filter(pl.col("year") == last).to_dicts() if last is not None else [],
            "unpriced": self.tables["unpriced"].to_dicts(),
        }


def _percent(index: float | None) -> str:
    return "not known" if index is None else f"{100 * (index - 1):+.2f} %"


def effect_on_prices(
    book: Book | None, moves: pl.DataFrame, product_moves: pl.DataFrame, groups: pl.DataFrame, *, years: tuple[int, ...], currency: str,
    calendar: str = "gregorian", assumed: Assumed | None = None, drawn: Drawn | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PriceEffect:  # fmt: skip
    """Prices before and after in every market of the book; None where no market is described.

    Parameters
    ----------
    moves
        part, year, landed (with duty), home (price of what is made at home; null where nothing is), home_share (of the
        need), home_currency_share (of that price): one row a part and year. Money in the book's currency per unit.
    product_moves
        product, year, change: what a unit of a product costs more by the plan.
    groups
        market, sector, part, starts: of each market of a part, its sector, which part is made at home and from which day.
    drawn
        What the programme says of the numbers behind the bands, one draw for each of `assumed.draws`; left out, all is assumed.
    progress
        Called with the draws done and all of them.

    Before is every part imported at that year's landed price. A part of `moves` that is made at home and that no brand is,
    is named in `unpriced`.
    """
    given = assumed or Assumed()
    declared = (PART_PRICES, BRAND_PRICES, PRICE_INDEX, UNPRICED)
    if book is None:
        empty = {t.name: typed(pl.DataFrame(), t) for t in declared}
        return PriceEffect({**empty, "unpriced": unpriced(None, moves)}, currency, given, calendar)
    known = book.markets.join(groups.select("market", "part", "starts"), on="market", how="left", maintain_order="left")
    book = replace(book, markets=known)
    plan = Moves(book, moves, product_moves, years)
    stories = {
        reading: Story(book, plan, reading, given)
        for reading in READINGS
        if reading == "replace" or plan.enterable.any()
    }
    labels = _labels(book, groups)
    said = () if drawn is None else drawn.said
    tables: dict[str, list[pl.DataFrame]] = {"part_prices": [], "brand_prices": [], "price_index": []}
    bands = {
        reading: _bands(book, plan, reading, given, drawn, labels, _tick(progress, i, len(stories), given.draws))
        for i, reading in enumerate(stories)
    }
    for reading, story in stories.items():
        for t, year in enumerate(years):
            change = story.change(t)
            tables["part_prices"].append(market_rows(story, change, reading, t, year, bands[reading]))
            tables["brand_prices"].append(brand_rows(story, change, reading, year))
            tables["price_index"].append(index_rows(story, change, reading, t, year, labels, bands[reading], said))
    made = {name: pl.concat(frames) for name, frames in tables.items()}
    made["unpriced"] = unpriced(book, moves)
    return PriceEffect({t.name: typed(made[t.name], t) for t in declared}, currency, given, calendar, said)


def _labels(book: Book, groups: pl.DataFrame) -> Labels:
    """Market by market, 0 where it belongs to a group and -1 where not."""
    of_product = book.brands.group_by("market").agg(product=pl.col("product").is_not_null().any())
    named = (
        book.markets.select("market")
        .join(of_product, on="market", how="left", maintain_order="left")
        .join(groups, on="market", how="left", maintain_order="left")
    )
    product = named["product"].to_numpy()
    sectors = named["sector"].fill_null("").to_numpy()
    made: Labels = {"parts": np.where(product, -1, 0), "products": np.where(product, 0, -1)}
    for sector in sorted({s for s in sectors if s}):
        made[sector] = np.where((sectors == sector) & ~product, 0, -1)
    return {name: values for name, values in made.items() if (values == 0).any()}


def _bands(
    book: Book, plan: Moves, reading: str, assumed: Assumed, said: Drawn | None, labels: Labels, tick: Callable[[int], None]
) -> Bands | None:  # fmt: skip
    """Percentiles over draws of elasticities, the exchange rate and an entrant's taste, each market calibrated again every time.

    What `said` draws takes the place of those assumptions. Many draws are one batch of markets. In a reading with entrants, only their markets are drawn.
    """
    if assumed.draws < 1:
        return None
    rng = np.random.default_rng([assumed.seed, READINGS.index(reading)])
    drawn = [_draw(rng, book, assumed) for _ in range(assumed.draws)]
    if said is not None:
        drawn = [_as_said(one, said, i) for i, one in enumerate(drawn)]
    of, years = book.calibration.markets.market, plan.landed.shape[1]
    some = np.arange(book.markets.height) if reading == "replace" else np.unique(of[plan.enterable])
    by_market = np.full((assumed.draws, book.markets.height, years), np.nan)
    by_group = {name: np.full((assumed.draws, years), np.nan) for name in labels if reading == "replace"}
    at_once = max(1, AT_ONCE // max(1, pick(book.seen.start, some).size))
    for first in range(0, assumed.draws, at_once):
        several = drawn[first : first + at_once]
        chosen = np.tile(some, len(several))
        at = pick(book.seen.start, chosen)
        copies = replace(
            book.only(chosen).with_elasticity(np.concatenate([d.elasticity[some] for d in several])), check=False
        )
        draw_of = np.repeat(np.arange(len(several)), at.size // len(several))
        rate, taste = (np.array([getattr(d, name) for d in several])[draw_of, at] for name in ("rate", "taste"))
        moves = plan.take(copies, at)
        if said is not None:
            here = first + draw_of, at
            moves = moves.at_prices(said.landed[here], said.home[here])
            copies = replace(copies, brands=copies.brands.with_columns(quality=pl.Series(said.quality[here])))
        story = Story(copies, moves, reading, assumed, rate, taste)
        each = np.repeat(np.arange(len(several)), some.size)
        for t in range(years):
            indices = story.change(t).indices
            by_market[first : first + len(several), some, t] = indices.fisher.reshape(len(several), some.size)
            for name, values in by_group.items():
                values[first : first + len(several), t] = indices.added(
                    np.where(labels[name][chosen] < 0, -1, each), len(several)
                ).fisher
        tick(first + len(several))
    return Bands(_percentiles(by_market), {name: _percentiles(values) for name, values in by_group.items()})


@dataclass(frozen=True)
class _Draw:
    elasticity: Floats  # (M,) factors
    rate: Floats  # (N,) factors
    taste: Floats  # (N,) standard normal


def _draw(rng: np.random.Generator, book: Book, assumed: Assumed) -> _Draw:
    factors = np.exp(rng.normal(0.0, assumed.elasticity_sigma, book.markets.height))
    rate = np.exp(rng.normal(0.0, assumed.rate_sigma))
    return _Draw(factors, np.full(book.brands.height, rate), rng.normal(size=book.brands.height))


def _as_said(one: _Draw, said: Drawn, i: int) -> _Draw:
    """The draw, with what the programme's own draw number i says in place of what is assumed."""
    elasticity, rate = said.elasticity[i], said.rate[i]
    return replace(
        one, elasticity=np.where(np.isnan(elasticity), one.elasticity, elasticity), rate=np.where(np.isnan(rate), one.rate, rate)
    )  # fmt: skip


def _percentiles(draws: Floats) -> Floats:
    """(2, ...) 5th and 95th percentile over the first axis; NaN where no draw has a number."""
    made = np.full((2, *draws.shape[1:]), np.nan)
    known = np.isfinite(draws).any(axis=0)
    made[:, known] = np.nanpercentile(draws[:, known], [5, 95], axis=0)
    return made


def _tick(
    progress: Callable[[int, int], None] | None, reading: int, readings: int, draws: int
) -> Callable[[int], None]:
    return lambda done: progress(reading * draws + done, readings * draws) if progress is not None else None
