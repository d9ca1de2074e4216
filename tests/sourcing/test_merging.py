"""Plans merged: by hand, and what holds of every merging."""

import numpy as np
import pytest
from sourcing.test_losses import a_machine, climbed, never

import onshore as on
from onshore.demo import synth
from onshore.sourcing.decomposition import branching, clock, decomposed, merging, stages
from onshore.sourcing.decomposition.clock import Clock
from onshore.sourcing.decomposition.exchange import users_of
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.merging import Pool
from onshore.sourcing.decomposition.search import Choice, balanced
from onshore.sourcing.decomposition.wide import wide_of
from onshore.sourcing.problem import problem_of


def standing(full: Full, taken: list[int]) -> Choice:
    return Choice.of(full.over(full.table), np.array(taken), np.zeros(0))


@pytest.mark.parametrize(("room", "cost"), [(2.0, 180.0), (1.5, 190.0)])
def test_what_is_better_in_each_of_two_plans_is_put_together_where_it_fits(room, cost):
    """If it fails, of two plans that each make one of two parts at home none comes that makes both, or one comes that
    fits no machine."""
    full = a_machine(10.0, room)
    pool = Pool()
    for taken in ([1, 2], [0, 3]):
        pool.add(standing(full, taken))
    best = pool.merge(standing(full, [0, 2]), full, np.zeros(1), Clock())
    assert best.cost == cost
    assert not best.broken.any()


def test_a_plan_is_kept_once():
    """If it fails, the plans that are merged become copies of the best one, and nothing comes of them."""
    full = a_machine(10.0, 2.0)
    pool = Pool()
    for _ in range(3):
        pool.add(standing(full, [1, 3]))
        best = pool.merge(standing(full, [1, 3]), full, np.zeros(1), Clock())
    assert best.cost == 180.0
    assert len(pool.merged) == 1


@pytest.fixture(scope="module")
def full() -> Full:
    """A made-up programme of 40 parts with ventures, modules and limits that bind."""
    made = synth.draw(40, 2)
    return wide_of(problem_of(on.build(made.settings, made.tables))).full


@pytest.fixture(scope="module")
def plans(full) -> list[Choice]:
    dual = climbed(full)
    normal = full.over(full.table)
    first = Choice.of(normal, normal.table.first[:-1], full.lower)
    some = [
        balanced(normal, first, dual.best, users_of(normal), seed=seed, hot=20, sweeps=900, stop=never)
        for seed in range(6)
    ]
    return [plan for plan in some if not plan.broken.any()]


def test_a_merging_is_no_dearer_than_its_plans_and_made_of_what_they_have(full, plans):
    """If it fails, a worse plan is kept, or a part or a box stands where no plan had it, which merging says that it does not."""
    assert len(plans) > 2
    pool = Pool()
    for plan in plans[1:]:
        pool.add(plan)
    best = pool.merge(plans[0], full, climbed(full).best, Clock())
    assert best.cost < min(plan.cost for plan in plans)
    assert not best.broken.any()
    had = np.concatenate([plan.normal.table.which[plan.weight > 0] for plan in plans])
    assert np.isin(best.normal.table.which[best.weight > 0], had).all()
    boxes = np.array([plan.boxes for plan in plans])
    assert (best.boxes >= boxes.min(axis=0)).all()
    assert (best.boxes <= boxes.max(axis=0)).all()


def test_without_time_the_best_plan_is_what_comes_of_it(full, plans):
    """If it fails, a time limit that ends during a merging loses the plan."""
    pool = Pool()
    for plan in plans:
        pool.add(plan)
    best = min(plans, key=lambda plan: plan.cost)
    assert pool.merge(best, full, np.zeros(len(full.right)), Clock(0.0)).cost <= best.cost


def test_one_thread_or_several_find_the_same_plan_by_merging(monkeypatch):
    """If it fails, what is found while branches grow hangs on which thread comes first, or nothing that branches lead to is merged."""
    monkeypatch.setattr(stages, "GROWN", 2)
    seen, merged = [], merging._merged

    def noted(plans, *rest):
        seen.append(len(plans))
        return merged(plans, *rest)

    monkeypatch.setattr(merging, "_merged", noted)
    found = []
    for threads in (1, 3):
        for room in (clock, branching):
            monkeypatch.setattr(room, "THREADS", threads)
        made = synth.draw(20, 2)
        full = wide_of(problem_of(on.build(made.settings, made.tables))).full
        found.append(decomposed.sought(full, gap=0.0, rounds=1))
    assert max(seen) > 1
    assert found[0].bound == found[1].bound
    assert found[0].choice.cost == found[1].choice.cost
    assert np.array_equal(found[0].choice.boxes, found[1].choice.boxes)
