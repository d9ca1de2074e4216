"""The options of a large model, block by block: what the dual prices.

A block holds the options of some parts in a row as columns over the rows that those use, numbered among themselves in 16 bits: a
pass reads less, and the prices it looks up lie close together. Blocks are summed in so many fixed pieces and the
pieces in order, so threads change no digit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

import numpy as np

from onshore.blueprint.compiled import compiled
from onshore.sourcing.decomposition.normal import OptionColumns, mark_cheapest
from onshore.sourcing.problem import Floats, Ints

__all__ = ["THREADS", "Block", "Table", "numbered"]

PIECES = 16
THREADS = max(1, min(4, os.cpu_count() or 1))
ALONE = 20_000
"""Fewer options than this are priced by one thread."""
ROWS = np.iinfo(np.uint16).max
T = TypeVar("T")


@dataclass
class Block:
    """The options of the parts from `part` on. `columns.which` + `base` is an option's place among all that there are."""

    part: int
    base: int
    rows: Ints  # (m,) the rows that its columns' indices count among
    columns: OptionColumns
    reduced: Floats = field(default_factory=lambda: np.zeros(0))  # (n,) at the last prices of `Table.price`
    active: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))  # (n,) bool

    def __post_init__(self) -> None:
        if not len(self.active):
            self.reduced = np.zeros(len(self.columns.cost))
            self.active = np.zeros(len(self.columns.cost), dtype=np.bool_)

    @property
    def parts(self) -> slice:
        return slice(self.part, self.part + len(self.columns.first) - 1)

    @property
    def which(self) -> Ints:
        """(n,) places among all options."""
        return self.columns.which.astype(np.int64) + self.base

    @property
    def least(self) -> Floats:
        """(n,) the least reduced cost of the part of each option."""
        first = self.columns.first
        return np.repeat(np.minimum.reduceat(self.reduced, first[:-1]), np.diff(first))

    def among(self, which: Ints) -> np.ndarray:
        """(n,) bool: options whose places among all are in `which`, in order."""
        own = self.which
        return np.isin(own, which[slice(*np.searchsorted(which, [own[0], own[-1] + 1]))], assume_unique=True)

    def only(self, chosen: np.ndarray) -> Block:
        """Those options (n,) bool, over the rows that they use."""
        columns = self.columns.only(chosen)
        rows, indices = numbered(self.rows, columns.indices)
        made = OptionColumns(columns.first, columns.indptr, indices, columns.data, columns.cost, columns.which)
        return Block(self.part, self.base, rows, made, self.reduced[chosen], self.active[chosen])


