"""Which of several plans of equal objective is kept.

The rule: no part stands on an option when an option earlier in its list (imported first, then by offer, start and
share) has the same objective and breaks nothing. Moves are tried part by part in alphabetical order, once.
"""

from __future__ import annotations

import numpy as np

from onshore.sourcing.model import Model, column_of
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats

__all__ = ["first_among_equals"]

SAME = 1e-12
"""Objectives closer than this share of the largest one of the part are equal."""


def first_among_equals(model: Model, options: Options, point: Floats) -> Floats:
    """The point (C,) after the rule. Parts on a mix of options are left as they are."""
    z = point.copy()
    columns = model.matrix.tocsc()
    activity = model.matrix @ z
    room = 1e-9 * np.maximum(1.0, np.abs(np.where(np.isfinite(model.high), model.high, 0.0)))
    floor = 1e-9 * np.maximum(1.0, np.abs(np.where(np.isfinite(model.low), model.low, 0.0)))
    for first, end in zip(options.first_of_part[:-1].tolist(), options.first_of_part[1:].tolist(), strict=True):
        at = first + int(np.argmax(z[first:end]))
        if z[at] < 1.0:
            continue
        cost = model.cost[first:end]
        equal = np.abs(cost[: at - first] - model.cost[at]) <= SAME * max(1e-300, float(np.abs(cost).max()))
        if not (equal & (model.upper[first:at] > 0)).any():
            continue
        for k in first + np.flatnonzero(equal & (model.upper[first:at] > 0)):
            moved = activity - column_of(columns, at) + column_of(columns, int(k))
            if (moved <= model.high + room).all() and (moved >= model.low - floor).all():
                z[at], z[k], activity = 0.0, 1.0, moved
                break
    return z
