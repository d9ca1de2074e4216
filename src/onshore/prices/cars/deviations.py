"""Would a firm rather have another price? First-order conditions see only the neighbourhood of a price.

With consumers who differ much, a firm's profit in one of its prices has more than one peak: it can be worth selling to
the few who hardly mind. Every model's price is tried over a grid, all other prices as they are, and the promising
peaks are climbed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from onshore.blueprint.compiled import compiled
from onshore.prices.cars.demand import Array, Market, odds

__all__ = ["deviations"]

Indexes = NDArray[np.intp]

GRID = 256
PROMISING = 0.99
"""A peak of the grid is climbed from this share of the present profit; between two points of the grid it may be higher."""
WORTH = 1e-9
"""Gains smaller than this share of the profit are rounding."""
LARGEST = 600.0
"""Exponents are cut here: such a consumer buys the model anyway."""


@dataclass(frozen=True)
class _Setting:
    """What each model meets while all other prices stand, (J, I) each, in odds: `rest` of its rivals and the outside
    good; `others`, margins times odds of its firm's other models; `bare`, its own utility without its price."""

    rest: Array
    others: Array
    bare: Array

    def profits(self, market: Market, models: Indexes, grid: Array) -> Array:
        """Profit of the model's firm at each price of the grid, (models, points)."""
        fall = np.exp(market.alpha[:, None] * (grid - grid[0]))
        dear = np.exp(np.minimum(self.bare[models] + market.alpha * grid[0], LARGEST))
        earns = market.kept[models, None] * grid - market.cost[models, None]
        out = np.zeros((len(models), len(grid)))
        _tried(dear, fall, self.rest[models], self.others[models], earns, market.weight, out)
        return out


def deviations(market: Market, price: Array) -> tuple[Array, Array]:
    """For each model the price that would serve its firm best and the gain as a share of the firm's profit, (J,) each.

    Where no other price is better the price is NaN and the gain 0. Close to the present price it is taken for the best,
    as the first-order condition says; two prices at a time, and prices below a fifth of the cheapest, are not tried.
    """
    best, gain = np.full_like(price, np.nan), np.zeros_like(price)
    if not np.isfinite(market.margin(price)).all():
        return best, gain
    setting, now = _setting(market, price)
    grid = _grid(market, price)
    profit = setting.profits(market, np.arange(len(price)), grid)
    for j, at in zip(*_peaks(grid, profit, price, now), strict=True):
        one = np.array([j])

        def loss(x: float, one: Indexes = one) -> float:
            return -float(setting.profits(market, one, np.array([x]))[0, 0])

        climbed = minimize_scalar(
            loss, bounds=(grid[at - 1], grid[at + 1]), method="bounded", options={"xatol": 1e-8 * grid[at]}
        )
        better = (-climbed.fun - now[j]) / abs(now[j])
        if better > max(WORTH, gain[j]):
            best[j], gain[j] = climbed.x, better
    return best, gain


def _setting(market: Market, price: Array) -> tuple[_Setting, Array]:
    """And the present profit of each model's firm, (J,)."""
    at, margin = odds(market.base, market.alpha, price), market.margin(price)
    earned = margin[:, None] * at.each
    by_firm = market.minded(margin, at.each)
    rest = np.maximum(at.total - at.each, np.exp(-at.best))
    now = by_firm @ (market.weight / at.total)
    return _Setting(rest, by_firm[market.firm] - earned, market.base - at.best), now[market.firm]


def _grid(market: Market, price: Array) -> Array:
    """From below the cheapest price to where the consumer who minds least would hardly buy, evenly in logarithms."""
    low = 0.2 * price.min()
    high = 2 * price.max() + 8 / np.abs(market.alpha).min()
    return np.geomspace(low, high, GRID)


def _peaks(grid: Array, profit: Array, price: Array, now: Array) -> tuple[Indexes, Indexes]:
    """Where (model, point) the grid has a peak that may beat the present price, and is not its neighbour's."""
    inner = profit[:, 1:-1]
    peak = (inner >= profit[:, :-2]) & (inner >= profit[:, 2:])
    around = (grid[:-2] <= price[:, None]) & (price[:, None] <= grid[2:])
    promising = (inner > PROMISING * now[:, None]) & ~around | (inner > now[:, None])
    models, points = np.nonzero(peak & promising)
    return models, points + 1


@compiled
def _tried(dear: Array, fall: Array, rest: Array, others: Array, earns: Array, weight: Array, out: Array) -> None:
    """out[j, g] = sum over i of weight[i] (earns[j, g] e + others[j, i]) / (rest[j, i] + e), e = dear[j, i] fall[i, g]."""
    for j in range(out.shape[0]):
        for i in range(len(weight)):
            for g in range(out.shape[1]):
                e = dear[j, i] * fall[i, g]
                out[j, g] += weight[i] * (earns[j, g] * e + others[j, i]) / (rest[j, i] + e)
