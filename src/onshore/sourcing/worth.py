"""What a step of a limit or an override is worth, by planning again with it moved or without it: always an interval.

A large programme is searched on from the plan that there is, as what-if does it, without windows.

With a plan UB and a bound LB on each side, the true difference of the two optima lies between LB - UB' and UB - LB'.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from onshore.blueprint.programme import read
from onshore.errors import NoPlan, Stopped, WrongUse
from onshore.sourcing.certificate import bound_of_prices
from onshore.sourcing.declared import TABLES
from onshore.sourcing.decomposition.decomposed import Start
from onshore.sourcing.instance import Whole, instance_of
from onshore.sourcing.limits import bounds_of
from onshore.sourcing.methods import by_size, searched
from onshore.sourcing.model import least_slacks, model_of
from onshore.sourcing.problem import Problem
from onshore.sourcing.read_back import named_prices
from onshore.sourcing.said import amount
from onshore.sourcing.solver import Progress, solve
from onshore.sourcing.steps import usual_step
from onshore.sourcing.warm import start_from
from onshore.tables.runs import read_run
from onshore.tables.words import nearest

__all__ = ["Worth", "as_claimed", "overrides", "planned_again", "step_worth", "unasked"]

AGAIN = "planned again"
SECONDS_EACH = 10.0
"""For the search without an override, or with a limit eased by a step, that a plan makes beside its own."""


@dataclass(frozen=True)
class Worth:
    """The objective improves by between `low` and `high` when `bound` is eased by `step` (signed, in its own unit)."""

    bound: str
    step: float
    unit: str
    low: float
    high: float

    def summary(self) -> str:
        return f"`{self.bound}` eased by {'+' if self.step > 0 else ''}{amount(self.step)} {self.unit} is worth between {self.low:,.2f} and {self.high:,.2f}."

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

    `step` is a size in the limit's own unit, the one of the table `steps` when None: one percentage point of a share, one
    launch, a hundredth of any other value. Raises `WrongUse` where the run has no such bound, or the step is not above 0.
    """
    run = read_run(Path(path), TABLES)
    whole = instance_of(read(run.input))
    known = {b.name: b for b in whole.model.bounds}
    if bound not in known:
        raise WrongUse(f"`{bound}` is not a bound of this run.{nearest(bound, known)}")
    size = usual_step(known[bound]) if step is None else step
    if not size > 0:
        raise WrongUse(f"`{bound}` can be eased by a step above 0 only. Name one with --step.")
    signed = size if known[bound].sense == "at_most" else -size
    lower, upper = _solved(_eased(whole, bound, signed), start_from(run.tables, whole), gap, time_limit, progress)
    sign = whole.sign
    claimed = [sign * float(str(run.figures[name])) for name in ("bound", "objective")]
    return Worth(bound, signed, known[bound].unit, max(0.0, claimed[0] - upper), max(0.0, claimed[1] - lower))


