"""The odds of the targets: a fan, the chances, what was believed before and after, and what pulls down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.report.charts import AFTER, BINDS, INK, axis_number, drawn
from onshore.report.numbers import NONE, count, number, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, Text, cells, links, many
from onshore.report.s_curves import year_axis
from onshore.report.standing import Standing, ranged

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["odds"]

READINGS = {
    "contracted": "as contracts signed",
    "realised": "as realised, so much a year",
    "cumulated": "as realised in sum since the first day",
}
STOCK = {**READINGS, "realised": "as delivered"}
COLOURS = {"contracted": AFTER, "realised": BINDS}
NEVER = 0.001


def odds(standing: Standing) -> Chapter | None:
    """What the record makes likely, and how wide an honest band is."""
    if not standing.has("chances"):
        return None
    chances, fan = standing["chances"], standing["fan"]
    flows = fan.filter(pl.col("measure") == "imports_displaced")
    main = (flows if flows.height else fan).select("measure", "currency", "scope").row(0)
    blocks: list[Block] = [
        Text(_answer(standing, chances)), _figure(standing, _of(fan, main), chances), _chances(standing, chances),
        Text(
            "The odds come from the record alone: how far contracts have come at their age, how often new ones are signed and how large "
            "they are. Four shares seen on one day cannot tell a slow contract from one that will never be finished, so what is "
            "assumed beforehand stands beside what the record makes of it. A band is as wide as that leaves it, and no coverage is claimed: "
            "that takes twenty forecasts whose outcome is known.", "small",
        ),
    ]  # fmt: skip
    blocks.append(_beliefs(_of(standing["beliefs"], main)))
    pulls = standing["pulls"]
    if pulls.height:
        blocks.append(_pulls(pulls))
    blocks.append(_reference(_of(standing["reference"], main)))
    left_out = standing.words("left_out")
    if left_out:
        blocks.append(Text("; ".join(left_out).capitalize() + ".", "small"))
    return Chapter("odds", "The odds of the targets", "Odds", tuple(blocks))


def _of(table: pl.DataFrame, main: tuple[Any, ...]) -> pl.DataFrame:
    measure, currency, scope = main
    return table.filter((pl.col("measure") == measure) & (pl.col("currency") == currency) & (pl.col("scope") == scope))


def _answer(standing: Standing, chances: pl.DataFrame) -> str:
    """The largest target, and how many are likely in some reading."""
    row = chances.sort("value", "probability", descending=[True, True]).row(0, named=True)
    scale = scale_of([row["value"]])
    likely = chances.filter(pl.col("probability") >= 0.5)["target"].n_unique()
    return (
        f"The largest promise still to come due, {scale.told(row['value'], row['currency'])} by {row['due']}, is met in "
        f"{_chance(row['probability'])} of draws in its most favourable reading. Of {many(chances['target'].n_unique(), 'target')} with odds, "
        f"{count(likely) if likely else 'none'} {'are' if likely > 1 else 'is'} likelier than not in some reading."
    )


def _chance(probability: float) -> str:
    return (
        f"fewer than 1 in {round(1 / NEVER):,}".replace(",", "\u202f")
        if probability < NEVER
        else percent(round(probability, 3))
    )


def _chances(standing: Standing, chances: pl.DataFrame) -> Grid:
    promised = dict(standing.programme["targets"].select("target", "measure").iter_rows())
    rows: list[Row] = []
    for row in chances.sort("due", "value", "reading", descending=[False, True, False]).iter_rows(named=True):
        scale = scale_of([row["q95"], row["now"]])
        words = STOCK if row["measure"] == "contract_value" else READINGS
        needed = row["run_rate_needed"]
        rows.append(cells(
            Cell(promised[row["target"]], f"{row['target']}, {words[row['reading']]}"), standing.day(row["due"]),
            Cell(scale(row["value"]), scale.unit(row["currency"])), scale(row["now"]), ranged(scale, row["q05"], row["q95"]),
            _chance(row["probability"]), scale(row["expected_shortfall"]),
            NONE if needed is None else scale(needed),
        ))  # fmt: skip
    columns = (
        Column("Target, and how it is read", kind="words"), Column("Due", kind="day"), Column("How much"), Column("Now"),
        Column("On its day", "90 % band"), Column("Odds"), Column("Lacking", "on average"), Column("Needed", "a year"),
    )  # fmt: skip
    return Grid(
        "chances-table",
        "Each target still to come due, in each way to read it",
        columns,
        tuple(rows),
        note="Each row is in the unit that stands under its target.",
    )


def _figure(standing: Standing, fan: pl.DataFrame, chances: pl.DataFrame) -> Figure:
    measure, currency = fan["measure"][0], fan["currency"][0]
    shown = fan.filter(pl.col("amount").is_in(list(COLOURS)))
    scale = scale_of([shown["q95"].max()])  # type: ignore[list-item]
    bands = [c for c in shown.columns if c.startswith("q")]
    shown = shown.with_columns((pl.col(bands) / scale.factor), name=pl.col("amount").str.to_titlecase())
    due = chances.filter((pl.col("measure") == measure) & (pl.col("currency") == currency)).unique("target").filter(
        pl.col("value") <= 1.5 * scale.factor * float(shown["q95"].max())  # type: ignore[arg-type]
    ).select("due", "target", value=pl.col("value") / scale.factor)  # fmt: skip
    wide, narrow = drawn("fan-chart", lambda width: _chart(standing, shown, due, width))
    last = shown.filter(pl.col("date") == shown["date"].max())
    told = "; ".join(
        f"{row['amount']} {number(row['q05'], scale.decimals)} to {number(row['q95'], scale.decimals)}, "
        f"{number(row['q95'] / row['q05'], 1)} times from end to end"
        for row in last.iter_rows(named=True) if row["q05"] > 0
    )  # fmt: skip
    far = chances["target"].n_unique() - due.height
    see = f"By {last['date'][0]}, nine draws in ten lie between these ends: {told}." + (
        f" {many(far, 'target')} {'lies' if far == 1 else 'lie'} above the chart or in another currency." if far else ""
    )
    noun = "imports displaced a year" if measure == "imports_displaced" else "contract value"
    return Figure(
        "fan-figure",
        f"How {noun} may go on: half of the draws in the dark band, nine in ten in the light one, {scale.unit(currency)}",
        see,
        wide,
        narrow,
        see,
    )


def _chart(standing: Standing, shown: pl.DataFrame, due: pl.DataFrame, width: int) -> Drawing:
    import altair as alt

    names = [n.capitalize() for n in COLOURS]
    colour = alt.Color("name:N", scale=alt.Scale(domain=names, range=list(COLOURS.values())), legend=alt.Legend())
    days = pl.concat([shown["date"], due["due"]])
    base = alt.Chart(shown.rename({"date": "day"}).with_columns(pl.col("day").cast(pl.Datetime)))
    x = alt.X("day:T", axis=year_axis(standing, days, width))  # type: ignore[arg-type]
    axis = alt.Axis(labelExpr=axis_number, tickCount=5)
    outer = base.mark_area(opacity=0.22).encode(x=x, y=alt.Y("q05:Q", title=None, axis=axis), y2="q95:Q", color=colour)
    inner = base.mark_area(opacity=0.35).encode(x=x, y="q25:Q", y2="q75:Q", color=colour)
    middle = base.mark_line(strokeWidth=2).encode(x=x, y="q50:Q", color=colour)
    layers = [outer, inner, middle]
    if due.height:
        marks = alt.Chart(due.with_columns(pl.col("due").cast(pl.Datetime))).encode(x="due:T", y="value:Q")
        layers += [
            marks.mark_point(shape="triangle-up", size=80, color=INK),
            marks.mark_text(align="right", dx=-8).encode(text="target:N"),
        ]
    return alt.layer(*layers).properties(width=width - 60, height=240 if width > 500 else 200)


def _beliefs(beliefs: pl.DataFrame) -> Grid:
    rows = tuple(
        cells(
            Cell(row["words"], row["unit"]),
            Cell(f"{row['prior_median']:.3g}", f"{row['prior_low']:.3g}–{row['prior_high']:.3g}"),
            Cell(f"{row['median']:.3g}", f"{row['low']:.3g}–{row['high']:.3g}"), Cell(row["said"]),
        )
        for row in beliefs.iter_rows(named=True)
    )  # fmt: skip
    columns = (
        Column("What", kind="words"), Column("Assumed before", "middle, 90 %"), Column("After the record", "middle, 90 %"),
        Column("What the record said", kind="words"),
    )  # fmt: skip
    return Grid("beliefs-table", "What was assumed, and what the record made of it", columns, rows)


def _pulls(pulls: pl.DataFrame) -> Grid:
    rows = []
    for row in pulls.sort("probability", "amount", descending=True).head(12).iter_rows(named=True):
        scale = scale_of([row["amount"]])
        rows.append(cells(
            Cell(row["contract"], row["why"]), Cell(f"{row['target']}, {READINGS[row['reading']]}"), percent(row["share"]),
            percent(None if row["middling"] is None else round(row["middling"], 3)), Cell(scale(row["amount"]), scale.unit(row["currency"])),
            f"{number(100 * row['probability'], 1)} points",
        ))  # fmt: skip
    columns = (
        Column("Contract", kind="words"), Column("Target", kind="words"), Column("Realised"), Column("A middling one"),
        Column("It keeps from the target"), Column("And from its odds"),
    )  # fmt: skip
    return Grid("pulls-table", "What pulls down: contracts behind, were they on time", columns, tuple(rows))


def _reference(reference: pl.DataFrame) -> Grid:
    rows = tuple(
        cells(
            Cell(row["country"], row["programme"], links(row["source"])), Cell(row["what"], f"after {row['months']:g} months"),
            f"{count(row['count'])} of {count(row['of'])}", Cell(percent(round(row["share"], 3))),
            Cell(NONE if row["ours"] is None else percent(round(row["ours"], 3)), row["ours_what"] or ""),
        )
        for row in reference.iter_rows(named=True)
    )  # fmt: skip
    columns = (
        Column("Where", kind="words"), Column("What was counted", kind="words"), Column("How many"), Column("Share"),
        Column("Nearest here", kind="words"),
    )  # fmt: skip
    return Grid(
        "reference-table", "Other programmes, which stand beside this one and move nothing in it", columns, rows
    )
