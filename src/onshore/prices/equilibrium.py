"""Bertrand-Nash prices of many markets at once, with what each can be trusted for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from onshore.prices import batch, mixed
from onshore.prices.batch import FLAGGED, RESCUED, SOLVED
from onshore.prices.kernel import CES, MIXED
from onshore.prices.markets import Flags, Floats, Ints, Markets, pick

__all__ = ["GAIN", "JUMP", "STATES", "Equilibrium", "after", "demand_at", "solve"]

GAIN = 1e-6
"""A firm that could add more than this share to its profit by moving alone is told."""
JUMP = 0.12
"""A price that moves by more than this share beyond what its own cost moved by is told."""


@dataclass(frozen=True)
class Equilibrium:
    """Prices at which no first-order condition is left, market by market.

    `state` is SOLVED (Newton), RESCUED (continuation in the costs) or FLAGGED (no equilibrium found: prices are NaN);
    the three add up to all markets. `residual` is the largest first-order condition left, in units of price. `gain` is the
    most that a firm could add to its profit, as a share, by moving alone: first-order conditions do not rule it out.
    `rent` is what a unit more of a full capacity is worth; where the price is set, buyers pay it on top.
    """

    markets: Markets
    price: Floats  # (N,) what buyers pay; where a set price is rationed, with the rent
    share: Floats  # (N,)
    rent: Floats  # (N,)
    residual: Floats  # (M,)
    inclusive: Floats  # (M,)
    state: Ints  # (M,)
    gain: Floats  # (M,)

    @cached_property
    def ok(self) -> Flags:
        """(M,) solved or rescued."""
        return np.asarray(self.state != FLAGGED)

    @cached_property
    def units(self) -> Floats:
        """(N,) units a year."""
        return self.markets.units(self.share, self.price)

    @cached_property
    def margin(self) -> Floats:
        """(N,) what the seller keeps of the listed price less its cost; a rent on a set price is not the seller's."""
        listed = np.where(np.isnan(self.markets.fixed), self.price, self.markets.fixed)
        return np.asarray(self.markets.kept * listed - self.markets.cost)

    @cached_property
    def profit(self) -> Floats:
        """(N,) a year."""
        return np.where(self.markets.sold, self.margin * self.units, 0.0)

    @cached_property
    def negative_units(self) -> Flags:
        """(M,) linear demand below nothing: the market has left the range in which its line can be believed."""
        return self.markets.total(np.where(self.units < 0, 1.0, 0.0)) > 0

    @cached_property
    def tempted(self) -> Flags:
        """(M,) a firm would gain by moving alone."""
        return self.gain > GAIN

    @cached_property
    def pass_through(self) -> tuple[Floats, Floats]:
        """(N,), (N,) rise of a price for one more on its own cost, and for one more on every cost of the market."""
        x = self.markets
        own, common = np.empty(x.cost.size), np.empty(x.cost.size)
        cost = _with_rent(x, self.rent)
        price = np.where(x.sold, self.price, 1.0)
        batch.passed_through(x.flat, cost, x.fixed + self.rent, price, _without_mixed(x, self.state), own, common)
        mixed.passed_through(x, price, self.state, own, common)
        return own, common

    def jumps(self, before: Equilibrium) -> Flags:
        """(M,) a price moved by more than `JUMP` of itself beyond what its own cost moved by, since `before`."""
        both = self.markets.sold & before.markets.sold
        with np.errstate(invalid="ignore", divide="ignore"):
            moved = np.abs(self.price - before.price)
            by_cost = np.abs(self.markets.cost / self.markets.kept - before.markets.cost / before.markets.kept)
            far = both & (moved - by_cost > JUMP * np.abs(before.price))
        return self.markets.total(far.astype(np.float64)) > 0

    def summary(self) -> str:
        """How many were solved, rescued and flagged, and what is left of the conditions at most."""
        number = {word: int((self.state == code).sum()) for word, code in STATES.items()}
        left = f"{self.residual[self.ok].max():.1e}" if self.ok.any() else "nothing known"
        return (
            f"{self.state.size} markets: {number['solved']} solved, {number['rescued']} rescued by continuation, "
            f"{number['flagged']} flagged. Largest condition left: {left} in units of price. "
            f"In {int(self.tempted.sum())} a firm could gain by moving alone."
        )

    def as_dict(self) -> dict[str, object]:
        """Counts, for ``--json``."""
        number = {word: int((self.state == code).sum()) for word, code in STATES.items()}
        return {"markets": self.state.size, **number, "tempted": int(self.tempted.sum())}


STATES = {"solved": SOLVED, "rescued": RESCUED, "flagged": FLAGGED}


