"""Rows that every plan keeps and the relaxation does not: mixed-integer rounding (Nemhauser and Wolsey 1990; Marchand and Wolsey 2001).

A row a x + g z <= h of whole options and boxes, divided by d: with F(t) = floor t + max(0, t - floor t - f) / (1 - f) and f what
h / d is above a whole number, sum F(a / d) x + sum F(g / d) z <= floor(h / d). As each part stands on one option, an amount may be taken
off all options of a part and off h first: what the option uses that the relaxation has most of. So a part that nearly fills
a machine costs the row a whole step as soon as it is there. F is a formula of what an option uses of the row, so each option of the whole table
has its coefficient, whether the relaxation holds it or not. See docs/explanation/decomposition.md.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import reduce
from typing import Any

import numpy as np
from scipy import sparse

from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.normal import OptionColumns, smallest
from onshore.sourcing.problem import Floats, Ints

__all__ = ["Cuts", "rounded"]

MOSTLY = 0.5
"""An option that the relaxation has more of than this is what its part's others are counted from."""
DIVISORS = 12
"""At most so many divisors of a row are tried: what fractional options and boxes use of it ..."""
SMALLER = (2.0, 4.0, 8.0)
"""... and the best of them divided by these."""
STEP = 0.02
"""A divisor that leaves less than this above or below a whole number is left aside: the sum could be rounded the wrong way."""
DEEP = 2e-3
"""How far a cut has to lie beyond the relaxation's point, in its own length."""


@dataclass(frozen=True)
class Cuts:
    """C rows, at most `right`, and what each was made from."""

    options: sparse.csr_array  # (C, n)
    boxes: sparse.csr_array  # (C, B)
    right: Floats  # (C,)
    row: Ints  # (C,) that was rounded
    divisor: Floats  # (C,)
    counted: sparse.csr_array  # (C, n) 1 for options whose use of the row was taken off their part's others
    flipped: sparse.csr_array  # (C, B) 1 for boxes counted from their most

    @classmethod
    def none(cls, options: int, boxes: int) -> Cuts:
        wide, narrow = sparse.csr_array((0, options)), sparse.csr_array((0, boxes))
        return cls(wide, narrow, np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0), wide, narrow)

    def __len__(self) -> int:
        return len(self.right)

    def and_(self, more: Cuts) -> Cuts:
        return Cuts(*(_below(getattr(self, f.name), getattr(more, f.name)) for f in fields(self)))

    def only(self, chosen: np.ndarray) -> Cuts:
        """Those (C,) bool."""
        return Cuts(*(getattr(self, f.name)[chosen] for f in fields(self)))


def _below(above: Any, below: Any) -> Any:
    if isinstance(above, np.ndarray):
        return np.concatenate([above, below])
    return sparse.csr_array(sparse.vstack([above, below], format="csr"))


@dataclass(frozen=True)
class _Row:
    """A row as it is rounded: what is left of h, of each option and of each box once amounts are taken off."""

    place: int
    counted: Ints  # options that count in it and are taken off their part's others
    right: float
    options: Floats  # (n,)
    boxes: Floats  # (B,) of what a box has above its least, or lacks of its most
    flipped: np.ndarray  # (B,) bool: it is counted from its most


def rounded(
    full: Full, t: OptionColumns, by_row: sparse.csr_array, weight: Floats, z: Floats, rows: Ints, most: int
) -> Cuts:
    """The deepest cuts of these hard rows, `most` of them, at the relaxation's weights (n,) of options and boxes z (B,).

    `by_row` (R, n) are the options by rows.
    """
    top = smallest(t.first, -weight)
    counted = np.where(weight[top] > MOSTLY, top, -1)
    support = np.flatnonzero(weight > 1e-9)
    boxes = sparse.csr_array(full.matrix)
    found: list[tuple[float, _Row, float]] = []
    for i in rows.tolist():
        row = _of(full, t, by_row, boxes, i, counted, z)
        best = _deepest(full, t, row, weight, z, support)
        if best is not None and best[0] > DEEP:
            found.append((best[0], row, best[1]))
    found.sort(key=lambda f: -f[0])
    return _cuts(full, t, found[:most])


