"""Cells to values: what is read, what is refused, and under which name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from onshore.tables import declare as d
from onshore.tables.parse import convert, numbers, year_span


def parsed(kind: d.Type, *cells: str | None, **options: object) -> tuple[list[object], list[str]]:
    """Values and kinds of findings of a column of cells."""
    column = d.Column("c", kind, "what it means", **options)
    series = pl.Series("c", cells, dtype=pl.String)
    values, found = convert("t", column, series, pl.Series(range(2, 2 + len(cells))))
    assert values.dtype == kind.dtype
    assert len(values) == len(cells)
    return values.to_list(), [f.kind for f in found]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0), ("-1.5", -1.5), ("+5", 5.0), (" 5\u00a0", 5.0), (".5", 0.5), ("1e3", 1000.0), ("1.234", 1.234),
        ("0", 0.0), ("0.000", 0.0), ("0e5", 0.0), ("۱۲", 12.0), ("٣", 3.0), ("−5", -5.0), ("۱٫۲۳۴", 1.234),
        ("۱۲٬۳۴۵٫۵", 12345.5), ("1٬234", 1234.0), ("1,234,567", 1234567.0), ("1,234.5", 1234.5), ("12,5", 12.5),
        ("1.234.567", 1234567.0), ("1.234,5", 1234.5), ("1 234 567", 1234567.0), ("1\u202f234", 1234.0),
        ("1'234'567", 1234567.0), ("-1 234,5", -1234.5), ("0,123", 0.123), ("12,3456", 12.3456), ("12،5", 12.5),
    ],
)  # fmt: skip
def test_a_number_in_every_readable_spelling(text: str, value: float) -> None:
    """Else Persian, European or grouped figures are refused, or worse, read a thousand times too large."""
    assert parsed(d.NUMBER, text) == ([value], [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1,234", "ambiguous_number"), ("-12,345", "ambiguous_number"), ("۱،۲۳۴", "ambiguous_number"),
        ("1234,567", "ambiguous_number"), ("12 %", "percent"), ("۱۲٪", "percent"), ("%5", "percent"),
        ("12 EUR", "not_a_number"), ("(5)", "not_a_number"), ("5-", "not_a_number"), ("1,2,3", "not_a_number"),
        ("1,23,456", "not_a_number"), ("0,123,456", "not_a_number"), ("1.234.56", "not_a_number"),
        ("1,234،567", "not_a_number"), ("1 23", "not_a_number"), ("inf", "not_a_number"), ("-Infinity", "not_a_number"),
        ("nan", "not_a_number"), ("NaN", "not_a_number"), ("0x10", "not_a_number"), ("1_000", "not_a_number"),
        ("１２", "not_a_number"), ("½", "not_a_number"), (",5", "not_a_number"), ("5,", "not_a_number"),
        ("--5", "not_a_number"), ("۱۲/۵", "not_a_number"), ("1e400", "out_of_range"), ("1e-400", "out_of_range"),
        ("5\x00", "control_character"), ("\u200f5", "control_character"),
    ],
)  # fmt: skip
def test_a_number_that_nobody_can_be_sure_of_is_refused(text: str, kind: str) -> None:
    """Else a guess becomes a price, and a planner makes the wrong supplier cheap."""
    assert parsed(d.NUMBER, text) == ([None], [kind])


def test_an_ambiguous_number_shows_both_readings() -> None:
    """Else the user is told that something is wrong, but not what to write."""
    _, found = convert("t", d.Column("c", d.NUMBER, "m"), pl.Series(["1,234"]), pl.Series([7]))
    assert str(found[0]) == "t row 7, c: `1,234` is 1234 or 1.234: nobody can say. Write 1234 or 1.234."
    assert (found[0].row, found[0].column, found[0].value) == (7, "c", "1,234")


def test_a_percent_shows_the_fraction_to_write() -> None:
    """Else `12 %` and 12 differ a hundredfold without a hint."""
    _, found = convert("t", d.Column("c", d.SHARE, "m"), pl.Series(["۱۲٫۵ ٪"]), pl.Series([2]))
    assert found[0].remedy == "Write the fraction: 0.125."


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("96.40", "96.4"), ("1e3", "1000"), ("1.50e1", "15"), ("1.12345600", "1.123456"), ("-0", "0"), ("0e99", "0"),
        ("12345678901234567890123456789012.123456", "12345678901234567890123456789012.123456"),
        ("۷٬۴۰۰٬۰۰۰٬۰۰۰٬۰۰۰", "7400000000000"), ("12,5", "12.5"), ("1e-6", "0.000001"), (".5", "0.5"),
        ("1.1234560000000000000000000000000000000000", "1.123456"),
    ],
)  # fmt: skip
def test_money_is_exact(text: str, value: str) -> None:
    """Else an amount goes through a float on its way, and sums of rials are off by rials."""
    assert parsed(d.MONEY_, text) == ([Decimal(value)], [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.1234567", "too_many_decimals"), ("0.0000001", "too_many_decimals"), ("1e-7", "too_many_decimals"),
        ("1e40", "out_of_range"), ("1e999999999", "out_of_range"), ("123456789012345678901234567890123", "out_of_range"),
        ("1,234", "ambiguous_number"), ("5 €", "not_a_number"), ("inf", "not_a_number"),
    ],
)  # fmt: skip
def test_money_is_never_rounded(text: str, kind: str) -> None:
    """Else Polars' cast rounds silently beyond the sixth decimal."""
    assert parsed(d.MONEY_, text) == ([None], [kind])


