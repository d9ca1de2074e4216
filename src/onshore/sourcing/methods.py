"""Which way a model is searched: whole by branch and bound, or decomposed; one door for both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from onshore.errors import Stopped
from onshore.sourcing.decomposition.decomposed import ROUNDS, Start, decomposed, worth_keeping
from onshore.sourcing.model import Model, least_slacks
from onshore.sourcing.options import Options
from onshore.sourcing.solver import Answer, Progress, solve

__all__ = ["METHODS", "by_size", "quick", "searched"]

METHODS = ("whole", "decomposed")
SMALL_TABLE = 2000
"""Options up to which branch and bound needs no help."""
WHOLE_UP_TO = 500
"""Parts up to which a programme is planned whole unless asked otherwise: where the two methods cross (benchmarks/RESULTS.md)."""


def searched(
    model: Model, options: Options, divisible: np.ndarray, *, gap: float, method: str | None = None,
    time_limit: float | None = None, progress: Callable[[Progress], None] | None = None, start: Start | None = None,
    rounds: int = ROUNDS,
) -> Answer:  # fmt: skip
    """The best point found, with its bound and the prices that prove one.

    `method` is one of `METHODS`, None chooses by size. `start` is what a search of a model with the same columns and rows left:
    its prices and its plan are taken up where they still hold. `rounds` are those of `sought`. Raises `Stopped` where Ctrl-C comes before there is a plan.
    """
    search = _Search(model, options, divisible, gap, time_limit, progress, start, rounds)
    chosen = method or by_size(len(options.first_of_part) - 1)
    return {"whole": search.whole, "decomposed": search.in_parts}[chosen]()


def by_size(parts: int) -> str:
    """The method where none is asked for."""
    return "whole" if parts <= WHOLE_UP_TO else "decomposed"


def quick(options: Options) -> str:
    """The method for a search that starts from an earlier plan and is asked often: branch and bound where it takes a moment."""
    return "whole" if options.count <= SMALL_TABLE else "decomposed"


class _Search:
    """The two methods, and the time they share."""

    def __init__(
        self, model: Model, options: Options, divisible: np.ndarray, gap: float, time_limit: float | None,
        progress: Callable[[Progress], None] | None, start: Start | None, rounds: int,
    ) -> None:  # fmt: skip
        self.model, self.options, self.divisible = model, options, divisible
        self.gap, self.progress, self.start, self.rounds = gap, progress, start, rounds
        self.time_limit, self.began = time_limit, time.monotonic()

    @property
    def left(self) -> float | None:
        return None if self.time_limit is None else max(0.0, self.time_limit - (time.monotonic() - self.began))

    def decomposed(self) -> Answer:
        return decomposed(
            self.model, self.options, self.divisible, gap=self.gap, time_limit=self.time_limit, progress=self.progress,
            start=self.start, rounds=self.rounds,
        )  # fmt: skip

    def whole(self) -> Answer:
        """The plan and bound of branch and bound, with the prices of a relaxation beside.

        A table that is not small is decomposed first, with branches and windows, for so many rounds at most: its plan is a start for the solver,
        and an option that its prices prove to stand in no better plan is left out.
        """
        if self.options.count <= SMALL_TABLE:
            return self._small()
        known = self.decomposed()
        if known.status in ("optimal", "infeasible", "interrupted"):
            return replace(known, method="whole")
        if known.point is None:
            return replace(
                solve(self.model, gap=self.gap, time_limit=self.left, progress=self.progress), prices=known.prices
            )
        start = least_slacks(self.model, known.point)
        if self.left == 0.0:
            return replace(known, point=start, method="whole")
        within = worth_keeping(self.model, self.options, self.divisible, known, float(self.model.cost @ start))
        try:
            found = solve(within, gap=self.gap, time_limit=self.left, start=start, progress=self.progress)
        except Stopped:  # before the solver had taken in the plan that there is
            found = Answer("interrupted", known.bound, start, None)
        if found.point is None:
            found = replace(found, status="time_limit" if found.status == "time_limit" else "rounds", point=start)
        return replace(
            found, bound=max(found.bound, known.bound), prices=known.prices, losses=known.losses, tree=known.tree
        )

    def _small(self) -> Answer:
        """Prices of the linear relaxation (zero where it found none in time, which still gives a bound), then the plan."""
        half = None if self.time_limit is None else self.time_limit / 2
        relaxed = solve(self.model, relaxed=True, time_limit=half, progress=self.progress)
        if relaxed.status == "infeasible":
            return replace(relaxed, point=None)
        if self.progress and relaxed.status == "optimal":
            self.progress(Progress(0.0, "bound", bound=relaxed.bound))
        prices = np.zeros(len(self.model.low)) if relaxed.prices is None else relaxed.prices
        start = None if self.start is None or self.start.point is None else least_slacks(self.model, self.start.point)
        found = solve(self.model, gap=self.gap, time_limit=self.left, start=start, progress=self.progress)
        return replace(found, prices=prices)

    def in_parts(self) -> Answer:
        """The decomposition's plan and bound. Where its parts settle on no plan, one may exist all the same: the solver looks
        for it in the whole model in what time is left, or proves that there is none."""
        found = self.decomposed()
        if found.point is not None or found.status in ("infeasible", "interrupted") or self.left == 0.0:
            return found
        whole = solve(self.model, gap=self.gap, time_limit=self.left, progress=self.progress)
        return replace(
            whole, bound=max(whole.bound, found.bound), prices=found.prices, method="decomposed", losses=found.losses,
            tree=found.tree,
        )  # fmt: skip
