"""A run as the chapters see it: its figures and tables, the input it was made from, and the names of things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from onshore.blueprint.measures import MEASURES
from onshore.blueprint.programme import Programme, read
from onshore.blueprint.settings import Settings
from onshore.prices.declared import TABLES as PRICE_TABLES
from onshore.progress.declared import ECONOMICS
from onshore.report import numbers
from onshore.report.pieces import Cell
from onshore.sourcing.declared import TABLES, TREE_TABLES
from onshore.tables.runs import Run, read_run

__all__ = ["FEW", "MOST", "Reading", "most", "reading_of", "total"]

MAY_LACK = (
    "products_met", "cash", "overrides", "passed_over", "steps", "maker_losses", *TREE_TABLES,
    *PRICE_TABLES,
)  # fmt: skip
"""Tables that a run may be without; their chapters then have nothing to show."""

FEW = 12
"""Up to this many parts, the report says that they are a handful."""

MOST = 500
"""Rows that a table of the page has at most: a page of a million rows no browser opens."""


@dataclass(frozen=True)
class Reading:
    run: Run
    programme: Programme

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.run[table]

    def has(self, table: str) -> bool:
        """Whether the run has the table, with a row in it."""
        return table in self.run.tables and self.run[table].height > 0

    @property
    def settings(self) -> Settings:
        return self.programme.settings

    @property
    def currency(self) -> str:
        return self.settings.currency

    @property
    def economics(self) -> pl.DataFrame | None:
        return self.run.tables.get("economics")

    def figure(self, name: str) -> float:
        """A number of run.json that is always there."""
        value = self.figure_or_none(name)
        if value is None:
            raise KeyError(name)
        return value

    def figure_or_none(self, name: str) -> float | None:
        """A number of run.json; None where it has none."""
        value = self.run.figures[name]
        return float(value) if isinstance(value, int | float) else None

    def words(self, name: str) -> tuple[str, ...]:
        """A list of run.json."""
        value = self.run.figures[name]
        return tuple(str(v) for v in value) if isinstance(value, list) else ()

    # names

    @cached_property
    def _names(self) -> dict[str, dict[str, str | None]]:
        held = (
            ("parts", "part"), ("makers", "maker"), ("partners", "partner"), ("sectors", "sector"), ("subprojects", "subproject"),
            ("products", "product"),
        )  # fmt: skip
        return {table: dict(self.programme[table].select(key, "name").iter_rows()) for table, key in held}

    def name(self, table: str, key: str | None) -> Cell:
        """What people call it, and its key under that."""
        if key is None:
            return Cell(numbers.NONE)
        called = self._names[table].get(key)
        return Cell(called, key) if called and called != key else Cell(key)

    def called(self, table: str, key: str) -> str:
        """What people call it, for a sentence or a chart."""
        return self._names[table].get(key) or key

    # days and years

    def day(self, on: date | None, precision: str | None = "day") -> Cell:
        return Cell(*numbers.day(on, self.settings.calendar, precision))

    def year(self, year: int) -> str:
        return numbers.year(year, self.settings.calendar)

    @cached_property
    def years(self) -> str:
        """`in 1400 (2021-22)` or `over 1398 (2019-20) to 1400 (2021-22)`."""
        first, last = self.settings.first_year, self.settings.last_year
        if first == last:
            return f"in {self.year(first)}"
        return f"over the years {self.year(first)} to {self.year(last)}"

    # the objective

    @cached_property
    def most(self) -> bool:
        return self.settings.objective_sense == "most"

    @cached_property
    def objective_name(self) -> str:
        """`programme cost`, `imports displaced`."""
        name = self.settings.objective
        return f"{self.settings.perspective} cost" if name == "cost" else name.replace("_", " ")

    @cached_property
    def objective_unit(self) -> str:
        """The programme's currency, or the unit of the measure."""
        return self.unit_of(self.settings.objective)

    def unit_of(self, measure: str) -> str:
        """A measure's unit: the programme's currency for money, or what `uses` says."""
        if measure in MEASURES:
            return self.currency if MEASURES[measure].flow else MEASURES[measure].unit
        uses = self.programme["uses"].filter(pl.col("measure") == measure)["unit"].drop_nulls().unique().sort()
        return " / ".join(uses) or measure

    def unit_as_told(self, unit: str) -> str:
        """A unit as the run's tables have it, with the programme's currency by its code."""
        return self.currency if unit.startswith("the programme's currency") else unit

    def yearly(self, measure: str) -> pl.DataFrame:
        """Years of one measure, in order."""
        return self["yearly"].filter(pl.col("measure") == measure).sort("year")


def total(values: pl.Series) -> float:
    """The sum of a column."""
    return float(values.sum())


def most(table: pl.DataFrame, file: str) -> tuple[pl.DataFrame, str]:
    """The first rows of a table, as many as a page has room for, and in words where the others are."""
    if table.height <= MOST:
        return table, ""
    left = numbers.count(table.height - MOST)
    return table.head(
        MOST
    ), f"The first {MOST} of {numbers.count(table.height)}; the other {left} are in {file}.csv beside this page."


def reading_of(path: Path) -> Reading:
    """Read a run and the input that it keeps. Nothing outside the folder is looked at."""
    declared = {
        name: table
        for name, table in {**TABLES, **PRICE_TABLES, ECONOMICS.name: ECONOMICS}.items()
        if name not in (*MAY_LACK, ECONOMICS.name) or (path / f"{name}.csv").is_file()
    }
    run = read_run(path, declared)
    return Reading(run, read(run.input))
