"""Faults between the tables of markets at home: each seen once, and none where there is none."""

from __future__ import annotations

from functools import cache

import pytest

import onshore as on
from onshore import demo

GOOD = {
    "part_markets": [{"market": "m", "level": "retail", "regime": "free", "demand": "logit", "outside_share": 0.3, "elasticity": 0.8}],
    "brands": [{"market": "m", "brand": "b", "seller": "s", "origin": "import", "price": 10, "currency": "EUR", "units": 5}],
    "owners": [{"seller": "s", "owner": "o", "profit_share": 1, "residence": "foreign"}],
}  # fmt: skip


DIFFER = {
    "part_markets": [{"market": "m", "level": "retail", "regime": "free", "demand": "random coefficients", "outside_share": 0.3}],
    "brands": [{"market": "m", "brand": "b", "seller": "s", "origin": "import", "price": 10, "currency": "EUR", "units": 5, "x_size": 1}],
    "buyers": [{"market": "m", "buyer": "1", "weight": 1, "x_minds": 0.8}],
    "tastes": [{"market": "m", "characteristic": "price", "draw": "x_minds", "coefficient": -0.2, "currency": "EUR"},
               {"market": "m", "characteristic": "x_size", "draw": "x_minds", "coefficient": 0.5}],
}  # fmt: skip


@cache
def _programme() -> on.Programme:
    return on.read(demo.folder("iran-1398"))


def kinds(good: dict[str, list[dict[str, object]]] = GOOD, **changed: object) -> list[str]:
    """Kinds of findings in these tables, after changes of their first rows."""
    programme = _programme()
    tables = {name: [dict(row) for row in rows] for name, rows in good.items()}
    for place, value in changed.items():
        table, _, column = place.partition("__")
        tables[table][0][column] = value
    kept = {name: frame for name, frame in programme.tables.items() if frame.height}
    try:
        found = on.build(programme.settings, {**kept, **tables})
    except on.InputError as fault:
        return [f.kind for f in fault.findings if f.table in good]
    return [f.kind for f in found.warnings if f.table in good]


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


def test_buyers_who_differ_have_no_finding() -> None:
    assert kinds(DIFFER) == []


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"part_markets__elasticity": 0.8}, "price_felt_twice"),
        ({"brands__margin_share": 0.2}, "price_felt_twice"),
        ({"part_markets__demand": "logit", "part_markets__elasticity": 0.8}, "idle_tastes"),
        ({"tastes__characteristic": "constant", "tastes__currency": None}, "no_price_taste"),
        ({"tastes__currency": None}, "missing_currency"),
        ({"tastes__coefficient": 0.2}, "likes_to_pay"),
        ({"tastes__draw": "x_mind"}, "unknown_reference"),
        ({"tastes__characteristic": "x_weight"}, "unknown_reference"),
        ({"buyers__weight": 0.9}, "buyers_not_whole"),
        ({"buyers__x_minds": None}, "missing_value"),
        ({"buyers__x_minds": "much"}, "not_a_number"),
        ({"brands__x_size": "big"}, "not_a_number"),
    ],
)
def test_each_fault_of_tastes_is_told(changed: dict[str, object], kind: str) -> None:
    """Fails if a market could be calibrated to buyers that nobody described, or to a number read in a place it is not in."""
    assert kind in kinds(DIFFER, **changed)
