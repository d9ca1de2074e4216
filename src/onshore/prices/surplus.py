"""What buyers gain between two equilibria, and price indices that say the same as one number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.prices import straight
from onshore.prices.equilibrium import Equilibrium, demand_at
from onshore.prices.kernel import CES, LINEAR
from onshore.prices.markets import Flags, Floats, Ints, Markets

__all__ = ["ConsumerGain", "Indices", "consumer_gain", "price_indices"]


@dataclass(frozen=True)
class ConsumerGain:
    """(M,) money a year that buyers could give back after the change and be where they were before (compensating variation).

    `prices` is the gain on the products that are sold before and after, at the tastes before; `variety` the rest: what
    entered, what left, and what changed in quality.
    """

    prices: Floats
    variety: Floats

    @property
    def total(self) -> Floats:
        return self.prices + self.variety


def consumer_gain(before: Equilibrium, after: Equilibrium) -> ConsumerGain:
    """Compensating variation of each market, NaN where either equilibrium was not found.

    With I the inclusive value, N the buyers, Y their spending and q the units::

        logit, nested   N (I' - I) / |alpha|
        CES             Y (1 - exp(-(I' - I) / (e - 1)))
        linear          U' - U, U = q'Kq / 2 (`straight.surplus`); with the same products, -sum of (p' - p) (q + q') / 2

    Raises `ValueError` where slopes or sizes differ (it would compare two kinds of buyers). Where a line would have a product
    sell less than nothing it can no longer be believed, and the gain is NaN.

    Source: Small and Rosen (1981), Econometrica 49(1), 105-130; for CES Feenstra (1994), American Economic Review 84(1).
    """
    x, y = before.markets, after.markets
    for name in ("kind", "slope", "size", "outside"):
        if not np.array_equal(getattr(x, name), getattr(y, name), equal_nan=True):
            raise ValueError(f"the markets differ in {name}, so that their buyers cannot be compared")
    same_taste = (x.taste == y.taste) | (np.isnan(x.taste) & np.isnan(y.taste))
    ok = before.ok & after.ok & ~before.negative_units & ~after.negative_units
    linear = x.kind == LINEAR
    total = _money(x, after.inclusive - before.inclusive)
    both = x.sold & y.sold
    if linear.any():
        total = np.where(
            linear, straight.surplus(y, after.price, y.sold) - straight.surplus(x, before.price, x.sold), total
        )
    matched = total
    changed = (x.total(np.where((x.sold != y.sold) | ~same_taste, 1.0, 0.0)) > 0) & ok
    if changed.any():
        common = x.but(sold=both)
        old, new = demand_at(common, _known(before.price, both))[1], demand_at(common, _known(after.price, both))[1]
        none = (x.total(both.astype(np.float64)) == 0) & (x.outside == 0)  # nothing to compare
        by_price = _money(x, new - old)
        if (changed & linear).any():
            step = straight.surplus(x, after.price, both) - straight.surplus(x, before.price, both)
            by_price = np.where(linear, step, by_price)
        matched = np.where(changed, np.where(none, 0.0, by_price), total)
    lost = np.where(ok, 0.0, np.nan)
    return ConsumerGain(prices=matched + lost, variety=total - matched + lost)


def _money(x: Markets, more: Floats) -> Floats:
    """The worth of a rise of the inclusive value, in money of the market."""
    with np.errstate(invalid="ignore"):
        return np.where(x.kind == CES, -x.size * np.expm1(-more / (x.slope - 1.0)), x.size * more / np.abs(x.slope))


def _known(price: Floats, there: Flags) -> Floats:
    return np.where(there & np.isfinite(price), price, 1.0)


@dataclass(frozen=True)
class Indices:
    """Sums from which indices are made, so that markets add up: by market, by sector, or over all.

    `laspeyres` weighs price ratios by what was bought before, `fisher` is the geometric mean of that and of the weights after,
    both over products sold before and after; `exact` is what it costs to be as well off as before over what was spent, 1 less
    the consumers' gain as a share of that spending, variety included; `exact_prices` leaves variety out.
    """

    spent: Floats  # sum of p q before
    spent_both: Floats  # of what is sold in both
    old_basket_new: Floats  # sum of p' q
    new_basket_old: Floats  # sum of p q'
    new_basket_new: Floats  # sum of p' q'
    gain: Floats
    gain_prices: Floats

    @property
    def laspeyres(self) -> Floats:
        return self._over(self.old_basket_new, self.spent_both)

    @property
    def paasche(self) -> Floats:
        return self._over(self.new_basket_new, self.new_basket_old)

    @property
    def fisher(self) -> Floats:
        return np.asarray(np.sqrt(self.laspeyres * self.paasche))

    @property
    def exact(self) -> Floats:
        return 1.0 - self._over(self.gain, self.spent)

    @property
    def exact_prices(self) -> Floats:
        return 1.0 - self._over(self.gain_prices, self.spent)

    def added(self, groups: Ints, count: int) -> Indices:
        """The same sums over groups of markets: `groups` (M,) from 0, below 0 for a market that is left out."""
        of = groups
        kept = (of >= 0) & np.isfinite(self.gain)

        def sums(values: Floats) -> Floats:
            return np.bincount(of[kept], weights=values[kept], minlength=count).astype(np.float64)

        return Indices(**{name: sums(getattr(self, name)) for name in self.__dataclass_fields__})

    @staticmethod
    def _over(a: Floats, b: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(a / b)


def price_indices(before: Equilibrium, after: Equilibrium, *, gain: ConsumerGain | None = None) -> Indices:
    """The sums of each market. A market whose equilibrium was not found has NaN and is left out of every group."""
    x = before.markets
    gain = consumer_gain(before, after) if gain is None else gain
    both = x.sold & after.markets.sold
    lost = np.where(np.isfinite(gain.total), 0.0, np.nan)

    def spent(price: Equilibrium, units: Equilibrium, there: Flags) -> Floats:
        with np.errstate(invalid="ignore"):
            return x.total(np.where(there, price.price * units.units, 0.0)) + lost

    return Indices(
        spent=spent(before, before, x.sold), spent_both=spent(before, before, both), old_basket_new=spent(after, before, both),
        new_basket_old=spent(before, after, both), new_basket_new=spent(after, after, both),
        gain=gain.total, gain_prices=gain.prices,
    )  # fmt: skip
