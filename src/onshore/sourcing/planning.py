"""The planner: a programme in, a certified plan out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from onshore.blueprint.programme import Programme
from onshore.errors import NoPlan, WrongUse
from onshore.sourcing.certificate import Gaps, bound_of_prices, gaps_of
from onshore.sourcing.conflict import conflict_of
from onshore.sourcing.limits import bounds_of
from onshore.sourcing.measures import Measures
from onshore.sourcing.methods import METHODS, searched
from onshore.sourcing.model import Model, least_slacks, model_of, without_the_impossible, worst_breach
from onshore.sourcing.notes import not_modelled, remarks
from onshore.sourcing.options import Options, options_of
from onshore.sourcing.problem import Floats, Problem, problem_of
from onshore.sourcing.replay import shared_learning
from onshore.sourcing.result import tables_of
from onshore.sourcing.solver import Answer, Progress
from onshore.sourcing.ties import first_among_equals
from onshore.sourcing.worth import overrides, planned_again

__all__ = ["DEFAULT_GAP", "METHODS", "Plan", "assembled", "plan"]

DEFAULT_GAP = 1e-4
"""Share of the objective at which the search stops."""
ENDINGS = {
    "rounds": "the search ended by itself before the gap that was asked for",
    "time_limit": "the time was up: the best plan so far, with its own gap",
    "interrupted": "stopped by Ctrl-C: the best plan so far, with its own gap; what overrides cost was not asked",
}


@dataclass(frozen=True)
class Plan:
    """A plan with its proof. Objectives are in programme currency, or the unit of the objective's measure.

    `objective` is what the plan reaches and `bound` what no plan can beat: below it for an objective that should be
    least, above it for one that should be most. `imported` is S0, with every part imported and limits ignored (`breaks` names
    those it would break). `tables` are the declared tables of a run.
    """

    programme: Programme
    status: str
    method: str
    objective: float
    bound: float
    bound_of_prices: float
    imported: float
    gaps: Gaps
    present_costs: dict[str, float]
    penalties: float
    breaks: tuple[str, ...]
    shared_learning: float
    tables: dict[str, pl.DataFrame]
    not_modelled: tuple[str, ...]
    remarks: tuple[str, ...]

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    def as_dict(self) -> dict[str, object]:
        """The figures of `run.json`, under the names of docs/reference/runs.md."""
        s = self.programme.settings
        return {
            "programme": s.name,
            "currency": s.currency,
            "perspective": s.perspective,
            "objective_measure": s.objective,
            "objective_sense": s.objective_sense,
            "status": self.status,
            "method": self.method,
            "objective": self.objective,
            "bound": self.bound,
            "bound_of_prices": self.bound_of_prices,
            "objective_imported": self.imported,
            "gap_of_cost": self.gaps.of_cost,
            "gap_of_savings": self.gaps.of_savings,
            "gap_of_stake": self.gaps.of_stake,
            "penalties": self.penalties,
            **self.present_costs,
            "all_imported_breaks": list(self.breaks),
            "shared_learning": self.shared_learning,
            "parts": self["sources"].height,
            "parts_made_at_home": int((self["sources"]["sourced"] != "imported").sum()),
            "awards": self["awards"].height,
            "options": self["options"].height,
            "assumed_share_of_bill": self.assumed_share,
            "not_modelled": list(self.not_modelled),
            "remarks": list(self.remarks),
        }

    @property
    def assumed_share(self) -> float | None:
        """Share of the import bill (all imported) of parts with a figure that has no source or is an assumption."""
        sources = self["sources"]
        total = float(sources["bill_before"].sum())
        return float(sources.filter("assumed")["bill_before"].sum()) / total if total else None

    @property
    def ended(self) -> str | None:
        """In words, why the search ended before the gap was proved; None where it was."""
        return ENDINGS.get(self.status)

    def summary(self) -> str:
        """Ten lines for a person."""
        s, sources = self.programme.settings, self["sources"]
        made = int((sources["sourced"] != "imported").sum())
        what = f"{s.perspective} cost, present value" if s.objective == "cost" else s.objective
        unit = self["yearly"].filter(pl.col("measure") == s.objective)["unit"][0]
        bill = self["yearly"].filter(pl.col("measure") == "foreign_currency")
        binding = self["limits_met"].filter("binds")["bound"].to_list()
        kept_out = self["reasons"].filter(pl.col("why") == "limit").height
        gap = "none exists" if self.gaps.of_savings is None else f"{self.gaps.of_savings:.2%}"
        lines = [
            f"{s.name}: {made} of {sources.height} parts made at home, {self['awards'].height} awards ({self.status})",
            f"  {what:<34} {self.objective:>22,.0f} {unit}",
            *([f"  of it penalties of soft limits     {self.penalties:>22,.0f}"] if self.penalties else []),
            f"  with every part imported           {self.imported:>22,.0f}",
            f"  no plan can be {'above' if s.sign < 0 else 'below'}               {self.bound:>22,.0f}",
            f"  gap: {'none' if self.gaps.of_cost is None else f'{self.gaps.of_cost:.4%}'} of cost, {gap} of savings, {self.gaps.of_stake:.2%} of stake",
            f"  foreign currency, all years        {bill['before'].sum():>22,.0f} before",
            f"                                     {bill['after'].sum():>22,.0f} after",
            f"  limits used to the last unit: {', '.join(binding) or 'none'}",
            f"  parts kept imported for want of room in a limit or of machine-hours: {kept_out}",
        ]
        lines += [f"  {self.ended}"] if self.ended else []
        return "\n".join([*lines, *(f"  note: {r}" for r in self.remarks)])


def plan(
    programme: Programme, *, gap: float = DEFAULT_GAP, time_limit: float | None = None, method: str | None = None,
    steps: bool = False, progress: Callable[[Progress], None] | None = None,
) -> Plan:  # fmt: skip
    """The best plan that keeps every hard limit, with a bound on how good any plan can be.

    Parameters
    ----------
    gap
        Share of the objective within which the search may stop; 0 asks for a proved optimum.
    time_limit
        Seconds after which the best plan so far is returned with its own gap. Ctrl-C does the same.
    method
        `whole`: one solver for the whole model; `decomposed`: prices, then parts, for what is too large for that. None
        chooses by size. Both optimise the same model and prove their gap.
    steps
        Plan again with each limit that matters eased by a step, up to ten seconds each: the table `steps` gets narrower.
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
    options = options_of(problem)
    measures = Measures(problem, options)
    model = model_of(problem, options, measures, bounds_of(problem, measures))
    tell = None if progress is None else _in_natural_sign(progress, problem.settings.sign)
    answer = searched(
        model, options, problem.parts.divisible, method=method, gap=gap, time_limit=time_limit, progress=tell
    )
    if answer.point is None:
        raise _no_plan(answer, model)
    point = first_among_equals(model, options, _whole(model, answer.point))
    _must_hold(model, point)
    decided: list[dict[str, object]] = []
    if answer.status != "interrupted":
        decided = overrides(
            problem,
            options,
            measures,
            model,
            lower=answer.bound,
            upper=float(model.cost @ point),
            gap=gap,
            progress=None if progress is None else lambda p: progress(Progress(p.seconds, "overrides")),
        )
    made = assembled(programme, problem, options, measures, model, point, answer, decided)
    if steps and answer.status != "interrupted":
        upper = float(model.cost @ point)
        narrowed = planned_again(made.tables, problem, options, measures, model, lower=answer.bound, upper=upper, gap=gap, progress=progress)  # fmt: skip
        made = replace(made, tables={**made.tables, "steps": narrowed})
    return made


