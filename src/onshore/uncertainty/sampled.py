"""The plan that is best on average over a sample of worlds, or over its dear tail: one model with averaged costs.

What an option costs in a world does not depend on what else is chosen, so the expected cost of a plan is the plan's cost under the
expected costs of the options, and the model has the size of the programme's own. Limits and machine-hours hold on average over the
sample; a soft limit's expected shortfall is at least the shortfall of the averages, so the bound stays one (Jensen).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from onshore.errors import Stopped
from onshore.sourcing.decomposition.decomposed import Start
from onshore.sourcing.methods import searched
from onshore.sourcing.model import Model
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats
from onshore.uncertainty.own import settled
from onshore.uncertainty.risk import Estimate, mean, tail

__all__ = ["Best", "Drawn", "Sample", "batches", "best_on_average", "best_tail", "lower_bound"]

BATCHES = 5
TAILS = 4
"""At most so many tails are planned for in turn."""


@dataclass(frozen=True)
class Drawn:
    """What a draw makes of the programme's model: costs (C,), rows (R, C) and their sides (R,)."""

    cost: Floats
    matrix: sparse.csr_array
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Sample:
    """N worlds over the programme's option table: `costs` (N, C), and the programme's model with the rows of their average."""

    costs: Floats
    model: Model
    options: Options
    divisible: np.ndarray
    start: Start
    gap: float

    @classmethod
    def of(
        cls, model: Model, options: Options, divisible: np.ndarray, drawn: Sequence[Drawn], *, start: Start, gap: float
    ) -> Sample:
        """The sample of some draws."""
        n = len(drawn)
        matrix = sum((d.matrix * (1.0 / n) for d in drawn[1:]), start=drawn[0].matrix * (1.0 / n))
        low, high = np.mean([d.low for d in drawn], axis=0), np.mean([d.high for d in drawn], axis=0)
        forced = model.blocks["forced_makers"]  # what is decided is no matter of an average
        rows = [matrix[: forced.start], model.matrix[forced], matrix[forced.stop :]]
        averaged = replace(model, matrix=sparse.csr_array(sparse.vstack(rows, format="csr")), low=low, high=high)
        return cls(np.array([d.cost for d in drawn]), averaged, options, divisible, start, gap)

    def weighted(self, weights: Floats) -> Model:
        """The model of costs averaged with weights (N,) that add up to 1."""
        return replace(self.model, cost=weights @ self.costs)


@dataclass(frozen=True)
class Best:
    """The best point (C,) of a sample's model and a bound on it; no point where no plan keeps the limits on average."""

    point: Floats | None
    bound: float | None


def best_on_average(sample: Sample, worlds: Sequence[int] | None = None) -> Best:
    """The plan of least average cost over the sample, or some of it; its rows stay those of the whole sample."""
    weights = np.zeros(len(sample.costs))
    weights[list(range(len(weights)) if worlds is None else worlds)] = 1.0
    return _best(sample, weights / weights.sum())


def _best(sample: Sample, weights: Floats) -> Best:
    model = sample.weighted(weights)
    answer = searched(model, sample.options, sample.divisible, gap=sample.gap, start=sample.start)
    if answer.status == "interrupted":
        raise Stopped("Interrupted; nothing was written.")
    if answer.point is None:
        return Best(None, None)
    point = settled(model, sample.options, answer.point)
    return Best(point, min(answer.bound, float(model.cost @ point)))


def batches(count: int) -> list[range]:
    """The sample cut into batches of equal size, for Mak, Morton and Wood's bound; none where they would be of one world."""
    size = count // BATCHES
    return [range(i * size, (i + 1) * size) for i in range(BATCHES)] if size > 1 else []


def lower_bound(found: Sequence[Best]) -> Estimate | None:
    """A bound on the least expected cost: the mean of the batches' bounds is below it in expectation (Mak, Morton, Wood 1999)."""
    bounds = [b.bound for b in found if b.bound is not None]
    return mean(np.array(bounds)) if len(bounds) == len(found) > 1 else None


def best_tail(sample: Sample, first: Floats, level: float) -> tuple[list[Best], float | None]:
    """Plans that are good in the dear tail, and a bound on the sample's least conditional value at risk.

    From a first plan (C,) on: find the worlds that are dearest under it, plan for their average, and again under that plan.
    Conditional value at risk is the largest average over all such weights (Artzner et al. 1999), so the bound of each of these
    models is below what any plan reaches, and the largest is kept.
    """
    found: list[Best] = []
    seen: set[bytes] = set()
    point, bound = first, None
    for _ in range(TAILS):
        weights = tail(sample.costs @ point, level)
        if weights.tobytes() in seen:
            break
        seen.add(weights.tobytes())
        best = _best(sample, weights)
        if best.point is None or best.bound is None:
            break
        found.append(best)
        bound = best.bound if bound is None else max(bound, best.bound)
        point = best.point
    return found, bound
