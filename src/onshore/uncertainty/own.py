"""The plan that a world would have had, had it been known: what regret is measured against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from onshore.errors import NoPlan, Stopped
from onshore.sourcing.decomposition.decomposed import Start
from onshore.sourcing.instance import Whole
from onshore.sourcing.methods import searched
from onshore.sourcing.model import Model
from onshore.sourcing.options import Options
from onshore.sourcing.planning import whole_point
from onshore.sourcing.problem import Floats, Problem
from onshore.sourcing.read_back import named_prices, point_of
from onshore.sourcing.ties import first_among_equals
from onshore.uncertainty.book import Book, Choice
from onshore.uncertainty.worlds import World

__all__ = ["Known", "Own", "Warm", "choice_of", "known_of", "own_plan", "settled"]


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
    whole = Whole.of(_freed(world))
    book = Book.of(whole.problem, whole.options)
    point = point_of(tables, whole)
    start = Start(whole.model.prices_of(named_prices(tables)), point)
    return Known(whole.problem, whole.options, whole.model, book, point, start, choice_of(book, whole.model, point))


def choice_of(book: Book, model: Model, point: Floats) -> Choice:
    """A point of a model (C,) as decisions; `book` is its whole option table."""
    x = point[model.options]
    taken = tuple((book.decisions[k], float(x[k])) for k in np.flatnonzero(x > 0))
    return Choice(taken, tuple(point[model.ventures].tolist()), tuple(point[model.modules].tolist()))


def own_plan(world: World, *, gap: float, warm: Warm) -> Own:
    """Plan the world again, from the programme's plan on."""
    try:
        whole = Whole.of(_freed(world))
    except NoPlan:
        return Own("infeasible", None, None, None)
    problem, options, model = whole.problem, whole.options, whole.model
    lost = np.isin(np.array(problem.offers.labels, dtype=object)[options.legs.offer], sorted(world.gone))
    hit = np.unique(options.option_of_leg[lost])
    upper = model.upper.copy()
    upper[model.options][hit] = 0.0
    model = replace(model, upper=upper)
    answer = searched(model, options, problem.parts.divisible, gap=gap, start=warm.of(model))
    if answer.status == "interrupted":
        raise Stopped("Interrupted; nothing was written.")
    if answer.point is None:
        return Own("infeasible" if answer.status == "infeasible" else "none found", None, None, None)
    point = settled(model, options, answer.point)
    best = float(model.cost @ point)
    return Own(answer.status, best, min(answer.bound, best), choice_of(Book.of(problem, options), model, point))


def _freed(world: World) -> Problem:
    """The world's problem without what forces something that is gone: a decision, or a line that was signed with it."""
    problem, gone = world.problem, world.gone
    if not gone:
        return problem
    offers = problem.tables["offers"]
    left = offers.filter(~pl.col("offer").is_in(list(gone)))
    before, after = (
        {(what, key) for what in ("part", "maker", "venture", "offer") for key in frame[what].drop_nulls()}
        for frame in (offers, left)
    )
    nowhere = before - after
    decisions, lines = problem.tables["decisions"], problem.tables["contract_lines"]
    held = [v != "force" or (w, k) not in nowhere for w, k, v in decisions.select("what", "key", "verdict").iter_rows()]
    made = set(left.select("maker", "part").iter_rows())
    kept = [(m, p) in made and o not in gone for m, p, o in lines.select("maker", "part", "offer").iter_rows()]
    changed = {
        "decisions": decisions.filter(pl.Series(held, dtype=pl.Boolean)),
        "contract_lines": lines.filter(pl.Series(kept, dtype=pl.Boolean)),
    }
    return replace(problem, tables={**problem.tables, **changed})


def settled(model: Model, options: Options, point: Floats) -> Floats:
    """The solver's point as a plan: its integers exact, and of plans that cost the same the one that the planner keeps."""
    return first_among_equals(model, options, whole_point(model, point))
