"""Targets held against what was reached, both readings side by side; money that is late; what changed; what does not agree."""

from __future__ import annotations

from typing import Any

import polars as pl

from onshore.report.numbers import NONE, Scale, count, number, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Grid, Row, Text, cells, links, many
from onshore.report.standing import MEASURE_WORDS, STAGE_WORDS, Standing, ranged

__all__ = ["changed", "findings", "held", "owed"]

READINGS = {
    "contract_value": "as contracts signed (a stock)",
    "imports_displaced": "as imports replaced, so much a year (a flow)",
}


def held(standing: Standing) -> Chapter | None:
    """Each target beside every amount of its measure, in the summary's market; then the rest of the targets, in words."""
    table = standing["promises"].filter(pl.col("market") == standing.market)
    if not table.height:
        return None
    source = _sources(standing)
    blocks: list[Block] = [Text(
        "A target is held against the amounts of the measure that it counts, at the rates of "
        f"the {standing.market} market, on its due day or on the day of this report. Where the record does not say how a target is "
        "counted, that is said. Nothing is added up to come nearer to one."
    )]  # fmt: skip
    for measure, reading in READINGS.items():
        mine = table.filter(pl.col("measure") == measure)
        if mine.height:
            blocks.append(_grid(standing, mine, measure, reading, source))
    return Chapter("targets", "What was promised, and what was reached", "Against the targets", tuple(blocks))


def _sources(standing: Standing) -> dict[str, str | None]:
    targets = standing.programme["targets"]
    found = targets["source"] if "source" in targets.columns else [None] * targets.height
    return dict(zip(targets["target"], found, strict=True))


def _grid(standing: Standing, mine: pl.DataFrame, measure: str, reading: str, source: dict[str, str | None]) -> Grid:
    stages = [s for s in STAGE_WORDS if mine.filter(pl.col("stage") == s).height]
    rows: list[Row] = []
    for (target,), group in mine.sort("due", "value", descending=[False, True]).group_by(
        ["target"], maintain_order=True
    ):
        first = group.row(0, named=True)
        by_stage = {r["stage"]: r for r in group.iter_rows(named=True)}
        scale = scale_of([r["high"] for r in by_stage.values()])
        signed = by_stage.get("contracted")
        needed = None if signed is None else signed["a_month_needed"]
        rows.append(cells(
            Cell(first["promised"], f"{target}, {standing.called('sectors', first['scope'])}; counted as: {first['basis'] or 'not said'}", links(source[str(target)])),
            standing.day(first["due"]), Cell(scale(first["value"]), scale.unit(first["currency"])),
            *(_reached(scale, by_stage.get(s)) for s in stages),
            "past" if not first["months_left"] else scale(needed),
        ))  # fmt: skip
    columns = (
        Column("Promised", kind="words"), Column("Due", kind="day"), Column("How much"),
        *(Column(STAGE_WORDS[s]) for s in stages), Column("Still needed", "a month"),
    )  # fmt: skip
    return Grid(
        f"targets-{measure.replace('_', '-')}",
        f"Read {reading}",
        columns,
        tuple(rows),
    )


def _reached(scale: Scale, row: dict[str, Any] | None) -> Cell:
    """An amount, and what share of the target it is."""
    if row is None or row["high"] is None:
        return Cell(NONE)
    low, high = percent(round(row["share_low"], 3)), percent(round(row["share_high"], 3))
    return ranged(scale, row["low"], row["high"], high if low == high else f"{low}–{high}")


def owed(standing: Standing) -> Chapter | None:
    """Contracts past their day, and payments past theirs."""
    blocks: list[Block] = []
    late = standing["overdue"].filter((pl.col("currency") == standing.currency) & (pl.col("market") == standing.market))
    if late.height:
        blocks.append(_late(standing, late))
    pay = standing["payables"].filter(pl.col("overdue") > 0)
    if pay.height:
        blocks.append(_payables(standing, pay))
    if not blocks:
        return None
    return Chapter("owed", "What is late: deliveries and money", "Late", tuple(blocks))


