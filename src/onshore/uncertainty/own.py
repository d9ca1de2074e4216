"""The plan that a world would have had, had it been known: what regret is measured against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from onshore.blueprint.programme import Programme
from onshore.errors import NoPlan
from onshore.sourcing.decomposed import Start
from onshore.sourcing.limits import bounds_of
from onshore.sourcing.measures import Measures
from onshore.sourcing.methods import searched
from onshore.sourcing.model import Model, model_of
from onshore.sourcing.options import Options, options_of
from onshore.sourcing.planning import settled
from onshore.sourcing.problem import Floats, Problem, problem_of
from onshore.sourcing.verification import point_of, prices_of
from onshore.uncertainty.book import Book, Choice
from onshore.uncertainty.worlds import World

__all__ = ["Known", "Own", "Warm", "choice_of", "known_of", "own_plan"]


@dataclass(frozen=True)
class Known:
    """The programme's own problem, table and model, and its plan: as a point, as what a search starts from, and as decisions."""

    problem: Problem
    options: Options
    model: Model
    book: Book
    point: Floats
    start: Start
    choice: Choice

    @property
    def warm(self) -> Warm:
        return Warm(self.start, self.model.names)


@dataclass(frozen=True)
class Warm:
    """Where a search may begin: a plan and its prices, and the rows of the model that they are of."""

    start: Start
    rows: tuple[str, ...]

    def of(self, model: Model) -> Start | None:
        """It, where a world's model still has those rows and as many columns."""
        point = self.start.point
        same = point is not None and len(point) == len(model.cost) and self.rows == model.names
        return self.start if same else None


@dataclass(frozen=True)
class Own:
    """A world's own plan. `best` is what it costs and `bound` what no plan over that world's options can be below.

    The status is that of the search; `infeasible` where the world has no plan and `none found` where it may, and then there is no
    cost.
    """

    status: str
    best: float | None
    bound: float | None
    choice: Choice | None


def known_of(world: World, tables: Mapping[str, pl.DataFrame]) -> Known:
    """The programme's plan from the tables of its run."""
    problem, options, model = _model(world)
    book = Book.of(problem, options)
    point = point_of(tables, problem, options, model)
    start = Start(prices_of(tables, model), point)
    return Known(problem, options, model, book, point, start, choice_of(book, model, point))


def choice_of(book: Book, model: Model, point: Floats) -> Choice:
    """A point of a model (C,) as decisions; `book` is its whole option table."""
    x = point[model.options]
    taken = tuple((book.decisions[k], float(x[k])) for k in np.flatnonzero(x > 0))
    return Choice(taken, tuple(point[model.ventures].tolist()), tuple(point[model.modules].tolist()))


def own_plan(world: World, *, gap: float, warm: Warm) -> Own:
    """Plan the world again, from the programme's plan on."""
    try:
        problem, options, model = _model(world)
    except NoPlan:
        return Own("infeasible", None, None, None)
    lost = np.isin(np.array(problem.offers.labels, dtype=object)[options.legs.offer], sorted(world.gone))
    hit = np.unique(options.option_of_leg[lost])
    upper = model.upper.copy()
    upper[model.options][hit] = 0.0
    model = replace(model, upper=upper)
    answer = searched(model, options, problem.parts.divisible, gap=gap, start=warm.of(model))
    if answer.point is None:
        return Own("infeasible" if answer.status == "infeasible" else "none found", None, None, None)
    point = settled(model, options, answer.point)
    best = float(model.cost @ point)
    return Own(answer.status, best, min(answer.bound, best), choice_of(Book.of(problem, options), model, point))


def _model(world: World) -> tuple[Problem, Options, Model]:
    problem = problem_of(_freed(world))
    options = options_of(problem)
    measures = Measures(problem, options)
    return problem, options, model_of(problem, options, measures, bounds_of(problem, measures))


def _freed(world: World) -> Programme:
    """Without what forces something that is gone: a decision, or a line that was signed with it."""
    programme, gone = world.programme, world.gone
    if not gone:
        return programme
    offers = programme["offers"]
    left = offers.filter(~pl.col("offer").is_in(list(gone)))
    names = {(what, key) for what in ("part", "maker", "venture", "offer") for key in left[what].drop_nulls()}
    decisions, lines = programme["decisions"], programme["contract_lines"]
    held = [v != "force" or (w, k) in names for w, k, v in decisions.select("what", "key", "verdict").iter_rows()]
    made = set(left.select("maker", "part").iter_rows())
    kept = [(m, p) in made and o not in gone for m, p, o in lines.select("maker", "part", "offer").iter_rows()]
    changed = {
        "decisions": decisions.filter(pl.Series(held, dtype=pl.Boolean)),
        "contract_lines": lines.filter(pl.Series(kept, dtype=pl.Boolean)),
    }
    return replace(programme, tables={**programme.tables, **changed})
