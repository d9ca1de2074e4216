"""Records of contracts for the tests, small enough to be added up on a napkin."""

from __future__ import annotations

from typing import Any

from onshore.blueprint.programme import Programme, build

SETTINGS: dict[str, object] = {
    "schema_version": 1, "name": "Record", "currency": "EUR", "calendar": "gregorian", "first_year": 2020, "last_year": 2022,
    "discount_rate": 0.0, "rate_market": "free",
}  # fmt: skip
RATES = [
    {"date": day, "base": "EUR", "quote": "XAF", "market": market, "quote_per_base": value}
    for day, market, value in (
        ("2020-01-01", "free", 100), ("2020-07-01", "free", 200), ("2020-01-01", "official", 50),
    )
]  # fmt: skip

Rows = list[dict[str, Any]]


def contract(key: str, kind: str = "round", signed: str | None = "2020-02-01", **cells: Any) -> dict[str, Any]:
    """A row of `contracts` with every column that the tests set, so that rows may differ in what they fill in."""
    blank = dict.fromkeys((
        "part_of", "may_repeat", "subproject", "due", "value", "value_kind", "currency", "saving_per_year", "saving_currency",
        "saving_basis", "published", "parts_count", "buyer",
    ))  # fmt: skip
    return {"contract": key, "kind": kind, "signed": signed, **blank, **cells}


def flow(amount: float | None, currency: str = "EUR") -> dict[str, Any]:
    return {"saving_per_year": amount, "saving_currency": currency if amount is not None else None}


def value(amount: float | None, currency: str = "XAF") -> dict[str, Any]:
    return {"value": amount, "currency": currency if amount is not None else None}


def record(contracts: Rows, *, rates: Rows = RATES, **tables: Rows) -> Programme:
    return build(SETTINGS, {"contracts": contracts, "rates": rates, **tables})
