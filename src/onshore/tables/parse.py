"""Text cells to typed columns: one declared column at a time, a million rows at once.

Polars' casts settle what is written plainly. What they leave over goes, each distinct text once, through the
grammar in `words`, which answers with the same value written plainly or with a refusal. Nothing is rounded and
nothing guessed: Polars' cast to Decimal rounds beyond the sixth decimal, so amounts are let through to it only
when a pattern shows that it has nothing to round.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from onshore.errors import Finding, finding
from onshore.tables import declare as d
from onshore.tables import words
from onshore.tables.currencies import CURRENCIES
from onshore.tables.words import Refused, nearest, numbers, year_span

__all__ = ["convert", "numbers", "pass_through", "spread", "year_span"]

CONTROL_IN_TEXT = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{FEFF}\x{FFFE}\x{FFFF}]"
"""Free text may hold line breaks and tabs, and the marks that right-to-left scripts need."""

CONTROL_IN_VALUE = (
    r"[\x00-\x1f\x7f-\x9f\x{AD}\x{200B}\x{200E}\x{200F}\x{2028}-\x{202E}\x{2060}-\x{2069}\x{FEFF}\x{FFFE}\x{FFFF}]"
)
"""In a key or a number they only make two equal-looking cells differ. (The Persian half-space U+200C may stay.)"""

_EXACT_MONEY = r"^[+-]?[0-9]{1,32}(\.[0-9]{0,6})?$"
_SHOWN = 80


def convert(table: str, column: d.Column, cells: pl.Series, rows: pl.Series) -> tuple[pl.Series, list[Finding]]:
    """The column's values, null where empty or refused, and what is wrong with its cells one by one.

    `cells` is text with its spreadsheet `rows` beside it, equally long.
    """
    found: list[Finding] = []
    text = _trimmed(cells)
    if column.required and text.null_count():
        missing = finding("missing_value", table, None, column.name, meaning=column.meaning)
        found += spread(rows, cells, text.is_null(), lambda _: missing)
    controls, bad = _controls(table, column.name, column.type is d.TEXT, cells, rows)
    if bad:
        text, found = text.set(controls, None), found + bad
    if column.type is d.KEY:
        stray = (cells != text).fill_null(False)
        if stray.any():
            found += spread(rows, cells, stray, lambda v: _finding("stray_space", table, column, v))
    text, bad = _plainly(table, column, text, rows)
    found += bad
    values, bad = _within_bounds(table, column, _cast(column, text), cells, rows)
    return values.rename(column.name), found + bad


def pass_through(table: str, name: str, cells: pl.Series, rows: pl.Series) -> tuple[pl.Series, list[Finding]]:
    """A column that is only carried along: text as it stands, null where empty."""
    controls, found = _controls(table, name, True, cells, rows)
    return cells.set(controls | _trimmed(cells).is_null(), None).rename(name), found


def spread(rows: pl.Series, cells: pl.Series, mask: pl.Series, make: Callable[[str], Finding]) -> list[Finding]:
    """`make` called once for each distinct cell under the mask; a finding for every row."""
    made: dict[str, Finding] = {}
    found = []
    for row, cell in zip(rows.filter(mask).to_list(), cells.filter(mask).to_list(), strict=True):
        f = made.get(cell)
        if f is None:
            f = made[cell] = make(cell)
        found.append(Finding(f.kind, f.level, f.table, f.cause, f.remedy, row, f.column, f.value))
    return found


def _finding(kind: str, table: str, column: d.Column, value: str, **known: object) -> Finding:
    words_ = {
        "example": column.example or "12.5",
        "meaning": column.meaning,
        "choices": ", ".join(f"`{c}`" for c in column.choices),
        "bounds": column.bounds_text(),
        **known,
    }
    return finding(kind, table, None, column.name, _shown(value), **words_)


def _shown(value: str) -> str:
    """A cell as a message can show it: short, with what is invisible spelt out."""
    short = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
    return "".join(c if c.isprintable() or c in " \u200c\u00a0" else f"\\u{ord(c):04x}" for c in short)


def _trimmed(cells: pl.Series) -> pl.Series:
    text = cells.str.strip_chars()
    return text.set(text == "", None)


def _controls(
    table: str, name: str, is_text: bool, cells: pl.Series, rows: pl.Series
) -> tuple[pl.Series, list[Finding]]:
    """Which cells hold a control character."""
    mask = cells.str.contains(CONTROL_IN_TEXT if is_text else CONTROL_IN_VALUE).fill_null(False)
    if not mask.any():
        return mask, []
    return mask, spread(rows, cells, mask, lambda v: finding("control_character", table, None, name, _shown(v)))


def _plainly(table: str, column: d.Column, text: pl.Series, rows: pl.Series) -> tuple[pl.Series, list[Finding]]:
    """The text with every cell in its canonical spelling, null where refused."""
    grammar = _GRAMMAR.get(column.type)
    if grammar is None:
        return text, []
    if column.type in (d.NUMBER, d.SHARE, d.INTEGER, d.YEAR, d.MONEY_) and _has_non_ascii(text):
        text_ascii = text.str.replace_many(list(words.DIGITS), list(words.DIGITS.values()))
    else:
        text_ascii = text
    odd = (~_settled(column, text_ascii)).fill_null(False)
    plain = text_ascii.set(odd, None) if odd.any() else text_ascii
    if not odd.any():
        return plain, []
    told: dict[str, str | None] = {}
    refused: dict[str, Refused] = {}
    for value in text.filter(odd).unique().to_list():
        try:
            told[value] = grammar(column)(value)
        except Refused as why:
            told[value], refused[value] = None, why
    plain = pl.select(pl.when(odd).then(text.replace(list(told), list(told.values()))).otherwise(plain)).to_series()
    if not refused:
        return plain, []
    bad = odd & text.is_in(list(refused))

    def make(value: str) -> Finding:
        why = refused[value]
        return _finding(why.kind, table, column, value, **why.words)

    return plain, spread(rows, text, bad, make)


def _has_non_ascii(text: pl.Series) -> bool:
    return bool((text.str.len_bytes() != text.str.len_chars()).any())


def _settled(column: d.Column, text: pl.Series) -> pl.Series:
    """Which cells the cast reads exactly as they stand."""
    kind = column.type
    if kind in (d.NUMBER, d.SHARE):
        value = text.cast(pl.Float64, strict=False)
        # a zero may be an underflow (1e-400), which the grammar tells apart
        finite, something = value.is_finite().fill_null(False), (value != 0).fill_null(False)
        return (finite & (something | text.is_in(["0", "0.0"]))) | text.is_null()
    if kind in (d.INTEGER, d.YEAR):
        return text.cast(pl.Int64, strict=False).is_not_null() | text.is_null()
    if kind is d.MONEY_:
        return text.str.contains(_EXACT_MONEY)
    if kind is d.CHOICE:
        return text.is_in(list(column.choices))
    if kind is d.CURRENCY:
        return text.is_in(list(CURRENCIES))
    if kind is d.FLAG:
        return text.is_in(["yes", "no"])
    return pl.repeat(False, len(text), dtype=pl.Boolean, eager=True) | text.is_null()


def _choice(column: d.Column) -> Callable[[str], str]:
    def refuse(value: str) -> str:
        raise Refused("not_a_choice", nearest=nearest(value, column.choices))

    return refuse


_GRAMMAR: dict[d.Type, Callable[[d.Column], Callable[[str], str]]] = {
    d.NUMBER: lambda _: words.number,
    d.SHARE: lambda _: words.number,
    d.INTEGER: lambda _: words.whole,
    d.YEAR: lambda _: words.whole,
    d.MONEY_: lambda _: words.money,
    d.DATE: lambda _: words.day,
    d.FLAG: lambda _: words.flag,
    d.CHOICE: _choice,
    d.CURRENCY: lambda _: words.currency,
    d.NUMBERS: lambda _: words.number_list,
    d.YEARS: lambda _: words.years,
}
"""For each type with a grammar: from the column to the function that rewrites one cell. Keys and text have none."""


def _cast(column: d.Column, text: pl.Series) -> pl.Series:
    """Canonical text to values. Strict: whatever fails here is our fault, not the user's."""
    if column.type is d.DATE:
        return text.str.to_date("%Y-%m-%d")
    if column.type is d.FLAG:
        return text == "yes"
    return text.cast(column.type.dtype)


def _within_bounds(
    table: str, column: d.Column, values: pl.Series, cells: pl.Series, rows: pl.Series
) -> tuple[pl.Series, list[Finding]]:
    if not (bounds := column.bounds_text()):
        return values, []
    low = 0.0 if column.low is None and column.type is d.SHARE else column.low
    high = 1.0 if column.high is None and column.type is d.SHARE else column.high
    number = values.cast(pl.Float64)
    outside = pl.repeat(False, len(values), dtype=pl.Boolean, eager=True)
    if low is not None:
        outside |= number < low
    if column.above is not None:
        outside |= number <= column.above
    if high is not None:
        outside |= number > high
    outside = outside.fill_null(False)
    if not outside.any():
        return values, []
    found = spread(rows, cells, outside, lambda v: _finding("out_of_bounds", table, column, v.strip(), bounds=bounds))
    return values.set(outside, None) if values.dtype != pl.Decimal else values, found
