"""Runs to tell: a made-up programme with everything in it, and the shipped demonstration."""

from __future__ import annotations

from pathlib import Path

import pytest

from onshore import demo
from onshore.blueprint.programme import Programme, build
from onshore.chain import plan_and_report, write_plan
from onshore.report import write_report
from onshore.sourcing import Plan, plan

EVIL = '<script>alert("x")</script>'
"""A name that must never become markup."""

SETTINGS = {
    "schema_version": 1, "name": f"Pumps {EVIL}", "currency": "EUR", "calendar": "gregorian", "first_year": 2020, "last_year": 2023,
    "discount_rate": 0.08, "asset_life_years": 8, "shadow_premium": 0.1,
    "options": {"start_years": [2020, 2021], "pairs_max": 2},
}  # fmt: skip


def everything() -> dict[str, list[dict[str, object]]]:
    """Four parts in three currencies; hours, modules, a venture, limits of every temper, contracts, targets."""
    makers = [
        {"maker": m, "name": n, "region": "north"}
        for m, n in (("alfa", f"Alfa {EVIL}"), ("beta", "Beta"), ("gama", None))
    ]
    parts = [
        {"part": "rotor", "name": f"Rotor {EVIL}", "subproject": "wet", "import_price": 120, "currency": "USD", "duty_share": 0.1, "family": "casting", "defects_ppm": 200, "source": "Customs 2019, https://example.org/a?b=1&c=2"},
        {"part": "seal", "name": "Seal", "import_price": 9, "currency": "CNY", "duty_share": 0.05, "family": "rubber", "source": "javascript:alert(1)"},
        {"part": "motor", "import_price": 310, "currency": "EUR", "duty_share": 0.0, "family": "winding", "defects_ppm": 90, "x_assumption": "Priced like its neighbour."},
        {"part": "housing", "name": "Housing", "import_price": 44, "currency": "USD", "duty_share": 0.1, "family": "casting", "source": "Customs 2019"},
    ]  # fmt: skip
    for part in parts:
        part.setdefault("source", None)
        part.setdefault("x_assumption", None)
        part.update(price_date="2019-06-30", incoterm="CIF")
    needs = [
        {"part": p["part"], "year": y, "units": 20000 + 1000 * (y - 2020)} for p in parts for y in range(2020, 2024)
    ]
    offer = {
        "annual_max": 60000,
        "lead_time_months": 6,
        "tooling_cost": 300000,
        "currency": "EUR",
        "tooling_paid_by": "buyer",
    }
    offers = [
        {**offer, "offer": "o1", "part": "rotor", "maker": "alfa", "unit_price": 90, "hours_per_unit": 0.2, "defects_ppm": 300, "imported_input_share": 0.3},
        {**offer, "offer": "o2", "part": "rotor", "maker": "beta", "unit_price": 84, "hours_per_unit": 0.1, "defects_ppm": 150, "imported_input_share": 0.2, "venture": "v1"},
        {**offer, "offer": "o3", "part": "seal", "maker": "gama", "unit_price": 0.8, "hours_per_unit": None, "defects_ppm": None, "imported_input_share": None, "tooling_cost": 20000},
        {**offer, "offer": "o4", "part": "housing", "maker": "alfa", "unit_price": 30, "hours_per_unit": 0.1, "defects_ppm": None, "imported_input_share": 0.1, "tooling_cost": 290000, "tooling_paid_by": "public"},
    ]  # fmt: skip
    return {
        "sectors": [{"sector": "pumps", "name": "Pumps"}],
        "subprojects": [{"subproject": "wet", "sector": "pumps"}],
        "parts": parts,
        "needs": needs,
        "makers": makers,
        "capacity": [
            {"maker": m, "family": "casting", "year": y, "hours": 1500, "module_hours": 2500, "module_cost": 100000, "currency": "EUR", "modules_max": 3, "module_lead_years": 0}
            for m in ("alfa", "beta") for y in range(2020, 2024)
        ],
        "partners": [{"partner": "omega", "name": "Omega", "country": "Italy"}],
        "ventures": [{"venture": "v1", "maker": "beta", "partner": "omega", "set_up_cost": 50000, "currency": "EUR", "royalty_share": 0.02}],
        "offers": offers,
        "uses": [{"offer": "o1", "measure": "jobs", "year": None, "amount": 40, "unit": "jobs", "per": "award"}],
        "limits": [
            {"limit": "tooling-budget", "measure": "tooling", "years": None, "sense": "at_most", "value": 615000, "currency": "EUR", "penalty": None},
            {"limit": "public-purse", "measure": "public_money", "years": "2020-2023", "sense": "at_most", "value": 1000000, "currency": "EUR", "penalty": None},
            {"limit": "work", "measure": "jobs", "years": None, "sense": "at_least", "value": 60, "currency": None, "penalty": 100.0},
            {"limit": "local", "measure": "local_content", "years": "2022", "sense": "at_least", "value": 0.05, "currency": None, "penalty": None},
        ],
        "contracts": [
            {"contract": "K1", "name": f"First {EVIL}", "kind": "round", "signed": "2019-07-20", "value": 7400000000000, "currency": "IRR", "saving_per_year": 85000000, "saving_currency": "EUR", "source": "https://example.org/k1"},
            {"contract": "K2", "name": None, "kind": "statement", "signed": "2019-08-01", "value": 500000, "currency": "EUR", "saving_per_year": None, "saving_currency": None, "source": None},
        ],
        "rates": [{"date": "2019-07-01", "base": "EUR", "quote": "IRR", "market": "free", "quote_per_base": 135000}],
        "targets": [{"target": "t1", "measure": "imports replaced", "scope": "pumps", "value": 1400000000, "currency": "USD", "due": "2022-03-20"}],
    }  # fmt: skip