def solve(
    markets: Markets,
    begin: Floats,
    *,
    rent: Floats | None = None,
    check: bool = True,
    skip: Flags | None = None,
    threads: int = 1,
) -> Equilibrium:
    """Bertrand-Nash prices of every market.

    Parameters
    ----------
    begin : (N,)
        Prices to start from: the observed ones, or those before a change. Continuation, where Newton fails, goes from the
        costs at which these would be the equilibrium.
    rent : (N,)
        Rents of full capacities to start from; none if left out.
    check
        Whether to look for profitable deviations of one firm (a third of the time); without it `gain` is NaN.
    skip : (M,)
        Markets that are flagged without being tried.
    threads
        The kernel lets go of the interpreter's lock, so threads share the work without copying it.

    Source: Morrow and Skerlos (2011), Operations Research 59(2), eq. 13 (the fixed point that the conditions are written as).
    """
    x = markets
    price = np.where(x.sold, begin, 1.0).astype(np.float64)  # what is not there has a number too, which nothing reads
    share = np.full(begin.size, np.nan)
    worth = np.zeros(begin.size) if rent is None else np.nan_to_num(rent)
    left, inclusive = np.full(x.count, np.inf), np.full(x.count, np.nan)
    state = np.zeros(x.count, np.int64) if skip is None else np.where(skip, FLAGGED, SOLVED).astype(np.int64)
    state[~_usable(x, price)] = FLAGGED

    tried = _without_mixed(x, state)

    def part(first: int, last: int) -> None:
        batch.solve(first, last, x.flat, x.cost, x.fixed, x.capacity, price, share, worth, left, inclusive, tried)

    _spread(part, x.count, threads)
    state = np.where(x.kind == MIXED, state, tried)
    mixed.solve(x, price, share, worth, left, inclusive, state)
    gain = np.full(x.count, np.nan)
    if check:
        batch.deviations(x.flat, _with_rent(x, worth), x.fixed, price, tried, gain)
        mixed.tempted(x, price, state, gain)
        gain[state == FLAGGED] = np.nan
    lost = (state == FLAGGED)[x.market]
    price[lost | ~x.sold], share[lost], worth[lost] = np.nan, np.nan, np.nan
    return Equilibrium(x, price, share, worth, left, inclusive, state, gain)


def after(before: Equilibrium, markets: Markets, begin: Floats | None = None, *, check: bool = True) -> Equilibrium:
    """The equilibrium of changed markets, from the prices before the change.

    A market in which nothing changed keeps its equilibrium to the last bit, and one that was flagged stays flagged. `begin`
    gives first prices where the old ones will not do, as for a product that was not sold.
    """
    old = before.markets
    same = np.ones(old.count, dtype=bool)
    for name in ("kind", "slope", "outside", "size"):
        same &= getattr(old, name) == getattr(markets, name)
    for name in ("taste", "nest", "nesting", "kept", "cost", "sold", "capacity", "fixed"):
        a, b = getattr(old, name), getattr(markets, name)
        same &= old.total((~((a == b) | ((a != a) & (b != b)))).astype(np.float64)) == 0
    if markets.mixed is not None:
        same &= np.array([True] * old.count if old.mixed is markets.mixed else old.mixed == markets.mixed)
    for name, square in (("H", old.square), ("B", old.blocks_b)):
        differ = np.concatenate([[0], np.cumsum(getattr(old, name) != getattr(markets, name))])
        same &= differ[square[1:]] == differ[square[:-1]]
    changed = np.flatnonzero(~same & before.ok)
    if changed.size == 0:
        return replace(before, markets=markets)
    first = np.where(np.isnan(before.price), np.nan_to_num(markets.cost / markets.kept), before.price)
    of = pick(old.start, changed)
    made = solve(markets.take(changed), (first if begin is None else begin)[of], rent=before.rent[of], check=check)
    arrays = {}
    for name in ("price", "share", "rent", "residual", "inclusive", "state", "gain"):
        arrays[name] = getattr(before, name).copy()
        arrays[name][of if name in ("price", "share", "rent") else changed] = getattr(made, name)
    return Equilibrium(markets, **arrays)


def demand_at(markets: Markets, price: Floats) -> tuple[Floats, Floats]:
    """(N,) shares and (M,) inclusive values at given prices, of whatever is sold."""
    x = markets
    share, inclusive = np.full(price.size, np.nan), np.full(x.count, np.nan)
    at = np.where(x.sold, price, 1.0)
    batch.respond(x.flat, at, share, inclusive)
    mixed.respond(x, at, share, inclusive)
    return share, inclusive


def _without_mixed(x: Markets, state: Ints) -> Ints:
    """(M,) states in which the compiled loops leave MIXED markets alone."""
    return np.where(x.kind == MIXED, FLAGGED, state)


def _with_rent(x: Markets, rent: Floats) -> Floats:
    """(N,) costs as the first-order conditions see them: a full capacity's rent is one, as the seller cannot sell more."""
    return np.asarray(x.cost + rent * np.where(np.isnan(x.fixed), 1.0, x.kept))


def _usable(x: Markets, price: Floats) -> Flags:
    """(M,) whether every number of what is sold is finite, and CES prices are above nothing."""
    bad = (
        ~np.isfinite(price) | ~np.isfinite(x.cost) | ~np.isfinite(x.taste) | ((x.kind[x.market] == CES) & (price <= 0))
    )
    return (x.total(np.where(bad & x.sold, 1.0, 0.0)) == 0) & (x.total(x.sold.astype(np.float64)) > 0)


def _spread(work: Callable[[int, int], None], count: int, threads: int) -> None:
    """Call `work(first, last)` over the markets, cut into even pieces when there are several threads."""
    if threads <= 1 or count < 2 * threads:
        work(0, count)
        return
    edges = np.linspace(0, count, threads + 1).astype(int)
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, int(a), int(z)) for a, z in pairwise(edges)]:
            done.result()
