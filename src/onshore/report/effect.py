"""The page of a measurement: what the start of lines did, and what stands against believing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import expm1
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from onshore.impact.declared import TABLES
from onshore.report.charts import AFTER, BINDS, INK, SOFT, axis_number, drawn
from onshore.report.numbers import MINUS, NONE, THIN, Told, count, number, percent
from onshore.report.pieces import Block, Card, Cards, Chapter, Column, Figure, Grid, Points, Row, Text, cells
from onshore.report.workbook import Fact
from onshore.tables.runs import Run, read_run

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["EFFECT_CHAPTERS", "Measured", "effect_facts", "measured_of"]

MEASURED, IMPUTED, PREDICTED = "measured", "imputation", "predicted"
COLOURS = {MEASURED: AFTER, IMPUTED: SOFT, PREDICTED: BINDS}
NAMES = {"callaway_santanna": "Callaway and Sant’Anna", "imputation": "Imputation", "two_way": "Two-way, naive"}
WEIGHING = {
    "cohorts": "each started part counts once", "since": "each month after a start counts once",
    "months": "each calendar month counts once", "cells": "each part and month counts once",
}  # fmt: skip
MOST_COHORTS = 40


def measured_of(folder: Path) -> Measured:
    """Read a measurement. Nothing outside the folder is looked at."""
    return Measured(read_run(folder, TABLES))


def effect_facts(told: Measured) -> list[Fact]:
    """The headline numbers in full, for the workbook."""
    f, unit = told.figures, "a logarithm" if told.log else told.unit
    names = {
        "effect": "Effect", "error": "Its error", "low": "Lower end of its interval", "high": "Upper end",
        "imputation_effect": "By imputation, over parts and months", "cells_effect": "The same mean by the first estimator",
        "naive_effect": "Naive two-way estimate, not to be used",
    }  # fmt: skip
    rows: list[Fact] = [(label, _float(f[name]), unit) for name, label in names.items()]
    if told.log:
        rows.insert(1, ("The same as a share", _float(f["change"]), "of the value"))
    return [
        *rows,
        ("Hash of the input", str(f["input_hash"]), "SHA-256; the panel lies in the folder input beside this workbook"),
    ]


@dataclass(frozen=True)
class Measured:
    """A run, and how its numbers are written: as a share where they are logarithms, else in the panel's unit."""

    run: Run

    @property
    def figures(self) -> dict[str, object]:
        return self.run.figures

    @property
    def log(self) -> bool:
        return self.figures["scale"] == "log"

    @property
    def unit(self) -> str:
        return "" if self.log else str(self.figures["unit"])

    @property
    def sure(self) -> str:
        return f"{100 * self.number('confidence'):g}{THIN}%"

    def number(self, name: str) -> float:
        return float(self.figures[name])  # type: ignore[arg-type]

    def value(self, effect: float | None) -> float | None:
        """For a chart: per cent, or the unit."""
        return None if effect is None else 100 * expm1(effect) if self.log else effect

    def __call__(self, effect: float | None) -> str:
        if effect is None:
            return NONE
        shown: str = f"{number(round(100 * expm1(effect), 2), 2)}{THIN}%" if self.log else number(effect, 3)
        return f"+{shown}" if effect > 0 and shown.strip(f"0{THIN}%") else shown

    def between(self, low: float | None, high: float | None) -> str:
        return NONE if low is None or high is None else f"{self(low)} to {self(high)}"

    def said(self, effect: float) -> str:
        """With its unit, for a sentence."""
        return f"{self(effect)} {self.unit}".strip()


def _p(value: float | None) -> str:
    return NONE if value is None else f"<{THIN}0.001" if value < 0.001 else Told(f"{value:.3f}", value)


