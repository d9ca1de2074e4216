"""Some parts of an option table: worked out as for a small programme, kept as columns and keys, the rest dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from onshore.blueprint.compiled import compiled
from onshore.sourcing.counted import Columns, gathered
from onshore.sourcing.decomposition.frame import Frame
from onshore.sourcing.decomposition.normal import OptionColumns, mark_cheapest, smallest
from onshore.sourcing.decomposition.shelf import Shelf
from onshore.sourcing.decomposition.table import Block, numbered
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import permitted_of, through_ventures, without_any
from onshore.sourcing.options import SHOWN, Keys, Options, options_of, ranges, shares_of
from onshore.sourcing.problem import Floats, Ints, Problem
from onshore.sourcing.scopes import entities

__all__ = ["Chunk", "Known", "Lot", "chunk_of", "counts_against", "lot_of", "over_limit"]

TABLES = ("contract_lines", "contracts", "decisions", "uses")
"""The tables that options are worked out from besides the arrays."""


@dataclass(frozen=True)
class Lot:
    """A problem of some parts only, and where its first part and offer are among all."""

    problem: Problem
    part: int
    offer: int


def lot_of(problem: Problem, first: int, last: int) -> Lot:
    """The parts first : last and no more than they need: it may be sent to another machine."""
    mine = replace(problem.of_parts(first, last), tables={name: problem.tables[name] for name in TABLES})
    return Lot(mine, first, int(np.searchsorted(problem.offers.part, first)))


@dataclass
class Chunk:
    """The options of some parts: those that may be chosen as a block, all of them as keys, and what is known of all.

    `lost` are those that alone break a row, for a bound that holds with more room in it; its rows and places are the block's.
    """

    block: Block
    lost: OptionColumns
    options: Ints  # (parts,) how many each part has
    links: int  # how many ventures its parts meet
    legs: np.ndarray  # (K,) uint8, how many each option has
    offer: np.ndarray  # (L,) int32
    start: np.ndarray  # (L,) int16, months
    share: np.ndarray  # (L,) uint16, place in `shares`
    shares: Floats
    divisible: np.ndarray  # (parts,) bool

    @property
    def first(self) -> Ints:
        """(parts + 1,)"""
        return np.concatenate([[0], np.cumsum(self.options)])

    @property
    def bytes(self) -> int:
        """What it holds, about."""
        t = self.block.columns
        return sum(
            a.nbytes
            for a in (t.indptr, t.indices, t.data, t.cost, t.which, self.legs, self.offer, self.start, self.share)
        )

    def kept(self, shelf: Shelf) -> Chunk:
        """Its long arrays on the shelf."""
        self.block.columns = _shelved(self.block.columns, shelf)
        self.legs, self.offer, self.start, self.share = shelf.put([self.legs, self.offer, self.start, self.share])
        return self

    def numbered(self, base: int, link: int, rows: int) -> None:
        """With what came before it known: so many options, and links, whose rows come after the first `rows`."""
        b = self.block
        b.base, b.rows = base, np.where(b.rows >= rows, b.rows + link, b.rows)

    def own(self, which: Ints) -> Ints:
        """Its own of the options at these places (in order) among all, by their places in it."""
        base = self.block.base
        mine: Ints = which[slice(*np.searchsorted(which, [base, base + self.options.sum()]))] - base
        return mine

    def settled(self, limit: Floats) -> Ints:
        """Sort out what alone is over the limit (R,) of a row; the rows that something left counts in. What is left keeps its place on
        the shelf, which gives nothing back."""
        t, b = self.block.columns, self.block
        over = over_limit(t.indptr, t.indices, t.data, limit[b.rows]) & ~self.divisible[t.part]
        if over.any():
            self.lost = t.only(over)
            b.columns = _moved_up(t, t.only(~over))
            b.active, b.reduced = b.active[~over], b.reduced[~over]
        t = b.columns
        return b.rows[counts_against(t.indices, t.data, len(b.rows))]

    def capped(self, floor: Floats) -> Ints:
        """Nothing counts for less than a row's floor (R,); (parts,) how many options each is left with."""
        own, t = floor[self.block.rows], self.block.columns
        if np.isfinite(own).any():
            np.maximum(t.data, own[t.indices], out=t.data)
        return np.diff(t.first)

    def least(self, v: Floats) -> tuple[Floats, Floats]:
        """(parts,) least c + v g of each, without and with what alone breaks a row, in plain products of matrices."""
        mine = v[self.block.rows]
        kept = _least(self.block.columns, mine)
        return kept, np.minimum(kept, _least(self.lost, mine))

    def keys(self, chosen: Ints) -> tuple[Ints, Keys, Ints]:
        """Of those of the options at these places among all that are its own: how many legs each has, and the legs; its offers."""
        own = self.own(chosen)
        first = np.concatenate([[0], np.cumsum(self.legs, dtype=np.int64)])
        leg = ranges(first[own], first[own + 1])
        keys = self.offer[leg].astype(np.int64), self.start[leg].astype(np.int64) // 12, self.shares[self.share[leg]]
        return self.legs[own].astype(np.int64), keys, np.unique(self.offer).astype(np.int64)

    def told(self, taken: Ints, needs: Floats, *, brief: bool) -> Ints:
        """The places among all of those of its options that are in `Wide.told`. `needs` (R,) is what a row's use costs besides."""
        taken = self.own(taken)
        b, t, P, first = self.block, self.block.columns, len(self.options), self.first
        part, every = t.part, np.zeros(first[-1], dtype=np.bool_)
        every[taken] = True
        every[first[:-1]] = True
        local = np.flatnonzero(self.options > 1)
        every[first[local] + 1] = True  # that there was one at all
        cost = np.full(P, np.nan)
        at = np.searchsorted(t.which, taken)
        cost[part[at]] = t.cost[at]
        same = np.abs(t.cost - cost[part]) <= 1e-12 * np.maximum.reduceat(np.abs(t.cost), t.first[:-1])[part]
        every[t.which[same]] = True
        objective, wanted = np.full(first[-1], np.inf), np.full(first[-1], np.inf)
        for columns in (t, self.lost):
            objective[columns.which] = columns.cost
            wanted[columns.which] = columns.cost + _matrix(columns, len(b.rows)).T @ needs[b.rows]
        mark_cheapest(first, objective, 1 if brief else SHOWN, every)
        if not brief:
            every[self._best_of_offers(objective)] = True
        every[smallest(first, wanted)] = True
        every[t.which[smallest(t.first, b.reduced)]] = True
        wanted[first[:-1]] = np.inf  # at home
        every[smallest(first, wanted)] = True
        every[self.lost.which] |= self.lost.cost < cost[self.lost.part]
        return np.flatnonzero(every) + b.base

    def _best_of_offers(self, cost: Floats) -> Ints:
        """The option of least cost (K,) with each offer; any one of an offer that decisions forbid."""
        if not len(self.offer):
            return np.zeros(0, dtype=np.int64)
        option, low = np.repeat(np.arange(len(cost)), self.legs), int(self.offer.min())
        least = np.full(int(self.offer.max()) - low + 1, np.inf)
        np.minimum.at(least, self.offer - low, cost[option])
        best = np.flatnonzero(cost[option] == least[self.offer - low])
        first = np.full(len(least), -1)
        first[self.offer[best[::-1]] - low] = option[best[::-1]]  # the first among equals is written last
        return first[first >= 0]


