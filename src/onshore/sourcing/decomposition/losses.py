"""What each maker loses at least: a bound sharper than that of prices alone.

At prices v, whatever a plan z costs above LB(v) is a sum of losses, none of them below 0:
cost(z) - LB(v) = sum_p r_p(z) + sum_b (r_b z_b - its least) + sum_i v_i (h_i - g_i z),
r_p the reduced cost of the part's option above that of its best one, r_b that of a box, and last the price of what each row leaves
idle. In fractions all of them vanish at once; in whole options they cannot: a maker's last hours are filled only by parts that
would be better off elsewhere. So the losses are shared out among makers, each with the rows of his machines, ventures and own
limits, and what each loses at least, over every option there is, is a small programme of its own: branch and bound
gives it a bound. The sum over makers is added to LB(v). See docs/explanation/decomposition.md.

The reduced cost of an option goes in equal shares to the makers it is made by. Where a part's best option is a maker's, choosing
without him costs him `HOME` of the least that this costs, and those who get the part as much less.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from onshore.blueprint.compiled import compiled
from onshore.blueprint.crew import THREADS
from onshore.errors import Stopped
from onshore.sourcing.certificate import Losses
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.table import Block, Table
from onshore.sourcing.model import Mip
from onshore.sourcing.options import ranges
from onshore.sourcing.problem import Floats, Ints
from onshore.sourcing.solver import solve

__all__ = ["NEAR", "least_losses", "losses_of", "lost_by", "weights"]

HOME = 0.7
"""Of what it costs at least to choose without a part's best maker, the share that he is charged with."""
NODES, NEAR = 50, 0.05
"""Nodes of branch and bound for each maker, and the share within which his least loss is told."""
DEEPER = 10
"""So many times as exactly it is looked for where a claim was not found again."""
REST = 0.01
"""Makers whose losses come to less than this share of all are left out."""
BATCH = 128
"""Makers whose options are gathered in one pass over the table."""
SAFE = 1e-7
"""Share of what a maker's rows are worth that is taken off, for the solver's tolerances."""


