"""Who buys what: choice probabilities, their sums and their slopes, for one market as arrays.

J models, I consumers, F firms. `s[j, i]` is the probability that consumer i buys model j::

    s[j, i] = exp(base[j, i] + alpha[i] p[j]) / (1 + sum over k of exp(base[k, i] + alpha[i] p[k]))

Nothing here overflows: each consumer's utilities are taken relative to the best of them, the outside good's 0 included.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.blueprint.compiled import compiled

__all__ = ["Array", "Market", "Odds", "choices", "consumer_surplus", "numbered", "odds", "share_slopes", "zeta"]

NOBODY: NDArray[np.float64] = np.empty((0, 0))

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Market:
    """One market: the demand, and what a scenario may change: `cost`, `kept`, `firm` and `stakes`.

    `base` (J, I): utility of a model to a consumer, the price's part left out; `alpha` (I,): utility of a unit of
    money, negative; `weight` (I,): share of the buyers that a consumer stands for; `kept` (J,): share of the price that
    the seller keeps, 1 / (1 + tax_share); `firm` (J,): number of who sets the price, 0 to F - 1; `price` (J,): as observed;
    `delta` (J,): mean utility, which is in `base`; `stakes` (F, F): weight that a firm (row) puts on another's profit, over
    that on its own; empty where no firm owns a part of another.
    """

    name: str
    delta: Array
    base: Array
    alpha: Array
    weight: Array
    price: Array
    cost: Array
    kept: Array
    firm: NDArray[np.int64]
    stakes: Array = field(default_factory=lambda: NOBODY)

    @cached_property
    def firms(self) -> int:
        return int(self.firm.max()) + 1

    @property
    def owned(self) -> Array:
        """1 where a firm (row) owns a model (column), else 0: (F, J)."""
        return np.equal.outer(np.arange(self.firms), self.firm).astype(np.float64)

    @property
    def weights(self) -> Array:
        """H (J, J): weight that whoever prices a model (row) puts on the profit of another, over that on its own."""
        if self.stakes.size:
            return self.stakes[np.ix_(self.firm, self.firm)]
        return np.equal.outer(self.firm, self.firm).astype(np.float64)

    def minded(self, margin: Array, s: Array) -> Array:
        """M (F, I): what each firm minds of what is earned, its own models' and its stakes in those of others."""
        own = (self.owned * margin) @ s
        return self.stakes @ own if self.stakes.size else own

    def margin(self, price: Array) -> Array:
        """m[j] = kept[j] p[j] - cost[j]."""
        return self.kept * price - self.cost

    def changed(self, cost: Array, kept: Array, firm: NDArray[np.int64], stakes: Array | None = None) -> Market:
        """The market after a scenario."""
        return replace(self, cost=cost, kept=kept, firm=firm, stakes=self.stakes if stakes is None else stakes)


def numbered(firms: pl.Series) -> NDArray[np.int64]:
    """Firms by number within a market, 0 to F - 1."""
    return np.unique(firms.to_numpy(), return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True)
class Odds:
    """`each` (J, I): exp of utility less `best`; `total` (I,): their sum over models and the outside good, above 0;
    `best` (I,): the best utility of the consumer, 0 for the outside good or more."""

    each: Array
    total: Array
    best: Array


def odds(base: Array, slope: Array, x: Array) -> Odds:
    """The odds at utilities base[j, i] + slope[i] x[j]."""
    each, best = _exponentials(base, slope, x)
    return Odds(each, each.sum(axis=0) + np.exp(-best), best)


def _exponentials(base: Array, slope: Array, x: Array) -> tuple[Array, Array]:
    """`Odds.each` and `Odds.best`."""
    each, best = np.empty_like(base), np.empty_like(slope)
    _relative(base, slope, x, each, best)
    return np.exp(each, out=each), best  # NumPy's is vectorised where a compiled loop's is not


def choices(market: Market, price: Array) -> Array:
    """s (J, I), the choice probabilities."""
    at = odds(market.base, market.alpha, price)
    return at.each / at.total