@dataclass(frozen=True)
class Known:
    """What has to be known of the options of some parts before their rows can be numbered."""

    options: Ints  # (parts,) how many each part has
    meets: Ints  # (links, 2) parts and ventures
    low: Floats  # (F,) what each row of the frame comes to at least, every column for itself
    cheapest: Floats  # (parts,) least objective of the options that are permitted
    imported: Floats  # (parts,) objective of staying imported
    reach: Floats  # (bounds,) sum over parts of the most that one of its options counts in the row's denominator
    stuck: tuple[str, ...]  # parts without any

    def __add__(self, other: Known) -> Known:
        """With that of the parts that follow."""
        arrays = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("options", "meets", "cheapest", "imported")
        }
        return Known(**arrays, low=self.low + other.low, reach=self.reach + other.reach, stuck=self.stuck + other.stuck)


LONG = ("indptr", "indices", "data", "cost", "which")
"""The arrays of columns that lie on a shelf."""


def _shelved(columns: OptionColumns, shelf: Shelf) -> OptionColumns:
    held = shelf.put([getattr(columns, name) for name in LONG])
    return OptionColumns(columns.first, **dict(zip(LONG, held, strict=True)))


def _moved_up(columns: OptionColumns, some: OptionColumns) -> OptionColumns:
    """Some of the columns, in the memory of all."""
    held = {name: getattr(columns, name)[: len(getattr(some, name))] for name in LONG}
    for name in LONG:
        held[name][...] = getattr(some, name)
    return OptionColumns(some.first, **held)


def _matrix(columns: OptionColumns, rows: int) -> sparse.csc_array:
    indices = columns.indices.astype(np.int32)
    return sparse.csc_array((columns.data, indices, columns.indptr), shape=(rows, len(columns.cost)))


def _least(columns: OptionColumns, v: Floats) -> Floats:
    """(P,) least c + v g of each part's columns; infinite where it has none."""
    least = np.full(len(columns.first) - 1, np.inf)
    some = np.flatnonzero(np.diff(columns.first) > 0)
    if len(some):
        least[some] = np.minimum.reduceat(columns.cost + _matrix(columns, len(v)).T @ v, columns.first[some])
    return least


