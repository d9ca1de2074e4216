"""What options count in rows: a term says which measure, grouped by what, adds to which row in which year.

Every row of the model but `choose_one` and `open_before_use` is a sum of terms. `gathered` works them out for some options at
once, column by column, by one compiled kernel: a table of millions of options is never held as anything but its columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onshore.blueprint.compiled import compiled
from onshore.sourcing.measures import Measures
from onshore.sourcing.problem import Floats, Ints

__all__ = ["Bundle", "Columns", "Members", "Term", "bundled", "gathered"]

OVER = ("part", "maker", "venture", "shop")
"""What a term can be grouped by: each leg has one of each, or none (-1)."""
AT_ONCE = 40_000
"""Options whose measures are stacked at a time: what the processor's cache can hold decides, not the sum."""


@dataclass(frozen=True)
class Members:
    """Which keys each of E entities (parts, makers, ...) belongs to; those of e are indptr[e] : indptr[e + 1]."""

    indptr: Ints  # (E + 1,)
    key: Ints  # (n,)
    weight: Floats | None = None  # (n, T) share of the entity's measure that belongs to the key; None: all of it

    @classmethod
    def of(cls, key_of: Sequence[int] | Ints) -> Members:
        """Each entity in one key, or in none where that is negative."""
        keys = np.asarray(key_of, dtype=np.int64)
        return cls(np.concatenate([[0], np.cumsum(keys >= 0)]), keys[keys >= 0])


@dataclass(frozen=True)
class Term:
    """`factor` (T,) times a measure of the legs (and, over parts, of what stays imported) counts in rows (keys, T).

    A row of -1 counts nothing. Several years of a key may share a row: they add up.
    """

    measure: str
    over: str
    members: Members
    rows: Ints  # (keys, T)
    factor: Floats  # (T,)


@dataclass(frozen=True)
class Columns:
    """n columns over R rows, without zeros; the rows of a column in order."""

    indptr: Ints  # (n + 1,)
    indices: np.ndarray  # int32
    data: Floats


def gathered(measures: Measures, terms: Sequence[Term] | Bundle, rows: int, entities: dict[str, Ints]) -> Columns:
    """What the options of `measures` count in each row. `entities` give each leg's part, maker, venture and shop."""
    options = measures.options
    bundle = terms if isinstance(terms, Bundle) else bundled(terms, len(measures.problem.years))
    amounts = [measures(name) for name in bundle.measures]
    of_leg = np.stack([entities[name] for name in OVER]).astype(np.int32)
    part = entities["part_of_option"].astype(np.int32)
    empty = np.zeros((0, 0, len(measures.problem.years)))
    stays = np.array([a.imports.any() for a in amounts], dtype=np.bool_)
    stays_at = np.where(stays, np.cumsum(stays) - 1, -1)
    pieces = []
    for k0 in range(0, options.count, AT_ONCE):
        k1 = min(options.count, k0 + AT_ONCE)
        l0, l1 = int(options.first_of_option[k0]), int(options.first_of_option[k1])
        legs = np.stack([a.legs[l0:l1] for a in amounts]) if amounts else empty
        imports = np.stack([amounts[i].imports[k0:k1] for i in np.flatnonzero(stays)]) if stays.any() else empty
        pieces.append(
            _gather(
                options.first_of_option[k0 : k1 + 1] - l0, of_leg[:, l0:l1], part[k0:k1], legs, imports, stays_at,
                bundle.measure,
                bundle.over, bundle.first, bundle.indptr, bundle.rows, bundle.factor, rows,
            )
        )  # fmt: skip
    if not pieces:
        return Columns(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0))
    if len(pieces) == 1:
        return Columns(*pieces[0])
    sizes = np.concatenate([np.diff(indptr) for indptr, _, _ in pieces])
    return Columns(
        np.concatenate([[0], np.cumsum(sizes)]), np.concatenate([p[1] for p in pieces]), np.concatenate([p[2] for p in pieces])
    )  # fmt: skip


@dataclass(frozen=True)
class Bundle:
    """Terms that share a measure and what it is grouped over, b of them, as flat arrays that a kernel can read.

    The entries of entity e in bundle i are indptr[first[i] + e] : indptr[first[i] + e + 1]; each has a row and a factor a year.
    """

    measures: list[str]
    measure: Ints  # (b,) place in `measures`
    over: Ints  # (b,) place in OVER
    first: Ints  # (b,)
    indptr: Ints
    rows: np.ndarray  # (n, T) int32
    factor: Floats  # (n, T)


