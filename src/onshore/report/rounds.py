"""The contracts behind the amounts: what is added up, what only drills down, what stands apart; and the amounts by scope."""

from __future__ import annotations

from typing import Any

import polars as pl

from onshore.report.numbers import NONE, Scale, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Grid, Row, Text, cells, links, many
from onshore.report.standing import MEASURE_WORDS, STAGE_WORDS, STAGES, Standing, ranged

__all__ = ["by_scope", "rounds"]

WHY = {
    "sum": "it adds up other rows",
    "apart": "neither a round nor a single contract",
}
SCOPES = (
    ("sector", "sectors", "Sector"),
    ("subproject", "subprojects", "Subproject"),
    ("maker", "makers", "Maker"),
    ("partner", "partners", "Partner"),
)


def rounds(standing: Standing) -> Chapter:
    """Rows that are added up with their pieces under them, then those that are not, and why."""
    ledger = standing["ledger"]
    counted = ledger.filter(pl.col("role") == "counted").sort("signed", "contract", nulls_last=True)
    apart = ledger.filter(pl.col("role").is_in(list(WHY)))
    blocks: list[Block] = [
        Text(
            "Added up are the topmost contract rows: rounds, and single contracts outside a round. Pieces only drill down; "
            "what no piece holds is not itemised."
        ),
        _counted(standing, counted, ledger),
    ]
    if apart.height:
        blocks.append(_apart(standing, apart))
    return Chapter("rounds", "The contracts behind it", "Contracts", tuple(blocks))


def _counted(standing: Standing, counted: pl.DataFrame, ledger: pl.DataFrame) -> Grid:
    flow = standing.amounts("round", measure="imports_displaced")
    scale = scale_of(flow["high"])
    by = {(r["key"], r["stage"]): r for r in flow.iter_rows(named=True)}
    stages = [s for s in STAGES if flow.filter(pl.col("stage") == s).height]
    rows: list[Row] = []
    for row in counted.iter_rows(named=True):
        key = row["contract"]
        doubts = ", ".join(
            filter(None, ("may be told twice" if row["doubtful"] else "", "a rest of a sum" if row["derived"] else ""))
        )
        rows.append(cells(
            Cell(row["name"] or key, ", ".join(filter(None, (key, doubts))), links(row["source"])), standing.day(row["signed"]),
            _money(row["value"], row["currency"], row["value_kind"]), _money(row["saving_per_year"], row["saving_currency"], row["saving_basis"]),
            *(_flow(scale, by.get((key, s)), row, s) for s in stages),
        ))  # fmt: skip
        pieces = ledger.filter((pl.col("top") == key) & (pl.col("contract") != key))
        rows += [_piece(standing, piece, len(stages)) for piece in pieces.iter_rows(named=True)]
        if pieces.height:
            rows.append(_rest(row, pieces, len(stages)))
    unit = scale.unit(standing.currency)
    columns = (
        Column("Contract", kind="words"), Column("Signed", kind="day"), Column("Value", "as told"), Column("Saving a year", "as told"),
        *(Column(STAGE_WORDS[s], unit) for s in stages),
    )  # fmt: skip
    return Grid(
        "rounds-table",
        f"Rows that are added up, with their pieces; imports displaced a year at the {standing.market} rate",
        columns,
        tuple(rows),
    )


def _piece(standing: Standing, row: dict[str, Any], stages: int) -> Row:
    """A piece of the row above it: its figures, and nothing that could be added."""
    return cells(
        Cell(f"↳ {row['name'] or row['contract']}", f"{row['contract']}, {row['kind']}", links(str(row["source"] or ""))),
        standing.day(row["signed"]),
        _money(row["value"], row["currency"], None), _money(row["saving_per_year"], row["saving_currency"], None),
        *(NONE for _ in range(stages)),
    )  # fmt: skip


