"""The model in the form that the decomposition works on: min c z over G z <= h, one option a part, boxes for the rest.

Each row of `Model` but `choose_one` is turned to "at most"; a column keeps its place. Rows without a side drop out.
An `OptionColumns` holds some of the options, part by part, as bare arrays for the compiled kernels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from onshore.blueprint.compiled import compiled
from onshore.sourcing.problem import Floats, Ints

__all__ = ["Normal", "OptionColumns", "Rows", "mark_cheapest", "smallest"]


@dataclass(frozen=True)
class OptionColumns:
    """n options of P parts, each part's together. `which` (n,) are their places in the option table."""

    first: Ints  # (P + 1,)
    indptr: Ints  # (n + 1,)
    indices: np.ndarray  # int32 rows
    data: Floats
    cost: Floats  # (n,)
    which: Ints  # (n,)

    @property
    def part(self) -> Ints:
        """(n,)"""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    def only(self, chosen: np.ndarray) -> OptionColumns:
        """Those options (n,) bool."""
        at = np.flatnonzero(chosen)
        size = np.diff(self.indptr)[at]
        indptr = np.concatenate([[0], np.cumsum(size)])
        from_ = np.repeat(self.indptr[at] - indptr[:-1], size) + np.arange(indptr[-1])
        first = np.searchsorted(at, self.first)
        return OptionColumns(first, indptr, self.indices[from_], self.data[from_], self.cost[at], self.which[at])


@dataclass(frozen=True)
class Rows:
    """R rows of G z <= h, and all that counts in them but options; `penalty` is infinite where a row is hard.

    `rows` and `boxes` are places in what it was made from.
    """

    matrix: sparse.csc_array  # (R, B) of ventures and modules; slacks are left out
    boxes: Ints  # (B,) the columns that `matrix` has
    cost: Floats  # (B,)
    lower: Floats  # (B,)
    upper: Floats  # (B,)
    right: Floats  # (R,)
    penalty: Floats  # (R,)
    rows: Ints  # (R,)
    sign: Floats  # (R,) 1 for a row that was "at most", -1 for "at least"
    links: Ints  # (J,) rows that tie a part's options to a venture ...
    linked: Ints  # (J,) ... that venture's place among the boxes
    divisible: np.ndarray  # (P,) bool
    maker: Ints  # (R,) whose row it is: of his machines, his ventures or a hard limit of his own; else -1

    def as_prices(self, v: Floats, count: int) -> Floats:
        """(count,) multipliers of the rows that it was made from, as `bound_of_prices` takes them."""
        u = np.zeros(count)
        u[self.rows] = -self.sign * v
        return u

    def of_prices(self, u: Floats) -> Floats:
        """(R,) prices v from multipliers u of the rows that it was made from; what is on the wrong side of a row is none."""
        return np.minimum(np.maximum(0.0, -self.sign * u[self.rows]), self.penalty)


@dataclass(frozen=True)
class Normal(Rows):
    """Rows, and some of the options as one run of columns: what a plan is searched in."""

    table: OptionColumns

    @cached_property
    def _met(self) -> tuple[Ints, Floats, Floats]:
        """(R,) how many options use a row, the most that one does, and the sum of the squares: one pass, nothing copied."""
        return _row_sums(self.table.indices, self.table.data, len(self.right))

    @cached_property
    def room(self) -> Floats:
        """(R,) what rounding may leave of a row that is kept to its last unit."""
        return 1e-9 * np.maximum(np.maximum(1.0, self._met[1]), np.abs(self.right))

    @property
    def used(self) -> Ints:
        """(R,) how many options use each row."""
        return self._met[0]

    @cached_property
    def boxes_of_row(self) -> sparse.csr_array:
        """`matrix` by rows."""
        return sparse.csr_array(self.matrix)

    @cached_property
    def typical(self) -> Floats:
        """(R,) root mean square of what a part's options use of a row, 1 where none does."""
        root = np.sqrt(self._met[2] / max(1.0, len(self.table.cost) / (len(self.table.first) - 1)))
        return np.where(root > 0, root, 1.0)

    @cached_property
    def size(self) -> Floats:
        """(P,) the size of a part's costs: what temperatures and nearness are measured in."""
        mean = np.add.reduceat(np.abs(self.table.cost), self.table.first[:-1]) / np.diff(self.table.first)
        return np.maximum(mean, 1e-3 * max(float(mean.mean()), 1e-300))


def smallest(first: Ints, value: Floats) -> Ints:
    """Where the least value of each part is, first among equals."""
    least = np.minimum.reduceat(value, first[:-1])
    at = np.flatnonzero(value == np.repeat(least, np.diff(first)))
    part = np.searchsorted(first, at, side="right") - 1
    return at[np.flatnonzero(np.diff(part, prepend=-1))]


@compiled
def mark_cheapest(first: Ints, value: Floats, count: int, marked: np.ndarray) -> None:
    """Mark the `count` options of least value of each part, the first among equals."""
    least = np.empty(count)
    where = np.empty(count, dtype=np.int64)
    for p in range(len(first) - 1):
        held = 0
        for k in range(first[p], first[p + 1]):
            if held == count and value[k] >= least[held - 1]:
                continue
            i = held if held < count else count - 1
            while i > 0 and least[i - 1] > value[k]:
                least[i], where[i] = least[i - 1], where[i - 1]
                i -= 1
            least[i], where[i] = value[k], k
            held = min(count, held + 1)
        for i in range(held):
            marked[where[i]] = True


@compiled
def _row_sums(indices: np.ndarray, data: Floats, rows: int) -> tuple[Ints, Floats, Floats]:
    count, most, square = np.zeros(rows, dtype=np.int64), np.zeros(rows), np.zeros(rows)
    for j in range(len(indices)):
        r = indices[j]
        count[r] += 1
        most[r] = max(most[r], abs(data[j]))
        square[r] += data[j] * data[j]
    return count, most, square
