"""The decomposition against brute force, against HiGHS on the whole, and against itself."""

import numpy as np
import polars as pl
import pytest
from sourcing.brute import World
from sourcing.worlds import free_world, random_world, seeds, tightened

import onshore as on
from onshore.blueprint import crew
from onshore.demo import synth
from onshore.sourcing.certificate import bound_of_prices
from onshore.sourcing.decomposition import full, stages, table
from onshore.sourcing.decomposition.decomposed import Start, decomposed, worth_keeping
from onshore.sourcing.instance import Whole
from onshore.sourcing.limits import bounds_of
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import Model, least_slacks, model_of, without_the_impossible, worst_breach
from onshore.sourcing.options import Options, options_of
from onshore.sourcing.problem import Problem, problem_of
from onshore.sourcing.solver import solve


def agree(seed: int) -> None:
    settings, tables = random_world(seed)
    best = World(settings, tables).best()
    programme = on.build(settings, tables)
    if best is None:
        with pytest.raises(on.NoPlan):
            on.plan(programme, gap=0.0, method="decomposed")
        return
    plan = on.plan(programme, gap=0.0, method="decomposed")
    sign, tolerance = programme.settings.sign, 1e-6 * max(1.0, abs(best))
    assert sign * plan.bound <= best + tolerance
    assert best - tolerance <= sign * plan.objective
    # within what it proves of the optimum
    assert sign * plan.objective - best <= sign * (plan.objective - plan.bound) + tolerance


@pytest.mark.parametrize("block", range(4))
def test_bound_and_plan_enclose_the_optimum(block):
    """If it fails, a feature is lost on the way to the decomposition, or its bound proves too much."""
    for seed in range(6 * block, 6 * (block + 1)):
        agree(seed)


