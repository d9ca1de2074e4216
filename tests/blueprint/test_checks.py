"""Every fault that only several tables together can show: one broken programme a kind, and the place it is told at."""

import copy

import pytest

import onshore as on

SETTINGS = {
    "schema_version": 1, "name": "base", "currency": "EUR", "calendar": "gregorian", "first_year": 2027, "last_year": 2028,
    "discount_rate": 0.05,
}  # fmt: skip
BASE = {
    "sectors": [{"sector": "cars"}],
    "subprojects": [{"subproject": "engine", "sector": "cars"}],
    "parts": [{"part": "pump", "subproject": "engine", "family": "cast", "import_price": 10, "currency": "EUR"}, {"part": "seal", "family": "cast", "import_price": 2, "currency": "EUR"}],
    "products": [{"product": "car"}],
    "bom": [{"product": "car", "part": "block", "quantity": 1}, {"product": "block", "part": "seal", "quantity": 4}],
    "volumes": [{"product": "car", "year": y, "units": 100} for y in (2027, 2028)],
    "needs": [{"part": "pump", "year": 2027, "market": "oem", "units": 100}],
    "makers": [{"maker": "alfa"}, {"maker": "beta"}],
    "partners": [{"partner": "far"}],
    "ventures": [{"venture": "joint", "maker": "alfa", "partner": "far"}],
    "capacity": [{"maker": "alfa", "family": "cast", "year": y, "hours": 50} for y in (2027, 2028)],
    "offers": [{"offer": "o1", "part": "pump", "maker": "alfa", "unit_price": 8, "currency": "EUR", "annual_max": 100, "lead_time_months": 0, "tooling_cost": 0, "hours_per_unit": 1}],
    "uses": [{"offer": "o1", "measure": "jobs", "amount": 3}],
    "limits": [{"limit": "cap", "measure": "tooling", "sense": "at_most", "value": 5, "currency": "EUR"}],
    "contracts": [{"contract": "c1", "kind": "round"}],
}  # fmt: skip

