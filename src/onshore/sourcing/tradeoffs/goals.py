"""Several goals at once: weighted sums of measures, met one after the other, each with a tolerance it may give way by.

The first goal is made best. The second is made best among the plans that keep the first within its tolerance, and so on
(preemptive or lexicographic goals; Charnes and Cooper 1961). A weighted sum is one goal. See docs/explanation/trade-offs.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from onshore.blueprint.programme import Programme
from onshore.errors import WrongUse
from onshore.sourcing.certificate import proof_of
from onshore.sourcing.declared import GOALS
from onshore.sourcing.decomposition.decomposed import Start
from onshore.sourcing.instance import Instance, instance_of
from onshore.sourcing.limits import Bound
from onshore.sourcing.made import Plan
from onshore.sourcing.planning import asked_again, told
from onshore.sourcing.problem import Floats
from onshore.sourcing.said import amount
from onshore.sourcing.solver import Answer, Progress
from onshore.sourcing.tradeoffs.aims import Aim, aims_of, over_columns
from onshore.sourcing.tradeoffs.trade import Found, Trade

__all__ = ["Goal", "InOrder", "goals_of", "in_order"]


FEW = 3
"""Rounds of each search where no gap is asked for: at 300 parts two minutes."""


@dataclass(frozen=True)
class Goal:
    """A weighted sum of measures that is made least. Weights are above 0; a measure that should be most counts against it."""

    text: str
    weights: tuple[float, ...]
    aims: tuple[Aim, ...]

    @property
    def sign(self) -> float:
        """-1 for one measure that should be most, so that it is told as it is; a sum is told as it is made least."""
        return self.aims[0].sign if len(self.aims) == 1 else 1.0

    def vector(self, instance: Instance) -> Floats:
        """(C,) what a unit of each column adds to it, as it is made least."""
        return np.asarray(sum(w * a.vector(instance) for w, a in zip(self.weights, self.aims, strict=True)))

    def is_objective(self, instance: Instance) -> bool:
        """Whether penalties of soft limits are in its unit: where the programme's objective counts in it with weight 1."""
        return any(w == 1.0 and a.is_objective(instance) for w, a in zip(self.weights, self.aims, strict=True))