@dataclass(frozen=True)
class _Shares:
    """How the losses at prices v are shared out among makers."""

    full: Full
    v: Floats
    least: Floats  # (P,) reduced cost of each part's best option
    home: Ints  # (P,) the maker of that option, -1 where it has none
    away: Floats  # (P,) what he is charged for the part's being made without him

    @classmethod
    def of(cls, full: Full, v: Floats) -> _Shares:
        least, maker = full.table.price(v), full.maker

        def work(b: Block) -> tuple[Ints, Floats]:
            c = b.columns
            return _homes(c.first, c.indptr, c.indices, b.reduced, maker[b.rows])

        home, away = (np.concatenate(x) for x in zip(*full.table.of_blocks(work), strict=True))
        away = np.where(home >= 0, HOME * np.where(np.isfinite(away), away - least, full.size), 0.0)
        return cls(full, v, least, home, away)

    def pairs(self, table: Table, within: Floats) -> _Pairs:
        """Options of a table with the makers (M,) where they lose no more than is looked for, maker by maker."""
        maker, least, home, away = self.full.maker, self.least, self.home, self.away

        def work(b: Block) -> tuple[np.ndarray, ...]:
            c, own = b.columns, maker[b.rows]

            def filled(pairs: _Pairs) -> tuple[int, int]:
                return _fill(
                    c.first, c.indptr, c.indices, c.data, b.reduced, own, least[b.parts], home[b.parts], away[b.parts], within,
                    pairs.maker, pairs.option, pairs.share, pairs.size, pairs.row, pairs.data,
                )  # fmt: skip

            made = _Pairs.empty(*filled(_Pairs.empty(0, 0)))
            filled(made)
            option = made.option
            return (
                made.maker, b.which[option], b.part + c.part[option], made.share, made.size, b.rows[made.row], made.data
            )  # fmt: skip

        columns = [np.concatenate(x) for x in zip(*table.of_blocks(work), strict=True)]
        return _Pairs(*columns)

    def of_plan(self, taken: Ints, weight: Floats, boxes: Floats) -> Floats:
        """(M,) what a plan loses at each maker: so much (weight) of the options at these places among all (taken, in order), and boxes."""
        n, v = self.full, self.v
        table = n.table.only(lambda b: b.among(taken))
        count = int(n.maker.max(initial=-1)) + 1
        pairs = self.pairs(table, np.full(count, np.inf))
        share = weight[np.searchsorted(taken, pairs.option)]
        priced = np.bincount(np.repeat(np.arange(len(share)), pairs.size), v[pairs.row] * pairs.data, len(share))
        at_home = np.where(pairs.maker == self.home[pairs.part], self.away[pairs.part], 0.0)
        home, own, (box, cost, low) = self.home >= 0, np.flatnonzero(n.maker >= 0), self._boxes
        some = box >= 0
        lost = np.zeros(count)  # np.bincount of nothing would be integers
        np.add.at(lost, pairs.maker, share * (pairs.share - priced - at_home))
        np.add.at(lost, self.home[home], self.away[home])
        np.add.at(lost, n.maker[own], v[own] * n.right[own])
        np.add.at(lost, box[some], (cost * boxes - low)[some])
        return lost

    @property
    def _boxes(self) -> tuple[Ints, Floats, Floats]:
        """(B,) the maker of each box, -1 where it is not one maker's; what one more costs him, his rows unpriced; and its least term."""
        n, v = self.full, self.v
        box = np.repeat(np.arange(len(n.cost)), np.diff(n.matrix.indptr))
        of = n.maker[n.matrix.indices]
        low, high = np.full(len(n.cost), np.iinfo(np.int64).max), np.full(len(n.cost), -1)
        np.minimum.at(low, box[of >= 0], of[of >= 0])
        np.maximum.at(high, box, of)
        if (low < high)[high >= 0].any():
            raise RuntimeError("a venture or a module lies in rows of several makers")
        maker = high
        reduced = n.cost + n.matrix.T @ v
        own = of == maker[box]
        inside = np.bincount(box[own], v[n.matrix.indices[own]] * n.matrix.data[own], len(n.cost))
        return maker, reduced - inside, np.where(reduced < 0, reduced * n.upper, reduced * n.lower)

    def lots(self, makers: Ints, within: Floats) -> Iterator[_Lot]:
        """The programme of each of these makers, whose losses are looked for within (makers,) so much."""
        n, v = self.full, self.v
        limit = np.full(int(n.maker.max(initial=-1)) + 1, -1.0)
        limit[makers] = within * (1.0 + 1e-6)
        pairs, (box, cost, low) = self.pairs(n.table, limit), self._boxes
        order = np.argsort(pairs.maker, kind="stable")
        first = np.searchsorted(pairs.maker[order], np.arange(len(limit) + 1))
        cell = np.cumsum(pairs.size) - pairs.size
        own = np.argsort(n.maker, kind="stable")
        rows_first = np.searchsorted(n.maker[own], np.arange(len(limit) + 1))
        homes = np.bincount(self.home[self.home >= 0], self.away[self.home >= 0], len(limit))
        for m in makers.tolist():
            at, rows = order[first[m] : first[m + 1]], own[rows_first[m] : rows_first[m + 1]]
            cells = ranges(cell[at], cell[at] + pairs.size[at])
            indptr = np.concatenate([[0], np.cumsum(pairs.size[at])])
            matrix = sparse.csc_array(
                (pairs.data[cells], np.searchsorted(rows, pairs.row[cells]), indptr), shape=(len(rows), len(at))
            )
            part, mine = pairs.part[at], np.flatnonzero(box == m)
            at_home = np.where(self.home[part] == m, self.away[part], 0.0)
            yield _Lot(
                matrix, np.unique(part, return_inverse=True)[1].reshape(-1), n.divisible[part],
                pairs.share[at] - matrix.T @ v[rows] - at_home, n.matrix[:, mine][rows], cost[mine], n.lower[mine], n.upper[mine],
                n.right[rows], float(homes[m] - low[mine].sum() + v[rows] @ n.right[rows]), float(v[rows] @ np.abs(n.right[rows])),
            )  # fmt: skip


