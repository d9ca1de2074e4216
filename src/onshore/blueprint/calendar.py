"""Programme years and months, Gregorian or Solar Hijri. Inside the planner time is months since the first day."""

from __future__ import annotations

from datetime import date

from persiantools.jdatetime import JalaliDate

__all__ = ["GREGORIAN", "SOLAR_HIJRI", "middle", "month_of", "month_start", "year_of", "year_start"]

GREGORIAN = "gregorian"
SOLAR_HIJRI = "solar-hijri"


def year_start(year: int, calendar: str) -> date:
    """First day of a programme year: 1398 in Solar Hijri begins on 2019-03-21."""
    return JalaliDate(year, 1, 1).to_gregorian() if calendar == SOLAR_HIJRI else date(year, 1, 1)


def year_of(day: date, calendar: str) -> int:
    """The programme year that a day falls in."""
    return int(JalaliDate(day).year) if calendar == SOLAR_HIJRI else day.year


def middle(year: int, calendar: str) -> date:
    """The day half-way through a programme year, at which its money is taken to move."""
    first = year_start(year, calendar)
    return first + (year_start(year + 1, calendar) - first) // 2


def month_start(months: int, first_year: int, calendar: str) -> date:
    """First day of the month that begins `months` after the first day of `first_year`."""
    year, month = first_year + months // 12, months % 12 + 1
    return JalaliDate(year, month, 1).to_gregorian() if calendar == SOLAR_HIJRI else date(year, month, 1)


def month_of(day: date, first_year: int, calendar: str) -> int:
    """Whole months from the first day of `first_year` to the first month that begins on `day` or after it."""
    own = JalaliDate(day) if calendar == SOLAR_HIJRI else day
    months = (own.year - first_year) * 12 + own.month - 1
    return months if own.day == 1 else months + 1
