"""The planner: a programme in, a certified plan out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from onshore.blueprint.crew import Crew, crew
from onshore.blueprint.programme import Programme
from onshore.errors import NoPlan, WrongUse
from onshore.sourcing.certificate import Proof, proof_of
from onshore.sourcing.conflict import conflict_of
from onshore.sourcing.decomposition.decomposed import Found, sought
from onshore.sourcing.decomposition.full import full_of
from onshore.sourcing.decomposition.losses import lost_by, weights
from onshore.sourcing.decomposition.search import Choice
from onshore.sourcing.decomposition.shelf import give_back
from onshore.sourcing.decomposition.wide import Wide, wide_of
from onshore.sourcing.instance import Whole
from onshore.sourcing.made import Plan, assembled
from onshore.sourcing.methods import METHODS, by_size, searched
from onshore.sourcing.model import Model, least_slacks, without_the_impossible, worst_breach
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Ints, Problem, problem_of
from onshore.sourcing.result import frame_of, loss_rows, price_rows
from onshore.sourcing.solver import Answer, Progress, solve, stages
from onshore.sourcing.ties import first_among_equals
from onshore.sourcing.tree import cut_rows
from onshore.sourcing.tree_tables import Names, tree_tables
from onshore.sourcing.worth import overrides, planned_again, unasked

__all__ = [
    "DEFAULT_GAP", "asked_again", "in_natural_sign", "must_hold", "no_plan", "plan", "proved_by_search", "told", "whole_point",
]  # fmt: skip

DEFAULT_GAP = 1e-4
"""Share of the objective at which the search stops."""
FULL = 1_000_000
"""Options up to which a decomposed programme's whole model is made where something asks for it."""
Tell = Callable[[Progress], None] | None


