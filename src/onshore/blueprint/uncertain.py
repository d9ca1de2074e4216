"""What `scenarios` and `uncertainty` may say: which cells a key names, which may change, and how a number is drawn.

A number is drawn as a multiple of the one in the table, from one uniform number u in (0, 1) by the inverse of its
distribution, so that cells which share u move together. See docs/explanation/uncertainty.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import polars as pl

from onshore.tables import declare as d
from onshore.tables.declare import Column, Table
from onshore.tables.words import Refused, nearest, number

__all__ = ["DISTRIBUTIONS", "FAILING", "FAILS", "Distribution", "named", "parameters", "unchangeable"]

FAILS = "fails"
"""The value of a scenario in a column of `FAILING`: what the key names there is gone in that world."""
FAILING = {
    ("offers", "offer"), ("makers", "maker"), ("makers", "owner_group"), ("ventures", "venture"), ("ventures", "exit_group"),
    ("partners", "partner"), ("partners", "partner_group"),
}  # fmt: skip
"""Columns whose values may fail, with every offer that rests on them. There a key names a value of that column."""

DRAWN = (d.NUMBER, d.INTEGER, d.MONEY_, d.SHARE)
FIXED = {
    ("capacity", "module_lead_years"): "the plan orders modules for a year of service, so a delay would not show",
    ("capacity", "modules_max"): "the plan has ordered its modules",
}
Parameters = Mapping[str, float]


@dataclass(frozen=True)
class Distribution:
    """`factor` is what the table's number is multiplied by at u; None where u decides whether `value` takes its place."""

    needs: tuple[str, ...]
    may: Parameters
    factor: Callable[[float, Parameters], float] | None
    least: Callable[[Parameters], float]
    fault: Callable[[Parameters], str | None]
    example: str


def _triangular(u: float, p: Parameters) -> float:
    low, mode, high = p["low"], p["mode"], p["high"]
    if high == low:
        return low
    split = (mode - low) / (high - low)
    if u < split:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - u) * (high - low) * (high - mode))


def _z(u: float) -> float:
    return NormalDist().inv_cdf(u)


def _wide(p: Parameters) -> str | None:
    return "sigma is below 0" if p["sigma"] < 0 else "mean is not above 0" if p["mean"] <= 0 else None


def _ordered(*names: str) -> Callable[[Parameters], str | None]:
    def fault(p: Parameters) -> str | None:
        values = [p[n] for n in names]
        return None if values == sorted(values) else f"{', '.join(names)} are not in rising order"

    return fault


DISTRIBUTIONS: dict[str, Distribution] = {
    "normal": Distribution(
        ("sigma",), {"mean": 1.0}, lambda u, p: p["mean"] + p["sigma"] * _z(u),
        lambda p: -math.inf if p["sigma"] else p["mean"], _wide, "sigma=0.1",
    ),
    "lognormal": Distribution(
        ("sigma",), {"mean": 1.0}, lambda u, p: p["mean"] * math.exp(p["sigma"] * _z(u) - p["sigma"] ** 2 / 2),
        lambda p: math.ulp(0.0), _wide, "sigma=0.3",
    ),
    "uniform": Distribution(
        ("low", "high"), {}, lambda u, p: p["low"] + u * (p["high"] - p["low"]),
        lambda p: p["low"], _ordered("low", "high"), "low=0.9; high=1.2",
    ),
    "triangular": Distribution(
        ("low", "high"), {"mode": 1.0}, _triangular,
        lambda p: p["low"], _ordered("low", "mode", "high"), "low=0.9; mode=1; high=1.5",
    ),
    "bernoulli": Distribution(
        ("p",), {"value": math.nan}, None,
        lambda p: math.nan, lambda p: None if 0 <= p["p"] <= 1 else "p is not between 0 and 1", "p=0.1; value=0",
    ),
}  # fmt: skip


def parameters(distribution: str, text: str, *, failing: bool = False) -> tuple[dict[str, float], list[str]]:
    """The parameters that a cell gives, with those that it may leave out; and in words, everything wrong with them.

    `failing`: the row says that something may fail, so it needs no `value` to put in its place.
    """
    known = DISTRIBUTIONS[distribution]
    given: dict[str, float] = {}
    faults: list[str] = []
    for piece in (p for p in text.split(";") if p.strip()):
        name, equals, value = (p.strip() for p in piece.partition("="))
        if not equals:
            faults.append(f"`{name}` is no `name=value`")
        elif name not in (*known.needs, *known.may):
            faults.append(
                f"it has no `{name}`{nearest(name, (*known.needs, *known.may)).rstrip('.').replace(' Near', '; near')}"
            )
        elif name in given:
            faults.append(f"`{name}` is given twice")
        else:
            try:
                given[name] = float(number(value))
            except Refused:
                faults.append(f"`{value}` is not a number")
                given[name] = math.nan
    wanted = known.needs if distribution != "bernoulli" or failing else (*known.needs, "value")
    faults += [f"`{name}` is missing" for name in wanted if name not in given]
    if failing and "value" in given:
        faults.append("what fails has no `value`")
    filled = {**known.may, **given}
    if not faults and (wrong := known.fault(filled)):
        faults.append(wrong)
    return filled, faults


def named(table: Table, frame: pl.DataFrame, key: str, column: str) -> pl.Series:
    """Which rows of the table's frame a key names: a mask.

    A key is the values of the table's key columns in their order, joined by commas; `*` stands for any value, and so does
    every one that is left out at the end. In a column of `FAILING` it is a value of that column.
    """
    every = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True)
    if (table.name, column) in FAILING:
        return frame[column].is_not_null() if key == "*" else (frame[column] == key).fill_null(value=False)
    first = frame[table.key[0]].cast(pl.String)
    whole = (first == key).fill_null(value=False)
    pieces = [p.strip() for p in key.split(",")]
    if whole.any() or len(pieces) > len(table.key):
        return whole
    for name, piece in zip(table.key, pieces, strict=False):
        if piece != "*":
            every &= (frame[name].cast(pl.String) == piece).fill_null(value=False)
    return every


def unchangeable(table: Table, column: Column, *, drawn: bool) -> str | None:
    """Why no world can change a column, in words; None where it can."""
    if (table.name, column.name) in FAILING:
        return None
    if (why := FIXED.get((table.name, column.name))) is not None:
        return why
    if table.name in ("scenarios", "uncertainty"):
        return "it says how worlds differ"
    if column.name in table.key or column.type is d.KEY or column.refers:
        return "it names things, and a world has the same things as the programme"
    if drawn and column.type not in DRAWN:
        return "only numbers are drawn"
    return None
