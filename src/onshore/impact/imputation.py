"""The imputation estimator of Borusyak, Jaravel and Spiess (2024), beside which the other is read.

A line of its own level for each part and a common path over time are fitted to the rows before any start; what they
say for the rows after a start is taken from what was seen. It uses every period before the start where the other uses
one, so it is sharper where the common path holds throughout, and worse where it only holds lately. That the two agree
is worth more than either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.impact.cells import cohorts
from onshore.impact.inference import Floats, Ints

__all__ = ["Imputed", "impute"]


@dataclass(frozen=True)
class Imputed:
    """`since` (H,) periods since the start, `value` (H,) the mean effect then, `overall` over all of it.

    `scores` (H + 1, N), the last for `overall`: what part i adds to the error. Their squares, summed over clusters of
    their sums, are the conservative variance of the paper's proposition 4.
    """

    since: Ints
    value: Floats
    overall: float
    scores: Floats


def impute(y: Floats, start: Ints, x: Floats, *, anticipation: int) -> Imputed:
    """y[i, t] = alpha[i] + theta[t] z[i] + effect, fitted by least squares where t < start - anticipation.

    `y` (N, T); `x` (N, K), z = (1, x): covariates have a path of their own. An estimate is the mean of the imputed
    effects of its rows, and so a weighted sum of all values; with w the weights of that mean, those of the rows before a
    start are v = -Z0 (Z0' Z0)^-1 Z1' w. The error of an estimate is the sum over i of (sum over t of v[i, t] e[i, t])^2,
    with e the residual before a start and after it the imputed effect less the mean of its cohort and period, so that what
    differs between the effects of parts counts as noise: never too small an error (propositions 3 and 4, equation 8).
    """
    n, periods = y.shape
    z = np.column_stack([np.ones(n), x])
    until = np.minimum(start, periods + anticipation) - anticipation  # rows before it are fitted
    seen = int(until.max())  # later periods have nobody to fit a path to
    y, time = y[:, :seen], np.arange(seen)
    before = time < until[:, None]
    groups = [np.flatnonzero(until == u) for u in np.unique(until)]
    inverse, theta = _path(y, z, before, groups)
    rest = y - z @ theta.T
    rest -= (rest * before).sum(axis=1, keepdims=True) / before.sum(axis=1, keepdims=True)

    fit = rest * before
    spread = np.zeros_like(rest)
    began = [g for g in cohorts(start).tolist() if g < seen]
    for g in began:
        own = start == g
        spread[own, g:] = rest[own, g:] - rest[own, g:].mean(axis=0)
    since = np.arange(seen - min(began))
    values, scores = np.empty(len(since) + 1), np.empty((len(since) + 1, n))
    for at, h in enumerate([*since.tolist(), None]):  # None: all rows after a start
        chosen = {g: (time == g + h) if h is not None else time >= g for g in began}
        count = sum(int(c.sum()) * int((start == g).sum()) for g, c in chosen.items())
        values[at], scores[at] = 0.0, 0.0
        moved = np.zeros((seen, z.shape[1]))  # Z1' w, once the parts' own levels are fitted
        for g, rows in chosen.items():
            own = np.flatnonzero(start == g)
            values[at] += rest[np.ix_(own, rows)].sum() / count
            scores[at, own] = spread[np.ix_(own, rows)].sum(axis=1) / count
            level = rows / count - before[own[0]] * (rows.sum() / count / before[own[0]].sum())
            moved += np.outer(level, z[own].sum(axis=0))
        path = (inverse @ moved.ravel()).reshape(seen, -1)
        scores[at] -= (z * (fit @ path)).sum(axis=1)  # each part's own level drops out: its residuals add up to nothing
    return Imputed(since, values[:-1], float(values[-1]), scores)


def _path(y: Floats, z: Floats, before: Floats, groups: list[Ints]) -> tuple[Floats, Floats]:
    """Least squares over the rows before a start, each part's own level taken out: (Z0' Z0)^-1, and theta (seen, K).

    Parts with the same number of rows share their sums, so a group costs T^2 and not its size.
    """
    seen, k = y.shape[1], z.shape[1]
    normal, right = np.zeros((seen * k, seen * k)), np.zeros(seen * k)
    for own in groups:
        rows = before[own[0]].astype(np.float64)
        centred = np.diag(rows) - np.outer(rows, rows) / rows.sum()
        normal += np.kron(centred, z[own].T @ z[own])
        right += (centred @ (y[own].T @ z[own])).ravel()
    inverse = np.zeros_like(normal)
    inverse[k:, k:] = np.linalg.inv(normal[k:, k:])  # theta is 0 in the first period: each part has its own level
    return inverse, (inverse @ right).reshape(seen, k)
