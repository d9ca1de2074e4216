"""Workbooks to raw tables, through calamine; and what calamine keeps to itself.

It hands over an error cell (`#DIV/0!`), a formula that was never calculated and the covered cells of a merged
range as empty ones, which an optional column would take for *not modelled*. So the file's own XML is asked about
those three.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import polars as pl
import python_calamine as calamine

from onshore.errors import Finding, finding
from onshore.tables.cells import cell_text
from onshore.tables.read import Raw

__all__ = ["UnreadableWorkbook", "sheets"]

Place = tuple[int, int]
"""Row and column of a cell, from 0."""


class UnreadableWorkbook(Exception):
    """The file is no workbook, is damaged, or is locked with a password."""


_DAMAGE = (
    calamine.CalamineError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError, LookupError,
    RuntimeError, ValueError, OverflowError, StopIteration, struct.error,
)  # fmt: skip
"""What the libraries raise over bytes that are not what they seem."""


def sheets(path: Path, wanted: Callable[[str], bool]) -> Iterator[Raw]:
    """Every worksheet with anything in it: read when `wanted`, else only its name."""
    try:
        book = calamine.CalamineWorkbook.from_path(path)
        oddities = _xlsx_oddities if path.suffix.lower() != ".ods" else _ods_oddities
        for meta in book.sheets_metadata:
            if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            far = _far_cell(path, meta.name)
            if far is not None:
                yield Raw(
                    meta.name, (), pl.DataFrame(schema={"row": pl.Int64}), (far,) if wanted(meta.name) else (), False
                )
                continue
            sheet = book.get_sheet_by_name(meta.name)
            if wanted(meta.name):
                yield _raw(meta.name, sheet, oddities(path, meta.name))
            elif sheet.start is not None:
                yield Raw(meta.name, (), pl.DataFrame())
    except calamine.PasswordError:
        raise UnreadableWorkbook("it is locked with a password") from None
    except OSError as why:
        raise UnreadableWorkbook(why.strerror or "it cannot be opened") from None
    except _DAMAGE as why:
        raise UnreadableWorkbook(f"it is damaged, or no workbook ({str(why)[:80] or type(why).__name__})") from None


def _far_cell(path: Path, sheet: str) -> Finding | None:
    """The finding where the sheet is too large to be laid out, as calamine does whatever of it is empty; before it does."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return None
    with zipfile.ZipFile(path) as archive:
        xml = archive.read(_sheet_file(archive, sheet))
    rows = max((int(r) for r in _LAST_ROW.findall(xml[xml.rfind(b"<row ") :])), default=0)
    # only where the widest sheet there is would be too large are its columns looked at
    wide = set(_WIDE.findall(xml)) if rows * MOST_COLUMNS > MOST_CELLS else set()
    columns = max((_column_number(c.decode()) + 1 for c in wide), default=LETTERS)
    if rows * columns <= MOST_CELLS:
        return None
    return finding("far_cell", sheet, value=_cell_name(rows - 1, columns - 1), rows=rows, columns=columns)


def _raw(name: str, sheet: calamine.CalamineSheet, odd: dict[Place, tuple[str, str]]) -> Raw:
    grid = sheet.to_python(skip_empty_area=False)
    merged = [_range_name(*r) for r in sheet.merged_cell_ranges or []]
    found = [finding("merged_cells", name, value=r) for r in merged]
    if not grid or all(cell == "" for cell in grid[0]):
        return Raw(name, (), pl.DataFrame(schema={"row": pl.Int64}), (*found, finding("no_heading", name, 1)), False)
    headings = tuple(cell_text(c, 15) or "" for c in grid[0])
    for (row, column), (kind, value) in sorted(odd.items()):
        if kind == "merged_cells":
            found.append(finding(kind, name, row + 1, value=value))
        else:
            heading = headings[column] if column < len(headings) else None
            found.append(finding(kind, name, row + 1, heading, value))
    empty = [all(c == "" for c in cells) for cells in grid]
    empty = [e and not any((r, c) in odd for c in range(len(headings))) for r, e in enumerate(empty)] if odd else empty
    last = max(r for r, e in enumerate(empty) if not e)
    found += [finding("blank_row", name, r + 1) for r in range(1, last) if empty[r]]
    rows = [r for r in range(1, last + 1) if not empty[r]]
    columns = {
        str(c): pl.Series([cell_text(grid[r][c], 15) for r in rows], dtype=pl.String) for c in range(len(headings))
    }
    cells = pl.DataFrame({"row": pl.Series([r + 1 for r in rows], dtype=pl.Int64), **columns})
    return Raw(name, headings, cells, tuple(found))


