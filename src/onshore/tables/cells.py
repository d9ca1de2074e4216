"""A typed cell, from a workbook or from Python, as text."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

__all__ = ["cell_text"]


def cell_text(value: object, digits: int = 17) -> str | None:
    """A typed cell as the text a careful person would have typed; None for an empty one.

    `digits` is how many significant digits of a float count: a workbook shows 15, and what lies beyond is noise
    of its formulas. A moment of a day, or a day in a year that text would take for Solar Hijri, is written so that
    no date column takes it.
    """
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _float_text(value, digits)
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, datetime):
        midnight = value.time() == time() and value.tzinfo is None
        return cell_text(value.date()) if midnight else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat() if value.year >= 1600 else f"{value.isoformat()} (Gregorian)"
    if isinstance(value, timedelta):
        return f"{value} (a duration)"
    if isinstance(value, (list, tuple)):
        return "; ".join(cell_text(v) or "" for v in value)
    return str(value)


def _float_text(value: float, digits: int) -> str:
    if digits < 17 and abs(value) < 1e300:
        value = float(f"{value:.{digits}g}")
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)
