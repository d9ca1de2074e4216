"""One reading of a plan as situations of markets: before and after, year by year, at one draw of what is uncertain."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from onshore.prices.book import Book
from onshore.prices.kernel import LINEAR, MIXED
from onshore.prices.markets import Floats, Ints
from onshore.prices.scenarios import (
    Change,
    Situation,
    at_rate,
    compare,
    enter,
    leave,
    move_cost,
    replaced,
    room_for_entrants,
    set_prices,
)  # fmt: skip

__all__ = ["DRAWS", "READINGS", "Assumed", "Moves", "Story"]

READINGS = ("replace", "enter", "barred")
DRAWS = 100


@dataclass(frozen=True)
class Assumed:
    """What no table says, and how it is drawn for the bands; every one of these is an assumption.

    `maker_margin`: what a home maker earns on its offered price (share). `elasticity_sigma` and `rate_sigma`: standard
    deviations of the logarithms of a factor on every elasticity and on the exchange rate. The taste of an entrant is drawn from the
    spread of the brands it is judged by.
    """

    maker_margin: float = 0.0
    elasticity_sigma: float = 0.25
    rate_sigma: float = 0.15
    draws: int = DRAWS
    seed: int = 0


class Moves:
    """The plan's figures by brand and year, (N, T): 0 or NaN where a brand is no part of the plan."""

    def __init__(self, book: Book, moves: pl.DataFrame, product_moves: pl.DataFrame, years: tuple[int, ...]):
        brands = book.brands.with_row_index("j").select("j", "part", "product")
        shape = (brands.height, len(years))
        place = {year: t for t, year in enumerate(years)}
        self.landed, self.home, self.home_currency = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
        self.home_share, self.product = np.zeros(shape), np.zeros(shape)
        columns = ("j", "year", "landed", "home", "home_share", "home_currency_share")
        for j, year, landed, home, share, abroad in brands.join(moves, on="part").select(columns).iter_rows():
            at = j, place[year]
            self.landed[at], self.home_share[at], self.home_currency[at] = landed, share, abroad or 0.0
            if home is not None:
                self.home[at] = home
        for j, year, change in brands.join(product_moves, on="product").select("j", "year", "change").iter_rows():
            self.product[j, place[year]] = change
        self.first_landed = self.landed[:, 0]  # at which what is seen today was calibrated, whatever is drawn
        self.planned = np.asarray(np.isfinite(self.landed).all(axis=1) & book.imported)
        regime = book.markets["regime"].to_numpy()[book.calibration.markets.market]
        made = book.calibration.markets
        alone = (made.kind == LINEAR) & (made.counts < 2)
        closed = ((made.kind == MIXED) | alone)[made.market]
        self.made_at_home = self.planned & (self.home_share > 0).any(axis=1)
        self.enterable = (
            self.made_at_home
            & (regime == "free")
            & ~closed  # what a newcomer would be worth there, nobody says
            & book.calibration.feasible[book.calibration.markets.market]
        )
        figures = np.concatenate([self.landed, self.home, self.home_share, self.home_currency, self.product])
        seen: dict[bytes, int] = {}
        self.same_as = [
            seen.setdefault(figures[:, t].tobytes(), t) for t in range(len(years))
        ]  # first year with these figures

    def take(self, book: Book, at: Ints) -> Moves:
        """The same moves for products picked from the book that these are of: those of `book`, where feasible."""
        made = copy(self)
        for name in (
            "landed",
            "first_landed",
            "home",
            "home_currency",
            "home_share",
            "product",
            "planned",
            "made_at_home",
            "enterable",
        ):
            setattr(made, name, getattr(self, name)[at])
        made.enterable &= book.calibration.feasible[book.calibration.markets.market]
        return made

    def at_prices(self, landed: Floats, home: Floats) -> Moves:
        """The same moves at other prices: (N,) factors on what is imported and on what is made at home."""
        made = copy(self)
        made.landed, made.home = self.landed * landed[:, None], self.home * home[:, None]
        return made


