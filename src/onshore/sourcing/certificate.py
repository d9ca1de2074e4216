"""How good a plan is at least: a bound recomputed from prices over the whole option table, and the three gaps.

For prices u of the rows (their sign fits the side that binds) every plan z costs at least
LB(u) = sum_p min_k (c_k - u a_k) + sum_v min(0, c_v - u a_v) + sum_n min(0, ...) + u b   (weak duality),
whoever found u. See docs/explanation/plan.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.sourcing.limits import Bound
from onshore.sourcing.model import Model, without_the_impossible
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Ints

__all__ = ["Gaps", "Losses", "Proof", "bound_of_prices", "gaps_of", "proof_of"]


@dataclass(frozen=True)
class Gaps:
    """Fractions, None where they do not exist. `stake` is max(S0, UB) - sum_p min_k c_pk: all that choosing can move."""

    of_cost: float | None
    of_savings: float | None
    of_stake: float | None


@dataclass(frozen=True)
class Losses:
    """Of m makers, in the order of `maker` (m,): no plan loses less there than `at_least` (m,).

    `within` (m,) is how much was looked for: what a plan lost there. An option that loses more by itself was left aside.
    """

    maker: Ints
    within: Floats
    at_least: Floats

    @property
    def total(self) -> float:
        return float(self.at_least.sum())

    @classmethod
    def none(cls) -> Losses:
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Proof:
    """What has to be known of all options to tell how good a plan is, as the objective is minimised.

    `imported` is S0 and `least` sum_p min_k c_pk; `by_prices` is LB(u), and `promised` the same where what alone breaks a row
    counts too, so that it holds with more room in that row; `reach` (bounds,) is by how much a row gives way at most for
    one unit of its limit.
    """

    imported: float
    least: float
    by_prices: float
    promised: float
    reach: Floats


def proof_of(model: Model, options: Options, prices: Floats) -> Proof:
    """The proof over a model of all options."""
    first = options.first_of_part[:-1]
    permitted = np.where(model.upper[model.options] > 0, model.cost[model.options], np.inf)
    return Proof(
        imported=float(model.cost[model.options][first].sum()),
        least=float(np.minimum.reduceat(permitted, first).sum()),
        by_prices=bound_of_prices(without_the_impossible(model), options, prices),
        promised=bound_of_prices(model, options, prices),
        reach=np.array([reach_of(bound, model, options) for bound in model.bounds]),
    )


def reach_of(bound: Bound, model: Model, options: Options) -> float:
    """By how much the row gives way, at most, for one unit of the limit: 1, or for a share the most it can be a share of."""
    if bound.denominator is None:
        return 1.0
    below = bound.denominator
    permitted = model.upper[model.options][below.options] > 0
    most = np.zeros(len(options.first_of_part) - 1)
    np.maximum.at(most, options.part[below.options[permitted]], below.weights[permitted])
    return max(0.0, float(most.sum()) + below.constant) / (1e6 if bound.measure == "defects_ppm" else 1.0)


def bound_of_prices(model: Model, options: Options, prices: Floats) -> float:
    """LB(u) in float64 from the matrix alone. The rows `choose_one` are kept, so their prices are not used."""
    u = prices.copy()
    u[model.blocks["choose_one"]] = 0.0
    # a price can only push a row towards a side that is bounded
    u = np.where(np.isneginf(model.low), np.minimum(u, 0.0), u)
    u = np.where(np.isposinf(model.high), np.maximum(u, 0.0), u)
    u = _within_penalties(model, u)
    reduced = model.cost - model.matrix.T @ u
    side = np.where(u > 0, model.low, model.high)
    total = float(u[u != 0] @ side[u != 0])
    x = np.where(model.upper[model.options] > 0, reduced[model.options], np.inf)
    total += float(np.minimum.reduceat(x, options.first_of_part[:-1]).sum())
    for block in (model.ventures, model.modules, model.slacks):
        r, low, high = reduced[block], model.lower[block], model.upper[block]
        total += float(np.where(r >= 0, r * low, r * np.where(np.isinf(high), 0.0, high)).sum())
    return total


def _within_penalties(model: Model, prices: Floats) -> Floats:
    """A soft limit's price never exceeds its penalty; with that, the reduced cost of its slack is not negative."""
    u = prices.copy()
    first = model.blocks["limits"].start
    for r, bound in enumerate(model.bounds):
        if bound.penalty is not None:
            u[first + r] = np.clip(u[first + r], -bound.penalty, bound.penalty)
    return u


def gaps_of(upper: float, lower: float, imported: float, least: float) -> Gaps:
    """The three gaps of a plan of objective `upper` with the bound `lower`.

    `imported` is S0, the objective with every part imported; `least` is sum_p min_k c_pk, each part's cheapest
    option as if nothing were limited.
    """
    width = max(0.0, upper - lower)
    stake = max(imported, upper) - least
    return Gaps(
        of_cost=width / abs(upper) if upper else (0.0 if width == 0 else None),
        of_savings=width / (imported - lower) if imported > upper else None,
        of_stake=(width / stake if stake > 0 else 0.0),
    )
