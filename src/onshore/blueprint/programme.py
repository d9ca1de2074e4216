"""A programme: settings and tables, read, checked and written. The one door for input.

check(path)              every finding; a programme when none is an error
read(path)               the programme, or `InputError`
build(settings, tables)  the same from frames in memory
new(path), write(programme, path)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import polars as pl

from onshore.blueprint import settings_file
from onshore.blueprint.declared import TABLES
from onshore.blueprint.settings import Settings
from onshore.errors import Finding, InputError, WrongUse, finding
from onshore.tables.check import check_table, references
from onshore.tables.memory import raw_of
from onshore.tables.read import WORKBOOKS, Source, decode, read_folder, read_workbook
from onshore.tables.template import write_template
from onshore.tables.words import nearest
from onshore.tables.write import write_folder, write_workbook

__all__ = ["Check", "Programme", "Rows", "build", "check", "new", "read", "write"]

Rows = pl.DataFrame | Sequence[Mapping[str, object]]
"""A table in memory: a frame, or a list of one mapping a row."""

_SETTINGS_FILE = "programme.toml"


@dataclass(frozen=True)
class Programme:
    """A checked programme. `tables` holds every declared table, typed as declared; an absent one has no rows.

    `origin` is the name of the folder or file that it came from. `warnings` are for the report.
    """

    settings: Settings
    tables: dict[str, pl.DataFrame]
    origin: str
    warnings: tuple[Finding, ...] = ()

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.tables[name]

    def has(self, name: str) -> bool:
        """Whether the table has rows."""
        return not self.tables[name].is_empty()

    def summary(self) -> str:
        """Name, years, currency, and how many rows each table has."""
        s = self.settings
        filled = [f"{name} {frame.height}" for name, frame in self.tables.items() if frame.height]
        warned = f"\nWarnings: {len(self.warnings)}" if self.warnings else ""
        return (
            f"{s.name}\nYears: {s.first_year} to {s.last_year} ({s.calendar}); currency {s.currency}\n"
            f"Rows: {', '.join(filled) or 'none'}{warned}"
        )


@dataclass(frozen=True)
class Check:
    """What a check found. `programme` is None when any finding is an error."""

    findings: tuple[Finding, ...]
    programme: Programme | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level == "warning")

    @property
    def ok(self) -> bool:
        return not self.errors

    def summary(self) -> str:
        """How many errors and warnings; what the programme holds when it has no error."""
        counts = f"{_count(len(self.errors), 'error')}, {_count(len(self.warnings), 'warning')}"
        return counts if self.programme is None else f"{counts}\n{self.programme.summary()}"

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: `ok`, `errors`, `warnings` (counts) and `findings`."""
        return {
            "ok": self.ok,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "findings": [f.as_dict() for f in self.findings],
        }


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def check(path: str | PathLike[str]) -> Check:
    """Every fault of the programme in a folder or workbook. It never raises for a fault of the input."""
    path = Path(path)
    if path.name == _SETTINGS_FILE and path.is_file():
        path = path.parent
    if path.is_dir():
        values, source = _folder(path)
    elif path.suffix.lower() in WORKBOOKS and path.is_file():
        values, source = _workbook(path)
    else:
        return Check((finding("no_programme", path.name, value=path),), None)
    return _checked(values, source, path.resolve().name)


def read(path: str | PathLike[str]) -> Programme:
    """The programme in a folder or workbook. Raises `InputError` with every finding when one is an error."""
    return _programme_of(check(path))


def build(settings: Settings | Mapping[str, object], tables: Mapping[str, Rows], origin: str = "memory") -> Programme:
    """A programme from tables in memory, checked like one from a file. Raises `InputError`, and `WrongUse` for
    what cannot be a table.

    Names of settings may be nested or dotted. A frame that came from a programme keeps its row numbers.
    """
    if isinstance(settings, Settings):
        values = settings_file.from_settings(settings)
    else:
        values = settings_file.from_mapping(settings)
    source = Source()
    for name, rows in tables.items():
        if name in TABLES:
            source.tables[name] = raw_of(name, rows)
        else:
            source.findings.append(finding("unknown_table", name, value=name, nearest=nearest(name, TABLES)))
    return _programme_of(_checked(values, source, origin))


def new(path: str | PathLike[str], workbook: bool = False) -> Path:
    """Write an empty programme to fill in: a folder, or a workbook whose name ends in .xlsx. Returns where it is."""
    path = Path(path)
    if workbook and path.suffix.lower() != ".xlsx":
        path = path.with_name(path.name + ".xlsx")
    toml, rows = settings_file.template_toml(), settings_file.template_rows()
    write_template(path, TABLES, toml, rows, workbook or path.suffix.lower() == ".xlsx")
    return path


