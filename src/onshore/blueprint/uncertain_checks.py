"""Faults of `scenarios` and `uncertainty`: cells that are not there or cannot change, values and parameters that do not fit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from onshore.blueprint.declared import TABLES
from onshore.blueprint.settings import Settings
from onshore.blueprint.uncertain import DISTRIBUTIONS, FAILING, FAILS, named, parameters, unchangeable
from onshore.errors import Finding, finding
from onshore.tables import declare as d
from onshore.tables.declare import Column, Table
from onshore.tables.parse import convert
from onshore.tables.words import nearest

__all__ = ["uncertain_checks"]

Tables = dict[str, pl.DataFrame]


def uncertain_checks(settings: Settings, tables: Tables) -> Iterator[Finding]:
    """Every cell that either table names must exist and may be changed once in a world."""
    for name in ("scenarios", "uncertainty"):
        taken: dict[tuple[str, str, str, int], int] = {}
        for row in tables[name].iter_rows(named=True):
            found = list(_place(name, row, tables))
            yield from found
            if any(f.column != "key" for f in found):
                continue
            table = TABLES[row["table"]]
            column = table.by_name[row["column"]]
            mask = named(table, tables[table.name], row["key"], column.name)
            told = (_new_value if name == "scenarios" else _drawn)(row, table, column, tables[table.name].filter(mask))
            # a key that is nowhere was told; what stands beside it is checked all the same
            yield from (f for f in told if not found or f.kind != "nothing_to_draw")
            first = row["row"]
            for at in mask.arg_true():
                first = taken.setdefault((row.get("scenario", ""), table.name, column.name, at), first)
            if first != row["row"]:
                yield finding("changed_twice", name, row["row"], "key", row["key"], first=first)


def _place(name: str, row: dict[str, object], tables: Tables) -> Iterator[Finding]:
    """The table, the column and the key that a row names."""
    at, key, column_name = str(row["table"]), str(row["key"]), str(row["column"])
    row_number = int(str(row["row"]))

    def unknown(column: str, value: str, target: str, names: set[str]) -> Finding:
        return finding(
            "unknown_reference", name, row_number, column, value, target=target, nearest=nearest(value, names)
        )

    table = TABLES.get(at)
    if table is None:
        yield unknown("table", at, "the tables of a programme", set(TABLES))
        return
    if column_name not in table.by_name:
        yield unknown("column", column_name, f"the columns of {at}", set(table.by_name))
        return
    why = unchangeable(table, table.by_name[column_name], drawn=name == "uncertainty")
    if why is not None:
        yield finding("cannot_change", name, row_number, "column", column_name, place=f"{at}.{column_name}", why=why)
    fails = (at, column_name) in FAILING
    target = column_name if fails else table.key[0]
    if not named(table, tables[at], key, column_name).any():
        known = set(tables[at][target].cast(pl.String).drop_nulls())
        wanted = f"{at}.{target}" if fails or len(table.key) == 1 else f"{at} ({', '.join(table.key)})"
        yield unknown("key", key, wanted, known)


def _new_value(row: dict[str, object], table: Table, column: Column, cells: pl.DataFrame) -> Iterator[Finding]:
    """What a scenario writes is read as the column would read it."""
    value = str(row["value"])
    if (table.name, column.name) in FAILING:
        if value != FAILS:
            yield finding(
                "not_a_choice", "scenarios", int(str(row["row"])), "value", value, choices=f"`{FAILS}`", nearest=""
            )
        return
    _, found = convert(table.name, column, pl.Series([value]), pl.Series([row["row"]]))
    for f in found:
        yield replace(f, table="scenarios", column="value")


def _drawn(row: dict[str, object], table: Table, column: Column, cells: pl.DataFrame) -> Iterator[Finding]:
    """Parameters that fit the distribution, a number to draw around, and no draw beyond what the column can hold."""
    kind, text, at = str(row["distribution"]), str(row["parameters"]), int(str(row["row"]))
    failing = (table.name, column.name) in FAILING
    known = DISTRIBUTIONS[kind]
    if failing and kind != "bernoulli":
        why = "whether something fails is drawn by bernoulli"
        yield finding(
            "cannot_change", "uncertainty", at, "distribution", kind, place=f"{table.name}.{column.name}", why=why
        )
        return
    given, faults = parameters(kind, text, failing=failing)
    if faults:
        example = "p=0.1" if failing else known.example
        yield finding(
            "bad_parameters",
            "uncertainty",
            at,
            "parameters",
            text,
            distribution=kind,
            why="; ".join(faults),
            example=example,
        )
        return
    if failing:
        return
    values = cells[column.name].cast(pl.Float64).drop_nulls()
    if values.is_empty():
        yield finding("nothing_to_draw", "uncertainty", at, "key", str(row["key"]), place=f"{table.name}.{column.name}")
        return
    least = given["value"] if kind == "bernoulli" else min(known.least(given) * float(v) for v in values)
    beyond = column.above is not None and (least <= column.above or math.isnan(least))
    if kind == "bernoulli":  # it is a value of the column, not a multiple of one
        low, high = _bounds(column)
        beyond |= not low <= given["value"] <= high or (column.type is d.INTEGER and given["value"] % 1 != 0)
    if beyond:
        yield finding(
            "draws_beyond",
            "uncertainty",
            at,
            "parameters",
            text,
            distribution=kind,
            place=f"{table.name}.{column.name}",
            bounds=column.bounds_text() or "a whole number",
        )


def _bounds(column: Column) -> tuple[float, float]:
    """Least and largest value that a column holds, where it has bounds."""
    share = column.type is d.SHARE
    low = column.low if column.low is not None else (0.0 if share else -math.inf)
    high = column.high if column.high is not None else (1.0 if share else math.inf)
    return low, high
