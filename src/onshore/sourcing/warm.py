"""What an earlier plan gives a later search to start from: its prices and its choices, found again by their names.

Positions move when a table of options grows or shrinks, so nothing is carried over by position: a price goes by its block
and row, an option by its part, offers, starts and shares, a venture by its key, a module by shop and year.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from onshore.sourcing.decomposition.decomposed import Start
from onshore.sourcing.instance import Instance
from onshore.sourcing.model import Model, least_slacks
from onshore.sourcing.problem import Floats
from onshore.sourcing.result import options_table

__all__ = ["choices_on", "prices_on", "start_from"]

NAMED = ["part", "offer", "offer_2", "start", "start_2", "share", "share_2"]
"""What tells an option from all others, whatever its place in the table."""


def start_from(tables: Mapping[str, pl.DataFrame], instance: Instance) -> Start:
    """A start for `searched` from the tables of a run or plan, also of another input.

    A part whose option is gone, or no longer permitted, starts on the cheapest that it has. Where the plan then breaks a row, the
    search takes up its prices only.
    """
    model, options = instance.model, instance.options
    point, lost = choices_on(tables, instance)
    x = point[model.options]
    x[model.upper[model.options] == 0] = 0.0
    held = np.add.reduceat(x, options.first_of_part[:-1])
    cost = np.where(model.upper[model.options] > 0, model.cost[model.options], np.inf)
    for p in np.flatnonzero((np.abs(held - 1.0) > 1e-9) | lost):
        mine = slice(int(options.first_of_part[p]), int(options.first_of_part[p + 1]))
        x[mine] = 0.0
        x[mine.start + int(np.argmin(cost[mine]))] = 1.0
    point[model.options] = x
    _open_what_is_used(point, instance)
    return Start(prices=prices_on(tables, model), point=least_slacks(model, np.clip(point, model.lower, model.upper)))


def prices_on(tables: Mapping[str, pl.DataFrame], model: Model) -> Floats:
    """(R,) prices of the rows by block and name, zero where the table `row_prices` has none."""
    rows = tables["row_prices"].select("block", "row", "price").iter_rows()
    return model.prices_of({(block, row): price for block, row, price in rows})


def choices_on(tables: Mapping[str, pl.DataFrame], instance: Instance) -> tuple[Floats, np.ndarray]:
    """(C,) the plan of a run as a point of the model, and which parts (P,) chose an option that the model has not."""
    problem, options, model = instance.problem, instance.options, instance.model
    parts = {part: p for p, part in enumerate(problem.parts.labels)}
    known = options_table(problem, options, model, np.zeros(options.count)).select(NAMED).with_row_index("at")
    chosen = tables["options"].filter(pl.col("chosen") > 0).select(*NAMED, "chosen")
    found = chosen.join(known, on=NAMED, how="left", nulls_equal=True)
    lost = np.zeros(len(parts), dtype=np.bool_)
    lost[[parts[p] for p in found.filter(pl.col("at").is_null())["part"] if p in parts]] = True
    there = found.drop_nulls("at")
    point = np.zeros(len(model.cost))
    point[model.options.start + there["at"].to_numpy().astype(np.int64)] = there["chosen"].to_numpy()
    opened = set(tables["opened"]["venture"])
    point[model.ventures] = [float(v in opened) for v in problem.ventures.labels]
    shops = {
        (problem.makers[m], f): s
        for s, (m, f) in enumerate(zip(problem.shops.maker, problem.shops.family, strict=True))
    }
    years = len(problem.years)
    for maker, family, year, count in tables["modules"].select("maker", "family", "in_service", "modules").iter_rows():
        if (maker, family) in shops and year in problem.years:
            point[model.modules.start + shops[maker, family] * years + year - problem.years[0]] = count
    return point, lost


def _open_what_is_used(point: Floats, instance: Instance) -> None:
    """A part that moved to an option through a venture has it opened, where that is permitted."""
    options, offers, ventures = instance.options, instance.problem.offers, instance.model.ventures
    taken = options.legs.offer[point[instance.model.options][options.option_of_leg] > 0]
    used = np.unique(offers.venture[taken[offers.in_venture[taken]]])
    point[ventures.start + used] = 1.0
