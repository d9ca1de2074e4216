"""What binds, and what it is worth."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

import polars as pl

from onshore.report.charts import AFTER, BINDS, INK, TIGHT, axis_number, drawn, fitted
from onshore.report.numbers import NONE, Scale, count, number, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, Text, cells, listed, many
from onshore.report.reading import MOST, Reading, most

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
    blocks += [_grid(reading, table), Text(_how_to_read(reading), "small"), *_steps(reading, table)]
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
        f"{cut} Drawn are {SHOWN}: missed and full ones first, by what more room is worth; {count(left)} more are {'in the table' if table.height <= MOST else 'in the tables'}."
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
    shown, left = most(table, "limits_met")
    for row in shown.iter_rows(named=True):
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
    return Grid(
        "limits-table",
        "Every limit",
        columns,
        tuple(rows),
        note=left and f"Missed and full ones first, by what more room is worth. {left}",
    )


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


def _steps(reading: Reading, table: pl.DataFrame) -> list[Block]:
    """Between which two sums a step of each limit is worth: those that matter drawn and listed, the others in a sentence."""
    if not reading.has("steps"):
        return []
    all_steps = table.select("bound", "binds", "bound_price").join(
        reading["steps"], on="bound", how="inner", maintain_order="left"
    )
    matters = pl.col("binds") | (pl.col("bound_price") > 0) | pl.col("useful_step").is_not_null()
    steps, others = all_steps.filter(matters), all_steps.filter(~matters)
    blocks: list[Block] = []
    if steps.height:
        most = steps.row(int(steps["worth_high"].arg_max() or 0), named=True)
        scale = scale_of([*steps["worth_low"], *steps["worth_high"]])
        unit = scale.unit(reading.objective_unit)
        sure = steps.filter(pl.col("worth_low") > 0).height
        see = (
            f"Each stroke goes from what a step of the limit is worth at least to what it is worth at most. The longest reach: {_size(reading, most['step'], most['unit'])} "
            f"more room in {most['bound']}, at most {scale.told(most['worth_high'], reading.objective_unit)}. "
            f"{'For none' if not sure else f'For {count(sure)} of {count(steps.height)}'} is it proved to be worth anything."
        )
        shown = steps.sort("worth_high", "bound", descending=[True, False]).head(SHOWN)
        if steps.height > SHOWN:
            see += f" Drawn are the {SHOWN} that reach furthest; the table has {f'all {count(steps.height)}' if steps.height <= MOST else f'the first {MOST}'}."
        wide, narrow = drawn("steps-chart", lambda width: intervals(reading, shown, width, scale))
        blocks.append(Figure("steps-figure", f"What a step of room is worth, {unit}", see, wide, narrow, see))
        blocks.append(_steps_grid(reading, steps, scale))
    if others.height:
        most_of_all = float(others["worth_high"].max() or 0)  # type: ignore[arg-type]
        told = scale_of([most_of_all]).told(most_of_all, reading.objective_unit)
        blocks.append(
            Text(
                f"The other {many(others.height, 'limit')} neither bind nor have a price: by the certificate a step of one is worth at most {told}.",
                "small",
            )
        )
    return blocks


def _size(reading: Reading, step: float, unit: str) -> str:
    """`1 percentage point`, `260 thousand EUR`."""
    if unit == "share":
        return f"{number(100 * abs(step), 0 if abs(step) >= 0.01 else 4)} percentage point{'' if abs(step) == 0.01 else 's'}"
    told = "launch" if unit == "launches" and abs(step) == 1 else reading.unit_as_told(unit)
    return scale_of([abs(step)]).told(abs(step), told)


def _steps_grid(reading: Reading, steps: pl.DataFrame, scale: Scale) -> Grid:
    rows: list[Row] = []
    listed_steps, left = most(steps, "steps")
    for row in listed_steps.iter_rows(named=True):
        useful = row["useful_step"] is not None
        gain = scale_of([row["useful_saving"]])
        rows.append(cells(
            Cell(row["bound"]), Cell(_size(reading, row["step"], row["unit"])), scale(row["worth_low"]), scale(row["worth_high"]),
            Cell(row["how"]), Cell(_size(reading, row["useful_step"], row["unit"])) if useful else NONE,
            Cell(f"{reading.called('parts', row['useful_part'])}, by {gain.told(row['useful_saving'], reading.objective_unit)}") if useful else NONE,
        ))  # fmt: skip
    unit = scale.unit(reading.objective_unit)
    columns = (
        Column("Limit", kind="words"), Column("A step of room", kind="words"), Column("Worth at least", unit), Column("and at most", unit),
        Column("Known from", kind="words"), Column("Least useful step", kind="words"), Column("It lets move, and the plan gains", kind="long"),
    )  # fmt: skip
    note = (
        f"Worth: the best {reading.objective_name} with the step against the best without it. The least useful step is the least found that lets one part move to its best "
        "option with all else as planned; a dash where no part lacks that limit alone. Planning with --steps narrows the sums by planning again."
    )
    return Grid("steps-table", "What a step of room is worth", columns, tuple(rows), note=f"{note} {left}".strip())


def intervals(reading: Reading, shown: pl.DataFrame, width: int, scale: Scale) -> Drawing:
    """A stroke from `worth_low` to `worth_high` for each `bound`, with a tick where it begins."""
    import altair as alt

    labels = 240 if width > 500 else 150
    names = [fitted(name, labels - 12, middle=True) for name in shown["bound"]]
    rows = shown.select(
        pl.Series("bound", names if len(set(names)) == len(names) else shown["bound"].to_list()),
        (pl.col("worth_low") / scale.factor).alias("low"), (pl.col("worth_high") / scale.factor).alias("high"),
        label=pl.col("worth_high").map_elements(scale, return_dtype=pl.String),
    )  # fmt: skip
    base = alt.Chart(rows).encode(
        y=alt.Y("bound:N", sort=rows["bound"].to_list(), title=None, axis=alt.Axis(grid=False, labelLimit=0.9 * labels, minExtent=labels, maxExtent=labels)),
        x=alt.X("low:Q", title=None, scale=alt.Scale(domain=[0, max(float(rows["high"].max() or 0), 1e-300)]), axis=alt.Axis(labelExpr=axis_number, tickCount=5 if width > 500 else 3)),  # type: ignore[arg-type]
    )  # fmt: skip
    stroke = base.mark_bar(height=7, color=AFTER).encode(x2="high:Q")
    text = base.mark_text(align="left", dx=6).encode(x="high:Q", text="label:N")
    return alt.layer(stroke, base.mark_tick(color=INK, thickness=2, height=13), text).properties(
        width=width - labels - 90, height=23 * rows.height
    )


def _how_to_read(reading: Reading) -> str:
    past = "raises the most that can be reached" if reading.most else "lowers the bound"
    return (
        f"These prices come from the certificate. A soft limit may be missed, at its penalty. Moving one limit by any amount {past} by no more than that amount times "
        "its price; what a plan really gains may be less, and nothing where parts are taken whole."
    )