def _headline(told: Measured) -> Chapter:
    f = told.figures
    low, high = told.number("low"), told.number("high")
    lead = f"On average over the parts whose lines started, values moved by {told.said(told.number('effect'))} against what they would have been"
    cards = (
        Card("effect", "Effect", told(told.number("effect")), f"{told.sure} interval {told.between(low, high)} {told.unit}".strip(), told.number("effect")),
        Card("started", "Parts with a line that started", count(told.number("parts_started")), f"of {f['parts']}; {f['cohorts']} different starts", told.number("parts_started")),
        Card("before-test", "Moved apart before?", _p(_float(f["before_p_value"])), "p-value; small means yes", _float(f["before_p_value"])),
        Card("imputation", "A second estimator", told(told.number("imputation_effect")), f"{told(told.number('cells_effect'))} by the first, weighed alike", told.number("imputation_effect")),
    )  # fmt: skip
    blocks: list[Block] = [
        Text(f"{lead}, {told.sure} interval {told.between(low, high)}.", "lead"), Cards(cards),
        *(Text(_typeset(remark), "mind") for remark in f["remarks"]),  # type: ignore[attr-defined]
    ]  # fmt: skip
    if warnings := f["warnings"]:
        blocks.append(Points(tuple(_typeset(f"{w['cause']} {w['remedy']}") for w in warnings)))  # type: ignore[attr-defined]
    return Chapter("effect-chapter", "In one number, and what stands beside it", "In one number", tuple(blocks))


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def _typeset(text: str) -> str:
    """A remark's signs as the page writes them."""
    return text.replace(" -", f" {MINUS}").replace(" %", f"{THIN}%").replace("`", "")


def _since(told: Measured) -> Chapter:
    table, against = told.run["effect_since"], told.run["effect_predicted"]
    ours = table.filter(pl.col("estimator") == "callaway_santanna")
    wide, narrow = drawn("since-chart", lambda width: _since_chart(told, width))
    last = ours.row(-1, named=True)
    see = (
        f"Left of the start is what should be nothing, right of it the effect. {last['months_since']} months after the start, the last that is seen, it is "
        f"{told.said(last['effect'])}, on {last['parts']} parts. Bars hold one month at {told.sure}, the shade all of them at once; the broken line is the second estimator. "
        "Later months rest on fewer, earlier lines, so a bend may be a change of parts."
    )  # fmt: skip
    if against.height:
        see += " The line of the prediction is what had been promised for an average part."
    figure = Figure("since-figure", f"Effect by months since the start, {_unit(told)}", see, wide, narrow, see)
    rows: list[Row] = [
        cells(
            _whole(r["months_since"]),
            told(r["effect"]),
            told.between(r["low"], r["high"]),
            told.between(r["band_low"], r["band_high"]),
            count(r["parts"]),
        )
        for r in ours.filter(pl.col("months_since") >= 0).iter_rows(named=True)
    ]
    columns = (
        Column("Months since"), Column("Effect", _unit(told)), Column("Interval", f"{told.sure}, one month", "day"),
        Column("Band", f"{told.sure}, all months", "day"), Column("Parts started"),
    )  # fmt: skip
    blocks: list[Block] = [figure, Grid("since-table", "Months since the start", columns, tuple(rows))]
    if against.height:
        blocks.append(_against(told, against))
    return Chapter("since", "Month by month after the start", "Months since", tuple(blocks))


def _unit(told: Measured) -> str:
    return "per cent" if told.log else told.unit


def _whole(months: int) -> str:
    return Told(f"{MINUS}{-months}" if months < 0 else str(months), float(months))


def _since_chart(told: Measured, width: int) -> Drawing:
    import altair as alt

    table, against = told.run["effect_since"], told.run["effect_predicted"]
    scaled = [
        pl.col(c).map_elements(told.value, return_dtype=pl.Float64)
        for c in ("effect", "low", "high", "band_low", "band_high")
    ]
    shown = table.with_columns(scaled).with_columns(
        name=pl.col("estimator").replace({"callaway_santanna": MEASURED, "imputation": IMPUTED})
    )
    ours, theirs = (shown.filter(pl.col("name") == n) for n in (MEASURED, IMPUTED))
    names = [MEASURED, IMPUTED, *([PREDICTED] if against.height else [])]
    x = alt.X(
        "months_since:Q",
        title="months since the start",
        axis=alt.Axis(tickMinStep=1, tickCount=8 if width > 500 else 5),
    )
    y = alt.Y("effect:Q", title=None, axis=alt.Axis(labelExpr=axis_number, tickCount=6))
    colour = alt.Color(
        "name:N", sort=names, scale=alt.Scale(domain=names, range=[COLOURS[n] for n in names]),
        legend=alt.Legend(columnPadding=36 if width > 500 else 10),
    )  # fmt: skip
    size = 26 if ours.height <= 80 and width > 500 else 12
    layers = [
        alt.Chart(ours).mark_area(opacity=0.14, color=AFTER).encode(x=x, y=alt.Y("band_low:Q", title=None), y2="band_high:Q"),
        alt.Chart(pl.DataFrame({"y": [0.0]})).mark_rule(color=INK, strokeWidth=1).encode(y="y:Q"),
        alt.Chart(pl.DataFrame({"x": [-0.5 * told.number("months_a_period")]})).mark_rule(color=INK, strokeDash=[3, 3]).encode(x="x:Q"),
        alt.Chart(theirs).mark_line(strokeWidth=1.5, strokeDash=[6, 3]).encode(x=x, y=y, color=colour),
        alt.Chart(ours).mark_rule(strokeWidth=1, color=AFTER, opacity=0.6).encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q"),
        alt.Chart(ours).mark_point(filled=True, opacity=1, size=size).encode(x=x, y=y, color=colour),
    ]  # fmt: skip
    if against.height:
        path = against.select(
            "months_since", pl.lit(PREDICTED).alias("name"),
            *(pl.col(c).map_elements(told.value, return_dtype=pl.Float64) for c in ("predicted", "predicted_low", "predicted_high")),
        )  # fmt: skip
        layers.insert(
            3, alt.Chart(path).mark_line(strokeWidth=2).encode(x=x, y=alt.Y("predicted:Q", title=None), color=colour)
        )
        if not path["predicted_low"].has_nulls() and not path["predicted_high"].has_nulls():
            layers.insert(
                0,
                alt.Chart(path)
                .mark_area(opacity=0.12, color=BINDS)
                .encode(x=x, y=alt.Y("predicted_low:Q", title=None), y2="predicted_high:Q"),
            )
    return alt.layer(*layers).properties(width=width - 60, height=280 if width > 500 else 230)


