"""The saving at face value, and as it would come out if it went as in the one programme whose record is public."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl
from markupsafe import Markup

from onshore.report.charts import BEFORE, bars, drawn
from onshore.report.numbers import number, percent, scale_of
from onshore.report.pieces import Cell, Chapter, Column, Figure, Grid, Link, Row, Text, cells
from onshore.report.reading import Reading

__all__ = ["RECORD", "realised", "record"]


class Round(NamedTuple):
    """A round of contracts: `months` from its signing to the day of the report, the `share` of its saving realised."""

    name: str
    months: float
    share: float


RECORD = (
    Round("Desk 1", 27, 0.60),
    Round("Desk 2", 24.5, 0.70),
    Round("Desk 3", 23, 0.27),
    Round("Desk 4", 15.5, 0.25),
)
"""Share of the announced saving that the first four desks of Iran's self-sufficiency desks (car parts, signed from
2019-07-20 to 2020-07-01) had realised by 2021-10-20: Radio Eqtesad, 2021-10-20, `SOURCE`, as printed; the months are
computed. The same figures are in `observations` of the demonstration iran-1398."""

SOURCE = "http://radioeqtesad.ir/NewsDetails/?m=090001&n=924814"
LOW, HIGH = min(r.share for r in RECORD), max(r.share for r in RECORD)
LABEL = "the record of one programme, not a forecast"


def realised(reading: Reading) -> Markup | None:
    """The flow of the last year at face value and at the record's range, in a sentence for the first chapter."""
    row = reading.yearly("imports_displaced").row(-1, named=True)
    face = float(row["after"])
    if face <= 0:
        return None
    scale = scale_of([face])
    return Markup(
        "At face value the plan displaces imports of {} in {}. Had it gone as in the one programme whose progress is "
        "printed, where {} to {} of the saving was realised after 15 to 27 months, it would be "
        "<strong>{} to {}</strong>: {}. <a href=\"#record\">More</a>"
    ).format(
        scale.told(face, reading.currency), reading.year(reading.settings.last_year), percent(LOW), percent(HIGH),
        scale(LOW * face), scale.told(HIGH * face, reading.currency), LABEL,
    )  # fmt: skip


def record(reading: Reading) -> Chapter | None:
    """What was realised of four rounds, and what that would make of this plan; None where it displaces nothing."""
    told = [(name, float(reading.yearly(m).row(-1, named=True)["after"])) for name, m in (
        ("Imports displaced", "imports_displaced"), ("Imports displaced, less what home parts import", "imports_displaced_net"),
    )]  # fmt: skip
    if told[0][1] <= 0:
        return None
    told = told if abs(told[0][1] - told[1][1]) > 1e-9 * told[0][1] else told[:1]
    scale = scale_of([value for _, value in told])
    rows: list[Row] = [cells(name, scale(value), scale(LOW * value), scale(HIGH * value)) for name, value in told]
    columns = (
        Column(f"In {reading.year(reading.settings.last_year)}", kind="words"), Column("As planned, at face value", f"{scale.unit(reading.currency)} a year"),
        Column(f"If {percent(LOW)} of it is realised", f"{scale.unit(reading.currency)} a year"),
        Column(f"If {percent(HIGH)}", f"{scale.unit(reading.currency)} a year"),
    )  # fmt: skip
    return Chapter(
        "record", "At face value, and as the record has it", "Face value and record",
        (
            Text(
                "A plan counts every award as kept. Of the first four rounds of contracts that Iran’s car makers signed for parts, the "
                f"press printed on 2021-10-20 how much of the announced saving had been realised. The range below is {LABEL}: other parts, other makers, other years."
            ),
            Grid(
                "record-table", "The saving at face value and at the realised range of the record", columns, tuple(rows),
                note="Only what the plan displaces is scaled. What an award that falls short still costs, the record does not say, so no cost of this plan is scaled.",
            ),
            _figure(), _rounds(),
        ),
    )  # fmt: skip


def _figure() -> Figure:
    shown = pl.DataFrame({
        "name": [f"{r.name}, {r.months:g} months" for r in RECORD], "value": [r.share for r in RECORD],
        "label": [percent(r.share) for r in RECORD],
    })  # fmt: skip
    wide, narrow = drawn("record-chart", lambda width: bars([("", shown)], width, BEFORE))
    see = (
        f"Two rounds stood at {percent(0.60)} and {percent(0.70)} after two years and more, one at {percent(0.27)} after nearly two, and the youngest at {percent(0.25)}. "
        "Age alone does not explain them."
    )
    caption = "Share of the announced saving that was realised by 2021-10-20, by age of the round"
    return Figure("record-figure", caption, see, wide, narrow, see)


def _rounds() -> Grid:
    link = (Link("radioeqtesad.ir", SOURCE),)
    rows = tuple(
        cells(Cell(r.name, "", link), number(r.months, int(r.months % 1 > 0)), percent(r.share)) for r in RECORD
    )
    columns = (
        Column("Round", kind="words"),
        Column("Age on 2021-10-20", "months, computed"),
        Column("Saving realised", "as printed"),
    )
    return Grid("rounds-table", "The record: four rounds of contracts for car parts in Iran", columns, rows)
