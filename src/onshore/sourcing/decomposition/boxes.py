"""Ventures and modules made whole by diving: those that the prices have nearly whole are fixed, and the prices climb anew.

The relaxation pays for a tenth of a venture and uses a tenth of it; rounded from there, boxes come out that nothing else agrees
with. Here each round fixes some, and what is scarce then is priced anew, over the whole table: options that were of no use beside a
tenth of a module are those that a plan without it stands on. See docs/explanation/decomposition.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from onshore.sourcing.decomposition.dual import Dual
from onshore.sourcing.problem import Floats, Ints

__all__ = ["climb_on_active", "dived", "soft_boxes"]

TAU, STEPS = 1e-3, 40
"""Temperature and steps of the climb of each round."""
WITHIN = 2e-3
"""Options so near to a part's best are active at least."""
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


def climb_on_active(dual: Dual, tau: float, steps: int) -> None:
    """Widen the active table by what the last prices make cheap, climb on it, and take a full pass.

    An active table may hold no way of keeping every row, and prices on it run away. What they make cheap is what it lacked; the
    climb starts from the best prices there were.
    """
    dual.widen(max(6.0 * tau, WITHIN))
    if dual.prices is not dual.best:
        dual.full_pass(dual.best)
    dual.climb(dual.full.table.active(), tau, steps)
    dual.full_pass(dual.prices)


def dived(dual: Dual, worst: float, up: Callable[[], bool]) -> Dual | None:
    """The dual of the problem with its boxes fixed, climbed from the best prices of `dual`; None where it proves that every plan
    with them costs more than `worst`.

    Its `bound`, of fewer boxes from round to round, is none of the problem. Both share the table: its active options grow, its
    reduced costs are those of the last prices of either. Where time is `up`, some boxes may still be free.
    """
    full = dual.full
    lower, upper = full.lower.copy(), full.upper.copy()
    at = Dual(replace(full, lower=lower, upper=upper), dual.best, dual.best, -np.inf)
    at.full_pass(at.prices)
    own = np.flatnonzero(~full.table.touched())
    alone, right = sparse.csc_array(full.matrix[own]), full.right[own]
    while (lower < upper).any() and not up():
        climb_on_active(at, TAU, STEPS)
        z, free = soft_boxes(at, TAU), np.flatnonzero(lower < upper)
        off = np.abs(z - np.round(z))[free]
        near = int((off < NEARLY).sum())
        some = free[np.argsort(off, kind="stable")[: max(1, near + int(SHARE * (len(free) - near)))]]
        _fix(some, z, lower, upper, alone, right)
    for tau, steps in LAST:
        if not up() and at.bound < worst:
            climb_on_active(at, tau, steps)
    return at if at.bound < worst else None


def _fix(some: Ints, z: Floats, lower: Floats, upper: Floats, alone: sparse.csc_array, right: Floats) -> None:
    """Fix these boxes, one by one, at the whole value nearest to z (B,) that fits the rows in which boxes count `alone`."""
    gain = alone.maximum(0.0)
    left = right - gain @ lower - (alone - gain) @ upper  # once every other box is where it takes least
    for b in some.tolist():
        cells = slice(alone.indptr[b], alone.indptr[b + 1])
        rows, each = alone.indices[cells], alone.data[cells]
        left[rows] += np.minimum(each * lower[b], each * upper[b])
        values = np.arange(lower[b], upper[b] + 1.0)
        values = values[np.argsort(np.abs(values - z[b]), kind="stable")]
        fits = (each[:, None] * values <= left[rows][:, None] + 1e-9).all(axis=0)
        lower[b] = upper[b] = values[int(np.argmax(fits))]
        left[rows] -= each * lower[b]
