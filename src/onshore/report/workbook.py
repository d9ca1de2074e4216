"""The tables of the page as a workbook: the same figures in the same units, with the digits that the page rounds away.

A sheet a table, its heading in the first row. `tables/write.py` writes declared tables that are read again; these are
tables for people, with a unit beside a number and a total at the foot, so they are written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onshore.report.numbers import NONE, Told
from onshore.report.pieces import Cards, Cell, Chapter, Column, Grid, Row
from onshore.report.reading import Reading
from onshore.report.standing import MEASURE_WORDS, STAGE_WORDS, Standing
from onshore.tables.write import MOST_CHARACTERS

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["plan_facts", "progress_facts", "workbook"]

CREATED = datetime(2000, 1, 1)
"""The day of making that every workbook bears, so that the same run gives the same bytes."""

FIRST, SOURCES = "headline", "sheets"


Fact = tuple[str, object, str]
"""A line of the headline: what, the number in full, and what to know of it."""


def workbook(path: Path, title: str, comments: str, facts: Sequence[Fact], chapters: Sequence[Chapter]) -> None:
    """Write the headline, the list of sheets and every table of `chapters`; an earlier workbook is replaced."""
    import xlsxwriter

    told = [(chapter, block) for chapter in chapters for block in chapter.blocks if isinstance(block, Grid)]
    names = _names([grid.id for _, grid in told])
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": title[:255], "comments": comments, "created": CREATED})
        looks = {
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1}),
            "bold": book.add_format({"bold": True}), "title": book.add_format({"bold": True, "font_size": 14}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}), "": book.add_format({"valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            "share": book.add_format({"num_format": "0.0%", "valign": "top"}),
            "number": book.add_format({"num_format": "#,##0.###", "valign": "top"}),
            "whole": book.add_format({"num_format": "#,##0", "valign": "top"}),
        }  # fmt: skip
        _headline(book, title, facts, looks)
        _contents(book, told, names, looks)
        for (_, grid), name in zip(told, names, strict=True):
            _grid(book.add_worksheet(name), grid, looks)


def _names(ids: Sequence[str]) -> list[str]:
    """A sheet's name is at most 31 characters, and no two are alike."""
    names: list[str] = []
    for given in ids:
        name = given.removesuffix("-table")[:31]
        names.append(name if name not in (*names, FIRST, SOURCES) else f"{name[:28]}-{len(names)}")
    return names


def _headline(book: Workbook, title: str, facts: Sequence[Fact], looks: dict[str, Any]) -> None:
    sheet = book.add_worksheet(FIRST)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 2, 90)
    sheet.write_string(0, 0, title[:MOST_CHARACTERS], looks["title"])
    for at, (label, value, words) in enumerate(facts, start=2):
        sheet.write_string(at, 0, label, looks["bold"])
        _write(sheet, at, 1, value, looks)
        sheet.write_string(at, 2, words, looks["wrap"])


def plan_facts(reading: Reading, chapters: Sequence[Chapter]) -> list[Fact]:
    """The headline numbers of a plan in full, and where they come from."""
    rows: list[Fact] = []
    for card in (c for chapter in chapters for b in chapter.blocks if isinstance(b, Cards) for c in b.cards):
        money = reading.currency if card.id != "parts-home" else "parts"
        rows.append((card.label, card.value, f"{money}; on the page {card.text}, {card.sub}"))
    share = reading.figure_or_none("assumed_share_of_bill")
    told = None if share is None else Told("", share, share=True)
    return [
        *rows,
        ("Share of the import bill that rests on assumptions", told, "a figure of the part, its need or its award has no source or is marked an assumption; see the sheet sources"),
        ("Objective", f"{reading.settings.objective_sense} {reading.objective_name}", f"in {reading.objective_unit}"),
        ("Reached", reading.figure("objective"), reading.objective_unit), ("No plan can better", reading.figure("bound"), reading.objective_unit),
        ("Kind of amounts", "planned", "nothing here is contracted, in production or realised"),
        ("Hash of the input", str(reading.run.figures["input_hash"]), "SHA-256; the input lies in the folder input beside this workbook"),
    ]  # fmt: skip


