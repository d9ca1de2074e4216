"""What must hold of any programme: more choice is never worse, tighter is never better, names and units do not matter."""

import copy
import math
import random
from dataclasses import replace

import numpy as np
import pytest
from sourcing.worlds import MONEY, free_world, random_world, seeds, tightened

import onshore as on
from onshore.sourcing.limits import bounds_of
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import model_of
from onshore.sourcing.options import options_of
from onshore.sourcing.problem import problem_of
from onshore.sourcing.solver import solve

SEEDS = seeds(3000, 16, 60)


def objective(settings: dict, tables: dict) -> float:
    """What the planner makes least; infinite where there is no plan."""
    try:
        plan = on.plan(on.build(settings, tables), gap=0)
        return plan.programme.settings.sign * plan.objective
    except on.NoPlan:
        return math.inf
    except on.InputError as error:
        if {f.kind for f in error.findings if f.level == "error"} != {"no_source"}:
            raise
        return math.inf  # without its last offer a part that cannot be imported has no source


def no_worse(a: float, b: float) -> bool:
    return a <= b or a == pytest.approx(b, rel=1e-7, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_another_offer_never_raises_the_objective(seed):
    """If it fails, an option is forced on the plan, or a limit counts what was not chosen."""
    settings, tables = free_world(seed)
    gone = tables["offers"][-1]["offer"]
    fewer = {**tables, "offers": tables["offers"][:-1], "uses": [u for u in tables["uses"] if u["offer"] != gone]}
    for measure in {u["measure"] for u in tables["uses"]} - {u["measure"] for u in fewer["uses"]}:
        fewer["uses"].append({"offer": tables["offers"][0]["offer"], "measure": measure, "amount": 0})
    if fewer["offers"]:
        assert no_worse(objective(settings, tables), objective(settings, fewer))


@pytest.mark.parametrize("seed", SEEDS)
def test_tightening_a_limit_never_lowers_the_objective(seed):
    """If it fails, a limit's sign or scope is wrong."""
    settings, tables = free_world(seed)
    assert no_worse(objective(settings, tables), objective(settings, tightened(tables)))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_rows_changes_nothing(seed):
    """If it fails, the plan depends on how a file was sorted; ties must be broken by names."""
    settings, tables = random_world(seed)
    shuffled = {name: random.Random(seed).sample(rows, len(rows)) for name, rows in tables.items()}
    try:
        plan = on.plan(on.build(settings, tables), gap=0)
    except on.NoPlan:
        with pytest.raises(on.NoPlan):
            on.plan(on.build(settings, shuffled), gap=0)
        return
    again = on.plan(on.build(settings, shuffled), gap=0)
    assert again.objective == plan.objective
    for name, table in plan.tables.items():
        assert again[name].equals(table), name


@pytest.mark.parametrize("seed", SEEDS)
def test_doubling_all_money_doubles_the_objective_and_nothing_else(seed):
    """If it fails, some sum of money escapes conversion, or a tolerance depends on the unit."""
    settings, tables = random_world(seed)
    if settings["objective"] != "cost":
        return
    doubled = copy.deepcopy(tables)
    for table, columns in {
        "parts": ("import_price", "freight"),
        "offers": ("unit_price", "tooling_cost", "public_support"),
        "capacity": ("module_cost",),
        "ventures": ("set_up_cost",),
    }.items():
        for row in doubled[table]:
            row.update({c: 2 * row[c] for c in columns if c in row})
    for limit in doubled["limits"]:
        if limit["measure"] in MONEY:
            limit["value"] *= 2
        elif "penalty" in limit and limit["measure"] not in ("maker_share", "local_content"):
            limit["penalty"] *= 2
    try:
        plan = on.plan(on.build(settings, tables), gap=0)
    except on.NoPlan:
        return
    twice = on.plan(on.build(settings, doubled), gap=0)
    assert twice.objective == 2 * plan.objective
    assert twice["awards"].select("offer", "start", "share").equals(plan["awards"].select("offer", "start", "share"))


@pytest.mark.parametrize("seed", SEEDS)
def test_prices_of_limits_are_slopes_of_the_relaxation(seed):
    """If it fails, `bound_price` is not what one more unit of room is worth to the linear programme."""
    settings, tables = random_world(seed)
    problem = problem_of(on.build(settings, tables))
    options = options_of(problem)
    measures = Measures(problem, options)
    try:
        model = model_of(problem, options, measures, bounds_of(problem, measures))
    except on.NoPlan:
        return

    def value(row: int | None = None, step: float = 0.0) -> tuple[float, np.ndarray | None]:
        low, high = model.low.copy(), model.high.copy()
        if row is not None:
            low[row] += step
            high[row] += step
        answer = solve(replace(model, low=low, high=high), relaxed=True)
        return (answer.bound if answer.status == "optimal" else math.inf), answer.prices

    base, prices = value()
    if not math.isfinite(base) or prices is None:
        return
    for row in range(model.blocks["limits"].start, model.blocks["limits"].stop):
        bound = model.high[row] if np.isfinite(model.high[row]) else model.low[row]
        step = 1e-5 * max(1.0, abs(bound))
        slopes = sorted([(base - value(row, -step)[0]) / step, (value(row, step)[0] - base) / step])
        near = 1e-4 * max(1.0, abs(prices[row]))
        assert slopes[0] - near <= prices[row] <= slopes[1] + near


def test_the_same_programme_gives_the_same_bytes(tmp_path):
    """If it fails, a run cannot be compared with another, and its hash means nothing."""
    from onshore.chain import write_plan

    settings, tables = random_world(3003)
    for name in ("a", "b"):
        on.write_report(write_plan(on.plan(on.build(settings, tables)), tmp_path / name))
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert files
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file
