"""A plan asked again from where it stands: the same answer as planning anew, told as what it costs and what moves."""

import copy

import polars as pl
import pytest
from sourcing.test_properties import free_world
from sourcing.test_worth import SETTINGS, TABLES
from sourcing.worlds import random_world, seeds

import onshore as on
from onshore.chain import what_if_and_report, write_plan
from onshore.sourcing import verify
from onshore.sourcing.changes import changed
from onshore.sourcing.instance import instance_of
from onshore.sourcing.warm import start_from


def base() -> on.Plan:
    """Mirror is made, it gains 240 for 60 of tooling; lamp would gain 160 for 40, and the budget is 70."""
    return on.plan(on.build(SETTINGS, TABLES), gap=0)


@pytest.mark.parametrize(
    ("changes", "by", "moved", "bind"),
    [
        (on.Changes(limits={"budget": 100}), -160, {"lamp"}, ["budget"]),
        (on.Changes(limits={"budget": "-50%"}), 240, {"mirror"}, []),
        (on.Changes(offers={"r": "+20%"}), 80, {"lamp", "mirror"}, []),
        (on.Changes(offers={"r": 6.5}), -50, set(), []),
        (on.Changes(without=("m",)), 240, {"mirror"}, []),
        (on.Changes(limits={"budget": 100}, offers={"l": "-5%"}), -200, {"lamp"}, ["budget"]),
    ],
)
def test_by_hand(changes, by, moved, bind):
    """If it fails, an office is told a wrong sum for what it asks. At 8.40 mirror gains 100 and lamp, for 160, is made instead."""
    found = on.what_if(base(), changes, gap=0)
    assert (found.low, found.high) == (pytest.approx(by, abs=1e-6), pytest.approx(by, abs=1e-6))
    assert set(found.awards["part"]) == moved
    assert found.limits.filter("binds_after")["bound"].to_list() == bind
    assert f"{by:+,.0f}" in found.summary()


def test_every_fault_at_once():
    """If it fails, a slip in a name changes nothing unseen, or is told one at a time."""
    asked = on.Changes(without=("n",), offers={"q": 1, "l": "cheap"}, limits={"bugdet": 1}, scenarios=("weak",))
    with pytest.raises(on.WrongUse) as fault:
        on.what_if(base(), asked)
    lines = str(fault.value).splitlines()
    assert [line.split(".")[0] for line in lines] == [
        "There is no maker `n`", "There is no offer `q`", "There is no limit `bugdet`", "There is no scenario `weak`",
        "`cheap` for offer `l` is neither a number nor a change such as -5%",
    ]  # fmt: skip
    assert "Nearest: `budget`" in lines[2]
    with pytest.raises(on.WrongUse, match="Nothing is changed"):
        on.what_if(base(), on.Changes())


def test_a_signed_maker_drops_out():
    """If it fails, a maker that is gone still binds the plan by what was signed with it, or the plan keeps buying from it."""
    signed = {
        **TABLES,
        "contracts": [{"contract": "c", "kind": "single contract"}],
        "contract_lines": [{"contract": "c", "maker": "m", "part": "lamp"}],
    }
    plan = on.plan(on.build(SETTINGS, signed), gap=0)
    found = on.what_if(plan, on.Changes(without=("m",)), gap=0)
    assert found.plan["awards"].is_empty()
    assert "1 signed lines bind no more" in found.changes


def test_a_scenario_and_a_run(tmp_path):
    """If it fails, the cells of a scenario are not those that are planned with, or the run written is not the plan told."""
    weak = [
        {"scenario": "weak", "table": "parts", "key": "*", "column": "import_price", "value": "12"},
        {"scenario": "weak", "table": "limits", "key": "budget", "column": "value", "value": "100"},
    ]
    run = write_plan(on.plan(on.build(SETTINGS, {**TABLES, "scenarios": weak}), gap=0), tmp_path / "run")
    found = what_if_and_report(run, on.Changes(scenarios=("weak",)), tmp_path / "after", gap=0)
    assert found.plan.objective == pytest.approx(1600)
    assert verify(tmp_path / "after").ok
    assert (tmp_path / "after" / "report.html").is_file()
    assert on.read(tmp_path / "after" / "input")["parts"]["import_price"].cast(pl.Float64).to_list() == [12, 12]


def test_a_start_goes_by_names():
    """If it fails, a plan of another table of options is put on the wrong options: here an offer before all others is new."""
    before = base()
    more = copy.deepcopy(TABLES)
    more["offers"].insert(0, {**more["offers"][0], "offer": "a", "unit_price": 9.9})
    instance = instance_of(on.build(SETTINGS, more))
    start = start_from(before.tables, instance)
    taken = instance.options.legs.offer[start.point[instance.model.options][instance.options.option_of_leg] > 0]
    assert [instance.problem.offers.labels[o] for o in taken] == ["r"]
    row = instance.model.blocks["limits"].start
    assert start.prices[row] == before["row_prices"].filter(pl.col("row") == "budget")["price"].sum()


@pytest.mark.parametrize("seed", seeds(8100, 4, 120))
def test_the_same_as_planned_anew(seed):
    """If it fails, a warm start ends elsewhere than a cold one, or the interval does not hold what the change costs."""
    settings, tables = random_world(seed)
    try:
        plan = on.plan(on.build(settings, tables), gap=0)
    except on.NoPlan:
        return
    asked = on.Changes(
        without=("m3",), offers={tables["offers"][0]["offer"]: "-5%"},
        limits={limit["limit"]: "+10%" for limit in tables["limits"][:1]},
    )  # fmt: skip
    try:
        found = on.what_if(plan, asked, gap=0)
    except (on.NoPlan, on.InputError):
        return
    cold = on.plan(found.plan.programme, gap=0)
    near = 1e-6 * max(1.0, abs(cold.objective), abs(plan.objective))
    assert found.plan.objective == pytest.approx(cold.objective, abs=near)
    assert found.low - near <= cold.objective - plan.objective <= found.high + near


@pytest.mark.parametrize("seed", seeds(8201, 1, 20))
def test_large_ones_start_warm_too(seed):
    """If it fails, the decomposition's warm plan and bound do not enclose the optimum of the changed programme."""
    settings, tables = free_world(seed)
    try:
        plan = on.plan(on.build(settings, tables), gap=0, method="decomposed")
    except on.NoPlan:
        return
    for limit in tables["limits"]:
        found = on.what_if(plan, on.Changes(limits={limit["limit"]: "+10%"}), gap=0)
        cold = on.plan(found.plan.programme, gap=0, method="whole")
        near = 1e-6 * max(1.0, abs(cold.objective))
        assert abs(found.plan.objective - cold.objective) <= near


def test_a_scenario_in_which_something_fails_is_no_change_of_a_cell():
    """If it fails, a maker that fails in a scenario is planned with all the same, and nobody is told."""
    maker = TABLES["makers"][0]["maker"]
    gone = [{"scenario": "gone", "table": "makers", "key": maker, "column": "maker", "value": "fails"}]
    programme = on.build(SETTINGS, {**TABLES, "scenarios": gone})
    with pytest.raises(on.WrongUse, match="What fails is no change of a cell"):
        changed(programme, on.Changes(scenarios=("gone",)))