@dataclass(frozen=True)
class Table:
    """Every option that may be chosen, of all parts in order."""

    blocks: Sequence[Block]
    height: int  # R, rows of the model

    @cached_property
    def count(self) -> int:
        return sum(len(b.columns.cost) for b in self.blocks)

    @cached_property
    def parts(self) -> int:
        return sum(len(b.columns.first) - 1 for b in self.blocks)

    @property
    def options_of_parts(self) -> Ints:
        """(P,)"""
        return np.concatenate([np.diff(b.columns.first) for b in self.blocks])

    @cached_property
    def pieces(self) -> list[Sequence[Block]]:
        """The blocks in `PIECES` of about as many options each, or fewer."""
        ends = np.cumsum([len(b.columns.cost) for b in self.blocks])
        edges = np.searchsorted(ends, np.linspace(0, self.count, PIECES + 1)[1:-1], side="left") + 1
        cuts = sorted({0, *edges.clip(0, len(self.blocks)).tolist(), len(self.blocks)})
        return [self.blocks[a:b] for a, b in pairwise(cuts)]

    def each(self, work: Callable[[Sequence[Block]], T]) -> list[T]:
        """What the work makes of each piece, by several threads where that pays."""
        if self.count < ALONE or THREADS == 1:
            return [work(piece) for piece in self.pieces]
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(work, self.pieces))

    def per_part(self, work: Callable[[Block], Floats]) -> Floats:
        """(P,) of what the work makes of each block."""
        return np.concatenate([x for piece in self.each(lambda p: [work(b) for b in p]) for x in piece])

    def size(self) -> Floats:
        """(P,) the size of a part's costs: what temperatures and nearness are measured in."""
        mean = self.per_part(
            lambda b: np.add.reduceat(np.abs(b.columns.cost), b.columns.first[:-1]) / np.diff(b.columns.first)
        )
        return np.maximum(mean, 1e-3 * max(float(mean.mean()), 1e-300))

    def touched(self) -> np.ndarray:
        """(R,) bool: rows that an option counts in."""
        met = np.zeros(self.height, dtype=np.bool_)
        for b in self.blocks:
            met[b.rows] = True
        return met

    def price(self, v: Floats) -> Floats:
        """(P,) least reduced cost c + v g of each part; every block keeps its `reduced`."""
        none = np.zeros(self.parts)

        def work(b: Block) -> Floats:
            b.reduced, least, _ = _priced(b, v, none, None)
            return least

        return self.per_part(work)

    def soft(self, v: Floats, tau: Floats) -> tuple[float, Floats]:
        """Sum of the soft leasts -tau log sum exp(-r / tau) of the parts, each at most its least, and the rows' load (R,)."""

        def work(piece: Sequence[Block]) -> tuple[float, Floats]:
            load, total = np.zeros(self.height), 0.0
            for b in piece:
                total += float(_priced(b, v, tau, load)[2].sum())
            return total, load

        made = self.each(work)
        load = made[0][1]
        for _, more in made[1:]:
            load += more
        return sum(total for total, _ in made), load

    def moments(self, tau: Floats) -> tuple[Floats, Floats]:
        """(R,) sums over parts of the mean square, and of the squared mean, of what a part's options use of each row."""

        def work(piece: Sequence[Block]) -> Floats:
            sums = np.zeros((2, self.height))
            for b in piece:
                c = b.columns
                sums[:, b.rows] += _moments(c.first, c.indptr, c.indices, c.data, b.reduced, tau[b.parts], len(b.rows))
            return sums

        made = self.each(work)
        for more in made[1:]:
            made[0] += more
        return made[0][0], made[0][1]

    def widen(self, within: float, size: Floats, cheapest: int) -> None:
        """Make active each part's cheapest options and all whose reduced cost is within a share of the part's size (P,)."""

        def work(piece: Sequence[Block]) -> None:
            for b in piece:
                first = b.columns.first
                b.active |= b.reduced - b.least < within * np.repeat(size[b.parts], np.diff(first))
                mark_cheapest(first, b.reduced, cheapest, b.active)

        self.each(work)

    def cheaper(self, by: float, size: Floats) -> bool:
        """Make active what is cheaper than all that is active of its part, by a share of the part's size (P,); was there any?"""
        found = False
        for b in self.blocks:
            first = b.columns.first
            least = np.minimum.reduceat(np.where(b.active, b.reduced, np.inf), first[:-1]) - by * size[b.parts]
            new = (b.reduced < np.repeat(least, np.diff(first))) & ~b.active
            b.active |= new
            found |= bool(new.any())
        return found

    @property
    def actives(self) -> int:
        return sum(int(np.count_nonzero(b.active)) for b in self.blocks)

    def activate(self, which: Ints) -> None:
        """Make active the options at these places among all."""
        for b in self.blocks:
            b.active |= b.among(np.unique(which))

    def thinned(self, every: int, cheapest: int = 2) -> Table:
        """One option in so many, the first of each part and its cheapest ones by cost: enough to tell coarse prices."""

        def chosen(b: Block) -> np.ndarray:
            some = b.columns.which % every == 0
            some[b.columns.first[:-1]] = True
            mark_cheapest(b.columns.first, b.columns.cost, cheapest, some)
            return some

        return self.only(chosen)

    def active(self) -> Table:
        """The active options as a table of their own."""
        return self.only(lambda b: b.active)

    def only(self, chosen: Callable[[Block], np.ndarray]) -> Table:
        """The options that are chosen (n,) bool of each block."""
        made = self.each(lambda piece: [b.only(chosen(b)) for b in piece])
        return Table([b for piece in made for b in piece], self.height)

    def joined(self) -> OptionColumns:
        """All options over all rows as one run of columns: of a table that is small."""
        columns = [b.columns for b in self.blocks]

        def from_zero(name: str) -> Ints:
            sizes = [np.diff(getattr(c, name)) for c in columns]
            return np.concatenate([[0], np.cumsum(np.concatenate(sizes))])

        return OptionColumns(
            from_zero("first"), from_zero("indptr"),
            np.concatenate([b.rows[b.columns.indices].astype(np.int32) for b in self.blocks]),
            np.concatenate([c.data for c in columns]), np.concatenate([c.cost for c in columns]),
            np.concatenate([b.which for b in self.blocks]),
        )  # fmt: skip

    @property
    def reduced(self) -> Floats:
        """(n,) of all blocks."""
        return np.concatenate([b.reduced for b in self.blocks])