def plan(
    programme: Programme, *, gap: float = DEFAULT_GAP, time_limit: float | None = None, method: str | None = None,
    steps: bool = False, workers: int = 1, cluster: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Plan:  # fmt: skip
    """The best plan that keeps every hard limit, with a bound on how good any plan can be.

    Parameters
    ----------
    gap
        Share of the objective within which the search may stop; 0 asks for a proved optimum.
    time_limit
        Seconds after which the best plan so far is returned with its own gap. Ctrl-C does the same.
    method
        `whole`: branch and bound of the whole model; `decomposed`: prices, then parts, for what is too large for that. None
        chooses by size. Both optimise the same model and prove their gap.
    steps
        Plan again with each limit that matters eased by a step, up to ten seconds each: the table `steps` gets narrower.
    workers, cluster
        Several processes, or a Dask cluster at an address, that hold the option table of a decomposed programme in pieces: for
        one that a machine's memory cannot hold. The plan is the same. Needs `onshore[scale]`.
    progress
        Called with each `Progress` as the bound and the best plan move.

    Raises
    ------
    InputError
        There is nothing to plan.
    NoPlan
        Proved impossible, or none was found in time.
    Stopped
        Ctrl-C, before there was a plan.

    Maths: docs/explanation/plan.md, docs/explanation/decomposition.md.
    """
    if not isinstance(programme, Programme):
        raise WrongUse(f"plan takes a programme, not {programme!r}. Read it first: on.plan(on.read(...)).")
    if method not in (None, *METHODS):
        raise WrongUse(f"There is no method `{method}`. Choose one of {', '.join(METHODS)}, or none.")
    problem = problem_of(programme)
    tell = None if progress is None else in_natural_sign(progress, problem.settings.sign)
    if (method or by_size(len(problem.parts.labels))) == "decomposed":
        with crew(workers, cluster) as those:
            made = _decomposed(programme, problem, gap, time_limit, steps, tell, those)
    else:
        made = _whole(programme, problem, gap, time_limit, steps, tell)
    return replace(made, asked_gap=gap, asked_time_limit=time_limit)


def _whole(
    programme: Programme, problem: Problem, gap: float, time_limit: float | None, steps: bool, progress: Tell
) -> Plan:
    """The plan of a programme that is searched in one piece."""
    whole = Whole.of(problem)
    answer = searched(
        whole.model,
        whole.options,
        problem.parts.divisible,
        method="whole",
        gap=gap,
        time_limit=time_limit,
        progress=progress,
    )
    if answer.point is None:
        raise no_plan(answer, whole.model)
    prices = np.zeros(len(whole.model.low)) if answer.prices is None else answer.prices
    answer = replace(answer, prices=prices)
    made = told(programme, whole, answer, proof_of(whole.model, whole.options, prices))
    made = replace(made, tables={**made.tables, **proved_by_search(whole, answer)})
    return asked_again(made, whole, answer, gap, steps, progress)


def _decomposed(
    programme: Programme,
    problem: Problem,
    gap: float,
    time_limit: float | None,
    steps: bool,
    progress: Tell,
    those: Crew,
) -> Plan:
    """The plan of a table that is never held in full.

    Where its parts settle on no plan, one may exist all the same: the solver looks for it in the whole model in what time is
    left, or proves that there is none.
    """
    began = time.monotonic()

    def left() -> float | None:
        return None if time_limit is None else max(0.0, time_limit - (time.monotonic() - began))

    wide = wide_of(problem, stages(progress), those)
    give_back()
    found = sought(wide.full, gap=gap, time_limit=left(), progress=progress)
    proof, named, count = wide.proof(found.prices), wide.named(found.prices), wide.count
    whole, losses = None, _losses(wide, found)
    branches = tree_tables(found.tree, Names(problem, wide.names, wide.first_of_part))
    if found.choice is not None:
        chosen, status, bound = _Chosen.of(wide, found.choice, found.prices), found.status, found.bound
        del wide, found  # what is told of a plan takes memory too
        give_back()
        some, answer = chosen.in_full(problem, named)
        answer = replace(answer, status=status, bound=bound)
    else:
        if found.status != "infeasible" and (left() == 0.0 or count > FULL):
            raise no_plan(Answer(found.status, found.bound, None, None), None)
        some = whole = Whole.of(problem)
        answer = solve(whole.model, gap=gap, time_limit=left(), progress=progress)
        if answer.point is None:
            raise no_plan(answer, whole.model)
        prices = whole.model.prices_of(named)
        answer = replace(answer, bound=max(answer.bound, found.bound), prices=prices, method="decomposed")
    made = told(programme, some, answer, proof)
    of_all = {"row_prices": frame_of("row_prices", price_rows(named)), "maker_losses": losses, **branches}
    made = replace(made, tables={**made.tables, **of_all})
    if (steps or not problem.tables["decisions"].is_empty()) and whole is None and count <= FULL:
        whole = Whole.of(problem)
    return asked_again(made, whole, answer, gap, steps, progress)


def proved_by_search(whole: Whole, answer: Answer) -> dict[str, pl.DataFrame]:
    """The tables of what proves an answer's bound beside its prices: branches, and what makers lose."""
    return {"maker_losses": _losses_of_whole(whole, answer), **tree_tables(answer.tree, Names.of(whole))}


def _losses_of_whole(whole: Whole, answer: Answer) -> pl.DataFrame:
    """The table `maker_losses` of a programme that was planned whole."""
    if answer.point is None or answer.prices is None or not answer.losses.total:
        return frame_of("maker_losses", [])
    model, options, problem = whole.model, whole.options, whole.problem
    full = full_of(without_the_impossible(model), options, problem.parts.divisible)

    def priced(named: dict[tuple[str, str], float]) -> Floats:
        return full.of_prices(model.prices_of(named))

    rows, v = full, full.of_prices(answer.prices)
    if answer.tree is not None:
        rows, v = cut_rows(answer.tree, model, options, full, full.boxes - model.ventures.start, priced)
    point = whole_point(model, answer.point)
    lost = lost_by(rows, v, *weights(point[model.options]), point[full.boxes])
    return frame_of("maker_losses", loss_rows(problem, lost, answer.losses))


def _losses(wide: Wide, found: Found) -> pl.DataFrame:
    """The table `maker_losses`."""
    if found.choice is None or not found.losses.total:
        return frame_of("maker_losses", [])
    at, weight = weights(found.choice.weight)
    lost = lost_by(*found.lost_at, found.choice.normal.table.which[at], weight, found.choice.boxes)
    return frame_of("maker_losses", loss_rows(wide.problem, lost, found.losses))


@dataclass(frozen=True)
class _Chosen:
    """What is kept of a search once its table is let go: the options that a plan is told by, and the choice among them."""

    options: Callable[[], Options]
    taken: Ints  # places among those options
    weight: Floats
    boxes: Floats  # ventures, then modules

    @classmethod
    def of(cls, wide: Wide, choice: Choice, prices: Floats) -> _Chosen:
        """`prices` are those (R of `wide`) that the plan is told at."""
        n, V = wide.full, len(wide.problem.ventures.labels)
        boxes = np.zeros(V + wide.problem.shops.hours.size)
        boxes[n.boxes] = choice.boxes
        set_up = np.zeros(V)
        venture = n.boxes < V
        set_up[n.boxes[venture]] = n.cost[venture]
        weight, which = choice.weight[choice.weight > 0], choice.normal.table.which[choice.weight > 0]
        n.table.price(prices)
        kept = wide.told(which, set_up * (boxes[:V] == 0))
        return cls(wide.later(kept), np.searchsorted(kept, which), weight, boxes)

    def in_full(self, problem: Problem, named: dict[tuple[str, str], float]) -> tuple[Whole, Answer]:
        """A model of those options with the prices of its rows, and the choice as a point of it."""
        whole = Whole.of(problem, self.options())
        point = np.zeros(len(whole.model.cost))
        point[self.taken] = self.weight
        point[whole.model.ventures.start : whole.model.modules.stop] = self.boxes
        return whole, Answer("rounds", -np.inf, point, whole.model.prices_of(named), "decomposed")


def told(programme: Programme, whole: Whole, answer: Answer, proof: Proof) -> Plan:
    """The plan at the answer's point, which has to hold."""
    assert answer.point is not None
    point = first_among_equals(whole.model, whole.options, whole_point(whole.model, answer.point))
    must_hold(whole.model, point)
    return assembled(programme, whole.problem, whole.options, whole.model, point, answer, proof)


def asked_again(made: Plan, whole: Whole | None, answer: Answer, gap: float, steps: bool, progress: Tell) -> Plan:
    """With what the decisions cost and, where asked, what steps of the limits are worth: both by planning `whole` again."""
    decisions, sign = made.programme.tables["decisions"], made.programme.settings.sign
    if answer.status == "interrupted" or whole is None:
        return replace(made, tables={**made.tables, "overrides": frame_of("overrides", unasked(decisions))})
    lower, upper = sign * made.bound, sign * made.objective
    tell = None if progress is None else lambda p: progress(Progress(p.seconds, "overrides"))
    rows = overrides(made.tables, whole, lower=lower, upper=upper, gap=gap, progress=tell)
    tables = {"overrides": frame_of("overrides", rows)}
    if steps:
        tables["steps"] = planned_again(made.tables, whole, lower=lower, upper=upper, gap=gap, progress=progress)
    return replace(made, tables={**made.tables, **tables})


def in_natural_sign(progress: Callable[[Progress], None], sign: float) -> Callable[[Progress], None]:
    """What the solver tells, turned back for an objective that should be most, and never with a weaker bound than before."""
    best = -np.inf

    def tell(p: Progress) -> None:
        nonlocal best
        best = max(best, -np.inf if p.bound is None else p.bound)
        bound = None if best == -np.inf else sign * best + 0.0
        progress(replace(p, bound=bound, objective=None if p.objective is None else sign * p.objective + 0.0))

    return tell


def whole_point(model: Model, point: Floats) -> Floats:
    """The solver's point with its integers exact, its tiny values gone, and slacks no larger than they must be."""
    return least_slacks(model, np.where(model.integer, np.round(point), np.where(point < 1e-9, 0.0, point)))


def must_hold(model: Model, point: Floats) -> None:
    """A plan that breaks a row is never shown as a plan."""
    breach, row = worst_breach(model, point)
    if breach > 1e-5:
        raise NoPlan(
            f"The solver's plan breaks `{model.names[row]}` by {breach:.2g} of its size, so it is not shown: amounts there "
            "lie too far apart to be told from zero. Look for one that is far too large or too small: a sum in the wrong "
            "currency, a rate the wrong way round."
        )


def no_plan(answer: Answer, model: Model | None) -> NoPlan:
    """The exception to raise: what conflicts where that is proved, or that time ran out."""
    if answer.status == "infeasible" and model is not None:
        conflict = conflict_of(model)
        return NoPlan(conflict.summary(), conflict.as_dict())
    return NoPlan(
        "No plan was found in the time given, and none was proved impossible. Give it more with --time-limit, or a "
        "wider --gap."
    )
