"""A plan made better window by window: some parts that share rows, with the boxes they meet, are chosen anew by HiGHS.

All else stays. The parts of a window are drawn by a walk: from a part that stands on an option dearer than its cheapest at
the dual's prices, along rows that have a price, to parts that use them too. See docs/explanation/decomposition.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from onshore.sourcing.decomposition.clock import Clock
from onshore.sourcing.decomposition.normal import Normal
from onshore.sourcing.decomposition.search import Choice
from onshore.sourcing.model import Mip
from onshore.sourcing.problem import Floats, Ints
from onshore.sourcing.solver import Answer, solve

__all__ = ["Windows"]

NODES = 100
"""At most so many nodes of branch and bound a window: a count, since seconds would make two runs differ."""
NEAREST = 15
"""At most so many options of a part in a window, those of least reduced cost."""
LOCAL = 0.2
"""A row that more than this share of the parts may use ties everything together and leads to no neighbour."""


@dataclass
class Windows:
    """Windows of a `Normal` (of candidate options) at its dual's prices."""

    normal: Normal
    prices: Floats  # (R,)
    reduced: Floats  # (n,) reduced costs at them
    clock: Clock
    elastic: np.ndarray | None = None  # (R,) bool: hard rows that may be broken for now, at a penalty
    seed: int = 0
    nodes: int = NODES
    restarts: bool = True

    def __post_init__(self) -> None:
        n, t = self.normal, self.normal.table
        R, P = len(n.right), len(t.first) - 1
        part = t.part
        self.excess = self.reduced - np.minimum.reduceat(self.reduced, t.first[:-1])[part]
        order = np.lexsort((self.reduced, part))
        self.near = np.zeros(len(t.cost), dtype=np.bool_)
        self.near[order[np.arange(len(order)) - t.first[:-1][part] < NEAREST]] = True
        self.columns = sparse.csc_array((t.data, t.indices, t.indptr), shape=(R, len(t.cost)))
        cells = sparse.csr_array((np.ones(len(t.data)), t.indices, t.indptr), shape=(len(t.cost), R))
        parts = sparse.csr_array((np.ones(len(part)), (part, np.arange(len(part)))), shape=(P, len(part)))
        self.rows_of_part = sparse.csr_array(parts @ cells)
        self.parts_of_row = self.rows_of_part.T.tocsr()
        self.local = np.diff(self.parts_of_row.indptr) <= max(40, LOCAL * P)
        self.leads = self.local & (self.prices > 0)
        self.leads[n.links] = False
        self.pull = self.prices * n.typical
        self.rng = np.random.default_rng(self.seed)

    def drawn(self, choice: Choice, size: int) -> Ints:
        """The parts of a window, in order."""
        P = len(choice.taken)
        if size >= P:
            return np.arange(P)
        dear = np.add.reduceat(np.maximum(0.0, self.excess) * choice.weight, self.normal.table.first[:-1])
        if self.elastic is not None:  # a part that a broken row may be mended by
            missed = (choice.over > self.normal.room) & self.elastic
            dear = self.rows_of_part @ (missed & self.local) + 1e-3 * (self.rows_of_part @ missed)
        chance = np.full(P, 0.3 / P) + 0.7 * (dear / dear.sum() if dear.sum() > 0 else 1.0 / P)
        seen = [int(self.rng.choice(P, p=chance / chance.sum()))]
        inside = set(seen)
        for _ in range(10 * size):
            if len(inside) >= size:
                break
            p = seen[self.rng.integers(len(seen))]
            rows = self.rows_of_part.indices[self.rows_of_part.indptr[p] : self.rows_of_part.indptr[p + 1]]
            rows = np.sort(rows[self.leads[rows]])
            if not len(rows):
                p = int(self.rng.integers(P))
                if p not in inside:
                    inside.add(p)
                    seen.append(p)
                continue
            r = self.rng.choice(rows, p=self.pull[rows] / self.pull[rows].sum())
            met = np.sort(self.parts_of_row.indices[self.parts_of_row.indptr[r] : self.parts_of_row.indptr[r + 1]])
            new = [int(q) for q in self.rng.permutation(met)[: max(4, size // 4)] if int(q) not in inside]
            new = new[: size - len(inside)]
            inside.update(new)
            seen += new
        return np.array(sorted(inside), dtype=np.int64)

    @classmethod
    def mending(cls, normal: Normal, prices: Floats, reduced: Floats, clock: Clock) -> Windows:
        """Windows in which every hard row may be broken at a penalty that no option is worth."""
        elastic = np.isinf(normal.penalty)
        dear = 10.0 * (prices + normal.size.mean() / normal.typical)
        return cls(replace(normal, penalty=np.where(elastic, dear, normal.penalty)), prices, reduced, clock, elastic)

    def better(self, choice: Choice, size: int, *, count: int = 1) -> Choice:
        """The choice with so many windows chosen anew, each as if the others stayed; the same one where that found nothing better.

        Threads look at them side by side; they are taken in order, and one that no longer fits beside those before it is left out.
        """
        drawn, held = [], np.zeros(len(choice.taken), dtype=np.bool_)
        for _ in range(count):
            parts = self.drawn(choice, size)
            parts = parts[~held[parts]]
            held[parts] = True
            if len(parts):
                drawn.append(_Window.of(self, choice, parts))
        answers = self.clock.beside(lambda w: self._answer(choice, w), drawn)
        for window, answer in zip(drawn, answers, strict=True):
            if answer.status == "interrupted":
                raise KeyboardInterrupt
            if answer.point is not None:
                made = self._with(choice, window, answer.point)
                choice = made if not made.broken.any() and made.cost < choice.cost else choice
        return choice

    def _answer(self, choice: Choice, w: _Window) -> Answer:
        soft = np.isfinite(self.normal.penalty[w.rows])
        stands = [choice.weight[w.columns], choice.boxes[w.boxes], np.maximum(0.0, choice.over[w.rows][soft])]
        return solve(
            self._mip(choice, w),
            gap=1e-4,
            nodes=self.nodes,
            restarts=self.restarts,
            time_limit=self.clock.left,
            start=np.concatenate(stands),
            stop=self.clock.stopped,
        )

    def _with(self, choice: Choice, w: _Window, point: Floats) -> Choice:
        """The choice with what a window came to."""
        n, t = self.normal, self.normal.table
        weight, placed = choice.weight.copy(), choice.boxes.copy()
        whole = ~n.divisible[t.part[w.columns]]
        x = np.clip(point[: len(w.columns)], 0.0, 1.0)
        weight[w.columns] = np.where(whole, np.round(x), np.where(x < 1e-9, 0.0, np.where(x > 1 - 1e-9, 1.0, x)))
        total = np.add.reduceat(weight, t.first[:-1])
        weight = weight / total[t.part]  # a mixture that rounding left a little short of one
        placed[w.boxes] = np.round(point[len(w.columns) : len(w.columns) + len(w.boxes)])
        return Choice(n, weight, placed)

    def _mip(self, choice: Choice, w: _Window) -> Mip:
        """The window: its columns, boxes, and a slack for each soft row; what the rest uses is taken off the right side."""
        n, t = self.normal, self.normal.table
        used = w.mine @ choice.weight[w.columns] + w.meets @ choice.boxes[w.boxes]
        soft = np.flatnonzero(np.isfinite(n.penalty[w.rows]))
        part = np.searchsorted(w.parts, t.part[w.columns])
        size = (len(w.columns), len(w.boxes), len(soft))
        one = sparse.csr_array((np.ones(size[0]), (part, np.arange(size[0]))), shape=(len(w.parts), size[0]))
        eased = sparse.csr_array((-np.ones(size[2]), (soft, np.arange(size[2]))), shape=(len(w.rows), size[2]))
        matrix = sparse.block_array(
            [[w.mine.tocsr()[w.rows], w.meets.tocsr()[w.rows], eased], [one, None, None]], format="csr"
        )
        base = np.minimum.reduceat(t.cost[w.columns], np.searchsorted(part, np.arange(len(w.parts))))
        return Mip(
            cost=np.concatenate([t.cost[w.columns] - base[part], n.cost[w.boxes], n.penalty[w.rows][soft]]),
            matrix=sparse.csr_array(matrix),
            low=np.concatenate([np.full(len(w.rows), -np.inf), np.ones(len(w.parts))]),
            high=np.concatenate([(used - choice.over)[w.rows], np.ones(len(w.parts))]),
            lower=np.concatenate([np.zeros(size[0]), n.lower[w.boxes], np.zeros(size[2])]),
            upper=np.concatenate([np.ones(size[0]), n.upper[w.boxes], np.full(size[2], np.inf)]),
            integer=np.concatenate([~n.divisible[t.part[w.columns]], np.ones(size[1], bool), np.zeros(size[2], bool)]),
        )


@dataclass(frozen=True)
class _Window:
    """Some parts, in order, their columns that may stand in a plan, the boxes these meet, and the rows of both."""

    parts: Ints
    columns: Ints
    boxes: Ints
    rows: Ints
    mine: sparse.csc_array  # (R, columns)
    meets: sparse.csc_array  # (R, boxes)

    @classmethod
    def of(cls, windows: Windows, choice: Choice, parts: Ints) -> _Window:
        n, t = windows.normal, windows.normal.table
        span = [np.arange(t.first[p], t.first[p + 1]) for p in parts]
        columns = np.concatenate([s[windows.near[s] | (choice.weight[s] > 0)] for s in span])
        mine = windows.columns[:, columns]
        touched = np.zeros(len(n.right), dtype=np.bool_)
        touched[mine.indices] = True
        boxes = np.flatnonzero(abs(n.matrix).T @ (touched & windows.local).astype(np.float64) > 0)
        meets = n.matrix[:, boxes]
        touched[meets.indices] = True
        return cls(parts, columns, boxes, np.flatnonzero(touched), mine, meets)
