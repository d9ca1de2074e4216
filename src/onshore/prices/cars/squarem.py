"""A fixed point, faster: squared extrapolation of x <- step(x)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from onshore.prices.cars.demand import Array

__all__ = ["Point", "squarem"]


@dataclass(frozen=True)
class Point:
    """Where an iteration ended: `x`, the `residual` step(x) - x there, and how many `evaluations` of `step` it took."""

    x: Array
    residual: Array
    evaluations: int
    found: bool


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # it looks whether numbers are finite
def squarem(
    step: Callable[[Array], Array],
    start: Array,
    unit: Array | float,
    tolerance: float,
    most: int,
    reach: float = np.inf,
) -> Point:
    """The x at which |step(x) - x| <= tolerance * unit everywhere, from `start`, in `most` evaluations.

    Varadhan and Roland (2008), Scandinavian Journal of Statistics 35, 335-353, scheme S3; an extrapolation beyond `reach`
    units of where the steps led is left out, lest it end at another fixed point. A start that is a fixed point comes
    back as it is. Where the point is not found, the best one is returned: the caller decides what then.
    """
    x, evaluations = start, 0
    best, best_gap = Point(start, np.full_like(start, np.inf), 0, False), np.inf
    while evaluations < most:
        moves: list[Array] = []
        base = x
        for _ in range(2):
            to = step(x)
            evaluations += 1
            residual = to - x
            gap = float(np.max(np.abs(residual) / unit))
            if gap < best_gap:
                best, best_gap = Point(x, residual, evaluations, gap <= tolerance), gap
            if gap <= tolerance:
                return best
            moves.append(residual)
            x = to
        r, v = moves[0], moves[1] - moves[0]
        length = float(np.sqrt((r @ r) / (v @ v)))
        far = base + 2 * length * r + length**2 * v
        if np.max(np.abs(far - x) / unit) <= reach and np.isfinite(far).all():
            x = far
        elif not np.isfinite(x).all():
            break
    return Point(best.x, best.residual, evaluations, False)
