"""Many markets in one call: the compiled loops over markets, limits of capacity, and the check that nobody gains alone."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from onshore.blueprint.compiled import compiled
from onshore.prices.kernel import (
    CES,
    LINEAR,
    MIXED,
    NESTED,
    Market,
    conditions,
    cost_slopes,
    implied_cost,
    quantity_slopes,
    shares,
    solve_in_place,
)  # fmt: skip
from onshore.prices.search import equilibrium

__all__ = [
    "FLAGGED",
    "RESCUED",
    "SOLVED",
    "Flat",
    "deviations",
    "implied",
    "market_at",
    "passed_through",
    "respond",
    "solve",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SOLVED, RESCUED, FLAGGED = 0, 1, 2
FULL = 1e-9
"""A capacity counts as kept within this share of it."""
TRIED = 0.4 * 15.0 ** (np.arange(25) / 24)
"""Prices that a firm is tempted with, over its equilibrium price: 0.4 to 6."""


class Flat(NamedTuple):
    """All markets, one after another: `start`, `square` and `blocks_b` (M+1,) say where products and blocks begin.

    The other arrays are those of `kernel.Market`, laid end to end; a market that is not LINEAR has no block of B.
    """

    start: Ints
    square: Ints
    blocks_b: Ints
    kind: Ints
    slope: Floats
    outside: Floats
    size: Floats
    taste: Floats
    nest: Ints
    nesting: Floats
    kept: Floats
    sold: Flags
    H: Floats
    B: Floats


@compiled
def market_at(f: Flat, m: int) -> Market:
    a, z = f.start[m], f.start[m + 1]
    J = z - a
    n = J if f.kind[m] == LINEAR else 0
    return Market(
        f.kind[m], f.slope[m], f.outside[m], f.size[m], f.taste[a:z], f.nest[a:z], f.nesting[a:z], f.kept[a:z], f.sold[a:z],
        f.H[f.square[m] : f.square[m + 1]].reshape((J, J)), f.B[f.blocks_b[m] : f.blocks_b[m + 1]].reshape((n, n)),
    )  # fmt: skip


@compiled
def _units(x: Market, s: float, p: float) -> float:
    if x.kind == CES:
        return x.size * s / p
    return s if x.kind == LINEAR else x.size * s


@compiled
def _breach(x: Market, s: Floats, p: Floats, capacity: Floats, rent: Floats) -> float:
    """How far min(rent, room) is from nothing, room as a share of capacity: 0 where every limit is kept and priced."""
    sold = x.sold
    worst = 0.0
    for j in range(p.size):
        if sold[j] and math.isfinite(capacity[j]):
            over = (_units(x, s[j], p[j]) - capacity[j]) / capacity[j]
            worst = max(worst, over if rent[j] <= 0.0 else abs(over))
    return worst


@compiled
def _rents_wanted(
    x: Market, cost: Floats, fixed: Floats, p: Floats, s: Floats, capacity: Floats, rent: Floats, change: Floats
) -> bool:
    """Fill `change` with the Newton step of the rents of full products, from how prices and so units answer to each."""
    kept, sold = x.kept, x.sold
    J = p.size
    w, F, full = np.empty(J), np.empty(J), np.empty(J, np.int64)
    by_price, by_cost, by_units = np.empty((J, J)), np.empty((J, J)), np.empty((J, J))
    shares(x, p, s, w)
    conditions(x, cost, fixed, p, s, w, F, by_price)
    cost_slopes(x, fixed, p, s, w, by_cost)
    quantity_slopes(x, p, s, w, by_units)
    n = 0
    for j in range(J):
        change[j] = 0.0
        if sold[j] and math.isfinite(capacity[j]) and (rent[j] > 0.0 or _units(x, s[j], p[j]) > capacity[j]):
            full[n] = j
            n += 1
    answer, step = np.empty((n, n)), np.empty(n)
    for i in range(n):
        moved = np.empty(J)  # prices, by the rent of one product: F_p dp = -F_c
        for k in range(J):
            part = 1.0 if k == full[i] or math.isnan(fixed[full[i]]) else kept[full[i]]
            moved[k] = -part * by_cost[k, full[i]]
        if not solve_in_place(by_price.copy(), moved):
            return False
        for h in range(n):
            answer[h, i] = 0.0
            for k in range(J):
                answer[h, i] += by_units[full[h], k] * moved[k] * (p[k] if x.kind == CES else 1.0)
        step[i] = capacity[full[i]] - _units(x, s[full[i]], p[full[i]])
    if not solve_in_place(answer, step):
        return False
    for i in range(n):
        change[full[i]] = step[i]
    return True


@compiled
def _within_capacity(
    x: Market, cost: Floats, fixed: Floats, capacity: Floats, p: Floats, rent: Floats
) -> tuple[float, bool]:
    """Equilibrium where no product sells more than its capacity: `rent` >= 0 is what a unit more of it is worth.

    The rent of a product whose price is free counts as a cost of it. Where the price is set, the rent is what buyers pay on
    top, and none of it is its seller's: what it would keep of it counts as a cost too. Newton on the products that are full, with the inner equilibrium solved
    each time; the step is halved until the worst breach falls.
    """
    kept, sold = x.kept, x.sold
    J = p.size
    limited = False
    for j in range(J):
        limited = limited or (sold[j] and capacity[j] < np.inf) or rent[j] != 0.0
    if not limited:
        return equilibrium(x, cost, fixed, p)
    s, w, change = np.empty(J), np.empty(J), np.zeros(J)
    here, set_here, before, begun = cost.copy(), fixed.copy(), rent.copy(), p.copy()
    length, breach, rescued = 1.0, np.inf, False
    for _ in range(200):
        for j in range(J):
            rent[j] = max(0.0, before[j] + length * change[j])
            part = 1.0 if math.isnan(fixed[j]) else kept[j]
            here[j], set_here[j], p[j] = cost[j] + part * rent[j], fixed[j] + rent[j], begun[j]
        left, again = equilibrium(x, here, set_here, p)
        now = np.inf
        if math.isfinite(left):
            shares(x, p, s, w)
            now = _breach(x, s, p, capacity, rent)
        if now <= FULL:
            return left, rescued or again
        if now < breach:
            breach, rescued, length = now, rescued or again, 1.0
            for j in range(J):
                before[j], begun[j] = rent[j], p[j]
            if not _rents_wanted(x, here, set_here, p, s, capacity, rent, change):
                break
        else:
            length *= 0.5
            if length < 1e-6:
                break
    return np.inf, rescued


@compiled
def solve(
    first: int, last: int, f: Flat, cost: Floats, fixed: Floats, capacity: Floats, price: Floats, share: Floats, rent: Floats,
    left: Floats, inclusive: Floats, state: Ints,
) -> None:  # fmt: skip
    """Solve the markets `first` to `last`, in place: `price` is where to begin and then where it ends.

    A market whose `state` is FLAGGED already is left alone. One that is not solved keeps its first prices and is flagged.
    """
    for m in range(first, last):
        if state[m] == FLAGGED:
            continue
        a, z = f.start[m], f.start[m + 1]
        x, p, w = market_at(f, m), price[a:z].copy(), np.empty(z - a)
        left[m], rescued = _within_capacity(x, cost[a:z], fixed[a:z], capacity[a:z], p, rent[a:z])
        if not math.isfinite(left[m]):
            state[m] = FLAGGED
            continue
        state[m] = RESCUED if rescued else SOLVED
        inclusive[m] = shares(x, p, share[a:z], w)
        for j in range(a, z):
            price[j] = p[j - a]


@compiled
def respond(f: Flat, price: Floats, share: Floats, inclusive: Floats) -> None:
    """Shares of every market at given prices, but the MIXED ones."""
    for m in range(f.kind.size):
        if f.kind[m] == MIXED:
            continue
        a, z = f.start[m], f.start[m + 1]
        inclusive[m] = shares(market_at(f, m), price[a:z], share[a:z], np.empty(z - a))


@compiled
def implied(f: Flat, fixed: Floats, price: Floats, cost: Floats, found: Flags) -> None:
    """The costs at which the prices are an equilibrium; `found` is False where there are none."""
    for m in range(f.kind.size):
        a, z = f.start[m], f.start[m + 1]
        if found[m]:
            found[m] = implied_cost(market_at(f, m), fixed[a:z], price[a:z], cost[a:z])


@compiled
def passed_through(
    f: Flat, cost: Floats, fixed: Floats, price: Floats, state: Ints, own: Floats, common: Floats
) -> None:
    """Derivatives of prices by costs at an equilibrium: `own` by the product's own, `common` by one more on every cost."""
    for m in range(f.kind.size):
        a, z = f.start[m], f.start[m + 1]
        J = z - a
        for j in range(a, z):
            own[j] = common[j] = np.nan
        if state[m] == FLAGGED:
            continue
        x, p = market_at(f, m), price[a:z]
        s, w, F, by_price, by_cost = np.empty(J), np.empty(J), np.empty(J), np.empty((J, J)), np.empty((J, J))
        shares(x, p, s, w)
        conditions(x, cost[a:z], fixed[a:z], p, s, w, F, by_price)
        cost_slopes(x, fixed[a:z], p, s, w, by_cost)
        for j in range(J):
            if not x.sold[j] or not math.isnan(fixed[a + j]):
                by_cost[j, j] = 0.0  # a price that is set does not answer to cost
        for k in range(J + 1):  # each cost alone, then all together
            moved = np.zeros(J)
            for j in range(J):
                for i in range(J):
                    if x.sold[i] and (i == k or k == J):
                        moved[j] -= by_cost[j, i]
            if not solve_in_place(by_price.copy(), moved):
                continue
            for j in range(J):
                change = moved[j] * (p[j] if x.kind == CES else 1.0)
                if k == j:
                    own[a + j] = change
                elif k == J:
                    common[a + j] = change


