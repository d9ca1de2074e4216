"""What a limit's step and an override are worth: intervals that hold the truth, checked by planning anew."""

import copy
import math

import polars as pl
import pytest
from sourcing.test_properties import free_world
from sourcing.worlds import random_world, seeds

import onshore as on
from onshore.chain import write_plan
from onshore.sourcing import explain, methods, step_worth, verify

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


def test_the_certificate_and_the_useful_step_by_hand(tmp_path):
    """If it fails, an office is told a wrong least step. Budget 70: mirror (60) is in, and lamp lacks 30 of its 40."""
    plan = on.plan(on.build(SETTINGS, TABLES), gap=0)
    row = plan["steps"].row(0, named=True)
    assert (row["step"], row["unit"], row["how"]) == (pytest.approx(0.7), "EUR", "certificate")
    # the relaxation takes a quarter of lamp: 160 / 4 above the plan; a euro more of budget is worth 160 / 40
    assert (row["worth_low"], row["worth_high"]) == (0, pytest.approx(160 / 4 + 0.7 * 160 / 40))
    assert (row["useful_part"], row["useful_saving"]) == ("lamp", pytest.approx(160))
    assert row["useful_step"] == pytest.approx(30)
    again = on.plan(on.build(SETTINGS, TABLES), gap=0, steps=True)["steps"].row(0, named=True)
    assert (again["how"], again["worth_high"]) == ("planned again", pytest.approx(0))
    run = write_plan(plan, tmp_path / "run")
    assert "30 EUR lets lamp move, and gains 160.00" in explain(run, "budget").summary()


@pytest.mark.parametrize("seed", seeds(7200, 20, 60))
def test_steps_hold_the_truth_and_useful_ones_are(seed, tmp_path):
    """If it fails, a step is worth more or less than the certificate says, or the step that was named helps nobody."""
    settings, tables = random_world(seed)
    try:
        plan = on.plan(on.build(settings, tables), gap=0)
    except on.NoPlan:
        return
    now, near = plan.programme.settings.sign * plan.objective, 1e-6 * max(1.0, abs(plan.objective))
    narrow = on.plan(on.build(settings, tables), gap=0, steps=True)["steps"]
    whole = plan["limits_met"].filter(pl.col("bound") == pl.col("limit"))["limit"]
    at = {limit["limit"]: i for i, limit in enumerate(tables["limits"])}
    assert plan["steps"]["bound"].to_list() == plan["limits_met"]["bound"].to_list()

    def gained(limit, step):
        eased = copy.deepcopy(tables)
        eased["limits"][at[limit]]["value"] += step
        return now - objective(settings, eased)

    for row, again in zip(plan["steps"].iter_rows(named=True), narrow.iter_rows(named=True), strict=True):
        if row["bound"] not in set(whole):
            continue
        worth = gained(row["bound"], row["step"])
        assert row["worth_low"] - near <= worth <= row["worth_high"] + near
        assert again["worth_low"] - near <= worth <= again["worth_high"] + near
        assert row["worth_low"] <= again["worth_low"] + near
        assert again["worth_high"] <= row["worth_high"] + near
        if row["useful_step"] is not None:
            assert row["useful_saving"] > 0
            assert gained(row["bound"], row["useful_step"] * (1 + 1e-6)) >= row["useful_saving"] - near


