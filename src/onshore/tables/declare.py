"""How a table is declared. From a declaration come the reader, the checker, the reference page and the template."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

__all__ = ["ALWAYS_ALLOWED", "Column", "Table", "Type"]

ALWAYS_ALLOWED = ("note", "source")
"""Columns that any table may carry; so may any whose name begins with ``x_``. They pass through as text."""

MONEY = pl.Decimal(38, 6)


class Type:
    """The kinds of cell. `meaning` is printed in the reference page; `dtype` is what the cell becomes."""

    def __init__(self, name: str, dtype: pl.DataType | type[pl.DataType], meaning: str):
        self.name, self.dtype, self.meaning = name, dtype, meaning

    def __repr__(self) -> str:
        return self.name


KEY = Type("key", pl.String, "a name without spaces at its ends, compared letter for letter")
TEXT = Type("text", pl.String, "free text")
NUMBER = Type("number", pl.Float64, "a number; `1,234` alone is ambiguous and refused")
INTEGER = Type("integer", pl.Int64, "a whole number")
MONEY_ = Type("money", MONEY, "an exact amount with at most 6 decimals, in the currency of the column beside it")
SHARE = Type("share", pl.Float64, "a fraction between 0 and 1; `12 %` is refused, write 0.12")
YEAR = Type("year", pl.Int64, "a programme year, in the programme's own calendar")
YEARS = Type("years", pl.String, "a programme year `1399`, or first and last joined by a hyphen `1398-1400`")
DATE = Type("date", pl.Date, "a day, `2019-07-20`; years 1200 to 1599 are read as Solar Hijri (`1398-04-29`)")
FLAG = Type("flag", pl.Boolean, "`yes` or `no`")
CHOICE = Type("choice", pl.String, "one of the words listed")
CURRENCY = Type("currency", pl.String, "an ISO 4217 code; Iranian rial is `IRR`, toman `IRT` (10 rials)")
NUMBERS = Type("numbers", pl.String, "numbers joined by semicolons, `0.4; 0.75; 1`")


@dataclass(frozen=True)
class Column:
    """One column. `required` means a value in every row; an optional one left empty is *not modelled*.

    `low` and `high` are bounds that the value may touch; `above` is one it may not. `refers` names the column
    whose values it must be among (`makers.maker`). A money column names the column that holds its currency.
    """

    name: str
    type: Type
    meaning: str
    example: str = ""
    required: bool = False
    unit: str = ""
    low: float | None = None
    above: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    refers: str = ""
    currency: str = "currency"

    def bounds_text(self) -> str:
        """`> 0`, `0 to 1` or nothing."""
        low = self.low if self.low is not None else (0.0 if self.type is SHARE else None)
        high = self.high if self.high is not None else (1.0 if self.type is SHARE else None)
        parts = []
        if self.above is not None:
            parts.append(f"> {self.above:g}")
        elif low is not None:
            parts.append(f">= {low:g}")
        if high is not None:
            parts.append(f"<= {high:g}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Table:
    """A declared table: what a row is, which columns make it unique, and its columns in order."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {c.name: c for c in self.columns}

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.required)

    @cached_property
    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """What the reader returns: `row` (the spreadsheet's row number) and every declared column."""
        return {"row": pl.Int64(), **{c.name: c.type.dtype for c in self.columns}}

    @cached_property
    def types(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Every declared column with its type: what a result table is made of."""
        return {c.name: c.type.dtype for c in self.columns}

    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.schema)
