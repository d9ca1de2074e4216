"""A large model in normal form, every option in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from onshore.sourcing.decomposition.normal import Normal, OptionColumns, Rows
from onshore.sourcing.decomposition.table import PARTS, Block, Table, in_pieces, numbered
from onshore.sourcing.model import Model
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Ints

__all__ = ["Full", "full_of"]


@dataclass(frozen=True)
class Full(Rows):
    """A large model: its rows and boxes, and the table of its options."""

    table: Table

    @cached_property
    def size(self) -> Floats:
        return self.table.size()

    @cached_property
    def ceiling(self) -> float:
        """What no plan costs more than; infinite where limits may be missed at a penalty."""
        if np.isfinite(self.penalty).any():
            return np.inf
        most = self.table.dearest() + float(np.maximum(self.cost * self.lower, self.cost * self.upper).sum())
        return most + 1e-6 * abs(most)

    @property
    def beyond(self) -> bool:
        """Whether a row asks for something and nothing counts in it."""
        return bool((~self.touched & np.isinf(self.penalty) & (self.right < -1e-9)).any())

    @cached_property
    def touched(self) -> np.ndarray:
        """(R,) bool: rows that something counts in."""
        return self.table.touched() | (np.bincount(self.matrix.indices, minlength=len(self.right)) > 0)

    def over(self, table: Table) -> Normal:
        """The same model over some of the options."""
        return Normal(**{name: getattr(self, name) for name in Rows.__dataclass_fields__}, table=table.joined())

    def with_rows(self, options: sparse.csr_array, boxes: sparse.csr_array, right: Floats, maker: Ints) -> Full:
        """With more hard rows at the end: (C, n) of all options, (C, B), at most `right`. `rows` stay those that it had."""
        t, R, C = self.table.joined(), len(self.right), len(right)
        own = sparse.csc_array((t.data, t.indices, t.indptr), shape=(R, len(t.cost)))
        cells = sparse.csc_array(sparse.vstack([own, options], format="csc"))
        columns = replace(
            t, indptr=cells.indptr.astype(np.int64), indices=cells.indices.astype(np.int32), data=cells.data
        )
        return replace(
            self, matrix=sparse.csc_array(sparse.vstack([self.matrix, boxes], format="csc")), right=np.concatenate([self.right, right]),
            penalty=np.concatenate([self.penalty, np.full(C, np.inf)]), maker=np.concatenate([self.maker, maker]),
            sign=np.concatenate([self.sign, np.ones(C)]), table=_blocks(columns, R + C),
        )  # fmt: skip


def full_of(model: Model, options: Options, divisible: np.ndarray) -> Full:
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
    return Full(
        turned[:, boxes], boxes, model.cost[boxes], model.lower[boxes], model.upper[boxes],
        np.where(sign > 0, model.high[rows], -model.low[rows]), penalty, rows, sign, links[opens],
        np.searchsorted(boxes, venture[opens]), divisible, model.maker[rows],
        _blocks(every if permitted.all() else every.only(permitted), len(rows)),
    )  # fmt: skip


def _blocks(columns: OptionColumns, height: int) -> Table:
    """Columns over all R rows as blocks of `PARTS` parts."""
    P = len(columns.first) - 1
    blocks = []
    for a in range(0, P, PARTS):
        b = min(P, a + PARTS)
        k0, k1 = int(columns.first[a]), int(columns.first[b])
        j0, j1 = int(columns.indptr[k0]), int(columns.indptr[k1])
        rows, indices = numbered(np.arange(height), columns.indices[j0:j1])
        made = OptionColumns(
            columns.first[a : b + 1] - k0, columns.indptr[k0 : k1 + 1] - j0, indices, columns.data[j0:j1], columns.cost[k0:k1],
            columns.which[k0:k1],
        )  # fmt: skip
        blocks.append(Block(a, 0, rows, made))
    return Table.here(in_pieces(blocks), height)
