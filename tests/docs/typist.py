"""Types into a workbook what a page says, cell by cell, as a reader with a spreadsheet would; and counts the minutes."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import python_calamine as calamine
import xlsxwriter

__all__ = ["cells_in", "minutes_of", "type_cells", "type_table"]

WORDS_A_MINUTE, SECONDS_A_CELL, SECONDS_A_COMMAND, SECONDS_A_FILE = 200, 5, 10, 15


def type_table(path: Path, sheet: str, text: str) -> None:
    """Rows of a block under the sheet's headings, from row 2 on; a heading that it lacks goes into the first free column."""
    book = _opened(path)
    grid = book[sheet]
    headings, *rows = csv.reader(io.StringIO(text))
    for heading in headings:
        if heading not in grid[0]:
            grid[0].append(heading)
    at = [grid[0].index(h) for h in headings]
    for r, row in enumerate(rows, start=1):
        for column, value in zip(at, row, strict=True):
            _put(grid, r, column, value)
    _saved(path, book)


def type_cells(path: Path, sheet: str, text: str) -> None:
    """`B3: bruna`, a cell a line."""
    book = _opened(path)
    for line in text.splitlines():
        place, _, value = line.partition(": ")
        _put(book[sheet], int(place[1:]) - 1, ord(place[0]) - ord("A"), value)
    _saved(path, book)


def cells_in(language: str, text: str) -> int:
    """How many cells a block asks for; of a table, its headings are there already but for `source`."""
    if language == "text":
        return len(text.splitlines())
    headings, *rows = csv.reader(io.StringIO(text))
    return sum(bool(value) for row in rows for value in row) + ("source" in headings)


def minutes_of(section: str) -> float:
    """Reading, typing, commands and files of a section of the page, in minutes."""
    fence = re.compile(r"^```(\w+)(?: ([^\n]*))?\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
    seconds = 0.0
    for language, word, text in fence.findall(section):
        if word.startswith(("sheet=", "cells=")):
            seconds += SECONDS_A_CELL * cells_in(language, text)
        elif language == "bash":
            seconds += SECONDS_A_COMMAND * len(text.splitlines())
    told = fence.sub("", section)
    seconds += SECONDS_A_FILE * len(re.findall(r"\b(?:open|save)\b", told, flags=re.IGNORECASE))
    return seconds / 60 + len(told.split()) / WORDS_A_MINUTE


def _opened(path: Path) -> dict[str, list[list[object]]]:
    book = calamine.CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def _put(grid: list[list[object]], row: int, column: int, value: str) -> None:
    while len(grid) <= row:
        grid.append([])
    while len(grid[row]) <= column:
        grid[row].append("")
    grid[row][column] = float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else value


def _saved(path: Path, book: dict[str, list[list[object]]]) -> None:
    with xlsxwriter.Workbook(path) as out:
        for name, grid in book.items():
            sheet = out.add_worksheet(name)
            for r, row in enumerate(grid):
                for c, value in enumerate(row):
                    if value != "":
                        sheet.write(r, c, value)