def write(programme: Programme, path: str | PathLike[str]) -> Path:
    """Write it as a folder of CSV, or as a workbook when the name ends in .xlsx. Raises `WrongUse` over anything."""
    path = Path(path)
    frames = {name: frame for name, frame in programme.tables.items() if frame.height}
    if path.suffix.lower() == ".xlsx":
        write_workbook(path, frames, settings_file.as_rows(programme.settings), TABLES)
    elif path.suffix.lower() in WORKBOOKS:
        raise WrongUse(f"Workbooks are written as .xlsx only. Try {path.with_suffix('.xlsx')}")
    else:
        write_folder(path, frames, {_SETTINGS_FILE: settings_file.as_toml(programme.settings)})
    return path


def _programme_of(checked: Check) -> Programme:
    if checked.programme is None:
        raise InputError(checked.findings)
    return checked.programme


def _folder(path: Path) -> tuple[settings_file.Values | None, Source]:
    """Settings (None when there are none to check) and raw tables of a folder."""
    file = path / _SETTINGS_FILE
    values: settings_file.Values | None = None
    found: list[Finding] = []
    if not file.exists():
        found.append(finding("no_programme", path.name, value=path))
    else:
        try:
            decoded = decode(settings_file.PLACE, file.read_bytes(), "utf-8")
        except OSError as why:
            reason = why.strerror or "it cannot be opened"
            decoded = finding("unreadable_file", settings_file.PLACE, reason=reason, wanted="a text file in UTF-8")
        if isinstance(decoded, Finding):
            found.append(decoded)
        else:
            parsed, found = settings_file.from_toml(decoded.decode("utf-8"))
            values = None if found else parsed
    encoding = (values or {}).get("encoding")
    try:
        source = read_folder(path, TABLES, "windows-1256" if encoding == "windows-1256" else "utf-8")
    except OSError as why:
        reason = why.strerror or "it cannot be opened"
        source = Source(findings=[finding("unreadable_file", path.name, reason=reason, wanted="a folder of CSV files")])
    source.findings = found + source.findings
    return values, source


def _workbook(path: Path) -> tuple[settings_file.Values | None, Source]:
    source = read_workbook(path, TABLES)
    if source.settings is None:
        if not any(f.kind == "unreadable_file" for f in source.findings):
            source.findings.insert(0, finding("no_programme", path.name, value=path.name))
        return None, source
    values, found = settings_file.from_sheet(source.settings)
    source.findings = found + source.findings
    return (None if any(f.level == "error" for f in found) and not values else values), source


def _checked(values: settings_file.Values | None, source: Source, origin: str) -> Check:
    settings, found = settings_file.checked(values) if values is not None else (None, [])
    found = source.findings + found
    if any(f.kind == "newer_schema" for f in found):
        return Check(tuple(found), None)
    tables: dict[str, pl.DataFrame] = {}
    if not source.tables and any(f.kind in ("no_programme", "unreadable_file") for f in found):
        return Check(tuple(found), None)
    for name, table in TABLES.items():
        raw = source.tables.get(name)
        tables[name], bad = check_table(raw, table) if raw else (table.empty(), [])
        if raw:  # a large programme is not held twice
            source.tables[name] = replace(raw, cells=raw.cells.clear())
        found += bad
    found += references(tables, TABLES, _unsure(source, found))
    if settings is not None:
        from onshore.blueprint.checks import cross_check  # it imports this file's neighbours

        faulty = {f.table for f in found if f.level == "error"}
        unread = _unsure(source, found)
        told = {(f.table, f.row, f.column) for f in found}  # the same cell is found faulty once
        crossed = cross_check(settings, tables, faulty | unread)
        found += [f for f in crossed if (f.table, f.row, f.column) not in told]
    found = _in_order(found)
    if settings is None or any(f.level == "error" for f in found):
        return Check(tuple(found), None)
    return Check(tuple(found), Programme(settings, tables, origin, tuple(found)))


def _unsure(source: Source, found: Iterable[Finding]) -> set[str]:
    """Tables of which not everything was read, so that a name not found in them may well be there."""
    parts = {f.table for f in found if f.kind in ("missing_column", "duplicate_column", "table_given_twice")}
    parts |= {name for name, raw in source.tables.items() if not raw.whole}
    misnamed = any(f.kind in ("unknown_table", "unread_file", "unreadable_file") for f in source.findings)
    return parts | (TABLES.keys() - source.tables.keys() if misnamed else set())


def _in_order(found: Iterable[Finding]) -> list[Finding]:
    """Settings and files first, then table by table, row by row; errors before warnings in a row."""
    place = {name: i for i, name in enumerate(TABLES, start=1)}
    return sorted(found, key=lambda f: (place.get(f.table, 0), f.row or 0, f.level))
