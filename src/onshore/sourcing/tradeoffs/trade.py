"""One search after another over the same options: the best of a measure under bounds, started from the search before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from onshore.errors import Stopped
from onshore.sourcing.certificate import bound_of_prices
from onshore.sourcing.decomposition.decomposed import ROUNDS, Start
from onshore.sourcing.instance import Instance
from onshore.sourcing.limits import Bound
from onshore.sourcing.methods import quick, searched
from onshore.sourcing.model import Model, least_slacks, model_of
from onshore.sourcing.planning import DEFAULT_GAP, must_hold, no_plan, whole_point
from onshore.sourcing.problem import Floats
from onshore.sourcing.solver import Answer, Progress
from onshore.sourcing.tradeoffs.aims import Aim

__all__ = ["Found", "Trade"]

GAP_OF_LARGE = 1e-3
"""The usual gap where searches are decomposed. What measures trade is a few hundredths of them, so a wider one leaves no picture."""
NOTHING = "Interrupted; nothing was written."
TURNS = 8
"""At most so many searches for the best of a share; each brings it nearer by more than the one before."""


@dataclass(frozen=True)
class Found:
    """A plan (C,) of the programme's own columns, its `value` and `bound` as they are made least. `level` is what the second measure was
    held at, None where it was free."""

    point: Floats
    value: float
    bound: float
    by_prices: float
    prices: Floats
    status: str
    level: float | None

    def start(self) -> Start:
        """For the next search, whatever bounds it has."""
        return Start(prices=self.prices, point=self.point)

    def moved_to(self, point: Floats) -> Found:
        """The same proof with another plan of the same value."""
        return replace(self, point=point)

    def line(self, two: Aim) -> tuple[float, float, float] | None:
        """Bound, level and slope of what the level's price proves for all levels; None for a share, whose row turns with its level."""
        if self.level is None or two.ratio:
            return None
        price = float(self.prices[-1])
        return self.by_prices, self.level, max(price, 0.0) if two.sign < 0 else min(price, 0.0)


class Sum(Protocol):
    """What can be made least: a measure, or a weighted sum of measures."""

    def vector(self, instance: Instance) -> Floats:
        """(C,) what a unit of each column adds to it."""

    def is_objective(self, instance: Instance) -> bool:
        """Whether penalties of soft limits are in its unit."""


