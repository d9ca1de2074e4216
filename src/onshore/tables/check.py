"""One table against its declaration, and the references between tables.

Everything wrong is told at once. A typed table comes out in any case, with nulls where cells were refused, so that
later checks can go on; nobody plans from it while there are errors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping

import polars as pl

from onshore.errors import Finding, finding
from onshore.tables import declare as d
from onshore.tables.parse import convert, pass_through, spread
from onshore.tables.read import Raw
from onshore.tables.words import nearest, nearest_of

__all__ = ["check_table", "references"]


def check_table(raw: Raw, table: d.Table) -> tuple[pl.DataFrame, list[Finding]]:
    """The typed table and all that is wrong with it.

    Its columns are those of `Table.schema` in that order (null where an optional one is absent), and after them
    what is carried along: `note`, `source` and `x_...`, as text.
    """
    found = list(raw.findings)
    if not raw.headings:
        return table.empty(), found
    at, bad = _headings(raw, table)
    found += bad
    rows = raw.cells["row"]
    columns: list[pl.Series] = [rows]
    refused = pl.repeat(False, len(rows), dtype=pl.Boolean, eager=True)
    for column in table.columns:
        if column.name not in at:
            columns.append(pl.Series(column.name, [], dtype=column.type.dtype).extend_constant(None, len(rows)))
            if column.required and column.name in table.key:
                refused |= True
            continue
        values, bad = convert(table.name, column, raw.cells[str(at[column.name])], rows)
        if bad and column.name in table.key:
            refused |= rows.is_in([f.row for f in bad])
        columns.append(values)
        found += bad
    for name, position in at.items():
        if name not in table.by_name:
            values, bad = pass_through(table.name, name, raw.cells[str(position)], rows)
            columns.append(values)
            found += bad
    frame = pl.DataFrame(columns)
    found += _currencies(table, frame, raw.cells, at)
    found += _duplicates(table, frame, ~refused)
    return frame, found


def _headings(raw: Raw, table: d.Table) -> tuple[dict[str, int], list[Finding]]:
    """Where each usable column is, and what is wrong with the heading."""
    found: list[Finding] = []
    times = Counter(h for h in raw.headings if h.strip())
    found += [finding("duplicate_column", table.name, 1, h, times=n) for h, n in times.items() if n > 1]
    at: dict[str, int] = {}
    for position, heading in enumerate(raw.headings):
        if not heading.strip():
            if raw.cells[str(position)].str.strip_chars().str.len_bytes().sum():
                found.append(finding("unnamed_column", table.name, 1, position=position + 1))
        elif heading in table.by_name or _carried(heading):
            if times[heading] == 1:
                at[heading] = position
        elif heading not in raw.headings[:position]:
            hint = nearest(heading, (*table.by_name, *d.ALWAYS_ALLOWED))
            found.append(finding("unknown_column", table.name, 1, _printable(heading), heading, nearest=hint))
    found += [
        finding("missing_column", table.name, 1, name, meaning=table.by_name[name].meaning)
        for name in table.required
        if name not in raw.headings
    ]
    return at, found


def _carried(heading: str) -> bool:
    return heading in d.ALWAYS_ALLOWED or (heading.startswith("x_") and heading.isprintable())


def _printable(heading: str) -> str:
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in heading)


def _currencies(table: d.Table, frame: pl.DataFrame, cells: pl.DataFrame, at: Mapping[str, int]) -> Iterator[Finding]:
    """An amount without a currency. Where the currency is required anyway, `missing_value` has said so."""
    for column in table.columns:
        if column.type is not d.MONEY_ or column.currency not in table.by_name:
            continue
        if column.name not in at or table.by_name[column.currency].required:
            continue
        bare = frame[column.name].is_not_null()
        if column.currency in at:
            text = cells[str(at[column.currency])]
            bare &= text.is_null() | (text.str.strip_chars() == "")
        for row in frame["row"].filter(bare).to_list():
            yield finding("missing_currency", table.name, row, column.currency, money=column.name)


def _duplicates(table: d.Table, frame: pl.DataFrame, sound: pl.Series) -> Iterator[Finding]:
    """Later rows with the key of an earlier one; empty parts of a key equal one another."""
    keys = frame.select("row", *table.key).filter(sound)
    if keys.is_empty() or keys.n_unique(subset=list(table.key)) == keys.height:
        return
    first = keys.with_columns(pl.col("row").first().over(table.key).alias("first"))
    for row, *parts, first_row in first.filter(pl.col("row") != pl.col("first")).iter_rows():
        named = ", ".join(f"{n} {'empty' if p is None else f'`{p}`'}" for n, p in zip(table.key, parts, strict=True))
        yield finding("duplicate_key", table.name, row, table.key[0], key=named, first=first_row)


def references(
    tables: Mapping[str, pl.DataFrame], declared: Mapping[str, d.Table], unsure: Collection[str] = ()
) -> list[Finding]:
    """Cells that name something which the column they refer to does not hold.

    Tables in `unsure` could not be read whole; nothing is said about references to them.
    """
    found: list[Finding] = []
    for table in declared.values():
        frame = tables[table.name]
        for column in table.columns:
            target, _, target_column = column.refers.partition(".")
            if not target or target in unsure or frame.is_empty():
                continue
            known = tables[target][target_column].drop_nulls().unique(maintain_order=True)
            values = frame[column.name]
            lost = values.is_not_null() & ~values.is_in(known.implode())
            if not lost.any():
                continue
            make = _lost(table.name, column, nearest_of(known.to_list()))
            found += spread(frame["row"], values, lost.fill_null(False), make)
    return found


def _lost(table: str, column: d.Column, hint: Callable[[str], str]) -> Callable[[str], Finding]:
    return lambda value: finding(
        "unknown_reference", table, None, column.name, value, target=column.refers, nearest=hint(value)
    )
