"""The estimate that is often made and should not be: two-way fixed effects, and what it is made of.

Goodman-Bacon (2021): with one dummy for "the line has started", least squares averages every comparison of two groups in
which one changes and the other does not. Among the others are parts whose line started *earlier*: where their effect
still grows, its growth is taken off the effect of the later ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.impact.cells import NEVER
from onshore.impact.inference import Floats, Ints

__all__ = ["KINDS", "Naive", "naive"]

KINDS = {
    "never": "with parts whose line does not start",
    "later": "earlier starts with parts whose line starts later",
    "already": "later starts with parts whose line had already started",
}
"""The three kinds of comparison; the last is the wrong one."""


@dataclass(frozen=True)
class Naive:
    """`value` and `scores` (N,), whose squares summed over clusters are its variance.

    `weight` and `effect` by kind of comparison: the weights add up to 1, and the effects so weighted to `value`.
    """

    value: float
    scores: Floats
    weight: dict[str, float]
    effect: dict[str, float | None]


def naive(y: Floats, start: Ints) -> Naive:
    """y[i, t] = alpha[i] + theta[t] + beta [t >= start[i]], by least squares on all rows; `y` (N, T)."""
    periods = y.shape[1]
    d = (np.arange(periods) >= start[:, None]).astype(float)
    free = _within(d)
    spread = float((free * free).sum())
    value = float((free * y).sum()) / spread
    scores = (free * (_within(y) - value * free)).sum(axis=1) / spread
    weight, total = dict.fromkeys(KINDS, 0.0), dict.fromkeys(KINDS, 0.0)
    for kind, share, effect in _comparisons(y, start):
        weight[kind] += share * y.shape[1] / spread
        total[kind] += share * y.shape[1] / spread * effect
    return Naive(value, scores, weight, {k: total[k] / w if (w := weight[k]) else None for k in KINDS})


def _within(a: Floats) -> Floats:
    """Less its mean by part and by period."""
    return a - a.mean(axis=1, keepdims=True) - a.mean(axis=0) + a.mean()


def _comparisons(y: Floats, start: Ints) -> list[tuple[str, float, float]]:
    """Every comparison of two cohorts: its kind, its variance n_k n_l / n (equation 10, over N), its effect."""
    groups = np.unique(start)
    paths = {int(g): y[start == g].mean(axis=0) for g in groups}
    size = {int(g): int((start == g).sum()) for g in groups}
    periods, n = y.shape[1], len(y)
    share = {g: 0.0 if g == NEVER else (periods - g) / periods for g in paths}
    made = []
    for k in paths:
        for other in paths:
            if other <= k:
                continue
            pair = size[k] * size[other] / n
            if other == NEVER:
                made.append(
                    ("never", pair * share[k] * (1 - share[k]), _two_by_two(paths[k], paths[other], 0, k, periods))
                )
                continue
            apart = pair * (share[k] - share[other])
            made.append(("later", apart * (1 - share[k]), _two_by_two(paths[k], paths[other], 0, k, other)))
            made.append(("already", apart * share[other], _two_by_two(paths[other], paths[k], k, other, periods)))
    return made


def _two_by_two(own: Floats, other: Floats, first: int, start: int, end: int) -> float:
    """How far `own` moved at `start` beyond `other`, from the mean of first to start to that of start to end."""
    apart = own - other
    return float(apart[start:end].mean() - apart[first:start].mean())
