"""Typed tables to a folder of CSV files or to a workbook, so that reading them again gives the same values.

The column ``row`` is never written: it is a place in the source, not a fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from onshore.errors import WrongUse
from onshore.tables.declare import Table

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["as_text", "claim", "explain_column", "write_folder", "write_workbook"]

MOST_ROWS = 1_048_575
"""What a sheet holds below its heading."""

MOST_CHARACTERS = 32_767
"""What a cell of a workbook holds."""


def claim(path: Path) -> None:
    """Refuse to write over anything: raises `WrongUse` unless `path` is free, or an empty folder."""
    if path.is_dir():
        if any(path.iterdir()):
            raise WrongUse(f"{path} is not empty. Give a new name, or empty it first.")
    elif path.exists() or path.is_symlink():
        raise WrongUse(f"{path} exists already. Give a new name, or remove it first.")


def write_folder(path: Path, frames: Mapping[str, pl.DataFrame], texts: Mapping[str, str]) -> None:
    """`<table>.csv` for each frame (UTF-8 without a byte order mark, lines ending in LF), and files of `texts`."""
    claim(path)
    path.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (path / name).write_text(text, encoding="utf-8", newline="\n")
    for name, frame in frames.items():
        as_text(frame).write_csv(path / f"{name}.csv", line_terminator="\n")


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column but ``row`` as the text that reads back as the same value."""
    return frame.select(_text(frame[c]) for c in frame.columns if c != "row")


def _text(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.Decimal):
        return values.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    if values.dtype == pl.Float64:
        return values.cast(pl.String).str.strip_suffix(".0")
    if values.dtype == pl.Boolean:
        return pl.select(
            pl.when(values).then(pl.lit("yes")).when(~values).then(pl.lit("no")).alias(values.name)
        ).to_series()
    return values.cast(pl.String)


def write_workbook(
    path: Path,
    frames: Mapping[str, pl.DataFrame],
    settings: Sequence[tuple[str, object, str]],
    declared: Mapping[str, Table],
    guide: Sequence[Sequence[str]] = (),
) -> None:
    """One sheet a table; `settings` (name, value, meaning) on the sheet `programme`, `guide` for people.

    A heading is bold, stays in view and explains itself in a comment. Numbers are numbers and dates are dates,
    except where a workbook would change them: it keeps 15 digits, so a longer amount is written as text.
    """
    import xlsxwriter

    _fits(frames)
    claim(path)
    if path.is_dir():
        raise WrongUse(f"{path} is a folder. Give the name of a file that does not exist yet.")
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        if guide:
            _plain_sheet(book, "guide", guide, (18, 24, 14, 12, 90), bold, wrapped)
        _plain_sheet(book, "programme", [("setting", "value", "meaning"), *settings], (28, 34, 90), bold, wrapped)
        for name, frame in frames.items():
            _table_sheet(book.add_worksheet(name), frame, declared[name], bold, day)


def _fits(frames: Mapping[str, pl.DataFrame]) -> None:
    for name, frame in frames.items():
        if frame.height > MOST_ROWS:
            raise WrongUse(f"{name} has {frame.height} rows; a sheet holds {MOST_ROWS}. Write a folder of CSV instead.")
        for c in frame.columns:
            if frame[c].dtype == pl.String and (frame[c].str.len_chars() > MOST_CHARACTERS).any():
                raise WrongUse(
                    f"{name}, {c}: a text is longer than the {MOST_CHARACTERS} characters of a workbook's cell. "
                    "Write a folder of CSV instead."
                )


def _plain_sheet(
    book: Workbook, name: str, rows: Sequence[Sequence[object]], widths: Sequence[int], bold: object, wrapped: object
) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            _cell(sheet, row, column, cell, bold if row == 0 else wrapped)


def _table_sheet(sheet: Worksheet, frame: pl.DataFrame, table: Table, bold: object, day: object) -> None:
    sheet.freeze_panes(1, 0)
    for at, name in enumerate(c for c in frame.columns if c != "row"):
        sheet.write_string(0, at, name, bold)
        if name in table.by_name:
            sheet.write_comment(0, at, explain_column(table, name), {"x_scale": 2.5})
        longest = max((len(str(v)) for v in frame[name].head(200).to_list() if v is not None), default=0)
        sheet.set_column(at, at, min(max(len(name), longest, 8) + 2, 50))
        for row, value in enumerate(frame[name].to_list(), start=1):
            if value is not None:
                _cell(sheet, row, at, value, day if isinstance(value, date) else None)


def _cell(sheet: Worksheet, row: int, column: int, value: object, style: object) -> None:
    if isinstance(value, bool):
        sheet.write_string(row, column, "yes" if value else "no", style)
    elif isinstance(value, date) and value.year >= 1901:
        sheet.write_datetime(row, column, value, style)
    elif isinstance(value, (int, float, Decimal)) and _survives(value):
        sheet.write_number(row, column, float(value), style)
    elif isinstance(value, float):
        sheet.write_string(row, column, repr(value), style)
    else:
        text = (
            format(value.normalize(), "f")
            if isinstance(value, Decimal) and len(value.as_tuple().digits) <= 28
            else str(value)
        )
        sheet.write_string(row, column, text, style)


def _survives(value: int | float | Decimal) -> bool:
    """Whether the 15 digits that a workbook keeps are all of it."""
    kept = Decimal(f"{float(value):.15g}")
    return kept == (Decimal(repr(value)) if isinstance(value, float) else Decimal(value))


def explain_column(table: Table, name: str) -> str:
    """What a heading's comment says: meaning, unit, bounds, choices, and whether it must be filled in."""
    c = table.by_name[name]
    lines = [c.meaning[:1].upper() + c.meaning[1:] + ".", f"{c.type.name}: {c.type.meaning}."]
    lines += [f"Unit: {c.unit}."] if c.unit else []
    lines += [f"Bounds: {c.bounds_text()}."] if c.bounds_text() else []
    lines += [f"One of: {', '.join(c.choices)}."] if c.choices else []
    lines += [f"It must be in {c.refers}."] if c.refers else []
    lines += [f"Example: {c.example}"] if c.example else []
    return "\n".join(["Required." if c.required else "May be empty.", *lines])