def planned_again(
    tables: dict[str, pl.DataFrame], whole: Whole, *, lower: float, upper: float, gap: float,
    progress: Callable[[Progress], None] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The table `steps` of a plan's `tables`, narrowed for the limits that bind, have a price, or stand alone against a part.

    Ctrl-C leaves the others as they were.
    """
    start = start_from(tables, whole)
    steps, met = tables["steps"], tables["limits_met"].sort("bound")
    matters = met["binds"] | (met["bound_price"] > 0) | steps.sort("bound")["useful_step"].is_not_null()
    wanted = set(met.filter(matters)["bound"])
    rows: list[dict[str, object]] = []
    stopped = False
    for row in steps.iter_rows(named=True):
        rows.append(row)
        if stopped or row["bound"] not in wanted:
            continue
        try:
            if progress is not None:
                done = sum(r["how"] == AGAIN for r in rows) + 1
                progress(Progress(0.0, f"step {done} of {len(wanted)}: {row['bound']}"))
            low, high = _solved(_eased(whole, row["bound"], row["step"]), start, gap, SECONDS_EACH, None)
        except (KeyboardInterrupt, Stopped):
            stopped = True
            continue
        row["worth_low"] = min(max(row["worth_low"], lower - high), row["worth_high"])
        row["worth_high"] = max(min(row["worth_high"], upper - low), row["worth_low"])
        row["how"] = AGAIN
    return pl.DataFrame(rows, schema=steps.schema)


def as_claimed(found: pl.DataFrame, claimed: pl.DataFrame) -> pl.DataFrame:
    """The steps of the certificate, with what a run claims to have planned again where the certificate allows it."""
    near = 1e-9 * (1.0 + found["worth_high"].abs())
    beside = found.join(
        claimed.select("bound", "worth_low", "worth_high", "how"), on="bound", how="left", suffix="_claimed"
    )
    allowed = (
        (beside["how_claimed"] == AGAIN)
        & (beside["worth_low_claimed"] >= beside["worth_low"] - near)
        & (beside["worth_high_claimed"] <= beside["worth_high"] + near)
        & (beside["worth_low_claimed"] <= beside["worth_high_claimed"])
    )
    taken = [
        pl.when(allowed.fill_null(value=False)).then(f"{c}_claimed").otherwise(c).alias(c)
        for c in ("worth_low", "worth_high", "how")
    ]
    return beside.with_columns(taken).select(found.columns)


def _eased(whole: Whole, name: str, by: float) -> Whole:
    """With one bound moved; the others of a limit over several keys or years stay where they are."""
    problem, options, measures, bounds = whole.problem, whole.options, whole.measures, whole.model.bounds
    limit = next(b.limit for b in bounds if b.name == name)
    moved = _with_value_moved(problem, limit, by)
    eased = next(b for b in bounds_of(moved, measures) if b.name == name)
    model = model_of(problem, options, measures, [eased if b.name == name else b for b in bounds])
    return replace(whole, model=model)


def _with_value_moved(problem: Problem, limit: str, by: float) -> Problem:
    value = pl.when(pl.col("limit") == limit).then(pl.col("value") + by).otherwise(pl.col("value"))
    return replace(problem, tables={**problem.tables, "limits": problem.tables["limits"].with_columns(value=value)})


def _solved(
    whole: Whole, start: Start, gap: float, time_limit: float | None, progress: Callable[[Progress], None] | None
) -> tuple[float, float]:
    """Bound and plan as the solver minimises them; minus infinity and infinity where there is none.

    Raises `Stopped` on Ctrl-C.
    """
    model, options, parts = whole.model, whole.options, whole.problem.parts
    if by_size(len(parts.labels)) == "whole":
        # not from the plan: with one at hand the solver looks for better ones first, and its bound, which tells more here, comes late
        answer = solve(model, gap=gap, time_limit=time_limit, progress=progress)
    else:
        answer = searched(
            model, options, parts.divisible, method="decomposed", gap=gap, time_limit=time_limit, start=start, rounds=0,
            progress=progress,
        )  # fmt: skip
    if answer.status == "interrupted":
        raise Stopped("Interrupted.")
    if answer.status == "infeasible":
        return np.inf, np.inf
    prices = start.prices if answer.prices is None else answer.prices
    by_prices = -np.inf if prices is None else bound_of_prices(model, options, prices)
    plan = None if answer.point is None else least_slacks(model, answer.point)  # a point in parts comes without slacks
    return max(answer.bound, by_prices), np.inf if plan is None else float(model.cost @ plan)


def overrides(
    tables: dict[str, pl.DataFrame], whole: Whole, *, lower: float, upper: float, gap: float,
    progress: Callable[[Progress], None] | None = None,
) -> list[dict[str, object]]:  # fmt: skip
    """What each row of `decisions` costs: the plan without that row, all others kept. A row of the table `overrides`.

    After Ctrl-C the rest is not asked.
    """
    decisions = whole.problem.tables["decisions"]
    if decisions.is_empty():
        return []
    point, prices = start_from(tables, whole).point, named_prices(tables)
    rows: list[dict[str, object]] = []
    for i, (what, key, verdict, reason) in enumerate(decisions.select("what", "key", "verdict", "reason").iter_rows()):
        others = decisions.filter(pl.int_range(pl.len()) != i)
        free = replace(whole.problem, tables={**whole.problem.tables, "decisions": others})
        try:
            model = model_of(free, whole.options, whole.measures, list(whole.model.bounds))
            start = Start(model.prices_of(prices), point)
            low, high = _solved(replace(whole, problem=free, model=model), start, gap, SECONDS_EACH, progress)
        except NoPlan:  # decisions that only stand together
            low, high = -np.inf, np.inf
        except (KeyboardInterrupt, Stopped):
            return rows + unasked(decisions[i:])
        rows.append(
            {
                "decision": f"{verdict} {what} {key}",
                "reason": reason,
                "cost_low": max(0.0, lower - high),
                "cost_high": max(0.0, upper - low) if np.isfinite(low) else None,
            }
        )
    return rows


def unasked(decisions: pl.DataFrame) -> list[dict[str, object]]:
    """The rows of `overrides` where nothing was planned again: all that is known is that a decision gains nothing."""
    return [
        {"decision": f"{verdict} {what} {key}", "reason": reason, "cost_low": 0.0, "cost_high": None}
        for what, key, verdict, reason in decisions.select("what", "key", "verdict", "reason").iter_rows()
    ]