def progress_facts(standing: Standing) -> list[Fact]:
    """The amounts of the whole programme in full, at the summary's rates."""
    rows: list[Fact] = []
    for measure, words in MEASURE_WORDS.items():
        for row in standing.amounts("programme", measure=measure).iter_rows(named=True):
            label = f"{words}, {STAGE_WORDS[row['stage']].lower()}"
            low = (
                ""
                if row["low"] == row["high"]
                else f"; the least is {row['low']:,.0f}"
                if row["low"] is not None
                else ""
            )
            rows.append(
                (label, row["high"], f"{standing.currency} at the {standing.market} rate of each contract's day{low}")
            )
    return [
        ("As of", standing.as_of, "what was signed, printed and seen by that day"),
        *rows,
        ("Kinds of amounts", "four", "planned, contracted, in production and realised; none is added to another, nor a stock to a flow"),
        ("Hash of the input", str(standing.run.figures["input_hash"]), "SHA-256; the input lies in the folder input beside this workbook"),
    ]  # fmt: skip


def _contents(
    book: Workbook, told: Sequence[tuple[Chapter, Grid]], names: Sequence[str], looks: dict[str, Any]
) -> None:
    sheet = book.add_worksheet(SOURCES)
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 40)
    sheet.set_column(2, 2, 90)
    for column, heading in enumerate(("Sheet", "Chapter of the page", "What it holds")):
        sheet.write_string(0, column, heading, looks["head"])
    for row, ((chapter, grid), name) in enumerate(zip(told, names, strict=True), start=1):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", string=name)
        sheet.write_string(row, 1, chapter.title, looks["wrap"])
        sheet.write_string(row, 2, f"{grid.caption}. {grid.note}".strip()[:MOST_CHARACTERS], looks["wrap"])


def _grid(sheet: Worksheet, grid: Grid, looks: dict[str, Any]) -> None:
    """Small words under a cell stand in a column of their own, after it; links after that."""
    rows: list[Row] = [*grid.rows, *([grid.total] if grid.total else [])]
    at, places = 0, []
    for i, column in enumerate(grid.columns):
        held = [v for row in rows if isinstance(v := row[i], Cell)]
        more = [any(c.sub for c in held), any(c.links for c in held)]
        places.append((at, more))
        _heading(sheet, at, column, rows, i, looks)
        for name, there in zip(
            (f"{column.heading or 'Row'}, beside it", f"{column.heading or 'Row'}, sources"), more, strict=True
        ):
            at += there
            if there:
                sheet.set_column(at, at, 22)
                sheet.write_string(0, at, name, looks["head"])
        at += 1
    sheet.freeze_panes(1, 1)
    for down, row in enumerate(rows, start=1):
        for (place, (sub, links)), value in zip(places, row, strict=True):
            text = value.text if isinstance(value, Cell) else value
            _write(sheet, down, place, text, looks, bold=grid.total is not None and down == len(rows))
            if isinstance(value, Cell) and value.sub:
                _write(sheet, down, place + 1, value.sub, looks)
            if isinstance(value, Cell) and value.links:
                _write(sheet, down, place + sub + links, " | ".join(link.href for link in value.links), looks)


def _heading(sheet: Worksheet, at: int, column: Column, rows: Sequence[Row], i: int, looks: dict[str, Any]) -> None:
    """`Contract value, million EUR`, as wide as what stands under it."""
    said = ", ".join(filter(None, (column.heading, column.unit)))
    longest = max((len(v.text if isinstance(v, Cell) else v) for v in (row[i] for row in rows)), default=0)
    sheet.set_column(at, at, min(max(12, longest + 2), 60))
    sheet.write_string(0, at, said, looks["head"])


def _write(
    sheet: Worksheet, row: int, column: int, value: object, looks: dict[str, Any], *, bold: bool = False
) -> None:
    """A number as a number, a day as a day, a dash as nothing, all else as text; never a formula or a link."""
    kept = value.value if isinstance(value, Told) else value
    if kept is None or kept == NONE or kept == "":
        return
    if isinstance(kept, date):
        sheet.write_datetime(row, column, kept, looks["day"])
    elif isinstance(kept, int | float) and isfinite(kept):
        share = isinstance(value, Told) and value.share
        sheet.write_number(row, column, kept, looks["share" if share else "whole" if kept == round(kept) else "number"])
    else:
        sheet.write_string(
            row, column, str(kept)[:MOST_CHARACTERS], looks["bold" if bold else "wrap" if len(str(kept)) > 50 else ""]
        )
