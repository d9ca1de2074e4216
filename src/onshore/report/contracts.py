"""The public record: what signed contracts pay for a unit of currency saved, and what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.report.charts import BEFORE, INK, MARKETS, axis_number, drawn
from onshore.report.numbers import NONE, number, rate, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, Text, cells, links, listed, many
from onshore.report.reading import FEW, Reading

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["contracts", "promises"]

PAIR = ("currency", "saving_currency")


def contracts(reading: Reading) -> Chapter | None:
    """Spent for each unit saved a year against the rates of the day; then the rows that are shown apart."""
    table = reading.economics
    if table is None or not table.height:
        return None
    told = reading.programme["contracts"]
    for column in ("note", "source"):
        if column not in told.columns:
            told = told.with_columns(pl.lit(None, pl.String).alias(column))
    told = told.select("contract", "kind", "date_precision", "note", "source")
    table = table.join(told, on="contract", how="left", maintain_order="left")
    compared = table.filter("compared").sort("signed", "contract", nulls_last=True)
    apart = table.filter(~pl.col("compared")).sort("contract")
    blocks: list[Block] = [Text(
        "For each contract of the record: its value over the imports that it is said to displace a year. That is what one "
        "unit of foreign currency saved a year costs, in money of the day of signing. Beside a market's rate of that day it "
        "gives the payback: below one year, a year of saving at that rate is worth more than the whole contract. Savings are "
        "those announced at signing. No contract is added to another."
    )]  # fmt: skip
    if compared.height:
        blocks += _compared(reading, compared)
    else:
        blocks.append(Text("No contract of the record has what a comparison takes."))
    if apart.height:
        blocks.append(_apart(reading, apart))
    return Chapter("contracts", "What the signed contracts pay for a unit saved", "Signed contracts", tuple(blocks))


def _compared(reading: Reading, table: pl.DataFrame) -> list[Block]:
    markets = _markets(table)
    blocks: list[Block] = []
    n = table["contract"].n_unique()
    if n <= FEW:
        blocks.append(
            Text(
                f"Only {many(n, 'contract')} can be compared: too few for conclusions about all that were signed.",
                "mind",
            )
        )
    if table["rate"].count():
        blocks.append(_figure(table, markets))
    blocks.append(_grid(reading, table, markets))
    noted = table.drop_nulls("note").unique("contract", maintain_order=True)
    if noted.height:
        columns = (Column("Contract", kind="words"), Column("What the record notes of it", kind="long"))
        rows = tuple(cells(row["name"] or row["contract"], Cell(row["note"])) for row in noted.iter_rows(named=True))
        blocks.append(Grid("contracts-notes", "Before comparing them", columns, rows))
    return blocks


def _markets(table: pl.DataFrame) -> list[str]:
    """Markets in the order of their mean payback, the longest first: from the official rate to the free one."""
    rates = (
        table.drop_nulls("market")
        .group_by("market")
        .agg(pl.col("payback_years").mean())
        .sort("payback_years", "market", descending=[True, False], nulls_last=True)
    )
    return rates["market"].to_list()


def _figure(table: pl.DataFrame, markets: Sequence[str]) -> Figure:
    shown = table.drop_nulls("spent_per_saved").select(
        "contract", pl.coalesce("name", "contract").alias("name"), "spent_per_saved", "market", "rate", *PAIR
    ).with_columns(
        # two contracts may bear one name
        name=pl.when(pl.col("contract").n_unique().over("name") > 1).then(pl.col("name") + " (" + pl.col("contract") + ")").otherwise("name"),
        label=pl.col("spent_per_saved").map_elements(lambda v: number(v, 0 if v >= 100 else 2), return_dtype=pl.String),
    )  # fmt: skip
    wide, narrow = drawn("contracts-chart", lambda width: _chart(shown, markets, width))
    see = _see(table, markets)
    return Figure(
        "contracts-figure", "What a unit of currency saved a year costs (bars), and the rates of the day of signing (marks)",
        see, wide, narrow, see,
    )  # fmt: skip


def _chart(shown: pl.DataFrame, markets: Sequence[str], width: int) -> Drawing:
    """A panel for each pair of currencies, with its own scale; a bar a contract, a mark a market."""
    import altair as alt

    labels = 150 if width > 500 else 100
    across = width - labels - 74
    panels = []
    colours = alt.Scale(domain=list(markets), range=[MARKETS[i % len(MARKETS)] for i in range(len(markets))])
    shapes = alt.Scale(
        domain=list(markets),
        range=[("circle", "diamond", "triangle-up", "square", "cross")[i % 5] for i in range(len(markets))],
    )
    pairs = shown.select(PAIR).unique(maintain_order=True).iter_rows()
    for i, (currency, saved) in enumerate(pairs):
        rows = shown.filter((pl.col("currency") == currency) & (pl.col("saving_currency") == saved))
        names = rows["name"].unique(maintain_order=True).to_list()
        top = max(v for column in ("spent_per_saved", "rate") for v in rows[column].drop_nulls())
        y = alt.Y(
            "name:N",
            sort=names,
            title=None,
            axis=alt.Axis(grid=False, labelLimit=labels - 16, minExtent=labels, maxExtent=labels),
        )
        scale = alt.Scale(domain=[0, top * 1.04])
        bars = alt.Chart(rows.unique("name", maintain_order=True)).encode(
            y=y,
            x=alt.X(
                "spent_per_saved:Q",
                title=None,
                scale=scale,
                axis=alt.Axis(labelExpr=axis_number, tickCount=5 if width > 500 else 2),
            ),
        )
        legend = alt.Legend() if i == 0 else None
        marks = alt.Chart(rows.drop_nulls("rate")).mark_point(filled=True, size=85, opacity=1, stroke="white", strokeWidth=0.8).encode(
            y=y, x=alt.X("rate:Q", scale=scale),
            color=alt.Color("market:N", scale=colours, legend=legend), shape=alt.Shape("market:N", scale=shapes, legend=legend),
        )  # fmt: skip
        text = bars.mark_text(align="right", color=INK, fontWeight="bold").encode(
            x=alt.value(across + 66), text="label:N"
        )
        panels.append(alt.layer(bars.mark_bar(height=16, color=BEFORE), text, marks).properties(
            width=across, height=34 * len(names), title=f"{currency} for one {saved} saved a year",
        ))  # fmt: skip
    return alt.vconcat(*panels, spacing=20)


def _see(table: pl.DataFrame, markets: Sequence[str]) -> str:
    """Cheapest and dearest of the pair of currencies with most contracts, and how many pay back within a year."""
    each = table.drop_nulls("spent_per_saved").unique("contract", maintain_order=True)
    pair = each.group_by(PAIR).len().sort("len", *PAIR, descending=[True, False, False]).row(0, named=True)
    among = each.filter(
        (pl.col("currency") == pair["currency"]) & (pl.col("saving_currency") == pair["saving_currency"])
    ).sort("spent_per_saved")
    low, high = among.row(0, named=True), among.row(-1, named=True)
    said = ""
    if among.height > 1:
        said = (
            f"From {number(low['spent_per_saved'])} {pair['currency']} for one {pair['saving_currency']} saved a year ({low['name'] or low['contract']}) to "
            f"{number(high['spent_per_saved'])} ({high['name'] or high['contract']}), {high['spent_per_saved'] / low['spent_per_saved']:.1f} times as much. "
        )
    within = [
        f"{table.filter((pl.col('market') == m) & (pl.col('payback_years') < 1)).height or 'none'} at the {m} rate"
        for m in markets
    ]
    return f"{said}Where a mark lies beyond the end of its bar, the saving pays the contract back within a year: of {many(each.height, 'contract')}, {listed(within)}."


def _grid(reading: Reading, table: pl.DataFrame, markets: Sequence[str]) -> Grid:
    value, value_unit = _amounts(table, "value", "currency")
    saving, saving_unit = _amounts(table, "saving_per_year", "saving_currency")
    rows: list[Row] = []
    for _, group in table.group_by(["contract"], maintain_order=True):
        row = group.row(0, named=True)
        at = {r["market"]: r for r in group.iter_rows(named=True)}
        alone = at.get(None)
        paid = [_payback(at.get(m) or (alone if alone and alone["rate"] is not None else None)) for m in markets]
        rows.append(cells(
            _who(row), reading.day(row["signed"], row["date_precision"]),
            value(row), saving(row), Cell(_per(row["spent_per_saved"]), f"{row['currency']} per {row['saving_currency']}"), *paid,
        ))  # fmt: skip
    columns = (
        Column("Contract", kind="words"), Column("Signed", kind="day"), Column("Contract value", value_unit),
        Column("Saving", f"{saving_unit} a year".strip()), Column("Spent for one saved a year"),
        *(Column(f"Payback, {m}", "years (and rate)") for m in markets),
    )  # fmt: skip
    return Grid(
        "contracts-table", "Contracts that can be compared, in the order of signing", columns, tuple(rows),
        note="Payback: years of saving that pay the contract's value back, at that market's rate of the day of signing (the last one published until then), written under it.",
    )  # fmt: skip


def _who(row: dict[str, Any]) -> Cell:
    """A contract's name, its key and its sources."""
    return Cell(row["name"] or row["contract"], row["contract"] if row["name"] else "", links(row["source"]))


