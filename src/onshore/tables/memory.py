"""Tables in memory to raw ones, so that they go through the same checks as a file's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from onshore.errors import WrongUse
from onshore.tables.cells import cell_text
from onshore.tables.read import Raw

__all__ = ["raw_of"]


def raw_of(name: str, rows: pl.DataFrame | Sequence[Mapping[str, object]]) -> Raw:
    """Every cell as text. Row numbers are those of the frame's first column ``row``, if it is the reader's own;
    else they count from 2, as if a heading stood above."""
    if isinstance(rows, pl.DataFrame):
        return _from_frame(name, rows)
    if isinstance(rows, list | tuple) and all(isinstance(r, Mapping) for r in rows):
        headings = tuple(dict.fromkeys(str(k) for r in rows for k in r))
        columns = {
            str(i): pl.Series([cell_text(r.get(h)) for r in rows], dtype=pl.String) for i, h in enumerate(headings)
        }
        return _raw(name, headings, pl.Series(range(2, len(rows) + 2), dtype=pl.Int64), columns)
    raise WrongUse(f"{name}: give a Polars frame or a list of one dict a row, not {type(rows).__name__}.")


def _from_frame(name: str, frame: pl.DataFrame) -> Raw:
    own = (
        frame.width > 0
        and frame.columns[0] == "row"
        and frame["row"].dtype == pl.Int64
        and not frame["row"].null_count()
    )
    numbers = frame["row"] if own else pl.Series(range(2, frame.height + 2), dtype=pl.Int64)
    headings = tuple(frame.columns[1:] if own else frame.columns)
    columns = {str(i): _text(name, frame[h]) for i, h in enumerate(headings)}
    return _raw(name, headings, numbers, columns)


def _raw(name: str, headings: tuple[str, ...], numbers: pl.Series, columns: Mapping[str, pl.Series]) -> Raw:
    if not headings:  # a table of no columns and no rows is one left out
        return Raw(name, (), pl.DataFrame(schema={"row": pl.Int64}))
    return Raw(name, headings, pl.DataFrame({"row": numbers, **columns}))


def _text(table: str, values: pl.Series) -> pl.Series:
    kind = values.dtype
    if kind in (pl.String, pl.Null, pl.Categorical, pl.Enum) or kind.is_integer() or kind.is_decimal():
        return values.cast(pl.String)
    if kind.is_float():
        return values.cast(pl.Float64).cast(pl.String).str.strip_suffix(".0")
    if kind == pl.Date and (values.dt.year() >= 1600).all():  # what `cell_text` would write, all at once
        return values.cast(pl.String)
    if kind == pl.Boolean or kind.is_temporal() or kind.is_nested():
        return pl.Series([cell_text(v) for v in values.to_list()], dtype=pl.String)
    raise WrongUse(f"{table}, {values.name}: a column of type {kind} cannot be read.")