def test_whole_numbers() -> None:
    """Else a workbook's 5.0 is refused, or 5.5 is cut to 5."""
    cells = ("5", "5.0", "1e3", "۱۳۹۹", "-9223372036854775808", "5.5", "1e-3", "9223372036854775808", None, " ")
    values, kinds = parsed(d.INTEGER, *cells)
    assert values == [5, 5, 1000, 1399, -(2**63), None, None, None, None, None]
    assert kinds == ["not_whole", "not_whole", "out_of_range"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2019-07-20", date(2019, 7, 20)), ("2019/07/20", date(2019, 7, 20)), ("1398-04-29", date(2019, 7, 20)),
        ("۱۳۹۸/۰۴/۲۹", date(2019, 7, 20)), ("1399-12-30", date(2021, 3, 20)), ("9999-12-31", date(9999, 12, 31)),
    ],
)  # fmt: skip
def test_dates_in_both_calendars(text: str, value: date) -> None:
    """Else a Solar Hijri date lands six centuries early."""
    assert parsed(d.DATE, text) == ([value], [])


@pytest.mark.parametrize(
    "text",
    ["07/20/2019", "2019-07", "2019-02-30", "1398-12-30", "0019-01-01", "2019-7-2", "2019-07/20", "20190720",
     "2019-07-20 05:00:00", "43666", "۱۳۹۸"],
)  # fmt: skip
def test_what_is_no_day_is_refused(text: str) -> None:
    """Else a day that does not exist, or a month taken for a day, moves a lead time."""
    assert parsed(d.DATE, text) == ([None], ["not_a_date"])


def test_flags_choices_and_currencies() -> None:
    """Else a word of another case, language or unit is taken for one that was declared."""
    assert parsed(d.FLAG, "yes", "No", "TRUE", "1", "بله", None) == (
        [True, False, True, None, None, None],
        ["not_a_flag"] * 2,
    )
    assert parsed(d.CHOICE, "CIF", "cif", " FOB ", choices=("CIF", "FOB")) == (["CIF", None, "FOB"], ["not_a_choice"])
    assert parsed(d.CURRENCY, "EUR", "IRT", "eur", "XXX") == (["EUR", "IRT", None, None], ["not_a_currency"] * 2)


