"""Labels to positions: the only place where a name in a table becomes an index into an array."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.errors import LabelError

__all__ = ["agree", "positions"]

Labels = pl.Series | pl.DataFrame | Sequence[str] | Sequence[int]
"""One label a row: a column, or the columns of a frame where a label has several parts."""


def positions(labels: Labels, axis: Labels, what: str, exact: bool = False) -> NDArray[np.int64]:
    """Where each of `labels` stands in `axis`: shape (len(labels),), from 0.

    Every label must be on the axis, and the axis may not repeat one. Labels may repeat, unless `exact`: then each
    of the axis must be there exactly once, in any order. Raises `LabelError`, naming `what` and the odd ones.
    """
    left, right = _frame(labels), _frame(axis)
    if left.width != right.width:
        raise LabelError(f"{what}: labels of {left.width} parts against an axis of {right.width}.")
    if right.is_duplicated().any():
        raise LabelError(
            f"{what}: the axis repeats {_named(right.filter(right.is_duplicated()).unique(maintain_order=True))}."
        )
    if left.null_count().sum_horizontal().sum() if left.width else 0:
        raise LabelError(f"{what}: {int(left.null_count().sum_horizontal().sum())} labels are empty.")
    if left.dtypes != right.dtypes:
        if left.height and right.height:
            raise LabelError(f"{what}: labels of type {left.dtypes} against an axis of {right.dtypes}.")
        left, right = (left, left.clear()) if left.height else (right.clear(), right)
    names = left.columns
    found = left.join(right.with_row_index("at"), on=names, how="left", maintain_order="left")["at"]
    if found.null_count():
        raise LabelError(
            f"{what}: not on the axis: {_named(left.filter(found.is_null()).unique(maintain_order=True))}."
        )
    at = found.to_numpy().astype(np.int64)
    if exact:
        _each_once(at, right, what)
    return at


def agree(labels: Labels, axis: Labels, what: str) -> None:
    """Raise `LabelError` unless both hold the same labels in the same order."""
    at = positions(labels, axis, what, exact=True)
    moved = np.flatnonzero(at != np.arange(len(at)))
    if len(moved):
        raise LabelError(
            f"{what}: in another order, from position {moved[0]}: {_named(_frame(labels)[int(moved[0])])}."
        )


def _each_once(at: NDArray[np.int64], axis: pl.DataFrame, what: str) -> None:
    times = np.bincount(at, minlength=axis.height)
    for odd, says in ((times > 1, "given twice"), (times == 0, "missing")):
        if odd.any():
            raise LabelError(f"{what}: {says}: {_named(axis.filter(pl.Series(odd)))}.")


def _frame(labels: Labels) -> pl.DataFrame:
    if isinstance(labels, pl.DataFrame):
        return labels.rename(dict(zip(labels.columns, (f"p{i}" for i in range(labels.width)), strict=True)))
    series = labels if isinstance(labels, pl.Series) else pl.Series(values=list(labels))
    if series.dtype == pl.Null:
        series = series.cast(pl.String)
    return series.alias("p0").to_frame()


def _named(odd: pl.DataFrame) -> str:
    shown = [" / ".join(f"`{part}`" for part in row) for row in odd.head(5).iter_rows()]
    more = f" and {odd.height - 5} more" if odd.height > 5 else ""
    return ", ".join(shown) + more
