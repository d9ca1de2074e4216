"""The page of a frontier: what one measure costs in another, drawn with what is proved and what is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from onshore.report.charts import AFTER, BEFORE, INK, axis_number, drawn
from onshore.report.numbers import percent, rate, scale_of
from onshore.report.pieces import Block, Card, Cards, Chapter, Column, Figure, Grid, Row, Text, cells, sentence
from onshore.report.workbook import Fact
from onshore.sourcing.declared import FRONTIER_TABLES
from onshore.tables.runs import Run, read_run

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["FRONTIER_CHAPTERS", "Weighed", "frontier_facts", "weighed_of"]


@dataclass(frozen=True)
class Weighed:
    """A frontier that was read, and what its two measures are called."""

    run: Run

    def said(self, name: str) -> str:
        return str(self.run.figures[name])

    @property
    def first(self) -> str:
        return self.said("first").replace("_", " ")

    @property
    def second(self) -> str:
        return self.said("second").replace("_", " ")

    @property
    def points(self) -> pl.DataFrame:
        return self.run["frontier"]

    @property
    def uncertain(self) -> float | None:
        share = self.run.figures["uncertain_share"]
        return None if share is None else float(str(share))


def weighed_of(folder: Path) -> Weighed:
    """Read a frontier. Nothing outside the folder is looked at."""
    return Weighed(read_run(folder, FRONTIER_TABLES))


def frontier_facts(told: Weighed) -> list[Fact]:
    """The headline numbers in full, for the workbook."""
    return [
        ("Points", told.points.height, "plans that no other one beats"),
        ("Uncertain", told.uncertain, "share of what the two ends span that lies between plans and bounds"),
        ("Hash of the input", told.said("input_hash"), "SHA-256; the programme lies in the folder input beside this workbook"),
    ]  # fmt: skip


def _headline(told: Weighed) -> Chapter:
    rows = told.points
    hard, easy = rows.row(0, named=True), rows.row(-1, named=True)
    lead = (
        f"The {told.said('first_sense')} {told.first} for each level of {told.second}: from {rate(hard['first'])} "
        f"{told.said('first_unit')} at {rate(hard['second'])} {told.said('second_unit')} to {rate(easy['first'])} at {rate(easy['second'])}"
    )
    blocks: list[Block] = [Text(sentence(lead), "lead")]
    if told.uncertain is not None:
        blocks.append(
            Cards((
                Card("points", "Plans on the frontier", str(rows.height), "no other plan found beats one", float(rows.height)),
                Card("uncertain", "Still uncertain", percent(told.uncertain), "of what the two ends span lies between plans and bounds", told.uncertain),
            ))
        )  # fmt: skip
    remarks: list[str] = told.run.figures["remarks"]  # type: ignore[assignment]
    blocks += [Text(sentence(r.replace("_", " ")), "mind") for r in remarks]
    return Chapter("frontier-chapter", "What one costs in the other", "In short", tuple(blocks))


def _curve(told: Weighed) -> Chapter:
    wide, narrow = drawn("frontier-chart", lambda width: _chart(told, width))
    see = (
        "Dots are plans. The stairs above the shade are what plans reach, its other edge what no plan can beat: the best there "
        "is lies within the shade, and more points or a smaller gap make it thinner."
    )
    figure = Figure("frontier-figure", sentence(f"{told.first} and {told.second}"), see, wide, narrow, see)
    columns = (
        Column("Point"), Column(sentence(told.second).rstrip("."), told.said("second_unit")), Column(sentence(told.first).rstrip("."), told.said("first_unit")),
        Column("No plan beats", told.said("first_unit")), Column("Gap", "of the plan"), Column("Parts made at home"),
    )  # fmt: skip
    rows: list[Row] = [
        cells(
            str(r["point"]), rate(r["second"]), rate(r["first"]), rate(r["first_bound"]), percent(r["gap"]), str(r["parts_made_at_home"])
        )
        for r in told.points.iter_rows(named=True)
    ]  # fmt: skip
    note = "To plan at a level, write it as a row of `limits`."
    return Chapter(
        "curve",
        "The frontier",
        "The frontier",
        (figure, Grid("frontier-table", "Its points", columns, tuple(rows), note=note)),
    )


def _chart(told: Weighed, width: int) -> Drawing:
    import altair as alt

    points = told.points
    one, two = scale_of(points["first"]), scale_of(points["second"])
    bounds = told.run["frontier_bounds"].with_columns(
        pl.col("plan", "bound") / one.factor, pl.col("second") / two.factor
    )
    points = points.with_columns(pl.col("first") / one.factor, pl.col("second") / two.factor)
    ticks = 7 if width > 500 else 4
    zero = alt.Scale(zero=False, nice=True)
    x = alt.X(
        "second:Q",
        title=f"{told.second}, {two.unit(told.said('second_unit'))}",
        scale=zero,
        axis=alt.Axis(labelExpr=axis_number, tickCount=ticks),
    )
    y = alt.Y(
        "plan:Q",
        title=f"{told.first}, {one.unit(told.said('first_unit'))}",
        scale=zero,
        axis=alt.Axis(labelExpr=axis_number),
    )
    base = alt.Chart(bounds)
    return alt.layer(
        base.mark_area(color=BEFORE, opacity=0.5, line=False).encode(x=x, y=y, y2="bound:Q"),
        base.mark_line(color=AFTER, strokeWidth=1.5).encode(x=x, y=y),
        base.mark_line(color=INK, strokeWidth=1, strokeDash=[4, 3]).encode(x=x, y=alt.Y("bound:Q", scale=zero)),
        alt.Chart(points).mark_point(filled=True, size=70, color=AFTER, opacity=1).encode(x=x, y=alt.Y("first:Q", scale=zero)),
    ).properties(width=width - 90, height=round(0.6 * (width - 90)))  # fmt: skip


FRONTIER_CHAPTERS: tuple[Callable[[Weighed], Chapter], ...] = (_headline, _curve)
