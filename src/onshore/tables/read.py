"""Sources to raw tables: a folder of CSV files, or a workbook. Everything is still text here.

A raw table keeps its headings as they stand and its cells under their positions, so that no heading, however
odd, can clash with anything. `check` turns it into a typed one.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from onshore.errors import Finding, finding
from onshore.tables.records import Records, scan, without
from onshore.tables.words import nearest

__all__ = ["Raw", "decode", "read_csv", "read_folder", "read_workbook", "WORKBOOKS"]

WORKBOOKS = (".xlsx", ".xlsm", ".ods")
"""What is read as a workbook. Only .xlsx is written."""

BOM = b"\xef\xbb\xbf"
NOT_READ = (*WORKBOOKS, ".xls", ".xlsb", ".tsv", ".tab", ".parquet", ".json")


@dataclass(frozen=True)
class Raw:
    """A table before it is checked.

    `cells` has the columns ``row`` (the spreadsheet's row number) and ``0``, ``1`` ... for the headings in turn,
    all text, null or empty where the cell is. `whole` is false when records had to be left out, so that nobody
    complains of a reference to one of those.
    """

    name: str
    headings: tuple[str, ...]
    cells: pl.DataFrame
    findings: tuple[Finding, ...] = ()
    whole: bool = True


@dataclass
class Source:
    """What a folder or workbook gave: raw tables by name, and findings about files and sheets."""

    tables: dict[str, Raw] = field(default_factory=dict)
    settings: Raw | None = None
    findings: list[Finding] = field(default_factory=list)


def nothing(name: str, *findings: Finding) -> Raw:
    """A table that could not be read at all."""
    return Raw(name, (), pl.DataFrame(schema={"row": pl.Int64}), findings, whole=False)


def read_folder(folder: Path, known: Collection[str], encoding: str = "utf-8") -> Source:
    """Every CSV file of the folder. Other files are left alone, but one that looks like a table is pointed out."""
    source = Source()
    places: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()):
        name, suffix = path.stem, path.suffix.lower()
        if path.name.startswith((".", "~$")):
            continue
        if suffix in NOT_READ and name.lower() in known:
            wanted = f"{name.lower()}.csv"
            source.findings.append(finding("unread_file", name.lower(), value=path.name, wanted=wanted))
        if suffix != ".csv":
            continue
        if name not in known:
            source.findings.append(finding("unknown_table", name, value=name, nearest=nearest(name, known)))
            continue
        places.setdefault(name, []).append(path.name)
        if len(places[name]) == 1:
            source.tables[name] = _file(path, name, encoding)
    for name, files in places.items():
        if len(files) > 1:
            source.findings.append(finding("table_given_twice", name, places=", ".join(files)))
    return source


def _file(path: Path, name: str, encoding: str) -> Raw:
    try:
        data = path.read_bytes()
    except OSError as why:
        reason = why.strerror or "it is not a file"
        return nothing(name, finding("unreadable_file", name, reason=reason, wanted="a CSV file"))
    return read_csv(name, data, encoding)


def read_csv(name: str, data: bytes, encoding: str = "utf-8") -> Raw:
    """The records of one CSV file whose fields are as many as the heading's; findings for the rest."""
    decoded = decode(name, data, encoding)
    if isinstance(decoded, Finding):
        return nothing(name, decoded)
    first_line = decoded[:100_000].lstrip(b"\r\n").partition(b"\n")[0].partition(b"\r")[0]
    if b"," not in first_line and (b";" in first_line or b"\t" in first_line):
        what = "semicolons" if b";" in first_line else "tabs"
        return nothing(name, finding("wrong_separator", name, 1, what=what))
    records = scan(decoded)
    del decoded
    if records.fault:
        return nothing(name, finding("bad_quotes", name, records.fault[0] + 1, reason=records.fault[1]))
    if not len(records.fields) or records.blank[0]:
        return nothing(name, finding("no_heading", name, 1 if len(records.fields) else None))
    try:
        headings = next(csv.reader(io.StringIO(records.text(0), newline="")))
    except csv.Error:
        return nothing(name, finding("unreadable_file", name, 1, reason="a heading is too long", wanted="CSV"))
    width = len(headings)
    found, keep = _misfits(name, records, width)
    cells = _cells(records, keep, width)
    if cells is None:
        return nothing(name, finding("unreadable_file", name, reason="a field is too long", wanted="CSV"))
    whole = not any(f.kind == "ragged_row" for f in found)
    return Raw(name, tuple(headings), cells, tuple(found), whole)


def decode(name: str, data: bytes, encoding: str) -> bytes | Finding:
    """The file as UTF-8 without a byte order mark, or why it is not."""
    if data.startswith(BOM):
        data, encoding = data[len(BOM) :], "utf-8"  # the mark outranks the setting
    try:
        if encoding == "utf-8":
            if not data.isascii():
                data.decode("utf-8")
            return data
        return data.decode(encoding).encode("utf-8")
    except UnicodeDecodeError as why:
        row = data.count(b"\n", 0, why.start) + 1
        return finding("not_utf8", name, row, byte=f"0x{data[why.start]:02X}", offset=why.start)


def _misfits(name: str, records: Records, width: int) -> tuple[list[Finding], np.ndarray]:
    """Findings for blank and ragged records, and which records are neither. Empty lines at the end are nobody's fault."""
    blank, ragged = records.blank, (records.fields != width) & ~records.blank
    filled = np.flatnonzero(~blank)
    last = int(filled[-1]) if len(filled) else 0
    found = [finding("blank_row", name, int(r) + 1) for r in np.flatnonzero(blank[:last])]
    found += [
        finding("ragged_row", name, int(r) + 1, found=int(records.fields[r]), wanted=width)
        for r in np.flatnonzero(ragged)
    ]
    return found, ~(blank | ragged)


def _cells(records: Records, keep: np.ndarray, width: int) -> pl.DataFrame | None:
    """The kept records below the heading as text columns. Polars reads them; Python's csv if the two disagree, or where they begin with a
    byte order mark, which stands in a cell there and Polars would drop."""
    names = [str(i) for i in range(width)]
    rows = np.flatnonzero(keep[1:]) + 2
    body = without(records, keep, 1)
    frame = None
    if body:
        if not body.startswith(BOM):
            with contextlib.suppress(pl.exceptions.PolarsError):
                frame = pl.read_csv(body, has_header=False, schema=dict.fromkeys(names, pl.String), infer_schema=False)
        if frame is None or frame.height != len(rows):
            frame = _slow(body, names)
            if frame is None or frame.height != len(rows):
                return None
    else:
        frame = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return frame.insert_column(0, pl.Series("row", rows, dtype=pl.Int64))


def _slow(body: bytes, names: list[str]) -> pl.DataFrame | None:
    try:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True))
    except csv.Error:
        return None
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def read_workbook(path: Path, known: Collection[str]) -> Source:
    """A sheet a table; the sheet `programme` holds the settings, and a sheet `guide` is for people."""
    from onshore.tables.workbook import UnreadableWorkbook, sheets  # it needs calamine, which a folder does not

    source = Source()
    try:
        for raw in sheets(path, lambda sheet: sheet in known or sheet == "programme"):
            if raw.name == "programme":
                source.settings = raw
            elif raw.name in known:
                source.tables[raw.name] = raw
            elif raw.name != "guide":
                hint = nearest(raw.name, [*known, "programme"])
                source.findings.append(finding("unknown_table", raw.name, value=raw.name, nearest=hint))
    except UnreadableWorkbook as why:
        source.findings.append(finding("unreadable_file", path.name, reason=str(why), wanted="an .xlsx workbook"))
    return source
