"""A programme with some cells changed: what the table `scenarios` names, or what somebody asks for. Checked like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from onshore.blueprint.declared import TABLES
from onshore.blueprint.programme import Programme, build
from onshore.blueprint.uncertain import FAILING, named
from onshore.errors import WrongUse
from onshore.tables.memory import raw_of

__all__ = ["CellChange", "cells_of", "with_cells"]


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

    Rows are found as in `scenarios`. Raises `InputError` with all that does not fit any more, and `WrongUse` for what fails: that is
    no cell with another value.
    """
    cells = list(cells)
    if fails := [c for c in cells if (c.table, c.column) in FAILING]:
        told = ", ".join(f"{c.table}.{c.column} `{c.key}`" for c in fails)
        raise WrongUse(
            f"What fails is no change of a cell: {told}. `onshore uncertainty` plans such scenarios; `--without` takes a maker out."
        )
    tables = {**programme.tables, **(frames or {})}
    for table, key, column, value in cells:
        frame = tables[table]
        text = raw_of(table, frame.select(column)).cells["0"].alias(column)
        here = named(TABLES[table], frame, key, column)
        tables[table] = frame.with_columns(text).with_columns(
            pl.when(here).then(pl.lit(value or None, dtype=pl.String)).otherwise(pl.col(column)).alias(column)
        )
    return build(programme.settings, {name: frame for name, frame in tables.items() if frame.height}, programme.origin)
