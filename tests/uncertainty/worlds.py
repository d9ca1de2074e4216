"""Programmes whose worlds are worked out by hand."""

from __future__ import annotations

import onshore as on

SETTINGS = {
    "schema_version": 1, "name": "two parts", "currency": "EUR", "calendar": "gregorian", "first_year": 2027, "last_year": 2027,
    "discount_rate": 0, "rate_market": "lab",
}  # fmt: skip
TWO_PARTS = {
    "rates": [{"date": "2026-01-01", "base": "USD", "quote": "EUR", "market": "lab", "quote_per_base": 1}],
    "parts": [{"part": "lamp", "import_price": 10, "currency": "USD"}, {"part": "gear", "import_price": 20, "currency": "EUR"}],
    "needs": [{"part": p, "year": 2027, "market": "oem", "units": 100} for p in ("lamp", "gear")],
    "makers": [{"maker": "alba", "owner_group": "north"}, {"maker": "brio", "owner_group": "south"}],
    "offers": [
        {"offer": "alba-lamp", "part": "lamp", "maker": "alba", "unit_price": 11, "currency": "EUR", "annual_max": 200, "lead_time_months": 0, "tooling_cost": 50},
        {"offer": "brio-gear", "part": "gear", "maker": "brio", "unit_price": 15, "currency": "EUR", "annual_max": 200, "lead_time_months": 0, "tooling_cost": 200},
    ],
}  # fmt: skip
"""Imported, lamp costs 1,000 and gear 2,000; at home 1,150 and 1,700. So gear is made at home and the plan costs 2,700.

With a dollar of 1.50 euro lamp costs 1,500 imported: the plan then costs 3,200, and making both 2,850."""
DEAR_DOLLAR = {"scenario": "dear-dollar", "table": "rates", "key": "*", "column": "quote_per_base", "value": "1.5"}
DRAWN_DOLLAR = {
    "table": "rates",
    "key": "*, USD",
    "column": "quote_per_base",
    "distribution": "bernoulli",
    "parameters": "p=0.5; value=1.5",
}

LEAVING = {
    "parts": [{"part": "pump", "import_price": 10, "currency": "EUR"}],
    "needs": [{"part": "pump", "year": y, "market": "oem", "units": 100} for y in (2027, 2028, 2029)],
    "makers": [{"maker": "alba"}],
    "partners": [{"partner": "far", "partner_group": "overseas"}],
    "ventures": [{"venture": "joint", "maker": "alba", "partner": "far", "set_up_cost": 100, "currency": "EUR", "exit_group": "west"}],
    "offers": [{"offer": "o", "part": "pump", "maker": "alba", "venture": "joint", "unit_price": 6, "currency": "EUR", "annual_max": 100, "lead_time_months": 0, "tooling_cost": 300}],
    "scenarios": [{"scenario": "dearer", "table": "parts", "key": "pump", "column": "import_price", "value": "11"}],
}  # fmt: skip
"""Three years of 100 pumps: imported 3,000, at home 3 x 600 + 300 + 100 = 2,200.

The group leaves in 2027: nothing is spent and all is imported, 3,000. In 2028: 600 + 400 + 2,000 = 3,000. In 2029: 1,200 + 400 +
1,000 = 2,600."""


def two_parts(**tables: list) -> on.Programme:
    """The two parts with tables added or replaced."""
    return on.build(SETTINGS, {**TWO_PARTS, **tables})


def changed(table: str, row: int, **cells: object) -> dict[str, list]:
    """A table of the two parts with some cells of a row set."""
    rows = [dict(r) for r in TWO_PARTS[table]]
    rows[row].update(cells)
    return {table: rows}
