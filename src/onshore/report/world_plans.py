"""Which plan is the best in many worlds, what to sign first, and what the plan does not keep or loses."""

from __future__ import annotations

import polars as pl

from onshore.report.charts import bars, distinct, drawn, fitted
from onshore.report.in_worlds import InWorlds
from onshore.report.numbers import NONE, THIN, count, number, percent, scale_of, year
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, cells, many

__all__ = ["candidates", "exits", "scenarios", "stable"]

MOST_AWARDS = 20


def scenarios(told: InWorlds) -> Chapter:
    """Named worlds, and what the plan cannot keep."""
    rows: list[Row] = []
    scale = told.scale
    for r in told["worlds"].filter(sample="named").iter_rows(named=True):
        regret = NONE if r["best"] is None else f"{scale(r['regret_low'])} to {scale(r['regret_high'])}"
        rows.append(
            cells(
                Cell(r["world"], "" if r["best"] is not None else "no plan of its own"),
                scale(r["value"]),
                scale(r["best"]),
                regret,
                count(r["lost"]),
                count(r["broken"]),
            )
        )
    unit = scale.unit(told.unit)
    columns = (
        Column("World", kind="words"), Column("The plan in it", unit), Column("Its own best", unit), Column("Regret", unit, "day"),
        Column("Awards lost"), Column("Not kept"),
    )  # fmt: skip
    blocks: list[Block] = [Grid("named-table", "The programme and its scenarios", columns, tuple(rows))]
    if told["breaks"].filter(plan="plan").height:
        blocks.append(_breaks(told))
    return Chapter("scenarios", "Scenario by scenario, and what the plan does not keep", "Scenarios", tuple(blocks))


def _breaks(told: InWorlds) -> Grid:
    broken = (
        told["breaks"].filter(plan="plan").group_by("block", "row", "unit")
        .agg(pl.len().alias("worlds"), pl.mean("over").alias("mean"), pl.max("over").alias("most"))
        .sort("worlds", "block", "row", descending=[True, False, False])
    )  # fmt: skip
    words = {
        "limits": "limit",
        "machine_hours": "machine-hours",
        "modules_in_service": "modules",
        "cannot_be_imported": "cannot be imported",
    }
    rows = []
    for r in broken.iter_rows(named=True):
        scale = scale_of([r["most"]])
        rows.append(
            cells(
                Cell(r["row"], words[r["block"]]),
                count(r["worlds"]),
                Cell(scale(r["mean"]), scale.unit(r["unit"])),
                scale(r["most"]),
            )
        )
    columns = (Column("What", kind="words"), Column("Worlds"), Column("Missed by", "mean of those"), Column("At most"))
    return Grid(
        "breaks-table",
        f"What the plan cannot keep, over {told['worlds'].height} worlds",
        columns,
        tuple(rows),
        note="Machine-hours by maker, family and year. None of it is in a plan’s value.",
    )


def candidates(told: InWorlds) -> Chapter:
    """Plans side by side, and how good any can be."""
    scale = told.scale
    unit = scale.unit(told.unit)

    def sampled(value: object, error: object) -> Cell:
        return Cell(NONE) if value is None else Cell(scale(value), "" if error is None else f"± {scale(error)}")  # type: ignore[arg-type]

    rows = tuple(
        cells(
            Cell(r["plan"], r["origin"]), count(r["awards"]), sampled(r["mean"], r["mean_error"]), sampled(r["cvar"], r["cvar_error"]),
            sampled(r["against_plan"], r["against_plan_error"]), percent(r["kept"]), number(r["excess"], 3), scale(r["worst_regret"]),
            Cell(r["chosen_for"] or NONE),
        )
        for r in told["plans"].iter_rows(named=True)
    )  # fmt: skip
    columns = (
        Column("Plan", kind="words"), Column("Awards"), Column("On average", unit), Column(f"Worst {told.worst}", unit), Column("Against the plan", unit),
        Column("Keeps all"), Column("Excess", "shares, added"), Column("Worst regret", unit), Column("Best for", kind="words"),
    )  # fmt: skip
    blocks: list[Block] = [
        Grid(
            "plans-table",
            "Plans that were weighed",
            columns,
            rows,
            note="On fresh draws, which chose none of them. Only a plan that goes beyond its limits hardly more than the programme’s is called the best.",
        )
    ]
    bounds = told["sampled_bounds"]
    if bounds.height:
        lines = tuple(
            cells(
                Cell(r["risk"], "reached" if r["side"] == "reached" else "no plan is better"), Cell(r["how"]), scale(r["value"]),
                NONE if r["error"] is None else f"{scale(r['low'])} to {scale(r['high'])}", count(r["sample"]),
            )
            for r in bounds.sort("risk", "side", descending=[False, True]).iter_rows(named=True)
        )  # fmt: skip
        heads = (
            Column("What", kind="words"),
            Column("How", kind="words"),
            Column("Estimate", unit),
            Column("Interval", f"95{THIN}%", "day"),
            Column("Sample"),
        )
        blocks.append(Grid("bounds-table", "How good any plan can be, from samples", heads, lines))
    return Chapter("weighed", "Which plan is best, and how sure that is", "Which plan", tuple(blocks))


