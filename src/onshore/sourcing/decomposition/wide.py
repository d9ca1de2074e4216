"""An option table too long to hold as trajectories: made by chunks of parts, kept as the columns and keys of its options.

Each chunk is the problem of some parts (`Problem.of_parts`): its options, measures and terms are worked out as for a small
programme, its columns are kept, and the rest is dropped. What the search finds is then made again in full for a few options
of each part (`Wide.some`), and everything that is told of a plan is told from those; what has to be known of all
options (the bound, each part's cheapest one) is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from onshore.blueprint.compiled import compiled
from onshore.sourcing.certificate import Proof
from onshore.sourcing.counted import gathered
from onshore.sourcing.decomposition.frame import Frame, frame_of
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.normal import OptionColumns, mark_cheapest, smallest
from onshore.sourcing.decomposition.shelf import Shelf
from onshore.sourcing.decomposition.table import THREADS, Block, Table, numbered
from onshore.sourcing.limits import LimitRows
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import link_names, must_be_left, permitted_of, through_ventures, without_any
from onshore.sourcing.options import (
    SHOWN,
    Keys,
    Options,
    options_of,
    options_of_keys,
    ranges,
    restrictions_of,
    shares_of,
)
from onshore.sourcing.problem import Floats, Ints, Problem
from onshore.sourcing.scopes import entities

__all__ = ["Wide", "wide_of"]

PARTS = 250
"""Parts of a chunk: the memory that is used beside the columns, and what fits the processor's cache, grow with it."""


@dataclass
class Chunk:
    """The options of some parts: those that may be chosen as a block, all of them as keys, and what is known of all.

    `lost` are those that alone break a row, for a bound that holds with more room in it; its rows and places are the block's.
    """

    block: Block
    lost: OptionColumns
    options: Ints  # (parts,) how many each part has
    legs: np.ndarray  # (K,) uint8, how many each option has
    offer: np.ndarray  # (L,) int32
    start: np.ndarray  # (L,) int16, months
    share: np.ndarray  # (L,) uint16, place in `shares`
    shares: Floats
    meets: Ints  # (links, 2) parts and ventures
    low: Floats  # (m,) what each of the block's rows comes to at least, every column for itself
    cheapest: Floats  # (parts,) least objective of the options that are permitted
    imported: Floats  # (parts,) objective of staying imported
    reach: Floats  # (bounds,) sum over parts of the most that one of its options counts in the row's denominator
    stuck: list[str]  # parts without any

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

    def settled(self, limit: Floats, divisible: np.ndarray, shelf: Shelf) -> np.ndarray:
        """Sort out what alone is over the limit (R,) of a row; the block's rows (m,) that something left counts in, bool."""
        t, b = self.block.columns, self.block
        over = _over(t.indptr, t.indices, t.data, limit[b.rows]) & ~divisible[b.part + t.part]
        if over.any():
            self.lost = t.only(over)
            b.columns = _shelved(t.only(~over), shelf)
            b.active, b.reduced = b.active[~over], b.reduced[~over]
        t = b.columns
        return _against(t.indices, t.data, len(b.rows))

    def keys(self, chosen: Ints) -> tuple[Ints, Keys]:
        """How many legs each of these options has, and the legs."""
        first = np.concatenate([[0], np.cumsum(self.legs, dtype=np.int64)])
        leg = ranges(first[chosen], first[chosen + 1])
        share = self.shares[self.share[leg]]
        return self.legs[chosen].astype(np.int64), (
            self.offer[leg].astype(np.int64), self.start[leg].astype(np.int64) // 12, share,
        )  # fmt: skip

    def told(self, taken: Ints, needs: Floats) -> Ints:
        """Of its options in order: those of `Wide.told`. `needs` (R,) is what a row's use costs besides."""
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
        opening = t.cost + _matrix(t, len(b.rows)).T @ needs[b.rows]
        objective = np.full(first[-1], np.inf)
        for columns in (t, self.lost):
            objective[columns.which] = columns.cost
        mark_cheapest(first, objective, SHOWN, every)
        every[self._best_of_offers(objective)] = True
        home = np.where(np.isin(t.which, first[:-1]), np.inf, opening)
        for value in (opening, b.reduced, home):
            every[t.which[smallest(t.first, value)]] = True
        every[self.lost.which] |= self.lost.cost < cost[self.lost.part]
        return np.flatnonzero(every)

    def _best_of_offers(self, cost: Floats) -> Ints:
        """The option of least cost (K,) with each offer; any one of an offer that decisions forbid."""
        option, low = np.repeat(np.arange(len(cost)), self.legs), int(self.offer.min(initial=0))
        least = np.full(int(self.offer.max(initial=0)) - low + 1, np.inf)
        np.minimum.at(least, self.offer - low, cost[option])
        best = np.flatnonzero(cost[option] == least[self.offer - low])
        first = np.full(len(least), -1)
        first[self.offer[best[::-1]] - low] = option[best[::-1]]  # the first among equals is written last
        return first[first >= 0]


