"""The options of a large model, block by block: what the dual prices.

A block holds the options of some parts in a row as columns over the rows that those use, numbered among themselves in 16 bits: a
pass reads less, and the prices it looks up lie close together. Blocks are summed in so many fixed pieces and the
pieces in order, so threads change no digit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

import numpy as np

from onshore.blueprint.compiled import compiled
from onshore.blueprint.crew import Held, Here
from onshore.sourcing.decomposition.normal import OptionColumns, mark_cheapest
from onshore.sourcing.problem import Floats, Ints

__all__ = ["PARTS", "Block", "Piece", "Table", "in_pieces", "numbered"]

PARTS = 250
"""Parts of a block: what fits the processor's cache, and the memory that is used while it is made, grow with it."""
PIECES = 16
"""Pieces of a table: no more of them can work at once, and each adds up loads of its own."""
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

    def of_options(self, value: Floats) -> Floats:
        """(n,) a value (parts,) of each of its parts, for each option."""
        return np.repeat(value, np.diff(self.columns.first))

    def least(self, value: Floats) -> Floats:
        """(parts,) the least of a value (n,) over the options of each of its parts."""
        return np.asarray(np.minimum.reduceat(value, self.columns.first[:-1]))

    def near(self, within: float, size: Floats) -> np.ndarray:
        """(n,) bool: options whose reduced cost is within a share of the part's size (P,) of the least."""
        over = self.reduced - self.of_options(self.least(self.reduced))
        return over < within * self.of_options(size[self.parts])

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


@dataclass
class Piece:
    """Some blocks in a row, worked on by one thread or one worker."""

    blocks: Sequence[Block]