@dataclass(frozen=True)
class _Pairs:
    """n options with a maker each, and their cells in his rows."""

    maker: Ints  # (n,)
    option: Ints  # (n,) places among all
    part: Ints  # (n,)
    share: Floats  # (n,) of the option's reduced cost
    size: Ints  # (n,) cells
    row: Ints  # (cells,)
    data: Floats  # (cells,)

    @classmethod
    def empty(cls, count: int, cells: int) -> _Pairs:

        def whole(n: int) -> Ints:
            return np.empty(n, dtype=np.int64)

        return cls(
            whole(count), whole(count), whole(count), np.empty(count), whole(count), whole(cells), np.empty(cells)
        )


@dataclass(frozen=True)
class _Lot:
    """A maker's programme: the least loss over k options, at most one a part, and b boxes that keep his rows."""

    options: sparse.csc_array  # (rows, k)
    part: Ints  # (k,) numbered from 0
    divisible: np.ndarray  # (k,) bool
    cost: Floats  # (k,)
    boxes: sparse.csc_array  # (rows, b)
    box_cost: Floats  # (b,)
    lower: Floats  # (b,)
    upper: Floats  # (b,)
    right: Floats  # (rows,)
    constant: float
    worth: float  # what his rows are worth at their prices

    def mip(self) -> Mip:
        """Options, boxes, and a last column for what is lost anyway: the objective is then the loss itself, and so is the gap."""
        k, b, P = len(self.cost), len(self.box_cost), int(self.part.max(initial=-1)) + 1
        one = sparse.csr_array((np.ones(k), (self.part, np.arange(k))), shape=(P, k))
        last = sparse.csr_array((P, 1))
        matrix = sparse.block_array([[self.options, self.boxes, None], [one, None, last]], format="csr")
        return Mip(
            np.concatenate([self.cost, self.box_cost, [self.constant]]), sparse.csr_array(matrix),
            np.full(len(self.right) + P, -np.inf), np.concatenate([self.right, np.ones(P)]),
            np.concatenate([np.zeros(k), self.lower, [1.0]]), np.concatenate([np.ones(k), self.upper, [1.0]]),
            np.concatenate([~self.divisible, np.ones(b, dtype=np.bool_), [False]]),
        )  # fmt: skip

    def least(self, stop: threading.Event, deeper: int) -> float:
        """A bound of the loss, with so many times the nodes; 0 where there was no time for one."""
        if stop.is_set():
            return 0.0
        try:
            found = solve(self.mip(), gap=NEAR / deeper, nodes=NODES * deeper, bound_only=True, stop=stop)
        except Stopped:
            return 0.0
        return max(0.0, found.bound - SAFE * self.worth) if found.status != "infeasible" else 0.0


def losses_of(
    full: Full, v: Floats, taken: Ints, weight: Floats, boxes: Floats, *, up: Callable[[], bool], tell: Callable[[Losses], None],
) -> Losses:  # fmt: skip
    """What every maker loses at least, those first where this plan loses most: weight (n,) of the options at places taken (n,) among
    all, in order, and boxes (B,).

    `tell` is given what is known as it grows. Where time is `up`, makers that are left lose nothing as far as is known.
    """
    shares = _Shares.of(full, v)
    within = shares.of_plan(taken, weight, boxes)
    order = np.argsort(-within, kind="stable")
    order = order[: int(np.searchsorted(np.cumsum(within[order]), (1.0 - REST) * within.sum())) + 1]
    order = order[within[order] > 0]
    return _least(shares, order, within[order], up, tell)


def least_losses(
    full: Full, v: Floats, maker: Ints, within: Floats, claimed: Floats, tell: Callable[[Losses], None]
) -> Losses:
    """The same for these makers, looked for within (m,) so much: any amounts give a bound.

    Where a bound lies further below what is `claimed` (m,) than `NEAR`, it is looked for once more with `DEEPER` times the nodes: a
    last digit of a row can turn branch and bound another way.
    """
    shares = _Shares.of(full, v)
    found = _least(shares, maker, within, lambda: False, tell)
    short = np.flatnonzero(claimed > found.at_least * (1.0 + NEAR))
    again = _least(shares, maker[short], within[short], lambda: False, _nothing, DEEPER)
    at_least = found.at_least.copy()
    at_least[short] = np.maximum(at_least[short], again.at_least)
    return replace(found, at_least=at_least)


def _nothing(_: Losses) -> None:
    pass


def weights(x: Floats) -> tuple[Ints, Floats]:
    """Where x is not 0, and what it is there."""
    at = np.flatnonzero(x)
    return at, x[at]


