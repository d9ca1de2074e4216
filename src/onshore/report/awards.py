"""Who makes what: the awards, and what stays imported."""

from __future__ import annotations

from typing import Any

import polars as pl

from onshore.blueprint.measures import MEASURES
from onshore.report.numbers import NONE, Scale, count, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Grid, Row, Text, cells, listed, many
from onshore.report.reading import Reading, total

__all__ = ["awards", "imported"]

RATIOS = {name for name, measure in MEASURES.items() if measure.ratio}


def awards(reading: Reading) -> Chapter:
    """Every award, in the order in which they have to be signed."""
    table = reading["awards"].sort("signed", "part", "offer")
    if not table.height:
        return Chapter("awards", "Awards", "Awards", (Text("No offer is taken up."),))
    money = ("contract_value", "imports_displaced", "tooling", "public_money")
    shown = [m for m in money if m in money[:2] or total(table[m])]
    headings = {
        "contract_value": "Contract value", "imports_displaced": "Imports displaced",
        "tooling": "Tooling", "public_money": "Public money",
    }  # fmt: skip
    scales = {m: scale_of(table[m]) for m in shown}
    columns = (
        Column("Part", kind="words"), Column("Maker", kind="words"),
        Column("Of the need"), Column("To sign by", kind="day"), Column("Starts", kind="day"), Column("Units"),
        *(Column(headings[m], scales[m].unit(reading.currency)) for m in shown),
    )  # fmt: skip
    rows = tuple(_award(reading, row, shown, scales) for row in table.iter_rows(named=True))
    blank = [""] * 5
    whole = ("All awards", *blank, *(scales[m](total(table[m])) for m in shown)) if table.height > 1 else None
    note = (
        "Contract value is a stock: the committed quantity times its price over the whole term. Imports displaced "
        f"are a flow, added up {reading.years}, as are units. No column may be added to another."
    )
    return Chapter(
        "awards", "Awards", "Awards",
        (
            Text(f"{many(table.height, 'offer').capitalize()} would be taken up, in the order in which they have to be signed."),
            Grid("awards-table", "The awards of the plan", columns, rows, whole, note),
        ),
    )  # fmt: skip


def _award(reading: Reading, row: dict[str, Any], shown: list[str], scales: dict[str, Scale]) -> Row:
    maker = reading.name("makers", str(row["maker"]))
    if row["venture"] is not None:
        maker = Cell(maker.text, f"{maker.sub} in venture {row['venture']}".strip())
    share = float(row["share"]) * float(row["weight"])
    return cells(
        reading.name("parts", str(row["part"])), maker,
        percent(share), reading.day(row["signed"]), reading.day(row["start"]), count(row["units"]),
        *(scales[m](float(row[m])) for m in shown),
    )  # fmt: skip


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
    still = set(last["part"])
    reasons = {r["part"]: r for r in reading["reasons"].iter_rows(named=True)}
    rows: list[Row] = [
        cells(
            reading.name("parts", part), "all of it" if sourced == "imported" else "in part" if part in still else "at first", count(units - home),
            scale(bill), percent(bill / whole) if whole else NONE, Cell(_why(reading, reasons.get(part))),
        )
        for part, sourced, units, home, bill in table.select(
            "part", "sourced", "units", "units_home", "bill_after"
        ).iter_rows()
    ]  # fmt: skip
    left = total(table["bill_after"])
    said = [
        f"{many(n, 'part')} {words}"
        for n, words in (
            (int((table["sourced"] == "imported").sum()), "altogether"),
            (table.filter((pl.col("sourced") == "both") & pl.col("part").is_in(still)).height, "in part"),
            (
                table.filter((pl.col("sourced") == "both") & ~pl.col("part").is_in(still)).height,
                "until home production covers the need",
            ),
        )
        if n
    ]
    blocks.append(Text(
        f"Of {many(reading['sources'].height, 'part')}, imported to the end or for a while: {listed(said)}. Together "
        f"{scale_of([left]).told(left, reading.currency)}, {percent(left / whole) if whole else 'none'} of the bill before."
    ))  # fmt: skip
    columns = (
        Column("Part", kind="words"), Column("Imported", kind="words"), Column("Units"),
        Column("Landed imports", scale.unit(reading.currency)), Column("Of the bill before"), Column("Why", kind="long"),
    )  # fmt: skip
    blocks.append(Grid("imported-table", "Parts that stay imported, the dearest first", columns, tuple(rows)))
    return Chapter("imported", "What stays imported", "Stays imported", tuple(blocks))


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
    most = f": {scale_of([row['excess']]).told(row['excess'], unit)} more would be needed" if unit else ""
    return f"{gain}, but {listed(against)} {'has' if len(against) == 1 else 'have'} no room for it{most}"


def _unit_of_row(reading: Reading, name: str) -> str:
    """The unit of a limit, or of machine-hours; nothing where the excess is told in no unit a reader knows."""
    if name.startswith("machine_hours: "):
        return "hours"
    limit = reading["limits_met"].filter(pl.col("bound") == name)
    return reading.unit_as_told(limit["unit"][0]) if limit.height and limit["measure"][0] not in RATIOS else ""
