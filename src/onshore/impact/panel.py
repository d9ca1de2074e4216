"""A panel as arrays, and everything that it cannot answer, told at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

import numpy as np
import polars as pl

from onshore.errors import Finding, finding
from onshore.impact.cells import NEVER, cohorts
from onshore.impact.design import Design
from onshore.impact.inference import Flags, Floats, Ints

__all__ = ["Panel", "month_name", "panel_of"]

FEW = 10
"""Fewer clusters than this on one side are warned about: a rule of thumb."""


@dataclass(frozen=True)
class Panel:
    """N parts over T periods, every one of them seen: `y` (N, T), in logarithms where the scale is.

    `start` (N,) is the period of a part's start, `NEVER` where there is none up to the last period; `cluster` (N,)
    counts from 0; `x` (N, K) are covariates. A period begins in `months[t]` (months since year 0) and is `step` long.
    """

    parts: tuple[str, ...]
    months: Ints
    step: int
    y: Floats
    start: Ints
    cluster: Ints
    x: Floats
    unit: str


def month_name(month: int) -> str:
    """`2019-07` of months since year 0."""
    return f"{month // 12}-{month % 12 + 1:02}"


def panel_of(rows: pl.DataFrame, design: Design) -> tuple[Panel | None, list[Finding]]:
    """The arrays of a checked table `panel`, and every finding; None where one is an error.

    Sorted by part, so that the order of rows changes nothing. What a finding makes doubtful is looked at all the same,
    so that one reading tells all.
    """
    month = pl.col("month").dt.year().cast(pl.Int64) * 12 + pl.col("month").dt.month() - 1
    rows = rows.with_columns(
        m=month, started_m=pl.col("started").dt.year().cast(pl.Int64) * 12 + pl.col("started").dt.month() - 1
    )
    rows = rows.filter(pl.col("part").is_not_null() & pl.col("m").is_not_null()).sort("part", "m")
    x, found = _covariates(rows, design.covariates)
    found += [*_cells(rows, design), *_constant(rows, ["started", "cluster"]), *_constant(x, list(design.covariates))]
    rows = rows.unique(["part", "m"], keep="first", maintain_order=True)
    months, step, uneven = _months(rows["m"])
    gaps = list(_gaps(rows, months, design))
    rows = rows.filter(~pl.col("part").is_in([f.value for f in gaps if f.level == "warning"]))
    each = rows.group_by("part", maintain_order=True).agg(pl.col("started_m").min(), pl.col("cluster").first())
    start = _starts(each["started_m"], months, step)
    keep = start > design.periods_ahead(step)
    found += [*uneven, *gaps, *_left_out(each["part"], start, keep)]
    each, start = each.filter(pl.Series(keep)), start[keep]
    cluster = _clusters(each)
    found += _answers(start, cluster, months, step, design)
    if any(f.level == "error" for f in found):
        return None, found
    rows = rows.filter(pl.col("part").is_in(each["part"].implode()))
    y = rows["value"].to_numpy().reshape(each.height, len(months))
    kept = each.select("part").join(x.unique("part", keep="first"), on="part", how="left", maintain_order="left")
    return Panel(
        parts=tuple(each["part"]), months=months, step=step, y=np.log(y) if design.scale == "log" else y.astype(float),
        start=start, cluster=cluster, x=kept.select(design.covariates).to_numpy().reshape(each.height, -1).astype(float),
        unit=rows["unit"][0],
    ), found  # fmt: skip


def _covariates(rows: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, list[Finding]]:
    """`row`, `part` and the covariates as numbers. They are columns `x_...`, which the reader carries along as text."""
    found, columns = [], [rows["row"], rows["part"]]
    for name in names:
        if name not in rows.columns:
            found.append(finding("missing_column", "panel", 1, name, meaning="a covariate that was asked for"))
            continue
        numbers = rows[name].cast(pl.Float64, strict=False)
        bad = numbers.is_null() | ~numbers.is_finite().fill_null(False)
        for row, text in zip(rows["row"].filter(bad), rows[name].filter(bad), strict=True):
            kind, words = (
                ("missing_value", {"meaning": "a covariate"}) if text is None else ("not_a_number", {"example": "12.5"})
            )
            found.append(finding(kind, "panel", row, name, text, **words))
        columns.append(numbers.alias(name))
    return pl.DataFrame(columns), found


def _cells(rows: pl.DataFrame, design: Design) -> Iterator[Finding]:
    """Values without a logarithm, more than one unit, two rows in a month, a cluster in some rows only."""
    if design.scale == "log":
        for row, value in rows.filter(pl.col("value") <= 0).select("row", "value").iter_rows():
            yield finding("not_positive", "panel", row, "value", f"{value:g}")
    units = rows["unit"].drop_nulls().unique().sort().to_list()
    if len(units) > 1:
        yield finding("mixed_units", "panel", None, "unit", values=_listed(units))
    twice = rows.filter(pl.struct("part", "m").is_duplicated() & ~pl.struct("part", "month").is_duplicated())
    for part, m in twice.select("part", "m").unique(maintain_order=True).iter_rows():
        yield finding("month_twice", "panel", None, "month", part, part=part, month=month_name(m))
    if 0 < rows["cluster"].null_count() < rows.height:
        for row in rows.filter(pl.col("cluster").is_null())["row"]:
            yield finding("missing_value", "panel", row, "cluster", meaning="other rows have one")


def _constant(rows: pl.DataFrame, columns: Sequence[str]) -> Iterator[Finding]:
    """Parts in which a column of the part changes from row to row."""
    for column in (c for c in columns if c in rows.columns):
        values = rows.group_by("part", maintain_order=True).agg(pl.col(column).unique().sort(nulls_last=True))
        for part, several in values.filter(pl.col(column).list.len() > 1).iter_rows():
            told = ["empty" if v is None else str(v) for v in several]
            yield finding("varies_within_part", "panel", None, column, part, part=part, values=_listed(told))


def _months(seen: pl.Series) -> tuple[Ints, int, list[Finding]]:
    """The periods of the panel, how many months one is long, and those that nobody has a row in."""
    months = seen.unique().sort().to_numpy().astype(np.int64)
    if len(months) < 2:
        return months, 1, [finding("too_few_months", "panel")]
    step = reduce(gcd, np.diff(months).tolist())
    whole = np.arange(months[0], months[-1] + 1, step)
    lost = np.setdiff1d(whole, months)
    if not len(lost):
        return months, step, []
    return (
        months,
        step,
        [finding("months_missing", "panel", None, "month", months=_listed([month_name(m) for m in lost]))],
    )


def _gaps(rows: pl.DataFrame, months: Ints, design: Design) -> Iterator[Finding]:
    """Parts that lack months which others have."""
    short = rows.group_by("part", maintain_order=True).agg("m").filter(pl.col("m").list.len() < len(months))
    kind = "part_left_out" if design.gaps == "drop" else "part_gaps"
    for part, has in short.iter_rows():
        lost = [month_name(m) for m in np.setdiff1d(months, has)]
        yield finding(kind, "panel", None, None, part, part=part, months=_listed(lost, 4))


def _starts(started: pl.Series, months: Ints, step: int) -> Ints:
    """The period that a start lies in; 0 for the first or an earlier one, `NEVER` for none or a later one."""
    if not len(months):
        return np.zeros(0, dtype=np.int64)
    at = (started - int(months[0])) // step
    last = (int(months[-1]) - int(months[0])) // step
    return np.array([NEVER if a is None or a > last else max(a, 0) for a in at], dtype=np.int64)


def _left_out(parts: pl.Series, start: Ints, keep: Flags) -> Iterator[Finding]:
    if not keep.all():
        yield finding(
            "started_before",
            "panel",
            None,
            "started",
            parts=_listed([f"`{p}`" for p in parts.filter(pl.Series(~keep))]),
        )


def _clusters(each: pl.DataFrame) -> Ints:
    names = each["part"] if each["cluster"].null_count() else each["cluster"]
    return np.unique(names.to_numpy(), return_inverse=True)[1].astype(np.int64)


def _answers(start: Ints, cluster: Ints, months: Ints, step: int, design: Design) -> Iterator[Finding]:
    """What the starts let be measured."""
    began = start != NEVER
    if not began.any():
        yield finding("nothing_started", "panel", None, "started")
        return
    first = cohorts(start)
    ahead = design.periods_ahead(step)
    compared = ~began if design.comparison == "never" else start > int(first[0]) + ahead
    if not compared.any():
        yield finding("nothing_to_compare", "panel", None, "started")
        return
    measured = began if not began.all() else start < first[-1] - ahead
    for side, chosen in (("whose lines started", measured), ("to compare with", compared)):
        count = len(np.unique(cluster[chosen]))
        if count < 2:
            yield finding("one_cluster", "panel", None, None, side=side)
        elif count < FEW:
            yield finding("few_clusters", "panel", None, None, count=count, side=side)
    if len(np.unique(start[measured])) == 1:
        yield finding("one_cohort", "panel", None, "started", month=month_name(int(months[0] + first[0] * step)))
    if start[measured].max() - ahead < 2:
        yield finding("no_pretrend", "panel", None, "month")
    if began.all():
        yield finding(
            "none_never", "panel", None, "started", month=month_name(int(months[0] + (first[-1] - ahead) * step))
        )


def _listed(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