@dataclass(frozen=True)
class Wide:
    """K options as columns over the rows (`names`), and as keys: the offer, month of start and share of each leg.

    `full` holds those that may be chosen and alone break no row.
    """

    problem: Problem
    full: Full
    names: tuple[tuple[str, str], ...]  # (R,) block and row
    chunks: list[Chunk]
    lost_costs: Floats  # (b,) of boxes that alone break a row
    lost_boxes: sparse.csc_array  # (R, b)
    reach: Floats  # (bounds,) by how much a row gives way at most for one unit of its limit
    restrictions: tuple[str, ...]

    @cached_property
    def first_of_part(self) -> Ints:
        """(P + 1,)"""
        return np.concatenate([[0], np.cumsum(np.concatenate([c.options for c in self.chunks]))])

    @property
    def count(self) -> int:
        return int(self.first_of_part[-1])

    def bound(self, v: Floats) -> tuple[float, float]:
        """LB(v) over the whole table in plain products of matrices, with and without what alone breaks a row left out."""
        n = self.full
        boxes = n.cost + n.matrix.T @ v
        rest = float(np.where(boxes < 0, boxes * n.upper, boxes * n.lower).sum() - v @ n.right)
        lost = float(np.minimum(0.0, self.lost_costs + self.lost_boxes.T @ v).sum())
        kept, every = [], []
        for c in self.chunks:
            mine = v[c.block.rows]
            kept.append(_least(c.block.columns, mine))
            every.append(np.minimum(kept[-1], _least(c.lost, mine)))
        return float(np.concatenate(kept).sum()) + rest, float(np.concatenate(every).sum()) + rest + lost

    def proof(self, v: Floats) -> Proof:
        """What is known of all options at the prices v (R,)."""
        by_prices, promised = self.bound(v)
        imported, cheapest = (
            float(np.concatenate([getattr(c, x) for c in self.chunks]).sum()) for x in ("imported", "cheapest")
        )
        return Proof(imported, cheapest, by_prices, promised, self.reach)

    def named(self, v: Floats) -> dict[tuple[str, str], float]:
        """Every price by block and row, as the certificate of a `Model` has it: negative where the row is "at most"."""
        return {self.names[r]: float(-self.full.sign[r] * v[r]) for r in np.flatnonzero(v)}

    def prices_of(self, price: dict[tuple[str, str], float]) -> Floats:
        """(R,) prices from those of rows by block and name; what is on the wrong side of a row is none."""
        given = np.array([price.get(name, 0.0) for name in self.names])
        return np.minimum(np.maximum(0.0, -self.full.sign * given), self.full.penalty)

    def told(self, taken: Ints, closed: Floats) -> Ints:
        """The options (in order) that a plan is told by: those taken, staying imported, the SHOWN cheapest ones of each part by
        objective, the cheapest by objective with what has to be opened, by reduced cost (at the table's last prices), and those that
        cost what a taken one does. `closed` (V,) is the cost of opening each venture that is not open."""
        n = self.full
        needs = np.zeros(len(n.right))
        needs[n.links] = closed[n.boxes[n.linked]]
        base = np.array([c.block.base for c in self.chunks])
        cuts = np.searchsorted(taken, [*base, self.count])
        own = [taken[cuts[i] : cuts[i + 1]] - b for i, b in enumerate(base)]
        return np.concatenate([c.told(t, needs) + b for c, t, b in zip(self.chunks, own, base, strict=True)])

    def some(self, chosen: Ints) -> Options:
        """These options (in order) in full."""
        base = [c.block.base for c in self.chunks]
        cuts = np.searchsorted(chosen, [*base, self.count])
        made = [c.keys(chosen[cuts[i] : cuts[i + 1]] - base[i]) for i, c in enumerate(self.chunks)]
        part = np.searchsorted(self.first_of_part, chosen, side="right") - 1
        first = np.concatenate([[0], np.cumsum(np.concatenate([count for count, _ in made]))])
        offer, start, share = (np.concatenate([keys[i] for _, keys in made]) for i in range(3))
        return options_of_keys(
            self.problem, part, first, (offer, start, share), chosen - self.first_of_part[part], np.diff(self.first_of_part),
            np.unique(np.concatenate([np.unique(c.offer) for c in self.chunks])).astype(np.int64), self.restrictions,
        )  # fmt: skip


