"""Markets whose buyers differ (random coefficients), among the many: each is handed to `cars` one by one.

A MIXED market of `Markets` has its mean utilities in `taste`, its `Buyers` in `mixed`, and a slope of -1 by convention: its
inclusive value is in money per buyer, so that a gain of it is one of buyers. docs/explanation/car-market.md has the mathematics.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from onshore.prices.batch import FLAGGED, RESCUED, SOLVED
from onshore.prices.cars.demand import Array, Market, choices, consumer_surplus
from onshore.prices.cars.deviations import deviations
from onshore.prices.cars.equilibrium import equilibrium, gap_slopes, implied_margins
from onshore.prices.cars.inversion import mean_utilities
from onshore.prices.kernel import MIXED
from onshore.prices.markets import Flags, Floats, Ints, Markets

__all__ = ["Buyers", "buyers_of", "implied", "passed_through", "respond", "solve", "tempted", "utilities"]

FULL = 1e-6
"""A capacity counts as kept, and as reached, within this share of it."""
STATE = {"unchanged": SOLVED, "solved": SOLVED, "rescued": RESCUED, "unsolved": FLAGGED}


@dataclass(frozen=True)
class Buyers:
    """`taste` (J, I): what a buyer feels of a product beyond the mean utility and the price; `alpha` (I,): utility of a unit
    of money, below 0; `weight` (I,): share of the buyers that it stands for."""

    taste: Array
    alpha: Array
    weight: Array

    def times(self, factor: float) -> Buyers:
        """Buyers who mind every price so many times as much."""
        return replace(self, alpha=self.alpha * factor)


@dataclass(frozen=True)
class _One:
    """One market: its place among all products, which of them are sold, and the market of those."""

    m: int
    at: Ints
    market: Market


def _each(x: Markets, price: Floats, wanted: Flags) -> Iterator[_One]:
    """The wanted MIXED markets, products that are not sold left out."""
    for m in np.flatnonzero((x.kind == MIXED) & wanted).tolist():
        a, z = x.start[m], x.start[m + 1]
        there = x.sold[a:z]
        buyers = buyers_of(x.mixed, m)
        at = np.arange(a, z)[there]
        H = x.H[x.square[m] : x.square[m + 1]].reshape(z - a, z - a)[np.ix_(there, there)]
        firm, stakes = _grouped(H)
        delta = x.taste[at]
        yield _One(m, at, Market(
            name=str(m), delta=delta, base=delta[:, None] + buyers.taste[there], alpha=buyers.alpha, weight=buyers.weight, price=price[at],
            cost=x.cost[at], kept=x.kept[at], firm=firm, stakes=stakes,
        ))  # fmt: skip


def buyers_of(mixed: object, m: int) -> Buyers:
    """The buyers of market m. Raises `ValueError` where nobody says how they differ."""
    buyers = None if mixed is None else mixed[m]  # type: ignore[index]
    if not isinstance(buyers, Buyers):
        raise ValueError(f"market {m} has buyers who differ, and nobody says how: give its Buyers in `mixed`")
    return buyers


def _grouped(H: Floats) -> tuple[Ints, Floats]:
    """Who prices each product, and their stakes in one another, from H (J, J): one firm wherever rows and columns agree."""
    _, first, firm = np.unique(np.hstack([H, H.T]), axis=0, return_index=True, return_inverse=True)
    stakes = H[np.ix_(first, first)]
    return firm.ravel().astype(np.int64), np.empty((0, 0)) if np.array_equal(stakes, np.eye(first.size)) else stakes


def utilities(buyers: Buyers, price: Floats, share: Floats) -> Floats:
    """(J,) mean utilities at which buyers choose these shares at these prices; NaN where there are none."""
    found = mean_utilities(buyers.taste + buyers.alpha * price[:, None], buyers.weight, share)
    return found.x if found.found else np.full_like(price, np.nan)


def implied(x: Markets, price: Floats, cost: Floats, wanted: Flags) -> None:
    """Fill `cost` of the wanted markets with that at which `price` is every seller's best."""
    for one in _each(x, price, wanted):
        cost[one.at] = one.market.kept * price[one.at] - implied_margins(one.market, price[one.at])


def solve(x: Markets, price: Floats, share: Floats, rent: Floats, left: Floats, inclusive: Floats, state: Ints) -> None:
    """As `batch.solve`, for the MIXED markets. A market is flagged where a capacity would have to move a price.

    Where prices are set, buyers go on paying the rent that they pay. A market must be set or free as a whole.
    """
    for one in _each(x, price, state != FLAGGED):
        at, market, m = one.at, one.market, one.m
        listed = x.fixed[at]
        is_set = ~np.isnan(listed)
        if is_set.any() and not is_set.all():
            raise ValueError(f"market {m}: where buyers differ, either all prices are set or none")
        if is_set.all():
            price[at] = listed + np.where(rent[at] > 0, rent[at], np.maximum(price[at] - listed, 0.0))
            rent[at], left[m] = price[at] - listed, 0.0
        else:
            found = equilibrium(market, price[at])
            state[m], left[m] = STATE[found.status], float(np.abs(found.residual).max())
            if state[m] == FLAGGED:
                continue
            price[at] = found.price
        bought = choices(market, price[at]) @ market.weight
        over = x.size[m] * bought / x.capacity[at] - 1.0
        if (over > FULL).any() or ((rent[at] > FULL * price[at]) & (over < -FULL)).any():
            state[m] = FLAGGED
            continue
        share[one.at], inclusive[m] = bought, consumer_surplus(market, price[at])


def tempted(x: Markets, price: Floats, state: Ints, gain: Floats) -> None:
    """Fill `gain` of the MIXED markets whose prices are free: the most that a firm adds to its profit by one other price."""
    for one in _each(x, price, state != FLAGGED):
        gain[one.m] = float(deviations(one.market, price[one.at])[1].max()) if np.isnan(x.fixed[one.at]).all() else 0.0


def respond(x: Markets, price: Floats, share: Floats, inclusive: Floats) -> None:
    """Shares and inclusive values of the MIXED markets at given prices."""
    wanted = np.isfinite(x.total(np.where(x.sold, x.taste + price, 0.0)))
    for one in _each(x, price, wanted & (x.total(x.sold.astype(np.float64)) > 0)):
        share[one.at] = choices(one.market, price[one.at]) @ one.market.weight
        inclusive[one.m] = consumer_surplus(one.market, price[one.at])


def passed_through(x: Markets, price: Floats, state: Ints, own: Floats, common: Floats) -> None:
    """As `batch.passed_through`: dp/dc = -(dgap/dp)^-1 dgap/dc, with dgap[j]/dc[k] = (H[j, k] Gamma[j, k] / Lambda[j] - (j is k)) / kept[j]."""
    for one in _each(x, price, state != FLAGGED):
        market, p = one.market, price[one.at]
        if not np.isnan(x.fixed[one.at]).all():
            own[one.at] = common[one.at] = 0.0
            continue
        s = choices(market, p)
        wa = market.weight * market.alpha
        by_cost = market.weights * ((s * wa) @ s.T) / (s @ wa)[:, None] - np.eye(p.size)
        moved = -np.linalg.solve(gap_slopes(market, p)[1], by_cost / market.kept[:, None])
        own[one.at], common[one.at] = np.diag(moved), moved.sum(axis=1)