@pytest.mark.parametrize(
    ("text", "code"), [("rial", "IRR"), ("Toman", "IRT"), ("ریال", "IRR"), ("تومان", "IRT"), ("eur", "EUR")]
)
def test_a_currency_in_words_is_refused_with_its_code(text: str, code: str) -> None:
    """Else rial and toman, which differ tenfold, are told apart by nobody."""
    _, found = convert("t", d.Column("c", d.CURRENCY, "m"), pl.Series([text]), pl.Series([2]))
    assert f"Nearest: `{code}`." in found[0].cause


def test_lists_of_numbers() -> None:
    """Else `1,2` is one number to the reader and two to its writer."""
    values, kinds = parsed(d.NUMBERS, "0.4; 0.75;1", "1", "۰٫۴؛ ۱", "1,2", "1;;2", "-1; 2", "nan", "1e400", "1 2")
    assert values == ["0.4; 0.75; 1", "1", "0.4; 1", None, None, None, None, None, None]
    assert kinds == ["not_numbers"] * 6
    assert numbers("0.4; 0.75; 1") == (0.4, 0.75, 1.0)


def test_years_and_spans() -> None:
    """Else a span written backwards bounds nothing."""
    values, kinds = parsed(d.YEARS, "1399", "1398-1400", "۱۳۹۸–۱۴۰۰", "1399 - 1399", "1400-1398", "abc", "1399-")
    assert values == ["1399", "1398-1400", "1398-1400", "1399", None, None, None]
    assert sorted(kinds) == ["not_years", "not_years", "years_reversed"]
    assert year_span("1399") == (1399, 1399)
    assert year_span("1398-1400") == (1398, 1400)


def test_bounds() -> None:
    """Else a share of 12 or a price below nothing is planned with."""
    assert parsed(d.SHARE, "0", "1", "1.01", "-0.1") == ([0.0, 1.0, None, None], ["out_of_bounds"] * 2)
    assert parsed(d.SHARE, "1.5", high=10) == ([1.5], [])
    assert parsed(d.NUMBER, "0", "0.1", above=0) == ([None, 0.1], ["out_of_bounds"])
    assert parsed(d.MONEY_, "-0.000001", low=0)[1] == ["out_of_bounds"]


def test_keys_are_compared_letter_for_letter_so_nothing_invisible_is_in_them() -> None:
    """Else two keys that look the same are two keys."""
    values, kinds = parsed(d.KEY, "a", " b", "c\u200b", "ق\u200cک", "x\ny", "", "\u00a0")
    assert values == ["a", "b", None, "ق\u200cک", None, None, None]
    assert sorted(kinds) == ["control_character", "control_character", "stray_space"]
    assert parsed(d.TEXT, "line\nline", " x ", "\x07") == (["line\nline", "x", None], ["control_character"])


def test_an_empty_required_cell_is_missing_in_its_row() -> None:
    """Else an offer without a price is free."""
    column = d.Column("c", d.NUMBER, "m", required=True)
    _, found = convert("t", column, pl.Series(["1", "", "  ", None]), pl.Series([2, 3, 5, 9]))
    assert [(f.kind, f.row) for f in found] == [("missing_value", 3), ("missing_value", 5), ("missing_value", 9)]


def test_every_row_of_a_repeated_fault_is_told() -> None:
    """Else mending the one that was shown leaves the others."""
    _, found = convert("t", d.Column("c", d.NUMBER, "m"), pl.Series(["x"] * 1000 + ["y"]), pl.Series(range(2, 1003)))
    assert [f.row for f in found] == list(range(2, 1003))


def test_a_monstrous_cell_makes_a_short_message() -> None:
    """Else one cell of a megabyte floods the screen, or braces in it break the sentence."""
    _, found = convert("t", d.Column("c", d.NUMBER, "m"), pl.Series(["{x}" * 100_000]), pl.Series([2]))
    assert len(str(found[0])) < 300