class Trade:
    """The searches of one programme, and what they share: gap, seconds and who is told. `rough` where they are decomposed, so that
    their gap is wider than a tie; where no gap is asked for, these stop at `GAP_OF_LARGE`, or after so many `rounds`. `interrupted`
    once Ctrl-C was pressed: what was found until then stands, and there are no more searches.
    """

    def __init__(
        self, instance: Instance, gap: float | None, time_limit: float | None,
        progress: Callable[[Progress], None] | None, *, rounds: int,
    ) -> None:  # fmt: skip
        self.instance, self.time_limit, self.progress = instance, time_limit, progress
        self.method, self.interrupted = quick(instance.options), False
        usual = GAP_OF_LARGE if self.rough else DEFAULT_GAP
        self.gap, self.rounds = (usual, rounds) if gap is None else (gap, ROUNDS)

    @property
    def rough(self) -> bool:
        return self.method == "decomposed"

    def value(self, aim: Sum, point: Floats) -> float:
        """The aim as it is made least, with the penalties where they are in it."""
        cost = self._cost(aim)
        return float(cost @ point)

    def best(self, aim: Sum, bounds: list[Bound], start: Start | None, stage: str) -> Found:
        """The best of an aim that is no share, or of a weighted sum of such, under these bounds too. Raises `NoPlan`."""
        return self._solved(
            self._aimed(self._cost(aim), bounds, penalised=aim.is_objective(self.instance)), bounds, start, stage
        )

    def best_of_second(self, aim: Aim, bounds: list[Bound], start: Start, stage: str) -> Found:
        """The best of any aim. A share N / D is made best by Dinkelbach (1967): N - theta D is, until theta stays."""
        if not aim.ratio:
            return self.best(aim, bounds, start, stage)
        made = aim.bound(self.instance, 0.0)
        above, below = made.numerator, made.denominator
        assert above is not None
        assert below is not None
        assert start.point is not None
        options = self.instance.options
        dense = np.zeros(options.count)
        dense[below.options] = below.weights
        least = float(np.minimum.reduceat(dense, options.first_of_part[:-1]).sum()) + below.constant
        point, theta = start.point, aim.at(self.instance, start.point)
        for _ in range(TURNS):
            cost = np.zeros(len(self.instance.model.cost))
            cost[above.options] += aim.sign * above.weights
            cost[below.options] -= aim.sign * theta * below.weights
            fixed = aim.sign * (above.constant - theta * below.constant)
            turn = self._solved(self._aimed(cost, bounds, penalised=False), bounds, start, stage)
            proved = aim.sign * theta + min(0.0, turn.bound + fixed) / least if least > 0 else -np.inf
            now = aim.at(self.instance, turn.point)
            if aim.sign * (theta - now) <= 1e-9 * max(1e-9, abs(theta)):
                break
            point, theta, start = turn.point, now, turn.start()
        return replace(turn, point=point, value=aim.sign * theta, bound=min(proved, aim.sign * theta))

    def _cost(self, aim: Sum) -> Floats:
        cost, model = aim.vector(self.instance).copy(), self.instance.model
        if aim.is_objective(self.instance):
            cost[model.slacks] = model.cost[model.slacks]
        return cost

    def _aimed(self, cost: Floats, bounds: list[Bound], *, penalised: bool) -> Model:
        """The model with that cost (C,) and those bounds beside the programme's own; soft limits cost nothing in what they have no unit in."""
        i = self.instance
        own = [b if penalised or b.penalty is None else replace(b, penalty=0.0) for b in i.model.bounds]
        model = model_of(i.problem, i.options, i.measures, [*own, *bounds])
        return replace(model, cost=cost)

    def _solved(self, model: Model, bounds: list[Bound], start: Start | None, stage: str) -> Found:
        if self.interrupted:
            raise Stopped(NOTHING)
        if self.progress is not None:
            self.progress(Progress(0.0, stage))
        i = self.instance
        try:
            answer = searched(
                model, i.options, i.problem.parts.divisible, gap=self.gap, method=self.method, time_limit=self.time_limit,
                rounds=self.rounds, start=None if start is None else _fitted(start, model),
            )  # fmt: skip
        except Stopped:  # before there was a plan
            answer = Answer("interrupted", -np.inf, None, None)
        self.interrupted = answer.status == "interrupted"
        if answer.point is None:
            answer = self._as_it_started(answer, start, model)
        if answer.point is None:
            raise Stopped(NOTHING) if self.interrupted else no_plan(answer, model)
        point = whole_point(model, answer.point)
        must_hold(model, point)
        prices = np.zeros(len(model.low)) if answer.prices is None else answer.prices
        value, by_prices = float(model.cost @ point), bound_of_prices(model, i.options, prices)
        return Found(
            point, value, min(max(answer.bound, by_prices), value), min(by_prices, value),
            prices, answer.status, bounds[0].value if bounds else None,
        )  # fmt: skip

    def _as_it_started(self, answer: Answer, start: Start | None, model: Model) -> Answer:
        """Where no plan was found in time, the one that the search started from, if it keeps every row."""
        if start is None or start.point is None or answer.status == "infeasible":
            return answer
        used = model.matrix @ start.point
        near = 1e-9 * np.maximum(1.0, np.abs(used))
        holds = bool(((used <= model.high + near) & (used >= model.low - near)).all())
        return replace(answer, point=start.point) if holds else answer


def _fitted(start: Start, model: Model) -> Start:
    """A start for a model with one row more or less at its end; without prices where they are those of another cost."""
    prices, rows = start.prices, len(model.low)
    if prices is not None:
        prices = np.concatenate([prices, np.zeros(max(0, rows - len(prices)))])[:rows]
    return Start(prices, None if start.point is None else least_slacks(model, start.point))