def _in_natural_sign(progress: Callable[[Progress], None], sign: float) -> Callable[[Progress], None]:
    """What the solver tells, turned back for an objective that should be most, and never with a weaker bound than before."""
    best = -np.inf

    def tell(p: Progress) -> None:
        nonlocal best
        best = max(best, -np.inf if p.bound is None else p.bound)
        bound = None if best == -np.inf else sign * best + 0.0
        progress(replace(p, bound=bound, objective=None if p.objective is None else sign * p.objective + 0.0))

    return tell


def _whole(model: Model, point: Floats) -> Floats:
    """The solver's point with its integers exact, its tiny values gone, and slacks no larger than they must be."""
    return least_slacks(model, np.where(model.integer, np.round(point), np.where(point < 1e-9, 0.0, point)))


def _must_hold(model: Model, point: Floats) -> None:
    """A plan that breaks a row is never shown as a plan."""
    breach, row = worst_breach(model, point)
    if breach > 1e-5:
        raise NoPlan(
            f"The solver's plan breaks `{model.names[row]}` by {breach:.2g} of its size, so it is not shown: amounts there "
            "lie too far apart to be told from zero. Look for one that is far too large or too small: a sum in the wrong "
            "currency, a rate the wrong way round."
        )


def _no_plan(answer: Answer, model: Model) -> NoPlan:
    """The exception to raise: what conflicts where that is proved, or that time ran out."""
    if answer.status == "infeasible":
        conflict = conflict_of(model)
        return NoPlan(conflict.summary(), conflict.as_dict())
    return NoPlan(
        "No plan was found in the time given, and none was proved impossible. Give it more with --time-limit, or a "
        "wider --gap."
    )


