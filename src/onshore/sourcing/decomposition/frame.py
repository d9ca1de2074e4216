"""The rows of a programme that need no option to be known, and the boxes: ventures and modules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from onshore.sourcing.counted import Bundle, bundled
from onshore.sourcing.limits import LimitRows, limit_rows
from onshore.sourcing.measures import total_of_boxes
from onshore.sourcing.model import (
    decided,
    decided_makers,
    forced_term,
    hours_of_modules,
    hours_term,
    makers_of,
    modules_most,
    service_of_modules,
    shop_years,
    venture_bounds,
)
from onshore.sourcing.problem import Floats, Ints, Problem

__all__ = ["Frame", "frame_of"]


@dataclass(frozen=True)
class Frame:
    """The rows of a programme but those that tie parts to ventures: names by block, sides turned to "at most", boxes."""

    names: tuple[tuple[str, str], ...]  # (F,) block and row
    right: Floats  # (F,)
    sign: Floats  # (F,)
    penalty: Floats  # (F,)
    maker: Ints  # (F,) whose row it is, -1 of no one maker
    boxes: sparse.csc_array  # (F, B = V + S T) of ventures and then modules, turned
    cost: Floats  # (B,)
    lower: Floats  # (B,)
    upper: Floats  # (B,)
    terms: Bundle
    denominators: Bundle
    limits: LimitRows


def frame_of(problem: Problem) -> Frame:
    """The rows in the order machine-hours, modules in service, forced makers, limits."""
    V, (S, T) = len(problem.ventures.labels), problem.shops.hours.shape
    limits = limit_rows(problem)
    forced = decided(problem, "maker", "force")
    shops, service_row, service_module, high = service_of_modules(problem)
    hours_row, hours_module, hours = hours_of_modules(problem)
    at = np.cumsum([0, S * T, len(high), len(forced), len(limits.bounds)])
    names = (
        *(("machine_hours", name) for name in shop_years(problem, range(S))),
        *(("modules_in_service", name) for name in shop_years(problem, shops.tolist())),
        *(("forced_makers", name) for name in forced),
        *(("limits", b.name) for b in limits.bounds),
    )
    sign = np.concatenate(
        [np.ones(at[2]), -np.ones(len(forced)), [1.0 if b.sense == "at_most" else -1.0 for b in limits.bounds]]
    )
    right = sign * np.concatenate(
        [problem.shops.hours.ravel(), high, np.ones(len(forced)), [b.right for b in limits.bounds]]
    )
    penalty = np.concatenate(
        [np.full(at[3], np.inf), [np.inf if b.penalty is None else b.penalty for b in limits.bounds]]
    )
    maker = np.concatenate(
        [
            np.repeat(problem.shops.maker, T),
            np.repeat(problem.shops.maker[shops], T),
            decided_makers(problem),
            makers_of(problem, limits.bounds),
        ]
    )
    box_row = np.concatenate(
        [np.full(len(b.boxes), at[3] + r) for r, b in enumerate(limits.bounds)] + [np.zeros(0)]
    ).astype(np.int64)
    rows = np.concatenate([hours_row, at[1] + service_row, box_row])
    columns = np.concatenate([V + hours_module, V + service_module, *(b.boxes for b in limits.bounds)])
    data = np.concatenate([-hours, np.ones(len(service_row)), *(b.box_weights for b in limits.bounds)]) * sign[rows]
    boxes = sparse.csc_array((data, (rows, columns)), shape=(int(at[-1]), V + S * T))
    terms = (
        hours_term(problem),
        *(replace(t, rows=t.rows + at[2]) for t in ([forced_term(problem)] if forced else [])),
        *(replace(t, rows=np.where(t.rows >= 0, t.rows + at[3], -1)) for t in limits.terms),
    )
    T = len(problem.years)
    ventures, modules = total_of_boxes(problem, problem.settings.objective)
    cost = problem.settings.sign * np.concatenate([ventures, modules.ravel()])
    return Frame(
        names,
        right,
        sign,
        penalty,
        maker,
        boxes,
        cost,
        *_box_bounds(problem),
        bundled(terms, T),
        bundled(limits.denominators, T),
        limits,
    )


def _box_bounds(problem: Problem) -> tuple[Floats, Floats]:
    low, high = venture_bounds(problem)
    most = modules_most(problem)
    return np.concatenate([low, np.zeros(len(most))]), np.concatenate([high, most])
