"""Random tiny programmes with every feature of the planner switched on at random, from a seed."""

from __future__ import annotations

import random

import pytest

MEASURES = (
    "cost", "foreign_currency", "tooling", "investment", "public_money", "contract_value", "home_purchases",
    "imports_displaced", "imports_displaced_net", "local_value", "units_home", "machine_hours", "defects", "launches",
    "energy",
)  # fmt: skip
MONEY = {
    "cost", "foreign_currency", "tooling", "investment", "public_money", "contract_value", "home_purchases",
    "imports_displaced", "imports_displaced_net", "local_value",
}  # fmt: skip


def random_world(seed: int, parts: int | None = None) -> tuple[dict, dict[str, list[dict]]]:
    """Settings and tables; some worlds have no plan at all."""
    r = random.Random(seed)
    first, T = 2027, r.choice((1, 2, 2, 3))
    years = range(first, first + T)
    P = parts or r.choice((1, 2, 2, 3) if T < 3 else (1, 2))

    def some(row: dict, key: str, probability: float, value: object) -> None:
        """Set a column of the row, or leave it out."""
        if r.random() < probability:
            row[key] = value() if callable(value) else value

    settings = {
        "schema_version": 1, "name": f"world {seed}", "currency": "EUR", "calendar": "gregorian", "first_year": first,
        "last_year": first + T - 1, "discount_rate": r.choice((0.0, 0.1)), "rate_market": "lab",
        "perspective": r.choice(("buyer", "programme")), "objective": "cost", "objective_sense": "least",
        "shadow_premium": r.choice((0.0, 0.0, 0.2)),
        "options": {"share_steps": r.choice(([1.0], [0.5, 1.0])), "split_steps": r.choice(([0.5], [0.6])), "pairs_max": r.choice((0, 1, 2))},
    }  # fmt: skip
    some(settings, "asset_life_years", 0.5, 5)
    if T > 1:
        some(settings["options"], "start_years", 0.3, lambda: sorted(r.sample(list(years), r.randint(1, T))))
    if r.random() < 0.15:
        settings["objective"], settings["objective_sense"] = r.choice(
            (("imports_displaced", "most"), ("energy", "least"), ("investment", "least"), ("units_home", "most"))
        )
    tables: dict[str, list[dict]] = {
        "rates": [{"date": "2026-01-01", "base": "USD", "quote": "EUR", "market": "lab", "quote_per_base": 0.8}]
    }
    tables["makers"] = [
        {"maker": m, "owner_group": r.choice("xy"), "region": r.choice("NS")} for m in ("m1", "m2", "m3")
    ]
    tables["partners"] = [{"partner": "f1"}]
    tables["ventures"] = [_venture(r, first, some)]
    tables["parts"] = [_part(r, f"p{i}", some) for i in range(P)]
    tables["needs"] = [
        {"part": p["part"], "year": y, "units": r.choice((0, 40, 100, 120))} for p in tables["parts"] for y in years
    ]
    for p in range(P):
        tables["needs"][p * T]["units"] = 80
    tables["offers"] = [
        _offer(r, p["part"], f"{p['part']}-o{i}", T, some)
        for p in tables["parts"]
        for i in range(r.choice((1, 2, 2, 3)))
    ]
    tables["capacity"] = [row for m in ("m1", "m2", "m3") for row in _shop(r, m, years)]
    tables["uses"] = _uses(r, tables["offers"], years)
    tables["limits"] = _limits(r, tables, years)
    _decide(r, tables)
    return settings, tables


def _venture(r: random.Random, first: int, some) -> dict:
    row = {
        "venture": "v1",
        "maker": "m1",
        "partner": "f1",
        "opens": f"{first}-0{r.choice((1, 1, 7))}-01",
        "set_up_cost": r.choice((0, 60, 300)),
        "currency": "EUR",
    }
    some(row, "royalty_share", 0.5, 0.05)
    some(row, "years", 0.3, 1.5)
    return row


def _part(r: random.Random, name: str, some) -> dict:
    row = {
        "part": name,
        "family": r.choice(("cast", "press")),
        "import_price": r.choice((8, 10, 12.5)),
        "currency": r.choice(("EUR", "USD")),
    }
    some(row, "duty_share", 0.5, 0.1)
    some(row, "defects_ppm", 0.5, 20000)
    if r.random() < 0.3:
        row.update(incoterm="FOB", freight=0.5)
    some(row, "importable", 0.1, "no")
    return row


def _offer(r: random.Random, part: str, name: str, T: int, some) -> dict:
    row = {
        "offer": name, "part": part, "maker": r.choice(("m1", "m2", "m3")), "unit_price": r.choice((6, 7.5, 9, 11)), "currency": r.choice(("EUR", "USD")),
        "annual_max": r.choice((50, 100, 200)), "lead_time_months": r.choice((0, 0, 5, 12)), "tooling_cost": r.choice((0, 50, 200)),
    }  # fmt: skip
    if row["maker"] == "m1":
        some(row, "venture", 0.5, "v1")
    for key, p, value in (
        ("price_indexation", 0.3, -0.03), ("minimum_units", 0.3, 30), ("ramp", 0.4, "0.4; 0.75; 1"), ("term_years", 0.3, lambda: r.choice((1, 2.5))),
        ("tooling_paid_by", 0.5, lambda: r.choice(("buyer", "maker", "public"))), ("tooling_imported_share", 0.3, 0.4), ("public_support", 0.3, 20),
        ("guaranteed_units", 0.2, 35), ("imported_input_share", 0.6, 0.3), ("hours_per_unit", 0.6, lambda: r.choice((0.5, 1))), ("defects_ppm", 0.5, 40000),
        ("valid_until", 0.2, "2027-07-01"),
    ):  # fmt: skip
        some(row, key, p, value)
    if r.random() < 0.3:
        row.update(progress_ratio=0.85, experience_units=r.choice((20, 200)))
    return row