def assembled(
    programme: Programme, problem: Problem, options: Options, measures: Measures, model: Model, point: Floats,
    answer: Answer, decided: list[dict[str, object]],
) -> Plan:  # fmt: skip
    """The plan at a point of the model: every figure and table that follows from it, from the bound and its prices."""
    prices = np.zeros(len(model.low)) if answer.prices is None else answer.prices
    x = point[model.options]
    first = options.first_of_part[:-1]
    objective = float(model.cost @ point)
    imported = float(model.cost[model.options][first].sum())
    permitted = np.where(model.upper[model.options] > 0, model.cost[model.options], np.inf)
    least = float(np.minimum.reduceat(permitted, first).sum())
    sign = problem.settings.sign
    by_prices = bound_of_prices(without_the_impossible(model), options, prices)
    bound = min(max(answer.bound, by_prices), objective)
    present = {}
    for perspective in ("buyer", "programme"):
        for residual in (True, False):
            k, v, m = measures.discounted(perspective, residual=residual)
            name = f"{perspective}_cost" + ("" if residual else "_without_residual")
            present[name] = float(k @ x + v @ point[model.ventures] + m.ravel() @ point[model.modules])
        present[f"{perspective}_cost_imported"] = float(measures.discounted(perspective, residual=True)[0][first].sum())
    all_imported = np.zeros(len(point))
    all_imported[first] = 1.0
    # what a limit's price promises for more room holds for the bound that keeps what the limit alone keeps out
    promised = min(bound_of_prices(model, options, prices), objective)
    tables = tables_of(problem, options, measures, model, point, prices, decided, bound=bound, by_prices=promised)
    return Plan(
        programme=programme,
        status=answer.status,
        method=answer.method,
        objective=sign * objective + 0.0,  # without the zero, nothing displaced would print as -0
        bound=sign * bound + 0.0,
        bound_of_prices=sign * min(by_prices, objective) + 0.0,
        imported=sign * imported + 0.0,
        gaps=gaps_of(objective, bound, imported, least),
        present_costs=present,
        penalties=float(model.cost[model.slacks] @ point[model.slacks]),
        breaks=_broken(model, all_imported),
        shared_learning=shared_learning(problem, options, x),
        tables=tables,
        not_modelled=not_modelled(problem, options),
        remarks=remarks(problem, options, model, tables, present),
    )


def _broken(model: Model, point: Floats) -> tuple[str, ...]:
    """Names of the hard limits that a point breaks."""
    used = (model.matrix @ point)[model.blocks["limits"]]
    low, high = model.low[model.blocks["limits"]], model.high[model.blocks["limits"]]
    slack = 1e-9 * np.maximum(1.0, np.abs(np.where(np.isfinite(high), high, low)))
    return tuple(
        b.name
        for b, u, lo, hi, s in zip(model.bounds, used, low, high, slack, strict=True)
        if b.penalty is None and (u > hi + s or u < lo - s)
    )
