"""Rows that every plan keeps and the relaxation does not: mixed-integer rounding (Nemhauser and Wolsey 1990; Marchand and Wolsey 2001).

A row a x + g z <= h of whole options and boxes, divided by d: with F(t) = floor t + max(0, t - floor t - f) / (1 - f) and f what
h / d is above a whole number, sum F(a / d) x + sum F(g / d) z <= floor(h / d). As each part stands on one option, an amount may be taken
off all options of a part and off h first: what the option uses that the relaxation has most of. So a part that nearly fills
a machine costs the row a whole step as soon as it is there. F is a formula of what an option uses of the row, so each option of the whole table
has its coefficient, whether the relaxation holds it or not. See docs/explanation/decomposition.md.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import fsum
from typing import Any

import numpy as np
from scipy import sparse

from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.normal import OptionColumns, smallest
from onshore.sourcing.options import ranges
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
class _Options:
    """Options that rows are rounded over: all of them, or those that the relaxation has some of."""

    by_row: sparse.csr_array  # (R, n)
    first: Ints  # (P + 1,)
    part: Ints  # (n,)
    whole: np.ndarray  # (n,) bool
    counted: Ints  # (P,) what its part's others are counted from, -1 for none
    used: Floats  # (n,) zeros, to work in

    @classmethod
    def of(cls, full: Full, by_row: sparse.csr_array, first: Ints, counted: Ints) -> _Options:
        part = np.repeat(np.arange(len(first) - 1), np.diff(first))
        return cls(by_row, first, part, ~full.divisible[part], counted, np.zeros(len(part)))


@dataclass(frozen=True)
class _Row:
    """A row as it is rounded: what is left of h, of options and of boxes once amounts are taken off; what is not named has none."""

    place: int
    right: float
    options: Ints
    of_options: Floats
    whole: np.ndarray  # bool, of each of these options
    counted: Ints  # options that are taken off their part's others
    boxes: Ints
    of_boxes: Floats  # of what a box has above its least, or lacks of its most
    flipped: np.ndarray  # bool: it is counted from its most

    def rounded(self, divisor: float) -> tuple[Floats, Floats, float]:
        """Options', boxes' and the right side once divided."""
        f = self.right / divisor - np.floor(self.right / divisor)
        of_boxes = _f(self.of_boxes / divisor, f, np.ones(len(self.boxes), dtype=np.bool_))
        return _f(self.of_options / divisor, f, self.whole), of_boxes, float(np.floor(self.right / divisor))


def rounded(
    full: Full, t: OptionColumns, by_row: sparse.csr_array, weight: Floats, z: Floats, rows: Ints, most: int
) -> Cuts:
    """The deepest cuts of these hard rows, `most` of them, at the relaxation's weights (n,) of options and boxes z (B,).

    `by_row` (R, n) are the options by rows.
    """
    top, support = smallest(t.first, -weight), np.flatnonzero(weight > 1e-9)
    counted = np.where(weight[top] > MOSTLY, top, -1)
    place = np.searchsorted(support, counted)  # whatever is mostly there is there
    first = np.searchsorted(support, t.first)
    few = _Options.of(full, by_row[:, support], first, np.where(counted >= 0, place, -1))
    boxes = sparse.csr_array(full.matrix)
    found = []
    for i in rows.tolist():
        row = _of(full, few, boxes, i, z)
        best = _deepest(full, row, weight[support], z)
        if best is not None and best[0] > DEEP:
            found.append((best[0], i, best[1]))
    found.sort(key=lambda f: -f[0])
    every = _Options.of(full, by_row, t.first, counted)
    return _cuts(full, len(t.cost), [(_of(full, every, boxes, i, z), divisor) for _, i, divisor in found[:most]])


def _of(full: Full, o: _Options, boxes: sparse.csr_array, i: int, z: Floats) -> _Row:
    cells = slice(o.by_row.indptr[i], o.by_row.indptr[i + 1])
    met, values = o.by_row.indices[cells], o.by_row.data[cells]
    o.used[met] = values
    parts = np.unique(o.part[met])
    top = o.counted[parts]
    off = np.where(top >= 0, o.used[top], 0.0)
    some = off != 0.0
    # all options of a part that an amount is taken off, and of other parts those that use the row
    inside = ranges(o.first[parts[some]], o.first[parts[some] + 1])
    outside = met[~np.isin(o.part[met], parts[some])]
    of_options = np.concatenate([
        o.used[inside] - np.repeat(off[some], np.diff(o.first)[parts[some]]), o.used[outside],
    ])  # fmt: skip
    o.used[met] = 0.0
    cells = slice(boxes.indptr[i], boxes.indptr[i + 1])
    box, each = boxes.indices[cells], boxes.data[cells]
    flipped = z[box] > 0.5 * (full.lower + full.upper)[box]
    # a sum that no order changes: whoever rounds the row again gets the same digits
    right = full.right[i] - fsum(off) - fsum(each * np.where(flipped, full.upper[box], full.lower[box]))
    options = np.concatenate([inside, outside])
    return _Row(
        i, float(right), options, of_options, o.whole[options], top[some], box, np.where(flipped, -each, each), flipped
    )  # fmt: skip


def _deepest(full: Full, row: _Row, weight: Floats, z: Floats) -> tuple[float, float] | None:
    """How deep the deepest cut of a row is, and its divisor."""
    x, a, box = weight[row.options], row.of_options, row.boxes
    y = np.where(row.flipped, full.upper[box] - z[box], z[box] - full.lower[box])
    split = np.concatenate([np.abs(a[(x < 1.0 - 1e-6) & (a != 0.0)]), np.abs(row.of_boxes[y > 1e-6])])
    best: tuple[float, float] | None = None

    def tried(divisor: float) -> None:
        nonlocal best
        f = row.right / divisor - np.floor(row.right / divisor)
        if not STEP <= f <= 1.0 - STEP:
            return
        of_options, of_boxes, right = row.rounded(divisor)
        over = of_options @ x + of_boxes @ y - right
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


def _cuts(full: Full, options: int, found: list[tuple[_Row, float]]) -> Cuts:
    """These rows divided and rounded, over so many options."""
    B = len(full.cost)
    each, boxes, right = [], [], []
    for row, divisor in found:
        of_options, of_boxes, floor = row.rounded(divisor)
        # back from what a box has above its least, or lacks of its most
        sign = np.where(row.flipped, -1.0, 1.0)
        base = np.where(row.flipped, full.upper[row.boxes], full.lower[row.boxes])
        each.append((row.options, of_options))
        boxes.append((row.boxes, sign * of_boxes))
        right.append(floor + fsum(of_boxes * sign * base))
    return Cuts(
        _stacked(each, options), _stacked(boxes, B), np.array(right), np.array([r.place for r, _ in found], dtype=np.int64),
        np.array([d for _, d in found]), _stacked([(r.counted, np.ones(len(r.counted))) for r, _ in found], options),
        _stacked([(r.boxes[r.flipped], np.ones(int(r.flipped.sum()))) for r, _ in found], B),
    )  # fmt: skip


def _stacked(rows: list[tuple[Ints, Floats]], width: int) -> sparse.csr_array:
    """Rows of places and values, one under another."""
    nothing = np.zeros(0, dtype=np.int64)
    places = np.concatenate([nothing, *(p for p, _ in rows)])
    values = np.concatenate([np.zeros(0), *(v for _, v in rows)])
    row = np.repeat(np.arange(len(rows)), [len(p) for p, _ in rows])
    made = sparse.csr_array((values, (row, places)), shape=(len(rows), width))
    made.eliminate_zeros()
    return made
