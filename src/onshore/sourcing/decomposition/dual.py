"""The bound of a large model: prices of its rows that make the dual function large, found by pricing the option table.

For prices v >= 0 of the rows G z <= h they move into the objective, which falls apart into parts, ventures and modules:
LB(v) = sum_p min_k (c_k + v g_k) + sum_boxes min over the box + - v h. It is concave, with kinks. The minimum of a part is
replaced by its soft minimum, which lies below it, so that quasi-Newton steps (`descent`) can climb; its temperature tau
falls from round to round. Most options never matter: steps are taken on an *active* table of those of small reduced
cost, and full passes add to it. See docs/explanation/decomposition.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from onshore.sourcing.decomposition.descent import descended
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.normal import OptionColumns, Rows
from onshore.sourcing.decomposition.table import Table
from onshore.sourcing.model import Mip
from onshore.sourcing.problem import Floats, Ints
from onshore.sourcing.solver import solve

__all__ = ["Dual"]


@dataclass
class Dual:
    """Prices that climb. `best` (R,) gave `bound`, the largest so far, over the whole table; the table's `reduced` are at `prices`."""

    full: Full
    prices: Floats  # (R,)
    best: Floats
    bound: float
    passes: float = 0.0

    @classmethod
    def start(cls, full: Full) -> Dual:
        none = np.zeros(len(full.right))
        dual = cls(full, none, none, -np.inf)
        dual.full_pass(none)
        return dual

    def full_pass(self, v: Floats) -> float:
        """The bound of these prices, over the whole table."""
        n = self.full
        bound = float(n.table.price(v).sum()) + _boxes(n, v) - float(v @ n.right)
        self.prices, self.passes = v, self.passes + 1.0
        if bound > self.bound:
            self.best, self.bound = v, bound
        return bound

    def widen(self, within: float, cheapest: int = 5) -> None:
        """Make active each part's cheapest options and all whose reduced cost is within a share of the part's cost."""
        self.full.table.widen(within, self.full.size, cheapest)

    def climb(self, table: Table, tau: float, steps: int) -> None:
        """Quasi-Newton steps on this table at a temperature, from `prices`; leaves its last prices there."""
        n, size = self.full, self.full.size
        scale = self._scale(table, tau)
        at = np.flatnonzero(scale > 0)
        unit = float(size.mean())
        scale = scale[at] / unit
        weight = tau * np.maximum(np.abs(n.cost), 1e-3 * size.mean())
        share = table.count / n.table.count
        by_box = n.matrix.T.tocsr()

        def value(w: Floats) -> tuple[float, Floats]:
            v = np.zeros(len(n.right))
            v[at] = w / scale
            soft, load = table.soft(v, tau * size)
            r = n.cost + by_box @ v
            span = n.upper - n.lower
            total = soft + (r * n.lower - span * weight * np.logaddexp(0.0, -r / weight)).sum() - v @ n.right
            z = n.lower + span / (1.0 + np.exp(np.clip(r / weight, -500.0, 500.0)))
            self.passes += share
            return -total / unit, -((load + n.matrix @ z - n.right)[at] / scale) / unit

        most = np.where(np.isfinite(n.penalty[at]), n.penalty[at] * scale, np.inf)
        found = descended(value, np.minimum(self.prices[at] * scale, most), most, steps)
        self.prices = np.zeros(len(n.right))
        self.prices[at] = found / scale

    def finish(self, up: Callable[[], bool], tell: Callable[[], None], *, most: int, turns: int) -> None:
        """The interior-point method on the active table, with what its prices make cheap added, while that gains anything."""
        n = self.full
        if n.table.actives > most:
            return
        every = n.table.joined()
        for _ in range(turns):
            if up() or n.table.actives > most:
                return
            before = self.bound
            n.table.activate(self._of_links(every))
            found = solve(self._relaxation(), relaxed=True, interior=True)
            if found.prices is None:
                return
            v = np.maximum(0.0, -found.prices[: len(n.right)])
            self.full_pass(np.minimum(v, n.penalty))
            self.full_pass(self._shared(every, self.prices))
            tell()
            if not n.table.cheaper(1e-7, n.size) or self.bound - before <= 1e-7 * abs(self.bound):
                return

    def _relaxation(self) -> Mip:
        """The linear relaxation over the active options: rows of G, then one row a part; options, boxes, slacks of soft rows."""
        n, t = self.full, self.full.table.active().joined()
        R, m, P = len(n.right), len(t.cost), len(t.first) - 1
        soft = np.flatnonzero(np.isfinite(n.penalty))
        options = sparse.csc_array((t.data, t.indices, t.indptr), shape=(R, m)).tocsr()
        one = sparse.csr_array((np.ones(m), (t.part, np.arange(m))), shape=(P, m))
        eased = sparse.csr_array((-np.ones(len(soft)), (soft, np.arange(len(soft)))), shape=(R, len(soft)))
        matrix = sparse.csr_array(sparse.block_array([[options, n.matrix, eased], [one, None, None]], format="csr"))
        count = m + len(n.cost) + len(soft)
        return Mip(
            np.concatenate([t.cost, n.cost, n.penalty[soft]]), matrix,
            np.concatenate([np.full(R, -np.inf), np.ones(P)]), np.concatenate([n.right, np.ones(P)]),
            np.concatenate([np.zeros(m), n.lower, np.zeros(len(soft))]),
            np.concatenate([np.full(m, np.inf), n.upper, np.full(len(soft), np.inf)]), np.zeros(count, dtype=np.bool_),
        )  # fmt: skip

    def _of_links(self, t: OptionColumns) -> Ints:
        """The cheapest option of each part through each venture: without one, the price of its link would hang loose."""
        n, reduced = self.full, self.full.table.reduced
        linked = np.zeros(len(n.right), dtype=np.bool_)
        linked[n.links] = True
        cells = np.flatnonzero(linked[t.indices])
        option = np.searchsorted(t.indptr, cells, side="right") - 1
        order = np.lexsort((reduced[option], t.indices[cells]))
        row = t.indices[cells][order]
        return t.which[option[order][np.flatnonzero(np.diff(row, prepend=-1))]]

    def _shared(self, t: OptionColumns, v: Floats) -> Floats:
        """The prices with those of each venture's links set anew, all others kept: for one venture at a time the best there is.

        A part gains at most d = (its least reduced cost without the venture) - (through it, unpriced) from the price of
        its link; the sum of the prices is worth no more than what opening costs. So each link is priced at d, or, where
        the sum of d exceeds that cost, at its share of it.
        """
        n = self.full
        if not len(n.links):
            return v
        v = v.copy()
        linked = np.zeros(len(n.right), dtype=np.bool_)
        linked[n.links] = True
        cells = np.flatnonzero(linked[t.indices])
        option, row = np.searchsorted(t.indptr, cells, side="right") - 1, t.indices[cells]
        order = np.argsort(row, kind="stable")
        option, row = option[order], row[order]
        first = np.searchsorted(row, n.links)
        last = np.searchsorted(row, n.links, side="right")
        reduced = n.table.reduced
        opening = n.cost + n.matrix.T @ v
        for box in np.unique(n.linked):
            mine = np.flatnonzero((n.linked == box) & (last > first))
            if n.lower[box] == n.upper[box] or not len(mine):
                continue
            worth = np.zeros(len(mine))
            for i, j in enumerate(mine):
                through = option[first[j] : last[j]]
                p = int(np.searchsorted(t.first, through[0], side="right")) - 1
                span = reduced[t.first[p] : t.first[p + 1]]
                own = np.zeros(len(span), dtype=np.bool_)
                own[through - t.first[p]] = True
                inside = span[own].min() - v[n.links[j]]
                worth[i] = max(0.0, span[~own].min() - inside) if (~own).any() else 0.0
            budget = opening[box] + v[n.links[mine]].sum()
            if worth.sum() > budget:
                worth *= max(0.0, budget) / worth.sum()
            for i, j in enumerate(mine):
                reduced[option[first[j] : last[j]]] += worth[i] - v[n.links[j]]
            v[n.links[mine]] = worth
        return v

    def _scale(self, table: Table, tau: float) -> Floats:
        """(R,) by how much each row's load moves with the choice: the spread of its use within parts and boxes.

        Prices are measured in it, so that a step along one matters as much as along another. What every option of a part
        uses alike does not count: a ceiling on currency moves little though its sums are large. 0 for an empty row.
        """
        n, size = self.full, self.full.size
        square, mean = table.moments(tau * size)
        spread = np.maximum(square - mean, 1e-6 * square)
        r = (n.cost + n.matrix.T @ self.prices) / (tau * np.maximum(np.abs(n.cost), 1e-3 * size.mean()))
        z = np.clip(1.0 / (1.0 + np.exp(np.clip(r, -50.0, 50.0))), 0.02, 0.98)
        spread += n.matrix.multiply(n.matrix) @ (n.upper**2 * z * (1.0 - z))
        return np.where(spread > 0, np.sqrt(spread), np.where(n.touched, 1.0, 0.0))


def _boxes(n: Rows, v: Floats) -> float:
    r = n.cost + n.matrix.T @ v
    return float(np.where(r < 0, r * n.upper, r * n.lower).sum())