def _late(standing: Standing, late: pl.DataFrame) -> Grid:
    scales = {m: scale_of(late.filter(pl.col("measure") == m)["high"]) for m in MEASURE_WORDS}
    rows: list[Row] = []
    for (contract,), group in late.sort("months_late", descending=True).group_by(["contract"], maintain_order=True):
        by = {r["measure"]: r for r in group.iter_rows(named=True)}
        first = group.row(0, named=True)
        rows.append(cells(
            Cell(str(contract)), standing.day(first["due"]), number(first["months_late"], 1),
            percent(first["share"]) if first["share"] is not None else "not seen",
            *(ranged(scales[m], by[m]["low"], by[m]["high"]) if m in by else Cell(NONE) for m in MEASURE_WORDS),
        ))  # fmt: skip
    columns = (
        Column("Contract", kind="words"), Column("Due", kind="day"), Column("Late", "months"), Column("In production"),
        *(Column(f"{w}, lacking", scales[m].unit(standing.currency)) for m, w in MEASURE_WORDS.items()),
    )  # fmt: skip
    return Grid(
        "overdue-table", "Contracts past their day, and what that keeps from the programme", columns, tuple(rows)
    )


def _payables(standing: Standing, pay: pl.DataFrame) -> Grid:
    rows = []
    for row in pay.iter_rows(named=True):
        scale = scale_of([row["overdue"]])
        rows.append(cells(
            Cell(row["payer"] or "not said"), Cell(row["payee"]), Cell(scale(row["overdue"]), scale.unit(row["currency"])),
            count(row["overdue_payments"]), standing.day(row["oldest_due"]), number(row["days_overdue"], 0),
            number(row["days_late_when_paid"], 0),
        ))  # fmt: skip
    columns = (
        Column("Who owes", kind="words"), Column("Who is owed", kind="words"), Column("Overdue"), Column("Payments"),
        Column("Oldest due", kind="day"), Column("Overdue for", "days, by amount"), Column("Paid ones came late by", "days, by amount"),
    )  # fmt: skip
    return Grid("payables-table", "Payments overdue, by who owes and who is owed", columns, tuple(rows))


def changed(standing: Standing) -> Chapter | None:
    """What moved since the report before."""
    if "changes" not in standing.run.tables:
        return None
    table, since = standing["changes"], standing.run.figures.get("since")
    if not table.height:
        return Chapter("changes", "What changed", "Changes", (Text(f"Nothing, since {since}."),))
    amounts = table.filter(pl.col("what") != "finding")
    rows = tuple(
        cells(Cell(row["key"], row["what"]), Cell(row["before"] or NONE), Cell(row["after"] or NONE))
        for row in amounts.iter_rows(named=True)
    )
    columns = (Column("What", kind="words"), Column("Then", kind="words"), Column("Now", kind="long"))
    found = table.filter(pl.col("what") == "finding")
    new = found.filter(pl.col("after").str.starts_with("new")).height
    return Chapter(
        "changes", f"What changed since {since}", "Changes",
        (Grid("changes-table", f"Amounts and contracts, at the {standing.market} rate", columns, rows),
         Text(f"Findings about the record: {many(new, 'new one')}, {found.height - new} gone.", "small")),
    )  # fmt: skip


def findings(standing: Standing) -> Chapter | None:
    """What does not agree, by kind."""
    table = standing["findings"]
    if not table.height:
        return None
    rows: list[Row] = []
    for (kind,), group in table.group_by(["kind"], maintain_order=True):
        words = str(kind).replace("_", " ")
        rows += [
            cells(Cell(words if i == 0 else ""), Cell(row["place"]), Cell(row["cause"], row["remedy"] or ""))
            for i, row in enumerate(group.iter_rows(named=True))
        ]
    columns = (Column("Kind", kind="words"), Column("Where", kind="words"), Column("What", kind="long"))
    return Chapter(
        "findings", "What does not agree in the record", "Findings",
        (Text(f"{many(table.height, 'finding').capitalize()}. Nothing was mended: what is in doubt is kept, and totals carry the range."),
         Grid("findings-table", "Findings, each with its place and what to do", columns, tuple(rows))),
    )  # fmt: skip
