"""What an earlier plan gives a later search to start from: its prices and its choices, made to fit the later model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from onshore.sourcing.decomposition.decomposed import Start
from onshore.sourcing.instance import Whole
from onshore.sourcing.model import least_slacks
from onshore.sourcing.problem import Floats
from onshore.sourcing.read_back import choices_on, named_prices

__all__ = ["start_from"]


def start_from(tables: Mapping[str, pl.DataFrame], whole: Whole) -> Start:
    """A start for `searched` from the tables of a run or plan, also of another input.

    A part whose option is gone, or no longer permitted, starts on the cheapest that it has. Where the plan then breaks a row, the
    search mends it, or settles anew from where it stands.
    """
    model, options = whole.model, whole.options
    point, lost = choices_on(tables, whole)
    x = point[model.options]
    x[model.upper[model.options] == 0] = 0.0
    held = np.add.reduceat(x, options.first_of_part[:-1])
    cost = np.where(model.upper[model.options] > 0, model.cost[model.options], np.inf)
    for p in np.flatnonzero((np.abs(held - 1.0) > 1e-9) | lost):
        mine = slice(int(options.first_of_part[p]), int(options.first_of_part[p + 1]))
        x[mine] = 0.0
        x[mine.start + int(np.argmin(cost[mine]))] = 1.0
    point[model.options] = x
    _open_what_is_used(point, whole)
    return Start(
        prices=model.prices_of(named_prices(tables)),
        point=least_slacks(model, np.clip(point, model.lower, model.upper)),
    )


def _open_what_is_used(point: Floats, whole: Whole) -> None:
    """A part that moved to an option through a venture has it opened, where that is permitted."""
    options, offers, ventures = whole.options, whole.problem.offers, whole.model.ventures
    taken = options.legs.offer[point[whole.model.options][options.option_of_leg] > 0]
    used = np.unique(offers.venture[taken[offers.in_venture[taken]]])
    point[ventures.start + used] = 1.0
