"""What a limit's step and an override are worth: intervals that hold the truth, checked by planning anew."""

import copy
import math

import polars as pl
import pytest
from sourcing.test_properties import free_world
from sourcing.worlds import random_world, seeds

import onshore as on
from onshore.chain import write_plan
from onshore.sourcing import step_worth

SETTINGS = {
    "schema_version": 1,
    "name": "w",
    "currency": "EUR",
    "calendar": "gregorian",
    "first_year": 2027,
    "last_year": 2027,
    "discount_rate": 0,
}
OFFER = {"maker": "m", "currency": "EUR", "annual_max": 100, "lead_time_months": 0}
TABLES = {
    "parts": [{"part": p, "import_price": 10, "currency": "EUR"} for p in ("lamp", "mirror")],
    "needs": [{"part": p, "year": 2027, "units": 100} for p in ("lamp", "mirror")],
    "makers": [{"maker": "m"}],
    "offers": [{"offer": "l", "part": "lamp", "unit_price": 8, "tooling_cost": 40, **OFFER}, {"offer": "r", "part": "mirror", "unit_price": 7, "tooling_cost": 60, **OFFER}],
    "limits": [{"limit": "budget", "measure": "tooling", "sense": "at_most", "value": 70, "currency": "EUR"}],
}  # fmt: skip


def test_a_step_by_hand(tmp_path):
    """If it fails, an office pays too much for room. Mirror gains 240 and lamp 160; both need 100, the budget is 70."""
    run = write_plan(on.plan(on.build(SETTINGS, TABLES), gap=0), tmp_path / "run")
    enough, short = step_worth(run, "budget", 30, gap=0), step_worth(run, "budget", 29, gap=0)
    assert (enough.low, enough.high) == (pytest.approx(160), pytest.approx(160))
    assert (short.low, short.high) == (pytest.approx(0), pytest.approx(0))
    with pytest.raises(on.WrongUse, match="Nearest: `budget`"):
        step_worth(run, "bugdet", 1)


def test_an_override_by_hand():
    """If it fails, a board does not see what its decision costs. Forbidding mirror loses 240 and lets lamp in, 160."""
    decided = [{"what": "part", "key": "mirror", "verdict": "forbid", "reason": "no design rights"}]
    overrides = on.plan(on.build(SETTINGS, {**TABLES, "decisions": decided}), gap=0)["overrides"]
    assert overrides.rows() == [("forbid part mirror", pytest.approx(80), pytest.approx(80), "no design rights")]


def objective(settings: dict, tables: dict) -> float:
    try:
        plan = on.plan(on.build(settings, tables), gap=0)
    except on.NoPlan:
        return math.inf
    return plan.programme.settings.sign * plan.objective


@pytest.mark.parametrize("seed", seeds(7000, 10, 40))
def test_a_step_holds_the_truth(seed, tmp_path):
    """If it fails, the interval does not hold what planning anew with the limit moved gives."""
    settings, tables = free_world(seed)
    try:
        plan = on.plan(on.build(settings, tables), gap=0)
    except on.NoPlan:
        return
    run = write_plan(plan, tmp_path / "run")
    for i, limit in enumerate(tables["limits"]):
        worth = step_worth(run, limit["limit"], gap=0)
        eased = copy.deepcopy(tables)
        eased["limits"][i]["value"] += worth.step
        gained = plan.programme.settings.sign * plan.objective - objective(settings, eased)
        near = 1e-6 * max(1.0, abs(plan.objective))
        assert worth.low - near <= gained <= worth.high + near
        # and no step is worth more than the limit's price allows from the bound that the price belongs to
        price = plan["limits_met"].row(by_predicate=pl.col("bound") == limit["limit"], named=True)["bound_price"]
        sign = plan.programme.settings.sign
        assert gained <= sign * plan.objective - sign * plan.bound_of_prices + price * abs(worth.step) + near


@pytest.mark.parametrize("seed", seeds(7100, 20, 60))
def test_overrides_hold_the_truth(seed):
    """If it fails, the interval does not hold what planning anew without the decision gives."""
    settings, tables = random_world(seed)
    if "decisions" not in tables:
        return
    try:
        plan = on.plan(on.build(settings, tables), gap=0)
    except on.NoPlan:
        return
    row = plan["overrides"].row(0, named=True)
    without = objective(settings, {k: v for k, v in tables.items() if k != "decisions"})
    cost, near = plan.programme.settings.sign * plan.objective - without, 1e-6 * max(1.0, abs(plan.objective))
    assert row["cost_low"] - near <= cost
    assert row["cost_high"] is None or cost <= row["cost_high"] + near
