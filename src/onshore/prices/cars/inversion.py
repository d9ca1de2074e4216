"""Mean utilities from shares: the demand that fits every observed share."""

from __future__ import annotations

import numpy as np

from onshore.prices.cars.demand import Array, odds
from onshore.prices.cars.squarem import Point, squarem

__all__ = ["mean_utilities"]

TOLERANCE = 1e-13
"""Of the logarithm of a share."""


def mean_utilities(taste: Array, weight: Array, share: Array, *, most: int = 2000) -> Point:
    """delta (J,) with sum over i of weight[i] s[j, i](delta[j] + taste[j, i]) = share[j].

    `taste` (J, I) is all that a consumer feels beyond delta, the price's part in it. Berry, Levinsohn and Pakes (1995),
    Econometrica 63, equation 6.8: delta <- delta + log share - log s(delta), a contraction, here accelerated. Where it
    gives up, Newton's method on the convex function whose slope is the error in shares.
    """
    start = np.log(share) - np.log(weight.sum() - share.sum())  # logit's
    start -= np.minimum(taste.max(axis=1), 0.0)  # lest nobody buys there
    ones = np.ones(len(weight))

    def step(delta: Array) -> Array:
        at = odds(taste, ones, delta)
        return delta + np.log(share) - np.log(at.each @ (weight / at.total))

    point = squarem(step, start, 1.0, TOLERANCE, most)
    return point if point.found else _newton(taste, weight, share, point)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _newton(taste: Array, weight: Array, share: Array, point: Point, most: int = 100) -> Point:
    """Least of L(delta) = sum over i of weight[i] log(1 + sum exp(delta + taste)) - share @ delta: convex, so that a
    Newton step, halved until it descends, arrives from anywhere."""
    ones = np.ones(len(weight))

    def look(delta: Array) -> tuple[float, Array]:
        at = odds(taste, ones, delta)
        return float(weight @ (np.log(at.total) + at.best) - share @ delta), at.each / at.total

    delta, evaluations = point.x, point.evaluations
    value, s = look(delta)
    for _ in range(most):
        fit = s @ weight
        error = np.log(share) - np.log(fit)
        if np.max(np.abs(error)) <= TOLERANCE:
            return Point(delta, error, evaluations, True)
        try:
            move = np.linalg.solve(np.diag(fit) - (s * weight) @ s.T, share - fit)
        except np.linalg.LinAlgError:
            break
        length, descent = 1.0, float((fit - share) @ move)
        while length > 1e-8:
            trial, tried = look(delta + length * move)
            evaluations += 1
            if trial <= value + 1e-4 * length * descent + 1e-15 * abs(value):
                break
            length /= 2
        else:
            break
        delta, value, s = delta + length * move, trial, tried
    return Point(delta, np.log(share) - np.log(s @ weight), evaluations, False)