# kind, table, column, row in the table (None: a new row), cells to set there
BROKEN = [
    ("year_outside", "needs", "year", 0, {"year": 2031}),
    ("year_outside", "limits", "years", 0, {"years": "2027-2030"}),
    ("year_outside", "volumes", "year", 0, {"year": 2030}),
    ("bom_cycle", "bom", "part", None, {"product": "block", "part": "block", "quantity": 1}),
    ("unknown_reference", "bom", "part", 1, {"part": "seel"}),
    ("unknown_reference", "bom", "product", 0, {"product": "cra"}),
    ("part_is_product", "parts", "part", None, {"part": "car", "import_price": 1, "currency": "EUR"}),
    ("need_given_twice", "needs", "units", None, {"part": "seal", "year": 2027, "market": "oem", "units": 5}),
    ("need_given_twice", "needs", "market", None, {"part": "pump", "year": 2027, "units": 5}),
    ("no_freight", "parts", "freight", 0, {"incoterm": "FOB"}),
    ("freight_included", "parts", "freight", 0, {"incoterm": "CIF", "freight": 1}),
    ("no_source", "parts", "importable", 1, {"importable": "no"}),
    ("no_experience", "offers", "experience_units", 0, {"progress_ratio": 0.9}),
    ("above_annual_max", "offers", "minimum_units", 0, {"minimum_units": 101}),
    ("above_annual_max", "offers", "guaranteed_units", 0, {"guaranteed_units": 101}),
    ("bad_ramp", "offers", "ramp", 0, {"ramp": "0.5; 1.2"}),
    ("not_its_venture", "offers", "venture", 0, {"maker": "beta", "venture": "joint", "hours_per_unit": 0}),
    ("no_family", "offers", "hours_per_unit", ("parts", 0), {"family": None}),
    ("no_capacity", "offers", "hours_per_unit", 0, {"maker": "beta"}),
    ("module_unknown", "capacity", "module_cost", 0, {"modules_max": 1, "module_hours": 5}),
    ("opens_too_late", "ventures", "opens", ("offers", 0), {"venture": "joint"}),
    ("measure_taken", "uses", "measure", 0, {"measure": "tooling"}),
    ("unknown_measure", "limits", "measure", 0, {"measure": "toling"}),
    ("scope_unfit", "limits", "scope", 0, {"measure": "duty", "scope": "maker", "scope_key": "alfa"}),
    ("scope_without_key", "limits", "scope_key", 0, {"scope": "maker"}),
    ("key_without_scope", "limits", "scope_key", 0, {"scope_key": "alfa"}),
    ("unknown_reference", "limits", "scope_key", 0, {"scope": "maker", "scope_key": "alpha"}),
    ("currency_unfit", "limits", "currency", 0, {"measure": "launches"}),
    ("missing_currency", "limits", "currency", 0, {"currency": None}),
    ("out_of_bounds", "limits", "value", 0, {"measure": "local_content", "currency": None}),
    ("unknown_reference", "decisions", "key", None, {"what": "part", "key": "pomp", "verdict": "force", "reason": "so"}),
    ("unknown_reference", "contracts", "part_of", 0, {"part_of": "c9"}),
    ("unknown_reference", "contracts", "may_repeat", 0, {"may_repeat": "c9"}),
    ("two_wholes", "contracts", "part_of", None, {"contract": "c2", "kind": "subset", "part_of": "c1+c1"}),
    ("piece_of_itself", "subprojects", "parent", 0, {"parent": "engine"}),
    ("commitment_without_offer", "contract_lines", "offer", None, {"contract": "c1", "maker": "beta", "part": "pump"}),
    ("unknown_reference", "scenarios", "column", None, {"scenario": "s", "table": "offers", "key": "o1", "column": "price", "value": "1"}),
    ("unknown_reference", "uncertainty", "table", None, {"table": "offer", "key": "*", "column": "unit_price", "distribution": "normal", "parameters": "sigma=1"}),
    ("unknown_reference", "targets", "scope", None, {"target": "t", "measure": "imports", "scope": "trucks", "value": 1}),
    ("rate_of_itself", "rates", "quote", None, {"date": "2026-01-01", "base": "EUR", "quote": "EUR", "market": "ECB", "quote_per_base": 1}),
    ("no_rate", "parts", "currency", 0, {"currency": "IRR"}),
    ("no_rate", "limits", "currency", 0, {"currency": "IRR"}),
    ("assembly_bought_whole", "parts", "part", None, {"part": "block", "import_price": 9, "currency": "EUR"}),
    ("local_above_value", "products", "other_local_value", 0, {"other_value": 5, "other_local_value": 6, "currency": "EUR"}),
    ("volume_gap", "volumes", "year", None, {"product": "van", "year": 2027, "units": 5}),
    ("decisions_conflict", "decisions", "verdict", 0, {"what": "offer", "key": "o1", "verdict": "force", "reason": "so"}),
    ("rate_jump", "rates", "quote_per_base", 1, {"quote_per_base": 12.0}),
    ("idle_family", "capacity", "family", None, {"maker": "alfa", "family": "cats", "year": 2027, "hours": 1}),
    ("no_need", "parts", "part", None, {"part": "mirror", "import_price": 9, "currency": "EUR"}),
]  # fmt: skip
BROKEN_SETTINGS = [
    ("unknown_measure", "objective", {"objective": "profit"}),
    ("most_cost", "objective_sense", {"objective_sense": "most"}),
    ("unknown_market", "rate_market", {"rate_market": "free"}),
]


def findings(settings: dict, tables: dict) -> tuple[on.Finding, ...]:
    """All of them, warnings too."""
    try:
        return on.build(settings, tables).warnings
    except on.InputError as error:
        return error.findings


def test_the_base_has_no_fault():
    """If it fails, the broken programmes below are broken for another reason than they say."""
    assert findings(SETTINGS, BASE) == ()


