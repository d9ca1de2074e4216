"""Rows that are still broken, mended by the cheapest single moves that break no other.

A part that uses a broken row goes to the option that costs least for each unit of what it mends in sum, if no local row that held
before is broken by it. Staying imported takes nothing from a maker, so what the makers lack is mended this way; where that
breaks a row of the whole programme, such as a ceiling on currency, the next pass mends that one by other parts.
See docs/explanation/decomposition.md.
"""

from __future__ import annotations

import numpy as np

from onshore.blueprint.compiled import compiled
from onshore.sourcing.problem import Floats, Ints

__all__ = ["repair"]


@compiled
def repair(
    order: Ints, first: Ints, indptr: Ints, indices: np.ndarray, data: Floats, cost: Floats, taken: Ints, over: Floats,
    penalty: Floats, slack: Floats, unit: Floats, local: np.ndarray,
) -> int:  # fmt: skip
    """One pass over the parts in order; `taken` and `over` are changed. How many moved. `unit` (R,) is what a row's lack is measured in,
    `local` (R,) says which rows may not be broken for the sake of another."""
    moved = 0
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
            mended, soft, fits = 0.0, 0.0, True
            for j in range(indptr[now], indptr[now + 1]):  # off, for now: what is lacking is counted row by row
                over[indices[j]] -= data[j]
            for j in range(indptr[k], indptr[k + 1]):
                over[indices[j]] += data[j]
            for turn in range(2):
                c = now if turn == 0 else k
                for j in range(indptr[c], indptr[c + 1]):
                    r = indices[j]
                    before = over[r]
                    # what the row was before: undo both columns where they meet it
                    for i in range(indptr[k], indptr[k + 1]):
                        if indices[i] == r:
                            before -= data[i]
                    both = False
                    for i in range(indptr[now], indptr[now + 1]):
                        if indices[i] == r:
                            before += data[i]
                            both = True
                    if turn == 1 and both:
                        continue  # counted with the first column
                    if penalty[r] < np.inf:
                        soft += penalty[r] * (max(0.0, over[r]) - max(0.0, before))
                        continue
                    if local[r] and over[r] > slack[r] and before <= slack[r]:
                        fits = False
                        break
                    mended += (max(0.0, before) - max(0.0, over[r])) / unit[r]
                if not fits:
                    break
            for j in range(indptr[k], indptr[k + 1]):
                over[indices[j]] -= data[j]
            for j in range(indptr[now], indptr[now + 1]):
                over[indices[j]] += data[j]
            if fits and mended > 1e-12:
                price = (cost[k] - cost[now] + soft) / mended
                if price < best:
                    best, to = price, k
        if to != now:
            moved += 1
            taken[p] = to
            for j in range(indptr[now], indptr[now + 1]):
                over[indices[j]] -= data[j]
            for j in range(indptr[to], indptr[to + 1]):
                over[indices[j]] += data[j]
    return moved
