"""How the amounts grew: S-curves, in programme years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from onshore.blueprint.calendar import year_of, year_start
from onshore.report.charts import AFTER, BEFORE, BINDS, TIGHT, axis_number, drawn
from onshore.report.numbers import scale_of
from onshore.report.pieces import Block, Chapter, Column, Figure, Grid, Row, Text, cells
from onshore.report.standing import MEASURE_WORDS, STAGE_WORDS, Standing, ranged

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["s_curves", "year_axis"]

COLOURS = {"planned": TIGHT, "contracted": BEFORE, "in_production": AFTER, "realised": BINDS}
NEAR = 3.0
"""A target up to this many times the top of the curve is drawn; a higher one would flatten everything, and is told."""


def s_curves(standing: Standing) -> Chapter | None:
    """A chart of the flow, in the summary's currency and market, and the amounts at the end of each programme year."""
    table = (
        standing["curve"]
        .filter((pl.col("currency") == standing.currency) & (pl.col("market") == standing.market))
        .drop_nulls("high")
    )
    flow = table.filter(pl.col("measure") == "imports_displaced")
    if not flow.height:
        return None
    blocks: list[Block] = [_figure(standing, flow), _by_year(standing, table), Text(
        "A stage begins when somebody first saw it: before that it is unknown, not nothing. The curve uses all that was known on "
        "the day of this report.", "small",
    )]  # fmt: skip
    return Chapter("curves", "How it grew", "S-curves", tuple(blocks))


def _figure(standing: Standing, flow: pl.DataFrame) -> Figure:
    scale = scale_of([flow["high"].max()])  # type: ignore[list-item]
    shown = flow.with_columns(
        pl.col("low") / scale.factor, pl.col("high") / scale.factor, stage=pl.col("stage").replace(STAGE_WORDS)
    )
    targets = standing["promises"].filter(
        (pl.col("measure") == "imports_displaced") & (pl.col("currency") == standing.currency)
        & (pl.col("market") == standing.market) & (pl.col("stage") == "contracted")
    ).sort("value")  # fmt: skip
    near = targets.filter(pl.col("value") <= NEAR * scale.factor * float(shown["high"].max() or 0))  # type: ignore[arg-type]
    lines = near.select("due", label="target", value=pl.col("value") / scale.factor)
    wide, narrow = drawn("curve-chart", lambda width: _chart(standing, shown, lines, width))
    last = shown.sort("day").group_by("stage").last()
    told = "; ".join(
        f"{row['stage'].lower()} {ranged(scale, row['low'] * scale.factor, row['high'] * scale.factor).text}"
        for row in last.sort("high", descending=True).iter_rows(named=True)
    )
    far = targets.height - near.height
    see = (
        f"At the end, in {scale.unit(standing.currency)} a year: {told}."
        + (
            f" {near.height} targets in {standing.currency} are drawn as marks at their due days."
            if near.height
            else ""
        )
        + (f" {far} more lie beyond the top of the chart and stand in the table of promises." if far else "")
    )
    return Figure("curve-figure", f"Imports displaced a year, {scale.unit(standing.currency)}", see, wide, narrow, see)


def year_axis(standing: Standing, days: pl.Series, width: int) -> object:
    """An axis of programme years: a tick at the first day of each, labelled in the calendar of the report."""
    import altair as alt

    calendar = standing.settings.calendar
    first, last = year_of(days.min(), calendar), year_of(days.max(), calendar) + 1  # type: ignore[arg-type]
    step = max(1, round((last - first) / (8 if width > 500 else 4)))
    years = {y: year_start(y, calendar) for y in range(first, last + 1, step)}
    words = {f"{day.year}-{day.month:02}": str(y) for y, day in years.items()}
    return alt.Axis(
        values=[alt.DateTime(year=d.year, month=d.month, date=d.day) for d in years.values()], grid=True, title=None,
        labelExpr=f"{words!r}[timeFormat(datum.value, '%Y-%m')] || ''",
    )  # fmt: skip


def _chart(standing: Standing, shown: pl.DataFrame, lines: pl.DataFrame, width: int) -> Drawing:
    """A band from the least to the most of each stage; what was seen once is a point."""
    import altair as alt

    names = [STAGE_WORDS[s] for s in COLOURS]
    colour = alt.Color("stage:N", scale=alt.Scale(domain=names, range=list(COLOURS.values())), legend=alt.Legend())
    days = pl.concat([shown["day"], lines["due"].cast(pl.Date)])
    x = alt.X("day:T", axis=year_axis(standing, days, width))  # type: ignore[arg-type]
    y_axis = alt.Axis(labelExpr=axis_number, tickCount=5)
    base = alt.Chart(shown.with_columns(pl.col("day").cast(pl.Datetime)))
    band = base.mark_area(opacity=0.35, interpolate="step-after").encode(
        x=x, y=alt.Y("low:Q", title=None, axis=y_axis), y2="high:Q", color=colour
    )
    line = base.mark_line(interpolate="step-after", strokeWidth=2).encode(x=x, y="high:Q", color=colour)
    points = (
        base.transform_filter("datum.stage == 'Realised' || datum.stage == 'Planned'")
        .mark_point(filled=True, size=60)
        .encode(x=x, y="high:Q", color=colour)
    )
    layers = [band, line, points]
    if lines.height:
        due = alt.Chart(lines.with_columns(pl.col("due").cast(pl.Datetime)))
        layers += [
            due.mark_point(shape="triangle-up", filled=False, size=80, color="#22303a").encode(
                x=alt.X("due:T"), y="value:Q"
            ),
            due.mark_text(align="right", dx=-8).encode(x=alt.X("due:T"), y="value:Q", text="label:N"),
        ]
    return alt.layer(*layers).properties(width=width - 60, height=240 if width > 500 else 200)


def _by_year(standing: Standing, table: pl.DataFrame) -> Grid:
    """The last row of each programme year."""
    calendar = standing.settings.calendar
    years = table.with_columns(year=pl.col("day").map_elements(lambda d: year_of(d, calendar), return_dtype=pl.Int64))
    last = years.sort("day").group_by("year", "measure", "stage", maintain_order=True).last()
    pairs = [
        (m, s)
        for m in MEASURE_WORDS
        for s in STAGE_WORDS
        if last.filter((pl.col("measure") == m) & (pl.col("stage") == s)).height
    ]
    scales = {m: scale_of(last.filter(pl.col("measure") == m)["high"]) for m in MEASURE_WORDS}
    rows: list[Row] = []
    for year in last["year"].unique().sort():
        mine = {(r["measure"], r["stage"]): r for r in last.filter(pl.col("year") == year).iter_rows(named=True)}
        rows.append(cells(standing.year(year), *(
            ranged(scales[m], mine[m, s]["low"], mine[m, s]["high"]) if (m, s) in mine else ranged(scales[m], None, None) for m, s in pairs
        )))  # fmt: skip
    columns = (Column("Programme year", "at its end", kind="words"), *(
        Column(f"{MEASURE_WORDS[m]}, {STAGE_WORDS[s].lower()}", scales[m].unit(standing.currency)) for m, s in pairs
    ))  # fmt: skip
    return Grid("curve-table", f"The same by programme year, at the {standing.market} rate", columns, tuple(rows))