def _against(told: Measured, against: pl.DataFrame) -> Grid:
    rows = tuple(
        cells(
            _whole(r["months_since"]), told(r["predicted"]), told.between(r["predicted_low"], r["predicted_high"]), told(r["effect"]),
            told.between(r["band_low"], r["band_high"]), NONE if r["inside"] is None else "yes" if r["inside"] else "no",
        )
        for r in against.iter_rows(named=True)
    )  # fmt: skip
    columns = (
        Column("Months since"), Column("Predicted", _unit(told)), Column("Its band", kind="day"), Column("Measured", _unit(told)),
        Column("Band of the whole path", told.sure, "day"), Column("Predicted inside", kind="words"),
    )  # fmt: skip
    return Grid("predicted-table", "What had been predicted", columns, rows)


def _cohorts(told: Measured) -> Chapter:
    table = told.run["effect_cohorts"]
    wide, narrow = drawn("cohorts-chart", lambda width: _cohorts_chart(told, table.tail(MOST_COHORTS), width))
    cut = f" The last {MOST_COHORTS} are drawn." if table.height > MOST_COHORTS else ""
    see = f"Each is the mean over the months since its start, so early ones look back on more of them.{cut}"
    rows = tuple(
        cells(
            _month(r["started"]),
            told(r["effect"]),
            told.between(r["low"], r["high"]),
            count(r["parts"]),
            count(r["months"]),
        )
        for r in table.iter_rows(named=True)
    )
    columns = (
        Column("Lines started", kind="day"), Column("Effect", _unit(told)), Column("Interval", told.sure, "day"),
        Column("Parts"), Column("Periods seen since"),
    )  # fmt: skip
    figure = Figure("cohorts-figure", f"Effect by month of start, {_unit(told)}", see, wide, narrow, see)
    return Chapter(
        "cohorts", "By month of start", "By start",
        (figure, Grid("cohorts-table", "Parts whose lines started in the same month", columns, rows)),
    )  # fmt: skip


def _month(day: date) -> str:
    return f"{day.year}-{day.month:02}"


def _cohorts_chart(told: Measured, table: pl.DataFrame, width: int) -> Drawing:
    import altair as alt

    shown = table.select(
        pl.col("started").map_elements(_month, return_dtype=pl.String).alias("name"),
        *(pl.col(c).map_elements(told.value, return_dtype=pl.Float64) for c in ("effect", "low", "high")),
    )
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(grid=False))
    axis = alt.Axis(labelExpr=axis_number, tickCount=6)
    return alt.layer(
        alt.Chart(pl.DataFrame({"x": [0.0]})).mark_rule(color=INK).encode(x="x:Q"),
        alt.Chart(shown).mark_rule(strokeWidth=2, color=AFTER).encode(y=y, x=alt.X("low:Q", title=None, axis=axis), x2="high:Q"),
        alt.Chart(shown).mark_point(filled=True, size=60, opacity=1, color=AFTER).encode(y=y, x=alt.X("effect:Q", title=None)),
    ).properties(width=width - 90, height=22 * shown.height)  # fmt: skip


