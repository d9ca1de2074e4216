"""Comparing like with like: one comparison of two groups in two periods, given covariates that do not change.

Each function takes the changes `dy` (n,), `d` (n,) 1 for the treated and 0 for the compared, and `x` (n, K) with a
column of ones, and returns the effect on the treated with its influence function (n,). Source: Sant'Anna and Zhao
(2020), equations 2.2 to 2.4 and 3.1; influence functions as in their appendix. Without further columns all three are the
difference of two means.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from onshore.impact.inference import Floats

__all__ = ["ADJUST", "NoOverlap"]

Adjusted = tuple[float, Floats]


class NoOverlap(Exception):
    """The covariates tell the treated from the compared (nearly) for certain: there is no like to compare with."""


def regression(dy: Floats, d: Floats, x: Floats) -> Adjusted:
    """What the treated would have done is predicted by a least-squares line through the compared."""
    fitted, moved = _line(dy, d, x)
    treated, effect = d.mean(), float((d * (dy - fitted)).mean() / d.mean())
    line = moved @ (d[:, None] * x).mean(axis=0)
    return effect, (d * (dy - fitted - effect) - line) / treated


def weighting(dy: Floats, d: Floats, x: Floats) -> Adjusted:
    """The compared are weighted by their odds of being treated, so that they resemble the treated (Hájek)."""
    odds, score = _odds(d, x)
    treated, compared = float((d * dy).mean() / d.mean()), float((odds * dy).mean() / odds.mean())
    own = d * (dy - treated) / d.mean()
    slope = ((odds * (dy - compared))[:, None] * x).mean(axis=0)
    other = (odds * (dy - compared) + score @ slope) / odds.mean()
    return treated - compared, own - other


def doubly_robust(dy: Floats, d: Floats, x: Floats) -> Adjusted:
    """Both: right if either the line or the odds are."""
    fitted, moved = _line(dy, d, x)
    odds, score = _odds(d, x)
    rest = dy - fitted
    treated, compared = float((d * rest).mean() / d.mean()), float((odds * rest).mean() / odds.mean())
    own = (d * (rest - treated) - moved @ (d[:, None] * x).mean(axis=0)) / d.mean()
    slope = ((odds * (rest - compared))[:, None] * x).mean(axis=0)
    line = moved @ (odds[:, None] * x).mean(axis=0)
    other = (odds * (rest - compared) + score @ slope - line) / odds.mean()
    return treated - compared, own - other


ADJUST: dict[str, Callable[[Floats, Floats, Floats], Adjusted]] = {
    "doubly_robust": doubly_robust,
    "regression": regression,
    "weighting": weighting,
}


def _line(dy: Floats, d: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Fitted values of least squares over the compared, and how each row moves its coefficients (n, K)."""
    c = (1 - d)[:, None] * x
    gram = c.T @ x / len(d)
    if np.linalg.matrix_rank(gram, hermitian=True) < x.shape[1]:
        raise NoOverlap
    fitted = x @ np.linalg.solve(gram, c.T @ dy / len(d))
    return fitted, (c * (dy - fitted)[:, None]) @ np.linalg.inv(gram)


def _odds(d: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Odds of being treated, for the compared (0 for the treated), by logit; how each row moves its coefficients.

    Newton's method. Raises `NoOverlap` where it runs away, or where a compared part is as good as certainly treated.
    """
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        share = 1 / (1 + np.exp(-np.clip(x @ beta, -500, 500)))
        hessian = (x * (share * (1 - share))[:, None]).T @ x
        if np.linalg.matrix_rank(hessian, hermitian=True) < x.shape[1]:
            raise NoOverlap
        step = np.linalg.solve(hessian, x.T @ (d - share))
        beta += step
        if np.abs(step).max() <= 1e-12 * max(1.0, np.abs(beta).max()):
            break
    else:
        raise NoOverlap
    share = 1 / (1 + np.exp(-x @ beta))
    if share[d == 0].max() > 0.999:
        raise NoOverlap
    hessian = (x * (share * (1 - share))[:, None]).T @ x / len(d)
    return (1 - d) * share / (1 - share), ((d - share)[:, None] * x) @ np.linalg.inv(hessian)
