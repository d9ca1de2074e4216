"""The model in the form that the decomposition works on: min c z over G z <= h, one option a part, boxes for the rest.

Each row of `Model` but `choose_one` is turned to "at most"; a column keeps its place. Rows without a side drop out.
An `OptionColumns` holds some of the options, part by part, as bare arrays for the compiled kernels.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from onshore.blueprint.compiled import compiled
from onshore.sourcing.model import Model
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Ints

__all__ = ["Normal", "OptionColumns", "mark_cheapest", "normal_of", "smallest"]

CHUNKS = 16
"""The parts are always priced in so many pieces, and the pieces summed in order: threads change no digit."""
THREADS = max(1, min(4, os.cpu_count() or 1))
ALONE = 20_000
"""Fewer options than this are priced by one thread."""


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

    def priced(self, prices: Floats, tau: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Reduced costs c + v G (n,), least and soft least of each part (P,), and the rows' load (R,) of the soft choice.

        The soft least is -tau log sum exp(-r / tau), at most the least; tau (P,) of 0 is the least itself.
        """
        P = len(self.first) - 1
        reduced, least, soft = np.empty(len(self.cost)), np.empty(P), np.empty(P)
        load = np.zeros((CHUNKS, len(prices)))
        edges = np.searchsorted(self.first, np.linspace(0, len(self.cost), CHUNKS + 1)).clip(0, P)
        edges[-1] = P

        def piece(i: int) -> None:
            _price(
                edges[i], edges[i + 1], self.first, self.indptr, self.indices, self.data, self.cost, prices, tau,
                reduced, least, soft, load[i],
            )  # fmt: skip

        _each(piece, CHUNKS, len(self.cost) < ALONE)
        return reduced, least, soft, load.sum(axis=0)

    def only(self, chosen: np.ndarray) -> OptionColumns:
        """Those options (n,) bool."""
        at = np.flatnonzero(chosen)
        size = np.diff(self.indptr)[at]
        indptr = np.concatenate([[0], np.cumsum(size)])
        from_ = np.repeat(self.indptr[at] - indptr[:-1], size) + np.arange(indptr[-1])
        first = np.searchsorted(at, self.first)
        return OptionColumns(first, indptr, self.indices[from_], self.data[from_], self.cost[at], self.which[at])


@dataclass(frozen=True)
class Normal:
    """R rows of G z <= h; `penalty` is infinite where a row is hard. `rows` and `boxes` are places in what it was made from."""

    table: OptionColumns  # every option that may be chosen
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
    def touched(self) -> np.ndarray:
        """(R,) bool: rows that something counts in."""
        return (self._met[0] + np.bincount(self.matrix.indices, minlength=len(self.right))) > 0

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

    def as_prices(self, v: Floats, count: int) -> Floats:
        """(count,) multipliers of the rows that it was made from, as `bound_of_prices` takes them."""
        u = np.zeros(count)
        u[self.rows] = -self.sign * v
        return u


def normal_of(model: Model, options: Options, divisible: np.ndarray) -> Normal:
    """The normal form of a model."""
    matrix = model.matrix.tocsc()
    K, P = options.count, len(options.first_of_part) - 1
    low, high = np.isfinite(model.low), np.isfinite(model.high)
    free = low ^ high
    free[model.blocks["choose_one"]] = False
    if (low & high).sum() != P:
        raise RuntimeError("a row of the model is bounded on both sides")
    rows = np.flatnonzero(free)
    sign = np.where(high[rows], 1.0, -1.0)
    place = np.full(len(free), -1)
    place[rows] = np.arange(len(rows))
    entries = place[matrix.indices]
    kept = entries >= 0
    data = (matrix.data * np.concatenate([sign, [0.0]])[entries])[kept]
    before = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
    turned = sparse.csc_array((data, entries[kept].astype(np.int32), before), shape=(len(rows), len(model.cost)))
    every = OptionColumns(
        options.first_of_part, before[: K + 1].astype(np.int64), turned.indices[: before[K]], turned.data[: before[K]],
        model.cost[:K], np.arange(K),
    )  # fmt: skip
    permitted = model.upper[:K] > 0
    columns = np.arange(model.ventures.start, model.modules.stop)
    boxes = columns[model.upper[columns] > 0]
    penalty = np.full(len(rows), np.inf)
    for r, bound in enumerate(model.bounds):
        if bound.penalty is not None and place[model.blocks["limits"].start + r] >= 0:
            penalty[place[model.blocks["limits"].start + r]] = bound.penalty
    block = model.blocks["open_before_use"]
    links = place[block.start : block.stop]
    venture = model.ventures.start + matrix[block.start : block.stop, model.ventures].tocsr().indices
    opens = np.isin(venture, boxes)  # a forbidden venture has no box, and its links nothing to share
    return Normal(
        every if permitted.all() else every.only(permitted), turned[:, boxes], boxes, model.cost[boxes],
        model.lower[boxes], model.upper[boxes],
        np.where(sign > 0, model.high[rows], -model.low[rows]), penalty, rows, sign, links[opens], np.searchsorted(boxes, venture[opens]), divisible,
    )  # fmt: skip


def smallest(first: Ints, value: Floats) -> Ints:
    """Where the least value of each part is, first among equals."""
    least = np.minimum.reduceat(value, first[:-1])
    at = np.flatnonzero(value == np.repeat(least, np.diff(first)))
    part = np.searchsorted(first, at, side="right") - 1
    return at[np.flatnonzero(np.diff(part, prepend=-1))]


def _each(work: Callable[[int], None], count: int, alone: bool) -> None:
    """Each piece of work, by several threads where that pays."""
    if alone or THREADS == 1:
        for i in range(count):
            work(i)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(count)))


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


@compiled
def _price(
    p0: int, p1: int, first: Ints, indptr: Ints, indices: np.ndarray, data: Floats, cost: Floats, prices: Floats,
    tau: Floats, reduced: Floats, least: Floats, soft: Floats, load: Floats,
) -> None:  # fmt: skip
    """Parts p0 to p1 of `OptionColumns.priced`; `load` gains their part."""
    for p in range(p0, p1):
        low = np.inf
        at = first[p]
        for k in range(first[p], first[p + 1]):
            r = cost[k]
            for j in range(indptr[k], indptr[k + 1]):
                r += prices[indices[j]] * data[j]
            reduced[k] = r
            if r < low:
                low = r
                at = k
        least[p] = low
        if tau[p] <= 0.0:
            soft[p] = low
            for j in range(indptr[at], indptr[at + 1]):
                load[indices[j]] += data[j]
            continue
        total = 0.0
        for k in range(first[p], first[p + 1]):
            d = (reduced[k] - low) / tau[p]
            if d < 16.0:
                total += np.exp(-d)
        soft[p] = low - tau[p] * np.log(total)
        for k in range(first[p], first[p + 1]):
            d = (reduced[k] - low) / tau[p]
            if d < 16.0:
                w = np.exp(-d) / total
                for j in range(indptr[k], indptr[k + 1]):
                    load[indices[j]] += w * data[j]