def _before(told: Measured) -> Chapter:
    f = told.figures
    blocks: list[Block] = [
        Text(
            "The effect is a comparison with parts whose line had not started, and it is right only if both would have gone on alike. "
            "That cannot be seen. What can be seen is whether they went alike before, and whether a start that never was seems to have an effect."
        )
    ]
    if f["before_p_value"] is not None:
        blocks.append(Text(
            f"Over the {f['before_months']} months before the starts, chance alone would give differences as large as the {f['before_count']} that were seen with p = {_p(_float(f['before_p_value']))} "
            f"(Wald’s statistic {number(_float(f['before_statistic']), 2)}, {f['clusters']} clusters)."
        ))  # fmt: skip
    table = told.run["effect_placebos"]
    rows = tuple(
        cells(
            f"{r['months_earlier']} months earlier",
            told(r["effect"]),
            told.between(r["low"], r["high"]),
            _p(r["p_value"]),
            count(r["parts"]),
        )
        for r in table.iter_rows(named=True)
    )
    columns = (
        Column("Pretended start", kind="words"), Column("Effect found", _unit(told)), Column("Interval", told.sure, "day"),
        Column("p-value"), Column("Parts"),
    )  # fmt: skip
    if rows:
        note = "Only months before the true start are looked at, so there is nothing to find. Of twenty true nothings, one has p below 0.05."
        blocks.append(Grid("placebos-table", "Placebo dates", columns, rows, note=note))
    return Chapter("before", "Before the start", "Before", tuple(blocks))


def _others(told: Measured) -> Chapter:
    rows = tuple(
        cells(NAMES[r["estimator"]], WEIGHING[r["weighing"]], told(r["effect"]), told.between(r["low"], r["high"]))
        for r in told.run["effect_overall"].iter_rows(named=True)
    )
    columns = (
        Column("Estimator", kind="words"),
        Column("The mean where", kind="words"),
        Column("Effect", _unit(told)),
        Column("Interval", told.sure, "day"),
    )
    parts = tuple(
        cells(r["meaning"][:1].upper() + r["meaning"][1:], percent(round(r["weight"], 4)), told(r["effect"]))
        for r in told.run["effect_naive"].sort("weight", descending=True).iter_rows(named=True)
    )
    made_of = (Column("Comparison", kind="words"), Column("Weight"), Column("What it gives", _unit(told)))
    wrong = told.number("naive_already_weight")
    return Chapter(
        "others", "Other ways to the number, and one not to take", "Other ways",
        (
            Grid("overall-table", "The same effect in one number", columns, rows),
            Text(
                "The first looks at the month before each start, imputation at all months before it. Where the two differ by more than their errors, "
                "the parts did not move alike over the longer time, and neither should be leaned on."
            ),
            Text(
                f"The naive two-way estimate is printed only so that nobody is surprised by it. {percent(round(wrong, 4))} of its weight compares lines that start "
                "with parts whose line had already started: if their effect still grows, the growth is taken off. It is no evidence.", "mind",
            ),
            Grid("naive-table", "What the naive estimate is made of", made_of, parts),
        ),
    )  # fmt: skip


def _how(told: Measured) -> Chapter:
    design: dict[str, object] = told.figures["design"]  # type: ignore[assignment]
    says: dict[str, Callable[[object], str]] = {
        "scale": lambda v: "Values in logarithms: the effect is a share of the value." if v == "log" else "Values as they are: the effect is in their unit.",
        "comparison": lambda v: "Compared with parts whose line does not start." if v == "never" else "Compared, in each month, with parts whose line had not started by then.",
        "covariates": lambda v: f"At equal values of {', '.join(map(str, v))} ({design['method']})." if v else "Without covariates.",  # type: ignore[call-overload]
        "anticipation": lambda v: f"Values may answer {v} months before a start." if v else "Values are taken not to answer before a start.",
        "base": lambda v: "Earlier months are held against the last one before the start." if v == "universal" else "Earlier months are held against the month before each.",
        "gaps": lambda v: "Parts that lack months are left out." if v == "drop" else "Every part has every month.",
    }  # fmt: skip
    points = [say(design[name]) for name, say in says.items()]
    points += [
        f"Errors rest on {told.figures['clusters']} clusters, and are the large-sample ones.",
        "Not looked at: whether home parts are as good, whether parts that stay imported became dearer or cheaper because others are made at home, and what the programme cost.",
    ]
    return Chapter("how", "How it was measured", "How", (Points(tuple(points)),))


EFFECT_CHAPTERS = (_headline, _since, _cohorts, _before, _others, _how)
"""In reading order."""