def cars() -> dict[str, list[dict[str, object]]]:
    """Two products, two sectors, two regions, terms of payment, a term, public support, a decision: what `everything` lacks."""
    years = range(2020, 2024)
    parts: list[dict[str, object]] = [
        {"part": p, "name": n, "subproject": s, "import_price": c, "currency": "EUR", "duty_share": 0.05, "family": "casting", "defects_ppm": d}
        for p, n, s, c, d in (
            ("rim", f"Rim {EVIL}", "wheels", 40, 100), ("tyre", "=SUM(A1)", "wheels", 55, 50), ("ecu", "Control unit", "chips", 90, 400),
            ("loom", "Same name", "chips", 70, 300), ("chip", "Same name", "chips", 8, 20), ("bolt", None, None, 2, 10), ("vault", "Vault", "chips", 500, 10),
        )
    ]  # fmt: skip
    for part in parts:
        part.update(price_date="2019-06-30", incoterm="CIF", source="Made up", x_assumption="Made up.")
    offer = {"currency": "EUR", "annual_max": 90000, "tooling_paid_by": "maker", "hours_per_unit": 0.01, "prepayment_share": 0.2, "payment_days": 120}  # fmt: skip
    offers = [
        {**offer, "offer": f"{p}-{m}", "part": p, "maker": m, "unit_price": c, "lead_time_months": lead, "tooling_cost": t, "defects_ppm": d, "term_years": y, "public_support": g, "imported_input_share": 0.25}
        for p, m, c, lead, t, d, y, g in (
            ("rim", "north-1", 30, 4, 100000, 300, 2.5, 20000), ("tyre", "south-1", 45, 9, 200000, 40, None, None), ("ecu", "north-1", 70, 14, 300000, 700, 5, 50000),
            ("loom", "south-2", 50, 2, 90000, 500, None, None), ("chip", "south-2", 12, 6, 10000, 10, None, None), ("vault", "north-1", 300, 6, 10000, 10, None, None),
        )
    ]  # fmt: skip
    offers[-2]["tooling_paid_by"] = "public"
    return {
        "sectors": [{"sector": "steel", "name": f"Steel {EVIL}"}, {"sector": "electronics", "name": "Electronics"}],
        "subprojects": [{"subproject": "wheels", "sector": "steel", "name": None}, {"subproject": "chips", "sector": "electronics", "name": "Chips"}],
        "parts": parts,
        "products": [
            {"product": "small", "name": f"Small {EVIL}", "other_value": 800, "other_local_value": 500, "currency": "EUR"},
            {"product": "large", "name": "Large", "other_value": 1500, "other_local_value": 700, "currency": "EUR"},
        ],
        "bom": [
            {"product": product, "part": part["part"], "quantity": 4 if part["part"] in ("rim", "tyre") else n}
            for product, n in (("small", 1), ("large", 2)) for part in parts if (product, part["part"]) != ("small", "vault")
        ],
        "volumes": [{"product": p, "year": y, "units": u + 100 * (y - 2020)} for p, u in (("small", 9000), ("large", 4000)) for y in years],
        "makers": [{"maker": "north-1", "name": f"North {EVIL}", "region": f"North {EVIL}"}, {"maker": "south-1", "name": "Twin", "region": "South"}, {"maker": "south-2", "name": "Twin", "region": "South"}],
        "capacity": [{"maker": m, "family": "casting", "year": y, "hours": 800, "currency": "EUR"} for m in ("north-1", "south-1", "south-2") for y in years],
        "offers": offers,
        "limits": [{"limit": "local-small", "measure": "local_content", "scope": "product", "scope_key": "small", "years": "2023", "sense": "at_least", "value": 0.4, "currency": None}],
        "decisions": [{"what": "part", "key": "vault", "verdict": "forbid", "reason": f"No approval {EVIL}", "by": "Board"}],
    }  # fmt: skip


def told(made: Plan, path: Path) -> Path:
    """The plan's run, with its report."""
    run = write_plan(made, path)
    write_report(run)
    return run


@pytest.fixture(scope="session")
def programme() -> Programme:
    return build(SETTINGS, everything())


@pytest.fixture(scope="session")
def full(programme: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of the made-up programme."""
    return told(plan(programme), tmp_path_factory.mktemp("runs") / "full")


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of two made-up products."""
    settings = {key: value for key, value in SETTINGS.items() if key != "options"} | {"name": "Two cars"}
    return told(plan(build(settings, cars())), tmp_path_factory.mktemp("runs") / "line")


@pytest.fixture(scope="session")
def iran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of the demonstration."""
    out = tmp_path_factory.mktemp("runs") / "iran"
    plan_and_report(demo.folder("iran-1398"), out)
    return out
