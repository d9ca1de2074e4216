"""What if: a plan asked again with something changed, from where its search ended.

The changed programme is built and checked like any other. The search takes up the prices and the choices of the plan that
there is (`warm`), so it goes on instead of beginning, and what its branches prove is worked out again. See docs/explanation/trade-offs.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from onshore.blueprint.programme import Programme, read
from onshore.errors import WrongUse
from onshore.sourcing.certificate import proof_of
from onshore.sourcing.changes import Changes, changed
from onshore.sourcing.comparison import moved_awards
from onshore.sourcing.declared import TABLES
from onshore.sourcing.decomposition.decomposed import ROUNDS
from onshore.sourcing.instance import instance_of
from onshore.sourcing.made import Plan
from onshore.sourcing.methods import quick, searched
from onshore.sourcing.planning import (
    DEFAULT_GAP,
    asked_again,
    in_natural_sign,
    no_plan,
    proved_by_search,
    told,
    whole_point,
)  # fmt: skip
from onshore.sourcing.solver import Progress
from onshore.sourcing.warm import proved_again, start_from
from onshore.tables.runs import read_run

__all__ = ["WhatIf", "what_if"]

MOST_TOLD = 12
"""Awards and limits that the summary names."""


@dataclass(frozen=True)
class WhatIf:
    """The new plan, and what it does to the objective: the best now less the best before lies between `low` and `high`.

    In the unit of the objective. `awards` are the parts sourced otherwise (part, before, after, own_input_moved), `limits` those
    that bind now or did before (bound, binds_before, binds_after, room_before, room_after, unit).
    """

    changes: tuple[str, ...]
    plan: Plan
    objective_before: float
    bound_before: float
    low: float
    high: float
    awards: pl.DataFrame
    limits: pl.DataFrame

    def summary(self) -> str:
        """What was changed, what it costs, which awards move, which limits bind."""
        s, plan = self.plan.programme.settings, self.plan
        noun = "cost" if s.objective == "cost" else s.objective
        lines = [
            f"What if: {'; '.join(self.changes)}",
            f"  the plan before              {self.objective_before:>22,.0f}   bound {self.bound_before:,.0f}",
            f"  the plan now                 {plan.objective:>22,.0f}   bound {plan.bound:,.0f} ({plan.status})",
            f"  the best {noun} moves by between {self.low:+,.0f} and {self.high:+,.0f} {s.currency if noun == 'cost' else ''}".rstrip(),
            f"  {self.awards.height or 'no'} parts are sourced otherwise",
            *(f"    {p}: {before} -> {after}" for p, before, after, _ in self.awards.head(MOST_TOLD).iter_rows()),
            *([f"    and {self.awards.height - MOST_TOLD} more"] if self.awards.height > MOST_TOLD else []),
        ]
        for words, which in (
            ("now bind", ~pl.col("binds_before") & pl.col("binds_after")),
            ("bind no more", pl.col("binds_before") & ~pl.col("binds_after")),
            ("bind as before", pl.col("binds_before") & pl.col("binds_after")),
        ):
            names = self.limits.filter(which)["bound"].to_list()
            more = f" and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else ""
            lines += [f"  {words}: {', '.join(names[:MOST_TOLD])}{more}"] if names else []
        return "\n".join([*lines, *([f"  {plan.ended}"] if plan.ended else [])])

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "changes": list(self.changes),
            "objective_before": self.objective_before,
            "bound_before": self.bound_before,
            "objective": self.plan.objective,
            "bound": self.plan.bound,
            "status": self.plan.status,
            "difference_low": self.low,
            "difference_high": self.high,
            "moved": self.awards.to_dicts(),
            "limits": self.limits.to_dicts(),
        }


class _Base(NamedTuple):
    """What is read of the plan that there is."""

    programme: Programme
    tables: dict[str, pl.DataFrame]
    objective: float
    bound: float
    bound_of_prices: float

    def gap(self, method: str) -> float:
        """The gap that it reached, by the kind of bound that the method has."""
        bound = self.bound if method == "whole" else self.bound_of_prices
        return max(DEFAULT_GAP, abs(self.objective - bound) / abs(self.objective) if self.objective else 0.0)


def what_if(
    base: Plan | Path | str, changes: Changes, *, gap: float | None = None, time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> WhatIf:  # fmt: skip
    """The plan of `base` (a plan, or the folder of a run) made again with `changes`, from where it stands.

    `gap` is the share of the objective at which the search stops: by default the one that `base` reached by the same kind of
    bound, and a large programme's plan is then left as the parts settle on it, without windows. Where the changes
    only take room away, the bound of `base` still holds, and the best cannot get better; where they only give it, its plan
    does, and the best cannot get worse.

    Raises `WrongUse` with every unknown name, `InputError` where the changes leave something that does not fit, `NoPlan` where
    they leave no plan.
    """
    if not isinstance(changes, Changes):
        raise WrongUse(f"what_if takes Changes, not {changes!r}: on.what_if(plan, on.Changes(without=('maker',))).")
    was = _of_plan(base) if isinstance(base, Plan) else _of_run(Path(base))
    asked = changed(was.programme, changes)
    instance = instance_of(asked.programme)
    sign = instance.sign
    upper, lower = sign * was.objective, sign * was.bound
    method = quick(instance.options)
    stop = was.gap(method) if gap is None else gap
    answer = searched(
        instance.model, instance.options, instance.problem.parts.divisible, method=method, time_limit=time_limit,
        gap=stop, start=start_from(was.tables, instance),
        rounds=0 if gap is None else ROUNDS, progress=None if progress is None else in_natural_sign(progress, sign),
    )  # fmt: skip
    if answer.point is None:
        raise no_plan(answer, instance.model)
    prices = np.zeros(len(instance.model.low)) if answer.prices is None else answer.prices
    branches, proved = proved_again(was.tables, instance)
    proved = min(proved, float(instance.model.cost @ whole_point(instance.model, answer.point)))
    proof = branches if proved > answer.bound else proved_by_search(instance, replace(answer, prices=prices))
    answer = replace(answer, prices=prices, bound=max(answer.bound, proved, lower if asked.tighter else -np.inf))
    made = told(asked.programme, instance, answer, proof_of(instance.model, instance.options, prices))
    made = replace(made, tables={**made.tables, **proof}, asked_gap=stop, asked_time_limit=time_limit)
    made = asked_again(made, None, answer, 0.0, steps=False, progress=None)
    low, high = sign * made.bound - upper, sign * made.objective - lower
    low, high = max(low, 0.0) if asked.tighter else low, min(high, 0.0) if asked.looser else high
    low, high = (low, high) if sign > 0 else (-high, -low)
    return WhatIf(
        asked.words, made, was.objective, was.bound, low + 0.0, high + 0.0,
        awards=moved_awards(was.tables, made.tables, was.programme, asked.programme), limits=_limits(was.tables, made.tables),
    )  # fmt: skip


def _of_plan(plan: Plan) -> _Base:
    return _Base(plan.programme, plan.tables, plan.objective, plan.bound, plan.bound_of_prices)


def _of_run(path: Path) -> _Base:
    run = read_run(path, TABLES)
    objective, bound, by_prices = (float(str(run.figures[n])) for n in ("objective", "bound", "bound_of_prices"))
    return _Base(read(run.input), run.tables, objective, bound, by_prices)


def _limits(before: dict[str, pl.DataFrame], after: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The bounds that bind before or after, side by side; one that is in one plan only binds in none of the other."""
    sides = [t["limits_met"].select("bound", "unit", "binds", "room") for t in (before, after)]
    both = sides[0].join(sides[1], on="bound", how="full", coalesce=True, suffix="_after")
    return (
        both.select(
            "bound",
            binds_before=pl.col("binds").fill_null(value=False),
            binds_after=pl.col("binds_after").fill_null(value=False),
            room_before="room",
            room_after="room_after",
            unit=pl.coalesce("unit_after", "unit"),
        )
        .filter(pl.col("binds_before") | pl.col("binds_after"))
        .sort("bound")
    )
