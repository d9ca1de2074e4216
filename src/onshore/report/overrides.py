"""What each decision of the board costs."""

from __future__ import annotations

from onshore.report.numbers import NONE, Scale, scale_of
from onshore.report.pieces import Cell, Chapter, Column, Grid, Row, Text, cells, many
from onshore.report.reading import Reading

__all__ = ["overrides"]


def overrides(reading: Reading) -> Chapter | None:
    """An interval for each decision: the objective with it, less the objective without it. None without one."""
    if not reading.has("overrides"):
        return None
    table = reading["overrides"].sort("cost_high", "decision", descending=[True, False], nulls_last=True)
    scale = scale_of([*table["cost_low"], *table["cost_high"]])
    unit = scale.unit(reading.objective_unit)
    rows: list[Row] = [
        cells(Cell(r["decision"]), _told(scale, r["cost_low"]), _told(scale, r["cost_high"]), Cell(r["reason"] or NONE))
        for r in table.iter_rows(named=True)
    ]
    free = table.filter(table["cost_high"] <= 0).height
    said = f"{many(table.height, 'decision').capitalize()} of the programme force or forbid a part, a maker, a venture or an offer. "
    said += (
        "None of them costs anything."
        if free == table.height
        else f"{many(free, 'decision').capitalize()} cost{'s' if free == 1 else ''} nothing. "
        if free
        else ""
    )
    columns = (
        Column("Decision", kind="words"), Column("Costs at least", unit), Column("and at most", unit), Column("Why it was decided", kind="long"),
    )  # fmt: skip
    note = (
        f"How much worse the objective ({reading.objective_name}) is with this decision than without it, all others kept: between what is proved from below and from above."
        + (" A dash: not told within the time that was given." if table["cost_high"].null_count() else "")
    )
    return Chapter(
        "overrides", "What the decisions cost", "Decisions",
        (Text(said.strip()), Grid("overrides-table", "Decisions, the dearest first", columns, tuple(rows), note=note)),
    )  # fmt: skip


def _told(scale: Scale, value: float | None) -> str:
    return NONE if value is None else scale(value)