def _payback(row: dict[str, Any] | None) -> Cell:
    if row is None or row["payback_years"] is None:
        return Cell(NONE)
    return Cell(number(float(row["payback_years"]), 2), rate(float(row["rate"])))


def _per(value: float | None) -> str:
    return number(value, 0 if value is not None and value >= 100 else 3)


def _apart(reading: Reading, table: pl.DataFrame) -> Grid:
    table = table.unique("contract", maintain_order=True)
    value, value_unit = _amounts(table, "value", "currency")
    saving, saving_unit = _amounts(table, "saving_per_year", "saving_currency")
    rows = tuple(
        cells(
            _who(row), row["kind"] or NONE,
            reading.day(row["signed"], row["date_precision"]), value(row), saving(row), Cell(row["why_not"] or ""),
        )
        for row in table.iter_rows(named=True)
    )  # fmt: skip
    columns = (
        Column("Contract", kind="words"), Column("Kind", kind="words"), Column("Signed", kind="day"), Column("Value", value_unit),
        Column("Saving", f"{saving_unit} a year".strip()), Column("Why it stands apart", kind="long"),
    )  # fmt: skip
    return Grid("contracts-apart", "Shown apart, and why", columns, rows)


class _Amounts:
    """Amounts in their own currencies: a unit in the heading where all share one, under each number where not."""

    def __init__(self, table: pl.DataFrame, amount: str, currency: str):
        self.amount, self.currency = amount, currency
        known = table.drop_nulls(amount)
        self.scales = {c: scale_of(known.filter(pl.col(currency) == c)[amount]) for c in known[currency].unique()}

    @property
    def heading(self) -> str:
        return next((s.unit(c) for c, s in self.scales.items()), "") if len(self.scales) == 1 else ""

    def __call__(self, row: dict[str, Any]) -> Cell:
        if row[self.amount] is None:
            return Cell(NONE)
        currency = str(row[self.currency])
        scale = self.scales[currency]
        return Cell(scale(float(row[self.amount])), "" if len(self.scales) == 1 else scale.unit(currency))


