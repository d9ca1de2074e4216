"""A world: the programme with some numbers changed, and some offers gone. Rows, names and their order stay.

Draw i of a stream (a group, or a cell of its own) is one uniform number that depends on the seed, the stream's name and i
alone, so neither the number of workers, nor the order of rows, nor another row of `uncertainty` moves it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from onshore.blueprint.checks import cross_check
from onshore.blueprint.declared import TABLES
from onshore.blueprint.programme import Programme
from onshore.blueprint.uncertain import DISTRIBUTIONS, FAILING, named, parameters
from onshore.errors import Finding, finding
from onshore.sourcing.problem import Problem, problem_of
from onshore.tables import declare as d
from onshore.tables.declare import Column, Table
from onshore.tables.parse import convert

__all__ = ["BASE", "Place", "World", "faults_of", "gone_with", "places_of", "uniform", "world_of"]

BASE, SCENARIO, DRAW = "programme", "scenario", "draw"


@dataclass(frozen=True, order=True)
class Place:
    """Which world: the programme itself, a scenario by its name, or a draw by its number from 0."""

    kind: str
    name: str
    draw: int = -1


@dataclass(frozen=True)
class World:
    """`clipped` counts numbers that were drawn beyond what their column holds, and set to the nearest it does."""

    place: Place
    programme: Programme
    gone: frozenset[str]  # offers
    clipped: int

    @cached_property
    def problem(self) -> Problem:
        """Its arrays, worked out once for all that is asked of it."""
        return problem_of(self.programme)


def places_of(programme: Programme, draws: range) -> list[Place]:
    """The programme itself, every scenario, and the draws, if there is anything to draw."""
    names = sorted(set(programme["scenarios"]["scenario"]))
    drawn = draws if programme.has("uncertainty") else ()
    return [Place(BASE, BASE), *(Place(SCENARIO, s) for s in names), *(Place(DRAW, f"draw {i}", i) for i in drawn)]


def world_of(programme: Programme, place: Place, seed: int) -> World:
    """That world. The same programme, place and seed give the same one."""
    if place.kind == BASE:
        return World(place, programme, frozenset(), 0)
    changes, gone = _written(programme, place.name) if place.kind == SCENARIO else _drawn(programme, place.draw, seed)
    tables, clipped = dict(programme.tables), 0
    for (name, column), cells in changes.items():
        kept, over = _kept(TABLES[name].by_name[column], cells) if place.kind == DRAW else (cells, 0)
        clipped += over
        values = tables[name][column].to_list()
        for at, value in kept.items():
            values[at] = value
        tables[name] = tables[name].with_columns(pl.Series(column, values, dtype=tables[name].schema[column]))
    return World(place, replace(programme, tables=tables), gone, clipped)


def faults_of(world: World) -> list[Finding]:
    """What is wrong between the tables of a world that was right in the programme: its errors."""
    found = cross_check(world.programme.settings, world.programme.tables)
    return [
        finding("fault_of_a_world", f.table, f.row, f.column, f.value, world=f"`{world.place.name}`", cause=f.cause, remedy=f.remedy)
        for f in found
        if f.level == "error"
    ]  # fmt: skip


Cells = dict[int, Any]
Changes = dict[tuple[str, str], Cells]


def _written(programme: Programme, scenario: str) -> tuple[Changes, frozenset[str]]:
    """Every row of a scenario, together."""
    changes: Changes = {}
    gone: set[str] = set()
    for row in programme["scenarios"].filter(pl.col("scenario") == scenario).iter_rows(named=True):
        table, column = TABLES[row["table"]], TABLES[row["table"]].by_name[row["column"]]
        if (table.name, column.name) in FAILING:
            gone |= gone_with(programme, table.name, column.name, row["key"])
            continue
        value = convert(table.name, column, pl.Series([row["value"]]), pl.Series([row["row"]]))[0][0]
        mask = named(table, programme[table.name], row["key"], column.name)
        changes.setdefault((table.name, column.name), {}).update(dict.fromkeys(mask.arg_true(), value))
    return changes, frozenset(gone)


def _drawn(programme: Programme, draw: int, seed: int) -> tuple[Changes, frozenset[str]]:
    """Every row of `uncertainty`, in draw number `draw`."""
    changes: Changes = {}
    gone: set[str] = set()
    for row in programme["uncertainty"].iter_rows(named=True):
        table, column = TABLES[row["table"]], TABLES[row["table"]].by_name[row["column"]]
        failing = (table.name, column.name) in FAILING
        known, given = (
            DISTRIBUTIONS[row["distribution"]],
            parameters(row["distribution"], row["parameters"], failing=failing)[0],
        )
        for at, name, value in _cells(programme, table, column, row["key"]):
            u = uniform(seed, f"group {row['group']}" if row["group"] else f"{table.name}, {name}, {column.name}", draw)
            if failing and u < given["p"]:
                gone |= gone_with(programme, table.name, column.name, name)
            elif not failing and known.factor is not None:
                changes.setdefault((table.name, column.name), {})[at] = float(value) * known.factor(u, given)
            elif not failing and u < given["p"]:
                changes.setdefault((table.name, column.name), {})[at] = given["value"]
    return changes, frozenset(gone)


def _cells(programme: Programme, table: Table, column: Column, key: str) -> Iterator[tuple[int, str, Any]]:
    """Position, name and value of each cell that a row of `uncertainty` names; what fails is named by its value, once."""
    frame = programme[table.name]
    mask = named(table, frame, key, column.name) & frame[column.name].is_not_null()
    if (table.name, column.name) in FAILING:
        yield from ((-1, value, value) for value in sorted(set(frame[column.name].filter(mask))))
        return
    labels = frame.select(
        pl.concat_str([pl.col(c).cast(pl.String).fill_null("") for c in table.key], separator=", ")
    ).to_series()
    for at in mask.arg_true():
        yield at, labels[at], frame[column.name][at]


def gone_with(programme: Programme, table: str, column: str, key: str) -> set[str]:
    """The offers that rest on something: an offer, a maker or its owner, a venture or a partner or a group of them."""
    offers, ventures, partners = programme["offers"], programme["ventures"], programme["partners"]
    if table == "partners":
        mask = named(TABLES[table], partners, key, column)
        ventures = ventures.filter(pl.col("partner").is_in(partners["partner"].filter(mask).to_list()))
    elif table == "ventures":
        ventures = ventures.filter(named(TABLES[table], ventures, key, column))
    if table in ("partners", "ventures"):
        return set(offers.filter(pl.col("venture").is_in(ventures["venture"].to_list()))["offer"])
    if table == "makers":
        makers = programme["makers"]
        owned = makers["maker"].filter(named(TABLES[table], makers, key, column))
        return set(offers.filter(pl.col("maker").is_in(owned.to_list()))["offer"])
    return set(offers["offer"].filter(named(TABLES[table], offers, key, column)))


def uniform(seed: int, stream: str, draw: int) -> float:
    """A number in (0, 1): the counter-based generator Philox (Salmon et al. 2011), keyed by seed and stream, counted by draw."""
    digest = hashlib.blake2b(f"{seed}:{stream}".encode(), digest_size=16).digest()
    key = np.frombuffer(digest, dtype=np.uint64)
    raw = int(np.random.Philox(key=key, counter=[draw, 0, 0, 0]).random_raw())
    return ((raw >> 11) + 0.5) / 2.0**53


def _kept(column: Column, cells: Cells) -> tuple[Cells, int]:
    """Drawn numbers as the column holds them: within its bounds, whole where it is, with the digits of money."""
    share = column.type is d.SHARE
    low = column.low if column.low is not None else (0.0 if share else -math.inf)
    high = column.high if column.high is not None else (1.0 if share else math.inf)
    if column.above is not None:  # no distribution that reaches it is let through
        low = math.nextafter(column.above, math.inf)
    kept: Cells = {}
    over = 0
    for at, value in cells.items():
        within = min(max(float(value), low), high)
        over += within != value
        kept[at] = round(within) if column.type is d.INTEGER else _money(within) if column.type is d.MONEY_ else within
    return kept, over


def _money(value: float) -> Any:
    from decimal import Decimal

    return Decimal(f"{value:.6f}")
