"""Learning curves: what a unit costs when experience grows (Wright 1936; Crawford's unit form).

A unit's price falls to `progress_ratio` of itself each time the cumulated units double:
p(n) = p(E) (n / E)^b with b = log2(progress_ratio) and E units of experience at price p(E).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["mean_price_factor"]

Array = npt.NDArray[np.float64]


def mean_price_factor(before: Array, units: Array, experience: Array, progress_ratio: Array) -> Array:
    """Mean of (n / E)^b over the units made from E + before to E + before + units, as a factor on the first price.

    All arrays broadcast together. `before`, `units`: units; `experience` E > 0: units; `progress_ratio` in (0.5, 1].
    Exact integral ((E+a+u)^(b+1) - (E+a)^(b+1)) / ((b+1) u E^b), which needs b > -1, hence the bound on the
    ratio; with no units made it is the factor of the next unit.

    Source: Wright (1936), continuous form; see docs/explanation/plan.md.
    """
    b = np.log2(progress_ratio)
    start = 1.0 + before / experience
    grown = units / experience
    # (s+g)^(b+1) - s^(b+1) over g (b+1), written so that a small g loses no digits
    ratio = np.expm1((b + 1.0) * np.log1p(grown / start)) / np.where(grown > 0, grown / start * (b + 1.0), 1.0)
    moves = (grown > 0) & (b < 0)  # a price that does not learn stays exactly what it is
    result: Array = start**b * np.where(moves, ratio, 1.0)
    return result