@pytest.mark.parametrize("seed", [5023, 5036])
def test_worlds_that_once_had_no_plan(seed):
    """A world whose parts settle on no plan although there is one, and one whose only venture is forbidden."""
    agree(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_bound_and_plan_enclose_the_optimum_of_hundreds(block):
    """The same, on four hundred more."""
    for seed in range(5000 + 20 * block, 5000 + 20 * (block + 1)):
        agree(seed)


def enclosed(settings: dict, tables: dict, gap: float) -> tuple[float, float]:
    """What no plan costs less than, and what the plan costs; both infinite where there is none, or none in time."""
    try:
        plan = on.plan(on.build(settings, tables), gap=gap, time_limit=20.0, method="decomposed")
    except on.NoPlan:
        return np.inf, np.inf
    sign = plan.programme.settings.sign
    return sign * plan.bound, sign * plan.objective


def looser_is_cheaper(settings: dict, tables: dict, *, by: float, gap: float) -> None:
    """A plan that keeps tighter limits keeps looser ones, so none of these proves more than it costs."""
    loose, tight = enclosed(settings, tables, gap), enclosed(settings, tightened(tables, by), gap)
    assert loose[0] <= tight[1] or loose[0] == pytest.approx(tight[1], rel=1e-9)


@pytest.mark.parametrize("seed", seeds(7000, 8, 200))
def test_looser_limits_prove_no_more_than_a_tighter_plan_costs(seed):
    """If it fails, a bound is above a plan that keeps every limit, whether or not a brute force could have told."""
    looser_is_cheaper(*free_world(seed), by=0.2, gap=0.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_looser_limits_of_made_up_programmes_prove_no_more(seed):
    """The same, a little tighter, with ventures and modules."""
    made = synth.draw(40, seed)
    looser_is_cheaper(made.settings, {n: t.to_dicts() for n, t in made.tables.items()}, by=0.01, gap=1e-3)


@pytest.fixture(scope="module")
def drawn() -> tuple[Problem, Options, Model]:
    """A made-up programme of 30 parts with ventures, modules and limits that bind."""
    from onshore.demo import synth

    made = synth.draw(30, 1)
    problem = problem_of(on.build(made.settings, {n: t.to_dicts() for n, t in made.tables.items()}))
    options = options_of(problem)
    measures = Measures(problem, options)
    return problem, options, model_of(problem, options, measures, bounds_of(problem, measures))


def test_the_bound_is_that_of_the_linear_relaxation(drawn):
    """If it fails, the prices stop short of what they can prove: the relaxation is the most that prices can reach."""
    problem, options, model = drawn
    answer = decomposed(model, options, problem.parts.divisible, gap=0.02)
    relaxed = solve(without_the_impossible(model), relaxed=True).bound
    assert answer.bound == pytest.approx(relaxed, rel=1e-6)
    assert answer.bound <= relaxed * (1 + 1e-9)
    assert answer.bound == pytest.approx(
        bound_of_prices(without_the_impossible(model), options, answer.prices), rel=1e-12
    )


def test_bound_and_plan_against_branch_and_bound(drawn):
    """If it fails, a bound lies above a plan that exists, or the plan breaks a row."""
    problem, options, model = drawn
    answer = decomposed(model, options, problem.parts.divisible, gap=0.02)
    point = least_slacks(model, answer.point)
    whole = solve(model, gap=0.01, time_limit=20.0)
    assert worst_breach(model, point)[0] <= 1e-7
    assert answer.bound <= model.cost @ whole.point
    assert whole.bound <= model.cost @ point
    assert model.cost @ point - answer.bound <= 0.02 * abs(model.cost @ point)


def test_one_thread_or_several_give_the_same_plan(drawn, monkeypatch):
    """If it fails, sums depend on who adds them first."""
    problem, options, model = drawn
    monkeypatch.setattr(full, "PARTS", 4)
    monkeypatch.setattr(table, "ALONE", 0)
    monkeypatch.setattr(stages, "FINE", stages.FINE[:2])
    monkeypatch.setattr(stages, "SEEDS", 1)
    answers = []
    for threads in (1, 3):
        monkeypatch.setattr(crew, "THREADS", threads)
        answers.append(decomposed(model, options, problem.parts.divisible, gap=0.02, rounds=0))
    assert np.array_equal(answers[0].point, answers[1].point)
    assert np.array_equal(answers[0].prices, answers[1].prices)


def test_the_bound_told_never_falls_and_the_plan_never_rises(drawn):
    """If it fails, progress shows something worse than what is already known."""
    problem, options, model = drawn
    told = []
    decomposed(model, options, problem.parts.divisible, gap=0.02, progress=told.append)
    bounds = [p.bound for p in told]
    plans = [p.objective for p in told if p.objective is not None]
    assert bounds == sorted(bounds)
    assert plans == sorted(plans, reverse=True)
    assert plans


def test_a_time_limit_still_gives_a_plan_and_says_so(drawn):
    """If it fails, stopping early loses the plan."""
    problem, options, model = drawn
    answer = decomposed(model, options, problem.parts.divisible, gap=0.0, time_limit=1e-3)
    assert answer.status == "time_limit"
    assert worst_breach(model, least_slacks(model, answer.point))[0] <= 1e-7


def test_ctrl_c_gives_the_best_plan_so_far(drawn, monkeypatch):
    """If it fails, a long search that is stopped was for nothing."""
    problem, options, model = drawn

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stages.Stages, "improve", pressed)
    answer = decomposed(model, options, problem.parts.divisible, gap=0.0)
    assert answer.status == "interrupted"
    assert answer.bound <= model.cost @ least_slacks(model, answer.point)


def test_a_start_from_prices_and_plan_is_never_worse(drawn):
    """If it fails, what a first search found is thrown away by the next."""
    problem, options, model = drawn
    first = decomposed(model, options, problem.parts.divisible, gap=0.0, rounds=0)
    point = least_slacks(model, first.point)
    again = decomposed(model, options, problem.parts.divisible, gap=0.0, rounds=0, start=Start(first.prices, point))
    assert again.bound >= first.bound
    assert model.cost @ least_slacks(model, again.point) <= model.cost @ point * (1 + 1e-12)


def test_options_left_out_of_branch_and_bound_stand_in_no_better_plan(drawn):
    """If it fails, the optimum is cut off before the search begins."""
    problem, options, model = drawn
    known = decomposed(model, options, problem.parts.divisible, gap=0.0, rounds=0)
    upper = float(model.cost @ least_slacks(model, known.point))
    within = worth_keeping(model, options, problem.parts.divisible, known, upper)
    gone = (within.upper < model.upper)[model.options]
    best = solve(model, gap=2e-3, time_limit=20.0)
    assert gone.any()
    if model.cost @ best.point < upper:
        assert not best.point[model.options][gone].any()


@pytest.mark.parametrize(("measure", "value"), [("local_content", 0.001), ("units_home", 1.0)])
def test_prices_that_grow_without_end_prove_that_there_is_no_plan(measure, value):
    """If it fails, what cannot be kept is searched for until time is up. Nothing can be made in the first year."""
    made = synth.draw(30, 1)
    more = made.tables["limits"].head(1).with_columns(
        limit=pl.lit("soon"), measure=pl.lit(measure), scope=pl.lit("programme"), scope_key=None, sense=pl.lit("at_least"),
        value=pl.lit(value), years=pl.lit(str(made.settings["first_year"])), per=None, currency=None,
    )  # fmt: skip
    limits = pl.concat([made.tables["limits"], more.cast(made.tables["limits"].schema)])
    problem, told = problem_of(on.build(made.settings, {**made.tables, "limits": limits})), []
    whole = Whole.of(problem)
    answer = decomposed(whole.model, whole.options, problem.parts.divisible, gap=0.02, progress=told.append)
    assert answer.status == "infeasible"
    assert {p.stage for p in told} <= {"bound"}
