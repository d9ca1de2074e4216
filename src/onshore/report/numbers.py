"""How numbers, money and days are written: thin spaces, units in headings, Solar Hijri beside Gregorian."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import floor, isfinite, log10

from persiantools.jdatetime import JalaliDate

from onshore.blueprint.calendar import SOLAR_HIJRI, year_start

__all__ = [
    "MINUS", "NONE", "THIN", "Scale", "Told", "change", "count", "day", "number", "percent", "rate", "scale_of", "year",
]  # fmt: skip

THIN = "\u202f"
"""Narrow no-break space, between thousands and before a unit."""
MINUS = "\u2212"
NONE = "\u2013"
"""What stands where there is no number."""


class Told(str):
    """A number or day as it is written, which still knows what it is: the workbook holds that, the page the words.

    `value` is in the unit of the text; `share` marks a fraction that is written in per cent.
    """

    __slots__ = ("share", "value")
    value: float | date
    share: bool

    def __new__(cls, text: str, value: float | date, *, share: bool = False) -> Told:
        told = super().__new__(cls, text)
        told.value, told.share = value, share
        return told


@dataclass(frozen=True)
class Scale:
    """How the numbers of one column are written: divided by `factor`, named `word`, with `decimals`."""

    factor: float = 1.0
    word: str = ""
    decimals: int = 0

    def __call__(self, value: float | None) -> str:
        """One number. One that would round to nothing keeps two figures."""
        if value is None or not isfinite(value):
            return NONE
        return number(value / self.factor, self.decimals)

    def unit(self, name: str) -> str:
        """`billion IRR`: what the column's heading says."""
        return f"{self.word} {name}".strip()

    def told(self, value: float | None, name: str) -> str:
        """The number with its unit, for a sentence."""
        return f"{self(value)} {self.unit(name)}".strip()


def scale_of(values: Iterable[float | None]) -> Scale:
    """One scale for numbers that stand together, so that they can be compared by eye. A billion is 10^9."""
    known = [abs(v) for v in values if v is not None and isfinite(v)]
    top = max(known, default=0.0)
    factor, word = next(
        (
            pair
            for pair in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
            if top >= pair[0] * (1e3 if pair[0] == 1e12 else 1)
        ),
        (1.0, ""),
    )
    scaled = [v / factor for v in known]
    most = max(0, 4 - len(str(int(top / factor))))
    # no more decimals than any of them has
    decimals = next(
        d for d in range(most + 1) if d == most or all(abs(v - round(v, d)) <= 1e-12 * top / factor for v in scaled)
    )
    return Scale(factor, word, decimals)


def number(value: float | None, decimals: int = 0) -> str:
    """`12 345.6`; one that would round to nothing keeps two figures; nothing at all is a dash."""
    if value is None or not isfinite(value):
        return NONE
    if value == 0:
        return Told("0", 0.0)
    if not round(abs(value), decimals):
        decimals = 1 - floor(log10(abs(value)))
        if decimals > 6:
            return Told(f"≈{THIN}0", value)
    text = f"{abs(value):,.{decimals}f}".replace(",", THIN)
    return Told(f"{MINUS}{text}" if value < 0 and text.strip("0.") else text, value)


def count(value: float | None) -> str:
    """A number of things: one decimal where there are few and they are not whole."""
    return number(value, 0 if value is None or abs(value) >= 100 or value == round(value) else 1)


def rate(value: float | None) -> str:
    """An exchange rate or a ratio to six figures: `269 935`, `1.178`."""
    if value is None or not isfinite(value) or value == 0:
        return number(value)
    decimals = max(0, 5 - floor(log10(abs(value))))
    text = number(value, decimals)
    return Told(text.rstrip("0").rstrip(".") if "." in text else text, value)


def percent(share: float | None) -> str:
    """A fraction as per cent; a small one that is not nothing says so, and one in a thousand millions is nothing."""
    if share is None or not isfinite(share):
        return NONE
    if abs(share) < 1e-9:
        share = 0.0
    if share and abs(share) < 1e-4:
        return Told(f"{MINUS if share < 0 else ''}<{THIN}0.01{THIN}%", share, share=True)
    whole = abs(100 * share - round(100 * share)) < 1e-9
    digits = 0 if whole else 1 if abs(share) >= 0.1 else 2
    return Told(f"{number(100 * share, digits)}{THIN}%", share, share=True)


def change(before: float, after: float) -> str:
    """By how much a number moved, in per cent of what it was: `−57.7 %`."""
    if not before:
        return NONE
    moved = after / before - 1
    return Told(f"+{percent(moved)}", moved, share=True) if moved > 0 else percent(moved)


def day(on: date | None, calendar: str, precision: str | None = "day") -> tuple[str, str]:
    """A day as (what is read first, what stands beside it): Solar Hijri and Gregorian where that is the calendar.

    A day known only by its month or year is written without what nobody knows, in the calendar whose month or year it
    begins.
    """
    if on is None:
        return NONE, ""
    own = JalaliDate(on) if calendar == SOLAR_HIJRI else on
    if precision == "month":
        first = own if own.day == 1 else on
        return f"{first.year}-{first.month:02}", ""
    if precision == "year":
        return str(own.year if own.day == own.month == 1 else on.year), ""
    told = Told(on.isoformat(), on)
    return (own.isoformat(), told) if calendar == SOLAR_HIJRI else (told, "")


def year(programme_year: int, calendar: str) -> str:
    """`1400 (2021-22)`: the Gregorian years that a Solar Hijri one lies in."""
    if calendar != SOLAR_HIJRI:
        return str(programme_year)
    first = year_start(programme_year, calendar).year
    return f"{programme_year} ({first}–{(first + 1) % 100:02})"
