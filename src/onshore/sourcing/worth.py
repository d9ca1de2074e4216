"""What a limit or an override is worth, by planning again without it or with it moved: always an interval.

With a plan UB and a bound LB on each side, the true difference of the two optima lies between LB - UB' and UB - LB'.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from onshore.blueprint.programme import read
from onshore.errors import NoPlan, WrongUse
from onshore.sourcing.certificate import bound_of_prices
from onshore.sourcing.declared import TABLES
from onshore.sourcing.limits import bounds_of
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import Model, model_of
from onshore.sourcing.options import Options, options_of
from onshore.sourcing.problem import Problem, problem_of
from onshore.sourcing.solver import Progress, solve
from onshore.tables.runs import read_run
from onshore.tables.words import nearest

__all__ = ["Worth", "overrides", "step_worth"]

DEFAULT_STEP = 0.01
"""Share of a limit's value by which it is eased when no step is named."""
SECONDS_AN_OVERRIDE = 10.0


@dataclass(frozen=True)
class Worth:
    """The objective improves by between `low` and `high` when `bound` is eased by `step` (signed, in its own unit)."""

    bound: str
    step: float
    unit: str
    low: float
    high: float

    def summary(self) -> str:
        return f"`{self.bound}` eased by {self.step:+,.6g} {self.unit} is worth between {self.low:,.2f} and {self.high:,.2f}."

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: the step's own names."""
        return {
            "bound": self.bound,
            "step": self.step,
            "unit": self.unit,
            "worth_low": self.low,
            "worth_high": self.high,
        }


def step_worth(
    path: Path | str, bound: str, step: float | None = None, *, time_limit: float | None = None, gap: float = 1e-4,
    progress: Callable[[Progress], None] | None = None,
) -> Worth:  # fmt: skip
    """What easing one bound of a run by a step is worth: the plan is made again with the limit moved.

    `step` is a size in the limit's own unit; one hundredth of its value when None. A share is moved in its own unit
    too. Raises `WrongUse` where the run has no such bound, or the step is not above 0.
    """
    run = read_run(Path(path), TABLES)
    problem = problem_of(read(run.input))
    known = {b.name: b for b in bounds_of(problem, Measures(problem, options_of(problem)))}
    if bound not in known:
        raise WrongUse(f"`{bound}` is not a bound of this run.{nearest(bound, known)}")
    size = DEFAULT_STEP * abs(known[bound].value) if step is None else step
    if not size > 0:
        raise WrongUse(f"`{bound}` can be eased by a step above 0 only. Name one with --step.")
    signed = size if known[bound].sense == "at_most" else -size
    moved = _with_value_moved(problem, known[bound].limit, signed)
    options = options_of(moved)
    measures = Measures(moved, options)
    # a limit over several keys or years has several bounds; only the one named is moved
    bounds = [b if b.name == bound else known[b.name] for b in bounds_of(moved, measures)]
    lower, upper = _solved(model_of(moved, options, measures, bounds), options, gap, time_limit, progress)
    sign = problem.settings.sign
    claimed = [sign * float(str(run.figures[name])) for name in ("bound", "objective")]
    return Worth(bound, signed, known[bound].unit, max(0.0, claimed[0] - upper), max(0.0, claimed[1] - lower))


def _with_value_moved(problem: Problem, limit: str, by: float) -> Problem:
    value = pl.when(pl.col("limit") == limit).then(pl.col("value") + by).otherwise(pl.col("value"))
    return replace(problem, tables={**problem.tables, "limits": problem.tables["limits"].with_columns(value=value)})


def _solved(
    model: Model, options: Options, gap: float, time_limit: float | None, progress: Callable[[Progress], None] | None
) -> tuple[float, float]:
    """Bound and plan of a model, as the solver minimises it; minus infinity and infinity where there is none."""
    relaxed = solve(model, relaxed=True, time_limit=time_limit)
    answer = solve(model, gap=gap, time_limit=time_limit, progress=progress)
    if answer.status == "infeasible":
        return np.inf, np.inf
    by_prices = -np.inf if relaxed.prices is None else bound_of_prices(model, options, relaxed.prices)
    return max(answer.bound, by_prices), np.inf if answer.point is None else float(model.cost @ answer.point)


def overrides(
    problem: Problem, options: Options, measures: Measures, model: Model, *, lower: float, upper: float, gap: float,
    progress: Callable[[Progress], None] | None = None,
) -> list[dict[str, object]]:  # fmt: skip
    """What each row of `decisions` costs: the plan without that row, all others kept. A row of the table `overrides`."""
    decisions = problem.tables["decisions"]
    rows = []
    for i, (what, key, verdict, reason) in enumerate(decisions.select("what", "key", "verdict", "reason").iter_rows()):
        others = decisions.filter(pl.int_range(pl.len()) != i)
        free = replace(problem, tables={**problem.tables, "decisions": others})
        try:
            without = model_of(free, options, measures, list(model.bounds))
            low, high = _solved(without, options, gap, SECONDS_AN_OVERRIDE, progress)
        except NoPlan:  # decisions that only stand together
            low, high = -np.inf, np.inf
        rows.append(
            {
                "decision": f"{verdict} {what} {key}",
                "reason": reason,
                "cost_low": max(0.0, lower - high),
                "cost_high": max(0.0, upper - low) if np.isfinite(low) else None,
            }
        )
    return rows