class Story:
    """One reading of the plan: the situation before and after, year by year, at one draw of what is uncertain."""

    def __init__(
        self, book: Book, plan: Moves, reading: str, assumed: Assumed, rate: Floats | None = None,
        taste: Floats | None = None,
    ):  # fmt: skip
        """`rate` (N,) is a factor on the exchange rate, `taste` (N,) where in its spread an entrant's taste lies."""
        self.book, self.plan, self.reading, self.assumed = book, plan, reading, assumed
        self.changes: dict[int, Change] = {}
        start = book.situation
        of = start.markets.market
        self.entrant_of = np.flatnonzero(plan.enterable)
        self.entrant_of = self.entrant_of[np.unique(of[self.entrant_of], return_index=True)[1]]  # one a market
        self.old: Ints = np.arange(of.size)
        self.new: Ints = np.empty(0, np.int64)
        if reading != "replace":
            mean, spread = book.entrant_taste(self.entrant_of)
            self.taste = mean if taste is None else mean + taste[self.entrant_of] * spread
            start, self.new = room_for_entrants(start, of[self.entrant_of])
            self.old = np.setdiff1d(np.arange(start.markets.market.size), self.new)
        self.start = start
        markets = start.markets
        self.rate: Floats | float = 1.0 if rate is None else self.wide(rate, 1.0)
        self.imported = self.wide(book.imported, False)
        self.regime = book.markets["regime"].to_numpy()[markets.market]
        self.indexed = book.markets["indexed_share"].cast(pl.Float64).fill_null(0.0).to_numpy()[markets.market]

    def wide(self, values: Any, fill: object) -> Any:
        made = np.full(self.start.markets.market.size, fill, dtype=values.dtype)
        made[self.old] = values
        return made

    @cached_property
    def first_landed(self) -> Floats:
        return np.nan_to_num(self.wide(self.plan.first_landed, 0.0))

    def before(self, t: int) -> Situation:
        """Every part imported at the landed price of the year, and at the rate that is drawn."""
        planned = self.wide(self.plan.planned, False)
        landed = np.nan_to_num(self.wide(self.plan.landed[:, t], 0.0))
        x = self.start
        if np.any(self.rate != 1.0):
            x = at_rate(x.but(currency_share=np.where(planned, 0.0, x.currency_share)), self.rate)
        drift = np.where(planned, landed * self.rate - self.first_landed, 0.0)
        x = move_cost(x, by=drift).but(dutiable=np.where(planned, landed * self.rate, x.dutiable))
        return self._contracts(self.start, x)

    def after(self, t: int) -> Situation:
        """The same year under the plan, in this reading."""
        x = self.before(t)
        home = self.wide(self.plan.home[:, t], np.nan) * (
            1 + self.wide(self.plan.home_currency[:, t], 0.0) * (self.rate - 1)
        )
        share = self.wide(self.plan.home_share[:, t], 0.0)
        y = move_cost(x, by=self.wide(self.plan.product[:, t], 0.0))
        if self.reading == "replace" or self.new.size == 0:
            made = self.wide(self.plan.planned, False) & (share > 0)
            landed = np.nan_to_num(self.wide(self.plan.landed[:, t], 0.0)) * self.rate
            return self._contracts(x, replaced(y, made, landed, np.where(made, home, 0.0), share))
        place = self.old[self.entrant_of]
        comes = share[place] > 0
        at, like = self.new[comes], place[comes]
        if at.size:
            m = y.markets
            y = enter(
                y, at, cost=home[like] * (1 - self.assumed.maker_margin), taste=self.taste[comes], nest=m.nest[like],
                nesting=m.nesting[like], kept=m.kept[like],
            )  # fmt: skip
        if self.reading == "barred":
            barred = np.isin(y.markets.market, y.markets.market[at])
            y = leave(y, self.imported & barred)
        return y

    def _contracts(self, x: Situation, y: Situation) -> Situation:
        """Negotiated prices follow cost by their indexed share; administered ones stay."""
        m = y.markets
        rise = np.where(self.regime == "negotiated", self.indexed * (m.cost - x.markets.cost) / m.kept, 0.0)
        return (
            y
            if not rise.any()
            else set_prices(y, m.fixed + rise).but(begin=np.where(np.isnan(m.fixed), y.begin, y.begin + rise))
        )

    def change(self, t: int) -> Change:
        """From before to after in year t; the equilibrium before the plan is where the one after is sought from."""
        first = self.plan.same_as[t]
        if first not in self.changes:
            self.changes[first] = self._changed(first)
        return self.changes[first]

    def _changed(self, t: int) -> Change:
        x, y = self.before(t), self.after(t)
        found = x.equilibrium
        begin = np.where(np.isnan(found.price) | np.isin(np.arange(found.price.size), self.new), y.begin, found.price)
        made = compare(x, y.but(base=found, begin=begin))
        if self.reading != "replace" or not self.assumed.maker_margin:
            return made
        share, home = self.plan.home_share[:, t], np.nan_to_num(self.plan.home[:, t])
        earned = np.where(self.plan.planned, self.assumed.maker_margin * home * share * made.after.units, 0.0)
        return replace(made, home=made.home + found.markets.total(earned))

    def made_at_home(self, t: int) -> Floats:
        """(N,) share of each brand's units made at home under the plan."""
        own = np.where(self.wide(~self.book.imported, True), 1.0, 0.0)
        return (
            own
            if self.reading != "replace"
            else np.maximum(own, self.wide(self.plan.home_share[:, t] * self.plan.planned, 0.0))
        )