@pytest.mark.parametrize(
    ("kind", "table", "column", "at", "cells"), BROKEN, ids=lambda v: v if isinstance(v, str) else ""
)
def test_fault_is_found_at_its_place(kind, table, column, at, cells):
    """If it fails, a planner trips over this fault instead of telling it."""
    tables = copy.deepcopy(BASE)
    broken, index = at if isinstance(at, tuple) else (table, at)
    if kind == "opens_too_late":
        tables["ventures"][0]["opens"] = "2029-01-01"
    if kind == "volume_gap":
        tables["products"].append({"product": "van"})
    if kind == "decisions_conflict":
        tables["decisions"] = [{}, {"what": "part", "key": "pump", "verdict": "forbid", "reason": "so"}]
    if kind == "rate_jump":
        tables["rates"] = [
            {"date": f"2026-0{m}-01", "base": "USD", "quote": "EUR", "market": "lab", "quote_per_base": 0.9}
            for m in (1, 2)
        ]
    if index is None:
        tables.setdefault(broken, []).append(cells)
    else:
        tables[broken][index].update(cells)
    found = [f for f in findings(SETTINGS, tables) if (f.kind, f.table, f.column) == (kind, table, column)]
    assert found, findings(SETTINGS, tables)
    assert "{" not in found[0].cause + found[0].remedy
    if broken == table:
        assert found[0].row == (len(tables[table]) - 1 if index is None else index) + 2  # the heading is row 1


@pytest.mark.parametrize(("kind", "column", "settings"), BROKEN_SETTINGS, ids=[k for k, _, _ in BROKEN_SETTINGS])
def test_settings_that_cannot_be_planned(kind, column, settings):
    """If it fails, a setting that no plan can follow is accepted."""
    found = findings({**SETTINGS, **settings}, BASE)
    assert [(f.kind, f.column) for f in found if f.level == "error"] == [(kind, column)]


def test_scarcity_counted_twice_is_warned_about():
    """If it fails, a shadow premium and a hard ceiling on foreign currency add up unseen."""
    tables = {
        **BASE,
        "limits": [{"limit": "fx", "measure": "foreign_currency", "sense": "at_most", "value": 5, "currency": "EUR"}],
    }
    assert [f.kind for f in findings({**SETTINGS, "shadow_premium": 0.2}, tables)] == ["scarce_twice"]


def test_nearest_name_is_given():
    """If it fails, the next thing to type is not said."""
    tables = copy.deepcopy(BASE)
    tables["limits"][0].update(scope="maker", scope_key="alpha")
    assert "Nearest: `alfa`." in str(findings(SETTINGS, tables)[0])


def test_several_faults_are_told_at_once():
    """If it fails, a user mends one fault only to meet the next."""
    tables = copy.deepcopy(BASE)
    tables["needs"][0]["year"] = 2031
    tables["limits"][0]["measure"] = "toling"
    tables["offers"][0]["progress_ratio"] = 0.9
    assert {f.kind for f in findings(SETTINGS, tables) if f.level == "error"} == {
        "year_outside",
        "unknown_measure",
        "no_experience",
    }


def test_faults_of_cells_and_of_tables_are_told_together():
    """If it fails, mending twelve faults of cells uncovers three more between tables."""
    tables = copy.deepcopy(BASE)
    tables["offers"][0]["unit_price"] = "dear"
    tables["bom"][1]["part"] = "seel"
    tables["volumes"][0]["year"] = 2040
    tables["limits"][0]["currency"] = None
    found = {(f.kind, f.table) for f in findings(SETTINGS, tables) if f.level == "error"}
    assert found == {
        ("not_a_number", "offers"),
        ("unknown_reference", "bom"),
        ("year_outside", "volumes"),
        ("missing_currency", "limits"),
    }


def test_one_fault_does_not_show_as_many():
    """If it fails, a part whose price is misspelt is also reported as missing wherever it is named."""
    tables = copy.deepcopy(BASE)
    tables["parts"][0]["import_price"] = "dear"
    tables["parts"][1]["import_price"] = "dear"
    assert {f.kind for f in findings(SETTINGS, tables)} == {"not_a_number"}