@compiled
def _margin(x: Market, cost: float, p: float, k: int) -> float:
    """What product k earns for a unit of its share: of units, or of spending."""
    return x.kept[k] - cost / p if x.kind == CES else x.kept[k] * p - cost


@compiled
def _alone(
    x: Market, j: int, f: float, c: float, p: float, s: float, w: float, profit: float, in_nest: float, nest: float
) -> float:
    """Profit of the firm of j with the price of j times f: every share follows from those before, without the others' tastes.

    `profit` and `in_nest` are what the firm earns in all and in the nest of j, `nest` the share of that nest.
    """
    nesting = x.nesting
    g = nesting[j]
    times = f ** (1.0 - x.slope) if x.kind == CES else math.exp(x.slope / (1.0 - g) * p * (f - 1.0))
    change = s * (times * _margin(x, c, f * p, j) - _margin(x, c, p, j))
    if x.kind != NESTED:
        return (profit + change) / (1.0 + s * (times - 1.0))
    d = 1.0 + w * (times - 1.0)
    y = d ** (1.0 - g)
    return (profit - in_nest + y * (in_nest + change) / d) / (1.0 + nest * (y - 1.0))


@compiled
def deviations(f: Flat, cost: Floats, fixed: Floats, price: Floats, state: Ints, gain: Floats) -> None:
    """The most that a firm adds to its profit, as a share of it, by one price of its own, or all of them in one proportion.

    Tried: the prices of `TRIED`. LINEAR profit is concave in a firm's own prices, so the first-order
    condition is enough there, and `gain` stays 0.
    """
    for m in range(f.kind.size):
        a, z = f.start[m], f.start[m + 1]
        J = z - a
        gain[m] = 0.0
        if state[m] == FLAGGED or f.kind[m] == LINEAR:
            continue
        x, p, c = market_at(f, m), price[a:z], cost[a:z]
        s, w, s_new, w_new, p_new = np.empty(J), np.empty(J), np.empty(J), np.empty(J), np.empty(J)
        shares(x, p, s, w)
        for j in range(J):
            if not x.sold[j] or not math.isnan(fixed[a + j]) or p[j] <= 0.0:
                continue
            profit = in_nest = nest = 0.0
            several, leads = False, True
            for k in range(J):
                earned = x.H[j, k] * _margin(x, c[k], p[k], k) * s[k]
                profit += earned
                if x.nest[k] == x.nest[j]:
                    in_nest += earned
                    nest += s[k]
                if k != j and x.sold[k] and x.H[j, k] == 1.0 and x.H[k, j] == 1.0:
                    several = True
                    leads = leads and j < k
            for times in TRIED[: TRIED.size if profit > 0.0 else 0]:
                most = _alone(x, j, times, c[j], p[j], s[j], w[j], profit, in_nest, nest)
                if several and leads:
                    for k in range(J):
                        free = math.isnan(fixed[a + k]) and x.H[j, k] == 1.0 and x.H[k, j] == 1.0
                        p_new[k] = times * p[k] if free else p[k]
                    shares(x, p_new, s_new, w_new)
                    together = 0.0
                    for k in range(J):
                        together += x.H[j, k] * _margin(x, c[k], p_new[k], k) * s_new[k]
                    most = max(most, together)
                gain[m] = max(gain[m], most / profit - 1.0)
