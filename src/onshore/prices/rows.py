"""The result tables of prices, from the situations of a reading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.prices.book import Book
from onshore.prices.declared import BRAND_PRICES, PART_PRICES, PRICE_INDEX
from onshore.prices.equilibrium import STATES, after
from onshore.prices.kernel import LINEAR
from onshore.prices.markets import Flags, Floats, Ints
from onshore.prices.scenarios import Change
from onshore.prices.story import Story
from onshore.tables.declare import Table

__all__ = ["Bands", "Labels", "brand_rows", "index_rows", "market_rows", "typed", "unpriced"]

ENTRANT = "(home entrant)"
Labels = dict[str, Ints]
"""Groups of markets by name: market by market, 0 where it belongs and -1 where not."""


@dataclass(frozen=True)
class Bands:
    """5th and 95th percentiles: of each market (2, M, T), and of each group (2, T)."""

    markets: Floats
    groups: dict[str, Floats]


def market_rows(story: Story, change: Change, reading: str, t: int, year: int, bands: Bands | None) -> pl.DataFrame:
    x, y, book = change.before, change.after, story.book
    m = x.markets
    q, indices = x.units, change.indices
    with np.errstate(invalid="ignore"):
        local = m.total(np.where(m.sold, x.pass_through[1] * q, 0.0)) / m.total(np.where(m.sold, q, 0.0))
    home = story.made_at_home(t)
    bought = m.total(np.where(m.sold, q, 0.0))
    after_bought = m.total(np.where(y.markets.sold, np.nan_to_num(y.units), 0.0))
    mean = m.total(np.where(m.sold, x.price * q, 0.0)) / bought
    states = {code: word for word, code in STATES.items()}
    reasons = [book.calibration.why(k) for k in range(m.count)]
    moved = np.where(m.sold & y.markets.sold, y.markets.cost - m.cost, 0.0)
    planned = story.wide(story.plan.planned | (story.plan.product != 0).any(axis=1), False)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = m.total(np.where(planned, q, 0.0))
        cost_change = m.total(np.where(planned, moved * q, 0.0)) / weight
        home_before = m.total(np.where(m.sold, q * story.wide(np.where(book.imported, 0.0, 1.0), 0.0), 0.0)) / bought
        home_after = m.total(np.where(y.markets.sold, y.units * home, 0.0)) / after_bought
    trade = 1.0 + book.markets["trade_margin_share"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    negative = m.total(((m.cost < 0) & m.sold | (y.markets.cost < 0) & y.markets.sold).astype(np.float64)) > 0
    below = y.ok & y.negative_units
    ok = x.ok & y.ok & ~below
    none = np.where(
        below, "a brand would sell less than nothing: beyond what a line can say", "no equilibrium was found"
    )
    why = [r or ("" if fine else str(n)) for r, fine, n in zip(reasons, ok, none, strict=True)]
    low, high = bands.markets[:, :, t] if bands else np.full((2, m.count), np.nan)
    rows = {
        "reading": [reading] * m.count, "market": book.markets["market"], "year": [year] * m.count, "regime": book.markets["regime"],
        "demand": book.markets["demand"],
        "part": book.markets["part"], "starts": book.markets["starts"],
        "state": [states[int(c)] for c in np.where(below, STATES["flagged"], np.maximum(x.state, y.state))], "why": [w or None for w in why],
        "price_before": mean, "price_after": mean * indices.laspeyres, "retail_before": mean * trade, "retail_after": mean * indices.laspeyres * trade,
        "laspeyres": indices.laspeyres, "fisher": indices.fisher, "exact": indices.exact, "exact_prices": indices.exact_prices,
        "low": low, "high": high, "cost_change": np.where(weight > 0, cost_change, np.nan), "passed_through": change.passed_through,
        "pass_through": local, "units_before": bought, "units_after": np.where(ok, after_bought, np.nan), "home_share_before": home_before,
        "home_share_after": np.clip(home_after, 0, 1), **_gains(change, np.arange(m.count), m.count), "implied_taste": _implied(story, t, ok),
        "residual": np.maximum(x.residual, y.residual), "tempted": x.tempted | y.tempted, "jump": y.jumps(x), "negative_cost": negative,
    }  # fmt: skip
    kept = np.ones(m.count, bool) if reading == "replace" else np.isin(np.arange(m.count), m.market[story.new])
    return typed(pl.DataFrame(rows, nan_to_null=True), PART_PRICES).filter(pl.Series(kept))


def _gains(change: Change, of: Ints, count: int) -> dict[str, Floats]:
    """Sums over groups of markets: of[m] is the group, below 0 none; flagged markets are left out."""
    parts = {
        "buyers": change.buyers, "variety": change.gain.variety, "home_makers": change.home, "foreign_brands": change.foreign,
        "treasury": change.treasury, "resellers": change.resellers,
    }  # fmt: skip
    if count == change.buyers.size:
        return parts
    known = (of >= 0) & np.isfinite(change.buyers)
    return {
        name: np.bincount(of[known], weights=values[known], minlength=count).astype(np.float64)
        for name, values in parts.items()
    }


def _implied(story: Story, t: int, ok: Flags) -> Floats:
    """(M,) how much more buyers must like the home brand for its share, of it and the planned brand, to be the plan's; in money.

    By bisection between 8 exponents less and more, all markets at once. Only in the reading *enter*, and in the last year.
    """
    m = story.start.markets
    found = np.full(m.count, np.nan)
    if story.reading != "enter" or story.new.size == 0 or t < story.plan.landed.shape[1] - 1:
        return found
    place, of = story.old[story.entrant_of], m.market[story.new]
    wanted = story.wide(story.plan.home_share[:, t], 0.0)[place]
    usable = (wanted > 0) & (wanted < 1) & ok[of] & (m.kind[of] != LINEAR)  # a line has no taste in that sense
    if not usable.any():
        return found
    base, given = story.before(t).equilibrium, story.after(t)
    low, high = np.full(place.size, -8.0), np.full(place.size, 8.0)
    for _ in range(24):
        middle = 0.5 * (low + high)
        taste = given.markets.taste.copy()
        taste[story.new] = story.taste + middle
        units = after(base, given.markets.but(taste=taste), given.begin, check=False).units
        with np.errstate(invalid="ignore", divide="ignore"):
            short = units[story.new] / (units[story.new] + units[place]) < wanted
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    inside = (low > -8.0) & (high < 8.0)
    money = np.where(inside & (m.slope[of] < 0), 0.5 * (low + high) / np.abs(m.slope[of]), np.nan)
    found[of[usable]] = money[usable]
    return found


def brand_rows(story: Story, change: Change, reading: str, year: int) -> pl.DataFrame:
    x, y = change.before, change.after
    m, n = x.markets, y.markets
    names = np.full(m.market.size, ENTRANT, dtype=object)
    names[story.old] = story.book.brands["brand"].to_numpy()
    rows = {
        "reading": [reading] * names.size, "market": story.book.markets["market"].to_numpy()[m.market], "brand": names.tolist(), "year": [year] * names.size,
        "cost_before": np.where(m.sold, m.cost, np.nan), "cost_after": np.where(n.sold, n.cost, np.nan),
        "price_before": x.price, "price_after": y.price, "list_before": m.fixed, "list_after": n.fixed,
        "units_before": x.units, "units_after": y.units, "profit_before": x.profit, "profit_after": y.profit,
    }  # fmt: skip
    kept = np.ones(names.size, bool) if reading == "replace" else np.isin(m.market, m.market[story.new])
    return typed(pl.DataFrame(rows, nan_to_null=True), BRAND_PRICES).filter(pl.Series(kept))


def index_rows(
    story: Story,
    change: Change,
    reading: str,
    t: int,
    year: int,
    labels: Labels,
    bands: Bands | None,
    said: tuple[str, ...] = (),
) -> pl.DataFrame:
    rows = []
    for name, of in labels.items():
        within = (
            (of >= 0)
            if reading == "replace"
            else (of >= 0) & np.isin(np.arange(of.size), change.before.markets.market[story.new])
        )
        if not within.any():
            continue
        sums = change.indices.added(np.where(within, 0, -1), 1)
        lost = within & ~np.isfinite(change.buyers)
        gains = {k: float(v[0]) for k, v in _gains(change, np.where(within, 0, -1), 1).items()}
        if change.buyers.size == 1:
            gains = {k: float(v[0]) for k, v in _gains(change, np.zeros(1, np.int64), 1).items()}
        low, high = bands.groups[name][:, t] if bands and reading == "replace" else (np.nan, np.nan)
        rows.append({
            "reading": reading, "group": name, "year": year, "markets": int(within.sum() - lost.sum()), "flagged": int(lost.sum()),
            "laspeyres": sums.laspeyres[0], "fisher": sums.fisher[0], "exact": sums.exact[0], "exact_prices": sums.exact_prices[0],
            "low": low, "high": high, "drawn": ", ".join(said) if said and np.isfinite(low) else None, **gains,
        })  # fmt: skip
    return typed(pl.DataFrame(rows, nan_to_null=True), PRICE_INDEX)


def unpriced(book: Book | None, moves: pl.DataFrame) -> pl.DataFrame:
    """Parts that are made at home in some year, and that no market has as a brand."""
    made = moves.filter(pl.col("home_share") > 0)["part"].unique().sort().to_list()
    brands = pl.DataFrame(schema={"origin": pl.String, "part": pl.String}) if book is None else book.brands
    imported = set(brands.filter(pl.col("origin") == "import")["part"].drop_nulls())
    known = set(brands["part"].drop_nulls())
    rows = [
        {"item": part, "why": "its only brand is made at home already" if part in known else "no brand in `brands` is this part"}
        for part in made if part not in imported
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={"item": pl.String, "why": pl.String})


def typed(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Columns in their declared order and type; not a number becomes empty."""
    schema = table.types
    if frame.is_empty():
        return pl.DataFrame(schema=schema)
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items()).with_columns(
        pl.col(pl.Float64).fill_nan(None)
    )