def _shelved(columns: OptionColumns, shelf: Shelf) -> OptionColumns:
    names = ("indptr", "indices", "data", "cost", "which")
    held = shelf.put([getattr(columns, name) for name in names])
    return OptionColumns(columns.first, **dict(zip(names, held, strict=True)))


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


def wide_of(problem: Problem, tell: Callable[[int], None] | None = None) -> Wide:
    """The whole option table as columns. `tell` is called with the number of parts done.

    Raises `NoPlan` where decisions leave a part without any option.
    """
    frame, shelf = frame_of(problem), None
    chunks: list[Chunk] = []
    for chunk in _chunks(problem, frame, tell):
        shelf = shelf or Shelf(chunk.bytes * len(problem.parts.labels) / len(chunk.options))
        chunks.append(chunk.kept(shelf))
    assert shelf is not None
    must_be_left([p for c in chunks for p in c.stuck])
    F, link = len(frame.names), len(frame.names)
    for c in chunks:
        c.block.rows = np.where(c.block.rows >= F, c.block.rows + link - F, c.block.rows)
        link += len(c.meets)
    meets = np.concatenate([c.meets for c in chunks])
    boxes = _with_links(frame, meets)
    names = (*frame.names, *(("open_before_use", name) for name in link_names(problem, meets)))
    right, sign = np.concatenate([frame.right, np.zeros(len(meets))]), np.concatenate([frame.sign, np.ones(len(meets))])
    limit = _limits(frame, chunks, boxes, right, sign)
    over = _over(boxes.indptr, boxes.indices, boxes.data, limit) & (frame.upper <= 1.0) & (frame.lower == 0.0)
    upper = np.where(over, 0.0, frame.upper)
    against = _against(boxes.indices[_cells(boxes, upper > 0)], boxes.data[_cells(boxes, upper > 0)], len(right))
    for c in chunks:
        against[c.block.rows] |= c.settled(limit, problem.parts.divisible, shelf)
    # at-least rows in which nothing counts against: there nothing has to count for more than the whole
    may_cap = (sign < 0) & (right < 0) & ~against
    boxes.data = np.where(may_cap[boxes.indices], np.maximum(boxes.data, right[boxes.indices]), boxes.data)
    floor = np.where(may_cap, right, -np.inf)
    for c in chunks:
        if may_cap[c.block.rows].any():
            t = c.block.columns
            np.maximum(t.data, floor[c.block.rows][t.indices], out=t.data)
    chosen = np.flatnonzero(upper > 0)
    opens = upper[meets[:, 1]] > 0  # a forbidden venture has no box, and its links nothing to share
    full = Full(
        sparse.csc_array(boxes[:, chosen]), chosen, frame.cost[chosen], frame.lower[chosen], upper[chosen], right,
        np.concatenate([frame.penalty, np.full(len(meets), np.inf)]), np.arange(len(right)), sign, F + np.flatnonzero(opens),
        np.searchsorted(chosen, meets[opens, 1]), problem.parts.divisible, Table([c.block for c in chunks], len(right)),
    )  # fmt: skip
    return Wide(
        problem, full, names, chunks, frame.cost[over], boxes[:, np.flatnonzero(over)], _reach(frame.limits, chunks),
        restrictions_of(problem),
    )  # fmt: skip


def _with_links(frame: Frame, meets: Ints) -> sparse.csc_array:
    """The boxes' columns with a row for each part and venture that meet: the venture counts -1 in it."""
    links = sparse.csc_array(
        (-np.ones(len(meets)), (np.arange(len(meets)), meets[:, 1])), shape=(len(meets), frame.boxes.shape[1])
    )
    made = sparse.csc_array(sparse.vstack([frame.boxes, links], format="csc"))
    made.eliminate_zeros()
    return made


def _cells(boxes: sparse.csc_array, chosen: np.ndarray) -> np.ndarray:
    """(nnz,) bool: of those boxes."""
    return np.repeat(chosen, np.diff(boxes.indptr))


def _limits(frame: Frame, chunks: list[Chunk], boxes: sparse.csc_array, right: Floats, sign: Floats) -> Floats:
    """(R,) the most that one column may count in an "at most" row, when all others count as little as they can; else infinite."""
    box = np.repeat(np.arange(boxes.shape[1]), np.diff(boxes.indptr))
    least = np.zeros(len(right))  # np.bincount of nothing would be integers
    low = np.where(boxes.data < 0, boxes.data * frame.upper[box], boxes.data * frame.lower[box])
    least += np.bincount(boxes.indices, low, len(right))
    for c in chunks:
        least[c.block.rows] += c.low
    hard = np.ones(len(right), dtype=np.bool_)
    hard[: len(frame.penalty)] = np.isinf(frame.penalty)  # a soft row can always be missed
    room = right + 1e-9 * np.maximum(1.0, np.abs(right)) - least
    return np.where(hard & (sign > 0), room, np.inf)


