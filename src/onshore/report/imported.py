"""What stays imported, and why: counted by reason, then part by part."""

from __future__ import annotations

from typing import Any

import polars as pl

from onshore.report.charts import bars, drawn
from onshore.report.numbers import NONE, count, number, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, Text, cells, listed, many
from onshore.report.reading import Reading, most, total

__all__ = ["imported"]

REASONS = {
    "no offer": "nobody offers it",
    "never possible": "no offer can be used",
    "forbidden": "a decision or contract forbids it",
    "dearer": "home is dearer",
    "limit": "a limit has no room",
    "within the gap": "within the gap asked for",
}
"""The run's reasons in words, for a chart."""


def imported(reading: Reading) -> Chapter:
    """What stays imported, the dearest first."""
    table = reading["sources"].filter(pl.col("sourced") != "home").sort("bill_after", "part", descending=[True, False])
    blocks: list[Block] = []
    if not table.height:
        return Chapter(
            "imported", "What stays imported", "Stays imported", (Text("Nothing: every part is made at home."),)
        )
    scale = scale_of(table["bill_after"])
    whole = total(reading["sources"]["bill_before"])
    last = reading["unit_costs"].filter((pl.col("year") == reading.settings.last_year) & (pl.col("units_imported") > 0))
    ended = (pl.col("sourced") == "both") & ~pl.col("part").is_in(last["part"].implode())
    at_first = table.filter(ended)
    shown, left_out = most(table.filter(~ended), "sources")
    why = reading["reasons"].filter(pl.col("part").is_in(shown["part"].implode()))
    reasons = {r["part"]: r for r in why.iter_rows(named=True)}
    rows: list[Row] = [
        cells(
            reading.name("parts", part), "all of it" if sourced == "imported" else "in part", count(units - home),
            scale(bill), percent(bill / whole) if whole else NONE, Cell(_why(reading, reasons.get(part))),
        )
        for part, sourced, units, home, bill in shown.select(
            "part", "sourced", "units", "units_home", "bill_after"
        ).iter_rows()
    ]  # fmt: skip
    if at_first.height:
        first = total(at_first["bill_after"])
        rows.append(cells(
            Cell(f"{many(at_first.height, 'part')} more"), "at first", NONE, scale(first), percent(first / whole) if whole else NONE,
            Cell("made at home later; imported until then"),
        ))  # fmt: skip
    left = total(table["bill_after"])
    said = [
        f"{many(n, 'part')} {words}"
        for n, words in (
            (int((table["sourced"] == "imported").sum()), "altogether"),
            (table.filter((pl.col("sourced") == "both") & ~ended).height, "in part to the end"),
            (at_first.height, "until home production covers the need"),
        )
        if n
    ]
    blocks.append(Text(
        f"Of {many(reading['sources'].height, 'part')}, imported to the end or for a while: {listed(said)}. Together "
        f"{scale_of([left]).told(left, reading.currency)}, {percent(left / whole) if whole else 'none'} of the bill before."
    ))  # fmt: skip
    blocks += _by_reason(reading, table)
    columns = (
        Column("Part", kind="words"), Column("Imported", kind="words"), Column("Units"),
        Column("Landed imports", scale.unit(reading.currency)), Column("Of the bill before"), Column("Why", kind="long"),
    )  # fmt: skip
    blocks.append(
        Grid("imported-table", "Parts that stay imported, the dearest first", columns, tuple(rows), note=left_out)
    )
    return Chapter("imported", "What stays imported, and why", "Stays imported", tuple(blocks))