def _rest(row: dict[str, Any], pieces: pl.DataFrame, stages: int) -> Row:
    """What no piece of a whole holds, where all that are told are in its currency."""
    told = []
    for amount, currency in (("value", "currency"), ("saving_per_year", "saving_currency")):
        held = pieces.drop_nulls(amount)
        same = held.height and row[amount] is not None and (held[currency] == row[currency]).all()
        told.append(_money(row[amount] - held[amount].sum() if same else None, row[currency], None))
    return cells(Cell("↳ not itemised"), Cell(""), *told, *(NONE for _ in range(stages)))


def _money(amount: object, currency: object, kind: object) -> Cell:
    if amount is None:
        return Cell(NONE)
    scale = scale_of([float(str(amount))])
    return Cell(
        scale(float(str(amount))),
        ", ".join(
            filter(None, (scale.unit(str(currency)), None if kind in (None, "contract", "unknown") else str(kind)))
        ),
    )


def _flow(scale: Scale, amount: dict[str, Any] | None, row: dict[str, Any], stage: str) -> Cell:
    """An amount with the share it rests on and the month of that."""
    if amount is None:
        return Cell("not seen" if stage in ("in_production", "realised") else NONE)
    sub = ""
    if stage in ("in_production", "realised"):
        share, day = row[f"{stage}_share"], row[f"{stage}_day"]
        sub = "" if share is None else f"{percent(round(share, 3))}, {day:%Y-%m}"
    return ranged(scale, amount["low"], amount["high"], sub)


def _apart(standing: Standing, apart: pl.DataFrame) -> Grid:
    rows = tuple(
        cells(
            Cell(row["name"] or row["contract"], row["contract"], links(row["source"])), Cell(row["kind"]), standing.day(row["signed"]),
            _money(row["value"], row["currency"], row["value_kind"]), _money(row["saving_per_year"], row["saving_currency"], row["saving_basis"]),
            Cell(WHY[row["role"]]),
        )
        for row in apart.iter_rows(named=True)
    )  # fmt: skip
    columns = (
        Column("Row", kind="words"), Column("Kind", kind="words"), Column("Dated", kind="day"), Column("Value", "as told"),
        Column("Saving a year", "as told"), Column("Why it is not added", kind="words"),
    )  # fmt: skip
    return Grid("apart-table", "Rows that are never added up", columns, rows)


def by_scope(standing: Standing) -> Chapter | None:
    """Both measures by sector, subproject, maker and partner."""
    blocks: list[Block] = []
    for scope, table, noun in SCOPES:
        held = {m: standing.amounts(scope, measure=m) for m in MEASURE_WORDS}
        keys = pl.concat([h["key"] for h in held.values()]).unique().sort().to_list()
        if keys and keys != ["not itemised"]:
            blocks.append(_scope(standing, scope, table, noun, held, keys))
    if not blocks:
        return None
    words = f"In {standing.currency} at the {standing.market} rate of each contract’s day. A subproject holds its own pieces: do not add it to them."
    return Chapter("scopes", "By sector, subproject, maker and partner", "By scope", (Text(words, "small"), *blocks))


def _scope(
    standing: Standing, scope: str, table: str, noun: str, held: dict[str, pl.DataFrame], keys: list[str]
) -> Grid:
    pairs = [(m, s) for m in MEASURE_WORDS for s in STAGES if held[m].filter(pl.col("stage") == s).height]
    scales = {m: scale_of(held[m]["high"]) for m in MEASURE_WORDS}
    rows: list[Row] = []
    for key in keys:
        by = {
            (m, r["stage"]): r
            for m in MEASURE_WORDS
            for r in held[m].filter(pl.col("key") == key).iter_rows(named=True)
        }
        rows.append(cells(standing.name(table, key), *(
            ranged(scales[m], by[m, s]["low"], by[m, s]["high"]) if (m, s) in by else Cell(NONE) for m, s in pairs
        )))  # fmt: skip
    columns = (Column(noun, kind="words"), *(
        Column(f"{MEASURE_WORDS[m]}, {STAGE_WORDS[s].lower()}", scales[m].unit(standing.currency)) for m, s in pairs
    ))  # fmt: skip
    return Grid(f"{scope}-amounts", f"By {scope}: {many(len(keys), 'row')}", columns, tuple(rows))