def lost_by(full: Full, v: Floats, taken: Ints, weight: Floats, boxes: Floats) -> Floats:
    """(M,) what a plan loses at each maker."""
    return _Shares.of(full, v).of_plan(taken, weight, boxes)


def _least(
    shares: _Shares, maker: Ints, within: Floats, up: Callable[[], bool], tell: Callable[[Losses], None],
    deeper: int = 1,
) -> Losses:  # fmt: skip
    losses = Losses(maker, within, np.zeros(len(maker)))
    stop, pool = threading.Event(), ThreadPoolExecutor(THREADS)
    try:
        for a in range(0, len(maker), BATCH):
            if up():
                break
            batch = slice(a, a + BATCH)
            asked = [pool.submit(lot.least, stop, deeper) for lot in shares.lots(maker[batch], within[batch])]
            for i, future in enumerate(asked):
                while not future.done():
                    wait([future], timeout=0.1)
                    if up():
                        stop.set()
                at_least = losses.at_least.copy()
                at_least[a + i] = min(within[a + i], future.result())
                losses = replace(losses, at_least=at_least)
                tell(losses)
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
    return losses


@compiled
def _meets(indices: np.ndarray, a: int, z: int, maker: Ints, met: Ints) -> int:
    """The makers, each once, whose rows an option's cells a : z lie in; how many."""
    count = 0
    for j in range(a, z):
        m = maker[indices[j]]
        if m < 0:
            continue
        known = False
        for i in range(count):
            known = known or met[i] == m
        if not known:
            met[count] = m
            count += 1
    return count


@compiled
def _homes(first: Ints, indptr: Ints, indices: np.ndarray, reduced: Floats, maker: Ints) -> tuple[Ints, Floats]:
    """(P,) the maker of each part's best option, -1 for none, and the least reduced cost of an option without him."""
    P = len(first) - 1
    home, away = np.full(P, -1, dtype=np.int64), np.full(P, np.inf)
    for p in range(P):
        best = first[p]
        for k in range(first[p], first[p + 1]):
            if reduced[k] < reduced[best]:
                best = k
        for j in range(indptr[best], indptr[best + 1]):
            if maker[indices[j]] >= 0:
                home[p] = maker[indices[j]]
                break
        for k in range(first[p], first[p + 1]):
            if reduced[k] >= away[p]:
                continue
            without = True
            for j in range(indptr[k], indptr[k + 1]):
                if maker[indices[j]] == home[p]:
                    without = False
                    break
            if without:
                away[p] = reduced[k]
    return home, away


@compiled
def _share(over: float, count: int, met: Ints, home: int, away: float) -> float:
    """Of an option's reduced cost, what each of the makers it meets bears."""
    if home >= 0:
        for i in range(count):
            if met[i] == home:
                return over / count
        over -= away
    return max(0.0, over) / count


@compiled
def _fill(
    first: Ints, indptr: Ints, indices: np.ndarray, data: Floats, reduced: Floats, maker: Ints, least: Floats, home: Ints,
    away: Floats, within: Floats, of: Ints, option: Ints, shares: Floats, size: Ints, row: Ints, value: Floats,
) -> tuple[int, int]:  # fmt: skip
    """The options that bear no more than `within` (M,) at a maker, with their cells in his rows: how many of both. Arrays that
    have no room are left as they are."""
    pair, cell, fill = 0, 0, len(of) > 0
    met = np.empty(1 + np.max(np.diff(indptr)), dtype=np.int64)
    for p in range(len(first) - 1):
        for k in range(first[p], first[p + 1]):
            count = _meets(indices, indptr[k], indptr[k + 1], maker, met)
            if count == 0:
                continue
            share = _share(reduced[k] - least[p], count, met, home[p], away[p])
            for i in range(count):
                if share > within[met[i]]:
                    continue
                before = cell
                for j in range(indptr[k], indptr[k + 1]):
                    if maker[indices[j]] == met[i]:
                        if fill:
                            row[cell], value[cell] = indices[j], data[j]
                        cell += 1
                if fill:
                    of[pair], option[pair], shares[pair], size[pair] = met[i], k, share, cell - before
                pair += 1
    return pair, cell