@pytest.mark.parametrize("seed", seeds(7400, 6, 40))
def test_steps_of_large_programmes_hold_the_truth(seed, monkeypatch):
    """If it fails, a step or a decision asked from the plan that there is, as above 500 parts, is told wrongly."""
    settings, tables = random_world(seed)
    monkeypatch.setattr(methods, "WHOLE_UP_TO", 0)
    try:
        plan = on.plan(on.build(settings, tables), gap=0, steps=True)
    except on.NoPlan:
        return
    assert plan.method == "decomposed"
    monkeypatch.undo()
    sign, near = plan.programme.settings.sign, 1e-6 * max(1.0, abs(plan.objective))
    lacks = sign * plan.objective - objective(settings, tables)  # the decomposed plan may be short of the best
    whole = set(plan["limits_met"].filter(pl.col("bound") == pl.col("limit"))["limit"])
    at = {limit["limit"]: i for i, limit in enumerate(tables.get("limits", []))}
    for row in plan["steps"].iter_rows(named=True):
        if row["bound"] not in whole:
            continue
        eased = copy.deepcopy(tables)
        eased["limits"][at[row["bound"]]]["value"] += row["step"]
        worth = sign * plan.objective - lacks - objective(settings, eased)
        assert row["worth_low"] - near <= worth <= row["worth_high"] + near
    if plan["overrides"].height:
        row = plan["overrides"].row(0, named=True)
        rest = {**tables, "decisions": tables["decisions"][1:]}
        cost = sign * plan.objective - lacks - objective(settings, {k: v for k, v in rest.items() if v})
        assert row["cost_low"] - near <= cost
        assert row["cost_high"] is None or cost <= row["cost_high"] + near


def test_ctrl_c_while_steps_are_asked_keeps_the_plan():
    """If it fails, who will not wait for what every step is worth loses the plan that was found before."""
    asked = []

    def second_step(p):
        asked.append(p.stage)
        if p.stage.startswith("step 2"):
            raise KeyboardInterrupt

    both = [{**TABLES["limits"][0], "limit": name, "value": 60} for name in ("ministry", "agency")]  # both bind
    programme = on.build(SETTINGS, {**TABLES, "limits": both})
    plan = on.plan(programme, gap=0, steps=True, progress=second_step)
    assert any(stage.startswith("step 2") for stage in asked)
    assert plan.objective == on.plan(programme, gap=0).objective
    assert sorted(plan["steps"]["how"]) == ["certificate", "planned again"]


def test_verify_takes_no_step_that_the_certificate_forbids(tmp_path):
    """If it fails, a run may claim that a limit is worth anything at all."""
    run = write_plan(on.plan(on.build(SETTINGS, TABLES), gap=0, steps=True), tmp_path / "run")
    assert verify(run).ok
    steps = pl.read_csv(run / "steps.csv")
    steps.with_columns(worth_high=pl.lit(1e6)).write_csv(run / "steps.csv")
    assert any(said.startswith("steps.csv") for said in verify(run).differences)


def test_a_better_option_passed_over_by_hand(tmp_path):
    """If it fails, nobody learns why a maker with a better offer was not taken. The cheaper lamp needs 90 of 70."""
    dear = {"offer": "l2", "part": "lamp", "unit_price": 5, "tooling_cost": 90, **OFFER}
    tables = {
        **TABLES,
        "offers": [TABLES["offers"][0], dear],
        "parts": TABLES["parts"][:1],
        "needs": TABLES["needs"][:1],
    }
    plan = on.plan(on.build(SETTINGS, tables), gap=0)
    row = plan["passed_over"].row(0, named=True)
    assert (row["part"], row["offer"], row["why"], row["stands_against"]) == ("lamp", "l2", "limit", "budget")
    assert (row["saving"], row["excess"]) == (pytest.approx((500 + 90 - 840) * -1), pytest.approx(20))
    eased = {**tables, "limits": [{**TABLES["limits"][0], "value": 90}]}
    assert on.plan(on.build(SETTINGS, eased), gap=0).objective == pytest.approx(plan.objective - row["saving"])
    run = write_plan(plan, tmp_path / "run")
    assert (
        "l2 with its best start and share would gain 250.00 more: no room in budget" in explain(run, "lamp").summary()
    )
    said = explain(run, "l2").summary()
    assert "Not awarded: its best option is better by 250.00" in said
    assert "no room in budget (the first lacks 20)" in said
    assert "m: 1 awards for 1 parts" in explain(run, "m").summary()
    with pytest.raises(on.WrongUse, match="no part, limit, offer or maker"):
        explain(run, "l3")
