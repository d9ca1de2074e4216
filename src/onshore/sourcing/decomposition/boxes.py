"""Ventures and modules made whole by diving: those that the prices have nearly whole are fixed, and the prices climb anew.

The relaxation pays for a tenth of a venture and uses a tenth of it; rounded from there, boxes come out that nothing else agrees
with. Here each round fixes some, and what is scarce then is priced anew, over the whole table: options that were of no use beside a
tenth of a module are those that a plan without it stands on. See docs/explanation/decomposition.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from onshore.sourcing.decomposition.dual import Dual
from onshore.sourcing.problem import Floats

__all__ = ["dived", "soft_boxes"]

TAU, STEPS, WITHIN = 1e-3, 40, 2e-3
"""Temperature and steps of the climb of each round, and how near to the best an option is to be active in it."""
NEARLY = 0.1
"""Boxes so near to whole are fixed in a round ..."""
SHARE = 0.2
"""... and this share of the others, the nearest of them."""
LAST = ((1e-3, 60), (2e-4, 100), (5e-5, 100))
"""Temperatures and steps once all are fixed."""


def soft_boxes(dual: Dual, tau: float) -> Floats:
    """(B,) ventures and modules as the prices would have them, softly, at a temperature."""
    n = dual.full
    r = (n.cost + n.matrix.T @ dual.prices) / (tau * np.maximum(np.abs(n.cost), 1e-3 * n.size.mean()))
    return np.asarray(n.lower + (n.upper - n.lower) / (1.0 + np.exp(np.clip(r, -500.0, 500.0))))


def dived(dual: Dual, up: Callable[[], bool]) -> Dual:
    """The dual of the problem with its boxes fixed, climbed from the best prices of `dual`.

    Its `bound` is no bound of the problem. Both share the table: its active options grow, its reduced costs are those of the last
    prices of either. Where time is `up`, some boxes may still be free.
    """
    lower, upper = dual.full.lower.copy(), dual.full.upper.copy()
    at = Dual(replace(dual.full, lower=lower, upper=upper), dual.best, dual.best, -np.inf)

    def climb(tau: float, steps: int, within: float) -> None:
        at.full_pass(at.prices)
        at.widen(within)
        at.climb(at.full.table.active(), tau, steps)

    while (lower < upper).any() and not up():
        climb(TAU, STEPS, WITHIN)
        z, free = soft_boxes(at, TAU), np.flatnonzero(lower < upper)
        off = np.abs(z - np.round(z))[free]
        near = int((off < NEARLY).sum())
        some = free[np.argsort(off, kind="stable")[: max(1, near + int(SHARE * (len(free) - near)))]]
        lower[some] = upper[some] = np.round(z[some])
    at.bound = -np.inf  # that of the rounds was of other problems
    for tau, steps in LAST:
        if not up():
            climb(tau, steps, max(6.0 * tau, WITHIN))
    at.full_pass(at.prices)
    return at