def chunk_of(lot: Lot, frame: Frame, a: int, b: int) -> tuple[Chunk, Known]:
    """The chunk of the parts a : b of a lot. Its rows of links are numbered as if there were no other chunk."""
    problem, first, F = lot.problem, lot.part + a, len(frame.right)
    mine = problem.of_parts(a, b)
    options = options_of(mine)
    measures = Measures(mine, options)
    where = entities(mine, options, first)
    permitted = permitted_of(mine, options)
    cost = problem.settings.sign * measures.of_options(problem.settings.objective)
    columns, rows, meets = _columns(mine, options, gathered(measures, frame.terms, F, where), frame.sign, cost)
    if not permitted.all():
        columns = columns.only(permitted)
    bottom = gathered(measures, frame.denominators, len(frame.limits.bounds), where)
    shares, legs = shares_of(problem.settings.options), options.legs
    chunk = Chunk(
        Block(first, 0, rows, columns), columns.only(np.zeros(len(columns.cost), dtype=np.bool_)),
        np.diff(options.first_of_part), len(meets), np.diff(options.first_of_option).astype(np.uint8),
        (legs.offer + lot.offer + int(np.searchsorted(problem.offers.part, a))).astype(np.int32),
        legs.start.astype(np.int16), np.searchsorted(shares, legs.share).astype(np.uint16), shares, mine.parts.divisible,
    )  # fmt: skip
    known = Known(
        chunk.options, meets + np.array([first, 0]), _low(columns, rows, F),
        np.minimum.reduceat(np.where(permitted, cost, np.inf), options.first_of_part[:-1]), cost[options.first_of_part[:-1]],
        _most(bottom.indptr, bottom.indices, bottom.data, options.first_of_part, permitted, len(frame.limits.bounds)),
        tuple(without_any(mine, options, permitted)),
    )  # fmt: skip
    return chunk, known


def _columns(
    problem: Problem, options: Options, counted: Columns, sign: Floats, cost: Floats
) -> tuple[OptionColumns, Ints, Ints]:
    """All options as turned columns, with a row after those of the frame for each part and venture that meet; those rows; who meets."""
    K, F = options.count, len(sign)
    meets, through, row = through_ventures(problem, options)
    at = counted.indptr[through + 1]
    indices = np.insert(counted.indices, at, (F + row).astype(np.int32))
    data = np.insert(counted.data * sign[counted.indices], at, 1.0)
    indptr = counted.indptr + np.concatenate([[0], np.cumsum(np.bincount(through, minlength=K))])
    rows, indices = numbered(np.arange(F + len(meets)), indices)
    columns = OptionColumns(
        options.first_of_part, indptr.astype(np.int32), indices, data, cost, np.arange(K, dtype=np.int32)
    )
    return columns, rows, meets


def _low(columns: OptionColumns, rows: Ints, count: int) -> Floats:
    """(F,) sums of what counts for less than nothing in the first so many rows: no link's does."""
    negative, low = columns.data < 0, np.zeros(count)
    own = np.bincount(columns.indices[negative], columns.data[negative], len(rows))
    low[rows[rows < count]] = own[rows < count]
    return low


def _most(
    indptr: Ints, indices: np.ndarray, data: Floats, first_of_part: Ints, permitted: np.ndarray, rows: int
) -> Floats:
    """(rows,) sum over parts of the most that one permitted option counts."""
    option = np.repeat(np.arange(len(permitted)), np.diff(indptr))
    counts = permitted[option]
    part = np.searchsorted(first_of_part, option[counts], side="right") - 1
    row, value = indices[counts], data[counts]
    order = np.lexsort((part, row))
    part, row, value = part[order], row[order], value[order]
    new = np.flatnonzero((np.diff(row, prepend=-1) != 0) | (np.diff(part, prepend=-1) != 0))
    if not len(new):
        return np.zeros(rows)
    return np.asarray(np.bincount(row[new], np.maximum(0.0, np.maximum.reduceat(value, new)), rows), dtype=np.float64)


@compiled
def over_limit(indptr: Ints, indices: np.ndarray, data: Floats, limit: Floats) -> np.ndarray:
    """(n,) bool: columns that count for more than the limit of a row."""
    over = np.zeros(len(indptr) - 1, dtype=np.bool_)
    for k in range(len(over)):
        for j in range(indptr[k], indptr[k + 1]):
            if data[j] > 0.0 and data[j] > limit[indices[j]]:
                over[k] = True
                break
    return over


@compiled
def counts_against(indices: np.ndarray, data: Floats, rows: int) -> np.ndarray:
    """(m,) bool: rows in which something counts for more than nothing."""
    met = np.zeros(rows, dtype=np.bool_)
    for j in range(len(indices)):
        if data[j] > 0.0:
            met[indices[j]] = True
    return met