@dataclass(frozen=True)
class InOrder:
    """What each goal reaches in the last plan. `goals` is the declared table: best and bound of the goal in its turn, how far it may
    give way, what the last plan reaches. `measures` are those of the goals and the cost: measure, value, unit. `plan` is the last plan as
    the programme's own objective sees it."""

    plan: Plan
    goals: pl.DataFrame
    measures: pl.DataFrame

    def summary(self) -> str:
        """The goals in their order, and the measures of the plan."""
        lines = [f"{self.plan.programme.settings.name}: {self.goals.height} goals in order"]
        for g in self.goals.iter_rows(named=True):
            gap = "none" if g["gap"] is None else f"{g['gap']:.3%}"
            lines.append(
                f"  {g['order']}. {g['goal']}: best {amount(g['best'])}, bound {amount(g['bound'])} (gap {gap}); the plan reaches {amount(g['reached'])}"
            )
        if "interrupted" in self.goals["status"]:
            lines.append(
                "  note: interrupted; the last goal may be far from its best, and those after it were not looked at"
            )
        lines += [f"  {m:<24} {amount(v):>20} {u}" for m, v, u in self.measures.iter_rows()]
        made = int((self.plan["sources"]["sourced"] != "imported").sum())
        return "\n".join([*lines, f"  {made} of {self.plan['sources'].height} parts made at home"])

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: `goals` and `measures` as rows, `awards` of the plan."""
        return {
            "goals": self.goals.to_dicts(),
            "measures": self.measures.to_dicts(),
            "awards": self.plan["awards"].select("part", "offer", "maker", "share", "start").to_dicts(),
        }


def goals_of(programme: Programme, texts: Sequence[str]) -> tuple[Goal, ...]:
    """Goals as they are written: `cost`, `units_home:most`, `cost + 0.2 foreign_currency`.

    Raises `WrongUse` with every term that cannot be read or is no measure, and where a share stands among them.
    """
    faults, goals = [], []
    for text in texts:
        terms = [re.fullmatch(r"(?:(\d+(?:\.\d+)?)\s*\*?\s+)?(\S+)", term.strip()) for term in text.split(" + ")]
        unread = [t.strip() for t, found in zip(text.split(" + "), terms, strict=True) if found is None]
        weights = [float(t[1] or 1.0) for t in terms if t]
        if unread or not all(weights):
            faults.append(
                f"`{text}` is no goal: write a measure, or measures with weights above 0, `cost + 0.2 foreign_currency`."
            )
            continue
        try:
            aims = aims_of(programme, tuple(t[2] for t in terms if t))
        except WrongUse as fault:
            faults += str(fault).splitlines()
            continue
        shares = [a.measure for a in aims if a.ratio]
        faults += [
            f"`{m}` is a share, which is no sum: hold it in `limits`, or trade it by a frontier." for m in shares
        ]
        goals.append(Goal(text, tuple(weights), aims))
    if not texts:
        faults.append("Name a goal at least: a measure, or a weighted sum of measures.")
    if faults:
        raise WrongUse("\n".join(faults))
    return tuple(goals)


def in_order(
    programme: Programme, goals: Sequence[str], *, tolerance: float = 0.0, gap: float | None = None,
    time_limit: float | None = None, progress: Callable[[Progress], None] | None = None,
) -> InOrder:  # fmt: skip
    """The plan that is best in the first goal, then, with that kept within `tolerance` (a share of what it reached), in the second, ...

    One weighted sum is one goal. `gap` and `time_limit` are those of each search, as in `frontier`. Ctrl-C leaves the goals that were
    looked at, and their plan.
    Raises `WrongUse` where a goal cannot be read or the tolerance is below 0, `NoPlan` where no plan keeps the hard limits,
    `Stopped` where Ctrl-C comes before there is one.
    """
    if not isinstance(programme, Programme):
        raise WrongUse(f"in_order takes a programme, not {programme!r}. Read it first: on.in_order(on.read(...), ...).")
    if not tolerance >= 0:
        raise WrongUse(f"A goal gives way by a share of 0 or more, not {tolerance}.")
    read = goals_of(programme, goals)
    instance = instance_of(programme)
    trade = Trade(instance, gap, time_limit, progress, rounds=FEW)
    kept: list[Bound] = []
    turns: list[Found] = []
    start: Start | None = None
    for goal in read:
        if trade.interrupted:
            break
        found = trade.best(goal, kept, start, f"the best {goal.text}")
        turns.append(found)
        kept.append(_kept(instance, goal, found, tolerance, len(kept)))
        start = Start(point=found.point)
    return _told(trade, read[: len(turns)], turns, tolerance)


def _kept(instance: Instance, goal: Goal, found: Found, tolerance: float, place: int) -> Bound:
    """The goal no worse than it was found, but for the tolerance, as a limit."""
    reached = float(goal.vector(instance) @ found.point)  # penalties apart
    level = reached + tolerance * abs(reached)
    model = instance.model
    total = goal.vector(instance)
    bound = replace(goal.aims[0], sense="least").bound(instance, level)
    made = over_columns(bound, total[model.options], total[model.ventures], total[model.modules])
    return replace(made, name=f"goal {place + 1}", right=level)


def _told(trade: Trade, goals: tuple[Goal, ...], turns: list[Found], tolerance: float) -> InOrder:
    instance, last = trade.instance, turns[-1]
    rows = []
    for n, (goal, turn) in enumerate(zip(goals, turns, strict=True), start=1):
        value = float(goal.vector(instance) @ last.point)
        rows.append(
            {
                "order": n, "goal": goal.text, "best": goal.sign * turn.value + 0.0, "bound": goal.sign * turn.bound + 0.0,
                "gap": (turn.value - turn.bound) / abs(turn.value) if turn.value else None,
                "tolerance": tolerance, "reached": goal.sign * value + 0.0, "status": turn.status,
            }
        )  # fmt: skip
    named = {a.measure: a for goal in goals for a in goal.aims} | {
        a.measure: a for a in aims_of(instance.programme, ("cost",))
    }
    measures = [{"measure": m, "value": a.at(instance, last.point), "unit": a.unit} for m, a in named.items()]
    # the programme's own objective has a bound of its own; what these prices prove of it is enough here
    prices = last.prices[: len(instance.model.low)]
    answer = Answer(last.status, -np.inf, last.point, prices, trade.method)
    plan = told(instance.programme, instance, answer, proof_of(instance.model, instance.options, prices))
    plan = asked_again(plan, None, answer, 0.0, steps=False, progress=None)
    plan = replace(plan, asked_gap=trade.gap, asked_time_limit=trade.time_limit)
    return InOrder(plan, pl.DataFrame(rows, schema=GOALS.types), pl.DataFrame(measures))
