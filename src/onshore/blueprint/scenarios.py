"""A programme with some cells changed: what the table `scenarios` names, or what somebody asks for. Checked like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from onshore.blueprint.declared import TABLES
from onshore.blueprint.programme import Programme, build
from onshore.tables.memory import raw_of

__all__ = ["CellChange", "cells_of", "with_cells"]

EVERY = "*"
"""The key that stands for every row of a table."""


class CellChange(NamedTuple):
    """A cell, or a cell of several rows, and its new value as it would be typed; an empty text empties it."""

    table: str
    key: str
    column: str
    value: str


def cells_of(programme: Programme, scenario: str) -> tuple[CellChange, ...]:
    """What a named scenario changes; nothing where the programme has no scenario of that name."""
    rows = programme["scenarios"].filter(pl.col("scenario") == scenario)
    return tuple(CellChange(*row) for row in rows.select("table", "key", "column", "value").iter_rows())


def with_cells(
    programme: Programme, cells: Iterable[CellChange], frames: Mapping[str, pl.DataFrame] | None = None
) -> Programme:
    """The programme with these cells changed, later ones over earlier ones, and `frames` in place of whole tables.

    A row is found by the first column of its table's key, as in `scenarios`; `*` is every row. Raises `InputError` with all that
    does not fit any more.
    """
    tables = {**programme.tables, **(frames or {})}
    for table, key, column, value in cells:
        frame = tables[table]
        text = raw_of(table, frame.select(column)).cells["0"].alias(column)
        here = pl.lit(value=True) if key == EVERY else pl.col(TABLES[table].key[0]).cast(pl.String) == key
        tables[table] = frame.with_columns(text).with_columns(
            pl.when(here).then(pl.lit(value or None, dtype=pl.String)).otherwise(pl.col(column)).alias(column)
        )
    return build(programme.settings, {name: frame for name, frame in tables.items() if frame.height}, programme.origin)
