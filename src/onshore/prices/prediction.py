"""What had been predicted, by months since the start of a line: the form in which it can be held against what was measured."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from onshore.blueprint.calendar import month_of, month_start, year_of
from onshore.errors import WrongUse
from onshore.prices.story import READINGS

__all__ = ["predicted_of"]


def predicted_of(part_prices: pl.DataFrame, parts: Collection[str], *, reading: str, calendar: str) -> pl.DataFrame:
    """The table `predicted` of `onshore.impact` for these parts: months_since, effect, low, high; and `parts`, how many are in it.

    The effect h months after the planned start is that of the programme year in which that month lies, `fisher` - 1 of the part's
    market against every part imported; over parts it is the mean of logarithms, as measured effects are. `low` and `high` are
    such means of each market's band, as if all were wrong the same way at once: wider than the band of the mean.

    Raises `WrongUse` where none of the parts is made at home and has a market.
    """
    if reading not in READINGS:
        raise WrongUse(f"`{reading}` is no reading of prices: {', '.join(READINGS)}.")
    of = ("fisher", "low", "high")
    known = part_prices.filter(
        (pl.col("reading") == reading) & pl.col("part").is_in(list(parts)) & pl.col("starts").is_not_null() & pl.col("fisher").is_not_null()
    )  # fmt: skip
    if known.is_empty():
        raise WrongUse(
            "The run says nothing of the prices of parts whose line started in the panel: none of them is made at home in it and has a "
            "market. Are parts called the same in both? `onshore prices RUN` names what it knows."
        )
    by_month = []
    last = int(known["year"].to_numpy().max())
    for (part, starts), rows in known.group_by("part", "starts", maintain_order=True):
        a_year = rows.group_by("year").agg(pl.col(c).log().mean() for c in of)
        begins = month_of(starts, last, calendar)
        months = range(12 - begins)
        years = [year_of(month_start(begins + h, last, calendar), calendar) for h in months]
        by_month.append(
            pl.DataFrame({"part": [part] * len(years), "months_since": list(months), "year": years}, schema_overrides={"year": a_year["year"].dtype})
            .join(a_year, on="year")
        )  # fmt: skip
    path = (
        pl.concat(by_month)
        .group_by("months_since")
        .agg(*(pl.col(c).mean() for c in of), parts=pl.col("part").n_unique())
    )
    whole = pl.col("low").is_not_null() & pl.col("high").is_not_null()
    return path.sort("months_since").select(
        "months_since", (pl.col("fisher").exp() - 1).alias("effect"),
        *(pl.when(whole).then(pl.col(c).exp() - 1).alias(c) for c in ("low", "high")), "parts",
    )  # fmt: skip
