"""How numbers and days are written."""

from __future__ import annotations

from datetime import date

import pytest

from onshore.report.numbers import change, day, number, percent, rate, scale_of, year

T = "\u202f"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234567, 0, f"1{T}234{T}567"), (-1234.5, 1, f"−1{T}234.5"), (0, 3, "0"), (0.0004, 0, "0.00040"), (-0.2, 0, "−0.20"),
        (1e-9, 2, f"≈{T}0"), (None, 0, "–"), (float("nan"), 0, "–"),
    ],
)  # fmt: skip
def test_number(value: float | None, decimals: int, text: str) -> None:
    assert number(value, decimals) == text


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([7.4e12, 1.2e13], [f"7{T}400 billion IRR", f"12{T}000 billion IRR"]),
        ([85e6, 56.4e6], ["85.0 million IRR", "56.4 million IRR"]),
        ([999_999, 1], [f"999{T}999 IRR", "1 IRR"]),
        ([1_234_567], ["1.235 million IRR"]),
        ([2.5e15], [f"2{T}500 trillion IRR"]),
        ([0.0], ["0 IRR"]),
        ([0.25], ["0.25 IRR"]),
    ],
)
def test_numbers_that_stand_together_share_a_scale(values: list[float], told: list[str]) -> None:
    scale = scale_of(values)
    assert [scale.told(v, "IRR") for v in values] == told


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.577, "57.7"), (1, "100"), (0, "0"), (0.08, "8"), (0.0123, "1.23"), (1e-6, f"<{T}0.01"), (1e-16, "0"), (-1, "−100"),
        (-0.601, "−60.1"),
    ],
)  # fmt: skip
def test_percent(share: float, text: str) -> None:
    assert percent(share) == f"{text}{T}%"


def test_change_and_rate() -> None:
    assert change(100, 150) == f"+50{T}%"
    assert change(0, 5) == "–"
    assert [rate(v) for v in (269935.166, 1.178, 0.1253780, 1.0)] == [f"269{T}935", "1.178", "0.125378", "1"]


def test_days_in_both_calendars() -> None:
    assert day(date(2019, 7, 20), "solar-hijri") == ("1398-04-29", "2019-07-20")
    assert day(date(2019, 7, 20), "gregorian") == ("2019-07-20", "")
    assert day(None, "gregorian") == ("–", "")
    # known by the month or year: in the calendar whose month or year begins that day
    assert day(date(2019, 11, 1), "solar-hijri", "month") == ("2019-11", "")
    assert day(date(2019, 10, 23), "solar-hijri", "month") == ("1398-08", "")
    assert day(date(2019, 3, 21), "solar-hijri", "year") == ("1398", "")
    assert year(1400, "solar-hijri") == "1400 (2021–22)"
    assert year(2021, "gregorian") == "2021"