@dataclass(frozen=True)
class Table:
    """Every option that may be chosen, of all parts in order, in pieces that others may hold."""

    pieces: Held[Piece]
    height: int  # R, rows of the model
    options_of_parts: Ints  # (P,)

    @classmethod
    def here(cls, pieces: Sequence[Sequence[Block]], height: int) -> Table:
        """Held by this process."""
        sizes = np.concatenate([np.diff(b.columns.first) for blocks in pieces for b in blocks])
        return cls(Here([Piece(blocks) for blocks in pieces], small=bool(sizes.sum() < ALONE)), height, sizes)

    @property
    def count(self) -> int:
        return int(self.options_of_parts.sum())

    def of_blocks(self, work: Callable[[Block], T]) -> list[T]:
        """What the work makes of each block."""
        return [x for made in self.pieces.each(lambda piece: [work(b) for b in piece.blocks]) for x in made]

    def size(self) -> Floats:
        """(P,) the size of a part's costs: what temperatures and nearness are measured in."""

        def work(b: Block) -> Floats:
            first = b.columns.first
            return np.asarray(np.add.reduceat(np.abs(b.columns.cost), first[:-1]) / np.diff(first))

        mean = np.concatenate(self.of_blocks(work))
        return np.maximum(mean, 1e-3 * max(float(mean.mean()), 1e-300))

    def dearest(self) -> float:
        """Sum of the largest cost of each part."""
        return sum(self.of_blocks(lambda b: float(np.maximum.reduceat(b.columns.cost, b.columns.first[:-1]).sum())))

    def touched(self) -> np.ndarray:
        """(R,) bool: rows that an option counts in."""
        met = np.zeros(self.height, dtype=np.bool_)
        for rows in self.of_blocks(lambda b: b.rows):
            met[rows] = True
        return met

    def price(self, v: Floats) -> Floats:
        """(P,) least reduced cost c + v g of each part; every block keeps its `reduced`."""

        def work(b: Block) -> Floats:
            b.reduced, least, _ = _priced(b, v, None, None)
            return least

        return np.concatenate(self.of_blocks(work))

    def soft(self, v: Floats, tau: Floats) -> tuple[float, Floats]:
        """Sum of the soft leasts -tau log sum exp(-r / tau) of the parts, each at most its least, and the rows' load (R,)."""
        height = self.height

        def work(piece: Piece) -> tuple[float, Floats]:
            load, total = np.zeros(height), 0.0
            for b in piece.blocks:
                total += float(_priced(b, v, tau, load)[2].sum())
            return total, load

        made = self.pieces.each(work)
        load = made[0][1]
        for _, more in made[1:]:
            load += more
        return sum(total for total, _ in made), load

    def moments(self, tau: Floats) -> tuple[Floats, Floats]:
        """(R,) sums over parts of the mean square, and of the squared mean, of what a part's options use of each row."""
        height = self.height

        def work(piece: Piece) -> Floats:
            sums = np.zeros((2, height))
            for b in piece.blocks:
                c = b.columns
                sums[:, b.rows] += _moments(c.first, c.indptr, c.indices, c.data, b.reduced, tau[b.parts], len(b.rows))
            return sums

        made = self.pieces.each(work)
        for more in made[1:]:
            made[0] += more
        return made[0][0], made[0][1]

    def widen(self, within: float, size: Floats, cheapest: int) -> None:
        """Make active each part's cheapest options and all whose reduced cost is within a share of the part's size (P,)."""

        def work(b: Block) -> None:
            b.active |= b.near(within, size)
            mark_cheapest(b.columns.first, b.reduced, cheapest, b.active)

        self.of_blocks(work)

    def cheaper(self, by: float, size: Floats) -> bool:
        """Make active what is cheaper than all that is active of its part, by a share of the part's size (P,); was there any?"""

        def work(b: Block) -> bool:
            least = b.least(np.where(b.active, b.reduced, np.inf)) - by * size[b.parts]
            new = (b.reduced < b.of_options(least)) & ~b.active
            b.active |= new
            return bool(new.any())

        return any(self.of_blocks(work))

    @property
    def actives(self) -> int:
        return sum(self.of_blocks(lambda b: int(np.count_nonzero(b.active))))

    def activate(self, which: Ints) -> None:
        """Make active the options at these places among all."""
        ordered = np.unique(which)

        def work(b: Block) -> None:
            b.active |= b.among(ordered)

        self.of_blocks(work)

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
        """The options that are chosen (n,) bool of each block, here."""
        return Table.here(self.pieces.each(lambda piece: [b.only(chosen(b)) for b in piece.blocks]), self.height)

    def joined(self) -> OptionColumns:
        """All options over all rows as one run of columns: of a table that is small."""
        blocks = self.of_blocks(lambda b: b)
        columns = [b.columns for b in blocks]

        def from_zero(name: str) -> Ints:
            sizes = [np.diff(getattr(c, name)) for c in columns]
            return np.concatenate([[0], np.cumsum(np.concatenate(sizes))])

        return OptionColumns(
            from_zero("first"), from_zero("indptr"),
            np.concatenate([b.rows[b.columns.indices].astype(np.int32) for b in blocks]),
            np.concatenate([c.data for c in columns]), np.concatenate([c.cost for c in columns]),
            np.concatenate([b.which for b in blocks]),
        )  # fmt: skip

    @property
    def reduced(self) -> Floats:
        """(n,) of all blocks."""
        return np.concatenate(self.of_blocks(lambda b: b.reduced))


def numbered(rows: Ints, indices: np.ndarray) -> tuple[Ints, np.ndarray]:
    """The rows that are used, and the indices numbered among those, in 16 bits where that is enough."""
    used = np.zeros(len(rows), dtype=np.bool_)
    used[indices] = True
    at = np.flatnonzero(used)
    place = np.zeros(len(rows), dtype=np.uint16 if len(at) <= ROWS else np.int32)
    place[at] = np.arange(len(at))
    return rows[at], place[indices]


def in_pieces(things: Sequence[T]) -> list[list[T]]:
    """In `PIECES` of about as many each, in order, or fewer."""
    cuts = np.linspace(0, len(things), min(PIECES, len(things)) + 1).astype(np.int64).tolist()
    return [list(things[a:b]) for a, b in pairwise(cuts)]


def _priced(b: Block, v: Floats, tau: Floats | None, load: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Reduced costs (n,), least and soft least of each part of a block; `load` (R,) gains what its soft choice uses.

    Without a tau the soft least is the least.
    """
    c = b.columns
    P = len(c.first) - 1
    reduced, least, soft, used = np.empty(len(c.cost)), np.empty(P), np.empty(P), np.zeros(len(b.rows))
    _price(
        c.first,
        c.indptr,
        c.indices,
        c.data,
        c.cost,
        v[b.rows],
        np.zeros(P) if tau is None else tau[b.parts],
        reduced,
        least,
        soft,
        used,
    )
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