def _of(
    full: Full, t: OptionColumns, by_row: sparse.csr_array, boxes: sparse.csr_array, i: int, counted: Ints, z: Floats
) -> _Row:
    used = np.zeros(len(t.cost))
    cells = slice(by_row.indptr[i], by_row.indptr[i + 1])
    used[by_row.indices[cells]] = by_row.data[cells]
    off = np.where(counted >= 0, used[counted], 0.0)
    each = np.zeros(len(full.cost))
    cells = slice(boxes.indptr[i], boxes.indptr[i + 1])
    each[boxes.indices[cells]] = boxes.data[cells]
    flipped = z > 0.5 * (full.lower + full.upper)
    right = float(full.right[i] - off.sum() - each @ np.where(flipped, full.upper, full.lower))
    some = counted[off != 0.0]
    return _Row(i, some, right, used - np.repeat(off, np.diff(t.first)), np.where(flipped, -each, each), flipped)


def _deepest(
    full: Full, t: OptionColumns, row: _Row, weight: Floats, z: Floats, support: Ints
) -> tuple[float, float] | None:
    """How deep the deepest cut of a row is, and its divisor."""
    x, a, whole = weight[support], row.options[support], ~full.divisible[t.part[support]]
    y = np.where(row.flipped, full.upper - z, z - full.lower)
    split = np.concatenate(
        [np.abs(a[(x < 1.0 - 1e-6) & (a != 0.0)]), np.abs(row.boxes[(y > 1e-6) & (row.boxes != 0.0)])]
    )
    best: tuple[float, float] | None = None

    def tried(divisor: float) -> None:
        nonlocal best
        f = row.right / divisor - np.floor(row.right / divisor)
        if not STEP <= f <= 1.0 - STEP:
            return
        of_options, of_boxes = _f(a / divisor, f, whole), _f(row.boxes / divisor, f, np.ones(len(y), dtype=np.bool_))
        over = of_options @ x + of_boxes @ y - np.floor(row.right / divisor)
        length = np.sqrt(of_options @ of_options + of_boxes @ of_boxes)
        if length > 0 and (best is None or over / length > best[0]):
            best = (float(over / length), divisor)

    divisors = np.unique(split)[::-1]
    for divisor in divisors[np.linspace(0, len(divisors) - 1, min(DIVISORS, len(divisors))).astype(np.int64)]:
        tried(float(divisor))
    if best is not None:
        for by in SMALLER:
            tried(best[1] / by)
    return best


def _f(t: Floats, f: float, whole: np.ndarray) -> Floats:
    """F; of what need not be whole, its slope below zero."""
    floor = np.floor(t)
    return np.where(whole, floor + np.maximum(0.0, t - floor - f) / (1.0 - f), np.minimum(0.0, t) / (1.0 - f))


def _cuts(full: Full, t: OptionColumns, found: list[tuple[float, _Row, float]]) -> Cuts:
    made = Cuts.none(len(t.cost), len(full.cost))
    whole = ~full.divisible[t.part]
    rows = []
    for _, row, divisor in found:
        f = row.right / divisor - np.floor(row.right / divisor)
        of_boxes = _f(row.boxes / divisor, f, np.ones(len(row.boxes), dtype=np.bool_))
        # back from what a box has above its least, or lacks of its most
        sign = np.where(row.flipped, -1.0, 1.0)
        right = np.floor(row.right / divisor) + of_boxes @ (sign * np.where(row.flipped, full.upper, full.lower))
        counted = np.zeros(len(t.cost))
        counted[row.counted] = 1.0
        rows.append(
            Cuts(
                _flat(_f(row.options / divisor, f, whole)), _flat(sign * of_boxes), np.array([right]), np.array([row.place]),
                np.array([divisor]), _flat(counted), _flat(row.flipped & (row.boxes != 0.0)),
            )
        )  # fmt: skip
    return reduce(Cuts.and_, rows, made)


def _flat(row: np.ndarray) -> sparse.csr_array:
    return sparse.csr_array(row.astype(np.float64)[None, :])
