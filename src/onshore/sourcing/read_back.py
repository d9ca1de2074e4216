"""The tables of a plan read back as prices of the rows and as a point of a model: by names, never by position.

A price goes by its block and row, an option by its place in the part's list where the table of options is the same
(`point_of`), else by its part, offers, starts and shares (`choices_on`), a venture by its key, a module by shop and year.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from onshore.errors import LabelError, WrongUse
from onshore.sourcing.instance import Whole
from onshore.sourcing.model import least_slacks
from onshore.sourcing.problem import Floats
from onshore.sourcing.result import options_table
from onshore.tables.labels import positions

__all__ = ["OTHER_TABLE", "choices_on", "named_prices", "point_of"]

OTHER_TABLE = "The run was planned on another option table; plan its input folder again."
NAMED = ["part", "offer", "offer_2", "start", "start_2", "share", "share_2"]
"""What tells an option from all others, whatever its place in the table."""


def named_prices(tables: Mapping[str, pl.DataFrame]) -> dict[tuple[str, str], float]:
    """The prices of a plan's rows, by block and row."""
    return {
        (block, row): price for block, row, price in tables["row_prices"].select("block", "row", "price").iter_rows()
    }


def point_of(tables: Mapping[str, pl.DataFrame], whole: Whole) -> Floats:
    """A plan's tables as a point of the rebuilt model. Raises `WrongUse` where they tell of options that it does not have."""
    problem, options, model = whole.problem, whole.options, whole.model
    parts = pl.Series(problem.parts.labels, dtype=pl.String).gather(options.part)
    point = np.zeros(len(model.cost))
    try:
        told = tables["options"].select("part", "option")
        at = positions(told, pl.DataFrame({"part": parts, "option": options.number}), "options")
    except LabelError:
        raise WrongUse(OTHER_TABLE) from None
    point[model.options.start + at] = tables["options"]["chosen"].to_numpy()
    _put_boxes(point, tables, whole)
    return least_slacks(model, point)


def choices_on(tables: Mapping[str, pl.DataFrame], whole: Whole) -> tuple[Floats, np.ndarray]:
    """(C,) a plan as a point of a model of another input, and which parts (P,) chose an option that the model has not."""
    problem, options, model = whole.problem, whole.options, whole.model
    parts = {part: p for p, part in enumerate(problem.parts.labels)}
    known = options_table(problem, options, model, np.zeros(options.count)).select(NAMED).with_row_index("at")
    chosen = tables["options"].filter(pl.col("chosen") > 0).select(*NAMED, "chosen")
    found = chosen.join(known, on=NAMED, how="left", nulls_equal=True)
    lost = np.zeros(len(parts), dtype=np.bool_)
    lost[[parts[p] for p in found.filter(pl.col("at").is_null())["part"] if p in parts]] = True
    there = found.drop_nulls("at")
    point = np.zeros(len(model.cost))
    point[model.options.start + there["at"].to_numpy().astype(np.int64)] = there["chosen"].to_numpy()
    _put_boxes(point, tables, whole)
    return point, lost


def _put_boxes(point: Floats, tables: Mapping[str, pl.DataFrame], whole: Whole) -> None:
    """The ventures that are opened and the modules that come into service, of shops and years that there are."""
    problem, model = whole.problem, whole.model
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
