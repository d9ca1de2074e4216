"""Decisions in a world, against the planner's own model and plans, on random programmes with every feature on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sourcing.worlds import random_world
from uncertainty.worlds import DRAWN_DOLLAR, two_parts

import onshore as on
from onshore.sourcing.decomposition.decomposed import Start
from onshore.sourcing.limits import bounds_of
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import model_of
from onshore.sourcing.options import options_of
from onshore.sourcing.problem import problem_of
from onshore.uncertainty import Asked, plan_worlds
from onshore.uncertainty.book import Book, faced
from onshore.uncertainty.own import Warm, known_of, own_plan
from onshore.uncertainty.worlds import BASE, DRAW, Place, world_of

DRAWN = [
    {"table": "offers", "key": "*", "column": "unit_price", "distribution": "lognormal", "parameters": "sigma=0.2"},
    {
        "table": "offers",
        "key": "*",
        "column": "lead_time_months",
        "distribution": "uniform",
        "parameters": "low=0.5; high=2",
    },
    {
        "table": "needs",
        "key": "*",
        "column": "units",
        "distribution": "triangular",
        "parameters": "low=0.7; high=1.4",
        "group": "market",
    },
    {"table": "rates", "key": "*", "column": "quote_per_base", "distribution": "lognormal", "parameters": "sigma=0.2"},
    {"table": "makers", "key": "*", "column": "maker", "distribution": "bernoulli", "parameters": "p=0.2"},
]
COLD = Warm(Start(), ())


def programmes(count: int, **extra: list) -> list[on.Programme]:
    """The first so many random programmes that have a plan at all."""
    found = []
    for seed in range(1000):
        settings, tables = random_world(seed)
        programme = on.build(settings, {**tables, **extra})
        try:
            model_of(*_parts(programme))
        except on.NoPlan:
            continue
        found.append(programme)
        if len(found) == count:
            break
    return found


def _parts(programme: on.Programme):
    problem = problem_of(programme)
    options = options_of(problem)
    measures = Measures(problem, options)
    return problem, options, measures, bounds_of(problem, measures)


def base(programme: on.Programme):
    return world_of(programme, Place(BASE, BASE), 0)


def same_model(programme: on.Programme) -> None:
    problem, options, measures, bounds = _parts(programme)
    model = model_of(problem, options, measures, bounds)
    there = faced(base(programme), Book.of(problem, options), decided=True)
    assert np.allclose(there.model.cost, model.cost, rtol=1e-12, atol=1e-12)
    assert abs(there.model.matrix - model.matrix).max() <= 1e-9 * max(1.0, abs(model.matrix).max())
    assert there.model.names == model.names
    assert not there.lost.any()


def same_in_its_own_world(programme: on.Programme, draw: int) -> None:
    world = world_of(programme, Place(DRAW, "draw", draw), 0)
    own = own_plan(world, gap=0, warm=COLD)
    if own.choice is None:
        return
    book = Book.together([own.choice])
    there = faced(world, book, decided=False)
    value = float(there.model.cost @ there.point(book.weights(own.choice), own.choice))
    assert value == pytest.approx(own.best, rel=1e-9, abs=1e-6)


def test_in_the_programme_itself_the_book_is_the_option_table():
    """If it fails, a decision as signed is not the option it was taken from: its start, units, price or outlay differ."""
    for programme in programmes(2):
        same_model(programme)


def test_a_worlds_own_plan_put_into_that_world_costs_what_it_was_planned_to():
    """If it fails, regret compares two sums that are made differently: what fails, delays, set-up or penalties."""
    for programme in programmes(2, uncertainty=DRAWN):
        same_in_its_own_world(programme, 0)


@pytest.mark.slow
def test_the_same_on_many_random_programmes():
    """The two before, on 150 programmes and draws."""
    for i, programme in enumerate(programmes(150, uncertainty=DRAWN)):
        same_model(programme)
        same_in_its_own_world(programme, i)


def test_a_maker_that_is_forced_and_may_fail():
    """If it fails, a decision that holds in the programme is averaged away, and no plan is found for the draws together."""
    forced = [{"what": "maker", "key": "brio", "verdict": "force", "reason": "so"}]
    fails = {"table": "makers", "key": "brio", "column": "maker", "distribution": "bernoulli", "parameters": "p=0.5"}
    found = plan_worlds(two_parts(decisions=forced, uncertainty=[fails]), asked=Asked(draws=3, fresh=2, own=0, gap=0))
    gone = found["worlds"]["gone"].to_list()
    assert found["worlds"]["value"].to_list() == pytest.approx([3000 if g else 2700 for g in gone])
    assert found["worlds"]["regret_low"].to_list() == pytest.approx([0] * 4, abs=1e-6)
    assert found.chosen("average") == "plan"


def test_a_plan_that_was_found_in_parts_is_the_same_plan():
    """If it fails, a run that tells of a few options of each part is read as if they were all."""
    programme = two_parts(uncertainty=[DRAWN_DOLLAR])
    plans = [on.plan(programme, gap=0, method=method).tables for method in ("whole", "decomposed")]
    whole, parts = (known_of(base(programme), tables) for tables in plans)
    assert whole.choice == parts.choice
    assert np.flatnonzero(whole.point).tolist() == np.flatnonzero(parts.point).tolist()


def test_a_start_from_another_table_is_left():
    """If it fails, a search begins from a plan of other options."""
    programme = two_parts(uncertainty=[DRAWN_DOLLAR])
    known = known_of(base(programme), on.plan(programme, gap=0).tables)
    warm = replace(known.warm, rows=("other",))
    assert warm.of(known.model) is None
    assert known.warm.of(known.model) is known.start