def _amounts(table: pl.DataFrame, amount: str, currency: str) -> tuple[_Amounts, str]:
    made = _Amounts(table, amount, currency)
    return made, made.heading


def promises(reading: Reading) -> Chapter | None:
    """The targets of the record, as promises. Never added to anything."""
    table = reading.programme["targets"]
    if not table.height:
        return None
    sources = table["source"] if "source" in table.columns else [None] * table.height
    rows: list[Row] = []
    for row, source in zip(table.iter_rows(named=True), sources, strict=True):
        scale = scale_of([row["value"]])
        rows.append(cells(
            Cell(row["measure"], row["target"], links(source)), reading.name("sectors", row["scope"]), scale(row["value"]),
            Cell(scale.unit(row["currency"] or row["unit"] or "")), row["basis"] or "not said", reading.day(row["due"]),
            Cell(row["announced_by"] or NONE),
        ))  # fmt: skip
    columns = (
        Column("Promised", kind="words"), Column("For", kind="words"), Column("How much"), Column("Unit", kind="words"),
        Column("Counted as", kind="words"), Column("Due", kind="day"), Column("Promised by", kind="words"),
    )  # fmt: skip
    return Chapter(
        "promises", "What was promised", "Promises",
        (
            Text(
                f"{many(table.height, 'public target').capitalize()}, as announced. They are promises: they are not results, they overlap, and "
                "they are not added to each other or to anything in this report."
            ),
            Grid("targets-table", "Public targets", columns, tuple(rows)),
        ),
    )  # fmt: skip
