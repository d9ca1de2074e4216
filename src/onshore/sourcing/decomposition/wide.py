"""An option table too long to hold as trajectories: made by chunks of parts, kept as the columns and keys of its options.

Each chunk is the problem of some parts (`Problem.of_parts`): its options, measures and terms are worked out as for a small
programme, its columns are kept, and the rest is dropped. What the search finds is then made again in full for a few options
of each part (`Wide.some`), and everything that is told of a plan is told from those; what has to be known of all
options (the bound, each part's cheapest one) is kept here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial, reduce
from operator import add
from typing import TypeVar

import numpy as np
from scipy import sparse

from onshore.blueprint.crew import Alone, Crew, Held
from onshore.sourcing.certificate import Proof
from onshore.sourcing.decomposition.chunk import Chunk, Known, Lot, chunk_of, counts_against, lot_of, over_limit
from onshore.sourcing.decomposition.frame import Frame, frame_of
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.shelf import Shelf
from onshore.sourcing.decomposition.table import PARTS, Piece, Table, in_pieces
from onshore.sourcing.limits import LimitRows
from onshore.sourcing.model import link_names, must_be_left
from onshore.sourcing.options import BRIEF, Options, options_of_keys, restrictions_of
from onshore.sourcing.problem import Floats, Ints, Problem

__all__ = ["Wide", "wide_of"]

T = TypeVar("T")


@dataclass
class Chunks(Piece):
    """A piece of the table with what its blocks were made from."""

    chunks: list[Chunk]
    known: Known


@dataclass(frozen=True)
class Wide:
    """K options as columns over the rows (`names`), and as keys: the offer, month of start and share of each leg.

    `full` holds those that may be chosen and alone break no row.
    """

    problem: Problem
    full: Full
    names: tuple[tuple[str, str], ...]  # (R,) block and row
    pieces: Held[Chunks]
    options: Ints  # (P,) how many each part has
    cheapest: float  # sum over parts of the least objective of the options that are permitted
    imported: float  # objective of staying imported
    lost_costs: Floats  # (b,) of boxes that alone break a row
    lost_boxes: sparse.csc_array  # (R, b)
    reach: Floats  # (bounds,) by how much a row gives way at most for one unit of its limit
    restrictions: tuple[str, ...]

    @cached_property
    def first_of_part(self) -> Ints:
        """(P + 1,)"""
        return np.concatenate([[0], np.cumsum(self.options)])

    @property
    def count(self) -> int:
        return int(self.first_of_part[-1])

    def bound(self, v: Floats) -> tuple[float, float]:
        """LB(v) over the whole table in plain products of matrices, with and without what alone breaks a row left out."""
        n = self.full
        boxes = n.cost + n.matrix.T @ v
        rest = float(np.where(boxes < 0, boxes * n.upper, boxes * n.lower).sum() - v @ n.right)
        lost = float(np.minimum(0.0, self.lost_costs + self.lost_boxes.T @ v).sum())
        kept, every = zip(*of_chunks(self.pieces, lambda c: c.least(v)), strict=True)
        return float(np.concatenate(kept).sum()) + rest, float(np.concatenate(every).sum()) + rest + lost

    def proof(self, v: Floats) -> Proof:
        """What is known of all options at the prices v (R,)."""
        by_prices, promised = self.bound(v)
        return Proof(self.imported, self.cheapest, by_prices, promised, self.reach)

    def named(self, v: Floats) -> dict[tuple[str, str], float]:
        """Every price by block and row, as the certificate of a `Model` has it: negative where the row is "at most"."""
        return {self.names[r]: float(-self.full.sign[r] * v[r]) for r in np.flatnonzero(v)}

    def prices_of(self, price: dict[tuple[str, str], float]) -> Floats:
        """(R,) prices from those of rows by block and name; what is on the wrong side of a row is none."""
        given = np.array([price.get(name, 0.0) for name in self.names])
        return np.minimum(np.maximum(0.0, -self.full.sign * given), self.full.penalty)

    def told(self, taken: Ints, closed: Floats) -> Ints:
        """The options (in order) that a plan is told by: those taken, staying imported, the SHOWN cheapest ones of each part by
        objective and the cheapest with each offer, the cheapest by objective with what has to be opened, by reduced cost (at the table's
        last prices), and those that cost what a taken one does; of many parts (`BRIEF`), the cheapest one in place of the SHOWN and
        of those of the offers. `closed` (V,) is the cost of opening each venture that is not open."""
        n = self.full
        needs = np.zeros(len(n.right))
        needs[n.links] = closed[n.boxes[n.linked]]
        brief = len(self.options) > BRIEF
        return np.concatenate(of_chunks(self.pieces, lambda c: c.told(taken, needs, brief=brief)))

    def some(self, chosen: Ints) -> Options:
        """These options (in order) in full."""
        return self.later(chosen)()

    def later(self, chosen: Ints) -> Callable[[], Options]:
        """What makes these options (in order) in full, without the table: it can be let go before."""
        counts, keys, offered = zip(*of_chunks(self.pieces, lambda c: c.keys(chosen)), strict=True)
        part = np.searchsorted(self.first_of_part, chosen, side="right") - 1
        first = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
        offer, start, share = (np.concatenate(column) for column in zip(*keys, strict=True))
        return partial(
            options_of_keys, self.problem, part, first, (offer, start, share), chosen - self.first_of_part[part], self.options,
            np.concatenate(offered), self.restrictions,
        )  # fmt: skip


def of_chunks(pieces: Held[Chunks], work: Callable[[Chunk], T]) -> list[T]:
    """What the work makes of each chunk."""
    return [x for made in pieces.each(lambda piece: [work(c) for c in piece.chunks]) for x in made]


def wide_of(problem: Problem, tell: Callable[[str], None] | None = None, crew: Crew | None = None) -> Wide:
    """The whole option table as columns. `tell` is called with how far it is, in words; `crew` holds the pieces.

    Raises `NoPlan` where decisions leave a part without any option.
    """
    P, frame = len(problem.parts.labels), frame_of(problem)
    spans = in_pieces([(a, min(P, a + PARTS)) for a in range(0, P, PARTS)])
    lots = [lot_of(problem, piece[0][0], piece[-1][1]) for piece in spans]

    def done(made: int, of: int) -> None:
        if tell is not None:
            tell(f"options of {spans[made - 1][-1][1]:,} of {P:,} parts")

    pieces = (crew or Alone()).hold(partial(_chunks, replace(frame, names=()), P, PARTS), lots, done)
    each = pieces.each(lambda piece: piece.known)
    known = reduce(add, each)
    must_be_left(known.stuck)
    meets = known.meets
    boxes = _with_links(frame, meets)
    right, sign = np.concatenate([frame.right, np.zeros(len(meets))]), np.concatenate([frame.sign, np.ones(len(meets))])
    limit = _limits(frame, known.low, boxes, right, sign)
    over = over_limit(boxes.indptr, boxes.indices, boxes.data, limit) & (frame.upper <= 1.0) & (frame.lower == 0.0)
    upper = np.where(over, 0.0, frame.upper)
    left = _settled(pieces, each, limit, boxes, upper, np.where((sign < 0) & (right < 0), right, -np.inf))
    chosen = np.flatnonzero(upper > 0)
    opens = upper[meets[:, 1]] > 0  # a forbidden venture has no box, and its links nothing to share
    full = Full(
        sparse.csc_array(boxes[:, chosen]), chosen, frame.cost[chosen], frame.lower[chosen], upper[chosen], right,
        np.concatenate([frame.penalty, np.full(len(meets), np.inf)]), np.arange(len(right)), sign,
        len(frame.names) + np.flatnonzero(opens), np.searchsorted(chosen, meets[opens, 1]), problem.parts.divisible,
        np.concatenate([frame.maker, problem.ventures.maker[meets[:, 1]]]), Table(pieces, len(right), left),
    )  # fmt: skip
    return Wide(
        problem, full, (*frame.names, *(("open_before_use", name) for name in link_names(problem, meets))), pieces, known.options,
        float(known.cheapest.sum()), float(known.imported.sum()),
        frame.cost[over], boxes[:, np.flatnonzero(over)],
        _reach(frame.limits, known.reach), restrictions_of(problem),
    )  # fmt: skip


def _chunks(frame: Frame, parts: int, size: int, lot: Lot) -> Chunks:
    """The chunks of a lot of all so many parts, each of so many of them."""
    own = len(lot.problem.parts.labels)
    made: list[Chunk] = []
    every: Known | None = None
    shelf = None
    for a in range(0, own, size):
        chunk, known = chunk_of(lot, frame, a, min(own, a + size))
        each = chunk.bytes / len(chunk.options)
        shelf = shelf or Shelf(each * parts, each * (parts - lot.part))
        made.append(chunk.kept(shelf))
        every = known if every is None else every + known
    assert every is not None
    return Chunks([c.block for c in made], made, every)


def _settled(
    pieces: Held[Chunks], known: list[Known], limit: Floats, boxes: sparse.csc_array, upper: Floats, floor: Floats
) -> Ints:
    """Rows of links numbered over all chunks, what alone breaks a row sorted out, what counts for more than the whole cut off.

    `floor` (R,) is the right side of the at-least rows, where nothing has to count for more if nothing counts against; it changes.
    How many options each part (P,) is left with.
    """
    base = np.cumsum([0, *(int(k.options.sum()) for k in known)])[:-1].tolist()
    links = np.cumsum([0, *(len(k.meets) for k in known)])[:-1].tolist()
    rows_before = len(known[0].low)

    def settled(piece: Chunks, options: int, links: int) -> Ints:
        rows = []
        for c in piece.chunks:
            c.numbered(options, links, rows_before)
            rows.append(c.settled(limit))
            options, links = options + int(c.options.sum()), links + c.links
        return np.unique(np.concatenate(rows))

    open_ = np.repeat(upper > 0, np.diff(boxes.indptr))
    floor[counts_against(boxes.indices[open_], boxes.data[open_], len(limit))] = -np.inf
    for rows in pieces.each(settled, base, links):
        floor[rows] = -np.inf
    boxes.data = np.maximum(boxes.data, floor[boxes.indices])
    return np.concatenate(of_chunks(pieces, lambda c: c.capped(floor)))


def _with_links(frame: Frame, meets: Ints) -> sparse.csc_array:
    """The boxes' columns with a row for each part and venture that meet: the venture counts -1 in it."""
    links = sparse.csc_array(
        (-np.ones(len(meets)), (np.arange(len(meets)), meets[:, 1])), shape=(len(meets), frame.boxes.shape[1])
    )
    made = sparse.csc_array(sparse.vstack([frame.boxes, links], format="csc"))
    made.eliminate_zeros()
    return made