def _shop(r: random.Random, maker: str, years) -> list[dict]:
    expandable = r.random() < 0.4
    rows = []
    for family in ("cast", "press"):
        hours, most, lead = r.choice((20, 60, 150)), r.choice((1, 2)), r.choice((0, 1))
        for y in years:
            row = {"maker": maker, "family": family, "year": y, "hours": hours}
            if expandable and family == "cast":
                row.update(
                    module_hours=50,
                    module_cost=r.choice((10, 80)),
                    currency="EUR",
                    modules_max=most,
                    module_lead_years=lead,
                )
            rows.append(row)
    return rows


def _uses(r: random.Random, offers: list[dict], years) -> list[dict]:
    rows = []
    for o in offers:
        if r.random() < 0.7:
            row = {"offer": o["offer"], "measure": "energy", "amount": r.choice((1, 5)), "unit": "MWh"}
            if r.random() < 0.4:
                row["year"] = r.choice(list(years))
            if r.random() < 0.6:
                row["per"] = r.choice(("award", "unit", "year"))
            rows.append(row)
    rows.append({"offer": offers[0]["offer"], "measure": "energy-2", "amount": 1, "unit": "MWh"})
    return (
        rows
        if any(u["measure"] == "energy" for u in rows)
        else [*rows, {"offer": offers[0]["offer"], "measure": "energy", "amount": 3, "unit": "MWh"}]
    )


def _limits(r: random.Random, tables: dict, years) -> list[dict]:
    rows = []
    for i in range(r.choice((0, 1, 2, 3))):
        row: dict = {"limit": f"l{i}"}
        if r.random() < 0.25:
            row["measure"] = r.choice(("maker_share", "local_content", "defects_ppm"))
            row["value"] = {"maker_share": 0.6, "local_content": 0.2, "defects_ppm": 25000}[row["measure"]]
            row["sense"] = "at_least" if row["measure"] == "local_content" else "at_most"
        else:
            row["measure"] = r.choice(MEASURES)
            row["sense"] = r.choice(("at_most", "at_most", "at_least"))
            row["value"] = r.choice((1, 2)) if row["measure"] == "launches" else r.choice((5, 60, 150, 500, 900))
            if row["measure"] in MONEY:
                row["currency"] = r.choice(("EUR", "USD"))
        scope = (
            "maker"
            if row["measure"] == "maker_share"
            else r.choice(("programme", "programme", "part", "family", "maker", "owner_group", "region", "venture"))
        )
        if row["measure"] in ("local_content",):
            scope = "programme"
        if row["measure"] == "defects_ppm" and scope not in ("part", "family"):
            scope = "programme"
        if scope != "programme":
            groups = {
                "part": [p["part"] for p in tables["parts"]],
                "family": [p["family"] for p in tables["parts"]],
                "venture": ["v1"],
            }
            row.update(
                scope=scope,
                scope_key=r.choice(groups[scope] if scope in groups else [m[scope] for m in tables["makers"]]),
            )
        if r.random() < 0.4:
            row["years"] = str(r.choice(list(years)))
        if r.random() < 0.4 or row["sense"] == "at_least":
            row["penalty"] = r.choice((0.5, 3))
        rows.append(row)
    return rows


def _decide(r: random.Random, tables: dict) -> None:
    if r.random() < 0.35:
        what = r.choice(("part", "maker", "venture", "offer"))
        key = {
            "part": tables["parts"][0]["part"],
            "maker": "m2",
            "venture": "v1",
            "offer": tables["offers"][0]["offer"],
        }[what]
        tables["decisions"] = [
            {"what": what, "key": key, "verdict": r.choice(("force", "forbid")), "reason": "a board said so"}
        ]
    if r.random() < 0.15:
        o = r.choice(tables["offers"])
        tables["contracts"] = [{"contract": "c1", "kind": "single contract"}]
        tables["contract_lines"] = [{"contract": "c1", "maker": o["maker"], "part": o["part"]}]


def free_world(seed: int) -> tuple[dict, dict]:
    """A random world without decisions, commitments, or a bound on pairs that another offer could shift."""
    settings, tables = random_world(seed)
    settings["options"]["pairs_max"] = 100
    return settings, {
        name: rows for name, rows in tables.items() if name not in ("decisions", "contracts", "contract_lines")
    }


def tightened(tables: dict[str, list[dict]], by: float = 0.2) -> dict[str, list[dict]]:
    """The tables with every limit by this share of its value tighter."""
    limits = []
    for limit in tables["limits"]:
        value = limit["value"] * (1.0 - by if limit["sense"] == "at_most" else 1.0 + by)
        if limit["measure"] in ("maker_share", "local_content"):
            value = min(value, 1.0)
        limits.append({**limit, "value": value})
    return {**tables, "limits": limits}


def seeds(first: int, some: int, more: int) -> list:
    """So many seeds for every run, and more of them for the slow one."""
    slow = [pytest.param(s, marks=pytest.mark.slow) for s in range(first + some, first + some + more)]
    return [*range(first, first + some), *slow]
