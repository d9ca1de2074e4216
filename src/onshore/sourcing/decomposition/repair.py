"""Rows that are still broken, mended by the cheapest single moves that break no other.

A part that uses a broken row goes to the option that costs least for each unit of what it mends in sum, if no local row that held
before is broken by it. Staying imported takes nothing from a maker, so what the makers lack is mended this way; where that
breaks a row of the whole programme, such as a ceiling on currency, the next pass mends that one by other parts.
See docs/explanation/decomposition.md.
"""

from __future__ import annotations

import numpy as np

from onshore.blueprint.compiled import compiled
from onshore.sourcing.decomposition.exchange import put
from onshore.sourcing.problem import Floats, Ints

__all__ = ["repair"]


@compiled
def repair(
    order: Ints, first: Ints, indptr: Ints, indices: np.ndarray, data: Floats, cost: Floats, taken: Ints, over: Floats,
    penalty: Floats, slack: Floats, unit: Floats, local: np.ndarray,
) -> int:  # fmt: skip
    """One pass over the parts in order; `taken` and `over` are changed. How many moved. `unit` (R,) is what a row's lack is measured in,
    `local` (R,) says which rows may not be broken for the sake of another."""
    moved, turn, R = 0, 0, len(over)
    mark, met, before = np.zeros(R, dtype=np.int64), np.empty(R, dtype=np.int64), np.empty(R)
    for p in order:
        now = taken[p]
        if now < 0:
            continue
        meets = False
        for j in range(indptr[now], indptr[now + 1]):
            r = indices[j]
            meets = meets or (data[j] > 0.0 and over[r] > slack[r] and penalty[r] == np.inf)
        if not meets:
            continue
        best, to = np.inf, now
        for k in range(first[p], first[p + 1]):
            if k == now:
                continue
            turn += 1
            count = 0
            for c in (now, k):  # every row of either column once, with what is over it before the move
                for j in range(indptr[c], indptr[c + 1]):
                    r = indices[j]
                    if mark[r] != turn:
                        mark[r] = turn
                        met[count], before[count] = r, over[r]
                        count += 1
            put(now, -1.0, indptr, indices, data, over)
            put(k, 1.0, indptr, indices, data, over)
            mended, soft, fits = 0.0, 0.0, True
            for i in range(count):
                r = met[i]
                if penalty[r] < np.inf:
                    soft += penalty[r] * (max(0.0, over[r]) - max(0.0, before[i]))
                else:
                    fits = fits and not (local[r] and over[r] > slack[r] and before[i] <= slack[r])
                    mended += (max(0.0, before[i]) - max(0.0, over[r])) / unit[r]
            put(k, -1.0, indptr, indices, data, over)
            put(now, 1.0, indptr, indices, data, over)
            if fits and mended > 1e-12:
                price = (cost[k] - cost[now] + soft) / mended
                if price < best:
                    best, to = price, k
        if to != now:
            moved += 1
            taken[p] = to
            put(now, -1.0, indptr, indices, data, over)
            put(to, 1.0, indptr, indices, data, over)
    return moved