def _limits(frame: Frame, low: Floats, boxes: sparse.csc_array, right: Floats, sign: Floats) -> Floats:
    """(R,) the most that one column may count in an "at most" row, when all others count as little as they can; else infinite.

    `low` (F,) is what the options count at least.
    """
    box = np.repeat(np.arange(boxes.shape[1]), np.diff(boxes.indptr))
    least = np.zeros(len(right))  # np.bincount of nothing would be integers
    cells = np.where(boxes.data < 0, boxes.data * frame.upper[box], boxes.data * frame.lower[box])
    least += np.bincount(boxes.indices, cells, len(right))
    least[: len(low)] += low
    hard = np.ones(len(right), dtype=np.bool_)
    hard[: len(frame.penalty)] = np.isinf(frame.penalty)  # a soft row can always be missed
    room = right + 1e-9 * np.maximum(1.0, np.abs(right)) - least
    return np.where(hard & (sign > 0), room, np.inf)


def _reach(limits: LimitRows, most: Floats) -> Floats:
    """(bounds,) `certificate.reach_of`, from the most that options can be a share of."""
    return np.array([
        1.0 if b.denominator is None
        else max(0.0, float(m) + b.denominator.constant) / (1e6 if b.measure == "defects_ppm" else 1.0)
        for b, m in zip(limits.bounds, most, strict=True)
    ])  # fmt: skip