def stable(told: InWorlds) -> Chapter | None:
    """Awards by how many worlds want them."""
    table = told["stable_awards"].sort("share", "part", "offer", descending=[True, False, False])
    if table.is_empty():
        return None
    top = table.head(MOST_AWARDS)
    labels = distinct([fitted(o, 170, middle=True) for o in top["offer"]], top["offer"].to_list())
    shown = pl.DataFrame({"name": labels, "value": top["share"], "label": [percent(round(s, 3)) for s in top["share"]]})
    wide, narrow = drawn("stable-chart", lambda width: bars([("", shown)], width))
    first = table.filter("sign_first").height
    see = f"{many(first, 'award').capitalize()} {'stands' if first == 1 else 'stand'} in the own plan of {percent(float(str(told.run.figures['nearly'])))} or more of {table['worlds'][0]} worlds: whatever happens, they are not regretted. The rest can wait for what becomes known."
    rows = tuple(
        cells(Cell(r["part"]), Cell(r["offer"], r["maker"]), percent(round(r["share"], 4)), told.day(r["earliest"]), told.day(r["latest"]), "yes" if r["in_plan"] else "no", "yes" if r["sign_first"] else "")
        for r in table.iter_rows(named=True)
    )  # fmt: skip
    columns = (
        Column("Part", kind="words"), Column("Offer", kind="words"), Column("In own plans"), Column("Signed first", "earliest", "day"),
        Column("and latest", kind="day"), Column("In the plan", kind="words"), Column("Sign first", kind="words"),
    )  # fmt: skip
    figure = Figure(
        "stable-figure",
        f"Awards by the share of worlds whose own plan has them{', the first ' + str(MOST_AWARDS) if table.height > MOST_AWARDS else ''}",
        see,
        wide,
        narrow,
        see,
    )
    return Chapter(
        "stable",
        "What to sign first",
        "Sign first",
        (figure, Grid("stable-table", "Awards in the worlds’ own plans", columns, rows)),
    )


def exits(told: InWorlds) -> Chapter | None:
    """A group of partners leaves in a year."""
    table = told["exits"]
    if table.is_empty():
        return None
    scale = scale_of(table["loss"].abs())
    abroad = scale_of(table["foreign_currency"].abs())
    currency = told.programme.settings.currency
    rows = tuple(
        cells(
            Cell(r["group"], r["groups"].replace("_", " ")), year(r["year"], told.programme.settings.calendar), scale(r["loss"]), count(r["parts"]),
            number(r["units"]), abroad(r["foreign_currency"]), number(r["short"]), Cell(r["breaks"] or NONE),
        )
        for r in table.iter_rows(named=True)
    )  # fmt: skip
    columns = (
        Column("Group", kind="words"), Column("Leaves in", kind="day"), Column("Dearer by", scale.unit(currency)), Column("Parts"), Column("Units imported again"),
        Column("Foreign currency more", abroad.unit(currency)), Column("Of the units, none to be had"), Column("Limits then broken", kind="words"),
    )  # fmt: skip
    note = "From the first day of that year its ventures make nothing; tools paid for by then are sunk and keep what they are worth at the end. All else goes on as planned, and nothing is planned anew."
    return Chapter(
        "exits",
        "If partners leave",
        "Partners leave",
        (Grid("exits-table", "What the plan loses, by group and year", columns, rows, note=note),),
    )