def numbered(rows: Ints, indices: np.ndarray) -> tuple[Ints, np.ndarray]:
    """The rows that are used, and the indices numbered among those, in 16 bits where that is enough."""
    used = np.zeros(len(rows), dtype=np.bool_)
    used[indices] = True
    at = np.flatnonzero(used)
    place = np.zeros(len(rows), dtype=np.uint16 if len(at) <= ROWS else np.int32)
    place[at] = np.arange(len(at))
    return rows[at], place[indices]


def _priced(b: Block, v: Floats, tau: Floats, load: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Reduced costs (n,), least and soft least of each part of a block; `load` (R,) gains what its soft choice uses."""
    c = b.columns
    P = len(c.first) - 1
    reduced, least, soft, used = np.empty(len(c.cost)), np.empty(P), np.empty(P), np.zeros(len(b.rows))
    _price(c.first, c.indptr, c.indices, c.data, c.cost, v[b.rows], tau[b.parts], reduced, least, soft, used)
    if load is not None:
        load[b.rows] += used
    return reduced, least, soft


@compiled
def _price(
    first: Ints, indptr: Ints, indices: np.ndarray, data: Floats, cost: Floats, prices: Floats, tau: Floats,
    reduced: Floats, least: Floats, soft: Floats, load: Floats,
) -> None:  # fmt: skip
    """One pass over a block; a tau of 0 stands for the least itself."""
    for p in range(len(first) - 1):
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


@compiled
def _moments(
    first: Ints, indptr: Ints, indices: np.ndarray, data: Floats, reduced: Floats, tau: Floats, rows: int
) -> Floats:
    """(2, m) mean squares and squared means of a block.

    A part's mean is four fifths by the weights of its soft choice at tau (P,) and one fifth even.
    """
    sums = np.zeros((2, rows))
    total, mark, touched = np.zeros(rows), np.full(rows, -1, dtype=np.int64), np.empty(rows, dtype=np.int64)
    for p in range(len(first) - 1):
        least = np.inf
        for k in range(first[p], first[p + 1]):
            least = min(least, reduced[k])
        whole = 0.0
        for k in range(first[p], first[p + 1]):
            whole += np.exp(-min(50.0, (reduced[k] - least) / tau[p]))
        even = 0.2 / (first[p + 1] - first[p])
        met = 0
        for k in range(first[p], first[p + 1]):
            weight = 0.8 * np.exp(-min(50.0, (reduced[k] - least) / tau[p])) / whole + even
            for j in range(indptr[k], indptr[k + 1]):
                r = indices[j]
                if mark[r] != p:
                    mark[r] = p
                    total[r] = 0.0
                    touched[met] = r
                    met += 1
                sums[0, r] += weight * data[j] * data[j]
                total[r] += weight * data[j]
        for i in range(met):
            sums[1, touched[i]] += total[touched[i]] * total[touched[i]]
    return sums
