"""What an earlier plan gives a later search to start from: its prices, its choices and its branches, made to fit the later model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from onshore.errors import WrongUse
from onshore.sourcing.decomposition.decomposed import Start
from onshore.sourcing.instance import Whole
from onshore.sourcing.model import least_slacks
from onshore.sourcing.problem import Floats
from onshore.sourcing.read_back import choices_on, named_prices
from onshore.sourcing.tree import NoTree
from onshore.sourcing.tree_tables import Names, proved_by, tree_of

__all__ = ["proved_again", "start_from"]


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


def proved_again(tables: Mapping[str, pl.DataFrame], whole: Whole) -> tuple[dict[str, pl.DataFrame], float]:
    """What the branches of an earlier plan prove of this model: their tables with its bounds, and the least of these.

    Rows are rounded again and prices stay as they were, so it holds of any model; the less has changed, the more is left of it. No
    tables, and minus infinity, where there are no branches or they tell of rows that are gone.
    """
    if tables["branches"].is_empty():
        return {}, -np.inf
    try:
        return proved_by(tree_of(tables, Names.of(whole)), whole)
    except (NoTree, WrongUse):
        return {}, -np.inf


def _open_what_is_used(point: Floats, whole: Whole) -> None:
    """A part that moved to an option through a venture has it opened, where that is permitted."""
    options, offers, ventures = whole.options, whole.problem.offers, whole.model.ventures
    taken = options.legs.offer[point[whole.model.options][options.option_of_leg] > 0]
    used = np.unique(offers.venture[taken[offers.in_venture[taken]]])
    point[ventures.start + used] = 1.0