def consumer_surplus(market: Market, price: Array) -> float:
    """sum over i of weight[i] log(1 + sum over j of exp(u[j, i])) / -alpha[i], in money per possible buyer.

    Small and Rosen (1981), Econometrica 49, equation 5.5, with the income effect left out.
    """
    at = odds(market.base, market.alpha, price)
    return float(market.weight @ ((np.log(at.total) + at.best) / -market.alpha))


def share_slopes(market: Market, s: Array) -> tuple[Array, Array]:
    """Lambda (J,) and Gamma (J, J): the slope of share j in price k is Lambda[j] (j is k) - Gamma[j, k]."""
    wa = market.weight * market.alpha
    return s @ wa, (s * wa) @ s.T


def zeta(market: Market, price: Array) -> Array:
    """The margins that the first-order conditions ask for at these prices and margins, (J,).

    zeta[j] = (sum over i of w a s[j, i] M[i, f(j)] - kept[j] share[j]) / Lambda[j], with M[i, f] the sum of
    H[f, k] m[k] s[k, i] over all models: those of the firm, and by its stakes those of others. Morrow and Skerlos (2011), Operations Research 59, 328-345, equation 19; in
    equilibrium, m = zeta. No matrix of models by models is needed.
    """
    each, best = _exponentials(market.base, market.alpha, price)
    by_firm, out = np.zeros((market.firms, len(best))), np.empty_like(price)
    total = np.exp(-best)
    margin = market.margin(price)
    _zeta(each, total, market.weight, market.alpha, margin, market.kept, market.firm, market.stakes, by_firm, out)
    return out


@compiled
def _relative(base: Array, slope: Array, x: Array, each: Array, best: Array) -> None:
    """each = utilities less the best of them, best = the best of them and 0."""
    models, consumers = base.shape
    best[:] = 0.0
    for j in range(models):
        for i in range(consumers):
            each[j, i] = base[j, i] + slope[i] * x[j]
            best[i] = max(best[i], each[j, i])
    for j in range(models):
        for i in range(consumers):
            each[j, i] -= best[i]


@compiled
def _zeta(
    each: Array, total: Array, weight: Array, alpha: Array, margin: Array, kept: Array, firm: NDArray[np.int64],
    stakes: Array, by_firm: Array, out: Array,
) -> None:  # fmt: skip
    """`zeta`; `total` comes with the outside good in it, `by_firm` with zeros. Four consumers are summed side by side, so
    that the compiler can vectorise although sums keep their order."""
    models, consumers = each.shape
    for j in range(models):
        f, m = firm[j], margin[j]
        for i in range(consumers):
            total[i] += each[j, i]
            by_firm[f, i] += m * each[j, i]
    if stakes.size:
        own, by_firm = by_firm, np.zeros_like(by_firm)
        for f in range(stakes.shape[0]):
            for g in range(stakes.shape[0]):
                for i in range(consumers):
                    by_firm[f, i] += stakes[f, g] * own[g, i]
    w = weight / total
    wa = w * alpha
    for f in range(by_firm.shape[0]):
        for i in range(consumers):
            by_firm[f, i] *= wa[i] / total[i]
    whole = consumers // 4 * 4
    for j in range(models):
        f = firm[j]
        s0 = s1 = s2 = s3 = a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = 0.0
        for i in range(0, whole, 4):
            e0, e1, e2, e3 = each[j, i], each[j, i + 1], each[j, i + 2], each[j, i + 3]
            s0 += e0 * w[i]
            s1 += e1 * w[i + 1]
            s2 += e2 * w[i + 2]
            s3 += e3 * w[i + 3]
            a0 += e0 * wa[i]
            a1 += e1 * wa[i + 1]
            a2 += e2 * wa[i + 2]
            a3 += e3 * wa[i + 3]
            b0 += e0 * by_firm[f, i]
            b1 += e1 * by_firm[f, i + 1]
            b2 += e2 * by_firm[f, i + 2]
            b3 += e3 * by_firm[f, i + 3]
        for i in range(whole, consumers):
            s0 += each[j, i] * w[i]
            a0 += each[j, i] * wa[i]
            b0 += each[j, i] * by_firm[f, i]
        share, slope, cross = s0 + s1 + s2 + s3, a0 + a1 + a2 + a3, b0 + b1 + b2 + b3
        out[j] = (cross - kept[j] * share) / slope
