"""Faults between the tables of markets at home: each seen once, and none where there is none."""

from __future__ import annotations

import pytest

import onshore as on
from onshore import demo

GOOD = {
    "part_markets": [{"market": "m", "level": "retail", "regime": "free", "demand": "logit", "outside_share": 0.3, "elasticity": 0.8}],
    "brands": [{"market": "m", "brand": "b", "seller": "s", "origin": "import", "price": 10, "currency": "EUR", "units": 5}],
    "owners": [{"seller": "s", "owner": "o", "profit_share": 1, "residence": "foreign"}],
}  # fmt: skip


def kinds(**changed: object) -> list[str]:
    """Kinds of findings in these tables, after changes of their first rows."""
    programme = on.read(demo.folder("iran-1398"))
    tables = {name: [dict(row) for row in rows] for name, rows in GOOD.items()}
    for place, value in changed.items():
        table, _, column = place.partition("__")
        tables[table][0][column] = value
    kept = {name: frame for name, frame in programme.tables.items() if frame.height}
    try:
        found = on.build(programme.settings, {**kept, **tables})
    except on.InputError as fault:
        return [f.kind for f in fault.findings if f.table in GOOD]
    return [f.kind for f in found.warnings if f.table in GOOD]


def test_good_tables_have_no_finding() -> None:
    assert kinds() == []


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"part_markets__regime": "negotiated"}, "no_indexed_share"),
        ({"brands__cost": 5, "brands__margin_share": 0.2}, "cost_and_margin"),
        ({"brands__parallel_price": 12}, "parallel_of_free"),
        ({"owners__profit_share": 0.7}, "owners_not_whole"),
        ({"brands__market": "n"}, "unknown_reference"),
        ({"brands__units": 0}, "out_of_bounds"),
    ],
)
def test_each_fault_is_told(changed: dict[str, object], kind: str) -> None:
    assert kind in kinds(**changed)


def test_a_market_without_brands_and_an_owner_of_nobody_are_told() -> None:
    GOOD["part_markets"].append({**GOOD["part_markets"][0], "market": "empty"})
    GOOD["owners"].append({**GOOD["owners"][0], "seller": "nobody"})
    try:
        assert kinds() == ["no_brands", "idle_owner"]
    finally:
        for name in ("part_markets", "owners"):
            GOOD[name].pop()