def _by_reason(reading: Reading, table: pl.DataFrame) -> list[Block]:
    """Parts that are imported to the end, counted by reason; then the limits that have no room for one."""
    why = reading["reasons"].join(table.select("part", "bill_after"), on="part", how="inner")
    counted = (
        why.group_by("why")
        .agg(pl.len().alias("parts"), pl.col("bill_after").sum())
        .sort("parts", "bill_after", "why", descending=[True, True, False])
    )
    if not counted.height:
        return []
    scale = scale_of(counted["bill_after"])
    whole = total(reading["sources"]["bill_before"])
    blocks: list[Block] = []
    if counted.height > 1:
        shown = counted.select(
            pl.col("why").replace(REASONS).alias("name"), pl.col("parts").cast(pl.Float64).alias("value"),
            pl.struct("parts", "bill_after").map_elements(lambda r: many(r["parts"], "part"), return_dtype=pl.String).alias("label"),
        )  # fmt: skip
        wide, narrow = drawn("reasons-chart", lambda width: bars([("", shown)], width))
        first, dear = counted.row(0, named=True), counted.sort("bill_after", descending=True).row(0, named=True)
        see = f"Most often, {REASONS.get(first['why'], first['why'])}: {many(first['parts'], 'part')} of {count(float(counted['parts'].sum()))}."
        if whole and dear["why"] != first["why"]:
            see += f" By value it is that {REASONS.get(dear['why'], dear['why'])}: {scale.told(dear['bill_after'], reading.currency)}, {percent(dear['bill_after'] / whole)} of the bill before."
        blocks.append(
            Figure("reasons-figure", "Why parts stay imported to the end, number of parts", see, wide, narrow, see)
        )
    rows: list[Row] = [
        cells(REASONS.get(r["why"], r["why"]), count(r["parts"]), scale(r["bill_after"]), percent(r["bill_after"] / whole) if whole else NONE)
        for r in counted.iter_rows(named=True)
    ]  # fmt: skip
    columns = (
        Column("Why", kind="words"), Column("Parts"), Column("Landed imports", scale.unit(reading.currency)),
        Column("Of the bill before"),
    )  # fmt: skip
    blocks.append(Grid("reasons-table", "Parts imported to the end, by reason", columns, tuple(rows)))
    held = why.filter(pl.col("why") == "limit").with_columns(
        limit=pl.col("stands_against").str.split("; ").list.first()
    )
    if held["limit"].n_unique() > 1:
        by = (
            held.sort("bill_after", "part", descending=[True, False])
            .group_by("limit", maintain_order=True)
            .agg("part")
            .with_columns(n=pl.col("part").list.len())
            .sort("n", "limit", descending=[True, False])
        )
        shown, left = most(by, "reasons")
        rows = [
            cells(Cell(r["limit"]), count(r["n"]), Cell(_named([reading.called("parts", p) for p in r["part"]])))
            for r in shown.iter_rows(named=True)
        ]
        blocks.append(Grid(
            "held-table", "Limits that have no room, and the parts that stay imported because of them",
            (Column("Limit", kind="words"), Column("Parts"), Column("Which, the dearest first", kind="long")), tuple(rows),
            note=f"Each part is counted under the tightest of the limits that stand against it; easing that one alone may not be enough. {left}".strip(),
        ))  # fmt: skip
    return blocks


def _named(names: list[str], most: int = 6) -> str:
    """Names of parts may hold commas."""
    return " · ".join([*names[:most], *([f"{count(len(names) - most)} more"] if len(names) > most else [])])


def _why(reading: Reading, row: dict[str, Any] | None) -> str:
    """The run's reason in a sentence; a part that is made at home at some time has none."""
    if row is None:
        return NONE
    if row["why"] == "dearer":
        by = f" by {percent(row['dearer_share'])}" if row["dearer_share"] is not None else ""
        return f"its cheapest offer, {row['offer']}, is dearer{by}"
    if row["why"] not in ("limit", "within the gap"):
        return {
            "no offer": "nobody offers it",
            "never possible": "no offer can be used: lead time, validity or smallest scale",
            "forbidden": "a decision or a signed contract forbids it",
        }.get(row["why"], row["why"])
    gain = f"{row['offer']} would better the objective by {scale_of([row['saving']]).told(row['saving'], reading.objective_unit)}"
    if row["why"] == "within the gap":
        return f"{gain}, which is within the gap that was asked for"
    against = row["stands_against"].split("; ")
    unit = _unit_of_row(reading, against[0])
    lacks = (
        f"{number(100 * row['excess'], 3)} percentage points"
        if unit == "share"
        else scale_of([row["excess"]]).told(row["excess"], unit)
    )
    most = f": {lacks} more would be needed" if unit else ""
    return f"{gain}, but {listed(against)} {'has' if len(against) == 1 else 'have'} no room for it{most}"


def _unit_of_row(reading: Reading, name: str) -> str:
    """The unit of a limit, or of machine-hours; nothing where the excess is told in no unit a reader knows."""
    if name.startswith("machine_hours: "):
        return "hours"
    limit = reading["limits_met"].filter(pl.col("bound") == name)
    return reading.unit_as_told(limit["unit"][0]) if limit.height else ""
