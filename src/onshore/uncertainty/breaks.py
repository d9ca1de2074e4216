"""What a plan does not keep in a world: rows that are broken, and units that can neither be made nor imported.

None of it is priced: a plan's value is what it costs, and beside it stands what it lacks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.sourcing.limits import RATIOS
from onshore.sourcing.model import Model
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Problem

__all__ = ["UNSOURCED", "Broken", "broken", "unsourced"]

UNSOURCED = "cannot_be_imported"
KEPT = ("machine_hours", "modules_in_service", "limits")
SLACK = 1e-6
"""Share of a row's size by which it may be missed before it counts as broken."""


@dataclass(frozen=True)
class Broken:
    """A hard row that is missed by `over`, where its side is `bound`, in its own unit; a share's row is in what it is a share of.

    `share` is `over` as a share of all that the row holds: from 0 to 1, so that rows of different units can be added up.
    """

    block: str
    name: str
    over: float
    bound: float
    unit: str
    share: float


def broken(model: Model, point: Floats) -> list[Broken]:
    """Limits, machine-hours and modules that the point (C,) does not keep. What a soft limit lacks is in its price already."""
    used = model.matrix @ point
    sides = [np.where(np.isfinite(side), np.abs(side), 0.0) for side in (model.low, model.high)]
    held = np.maximum(abs(model.matrix) @ np.abs(point), np.maximum(*sides))
    high, low = used - model.high, model.low - used
    over = np.maximum(high, low)
    found = []
    for block in KEPT:
        rows = model.blocks[block]
        for r in rows.start + np.flatnonzero(over[rows] > SLACK * np.maximum(1e-12, held[rows])):
            side = float(model.high[r] if high[r] >= low[r] else model.low[r])
            unit = "hours" if block == "machine_hours" else "modules"
            if block == "limits":
                bound = model.bounds[r - rows.start]
                unit = bound.unit if bound.theta is None else RATIOS[bound.measure][0]
                side = bound.value if bound.theta is None else side
            found.append(Broken(block, model.names[r], float(over[r]), side, unit, float(over[r] / held[r])))
    return found


def unsourced(problem: Problem, options: Options, x: Floats) -> list[Broken]:
    """Parts that cannot be imported, and the units of each that a plan (K,) leaves to imports all the same."""
    left = x * options.imported.sum(axis=1)
    left = np.where(problem.parts.importable[options.part], 0.0, left)
    by_part = np.bincount(options.part, weights=left, minlength=len(problem.parts.labels))
    need = problem.parts.need.sum(axis=1)
    return [
        Broken(UNSOURCED, problem.parts.labels[p], float(by_part[p]), 0.0, "units", float(by_part[p] / need[p]))
        for p in np.flatnonzero(by_part > SLACK * need)
    ]
