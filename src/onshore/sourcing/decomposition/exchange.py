"""Two parts moved at once: one to an option that is cheaper but has no room, another out of its way.

What single moves cannot reach: a plan that fills its rows leaves no room for any part by itself. For each part and each cheaper
option of it, the parts that use a row that would be broken are tried one after the other, on every option whose extra
cost leaves a gain; the first exchange that keeps every hard row is made. See docs/explanation/decomposition.md.
"""

from __future__ import annotations

import numpy as np

from onshore.blueprint.compiled import compiled
from onshore.sourcing.decomposition.normal import Normal
from onshore.sourcing.problem import Floats, Ints

__all__ = ["exchange", "put", "users_of"]

MOST_BROKEN = 4
"""A move that breaks more rows than this is not mended by one other part."""
MOST_TRIED = 60
"""Parts tried against one move: a row that half the programme uses would try them all."""


def users_of(normal: Normal) -> tuple[Ints, np.ndarray]:
    """The parts that may use each row: those of row r are parts[first[r] : first[r + 1]]."""
    t, R = normal.table, len(normal.right)
    part = np.repeat(t.part, np.diff(t.indptr)).astype(np.int64)
    pairs = np.unique(t.indices.astype(np.int64) * (len(t.first) - 1) + part)
    row, parts = pairs // (len(t.first) - 1), pairs % (len(t.first) - 1)
    return np.searchsorted(row, np.arange(R + 1)), parts.astype(np.int32)


@compiled
def put(k: int, sign: float, indptr: Ints, indices: np.ndarray, data: Floats, over: Floats) -> None:
    """Add a column, so many times, to what is over the rows."""
    for j in range(indptr[k], indptr[k + 1]):
        over[indices[j]] += sign * data[j]


@compiled
def _broken(k: int, indptr: Ints, indices: np.ndarray, over: Floats, room: Floats, found: Ints, count: int) -> int:
    """Rows of a column that have no room left, added to `found` while there is room: how many there are then."""
    for j in range(indptr[k], indptr[k + 1]):
        r = indices[j]
        if over[r] > room[r]:
            known = False
            for i in range(min(count, len(found))):
                known = known or found[i] == r
            if not known:
                if count < len(found):
                    found[count] = r
                count += 1
    return count


@compiled
def exchange(
    order: Ints, first: Ints, indptr: Ints, indices: np.ndarray, data: Floats, cost: Floats, taken: Ints, over: Floats,
    room: Floats, users_first: Ints, users: np.ndarray, turn: int,
) -> int:  # fmt: skip
    """Exchanges for each part in order; `taken` and `over` are changed. How many were made.

    No row may come to more than its `room`, and none does before: a soft row's room is what it misses now. `turn` says where in
    the list of a row's users to begin.
    """
    made = 0
    found = np.zeros(MOST_BROKEN, dtype=np.int64)
    again = np.zeros(MOST_BROKEN, dtype=np.int64)
    for p in order:
        now = taken[p]
        if now < 0:
            continue
        for k in range(first[p], first[p + 1]):
            gain = cost[now] - cost[k]
            if gain <= 1e-9 * abs(cost[now]):
                continue
            put(now, -1.0, indptr, indices, data, over)
            put(k, 1.0, indptr, indices, data, over)
            count = _broken(k, indptr, indices, over, room, found, 0)
            count = _broken(now, indptr, indices, over, room, found, count)
            done = count == 0
            if count > 0 and count <= MOST_BROKEN:
                r = found[0]
                n = users_first[r + 1] - users_first[r]
                turn += 1
                for i in range(min(n, MOST_TRIED)):
                    q = users[users_first[r] + (turn * MOST_TRIED + i) % n]
                    was = taken[q]
                    if q == p or was < 0:
                        continue
                    uses = False
                    for j in range(indptr[was], indptr[was + 1]):
                        uses = uses or (indices[j] == r and data[j] > 0.0)
                    if not uses:
                        continue
                    put(was, -1.0, indptr, indices, data, over)
                    for l in range(first[q], first[q + 1]):
                        if l == was or cost[l] - cost[was] >= gain * (1.0 - 1e-9):
                            continue
                        put(l, 1.0, indptr, indices, data, over)
                        bad = _broken(l, indptr, indices, over, room, again, 0)
                        if bad == 0:
                            bad = _broken(was, indptr, indices, over, room, again, 0)
                        for j in range(count):
                            bad += over[found[j]] > room[found[j]]
                        if bad == 0:
                            taken[q] = l
                            done = True
                            break
                        put(l, -1.0, indptr, indices, data, over)
                    if done:
                        break
                    put(was, 1.0, indptr, indices, data, over)
            if done:
                taken[p] = k
                now = k
                made += 1
            else:
                put(k, -1.0, indptr, indices, data, over)
                put(now, 1.0, indptr, indices, data, over)
    return made
