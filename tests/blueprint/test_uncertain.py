"""What `scenarios` and `uncertainty` may say, and how a number is drawn: known means, known ends, faults at their place."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from blueprint.test_checks import BASE, SETTINGS, findings

from onshore.blueprint.declared import TABLES
from onshore.blueprint.uncertain import DISTRIBUTIONS, named, parameters

GRID = (np.arange(20_000) + 0.5) / 20_000


@pytest.mark.parametrize(
    ("distribution", "text", "mean", "least", "most"),
    [
        ("normal", "sigma=0.2", 1.0, -np.inf, np.inf),
        ("normal", "sigma=0.1; mean=1.5", 1.5, -np.inf, np.inf),
        ("lognormal", "sigma=0.4", 1.0, 0.0, np.inf),
        ("lognormal", "sigma=0.4; mean=1.2", 1.2, 0.0, np.inf),
        ("uniform", "low=0.8; high=1.4", 1.1, 0.8, 1.4),
        ("triangular", "low=0.9; high=1.5", 3.4 / 3, 0.9, 1.5),
        ("triangular", "low=0.5; mode=1.5; high=1.5", 3.5 / 3, 0.5, 1.5),
        ("triangular", "low=1; mode=1; high=1", 1.0, 1.0, 1.0),
    ],
)
def test_a_distribution_has_its_mean_and_its_ends(distribution, text, mean, least, most):
    """If it fails, draws are biased, or lie where the parameters say they cannot."""
    given, faults = parameters(distribution, text)
    assert faults == []
    drawn = np.array([DISTRIBUTIONS[distribution].factor(u, given) for u in GRID])
    assert drawn.mean() == pytest.approx(mean, abs=2e-3)
    assert (np.diff(drawn) >= 0).all()  # a larger u never draws less, so that cells of a group move together
    assert least <= drawn.min() <= drawn.max() <= most


def test_parameters_tell_everything_that_is_wrong():
    """If it fails, a slip in one parameter hides another, or passes for none."""
    assert parameters("triangular", "low=1.6;mood=3;high=x")[1] == [
        "it has no `mood`; nearest: `mode`",
        "`x` is not a number",
    ]
    assert parameters("uniform", "low=2; low=1")[1] == ["`low` is given twice", "`high` is missing"]
    assert parameters("uniform", "low=2; high=1")[1] == ["low, high are not in rising order"]
    assert parameters("normal", "0.2")[1] == ["`0.2` is no `name=value`", "`sigma` is missing"]
    assert parameters("lognormal", "sigma=-1")[1] == ["sigma is below 0"]
    assert parameters("bernoulli", "p=2; value=1")[1] == ["p is not between 0 and 1"]
    assert parameters("bernoulli", "p=0.5")[1] == ["`value` is missing"]
    assert parameters("bernoulli", "p=0.5; value=1", failing=True)[1] == ["what fails has no `value`"]


def row(**cells: object) -> dict[str, object]:
    return {
        "table": "offers",
        "key": "o1",
        "column": "unit_price",
        "distribution": "lognormal",
        "parameters": "sigma=0.1",
        **cells,
    }


MAYBE = {"distribution": "bernoulli", "parameters": "p=0.1"}
DRAWN = [
    ("bad_parameters", "parameters", row(parameters="sigma=-1")),
    ("cannot_change", "column", row(column="maker")),
    ("cannot_change", "column", row(column="offer", table="uses")),
    ("cannot_change", "column", row(column="tooling_paid_by")),
    ("cannot_change", "distribution", row(table="makers", key="alfa", column="maker")),
    ("nothing_to_draw", "key", row(column="guaranteed_units")),
    ("draws_beyond", "parameters", row(table="bom", key="*", column="quantity", distribution="normal")),
    ("draws_beyond", "parameters", row(column="annual_max", distribution="bernoulli", parameters="p=0.1; value=-1")),
    ("unknown_reference", "key", row(key="o9")),
    ("unknown_reference", "key", {"table": "makers", "key": "gamma", "column": "maker", **MAYBE}),
]
OFFER = {"scenario": "s", "table": "offers", "key": "o1"}
WRITTEN = [
    ("not_a_number", "value", {**OFFER, "column": "unit_price", "value": "dear"}),
    ("out_of_bounds", "value", {**OFFER, "column": "annual_max", "value": "-1"}),
    ("not_a_choice", "value", {"scenario": "s", "table": "makers", "key": "alfa", "column": "maker", "value": "gone"}),
    ("cannot_change", "column", {"scenario": "s", "table": "needs", "key": "pump", "column": "year", "value": "2028"}),
]


@pytest.mark.parametrize(("table", "rows"), [("uncertainty", DRAWN), ("scenarios", WRITTEN)])
def test_every_fault_is_told_at_its_place(table, rows):
    """If it fails, a world is drawn from nonsense, or nobody is told where it stands, or one fault hides another."""
    found = findings(SETTINGS, {**copy.deepcopy(BASE), table: [cells for _, _, cells in rows]})
    expected = [(kind, table, i, column) for i, (kind, column, _) in enumerate(rows, start=2)]
    assert [(f.kind, f.table, f.row, f.column) for f in found] == expected
    assert not any("{" in f.cause + f.remedy for f in found)


def test_a_key_that_is_nowhere_hides_nothing_beside_it():
    """If it fails, the parameters of a row are told only once its key is right."""
    found = findings(SETTINGS, {**copy.deepcopy(BASE), "uncertainty": [row(key="o9", parameters="sigma=-1")]})
    assert {(f.kind, f.column) for f in found} == {("unknown_reference", "key"), ("bad_parameters", "parameters")}


def test_a_cell_changes_once_in_a_world():
    """If it fails, two rows fight over a cell and the last one wins in silence; or two scenarios may not share a cell."""
    both = [row(key="*"), row()]
    found = findings(SETTINGS, {**copy.deepcopy(BASE), "uncertainty": both})
    assert [(f.kind, f.row) for f in found] == [("changed_twice", 3)]
    price = {"table": "offers", "key": "o1", "column": "unit_price", "value": "9"}
    assert findings(SETTINGS, {**copy.deepcopy(BASE), "scenarios": [{"scenario": s, **price} for s in "ab"]}) == ()


def test_a_key_of_several_columns():
    """If it fails, a row of a table with a longer key cannot be named, or more rows than meant are changed."""
    import onshore as on

    frame = on.build(SETTINGS, BASE)["volumes"]
    assert named(TABLES["volumes"], frame, "car", "units").to_list() == [True, True]
    assert named(TABLES["volumes"], frame, "car, 2028", "units").to_list() == [False, True]
    assert named(TABLES["volumes"], frame, "*, 2027", "units").to_list() == [True, False]
    assert not named(TABLES["volumes"], frame, "car, 2027, x", "units").any()
