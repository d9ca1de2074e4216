"""What binds, and what it is worth."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

import polars as pl

from onshore.report.charts import AFTER, BINDS, INK, TIGHT, drawn, fitted
from onshore.report.numbers import Scale, number, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, Text, cells, listed
from onshore.report.reading import Reading

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["limits"]

SHOWN = 16
"""Most bars in a chart; the table has the rest."""
MISSED, FULL, ROOM = "missed", "no room left", "room left"


def limits(reading: Reading) -> Chapter:
    """Level against bound, and what one more unit of room is worth at most."""
    missed = pl.col("room") < -1e-9 * pl.col("value").abs()
    state = pl.when(missed).then(pl.lit(MISSED)).when("binds").then(pl.lit(FULL)).otherwise(pl.lit(ROOM))
    # missed, then full, then the others; within each, what one per cent more room would be worth
    worth = pl.col("bound_price").abs() * pl.col("value").abs()
    rank = pl.col("state").replace_strict({MISSED: 0, FULL: 1, ROOM: 2}, return_dtype=pl.Int8)
    table = reading["limits_met"].with_columns(state=state).sort(rank, worth, "bound", descending=[False, True, False])
    if not table.height:
        return Chapter("limits", "What binds", "What binds", (Text("The programme sets no limit."),))
    said = _said(table)
    blocks: list[Block] = [Text(said)]
    figure = _figure(table, said)
    blocks += [figure] if figure else []
    blocks += [_grid(reading, table), Text(_how_to_read(reading), "small")]
    return Chapter("limits", "What binds, and what it is worth", "What binds", tuple(blocks))


def _said(table: pl.DataFrame) -> str:
    """Which limits are missed and which bind, in a sentence each."""
    missed, full = (table.filter(pl.col("state") == s)["bound"].to_list() for s in (MISSED, FULL))
    said = [f"Missed, at their price: {listed(missed)}."] if missed else []
    said += [f"No room is left under {listed(full)}."] if full else []
    return " ".join(said) or "No limit binds to its last unit; one may still have too little room for another part."


def _figure(table: pl.DataFrame, said: str) -> Figure | None:
    shown = table.filter((pl.col("value") > 0) & pl.col("level").is_not_null()).select(
        "bound", "sense", "state", (pl.col("level") / pl.col("value")).alias("share"),
        apart=pl.when(pl.col("state") == ROOM).then((pl.col("level") / pl.col("value") - 1).abs()).otherwise(0.0),
    ).sort("apart", maintain_order=True)  # fmt: skip
    if not shown.height:
        return None
    left = shown.height - SHOWN
    shown = shown.head(SHOWN).with_columns(
        kind=pl.col("state"),
        share=pl.col("share").clip(0, 2),
        label=pl.col("share").map_elements(percent, return_dtype=pl.String),
        bound=pl.col("bound") + pl.when(pl.col("sense") == "at_most").then(pl.lit(" ≤")).otherwise(pl.lit(" ≥")),
    )
    wide, narrow = drawn(
        "limits-chart",
        lambda width: bars_against_one(shown, width, "of the bound", {MISSED: BINDS, FULL: TIGHT, ROOM: AFTER}),
    )
    cut = " Bars end at 200 %." if shown["share"].max() == 2 else ""
    more = (
        f"{cut} Drawn are {SHOWN}: missed and full ones first, by what more room is worth; {left} more are in the table."
        if left > 0
        else cut
    )
    see = f"Each bar is what the plan reaches, as a share of its bound (the line). ≤ must stay left of the line, ≥ must reach it.{more}"
    return Figure(
        "limits-figure", "Limits: what the plan reaches, in per cent of the bound", f"{said} {see}", wide, narrow, see
    )


def bars_against_one(shown: pl.DataFrame, width: int, title: str, colours: dict[str, str]) -> Drawing:
    """Horizontal bars of `share` by `bound`, with a line at 100 per cent, coloured by `kind`."""
    import altair as alt

    most = max(1.15, float(shown["share"].max() or 0) * 1.15)  # type: ignore[arg-type]
    labels = 240 if width > 500 else 150
    names = [fitted(name, labels - 12, middle=True) for name in shown["bound"]]
    if len(set(names)) == len(names):
        shown = shown.with_columns(bound=pl.Series(names))
    base = alt.Chart(shown).encode(
        y=alt.Y(
            "bound:N",
            sort=shown["bound"].to_list(),
            title=None,
            axis=alt.Axis(grid=False, labelLimit=0.9 * labels, minExtent=labels, maxExtent=labels),
        ),
        x=alt.X(
            "share:Q",
            title=title,
            scale=alt.Scale(domain=[0, most]),
            axis=alt.Axis(format=".0%", tickCount=5 if width > 500 else 3),
        ),
    )
    kinds = [k for k in colours if k in shown["kind"].to_list()]
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=[colours[k] for k in kinds]),
        legend=alt.Legend() if len(kinds) > 1 else None,
    )
    line = alt.Chart(pl.DataFrame({"share": [1.0]})).mark_rule(color=INK, strokeWidth=1.5).encode(x="share:Q")
    across = width - labels - 70
    text = base.mark_text(align="right", fontWeight="bold").encode(x=alt.value(across + 62), text="label:N")
    return alt.layer(base.mark_bar(height=13).encode(color=colour), line, text).properties(
        width=across, height=23 * shown.height
    )


def _grid(reading: Reading, table: pl.DataFrame) -> Grid:
    rows: list[Row] = []
    for row in table.iter_rows(named=True):
        unit = reading.unit_as_told(row["unit"])
        scale = scale_of([row["value"], row["level"], row["room"]]) if unit != "share" else Scale(0.01, "", 2)
        told = "%" if unit == "share" else scale.unit(unit)
        over = (
            " ".join(filter(None, (row["scope"], row["scope_key"]))) if row["scope"] != "programme" else "the programme"
        )
        rows.append(cells(
            Cell(row["bound"], f"{row['measure'].replace('_', ' ')} of {over}, {row['years']}"), Cell(told),
            Cell({"at_most": "at most", "at_least": "at least"}[row["sense"]], "soft" if row["penalty"] is not None else ""), scale(row["value"]), scale(row["level"]),
            "none" if row["state"] == FULL else f"missed by {scale(-row['room'])}" if row["state"] == MISSED else scale(row["room"]),
            Cell(_worth(reading, row, unit)),
        ))  # fmt: skip
    columns = (
        Column("Limit", kind="words"), Column("Unit", kind="day"), Column("Side", kind="day"), Column("Bound"),
        Column("The plan reaches"), Column("Room left"), Column("What a little more room is worth at most", kind="long"),
    )  # fmt: skip
    return Grid("limits-table", "Every limit", columns, tuple(rows))


def _worth(reading: Reading, row: dict[str, object], unit: str) -> str:
    """`one more X of room lowers the bound on the objective by Y`, in a step that gives a number one can read."""
    price = float(row["bound_price"])  # type: ignore[arg-type]
    if not price:
        return "nothing, at the margin"
    moved = "raises the most that any plan can reach" if reading.most else "lowers the bound on the objective"
    if unit == "share":
        gain = scale_of([price / 100])
        step, each = "one percentage point more room", price / 100
    else:
        power = max(0, 3 * -floor(log10(price) / 3)) if price < 0.1 else 0
        each = price * 10**power
        step = (
            f"{number(10**power)} {unit} more room"
            if power
            else f"one {unit} more room"
            if unit.isupper()
            else f"one unit more room ({unit})"
        )
        gain = scale_of([each])
    return f"{step} {moved} by at most {gain.told(each, reading.objective_unit)}"


def _how_to_read(reading: Reading) -> str:
    past = "raises the most that can be reached" if reading.most else "lowers the bound"
    return (
        f"These prices come from the certificate. A soft limit may be missed, at its penalty. Moving one limit by any amount {past} by no more than that amount times "
        "its price; what a plan really gains may be less, and nothing where parts are taken whole."
    )
