"""What binds, what it is worth, and the capacity that the plan takes: machine-hours, modules, ventures."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

import polars as pl

from onshore.report.charts import AFTER, BINDS, INK, TIGHT, drawn
from onshore.report.numbers import NONE, Scale, count, number, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, Text, cells, listed, many
from onshore.report.reading import Reading, total

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["capacity", "limits"]

SHOWN = 20
"""Most bars in a chart; the table has the rest."""
MISSED, FULL, ROOM = "missed", "no room left", "room left"


def limits(reading: Reading) -> Chapter:
    """Level against bound, and what one more unit of room is worth at most."""
    missed = pl.col("room") < -1e-9 * pl.col("value").abs()
    state = pl.when(missed).then(pl.lit(MISSED)).when("binds").then(pl.lit(FULL)).otherwise(pl.lit(ROOM))
    table = reading["limits_met"].with_columns(state=state)
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
        "bound", "sense", "binds", "state", (pl.col("level") / pl.col("value")).alias("share"),
    ).with_columns(nearness=(pl.col("share") - 1).abs()).sort("binds", "nearness", "bound", descending=[True, False, False])  # fmt: skip
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
    more = f"{cut} The {SHOWN} nearest are drawn; {left} more are in the table." if left > 0 else cut
    see = f"Each bar is what the plan reaches, as a share of its bound (the line). ≤ must stay left of the line, ≥ must reach it.{more}"
    return Figure(
        "limits-figure", "Limits: what the plan reaches, in per cent of the bound", f"{said} {see}", wide, narrow, see
    )


def bars_against_one(shown: pl.DataFrame, width: int, title: str, colours: dict[str, str]) -> Drawing:
    """Horizontal bars of `share` by `bound`, with a line at 100 per cent, coloured by `kind`."""
    import altair as alt

    most = max(1.15, float(shown["share"].max() or 0) * 1.15)  # type: ignore[arg-type]
    labels = 150 if width > 500 else 110
    base = alt.Chart(shown).encode(
        y=alt.Y(
            "bound:N",
            sort=shown["bound"].to_list(),
            title=None,
            axis=alt.Axis(grid=False, labelLimit=labels - 16, minExtent=labels, maxExtent=labels),
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
    return alt.layer(base.mark_bar(height=14).encode(color=colour), line, text).properties(
        width=across, height=28 * shown.height
    )


def _grid(reading: Reading, table: pl.DataFrame) -> Grid:
    table = table.sort("binds", "bound", descending=[True, False])
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
        Column("Limit", kind="words"), Column("Unit", kind="day"), Column("", kind="day"), Column("Bound"),
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


# ---- capacity


def capacity(reading: Reading) -> Chapter | None:
    """Machine-hours used, modules ordered, ventures opened; None where none of them is modelled."""
    blocks: list[Block] = []
    hours = reading["hours"].filter((pl.col("used") > 0) | (pl.col("hours") > 0))
    if hours.height:
        blocks += _hours(reading, hours)
    if reading["modules"].height:
        blocks.append(_modules(reading))
    if reading["opened"].height:
        blocks.append(_ventures(reading))
    return Chapter("capacity", "Machine-hours, modules and ventures", "Capacity", tuple(blocks)) if blocks else None


def _hours(reading: Reading, hours: pl.DataFrame) -> list[Block]:
    """The fullest year of each maker and family, and every year in a table."""
    share = pl.when(pl.col("hours") > 0).then(pl.col("used") / pl.col("hours")).otherwise(0.0)
    fullest = (
        hours.with_columns(share=share)
        .sort("share", "year", descending=[True, False])
        .group_by(["maker", "family"], maintain_order=True)
        .first()
    )
    used = fullest.filter(pl.col("used") > 0)
    if not used.height:
        return [Text("Makers have machine-hours, and no award takes any.")]
    shown = used.head(SHOWN).select(
        (pl.col("maker") + ", " + pl.col("family")).alias("bound"), "share",
        pl.when(pl.col("share") > 1 - 1e-6).then(pl.lit(FULL)).otherwise(pl.lit(ROOM)).alias("kind"),
        pl.col("share").map_elements(percent, return_dtype=pl.String).alias("label"),
    )  # fmt: skip
    wide, narrow = drawn(
        "hours-chart",
        lambda width: bars_against_one(shown, width, "of the hours there are", {FULL: TIGHT, ROOM: AFTER}),
    )
    top = used.row(0, named=True)
    see = (
        f"The fullest is {top['maker']} in {top['family']}, at {percent(top['share'])} in {reading.year(top['year'])}. "
        "Each bar is a maker's fullest year in a process family, modules included; the line is all hours there are."
    )
    figure = Figure("hours-figure", "Machine-hours taken, in per cent of those there are", see, wide, narrow, see)
    rows: list[Row] = []
    for (maker, family), years in hours.sort("maker", "family", "year").group_by(
        ["maker", "family"], maintain_order=True
    ):
        rows += [
            cells(reading.name("makers", str(maker)), str(family), reading.year(year), count(round(there)), count(round(taken)), percent(taken / there) if there else NONE)
            for year, there, taken in years.select("year", "hours", "used").iter_rows() if total(years["used"]) > 0
        ]  # fmt: skip
    columns = (
        Column("Maker", kind="words"), Column("Family", kind="words"), Column("Year", kind="words"), Column("There are", "hours"),
        Column("Taken", "hours"), Column("Of them"),
    )  # fmt: skip
    return [figure, Grid("hours-table", "Machine-hours of the makers that the plan uses", columns, tuple(rows))]


def _modules(reading: Reading) -> Grid:
    table = reading["modules"].sort("ordered", "maker", "family")
    scale = scale_of([*table["cost"], total(table["cost"])])
    rows = tuple(
        cells(reading.name("makers", r["maker"]), r["family"], reading.year(r["ordered"]), reading.year(r["in_service"]), count(r["modules"]), count(round(r["hours"])), scale(r["cost"]))
        for r in table.iter_rows(named=True)
    )  # fmt: skip
    columns = (
        Column("Maker", kind="words"), Column("Family", kind="words"), Column("Ordered", kind="words"), Column("In service", kind="words"),
        Column("Modules"), Column("They add", "hours a year"), Column("Cost", scale.unit(reading.currency)),
    )  # fmt: skip
    whole = ("All modules", "", "", "", count(total(table["modules"])), "", scale(total(table["cost"])))
    return Grid(
        "modules-table", "Modules of capacity that the plan orders", columns, rows, whole if table.height > 1 else None
    )


def _ventures(reading: Reading) -> Grid:
    table = reading["opened"]
    scale = scale_of(table["set_up_cost"])
    rows = tuple(
        cells(
            r["venture"],
            reading.name("makers", r["maker"]),
            reading.name("partners", r["partner"]),
            many(r["awards"], "award"),
            scale(r["set_up_cost"]),
        )
        for r in table.iter_rows(named=True)
    )
    columns = (
        Column("Venture", kind="words"), Column("Domestic side", kind="words"), Column("Foreign side", kind="words"),
        Column("Made in it", kind="words"), Column("Set-up", scale.unit(reading.currency)),
    )  # fmt: skip
    return Grid("ventures-table", "Ventures that the plan opens", columns, rows)
