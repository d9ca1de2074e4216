"""Costs from prices, and prices from costs: each firm's prices are the best for it, given the others'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from onshore.prices.cars.demand import Array, Market, choices, share_slopes, zeta
from onshore.prices.cars.squarem import squarem

__all__ = ["Equilibrium", "equilibrium", "gap", "gap_slopes", "implied_margins", "own_slopes"]

TOLERANCE = 1e-12
"""Of a price, as a share of the price observed."""

LEAST_SLOPE = 0.2
"""A step divided by a smaller slope of its own condition would jump."""

REACH = 0.3
"""How far an extrapolation may carry a price, as a share of the price observed: far ones have led to other equilibria."""

EVALUATIONS = 1500
NEWTON_STEPS = 40
SMALLEST_STEP = 2.0**-10


@dataclass(frozen=True)
class Equilibrium:
    """`price` (J,); `residual` (J,) in money: the price less (cost + zeta) / kept; `status`, of declared.STATUSES."""

    price: Array
    residual: Array
    evaluations: int
    status: str


def implied_margins(market: Market, price: Array) -> Array:
    """The margins at which `price` is every firm's best: m (J,), with m[j] = kept[j] p[j] - cost[j].

    They solve kept[j] share[j] + sum over models k of H[j, k] m[k] (slope of share k in price j) = 0: Berry, Levinsohn and
    Pakes (1995), equation 3.3, where H is 1 for the firm's own models and 0 for others (`Market.weights`). NaN where demand gives a share of 0.
    """
    s = choices(market, price)
    slope, cross = share_slopes(market, s)
    slopes = market.weights * (np.diag(slope) - cross)
    try:
        return np.asarray(np.linalg.solve(slopes, -market.kept * (s @ market.weight)), dtype=np.float64)
    except np.linalg.LinAlgError:  # nobody buys: the shares could not be fitted
        return np.full_like(price, np.nan)


def gap(market: Market, price: Array) -> Array:
    """Price less what the first-order conditions ask for, (J,) in money: 0 in equilibrium."""
    return (market.margin(price) - zeta(market, price)) / market.kept


def gap_slopes(market: Market, price: Array) -> tuple[Array, Array]:
    """`gap` (J,) and its slopes in each price (J, J), from three weighted Gram matrices of the choices.

    With G[j] the slope of the firm's profit in its price j, gap = G / (kept Lambda), and with H of `Market.weights`::

        dG[j]/dp[l] = (j is l)(2 kept[j] Lambda[j] + sum w a^2 s[j](m[j] - M)) - kept[j] Gamma[j, l] - m[j] Gamma2[j, l]
                      + 2 Q[j, l] - H[j, l] (kept[l] Gamma[j, l] + m[l] Gamma2[j, l])

    Gamma = sum w a s s', Gamma2 = sum w a^2 s s', Q[j, l] = sum w a^2 s[j] M[f(j)] s[l], M[f] = sum of H[f, k] m[k] s[k].
    """
    s, m, kept = choices(market, price), market.margin(price), market.kept
    own, mine = market.weights, market.minded(m, s)[market.firm]
    wa = market.weight * market.alpha
    waa = wa * market.alpha
    slope, gamma, gamma2, q = s @ wa, (s * wa) @ s.T, (s * waa) @ s.T, (s * waa * mine) @ s.T
    g = kept * (s @ market.weight) + m * slope - (s * mine) @ wa
    dg = 2 * q - kept[:, None] * gamma - m[:, None] * gamma2 - own * (kept * gamma + m * gamma2)
    dg[np.diag_indices_from(dg)] += 2 * kept * slope + m * (s @ waa) - (s * mine) @ waa
    value = g / slope
    dslope = np.diag(s @ waa) - gamma2
    return value / kept, (dg - value[:, None] * dslope) / (slope * kept)[:, None]


@np.errstate(invalid="ignore", divide="ignore")  # NaN where nobody buys, and then unsolved
def own_slopes(market: Market, price: Array) -> Array:
    """The diagonal of `gap_slopes`, (J,), without a matrix of models by models.

    dG[j]/dp[j] = 2 kept[j] (Lambda[j] - Gamma[j, j]) + sum w a^2 s[j] (1 - 2 s[j]) (m[j] - M[f(j)]).
    """
    s, m, kept = choices(market, price), market.margin(price), market.kept
    wa = market.weight * market.alpha
    waa = wa * market.alpha
    ahead = s * (m[:, None] - market.minded(m, s)[market.firm])
    slope, square = s @ wa, s * s
    value = kept * (s @ market.weight) + ahead @ wa
    dg = 2 * kept * (slope - square @ wa) + ahead @ waa - 2 * ((s * ahead) @ waa)
    return (dg - value / slope * ((s - square) @ waa)) / (kept * slope)


def equilibrium(
    market: Market, start: Array, *, tolerance: float = TOLERANCE, before: Market | None = None
) -> Equilibrium:
    """Prices at which no firm gains by a small change of its own.

    Morrow and Skerlos' fixed point p <- (cost + zeta(p)) / kept, each model's step divided by the slope of its own
    condition at the start, and accelerated; where that gives up, Newton's method with shortened steps; where that gives
    up too and the market `before` the change is given, of which `start` is the equilibrium, the change is made by
    pieces. `start` comes back as it is when it is an equilibrium already.
    """
    slope = np.maximum(own_slopes(market, start), LEAST_SLOPE)

    def step(price: Array) -> Array:
        return price - gap(market, price) / slope

    point = squarem(step, start, np.abs(market.price), tolerance, EVALUATIONS, REACH)
    nearest = -point.residual * slope
    if point.found:
        return Equilibrium(point.x, nearest, point.evaluations, "solved")
    found, spent = _newton(market, point.x, tolerance)
    spent += point.evaluations
    if found is None and before is not None:
        found, more = _by_pieces(before, market, start, tolerance)
        spent += more
    if found is None:
        return Equilibrium(point.x, nearest, spent, "unsolved")
    return Equilibrium(found, gap(market, found), spent, "rescued")


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _newton(market: Market, price: Array, tolerance: float) -> tuple[Array | None, int]:
    """Newton's method on `gap`, each step halved until the gap shrinks; None where it does not arrive."""
    unit = np.abs(market.price)
    for spent in range(1, NEWTON_STEPS + 1):
        value, slopes = gap_slopes(market, price)
        if np.max(np.abs(value) / unit) <= tolerance:
            return price, spent
        try:
            move = np.asarray(np.linalg.solve(slopes, -value), dtype=np.float64)
        except np.linalg.LinAlgError:
            return None, spent
        length = _shortened(lambda p: float(np.linalg.norm(gap(market, p) / unit)), price, move)
        if length is None:
            return None, spent
        price = price + length * move
    return None, NEWTON_STEPS


def _shortened(size: Callable[[Array], float], price: Array, move: Array) -> float | None:
    """The first of 1, 1/2, 1/4 ... at which the gap is smaller, None where there is none."""
    now, length = size(price), 1.0
    while length >= SMALLEST_STEP:
        if size(price + length * move) < (1 - 1e-4 * length) * now:
            return length
        length /= 2
    return None


def _by_pieces(before: Market, after: Market, start: Array, tolerance: float) -> tuple[Array | None, int]:
    """The change of cost and tax in pieces, each solved from the last; the pieces halve where Newton fails."""
    if (before.firm != after.firm).any() or not np.array_equal(before.stakes, after.stakes):
        return None, 0  # who owns a model cannot change by halves
    done, piece, price, spent = 0.0, 0.5, start, 0
    while done < 1.0 and piece >= SMALLEST_STEP:
        to = min(1.0, done + piece)
        cost, kept = (a + to * (b - a) for a, b in ((before.cost, after.cost), (before.kept, after.kept)))
        found, more = _newton(after.changed(cost, kept, after.firm) if to < 1.0 else after, price, tolerance)
        spent += more
        if found is None:
            piece /= 2
        else:
            done, price = to, found
    return (price, spent) if done >= 1.0 else (None, spent)