def _range_name(start: Place, end: Place) -> str:
    return f"{_cell_name(*start)}:{_cell_name(*end)}"


def _cell_name(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"


MOST_CELLS = 50_000_000
"""A million rows of fifty columns; laid out, some gigabytes."""
MOST_COLUMNS, LETTERS = 16_384, 26
_LAST_ROW = re.compile(rb"<row [^>]*?\br\s*=\s*[\"']([0-9]+)[\"']")
_WIDE = re.compile(rb"\br\s*=\s*[\"']([A-Z]{2,3})[0-9]+[\"']")

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_IS_ERROR = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_IS_TEXT = re.compile(rb"\bt\s*=\s*[\"'](?:str|s|inlineStr)[\"']")
_NAME = re.compile(rb"\br\s*=\s*[\"']([A-Z]+)([0-9]+)[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>/]*>([^<]*)</")


def _xlsx_oddities(path: Path, sheet: str) -> dict[Place, tuple[str, str]]:
    """Error cells and formulas without a value, by place."""
    with zipfile.ZipFile(path) as archive:
        xml = archive.read(_sheet_file(archive, sheet))
    if not _FORMULA.search(xml) and not _IS_ERROR.search(xml):
        return {}
    odd: dict[Place, tuple[str, str]] = {}
    for attributes, inside in _CELL.findall(xml):
        name = _NAME.search(attributes)
        value = _VALUE.search(inside)
        text = value[1].decode("utf-8", "replace") if value else ""
        if name is None:
            continue
        place = int(name[2]) - 1, _column_number(name[1].decode())
        if _IS_ERROR.search(attributes):
            odd[place] = ("cell_error", text or "#N/A")
        elif _FORMULA.search(inside) and not text and not _IS_TEXT.search(attributes):
            odd[place] = ("uncalculated", "")
    return odd


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _sheet_file(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the archive that holds a sheet. Raises KeyError."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            link = next(v for k, v in element.attrib.items() if k.endswith("}id"))
            return str(PurePosixPath("xl") / targets[link]).lstrip("/")
    raise KeyError(sheet)


def _ods_oddities(path: Path, sheet: str) -> dict[Place, tuple[str, str]]:
    """Error cells and merged ranges, by place."""
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("content.xml")
    if b":formula=" not in xml and b"-spanned=" not in xml:
        return {}
    for table in ElementTree.fromstring(xml).iter():
        if _local(table.tag) == "table" and _attribute(table, "name") == sheet:
            return dict(_ods_cells(table))
    return {}


def _ods_cells(table: ElementTree.Element) -> Iterator[tuple[Place, tuple[str, str]]]:
    row = 0
    for line in (e for e in table.iter() if _local(e.tag) == "table-row"):
        column = 0
        for cell in (e for e in line if _local(e.tag) in ("table-cell", "covered-table-cell")):
            shown = "".join(cell.itertext()).strip()
            if _attribute(cell, "formula") and re.match(r"#|Err:", shown):
                yield (row, column), ("cell_error", shown)
            down = int(_attribute(cell, "number-rows-spanned") or 1)
            across = int(_attribute(cell, "number-columns-spanned") or 1)
            if down > 1 or across > 1:
                end = (row + down - 1, column + across - 1)
                yield (row, column), ("merged_cells", _range_name((row, column), end))
            column += int(_attribute(cell, "number-columns-repeated") or 1)
        row += int(_attribute(line, "number-rows-repeated") or 1)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attribute(element: ElementTree.Element, name: str) -> str | None:
    return next((v for k, v in element.attrib.items() if _local(k) == name), None)