def bundled(terms: Sequence[Term], T: int) -> Bundle:
    """The terms made ready: worth doing once where many tables are counted by them."""
    kinds = sorted({(t.measure, t.over) for t in terms})
    names = sorted({measure for measure, _ in kinds})
    indptrs, rows, factors = [np.zeros(0, dtype=np.int64)], [np.zeros((0, T), dtype=np.int32)], [np.zeros((0, T))]
    sizes, at = [], 0
    for kind in kinds:
        alike = [t for t in terms if (t.measure, t.over) == kind]
        E = len(alike[0].members.indptr) - 1
        entity = np.concatenate([np.repeat(np.arange(E), np.diff(t.members.indptr)) for t in alike])
        row = np.concatenate([t.rows[t.members.key] for t in alike])
        factor = np.concatenate([
            np.broadcast_to(t.factor, (len(t.members.key), T)) * (1.0 if t.members.weight is None else t.members.weight)
            for t in alike
        ])  # fmt: skip
        counts = (row >= 0) & (factor != 0)
        order = np.argsort(entity, kind="stable")
        order = order[counts[order].any(axis=1)]
        indptrs.append(at + np.searchsorted(entity[order], np.arange(E + 1)))
        rows.append(np.where(counts, row, -1)[order].astype(np.int32))
        factors.append(factor[order])
        sizes.append(E + 1)
        at += len(order)
    return Bundle(
        names, np.array([names.index(m) for m, _ in kinds], dtype=np.int64),
        np.array([OVER.index(o) for _, o in kinds], dtype=np.int64), np.cumsum([0, *sizes])[:-1].astype(np.int64),
        np.concatenate(indptrs), np.concatenate(rows), np.concatenate(factors),
    )  # fmt: skip


@compiled
def _gather(
    first: Ints, of_leg: np.ndarray, part: np.ndarray, legs: Floats, imports: Floats, stays_at: Ints, measure: Ints, over: Ints,
    bundle_first: Ints, indptr: Ints, rows: np.ndarray, factor: Floats, count: int,
) -> tuple[Ints, np.ndarray, Floats]:  # fmt: skip
    """The columns of n options; a sum is made in a dense row and emptied again, touched row by touched row."""
    n, T = len(part), factor.shape[1]
    room = 24 * n + 16
    out_indptr = np.zeros(n + 1, dtype=np.int64)
    indices, data = np.empty(room, dtype=np.int32), np.empty(room)
    # of a million rows few are met by one chunk: what is not written to takes no time
    total, mark, touched = np.empty(count), np.full(count, -1, dtype=np.int32), np.empty(count, dtype=np.int32)
    at = 0
    for k in range(n):
        met = 0
        for i in range(len(measure)):
            m, base = measure[i], bundle_first[i]
            for leg in range(first[k] - 1, first[k + 1]):
                whole = leg < first[k]  # what stays imported: parts alone have any
                if whole and (over[i] != 0 or stays_at[m] < 0):
                    continue
                e = part[k] if whole else of_leg[over[i], leg]
                if e < 0:
                    continue
                for t in range(T):
                    value = imports[stays_at[m], k, t] if whole else legs[m, leg, t]
                    if value == 0.0:
                        continue
                    for j in range(indptr[base + e], indptr[base + e + 1]):
                        r = rows[j, t]
                        if r < 0:
                            continue
                        if mark[r] != k:
                            mark[r] = k
                            total[r] = 0.0
                            touched[met] = r
                            met += 1
                        total[r] += factor[j, t] * value
        while at + met > room:
            room *= 2
            more_indices, more_data = np.empty(room, dtype=np.int32), np.empty(room)
            more_indices[:at], more_data[:at] = indices[:at], data[:at]
            indices, data = more_indices, more_data
        for i in range(1, met):  # by insertion: few, and mostly in order already
            r, j = touched[i], i
            while j > 0 and touched[j - 1] > r:
                touched[j] = touched[j - 1]
                j -= 1
            touched[j] = r
        for j in range(met):
            if total[touched[j]] != 0.0:
                indices[at], data[at] = touched[j], total[touched[j]]
                at += 1
        out_indptr[k + 1] = at
    return out_indptr, indices[:at].copy(), data[:at].copy()