def _reach(limits: LimitRows, chunks: list[Chunk]) -> Floats:
    """(bounds,) `certificate.reach_of`, from what the options of each chunk can be a share of."""
    most = np.sum([c.reach for c in chunks], axis=0)
    return np.array([
        1.0 if b.denominator is None
        else max(0.0, float(m) + b.denominator.constant) / (1e6 if b.measure == "defects_ppm" else 1.0)
        for b, m in zip(limits.bounds, most, strict=True)
    ])  # fmt: skip


def _chunks(problem: Problem, frame: Frame, tell: Callable[[int], None] | None) -> Iterator[Chunk]:
    """Chunk by chunk, in order, two at work at a time where there are processors for it."""
    P = len(problem.parts.labels)
    spans = [(a, min(P, a + PARTS)) for a in range(0, P, PARTS)]
    with ThreadPoolExecutor(min(THREADS, len(spans))) as pool:
        base = 0
        for (_, last), made in zip(spans, pool.map(lambda span: _chunk(problem, frame, *span), spans), strict=True):
            made.block.base = base
            base += int(made.options.sum())
            if tell is not None:
                tell(last)
            yield made


def _chunk(problem: Problem, frame: Frame, first: int, last: int) -> Chunk:
    """Its rows of links are numbered from the frame's rows on, as if there were no other chunk."""
    mine = problem.of_parts(first, last)
    options = options_of(mine)
    measures = Measures(mine, options)
    where = entities(mine, options, first)
    F, K = len(frame.names), options.count
    counted = gathered(measures, frame.terms, F, where)
    bottom = gathered(measures, frame.denominators, len(frame.limits.bounds), where)
    cost = problem.settings.sign * measures.of_options(problem.settings.objective)
    permitted = permitted_of(mine, options)
    meets, through, row = through_ventures(mine, options)
    at = counted.indptr[through + 1]
    indices = np.insert(counted.indices, at, (F + row).astype(np.int32))
    data = np.insert(counted.data * frame.sign[counted.indices], at, 1.0)
    indptr = counted.indptr + np.concatenate([[0], np.cumsum(np.bincount(through, minlength=K))])
    rows, indices = numbered(np.arange(F + len(meets)), indices)
    columns = OptionColumns(
        options.first_of_part, indptr.astype(np.int32), indices, data, cost, np.arange(K, dtype=np.int32)
    )
    if not permitted.all():
        columns = columns.only(permitted)
    negative = columns.data < 0
    shares = shares_of(problem.settings.options)
    start = options.first_of_part[:-1]
    return Chunk(
        Block(first, 0, rows, columns), columns.only(np.zeros(len(columns.cost), dtype=np.bool_)), np.diff(options.first_of_part),
        np.diff(options.first_of_option).astype(np.uint8),
        (options.legs.offer + int(np.searchsorted(problem.offers.part, first))).astype(np.int32),
        options.legs.start.astype(np.int16), np.searchsorted(shares, options.legs.share).astype(np.uint16), shares, meets + np.array([first, 0]),
        np.bincount(columns.indices[negative], columns.data[negative], len(rows)).astype(np.float64),
        np.minimum.reduceat(np.where(permitted, cost, np.inf), start), cost[start],
        _most(bottom.indptr, bottom.indices, bottom.data, options.first_of_part, permitted, len(frame.limits.bounds)),
        without_any(mine, options, permitted),
    )  # fmt: skip


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
def _over(indptr: Ints, indices: np.ndarray, data: Floats, limit: Floats) -> np.ndarray:
    """(n,) bool: columns that count for more than the limit of a row."""
    over = np.zeros(len(indptr) - 1, dtype=np.bool_)
    for k in range(len(over)):
        for j in range(indptr[k], indptr[k + 1]):
            if data[j] > 0.0 and data[j] > limit[indices[j]]:
                over[k] = True
                break
    return over


@compiled
def _against(indices: np.ndarray, data: Floats, rows: int) -> np.ndarray:
    """(m,) bool: rows in which something counts for more than nothing."""
    met = np.zeros(rows, dtype=np.bool_)
    for j in range(len(indices)):
        if data[j] > 0.0:
            met[indices[j]] = True
    return met
